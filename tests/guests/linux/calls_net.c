// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The area "net" of the scenario "calls": IPv4, IPv6, netlink and packet sockets. The machine needs
 * no network but its own loopback, which is switched on here.
 */
#define _GNU_SOURCE
#include "calls.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define PORT 4711

/* Where a server waits; each family has its own form. */
struct place {
	struct sockaddr_storage address;
	socklen_t length;
};

static struct place place4(in_addr_t address)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct place place = { .length = sizeof(in) };

	in.sin_addr.s_addr = htonl(address);
	memcpy(&place.address, &in, sizeof(in));
	return place;
}

static struct place place6(void)
{
	struct sockaddr_in6 in = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	struct place place = { .length = sizeof(in) };

	in.sin6_addr = in6addr_loopback;
	in.sin6_flowinfo = htonl(5);
	memcpy(&place.address, &in, sizeof(in));
	return place;
}

static const struct sockaddr *address_of(const struct place *place)
{
	return (const struct sockaddr *)&place->address;
}

static void switch_loopback_on(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	WV_EXPECT(ioctl(fd, SIOCGIFFLAGS, &request) == 0);
	request.ifr_flags |= IFF_UP;
	WV_EXPECT(ioctl(fd, SIOCSIFFLAGS, &request) == 0);
	close(fd);
}

static void use_tcp(const struct place *place)
{
	int family = place->address.ss_family, on = 1;
	int listener = socket(family, SOCK_STREAM, IPPROTO_TCP), client, server;
	struct sockaddr_storage other;
	socklen_t length = sizeof(other);
	struct pollfd wait = { .events = POLLIN };
	char text[32];

	WV_EXPECT(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
	WV_EXPECT(bind(listener, address_of(place), place->length) == 0 &&
		  listen(listener, 1) == 0);
	client = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	WV_EXPECT(connect(client, address_of(place), place->length) == 0 || errno == EINPROGRESS);
	server = accept(listener, (struct sockaddr *)&other, &length);
	WV_EXPECT(server >= 0);
	length = sizeof(other);
	WV_EXPECT(getsockname(client, (struct sockaddr *)&other, &length) == 0);
	length = sizeof(other);
	WV_EXPECT(getpeername(server, (struct sockaddr *)&other, &length) == 0);
	WV_EXPECT(setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
	WV_EXPECT(write(client, "GET / HTTP/1.0\r\n\r\n", 18) == 18);
	WV_EXPECT(recv(server, text, 18, MSG_WAITALL | MSG_PEEK) == 18);
	WV_EXPECT(read(server, text, sizeof(text)) == 18);
	WV_FAILS(recv(client, text, sizeof(text), MSG_DONTWAIT), EAGAIN);
	wait.fd = client;
	close(server);
	WV_EXPECT(poll(&wait, 1, 1000) == 1 && read(client, text, sizeof(text)) == 0);
	close(client);
	close(listener);
}

static void use_udp(const struct place *place)
{
	int receiver = socket(place->address.ss_family, SOCK_DGRAM, 0);
	int sender = socket(place->address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	char text[32];

	WV_EXPECT(bind(receiver, address_of(place), place->length) == 0);
	WV_EXPECT(sendto(sender, "to you", 6, MSG_NOSIGNAL, address_of(place), place->length) == 6);
	WV_EXPECT(recvfrom(receiver, text, sizeof(text), 0, (struct sockaddr *)&from, &length) ==
		  6);
	WV_EXPECT(connect(sender, address_of(place), place->length) == 0);
	WV_EXPECT(send(sender, "again", 5, 0) == 5);
	WV_EXPECT(recvfrom(receiver, text, sizeof(text), MSG_TRUNC, NULL, NULL) == 5);
	close(receiver);
	close(sender);
}

static void be_refused(void)
{
	struct place nobody = place4(INADDR_LOOPBACK), foreign = place4(0xc0000201);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	WV_FAILS(connect(fd, address_of(&nobody), nobody.length), ECONNREFUSED);
	WV_FAILS(bind(fd, address_of(&foreign), foreign.length), EADDRNOTAVAIL);
	WV_FAILS(connect(fd, address_of(&foreign), foreign.length), ENETUNREACH);
	close(fd);
}

/* Asks the kernel for its network interfaces. */
static void use_netlink(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	struct {
		struct nlmsghdr header;
		struct rtgenmsg message;
	} request = { .header = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct rtgenmsg)),
				  .nlmsg_type = RTM_GETLINK,
				  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
				  .nlmsg_seq = 1 } };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	socklen_t length = sizeof(address);
	char answer[8192];

	WV_EXPECT(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	WV_EXPECT(getsockname(fd, (struct sockaddr *)&address, &length) == 0);
	address = (struct sockaddr_nl){ .nl_family = AF_NETLINK };
	WV_EXPECT(sendto(fd, &request, request.header.nlmsg_len, 0, (struct sockaddr *)&address,
			 sizeof(address)) > 0);
	while (recv(fd, answer, sizeof(answer), 0) > 0 &&
	       ((struct nlmsghdr *)answer)->nlmsg_type != NLMSG_DONE)
		;
	close(fd);
}

static void use_packets(void)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_ifindex = 1 };
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(0x0800));

	if (!WV_EXPECT(fd >= 0 || errno == EAFNOSUPPORT) || fd < 0)
		return;
	WV_EXPECT(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	close(fd);
}

void wv_calls_net(void)
{
	struct place four = place4(INADDR_LOOPBACK), six = place6();

	switch_loopback_on();
	use_tcp(&four);
	use_tcp(&six);
	use_udp(&four);
	use_udp(&six);
	be_refused();
	use_netlink();
	use_packets();
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* The kind "addresses" of the scenario "decoded": sockets' addresses of all families. */
#define _GNU_SOURCE
#include "decoded.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "truth.h"

static void switch_loopback_on(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	WV_EXPECT(ioctl(fd, SIOCGIFFLAGS, &request) == 0);
	request.ifr_flags |= IFF_UP;
	WV_EXPECT(ioctl(fd, SIOCSIFFLAGS, &request) == 0);
	close(fd);
}

static void bind_to(int fd, const void *address, size_t length, const char *shown)
{
	long result = WV_CALL(SYS_bind, fd, address, length);

	wv_decoded_told("bind", result, WV_IN("fd", wv_text_fd(fd)), WV_IN("umyaddr", shown),
			WV_IN("addrlen", wv_text("%zu", length)), NULL);
}

static void connect_to(int fd, const void *address, size_t length, const char *shown)
{
	long result = WV_CALL(SYS_connect, fd, address, length);

	wv_decoded_told("connect", result, WV_IN("fd", wv_text_fd(fd)), WV_IN("uservaddr", shown),
			WV_IN("addrlen", wv_text("%zu", length)), NULL);
}

/* getsockname: the buffer is larger than the address. */
static void ask_name(int fd, const char *shown, unsigned length)
{
	struct sockaddr_storage name;
	unsigned room = sizeof(name);
	long result = WV_CALL(SYS_getsockname, fd, &name, &room);

	wv_decoded_told("getsockname", result, WV_IN("fd", wv_text_fd(fd)),
			WV_IN("usockaddr", wv_text_at(&name)), WV_IN("usockaddr_len", "[128]"),
			WV_OUT("usockaddr", shown),
			WV_OUT("usockaddr_len", wv_text("[%u]", length)), NULL);
}

static void use_tcp(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(4712) }, other;
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	unsigned length = sizeof(other);
	long server;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind_to(listener, &address, sizeof(address), "127.0.0.1:4712");
	WV_EXPECT(listen(listener, 1) == 0);
	connect_to(client, &address, sizeof(address), "127.0.0.1:4712");
	server = WV_CALL(SYS_accept4, listener, &other, &length, SOCK_CLOEXEC);
	wv_decoded_told("accept4", server, WV_IN("fd", wv_text_fd(listener)),
			WV_IN("upeer_sockaddr", wv_text_at(&other)), WV_IN("upeer_addrlen", "[16]"),
			WV_IN("flags", "SOCK_CLOEXEC"),
			WV_OUT("upeer_sockaddr", wv_text("127.0.0.1:%d", ntohs(other.sin_port))),
			WV_OUT("upeer_addrlen", "[16]"), NULL);
	close(server);
	close(client);
	close(listener);
	address.sin_port = htons(1);
	client = socket(AF_INET, SOCK_STREAM, 0);
	connect_to(client, &address, sizeof(address), "127.0.0.1:1");
	/* too short for its family */
	connect_to(client, &address, 4, wv_text("{AF_INET, \"\\x00\\x01\"}"));
	close(client);
}

static void use_udp6(void)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons(5353) }, from;
	int receiver = socket(AF_INET6, SOCK_DGRAM, 0), sender = socket(AF_INET6, SOCK_DGRAM, 0);
	unsigned length = sizeof(from);
	char text[16];
	long result;

	address.sin6_addr = in6addr_loopback;
	bind_to(receiver, &address, sizeof(address), "[::1]:5353");
	ask_name(receiver, "[::1]:5353", sizeof(address));
	result = WV_CALL(SYS_sendto, sender, "to you", 6, MSG_NOSIGNAL, &address, sizeof(address));
	wv_decoded_told("sendto", result, WV_IN("fd", wv_text_fd(sender)),
			WV_IN("buff", "\"to you\""), WV_IN("len", "6"),
			WV_IN("flags", "MSG_NOSIGNAL"), WV_IN("addr", "[::1]:5353"),
			WV_IN("addr_len", "28"), NULL);
	/* loopback delivers when the kernel finds the time */
	poll(&(struct pollfd){ .fd = receiver, .events = POLLIN }, 1, 10000);
	result = WV_CALL(SYS_recvfrom, receiver, text, sizeof(text), MSG_DONTWAIT, &from, &length);
	wv_decoded_told("recvfrom", result, WV_IN("fd", wv_text_fd(receiver)),
			WV_IN("ubuf", wv_text_at(text)), WV_IN("size", "16"),
			WV_IN("flags", "MSG_DONTWAIT"), WV_IN("addr", wv_text_at(&from)),
			WV_IN("addr_len", "[28]"), WV_OUT("ubuf", "\"to you\""),
			WV_OUT("addr", wv_text("[::1]:%d", ntohs(from.sin6_port))),
			WV_OUT("addr_len", "[28]"), NULL);
	address.sin6_scope_id = 1;
	inet_pton(AF_INET6, "fe80::1", &address.sin6_addr);
	bind_to(sender, &address, sizeof(address), "[fe80::1%1]:5353");
	close(sender);
	close(receiver);
}

static void use_unix(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "socket" };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	ask_name(fd, "unix unnamed", 2);
	bind_to(fd, &address, sizeof(address), "socket");
	close(fd);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	memcpy(address.sun_path, "\0abstract", 9);
	bind_to(fd, &address, offsetof(struct sockaddr_un, sun_path) + 9, "@abstract");
	ask_name(fd, "@abstract", 11);
	close(fd);
}

static void use_netlink(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_pid = 4711, .nl_groups = 0x11 };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	bind_to(fd, &address, sizeof(address), "netlink pid=4711 groups=0x11");
	close(fd);
}

void wv_decoded_addresses(void)
{
	switch_loopback_on();
	use_tcp();
	use_udp6();
	use_unix();
	use_netlink();
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* The area "sockets" of the scenario "calls": sockets within the machine: pairs, and Unix ones. */
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

/* Sends descriptor 0 along with a text in two parts. */
static void pass_descriptor(const int *ends)
{
	char text[16], room[CMSG_SPACE(sizeof(int))] = "";
	struct iovec parts[] = { { (char *)"with ", 5 }, { (char *)"a descriptor", 12 } };
	struct iovec target = { text, sizeof(text) };
	struct msghdr out = { .msg_iov = parts, .msg_iovlen = 2 };
	struct msghdr in = { .msg_iov = &target, .msg_iovlen = 1 };
	struct cmsghdr *part;

	out.msg_control = in.msg_control = room;
	out.msg_controllen = in.msg_controllen = sizeof(room);
	part = CMSG_FIRSTHDR(&out);
	*part = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	part->cmsg_len = CMSG_LEN(sizeof(int));
	WV_EXPECT(sendmsg(ends[0], &out, MSG_NOSIGNAL) == 17);
	WV_EXPECT(recvmsg(ends[1], &in, MSG_CMSG_CLOEXEC) == sizeof(text));
}

static void use_pair(void)
{
	struct mmsghdr messages[2];
	struct iovec parts[] = { { (char *)"one", 3 }, { (char *)"two", 3 } };
	int ends[2], size = 8192;
	socklen_t length = sizeof(size);
	char text[16];

	if (!WV_EXPECT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0))
		return;
	WV_EXPECT(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) == 0);
	WV_EXPECT(getsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, &length) == 0);
	pass_descriptor(ends);
	memset(messages, 0, sizeof(messages));
	for (int i = 0; i < 2; i++)
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1 };
	WV_EXPECT(sendmmsg(ends[0], messages, 2, 0) == 2);
	parts[0].iov_base = parts[1].iov_base = text;
	WV_EXPECT(recvmmsg(ends[1], messages, 2, MSG_DONTWAIT, NULL) > 0);
	WV_EXPECT(shutdown(ends[0], SHUT_WR) == 0);
	while (recv(ends[1], text, sizeof(text), 0) > 0)
		;
	WV_EXPECT(send(ends[1], "x", 1, MSG_NOSIGNAL) == 1);
	close(ends[1]);
	WV_FAILS(send(ends[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	close(ends[0]);
}

/* Stream sockets with a name, in the file system or (the first byte 0) outside of it. */
static void use_name(const char *name, size_t length)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX }, other;
	socklen_t room = offsetof(struct sockaddr_un, sun_path) + length, other_room;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), server;

	memcpy(address.sun_path, name, length);
	WV_EXPECT(bind(listener, (struct sockaddr *)&address, room) == 0);
	WV_EXPECT(listen(listener, 5) == 0);
	WV_EXPECT(connect(client, (struct sockaddr *)&address, room) == 0);
	other_room = sizeof(other);
	server = accept4(listener, (struct sockaddr *)&other, &other_room, SOCK_CLOEXEC);
	WV_EXPECT(server >= 0);
	other_room = sizeof(other);
	WV_EXPECT(getpeername(client, (struct sockaddr *)&other, &other_room) == 0);
	other_room = 4;
	WV_EXPECT(getsockname(server, (struct sockaddr *)&other, &other_room) == 0);
	close(client);
	close(server);
	close(listener);
	if (name[0])
		WV_EXPECT(unlink(name) == 0);
}

static void use_datagrams(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "datagrams" }, from;
	socklen_t length = sizeof(from);
	int receiver = socket(AF_UNIX, SOCK_DGRAM, 0), sender = socket(AF_UNIX, SOCK_DGRAM, 0);
	char text[8];

	WV_EXPECT(bind(receiver, (struct sockaddr *)&address, sizeof(address)) == 0);
	/* With no more than the family the kernel finds a name. */
	WV_EXPECT(bind(sender, (struct sockaddr *)&address, sizeof(sa_family_t)) == 0);
	WV_EXPECT(sendto(sender, "datagram", 8, 0, (struct sockaddr *)&address, sizeof(address)) ==
		  8);
	WV_EXPECT(recvfrom(receiver, text, 8, 0, (struct sockaddr *)&from, &length) == 8);
	close(sender);
	close(receiver);
	WV_EXPECT(unlink("datagrams") == 0);
}

static void be_refused(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "nobody" };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	WV_FAILS(connect(fd, (struct sockaddr *)&address, sizeof(address)), ENOENT);
	WV_FAILS(bind(fd, (struct sockaddr *)8, sizeof(address)), EFAULT);
	WV_FAILS(bind(fd, (struct sockaddr *)&address, 1000), EINVAL);
	WV_FAILS(socket(AF_UNIX, 99, 0), EINVAL);
	WV_FAILS(socket(777, SOCK_STREAM, 0), EAFNOSUPPORT);
	WV_FAILS(accept(0, NULL, NULL), ENOTSOCK);
	close(fd);
}

void wv_calls_sockets(void)
{
	use_pair();
	use_name("socket", sizeof("socket"));
	use_name("\0abstract \"name\"", sizeof("\0abstract \"name\"") - 1);
	use_datagrams();
	be_refused();
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* The kind "flags" of the scenario "decoded": numbers that have names. */
#define _GNU_SOURCE
#include "decoded.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "truth.h"

#define PAGE 4096

static void open_with(int flags, const char *shown, int mode, const char *shown_mode)
{
	long fd = WV_CALL(SYS_open, "flags", flags, mode);

	wv_decoded_told("open", fd, WV_IN("filename", "flags"), WV_IN("flags", shown),
			WV_IN("mode", shown_mode), NULL);
	close(fd);
}

static void open_in_every_way(void)
{
	open_with(O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, "O_RDWR|O_CREAT|O_TRUNC|O_CLOEXEC", 0640,
		  "0640");
	open_with(O_WRONLY | O_APPEND | O_NONBLOCK | O_SYNC, "O_WRONLY|O_APPEND|O_NONBLOCK|O_SYNC",
		  0777, "0");
	open_with(O_PATH | O_NOFOLLOW, "O_RDONLY|O_NOFOLLOW|O_PATH", 0, "0");
}

static void map(void)
{
	long page = WV_CALL(SYS_mmap, 0, 3 * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	     result;

	wv_decoded_told("mmap", page, WV_IN("addr", "0x0"), WV_IN("len", "12288"),
			WV_IN("prot", "PROT_READ|PROT_WRITE"),
			WV_IN("flags", "MAP_PRIVATE|MAP_ANONYMOUS"), WV_IN("fd", "-1"),
			WV_IN("off", "0x0"), NULL);
	result = WV_CALL(SYS_mprotect, page, PAGE, PROT_NONE);
	wv_decoded_told("mprotect", result, WV_IN("start", wv_text_at((void *)page)),
			WV_IN("len", "4096"), WV_IN("prot", "PROT_NONE"), NULL);
	result = WV_CALL(SYS_mprotect, page, PAGE, PROT_READ | PROT_EXEC);
	wv_decoded_told("mprotect", result, WV_IN("start", wv_text_at((void *)page)),
			WV_IN("len", "4096"), WV_IN("prot", "PROT_READ|PROT_EXEC"), NULL);
	result = WV_CALL(SYS_madvise, page, PAGE, MADV_DONTNEED);
	wv_decoded_told("madvise", result, WV_IN("start", wv_text_at((void *)page)),
			WV_IN("len_in", "4096"), WV_IN("behavior", "MADV_DONTNEED"), NULL);
	munmap((void *)page, 3 * PAGE);
}

static void make_sockets(void)
{
	static const struct {
		int family, type, protocol;
		const char *shown[3];
	} table[] = {
		{ AF_INET, SOCK_STREAM, 6, { "AF_INET", "SOCK_STREAM", "IPPROTO_TCP" } },
		{ AF_INET6,
		  SOCK_DGRAM | SOCK_CLOEXEC,
		  17,
		  { "AF_INET6", "SOCK_DGRAM|SOCK_CLOEXEC", "IPPROTO_UDP" } },
		{ AF_UNIX,
		  SOCK_SEQPACKET | SOCK_NONBLOCK,
		  0,
		  { "AF_UNIX", "SOCK_SEQPACKET|SOCK_NONBLOCK", "0" } },
		{ AF_NETLINK, SOCK_RAW, 0, { "AF_NETLINK", "SOCK_RAW", "NETLINK_ROUTE" } },
		{ 999, SOCK_STREAM, 0, { "999", "SOCK_STREAM", "0" } },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		long fd = WV_CALL(SYS_socket, table[i].family, table[i].type, table[i].protocol);

		wv_decoded_told("socket", fd, WV_IN("family", table[i].shown[0]),
				WV_IN("type", table[i].shown[1]),
				WV_IN("protocol", table[i].shown[2]), NULL);
		close(fd);
	}
}

static void send_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_IGN };
	sigset_t set;
	long result = WV_CALL(SYS_kill, getpid(), 0);

	wv_decoded_told("kill", result, WV_IN("pid", wv_text("%d", getpid())), WV_IN("sig", "0"),
			NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGRTMIN + 3, &action, NULL);
	result = WV_CALL(SYS_tgkill, getpid(), gettid(), SIGUSR1);
	wv_decoded_told("tgkill", result, WV_IN("tgid", wv_text("%d", getpid())),
			WV_IN("pid", wv_text("%d", gettid())), WV_IN("sig", "SIGUSR1"), NULL);
	result = WV_CALL(SYS_kill, 999999, SIGTERM);
	wv_decoded_told("kill", result, WV_IN("pid", "999999"), WV_IN("sig", "SIGTERM"), NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	result = WV_CALL(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8);
	wv_decoded_told("rt_sigprocmask", result, WV_IN("how", "SIG_BLOCK"),
			WV_IN("nset", "{SIGINT SIGCHLD}"), WV_IN("oset", "NULL"),
			WV_IN("sigsetsize", "8"), NULL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void control(void)
{
	int fd = wv_decoded_open("plain", O_CREAT | O_RDWR), number;
	struct termios settings;
	long result = WV_CALL(SYS_fcntl, fd, F_SETFL, O_APPEND | O_NONBLOCK);

	wv_decoded_told("fcntl", result, WV_IN("fd", wv_text_fd(fd)), WV_IN("cmd", "F_SETFL"),
			WV_IN("arg", "O_RDONLY|O_APPEND|O_NONBLOCK"), NULL);
	result = WV_CALL(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
	wv_decoded_told("fcntl", result, WV_IN("fd", wv_text_fd(fd)), WV_IN("cmd", "F_SETFD"),
			WV_IN("arg", "FD_CLOEXEC"), NULL);
	result = WV_CALL(SYS_ioctl, fd, TCGETS, &settings);
	wv_decoded_told("ioctl", result, WV_IN("fd", wv_text_fd(fd)), WV_IN("cmd", "TCGETS"),
			WV_IN("arg", wv_text_at(&settings)), NULL);
	WV_EXPECT(result == -ENOTTY);
	result = WV_CALL(SYS_ioctl, fd, FIONREAD, &number);
	wv_decoded_told("ioctl", result, WV_IN("fd", wv_text_fd(fd)), WV_IN("cmd", "FIONREAD"),
			WV_IN("arg", wv_text_at(&number)), NULL);
	result = WV_CALL(SYS_flock, fd, LOCK_EX | LOCK_NB);
	wv_decoded_told("flock", result, WV_IN("fd", wv_text_fd(fd)),
			WV_IN("cmd", "LOCK_EX|LOCK_NB"), NULL);
	result = WV_CALL(SYS_lseek, fd, -5, SEEK_END);
	wv_decoded_told("lseek", result, WV_IN("fd", wv_text_fd(fd)), WV_IN("offset", "-5"),
			WV_IN("whence", "SEEK_END"), NULL);
	close(fd);
}

static void use_prctl(void)
{
	long result = WV_CALL(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);

	wv_decoded_told("prctl", result, WV_IN("option", "PR_SET_DUMPABLE"), WV_IN("arg2", "1"),
			WV_IN("arg3", "0x0"), WV_IN("arg4", "0x0"), WV_IN("arg5", "0x0"), NULL);
	result = WV_CALL(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	wv_decoded_told("prctl", result, WV_IN("option", "PR_SET_PDEATHSIG"),
			WV_IN("arg2", "SIGKILL"), WV_IN("arg3", "0x0"), WV_IN("arg4", "0x0"),
			WV_IN("arg5", "0x0"), NULL);
	prctl(PR_SET_PDEATHSIG, 0);
}

static void wait_for_each_other(void)
{
	int word = 3, fd = epoll_create1(0), end = wv_decoded_open("/dev/null", O_RDONLY);
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u64 = 7 };
	long result = WV_CALL(SYS_futex, &word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, 0, 0, 0);

	wv_decoded_told("futex", result, WV_IN("uaddr", "[3]"),
			WV_IN("op", "FUTEX_WAKE|FUTEX_PRIVATE_FLAG"), WV_IN("val", "1"),
			WV_IN("utime", "NULL"), WV_IN("uaddr2", "NULL"), WV_IN("val3", "0x0"),
			NULL);
	result = WV_CALL(SYS_epoll_ctl, fd, EPOLL_CTL_ADD, end, &event);
	wv_decoded_told("epoll_ctl", result, WV_IN("epfd", wv_text_fd(fd)),
			WV_IN("op", "EPOLL_CTL_ADD"), WV_IN("fd", wv_text_fd(end)),
			WV_IN("event", "{EPOLLIN|EPOLLET, data=0x7}"), NULL);
	WV_EXPECT(result == -EPERM);
	close(end);
	close(fd);
}

/* A child, made by hand; it has no use for its C library. */
static void clone_and_wait(void)
{
	int tid = 0, status = 0;
	long child, result;

	child = WV_CALL(SYS_clone, CLONE_FS | CLONE_PARENT_SETTID | SIGCHLD, 0, &tid, 0, 0);
	if (child == 0)
		syscall(SYS_exit_group, 5);
	wv_decoded_told("clone", child,
			WV_IN("clone_flags", "CLONE_FS|CLONE_PARENT_SETTID|SIGCHLD"),
			WV_IN("newsp", "0x0"), WV_IN("parent_tidptr", wv_text_at(&tid)),
			WV_IN("child_tidptr", "NULL"), WV_IN("tls", "0x0"),
			WV_OUT("parent_tidptr", wv_text("[%d]", tid)), NULL);
	WV_EXPECT(tid == child);
	result = WV_CALL(SYS_wait4, child, &status, __WALL, 0);
	wv_decoded_told("wait4", result, WV_IN("upid", wv_text("%ld", child)),
			WV_IN("stat_addr", wv_text_at(&status)), WV_IN("options", "__WALL"),
			WV_IN("ru", "NULL"), WV_OUT("stat_addr", "[exit 5]"), NULL);
	result = WV_CALL(SYS_unshare, CLONE_NEWUTS | CLONE_NEWNS);
	wv_decoded_told("unshare", result, WV_IN("unshare_flags", "CLONE_NEWNS|CLONE_NEWUTS"),
			NULL);
}

void wv_decoded_flags(void)
{
	open_in_every_way();
	map();
	make_sockets();
	send_signals();
	control();
	use_prctl();
	wait_for_each_other();
	clone_and_wait();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts of structures behind arguments, filled by this machine's own headers where it has them.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* struct mmsghdr, clone_args */
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "syscall_text.h"

static const char *struct_text(const char *call, const char *type, const char *name,
			       const void *bytes, size_t size)
{
	struct wv_arg arg = argument(call, type, name, 0x7ffc1000);

	set_bytes(&arg, bytes, size);
	arg.returned = arg.decoder->when == WV_ON_RETURN;
	return text_of(&arg);
}

static const char *compat_text(const char *call, const char *type, const char *name,
			       const void *bytes, size_t size)
{
	struct wv_arg arg = argument(call, type, name, 0xffc01000);

	set_bytes(&arg, bytes, size);
	arg.bits = 32;
	arg.compat = true;
	arg.returned = arg.decoder->when == WV_ON_RETURN;
	return text_of(&arg);
}

/* Sockets ---------------------------------------------------------------------------------------*/

static const char *address_text(const void *address, size_t size)
{
	return struct_text("connect", "struct sockaddr *", "uservaddr", address, size);
}

static void test_sockaddr(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(443) };
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/run/a.sock" };
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_pid = 7, .nl_groups = 0x11 };
	const uint8_t other[] = { AF_CAN, 0, 1, '"' };

	(void)state;
	inet_pton(AF_INET, "1.2.3.4", &in.sin_addr);
	assert_text(address_text(&in, sizeof(in)), "1.2.3.4:80");
	assert_text(address_text(&in, 8), "1.2.3.4:80");
	assert_text(address_text(&in, 7), "{AF_INET, \"\\x00P\\x01\\x02\\x03\"}");
	inet_pton(AF_INET6, "::1", &in6.sin6_addr);
	assert_text(address_text(&in6, sizeof(in6)), "[::1]:443");
	assert_text(address_text(&in6, 24), "[::1]:443");
	in6.sin6_scope_id = 2;
	inet_pton(AF_INET6, "fe80::1", &in6.sin6_addr);
	assert_text(address_text(&in6, sizeof(in6)), "[fe80::1%2]:443");
	assert_text(address_text(&un, sizeof(un)), "/run/a.sock");
	assert_text(address_text(&un, 2 + 4), "/run");
	assert_text(address_text(&un, 2), "unix unnamed");
	memcpy(un.sun_path, "\0abstract", 9);
	assert_text(address_text(&un, 2 + 9), "@abstract");
	memset(un.sun_path, 0, sizeof(un.sun_path));
	assert_text(address_text(&un, sizeof(un)), "@");
	assert_text(address_text(&nl, sizeof(nl)), "netlink pid=7 groups=0x11");
	assert_text(address_text(other, sizeof(other)), "{AF_CAN, \"\\x01\\\"\"}");
	assert_text(address_text(other, 2), "{AF_CAN, \"\"}");
	assert_text(address_text(other, 1), "0x7ffc1000");
	assert_text(address_text(other, 0), "0x7ffc1000");
}

static void test_messages(void **state)
{
	struct msghdr message = { .msg_name = (void *)0x1000,
				  .msg_namelen = 16,
				  .msg_iov = (void *)0x2000,
				  .msg_iovlen = 3,
				  .msg_control = (void *)0x3000,
				  .msg_controllen = 24,
				  .msg_flags = MSG_CMSG_CLOEXEC };
	struct mmsghdr many[2] = { { .msg_hdr = { .msg_iovlen = 1 }, .msg_len = 100 } };
	struct iovec vec[2] = { { (void *)0x1000, 12 }, { NULL, 0 } };
	uint32_t compat_vec[2] = { 0x1000, 12 };

	(void)state;
	assert_text(
		struct_text("sendmsg", "struct user_msghdr *", "msg", &message, sizeof(message)),
		"{name=0x1000, namelen=16, iov=0x2000, iovlen=3, control=0x3000, "
		"controllen=24, flags=MSG_CMSG_CLOEXEC}");
	assert_text(struct_text("sendmsg", "struct user_msghdr *", "msg", &message,
				sizeof(message) - 1),
		    "0x7ffc1000");
	assert_text(struct_text("recvmmsg", "struct mmsghdr *", "mmsg", many, sizeof(many[0])),
		    "[{iov=NULL, iovlen=1, flags=0} len=100]");
	assert_text(struct_text("writev", "const struct iovec *", "vec", vec, sizeof(vec)),
		    "[{base=0x1000, len=12}, {base=NULL, len=0}]");
	assert_text(struct_text("writev", "const struct iovec *", "vec", vec, sizeof(vec) - 1),
		    "[{base=0x1000, len=12}]");
	assert_text(compat_text("writev", "const struct iovec *", "vec", compat_vec,
				sizeof(compat_vec)),
		    "[{base=0x1000, len=12}]");
}

static const char *option_text(uint64_t level, uint64_t option, const void *value, size_t size)
{
	const uint64_t numbers[WV_SYSCALL_ARGS] = { 3, level, option, 0x1000, size };
	struct wv_arg arg = argument("setsockopt", "char *", "optval", 0x1000);

	set_bytes(&arg, value, size);
	arg.call = numbers;
	arg.n_call = WV_SYSCALL_ARGS;
	arg.index = 3;
	return text_of(&arg);
}

static void test_socket_options(void **state)
{
	const int one = 1;
	const struct linger linger = { 1, 5 };
	const struct ucred peer = { 10, 1000, 100 };
	const struct timeval timeout = { 2, 500000 };

	(void)state;
	assert_text(option_text(SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), "[1]");
	assert_text(option_text(IPPROTO_TCP, 1, &one, sizeof(one)), "[1]");
	assert_text(option_text(SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)),
		    "{onoff=1, linger=5}");
	assert_text(option_text(SOL_SOCKET, SO_PEERCRED, &peer, sizeof(peer)),
		    "{pid=10, uid=1000, gid=100}");
	assert_text(option_text(SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)), "{2.500000}");
	assert_text(option_text(SOL_SOCKET, SO_RCVTIMEO, &timeout, 3), "\"\\x02\\x00\\x00\"");
	assert_text(option_text(SOL_SOCKET, SO_BINDTODEVICE, "eth0", 4), "\"eth0\"");
	assert_text(option_text(SOL_SOCKET, SO_LINGER, "", 0), "\"\"");
}

/* Times -----------------------------------------------------------------------------------------*/

static void test_times(void **state)
{
	const struct timespec time = { 1, 500000000 }, strange = { -1, -5 };
	const struct timeval zero = { 0, 0 };
	const struct itimerval timer = { { 1, 0 }, { 0, 250000 } };
	const struct timespec files[2] = { { 5, UTIME_NOW }, { 6, UTIME_OMIT } };
	const int32_t time32[4] = { 3, 7, -1, 999999999 };

	(void)state;
	assert_text(
		struct_text("nanosleep", "struct __kernel_timespec *", "rqtp", &time, sizeof(time)),
		"{1.500000000}");
	assert_text(struct_text("nanosleep", "struct __kernel_timespec *", "rqtp", &time,
				sizeof(time) - 1),
		    "0x7ffc1000");
	assert_text(struct_text("clock_getres", "struct __kernel_timespec *", "tp", &strange,
				sizeof(strange)),
		    "{-1+-5ns}");
	assert_text(compat_text("nanosleep", "struct old_timespec32 *", "rqtp", time32, 8),
		    "{3.000000007}");
	assert_text(struct_text("gettimeofday", "struct __kernel_old_timeval *", "tv", &zero,
				sizeof(zero)),
		    "{0.000000}");
	assert_text(compat_text("gettimeofday", "struct __kernel_old_timeval *", "tv", time32, 8),
		    "{3.000007}");
	assert_text(struct_text("setitimer", "struct __kernel_old_itimerval *", "value", &timer,
				sizeof(timer)),
		    "{interval=1.000000, value=0.250000}");
	assert_text(compat_text("timerfd_settime", "const struct old_itimerspec32 *", "utmr",
				time32, 16),
		    "{interval=3.000000007, value=-1.999999999}");
	assert_text(struct_text("utimensat", "struct __kernel_timespec *", "utimes", files,
				sizeof(files)),
		    "[UTIME_NOW, UTIME_OMIT]");
	assert_text(compat_text("utime", "struct old_utimbuf32 *", "t", time32, 8), "[3, 7]");
	assert_text(struct_text("time", "__kernel_old_time_t *", "tloc", &time, 8), "[1]");
}

/* Signals ---------------------------------------------------------------------------------------*/

static void test_signals(void **state)
{
	uint64_t set = 1 << 0 | 1 << 1;
	/* the kernel's own: handler, flags, restorer, mask */
	const uint64_t action[4] = { 1, 0x14000000, 0x401000, 1 << 16 };
	const uint32_t compat_action[5] = { 0x8048000, 4, 0, 1, 0 };
	const uint32_t old_action[4] = { 0, 0x10000, 0x10000000, 0 };
	const uint64_t stack[3] = { 0x10000, 2, 8192 };
	uint32_t info[32] = { 17, 0, 1, 0, 1234, 1000, 3 };

	(void)state;
	assert_text(struct_text("rt_sigprocmask", "sigset_t *", "nset", &set, 8),
		    "{SIGHUP SIGINT}");
	set = 0;
	assert_text(struct_text("rt_sigprocmask", "sigset_t *", "nset", &set, 8), "{}");
	set = ~UINT64_C(0x100);
	assert_text(struct_text("rt_sigprocmask", "sigset_t *", "oset", &set, 8), "~{SIGKILL}");
	set = ~UINT64_C(0);
	assert_text(struct_text("rt_sigprocmask", "sigset_t *", "oset", &set, 8), "~{}");
	assert_text(struct_text("rt_sigprocmask", "sigset_t *", "oset", &set, 7), "0x7ffc1000");
	assert_text(compat_text("sigprocmask", "old_sigset_t *", "nset", "\2\0\0\0", 4),
		    "{SIGINT}");
	assert_text(number_text("ssetmask", "int", "newmask", 4), "{SIGQUIT}");
	assert_text(struct_text("rt_sigaction", "const struct sigaction *", "act", action,
				sizeof(action)),
		    "{SIG_IGN, SA_RESTORER|SA_RESTART, mask={SIGCHLD}}");
	assert_text(compat_text("rt_sigaction", "const struct sigaction *", "act", compat_action,
				sizeof(compat_action)),
		    "{0x8048000, SA_SIGINFO, mask={SIGHUP}}");
	assert_text(compat_text("sigaction", "struct old_sigaction *", "oact", old_action,
				sizeof(old_action)),
		    "{SIG_DFL, SA_RESTART, mask={SIGCHLD}}");
	assert_text(struct_text("sigaltstack", "const stack_t *", "uss", stack, sizeof(stack)),
		    "{0x10000, SS_DISABLE, size=8192}");
	assert_text(struct_text("waitid", "struct siginfo *", "infop", info, sizeof(info)),
		    "{SIGCHLD, code=CLD_EXITED, pid=1234, uid=1000, status=3}");
	info[2] = 2;
	info[6] = 9;
	assert_text(struct_text("waitid", "struct siginfo *", "infop", info, sizeof(info)),
		    "{SIGCHLD, code=CLD_KILLED, pid=1234, uid=1000, status=SIGKILL}");
	memset(info, 0, sizeof(info));
	info[0] = 11;
	info[2] = 1;
	info[4] = 0xdead000;
	assert_text(struct_text("rt_sigtimedwait", "siginfo_t *", "uinfo", info, sizeof(info)),
		    "{SIGSEGV, code=1, addr=0xdead000}");
	info[2] = (uint32_t)-6;
	info[3] = 55;
	assert_text(compat_text("rt_sigtimedwait", "siginfo_t *", "uinfo", info, sizeof(info)),
		    "{SIGSEGV, code=SI_TKILL, pid=55, uid=233492480}");
}

/* Files -----------------------------------------------------------------------------------------*/

static void test_files(void **state)
{
	struct stat stat = { .st_mode = S_IFREG | 0644, .st_ino = 42, .st_size = 1234 };
	struct statx statx = {
		.stx_mode = S_IFCHR | 0666, .stx_ino = 5, .stx_rdev_major = 1, .stx_rdev_minor = 3
	};
	struct open_how how = { .flags = 0100 | 2, .mode = 0600, .resolve = RESOLVE_BENEATH };
	uint8_t compat[96] = { 0 };

	(void)state;
	assert_text(struct_text("stat", "struct stat *", "statbuf", &stat, sizeof(stat)),
		    "{mode=S_IFREG|0644, ino=42, size=1234}");
	assert_text(struct_text("stat", "struct stat *", "statbuf", &stat, 143), "0x7ffc1000");
	stat.st_mode = S_IFBLK | 0660;
	stat.st_rdev = 8 << 8 | 1;
	assert_text(struct_text("stat", "struct stat *", "statbuf", &stat, sizeof(stat)),
		    "{mode=S_IFBLK|0660, ino=42, rdev=8:1}");
	assert_text(struct_text("statx", "struct statx *", "buffer", &statx, sizeof(statx)),
		    "{mode=S_IFCHR|0666, ino=5, rdev=1:3}");
	/* struct compat_stat: inode at 4, mode at 8, size at 20 */
	compat[4] = 42;
	compat[8] = 0xed;
	compat[9] = 0x41;
	compat[20] = 100;
	assert_text(compat_text("stat", "struct stat *", "statbuf", compat, 64),
		    "{mode=S_IFDIR|0755, ino=42, size=100}");
	/* struct stat64 of i386: mode at 16, size at 44, inode at 88 */
	memset(compat, 0, sizeof(compat));
	compat[16] = 0xed;
	compat[17] = 0x41;
	compat[44] = 200;
	compat[88] = 43;
	assert_text(compat_text("stat64", "struct stat64 *", "statbuf", compat, 96),
		    "{mode=S_IFDIR|0755, ino=43, size=200}");
	assert_text(struct_text("openat2", "struct open_how *", "how", &how, sizeof(how)),
		    "{flags=O_RDWR|O_CREAT, mode=0600, resolve=RESOLVE_BENEATH}");
	assert_text(struct_text("openat2", "struct open_how *", "how", &how, 23), "0x7ffc1000");
	assert_text(struct_text("flistxattr", "char *", "list", "user.a\0user.b", 14),
		    "[\"user.a\", \"user.b\"]");
}

/* Polling ---------------------------------------------------------------------------------------*/

static void test_polling(void **state)
{
	const struct pollfd fds[2] = { { 3, POLLIN, 0 }, { -1, POLLIN | POLLOUT, POLLHUP } };
	const struct epoll_event events[2] = { { EPOLLIN, { .u64 = 5 } },
					       { EPOLLOUT | EPOLLET, { .u64 = 0xffff } } };
	const uint64_t numbers[WV_SYSCALL_ARGS] = { 10 };
	struct wv_arg arg = argument("poll", "struct pollfd *", "ufds", 0x1000);

	(void)state;
	set_bytes(&arg, fds, sizeof(fds));
	assert_text(text_of(&arg), "[{fd=3, POLLIN}, {fd=-1, POLLIN|POLLOUT}]");
	arg.truncated = true;
	assert_text(text_of(&arg), "[{fd=3, POLLIN}, {fd=-1, POLLIN|POLLOUT}, ...]");
	arg.returned = true;
	assert_text(text_of(&arg), "[{fd=-1, POLLHUP}, ...]");
	assert_text(struct_text("epoll_ctl", "struct epoll_event *", "event", events, 12),
		    "{EPOLLIN, data=0x5}");
	assert_text(
		struct_text("epoll_wait", "struct epoll_event *", "events", events, sizeof(events)),
		"[{EPOLLIN, data=0x5}, {EPOLLOUT|EPOLLET, data=0xffff}]");
	arg = argument("select", "fd_set *", "inp", 0x1000);
	arg.call = numbers;
	arg.n_call = WV_SYSCALL_ARGS;
	set_bytes(&arg, "\x29\xff\0\0\0\0\0\0", 8);
	assert_text(text_of(&arg), "[0 3 5 8 9]");
	arg.call = NULL;
	assert_text(text_of(&arg), "[]");
}

/* Processes -------------------------------------------------------------------------------------*/

static const char *status_text(uint32_t status)
{
	return struct_text("wait4", "int *", "stat_addr", &status, sizeof(status));
}

static void test_processes(void **state)
{
	struct clone_args clone = { .flags = CLONE_VM | CLONE_VFORK,
				    .stack = 0x1000,
				    .stack_size = 0x9000,
				    .exit_signal = 17 };
	const struct rlimit limit = { 1024, RLIM_INFINITY };
	const uint32_t compat_limit[2] = { 1024, UINT32_MAX };
	const struct rusage usage = { .ru_utime = { 1, 2 }, .ru_stime = { 0, 3 }, .ru_maxrss = 99 };
	/* struct sched_attr: size, policy, flags in two, nice, priority */
	const uint32_t attr[12] = { 48, 2, 0, 0, 0, 10 };
	const uint32_t capabilities[6] = { 1 << 21, 0, 0, 1 << 7, 0, 0 };
	struct utsname names;

	(void)state;
	assert_text(status_text(3 << 8), "[exit 3]");
	assert_text(status_text(9), "[SIGKILL]");
	assert_text(status_text(11 | 0x80), "[SIGSEGV core dumped]");
	assert_text(status_text(0x137f), "[stopped SIGSTOP]");
	assert_text(status_text(0x1057f), "[stopped SIGTRAP event 1]");
	assert_text(status_text(0xffff), "[continued]");
	assert_text(struct_text("clone3", "struct clone_args *", "uargs", &clone, sizeof(clone)),
		    "{flags=CLONE_VM|CLONE_VFORK, stack=0x1000, stack_size=0x9000, "
		    "exit_signal=SIGCHLD}");
	assert_text(struct_text("clone3", "struct clone_args *", "uargs", &clone, 64),
		    "{flags=CLONE_VM|CLONE_VFORK, stack=0x1000, stack_size=0x9000, "
		    "exit_signal=SIGCHLD}");
	assert_text(struct_text("clone3", "struct clone_args *", "uargs", &clone, 63),
		    "0x7ffc1000");
	assert_text(struct_text("setrlimit", "struct rlimit *", "rlim", &limit, sizeof(limit)),
		    "{cur=1024, max=RLIM_INFINITY}");
	assert_text(compat_text("setrlimit", "struct rlimit *", "rlim", compat_limit,
				sizeof(compat_limit)),
		    "{cur=1024, max=RLIM_INFINITY}");
	assert_text(struct_text("getrusage", "struct rusage *", "ru", &usage, sizeof(usage)),
		    "{utime=1.000002, stime=0.000003, maxrss=99}");
	assert_text(
		struct_text("sched_setattr", "struct sched_attr *", "uattr", attr, sizeof(attr)),
		"{SCHED_RR, flags=0, nice=0, priority=10}");
	assert_text(struct_text("sched_setaffinity", "unsigned long *", "user_mask_ptr",
				"\x4f\0\0\0\0\0\0\x80", 8),
		    "{0-3 6 63}");
	assert_text(struct_text("capset", "const cap_user_data_t", "data", capabilities,
				sizeof(capabilities)),
		    "{effective=CAP_SYS_ADMIN|CAP_BPF, permitted=0, inheritable=0}");
	assert_text(struct_text("pipe", "int *", "fildes", "\3\0\0\0\4\0\0\0", 8), "[3, 4]");
	assert_text(struct_text("setgroups", "gid_t *", "grouplist", "\1\0\0\0\2\0\0\0\3", 9),
		    "[1, 2]");
	memset(&names, 'a', sizeof(names));
	strcpy(names.sysname, "Linux");
	strcpy(names.nodename, "n");
	strcpy(names.release, "6.1");
	strcpy(names.version, "#1");
	strcpy(names.machine, "x86_64");
	assert_text(struct_text("uname", "struct new_utsname *", "name", &names, sizeof(names)),
		    "{sysname=\"Linux\", nodename=\"n\", release=\"6.1\", version=\"#1\", "
		    "machine=\"x86_64\"}");
}

static void test_other_arrays(void **state)
{
	const struct sembuf operations[2] = { { 0, -1, SEM_UNDO }, { 1, 2, IPC_NOWAIT } };
	int64_t offset = -1;

	(void)state;
	assert_text(
		struct_text("semop", "struct sembuf *", "tsops", operations, sizeof(operations)),
		"[{0, -1, SEM_UNDO}, {1, 2, IPC_NOWAIT}]");
	assert_text(struct_text("splice", "loff_t *", "off_in", &offset, sizeof(offset)), "[-1]");
}

/* Hostile ---------------------------------------------------------------------------------------*/

static void check_hostile(const struct wv_decoder *decoder, const uint8_t *bytes, size_t size,
			  bool compat)
{
	const uint64_t numbers[WV_SYSCALL_ARGS] = { UINT64_MAX, 0, UINT64_MAX, 1, 2, 3 };
	struct wv_arg arg = { .decoder = decoder, .number = 0x1000, .bits = 64 };

	arg.compat = compat;
	for (unsigned i = 0; i < 16; i++) {
		set_bytes(&arg, bytes, size);
		arg.call = i & 1 ? numbers : NULL;
		arg.n_call = WV_SYSCALL_ARGS;
		arg.index = i & 2 ? WV_SYSCALL_ARGS - 1 : 0;
		arg.returned = i & 4;
		arg.truncated = i & 8;
		assert_true(strlen(text_of(&arg)) < 64 * (size + 64));
	}
}

/* Each decoder with nothing, with too little, with enough and with more, of zeros and of ones. */
static void test_hostile(void **state)
{
	uint8_t bytes[400];

	(void)state;
	for (unsigned i = 0; wv_decoder_at(i); i++) {
		const struct wv_decoder *decoder = wv_decoder_at(i);
		const size_t sizes[] = { 0,
					 1,
					 2,
					 3,
					 7,
					 8,
					 11,
					 24,
					 decoder->size_compat,
					 (size_t)MAX(decoder->size, 1) - 1,
					 decoder->size,
					 400 };

		for (size_t j = 0; j < G_N_ELEMENTS(sizes); j++) {
			for (unsigned fill = 0; fill < 256; fill += 51) {
				memset(bytes, (int)fill, sizeof(bytes));
				check_hostile(decoder, bytes, MIN(sizes[j], sizeof(bytes)), false);
				check_hostile(decoder, bytes, MIN(sizes[j], sizeof(bytes)), true);
			}
		}
	}
}

/* Cut -------------------------------------------------------------------------------------------*/

/* Whatever says how long it is, and whose end was not captured, ends with a mark of that. */
static void test_cut(void **state)
{
	static const uint8_t zeroes[256], address[128] = { AF_INET, 0, 0, 80, 127, 0, 0, 1 };
	static const struct {
		const char *call, *type, *name;
		size_t size;
		const char *text;
	} rows[] = {
		{ "openat2", "struct open_how *", "how", 24, "{flags=O_RDONLY, resolve=0, ...}" },
		{ "mount_setattr", "struct mount_attr *", "uattr", 32,
		  "{attr_set=0, attr_clr=0, propagation=0x0, userns_fd=0, ...}" },
		{ "clone3", "struct clone_args *", "uargs", 88, "{flags=0, exit_signal=0, ...}" },
		{ "sched_getattr", "struct sched_attr *", "uattr", 56,
		  "{SCHED_OTHER, flags=0, nice=0, priority=0, ...}" },
		{ "poll", "struct pollfd *", "ufds", 8, "[{fd=0, 0}, ...]" },
		{ "poll", "struct pollfd *", "ufds", 0, "[...]" },
		{ "epoll_wait", "struct epoll_event *", "events", 12, "[{0, data=0x0}, ...]" },
		{ "writev", "const struct iovec *", "vec", 16, "[{base=NULL, len=0}, ...]" },
		{ "sendmmsg", "struct mmsghdr *", "mmsg", 64,
		  "[{iov=NULL, iovlen=0, flags=0}, ...]" },
		{ "setgroups", "gid_t *", "grouplist", 8, "[0, 0, ...]" },
		{ "semop", "struct sembuf *", "tsops", 6, "[{0, 0, 0}, ...]" },
		{ "sched_setaffinity", "unsigned long *", "user_mask_ptr", 8, "{...}" },
		{ "setxattr", "const void *", "value", 1, "\"\\x00\"..." },
		{ "setsockopt", "char *", "optval", 4, "\"\\x00\\x00\\x00\\x00\"..." },
	};
	struct wv_arg arg;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		arg = argument(rows[i].call, rows[i].type, rows[i].name, 0x7ffc1000);

		set_bytes(&arg, zeroes, rows[i].size);
		arg.truncated = true;
		assert_text(text_of(&arg), rows[i].text);
	}
	arg = argument("connect", "struct sockaddr *", "uservaddr", 0x7ffc1000);
	set_bytes(&arg, address, sizeof(address));
	arg.truncated = true;
	assert_text(text_of(&arg), "127.0.0.1:80...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),	  cmocka_unit_test(test_sockaddr),
		cmocka_unit_test(test_messages),  cmocka_unit_test(test_socket_options),
		cmocka_unit_test(test_times),	  cmocka_unit_test(test_signals),
		cmocka_unit_test(test_files),	  cmocka_unit_test(test_polling),
		cmocka_unit_test(test_processes), cmocka_unit_test(test_other_arrays),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

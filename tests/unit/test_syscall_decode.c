/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decoders of system calls' arguments: which one an argument has, and the text that it makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "plugins/syscalls/decode.h"
#include "syscall_text.h"

/* Plain numbers ---------------------------------------------------------------------------------*/

static void test_numbers(void **state)
{
	(void)state;
	assert_text(number_text("lseek", "off_t", "offset", (uint64_t)-5), "-5");
	assert_text(number_text("exit", "int", "error_code", 0xffffffff), "-1");
	assert_text(number_text("exit", "int", "error_code", 0xdead00000003), "3");
	assert_text(number_text("x", "unsigned int", "y", 0xffffffff), "4294967295");
	assert_text(number_text("x", "unsigned", "y", 0x100000001), "1");
	assert_text(number_text("x", "size_t", "y", UINT64_MAX), "18446744073709551615");
	assert_text(number_text("x", "unsigned long", "y", 0x1a4), "0x1a4");
	assert_text(number_text("x", "void *", "y", 0), "NULL");
	assert_text(number_text("x", "struct never_heard_of *", "y", 0x7ffc0000), "0x7ffc0000");
	assert_text(number_text("x", "never_heard_of_t", "y", 17), "0x11");
	assert_text(number_text("chmod", "umode_t", "mode", 0644), "0644");
	assert_text(number_text("chmod", "umode_t", "mode", 0), "0");
	assert_text(number_text("chown", "uid_t", "user", 0xffffffff), "-1");
	assert_text(number_text("chown", "uid_t", "user", 4294967294), "4294967294");
	assert_text(number_text("kill", "int", "sig", 9), "SIGKILL");
	assert_text(number_text("kill", "int", "sig", 0), "0");
	assert_text(number_text("kill", "int", "sig", (uint32_t)-1), "-1");
	assert_text(number_text("mknod", "umode_t", "mode", 0020644), "S_IFCHR|0644");
	assert_text(number_text("mknod", "unsigned", "dev", 0x103), "1:3");
	assert_text(number_text("mknod", "unsigned", "dev", 0x12345678), "1110:74616");
}

static void test_widths(void **state)
{
	(void)state;
	assert_int_equal(wv_type_bits("int", false), 32);
	assert_int_equal(wv_type_bits("const int", false), 32);
	assert_int_equal(wv_type_bits("umode_t", false), 16);
	assert_int_equal(wv_type_bits("unsigned long", false), 64);
	assert_int_equal(wv_type_bits("unsigned long", true), 32);
	assert_int_equal(wv_type_bits("loff_t", true), 64);
	assert_int_equal(wv_type_bits("const char *const *", true), 32);
	assert_int_equal(wv_type_bits("struct new_thing *", false), 64);
	assert_int_equal(wv_type_bits("", true), 32);
}

/* Names -----------------------------------------------------------------------------------------*/

static void test_flags(void **state)
{
	static const struct {
		const char *call, *type, *name;
		uint64_t number;
		const char *text;
	} rows[] = {
		{ "open", "int", "flags", 0, "O_RDONLY" },
		{ "open", "int", "flags", 01101, "O_WRONLY|O_CREAT|O_TRUNC" },
		{ "open", "int", "flags", 02000002, "O_RDWR|O_CLOEXEC" },
		{ "open", "int", "flags", 04010000, "O_RDONLY|O_SYNC" },
		{ "open", "int", "flags", 010000, "O_RDONLY|O_DSYNC" },
		{ "open", "int", "flags", 020200002, "O_RDWR|O_TMPFILE" },
		{ "open", "int", "flags", 0200000, "O_RDONLY|O_DIRECTORY" },
		{ "open", "int", "flags", 3 | 0x80000000, "0x80000003" },
		{ "mmap", "unsigned long", "prot", 0, "PROT_NONE" },
		{ "mmap", "unsigned long", "prot", 5, "PROT_READ|PROT_EXEC" },
		{ "mmap", "unsigned long", "prot", 0x1000001, "PROT_READ|PROT_GROWSDOWN" },
		{ "mmap", "unsigned long", "prot", 0x40, "PROT_NONE|0x40" },
		{ "mmap", "unsigned long", "flags", 0x22, "MAP_PRIVATE|MAP_ANONYMOUS" },
		{ "mmap", "unsigned long", "flags", 0x11, "MAP_SHARED|MAP_FIXED" },
		{ "mremap", "unsigned long", "flags", 3, "MREMAP_MAYMOVE|MREMAP_FIXED" },
		{ "access", "int", "mode", 0, "F_OK" },
		{ "access", "int", "mode", 6, "W_OK|R_OK" },
		{ "socket", "int", "type", 0x80801, "SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC" },
		{ "sendto", "unsigned int", "flags", 0x4040, "MSG_DONTWAIT|MSG_NOSIGNAL" },
		{ "futex", "int", "op", 0x80, "FUTEX_WAIT|FUTEX_PRIVATE_FLAG" },
		{ "futex", "int", "op", 0x189,
		  "FUTEX_WAIT_BITSET|FUTEX_PRIVATE_FLAG|FUTEX_CLOCK_REALTIME" },
		{ "wait4", "int", "options", 0x80000001, "WNOHANG|__WCLONE" },
		{ "personality", "unsigned int", "personality", 0xffffffff, "0xffffffff" },
		{ "personality", "unsigned int", "personality", 0x40008,
		  "PER_LINUX32|ADDR_NO_RANDOMIZE" },
		{ "sched_setscheduler", "int", "policy", 0x40000001,
		  "SCHED_FIFO|SCHED_RESET_ON_FORK" },
		{ "clone", "unsigned long", "clone_flags", 0x1200011,
		  "CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD" },
		{ "clone", "unsigned long", "clone_flags", 17, "SIGCHLD" },
		{ "clone", "unsigned long", "clone_flags", 0, "0" },
		{ "unshare", "unsigned long", "unshare_flags", 0x20000, "CLONE_NEWNS" },
		{ "mount", "unsigned long", "flags", 0xc0ed0001, "MS_MGC_VAL|MS_RDONLY" },
		{ "memfd_create", "unsigned int", "flags", 3, "MFD_CLOEXEC|MFD_ALLOW_SEALING" },
		{ "pipe2", "int", "flags", 0, "0" },
		{ "pipe2", "int", "flags", 02004000, "O_NONBLOCK|O_CLOEXEC" },
		{ "statx", "unsigned", "flags", 0x1100, "AT_SYMLINK_NOFOLLOW|AT_EMPTY_PATH" },
		{ "getrandom", "unsigned int", "flags", 1, "GRND_NONBLOCK" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		assert_text(number_text(rows[i].call, rows[i].type, rows[i].name, rows[i].number),
			    rows[i].text);
}

static void test_values(void **state)
{
	static const struct {
		const char *call, *type, *name;
		uint64_t number;
		const char *text;
	} rows[] = {
		{ "lseek", "unsigned int", "whence", 2, "SEEK_END" },
		{ "lseek", "unsigned int", "whence", 99, "99" },
		{ "socket", "int", "family", 10, "AF_INET6" },
		{ "madvise", "int", "behavior", 4, "MADV_DONTNEED" },
		{ "rt_sigprocmask", "int", "how", 2, "SIG_SETMASK" },
		{ "fcntl", "unsigned int", "cmd", 1030, "F_DUPFD_CLOEXEC" },
		{ "ioctl", "unsigned int", "cmd", 0x5401, "TCGETS" },
		{ "ioctl", "unsigned int", "cmd", 0x5413, "TIOCGWINSZ" },
		{ "ioctl", "unsigned int", "cmd", 0xc018aaff, "_IOWR(0xaa, 0xff, 24)" },
		{ "ioctl", "unsigned int", "cmd", 0x12ff, "_IO(0x12, 0xff, 0)" },
		{ "prctl", "int", "option", 15, "PR_SET_NAME" },
		{ "prctl", "int", "option", 0x53564d41, "PR_SET_VMA" },
		{ "arch_prctl", "int", "option", 0x1002, "ARCH_SET_FS" },
		{ "clock_gettime", "const clockid_t", "which_clock", 1, "CLOCK_MONOTONIC" },
		{ "clock_gettime", "const clockid_t", "which_clock", (uint32_t)-6, "-6" },
		{ "getrusage", "int", "who", (uint32_t)-1, "RUSAGE_CHILDREN" },
		{ "prlimit64", "unsigned int", "resource", 7, "RLIMIT_NOFILE" },
		{ "ptrace", "long", "request", 0x4206, "PTRACE_SEIZE" },
		{ "epoll_ctl", "int", "op", 1, "EPOLL_CTL_ADD" },
		{ "bpf", "int", "cmd", 5, "BPF_PROG_LOAD" },
		{ "seccomp", "unsigned int", "op", 1, "SECCOMP_SET_MODE_FILTER" },
		{ "keyctl", "int", "option", 0, "KEYCTL_GET_KEYRING_ID" },
		{ "add_key", "key_serial_t", "ringid", (uint32_t)-3, "KEY_SPEC_SESSION_KEYRING" },
		{ "ioprio_set", "int", "ioprio", 2 << 13 | 4, "IOPRIO_CLASS_BE|4" },
		{ "quotactl", "unsigned int", "cmd", 0x80000701, "Q_GETQUOTA|GRPQUOTA" },
		{ "shutdown", "int", "how", 1, "SHUT_WR" },
		{ "reboot", "unsigned int", "cmd", 0x4321fedc, "LINUX_REBOOT_CMD_POWER_OFF" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		assert_text(number_text(rows[i].call, rows[i].type, rows[i].name, rows[i].number),
			    rows[i].text);
}

/* Arguments that others explain -----------------------------------------------------------------*/

static const char *explained(const char *call, const char *type, const char *name, unsigned index,
			     uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t numbers[WV_SYSCALL_ARGS] = { a, b, c };
	struct wv_arg arg = argument(call, type, name, numbers[index]);

	arg.call = numbers;
	arg.n_call = WV_SYSCALL_ARGS;
	arg.index = (uint8_t)index;
	return text_of(&arg);
}

static void test_explained(void **state)
{
	(void)state;
	assert_text(explained("open", "umode_t", "mode", 2, 1, 0101, 0100644), "0644");
	assert_text(explained("open", "umode_t", "mode", 2, 1, 0, 0x5678), "0");
	assert_text(explained("fcntl", "unsigned long", "arg", 2, 3, 2, 1), "FD_CLOEXEC");
	assert_text(explained("fcntl", "unsigned long", "arg", 2, 3, 4, 04002),
		    "O_RDWR|O_NONBLOCK");
	assert_text(explained("fcntl", "unsigned long", "arg", 2, 3, 1030, 10), "10");
	assert_text(explained("fcntl", "unsigned long", "arg", 2, 3, 1033, 0xf),
		    "F_SEAL_SEAL|F_SEAL_SHRINK|F_SEAL_GROW|F_SEAL_WRITE");
	assert_text(explained("fcntl", "unsigned long", "arg", 2, 3, 6, 0x7ffc1000), "0x7ffc1000");
	assert_text(explained("prctl", "unsigned long", "arg2", 1, 1, 15, 0), "SIGTERM");
	assert_text(explained("prctl", "unsigned long", "arg2", 1, 23, 21, 0), "CAP_SYS_ADMIN");
	assert_text(explained("socket", "int", "protocol", 2, 2, 1, 6), "IPPROTO_TCP");
	assert_text(explained("socket", "int", "protocol", 2, 16, 3, 15), "NETLINK_KOBJECT_UEVENT");
	assert_text(explained("socket", "int", "protocol", 2, 17, 3, 0x300), "ETH_P_ALL");
	assert_text(explained("socket", "int", "protocol", 2, 1, 1, 0), "0");
	assert_text(explained("setsockopt", "int", "optname", 2, 3, 1, 2), "SO_REUSEADDR");
	assert_text(explained("setsockopt", "int", "optname", 2, 3, 6, 1), "TCP_NODELAY");
	assert_text(explained("setsockopt", "int", "optname", 2, 3, 41, 26), "IPV6_V6ONLY");
	assert_text(explained("setsockopt", "int", "optname", 2, 3, 12345, 26), "26");
}

/* The call is not known, as in a record that lost it: nothing is explained, nothing breaks. */
static void test_unexplained(void **state)
{
	struct wv_arg arg = argument("fcntl", "unsigned long", "arg", 1);

	(void)state;
	arg.index = 2;
	assert_text(text_of(&arg), "0x1");
	arg = argument("setsockopt", "int", "optname", 2);
	arg.index = 0;
	assert_text(text_of(&arg), "2");
	arg = argument("socket", "int", "protocol", 6);
	arg.index = 2;
	assert_text(text_of(&arg), "6");
}

/* Strings and descriptors -----------------------------------------------------------------------*/

static void test_strings(void **state)
{
	struct wv_arg arg = argument("open", "const char *", "filename", 0x1000);

	(void)state;
	assert_int_equal(arg.decoder->capture, WV_CAPTURE_STRING);
	assert_text(text_of(&arg), "0x1000");
	set_bytes(&arg, "/etc/passwd", 11);
	assert_text(text_of(&arg), "/etc/passwd");
	arg.truncated = true;
	assert_text(text_of(&arg), "/etc/passwd...");
	arg.unreadable = true;
	assert_text(text_of(&arg), "0x1000");
	arg = argument("open", "const char *", "filename", 0);
	assert_text(text_of(&arg), "NULL");
	set_bytes(&arg, "", 0);
	assert_text(text_of(&arg), "");

	arg = argument("execve", "const char *const *", "argv", 0x1000);
	assert_int_equal(arg.decoder->capture, WV_CAPTURE_STRINGS);
	set_bytes(&arg, "ls\0-l\0a \"b\"\n\0", 13);
	assert_text(text_of(&arg), "[\"ls\", \"-l\", \"a \\\"b\\\"\\n\"]");
	arg.truncated = true;
	assert_text(text_of(&arg), "[\"ls\", \"-l\", \"a \\\"b\\\"\\n\", ...]");
	set_bytes(&arg, "ls", 2);
	assert_text(text_of(&arg), "[\"ls\", ...]");
	set_bytes(&arg, "", 0);
	assert_text(text_of(&arg), "[...]");
	arg.truncated = false;
	assert_text(text_of(&arg), "[]");
	set_bytes(&arg, "\0", 1);
	assert_text(text_of(&arg), "[\"\"]");

	arg = argument("write", "const char *", "buf", 0x1000);
	assert_int_equal(arg.decoder->capture, WV_CAPTURE_BUFFER);
	set_bytes(&arg,
		  "\x7f"
		  "ELF\xff\r\t\\",
		  8);
	assert_text(text_of(&arg), "\"\\x7fELF\\xff\\r\\t\\\\\"");

	arg = argument("getcwd", "char *", "buf", 0x1000);
	set_bytes(&arg, "/root\0garbage", 13);
	assert_text(text_of(&arg), "/root");
	arg = argument("readlink", "char *", "buf", 0x1000);
	set_bytes(&arg, "/root", 5);
	assert_text(text_of(&arg), "/root");
}

static void test_descriptors(void **state)
{
	struct wv_arg arg = argument("read", "unsigned int", "fd", 3);

	(void)state;
	assert_int_equal(arg.decoder->capture, WV_CAPTURE_FD);
	assert_text(text_of(&arg), "3");
	set_bytes(&arg, "/dev/null", 9);
	assert_text(text_of(&arg), "3</dev/null>");
	arg = argument("mmap", "unsigned long", "fd", 0xffffffff);
	assert_text(text_of(&arg), "-1");
	arg = argument("openat", "int", "dfd", (uint32_t)-100);
	assert_text(text_of(&arg), "AT_FDCWD");
	set_bytes(&arg, "/root", 5);
	assert_text(text_of(&arg), "AT_FDCWD</root>");
	arg = argument("openat", "int", "dfd", 4);
	assert_text(text_of(&arg), "4");
}

/* How much to capture ---------------------------------------------------------------------------*/

static size_t size_and_cut(const char *call, const char *type, const char *name, unsigned index,
			   uint64_t other, bool compat, bool *cut)
{
	uint64_t numbers[WV_SYSCALL_ARGS];
	struct wv_arg arg = argument(call, type, name, 0x1000);

	for (unsigned i = 0; i < WV_SYSCALL_ARGS; i++)
		numbers[i] = other;
	arg.call = numbers;
	arg.n_call = WV_SYSCALL_ARGS;
	arg.index = (uint8_t)index;
	arg.compat = compat;
	arg.returned = true;
	arg.result = (int64_t)other;
	return wv_capture_size(&arg, (uint32_t)other, cut);
}

static size_t size_for(const char *call, const char *type, const char *name, unsigned index,
		       uint64_t other, bool compat)
{
	bool cut;

	return size_and_cut(call, type, name, index, other, compat, &cut);
}

static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(size_for("fstat", "struct stat *", "statbuf", 1, 0, false), 144);
	assert_int_equal(size_for("fstat", "struct stat *", "statbuf", 1, 0, true), 64);
	assert_int_equal(size_for("poll", "struct pollfd *", "ufds", 0, 3, false), 24);
	assert_int_equal(size_for("poll", "struct pollfd *", "ufds", 0, UINT64_MAX, false), 2048);
	assert_int_equal(size_for("poll", "struct pollfd *", "ufds", 0, 0, false), 0);
	assert_int_equal(size_for("writev", "const struct iovec *", "vec", 1, 2, false), 32);
	assert_int_equal(size_for("writev", "const struct iovec *", "vec", 1, 2, true), 16);
	assert_int_equal(size_for("connect", "struct sockaddr *", "uservaddr", 1, 16, false), 16);
	assert_int_equal(size_for("connect", "struct sockaddr *", "uservaddr", 1, 4096, false),
			 128);
	assert_int_equal(size_for("accept", "struct sockaddr *", "upeer_sockaddr", 1, 28, false),
			 28);
	assert_int_equal(size_for("read", "char *", "buf", 1, 100, false), 100);
	assert_int_equal(size_for("read", "char *", "buf", 1, (uint64_t)-4, false), 0);
	assert_int_equal(size_for("read", "char *", "buf", 1, INT64_MAX, false), 1 << 20);
	assert_int_equal(size_for("epoll_wait", "struct epoll_event *", "events", 1, 2, false), 24);
	assert_int_equal(size_for("select", "fd_set *", "inp", 1, 65, false), 16);
	assert_int_equal(size_for("select", "fd_set *", "inp", 1, 0xffffffff, false), 128);
	assert_int_equal(size_for("setgroups", "gid_t *", "grouplist", 1, 2, false), 8);
	/* The last argument has none after it, the first none before it. */
	assert_int_equal(size_for("poll", "struct pollfd *", "ufds", 5, 3, false), 0);
	assert_int_equal(size_for("setgroups", "gid_t *", "grouplist", 0, 2, false), 0);
}

/* What is asked for or said to be there, and is more than is of use: one too many is enough. */
static void test_cut(void **state)
{
	static const struct {
		const char *call, *type, *name;
		uint64_t most; /* whole, of a 64-bit caller */
	} rows[] = {
		{ "poll", "struct pollfd *", "ufds", 256 },
		{ "writev", "const struct iovec *", "vec", 64 },
		{ "read", "char *", "buf", 1 << 20 },
		{ "getxattr", "void *", "value", 256 },
		{ "connect", "struct sockaddr *", "uservaddr", 128 },
		{ "accept", "struct sockaddr *", "upeer_sockaddr", 128 },
		{ "select", "fd_set *", "inp", 1024 },
		{ "getgroups", "gid_t *", "grouplist", 256 },
		{ "openat2", "struct open_how *", "how", 24 },
	};
	bool cut;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *call = rows[i].call, *type = rows[i].type, *name = rows[i].name;
		uint64_t most = rows[i].most;
		size_t size = size_and_cut(call, type, name, 1, most, false, &cut);

		assert_false(cut);
		assert_int_equal(size_and_cut(call, type, name, 1, most + 1, false, &cut), size);
		assert_true(cut);
		assert_int_equal(size_and_cut(call, type, name, 1, 1u << 31, false, &cut), size);
		assert_true(cut);
		size_and_cut(call, type, name, 1, 0, false, &cut);
		assert_false(cut);
	}
	size_and_cut("writev", "const struct iovec *", "vec", 1, 128, true, &cut);
	assert_false(cut);
	size_and_cut("writev", "const struct iovec *", "vec", 1, 129, true, &cut);
	assert_true(cut);
	size_and_cut("fstat", "struct stat *", "statbuf", 1, UINT64_MAX, false, &cut);
	assert_false(cut);
	size_and_cut("close", "unsigned int", "fd", 0, UINT64_MAX, false, &cut);
	assert_false(cut);
}

/* Results ---------------------------------------------------------------------------------------*/

static void test_results(void **state)
{
	(void)state;
	assert_true(wv_result_is_error(-1));
	assert_true(wv_result_is_error(-4095));
	assert_false(wv_result_is_error(-4096));
	assert_false(wv_result_is_error(0));
}

/* Tables ----------------------------------------------------------------------------------------*/

static void check_prototype(const struct wv_prototype *row, enum wv_syscall_abi abi)
{
	assert_ptr_equal(wv_prototype_find(abi, row->number), row);
	assert_true(row->n_args <= WV_SYSCALL_ARGS);
	for (unsigned i = 0; i < row->n_args; i++) {
		const struct wv_prototype_arg *arg = &row->args[i];
		const struct wv_decoder *decoder = wv_decoder_for(row->name, arg->type, arg->name);
		unsigned bits = wv_type_bits(arg->type, abi == WV_SYSCALL_I386);

		assert_non_null(decoder);
		assert_ptr_equal(wv_decoder_at(decoder->index), decoder);
		assert_true(bits == 16 || bits == 32 || bits == 64);
		/* what is captured is behind a pointer, and the other way round for names */
		if (decoder->capture != WV_CAPTURE_NONE && decoder->capture != WV_CAPTURE_FD &&
		    !g_str_has_prefix(arg->type, "cap_user_") &&
		    !g_str_has_prefix(arg->type, "const cap_user_"))
			assert_non_null(strchr(arg->type, '*'));
		if (strchr(arg->type, '*'))
			assert_false(decoder->capture == WV_CAPTURE_FD ||
				     (decoder->capture == WV_CAPTURE_NONE && decoder->names));
	}
}

static void test_prototypes(void **state)
{
	(void)state;
	for (int abi = WV_SYSCALL_X86_64; abi <= WV_SYSCALL_I386; abi++) {
		size_t count;
		const struct wv_prototype *rows = wv_prototypes((enum wv_syscall_abi)abi, &count);

		assert_true(count > 400);
		for (size_t i = 0; i < count; i++)
			check_prototype(&rows[i], (enum wv_syscall_abi)abi);
		assert_null(wv_prototype_find((enum wv_syscall_abi)abi, 100000));
		assert_null(wv_prototype_find((enum wv_syscall_abi)abi, UINT32_MAX));
	}
	assert_text(wv_prototype_find(WV_SYSCALL_X86_64, 59)->name, "execve");
	assert_text(wv_prototype_find(WV_SYSCALL_X86_64, 0x40000000)->name, "read");
	assert_text(wv_prototype_find(WV_SYSCALL_X86_64, 0x40000000 + 520)->name, "execve");
	assert_text(wv_prototype_find(WV_SYSCALL_I386, 11)->name, "execve");
	assert_true(wv_prototype_find(WV_SYSCALL_I386, 11)->shared);
	assert_false(wv_prototype_find(WV_SYSCALL_I386, 162)->shared);
}

static void test_public_names(void **state)
{
	(void)state;
	assert_text(wv_syscall_public_name("newfstat"), "fstat");
	assert_text(wv_syscall_public_name("newuname"), "uname");
	assert_text(wv_syscall_public_name("sendfile64"), "sendfile64");
	assert_text(wv_syscall_public_name("read"), "read");
	assert_text(wv_syscall_public_name("not_yet_invented"), "not_yet_invented");
	assert_ptr_equal(wv_decoder_for("newfstat", "struct stat *", "statbuf"),
			 wv_decoder_for("fstat", "struct stat *", "statbuf"));
}

/* The same name, but another type: a row for the type goes before one for all. */
static void test_lookup_by_type(void **state)
{
	(void)state;
	assert_text(wv_decoder_for("clock_getres", "struct __kernel_timespec *", "tp")->name,
		    "timespec_out");
	assert_text(wv_decoder_for("clock_getres", "struct old_timespec32 *", "tp")->name,
		    "timespec32_out");
	assert_text(
		wv_decoder_for("clock_getres", "const  struct old_timespec32 *const", "tp")->name,
		"timespec32_out");
	/* a name that is a descriptor's, on a pointer */
	assert_text(wv_decoder_for("x", "int *", "fd")->name, "i32_out");
	assert_text(wv_decoder_for("x", "char *", "y")->name, "address");
	assert_text(wv_decoder_for("x", "const char *", "y")->name, "string");
	assert_non_null(wv_decoder_for("", "", ""));
	assert_null(wv_decoder_at(100000));
}

static void test_all_decoders(void **state)
{
	unsigned count = 0;

	(void)state;
	for (const struct wv_decoder *decoder; (decoder = wv_decoder_at(count)); count++) {
		bool captures = decoder->capture != WV_CAPTURE_NONE;

		assert_non_null(decoder->format);
		assert_int_equal(decoder->index, count);
		assert_int_equal(captures, decoder->when != 0);
		if (!decoder->names || decoder->names->flags)
			continue;
		for (unsigned i = 0; i < decoder->names->count; i++) {
			struct wv_arg arg = { .decoder = decoder, .bits = 64 };

			arg.number = decoder->names->rows[i].value;
			assert_text(text_of(&arg), decoder->names->rows[i].name);
		}
	}
	assert_true(count > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),	     cmocka_unit_test(test_widths),
		cmocka_unit_test(test_flags),	     cmocka_unit_test(test_values),
		cmocka_unit_test(test_explained),    cmocka_unit_test(test_unexplained),
		cmocka_unit_test(test_strings),	     cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_sizes),	     cmocka_unit_test(test_cut),
		cmocka_unit_test(test_results),	     cmocka_unit_test(test_prototypes),
		cmocka_unit_test(test_public_names), cmocka_unit_test(test_lookup_by_type),
		cmocka_unit_test(test_all_decoders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

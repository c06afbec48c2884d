// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kinds "int80", "x32" and "unknown" of the scenario "decoded": 32-bit calls, which have
 * numbers and structures of their own, those of the x32 ABI, and numbers that no table has.
 */
#define _GNU_SOURCE
#include "decoded.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "truth.h"

/* arch/x86/entry/syscalls/syscall_32.tbl in Linux */
#define NR32_WRITE	4
#define NR32_GETPID	20
#define NR32_NANOSLEEP	162
#define NR32_MMAP2	192
#define NR32_FCNTL64	221
#define NR32_CLOCK_NS64 407
#define NR32_OPENAT	295
#define NR32_NONE	1000

/* arch/x86/entry/syscalls/syscall_64.tbl: the first of those that only x32 has is 512 */
#define NRX32_IOCTL 514

#define NR_NONE	   1000
#define NR_HIGHEST 0x3fffffffL

/* These are below 4 GiB, in a program that is not position-independent. */
static const char path[] = "compat", text[] = "by a 32-bit call";
static const struct {
	int32_t seconds, nanoseconds;
} shortly = { 0, 1000 };
static const struct {
	int64_t seconds, nanoseconds;
} longer = { 0, 2000 };

void wv_decoded_int80(void)
{
	long fd = WV_CALL32(NR32_OPENAT, AT_FDCWD, path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600),
	     result;

	wv_decoded_told("openat", fd, WV_IN("dfd", "AT_FDCWD<" WV_DECODED_DIR ">"),
			WV_IN("filename", path), WV_IN("flags", "O_WRONLY|O_CREAT|O_CLOEXEC"),
			WV_IN("mode", "0600"), NULL);
	result = WV_CALL32(NR32_WRITE, fd, text, 16);
	wv_decoded_told("write", result, WV_IN("fd", wv_text_fd(fd)),
			WV_IN("buf", "\"by a 32-bit call\""), WV_IN("count", "16"), NULL);
	result = WV_CALL32(NR32_WRITE, -1, text, 16);
	wv_decoded_told("write", result, WV_IN("fd", "-1"), WV_IN("buf", "\"by a 32-bit call\""),
			WV_IN("count", "16"), NULL);
	WV_EXPECT(result == -EBADF);
	result = WV_CALL32(NR32_FCNTL64, fd, F_SETFL, O_APPEND);
	wv_decoded_told("fcntl64", result, WV_IN("fd", wv_text_fd(fd)), WV_IN("cmd", "F_SETFL"),
			WV_IN("arg", "O_RDONLY|O_APPEND"), NULL);
	result = WV_CALL32(NR32_GETPID, 0);
	wv_decoded_told("getpid", result, NULL);
	result = WV_CALL32(NR32_NANOSLEEP, &shortly, 0);
	wv_decoded_told("nanosleep", result, WV_IN("rqtp", "{0.000001000}"), WV_IN("rmtp", "NULL"),
			NULL);
	result = WV_CALL32(NR32_CLOCK_NS64, 1, 0, &longer, 0);
	wv_decoded_told("clock_nanosleep_time64", result, WV_IN("which_clock", "CLOCK_MONOTONIC"),
			WV_IN("flags", "0"), WV_IN("rqtp", "{0.000002000}"), WV_IN("rmtp", "NULL"),
			NULL);
	/* The sixth argument; and a result that has its highest bit set. */
	result = WV_CALL32(NR32_MMAP2, 0xf0000000, 4096, PROT_READ,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	WV_EXPECT((uint32_t)result == 0xf0000000);
	wv_decoded_told("mmap2", (uint32_t)result, WV_IN("addr", "0xf0000000"),
			WV_IN("len", "4096"), WV_IN("prot", "PROT_READ"),
			WV_IN("flags", "MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS"), WV_IN("fd", "-1"),
			WV_IN("pgoff", "0x0"), NULL);
	close(fd);
}

/*
 * The kernel may have been built without x32, or be told not to use it: then nothing comes of these
 * calls, but they have been made.
 */
void wv_decoded_x32(void)
{
	long pid = WV_CALL_BY(WV_WAY_X32, SYS_getpid, 0), result;
	static int number; /* below 4 GiB: it is a 32-bit call within */
	int fd = wv_decoded_open("plain", O_CREAT | O_RDWR);
	char name[] = "/not/there"; /* above 4 GiB: only x32's own calls are 32-bit ones */
	bool works = pid > 0;

	wv_decoded_told("getpid", pid, NULL);
	WV_EXPECT(pid == getpid() || pid == -ENOSYS);
	result = WV_CALL_BY(WV_WAY_X32, SYS_openat, AT_FDCWD, name, O_RDONLY);
	WV_EXPECT(result == (works ? -ENOENT : -ENOSYS));
	wv_decoded_told("openat", result, WV_IN("dfd", "AT_FDCWD<" WV_DECODED_DIR ">"),
			WV_IN("filename", "/not/there"), WV_IN("flags", "O_RDONLY"),
			WV_IN("mode", "0"), NULL);
	result = WV_CALL_BY(WV_WAY_X32, SYS_lseek, fd, 1L << 33, SEEK_SET);
	WV_EXPECT(result == (works ? 1L << 33 : -ENOSYS));
	wv_decoded_told("lseek", result, WV_IN("fd", wv_text_fd(fd)), WV_IN("offset", "8589934592"),
			WV_IN("whence", "SEEK_SET"), NULL);
	result = WV_CALL_BY(WV_WAY_X32, NRX32_IOCTL, fd, FIONREAD, &number);
	WV_EXPECT(result == (works ? 0 : -ENOSYS));
	wv_decoded_told("ioctl", result, WV_IN("fd", wv_text_fd(fd)), WV_IN("cmd", "FIONREAD"),
			WV_IN("arg", wv_text_at(&number)), NULL);
	close(fd);
}

/* Arguments of nobody's calls are six numbers. */
static void call_nothing(enum wv_way way, long number, const char *name)
{
	long result = WV_CALL_BY(way, number, 1, 2, 3, 4, 5, 6);

	WV_EXPECT(result == -ENOSYS);
	wv_decoded_told(name, result, WV_IN("arg0", "0x1"), WV_IN("arg1", "0x2"),
			WV_IN("arg2", "0x3"), WV_IN("arg3", "0x4"), WV_IN("arg4", "0x5"),
			WV_IN("arg5", "0x6"), NULL);
}

void wv_decoded_unknown(void)
{
	long result;

	call_nothing(WV_WAY_64, NR_NONE, "syscall_1000");
	call_nothing(WV_WAY_64, NR_HIGHEST, "syscall_unknown");
	call_nothing(WV_WAY_X32, NR_NONE, "syscall_1000");
	call_nothing(WV_WAY_X32, NR_HIGHEST, "syscall_unknown");
	call_nothing(WV_WAY_INT80, NR32_NONE, "syscall_1000");
	/* No call at all for the kernel: whoever traces it by hand leaves it so. */
	result = WV_CALL(-1, 1, 2, 3, 4, 5, 6);
	WV_EXPECT(result == -ENOSYS);
	wv_decoded_told("", result, NULL);
}

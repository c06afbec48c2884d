// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The area "new" of the scenario "calls": calls that not every kernel has, and numbers that no
 * kernel has. Their arguments are such that they do no harm in a kernel of the future.
 */
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* Numbers that the headers of today may lack. */
#define NR_CACHESTAT	451
#define NR_FCHMODAT2	452
#define NR_STATMOUNT	457
#define NR_LISTMOUNT	458
#define NR_LSM_LIST	461
#define NR_MSEAL	462
#define NR_LISTXATTRAT	465
#define NR_FILE_GETATTR 468
#define NR_NONE		1000

/* The bit that makes a number one of the x32 calls. */
#define X32 0x40000000L

static int end_at_once(void *data)
{
	(void)data;
	return 0;
}

static void open_and_describe(void)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_DIRECTORY,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	struct statx status;
	int dir = open(".", O_PATH);

	WV_MAYBE(syscall(SYS_openat2, dir, ".", &how, sizeof(how)));
	WV_FAILS(syscall(SYS_openat2, dir, "..", &how, sizeof(how)), EXDEV);
	WV_FAILS(syscall(SYS_openat2, dir, ".", &how, 3L), EINVAL);
	WV_EXPECT(syscall(SYS_statx, AT_FDCWD, ".", AT_SYMLINK_NOFOLLOW, STATX_ALL, &status) == 0);
	WV_EXPECT(syscall(SYS_statx, dir, "", AT_EMPTY_PATH, STATX_SIZE, &status) == 0);
	WV_MAYBE(syscall(SYS_faccessat2, dir, "", R_OK, AT_EMPTY_PATH));
	WV_MAYBE(syscall(NR_FCHMODAT2, AT_FDCWD, ".", 0755, 0));
	WV_MAYBE(syscall(NR_LISTXATTRAT, AT_FDCWD, ".", 0, NULL, 0L));
	close(dir);
}

static void use_pidfd(void)
{
	pid_t child = wv_calls_child(end_at_once, NULL);
	int fd = syscall(SYS_pidfd_open, child, 0), other;
	siginfo_t info;

	WV_EXPECT(fd >= 0);
	WV_EXPECT(syscall(SYS_waitid, P_PIDFD, fd, &info, WEXITED | WNOWAIT, NULL) == 0);
	WV_EXPECT(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0) == 0);
	/* It has ended: there is no process any more, or none with files. */
	WV_EXPECT(syscall(SYS_pidfd_getfd, fd, 0, 0) == -1 && (errno == ESRCH || errno == EBADF));
	wv_calls_reap(child, 0);
	WV_FAILS(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0), ESRCH);
	close(fd);
	fd = syscall(SYS_pidfd_open, getpid(), 0);
	other = syscall(SYS_pidfd_getfd, fd, 0, 0);
	WV_EXPECT(other >= 0);
	WV_EXPECT(syscall(SYS_process_madvise, fd, NULL, 0L, MADV_COLD, 0) == 0 || errno > 0);
	WV_EXPECT(syscall(SYS_process_mrelease, fd, 0) == -1);
	WV_MAYBE(syscall(SYS_close_range, other, other, 0));
	close(fd);
}

static void wait_in_new_ways(void)
{
	struct timespec now = { 0, 1 };
	struct epoll_event event;
	uint32_t word = 1;
	struct futex_waitv list = { .val = 2, .uaddr = (uintptr_t)&word, .flags = FUTEX_32 };
	uint64_t mask = 0;
	int fd = epoll_create1(0);

	WV_MAYBE(syscall(SYS_epoll_pwait2, fd, &event, 1, &now, &mask, 8L));
	WV_EXPECT(syscall(SYS_futex_waitv, &list, 1, 0, NULL, 0) == -1 &&
		  (errno == EAGAIN || errno == ENOSYS));
	close(fd);
}

static void try_recent(void)
{
	static char page[4096] __attribute__((aligned(4096)));
	struct {
		uint32_t size, spare;
		uint64_t mount, param, ns;
	} request = { .size = 24 };
	uint64_t mounts[64];
	uint32_t size = sizeof(mounts);
	int fd = memfd_create("cached", 0);

	WV_EXPECT(syscall(SYS_memfd_secret, 0) != 0);
	WV_EXPECT(syscall(SYS_landlock_create_ruleset, NULL, 0L, 1) != 0);
	WV_EXPECT(syscall(SYS_mount_setattr, AT_FDCWD, "", 0, NULL, 0L) == -1);
	WV_EXPECT(syscall(SYS_open_tree, AT_FDCWD, "/proc", O_CLOEXEC) >= 0);
	WV_FAILS(syscall(SYS_fsopen, "nosuchfs", 0), ENODEV);
	WV_EXPECT(syscall(SYS_set_mempolicy_home_node, page, 0L, 0L, 0L) <= 0);
	WV_MAYBE(syscall(NR_CACHESTAT, fd, (uint64_t[]){ 0, 4096 }, page, 0));
	request.mount = UINT64_MAX;
	WV_EXPECT(syscall(NR_LISTMOUNT, &request, mounts, 64L, 0) != 0);
	WV_EXPECT(syscall(NR_STATMOUNT, &request, page, sizeof(page), 0) != 0);
	WV_EXPECT(syscall(NR_LSM_LIST, mounts, &size, 0) != 1000);
	WV_MAYBE(syscall(NR_MSEAL, page, 0L, 0L));
	WV_EXPECT(syscall(NR_FILE_GETATTR, AT_FDCWD, ".", page, 24L, 0) <= 0);
	close(fd);
}

static void try_nonsense(void)
{
	WV_FAILS(syscall(NR_NONE, 1L, 2L, 3L, 4L, 5L, 6L), ENOSYS);
	WV_FAILS(syscall(-1L, 1L, 2L, 3L, 4L, 5L, 6L), ENOSYS);
	WV_FAILS(syscall(0x7fffffffL), ENOSYS);
	WV_FAILS(syscall(X32 | SYS_getpid), ENOSYS);
	/* A number's upper half counts in some kernels and not in others. */
	WV_EXPECT(syscall((1L << 32) | SYS_getpid) == getpid() || errno == ENOSYS);
	/* A call that once was. */
	WV_FAILS(syscall(SYS__sysctl, NULL), ENOSYS);
	WV_FAILS(syscall(SYS_uselib, "x"), ENOSYS);
}

void wv_calls_new(void)
{
	open_and_describe();
	use_pidfd();
	wait_in_new_ways();
	try_recent();
	try_nonsense();
}

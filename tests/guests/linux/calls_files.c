// SPDX-License-Identifier: GPL-2.0-or-later
/* The area "files" of the scenario "calls": files as such: opening, their data, size and owner. */
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#define PAGE 4096

static const char text[] = "one \"two\" \\three\\ \t\n\x01\xff four";

static void open_in_every_way(void)
{
	int fds[5];

	fds[0] = syscall(SYS_creat, "created", 0640);
	fds[1] = syscall(SYS_open, "created", O_RDWR | O_APPEND | O_CLOEXEC);
	fds[2] = openat(AT_FDCWD, WV_CALLS_DIR, O_DIRECTORY | O_PATH);
	fds[3] = openat(fds[2], "created", O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK);
	fds[4] = open(".", O_TMPFILE | O_RDWR, 0600);
	for (int i = 0; i < 5; i++)
		WV_EXPECT(fds[i] >= 0 && close(fds[i]) == 0);
	WV_FAILS(open("/not/there", O_RDONLY), ENOENT);
	WV_FAILS(open("created", O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST);
	WV_FAILS(syscall(SYS_openat, AT_FDCWD, 1L, O_RDONLY), EFAULT);
	WV_FAILS(syscall(SYS_openat, AT_FDCWD, "", O_RDONLY), ENOENT);
	WV_FAILS(close(fds[0]), EBADF);
	WV_FAILS(openat(fds[0], "created", O_RDONLY), EBADF);
}

/* The kernel is the first to touch the page that holds the path. */
static void open_by_absent_page(void)
{
	static const char path[] = WV_CALLS_DIR "/created";
	int fd = open("page", O_CREAT | O_RDWR | O_TRUNC, 0600), other;
	char *page;

	WV_EXPECT(fd >= 0 && ftruncate(fd, 2 * PAGE) == 0);
	/* It reaches from one page into the next. */
	WV_EXPECT(pwrite(fd, path, sizeof(path), PAGE - 6) == sizeof(path));
	page = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	if (!WV_EXPECT(page != MAP_FAILED))
		return;
	other = syscall(SYS_open, page + PAGE - 6, O_RDONLY);
	WV_EXPECT(other >= 0);
	close(other);
	munmap(page, 2 * PAGE);
	close(fd);
}

static void copy(int fd)
{
	int other = open("copy", O_CREAT | O_RDWR, 0644);
	off_t from = 0;
	loff_t in = 4, out = 64;

	WV_EXPECT(sendfile(other, fd, &from, 8) == 8);
	WV_EXPECT(sendfile(other, fd, NULL, 0) == 0);
	WV_EXPECT(copy_file_range(fd, &in, other, &out, 8, 0) >= 0);
	close(other);
}

static void change_size(int fd)
{
	WV_EXPECT(ftruncate(fd, 100000) == 0);
	WV_EXPECT(truncate("data", 50000) == 0);
	WV_EXPECT(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 8192) == 0);
	WV_EXPECT(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4096) == 0);
	WV_EXPECT(lseek(fd, -10, SEEK_END) == 49990);
	WV_EXPECT(lseek(fd, 0, SEEK_HOLE) >= 0);
	WV_FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
	WV_EXPECT(fsync(fd) == 0 && fdatasync(fd) == 0);
	WV_EXPECT(sync_file_range(fd, 0, 4096, SYNC_FILE_RANGE_WRITE) == 0 || errno == ESPIPE);
	WV_EXPECT(posix_fadvise(fd, 0, 4096, POSIX_FADV_SEQUENTIAL) == 0);
	WV_EXPECT(readahead(fd, 0, 4096) == 0 || errno == EINVAL);
}

static void describe(int fd)
{
	char list[256], value[64];
	struct statfs system;
	struct stat status;

	WV_EXPECT(syscall(SYS_fstat, fd, &status) == 0);
	WV_EXPECT(syscall(SYS_stat, "data", &status) == 0);
	WV_EXPECT(syscall(SYS_lstat, "data", &status) == 0);
	WV_EXPECT(syscall(SYS_newfstatat, AT_FDCWD, "data", &status, AT_SYMLINK_NOFOLLOW) == 0);
	WV_EXPECT(syscall(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) == 0);
	WV_EXPECT(statfs("/proc", &system) == 0 && fstatfs(fd, &system) == 0);
	WV_EXPECT(fchmod(fd, 0604) == 0 && fchown(fd, 1000, 1000) == 0);
	WV_EXPECT(futimens(fd, (struct timespec[]){ { 1, 2 }, { .tv_nsec = UTIME_OMIT } }) == 0);
	WV_EXPECT(utimensat(AT_FDCWD, "data", NULL, 0) == 0);
	WV_EXPECT(setxattr("data", "trusted.wyvern", "value", 5, XATTR_CREATE) == 0);
	WV_EXPECT(fgetxattr(fd, "trusted.wyvern", value, sizeof(value)) == 5);
	WV_EXPECT(listxattr("data", list, sizeof(list)) > 0);
	WV_EXPECT(removexattr("data", "trusted.wyvern") == 0);
	WV_FAILS(getxattr("data", "trusted.wyvern", value, sizeof(value)), ENODATA);
}

static void control(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10 };
	int count, other;

	WV_EXPECT(fcntl(fd, F_GETFD) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0);
	WV_EXPECT(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK) == 0 && fcntl(fd, F_GETFL) > 0);
	WV_EXPECT(fcntl(fd, F_SETLK, &lock) == 0 && fcntl(fd, F_GETLK, &lock) == 0);
	WV_EXPECT(fcntl(fd, F_OFD_SETLK, &(struct flock){ .l_type = F_UNLCK, .l_len = 10 }) == 0);
	WV_EXPECT(flock(fd, LOCK_EX | LOCK_NB) == 0 && flock(fd, LOCK_UN) == 0);
	WV_EXPECT(ioctl(fd, FIONREAD, &count) == 0);
	WV_FAILS(ioctl(fd, TIOCGWINSZ, &count), ENOTTY);
	WV_FAILS(ioctl(fd, 0xdeadbeef, 0x123456789abcdefL), ENOTTY);
	other = fcntl(fd, F_DUPFD_CLOEXEC, 50);
	WV_EXPECT(other >= 50 && dup2(other, 60) == 60 && dup3(other, 61, O_CLOEXEC) == 61);
	WV_FAILS(dup3(other, other, 0), EINVAL);
	WV_EXPECT(syscall(SYS_dup, other) >= 0);
}

void wv_calls_files(void)
{
	int fd;

	open_in_every_way();
	open_by_absent_page();
	fd = open("data", O_CREAT | O_RDWR | O_TRUNC, 0644);
	if (!WV_EXPECT(fd >= 0))
		return;
	WV_EXPECT(write(fd, text, sizeof(text) - 1) == sizeof(text) - 1);
	copy(fd);
	change_size(fd);
	describe(fd);
	control(fd);
}

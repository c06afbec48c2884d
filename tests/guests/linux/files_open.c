// SPDX-License-Identifier: GPL-2.0-or-later
/* The group "open" of the scenario "files": opening in every way, and every way of closing. */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "truth.h"

static void open_and_close(const char *name, int flags)
{
	int fd = wv_file_open(AT_FDCWD, name, flags, flags & O_CREAT ? 0640 : 0);

	if (WV_EXPECT(fd >= 0))
		wv_file_close(fd);
}

static void refused(int dir, const char *name, int flags, int error)
{
	WV_EXPECT(wv_file_open(dir, name, flags, 0600) == -error);
}

static void open_plainly(void)
{
	open_and_close("plain", O_CREAT | O_EXCL | O_RDWR);
	open_and_close("plain", O_RDONLY);
	open_and_close("plain", O_RDONLY | O_CLOEXEC);
	open_and_close("plain", O_WRONLY | O_TRUNC);
	open_and_close("plain", O_CREAT | O_TRUNC | O_RDWR);
	open_and_close("plain", O_WRONLY | O_APPEND | O_CREAT);
	open_and_close("plain", O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_SYNC | O_NOATIME);
	open_and_close("plain", O_RDWR | O_DSYNC | O_NOCTTY);
	open_and_close("new", O_CREAT | O_TRUNC | O_WRONLY);
	open_and_close("plain", O_PATH);
	open_and_close(WV_FILES_DIR, O_DIRECTORY | O_RDONLY);
}

static void open_from_elsewhere(void)
{
	int dir, fd;

	wv_file_mkdir(AT_FDCWD, "folder", 0755);
	dir = wv_file_open(AT_FDCWD, "folder", O_PATH | O_DIRECTORY, 0);
	fd = wv_file_open(dir, "inside", O_CREAT | O_RDWR, 0604);
	wv_file_close(fd);
	refused(dir, "not there", O_RDONLY, ENOENT);
	fd = wv_file_open_as(wv_here("plain"), dir, "../plain", O_RDONLY, 0);
	wv_file_close(fd);
	fd = wv_file_open_as(wv_here(""), AT_FDCWD, ".", O_RDONLY | O_DIRECTORY, 0);
	wv_file_close(fd);
	wv_file_symlink("folder/inside", "symlink");
	fd = wv_file_open_as(wv_here("folder/inside"), AT_FDCWD, "symlink", O_RDONLY, 0);
	wv_file_close(fd);
	fd = wv_file_open(AT_FDCWD, "symlink", O_PATH | O_NOFOLLOW, 0);
	wv_file_close(fd);
	wv_file_close(dir);
}

static void fail(void)
{
	refused(AT_FDCWD, "not there", O_RDONLY, ENOENT);
	refused(AT_FDCWD, "/not/there", O_RDWR, ENOENT);
	refused(AT_FDCWD, "folder/../not there", O_RDWR, ENOENT);
	refused(AT_FDCWD, "plain", O_CREAT | O_EXCL | O_RDWR, EEXIST);
	refused(AT_FDCWD, "plain/below", O_RDONLY, ENOTDIR);
	refused(AT_FDCWD, "plain", O_RDONLY | O_DIRECTORY, ENOTDIR);
	refused(AT_FDCWD, "folder", O_RDWR, EISDIR);
	refused(AT_FDCWD, "symlink", O_RDONLY | O_NOFOLLOW, ELOOP);
	/* These never get as far as to look for a file. */
	WV_EXPECT(open((const char *)1, O_RDONLY) < 0 && errno == EFAULT);
	WV_EXPECT(open("", O_RDONLY) < 0 && errno == ENOENT);
	WV_EXPECT(close(63) < 0 && errno == EBADF);
}

/* A file without a name: its directory entry is called by its number. */
static void open_nameless(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR, 0600);
	struct stat file = wv_look(fd);
	char name[32] = "";

	if (fd >= 0)
		snprintf(name, sizeof(name), "#%lu", file.st_ino);
	/* As a name that is refused it stays what it was given as. */
	wv_file_open_fact(wv_here(fd >= 0 ? name : "."), O_TMPFILE | O_RDWR, 0600, wv_result(fd));
	wv_fact_bool("existed", false);
	wv_fact_end();
	if (fd < 0) {
		WV_EXPECT(errno == EOPNOTSUPP);
		return;
	}
	wv_file_write(fd, WV_PLAIN, "nameless", 8, 0);
	wv_file_close(fd);
}

static void open_by_struct(void)
{
	struct open_how how = { .flags = O_RDWR | O_CREAT, .mode = 0600 };
	int fd = syscall(SYS_openat2, AT_FDCWD, "by-struct", &how, sizeof(how));

	if (!WV_EXPECT(fd >= 0))
		return;
	wv_file_open_fact(wv_here("by-struct"), how.flags, how.mode, fd);
	wv_fact_bool("existed", false);
	wv_fact_end();
	wv_file_close(fd);
}

static void close_otherwise(void)
{
	int one = wv_file_open(AT_FDCWD, "plain", O_RDONLY, 0);
	int two = wv_file_open(AT_FDCWD, "new", O_RDONLY, 0);
	struct stat file = wv_look(two);
	int flags = fcntl(two, F_GETFL);

	WV_EXPECT(dup2(one, two) == two);
	wv_file_close_fact(two, "dup2", &file, flags);
	wv_opened(two, wv_path_of(one));
	wv_file_close(one);
	file = wv_look(two);
	flags = fcntl(two, F_GETFL);
	WV_EXPECT(syscall(SYS_close_range, two, two, 0) == 0);
	wv_file_close_fact(two, "close_range", &file, flags);
}

void wv_files_open(void)
{
	open_plainly();
	open_from_elsewhere();
	fail();
	open_nameless();
	open_by_struct();
	close_otherwise();
}

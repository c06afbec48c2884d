// SPDX-License-Identifier: GPL-2.0-or-later
/* The group "names" of the scenario "files": making names, moving them, taking them away. */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "truth.h"

static void make(const char *name)
{
	int fd = wv_file_open(AT_FDCWD, name, O_CREAT | O_WRONLY, 0644);

	WV_EXPECT(fd >= 0);
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, name, strlen(name), 0) == (long)strlen(name));
	wv_file_close(fd);
}

static void rename_files(void)
{
	int dir;

	make("a");
	make("b");
	WV_EXPECT(wv_file_rename(AT_FDCWD, "a", AT_FDCWD, "c", 0) == 0);
	WV_EXPECT(wv_file_rename(AT_FDCWD, "c", AT_FDCWD, "b", 0) == 0);
	WV_EXPECT(wv_file_rename(AT_FDCWD, "b", AT_FDCWD, "d", RENAME_NOREPLACE) == 0);
	make("e");
	WV_EXPECT(wv_file_rename(AT_FDCWD, "d", AT_FDCWD, "e", RENAME_EXCHANGE) == 0);
	WV_EXPECT(wv_file_mkdir(AT_FDCWD, "folder", 0711) == 0);
	dir = wv_file_open(AT_FDCWD, "folder", O_RDONLY | O_DIRECTORY, 0);
	WV_EXPECT(wv_file_rename(AT_FDCWD, "d", dir, "moved", 0) == 0);
	WV_EXPECT(wv_file_rename(dir, "moved", AT_FDCWD, "d", 0) == 0);
	wv_file_close(dir);
	WV_EXPECT(wv_file_rename(AT_FDCWD, "d", AT_FDCWD, "folder", 0) == -EISDIR);
	/* Refused before anything could be renamed. */
	WV_EXPECT(syscall(SYS_renameat2, AT_FDCWD, "d", AT_FDCWD, "e", RENAME_NOREPLACE) < 0 &&
		  errno == EEXIST);
	WV_EXPECT(rename("not there", "x") < 0 && errno == ENOENT);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "d") == 0);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "e") == 0);
}

/* What is open below a folder has another path when that has another name. */
static void rename_folders(void)
{
	int fd;

	WV_EXPECT(wv_file_mkdir(AT_FDCWD, "folder/deep", 0755) == 0);
	fd = wv_file_open(AT_FDCWD, "folder/deep/file", O_CREAT | O_RDWR, 0600);
	WV_EXPECT(wv_file_rename(AT_FDCWD, "folder", AT_FDCWD, "other", 0) == 0);
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, "moved", 5, 0) == 5);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "other/deep/file") == 0);
	/* The file is still open, and its name is still known. */
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, "gone", 4, 0) == 4);
	wv_file_close(fd);
	WV_EXPECT(wv_file_rmdir(AT_FDCWD, "other") == -ENOTEMPTY);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "other/deep") == -EISDIR);
	WV_EXPECT(wv_file_rmdir(AT_FDCWD, "other/deep") == 0);
	WV_EXPECT(wv_file_rmdir(AT_FDCWD, "other") == 0);
	WV_EXPECT(rmdir("other") < 0 && errno == ENOENT);
}

static void make_links(void)
{
	static const char text[] = "/a/text that\nleads \"nowhere\"";
	int dir;

	make("one");
	WV_EXPECT(wv_file_link("one", "two") == 0);
	WV_EXPECT(wv_file_rename(AT_FDCWD, "one", AT_FDCWD, "two", 0) == 0);
	WV_EXPECT(link("one", "two") < 0 && errno == EEXIST);
	WV_EXPECT(wv_file_symlink(text, "symlink") == 0);
	WV_EXPECT(wv_file_readlink("symlink", 100) == sizeof(text) - 1);
	WV_EXPECT(wv_file_readlink("symlink", 5) == 5);
	WV_EXPECT(wv_file_link("symlink", "hard") == 0);
	dir = wv_file_open_as(wv_here(""), AT_FDCWD, ".", O_PATH, 0);
	WV_EXPECT(wv_file_unlink(dir, "hard") == 0);
	wv_file_close(dir);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "symlink") == 0);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "one") == 0);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "two") == 0);
	WV_EXPECT(unlink("two") < 0 && errno == ENOENT);
}

static void make_folders(void)
{
	WV_EXPECT(wv_file_mkdir(AT_FDCWD, "sticky", 01777) == 0);
	WV_EXPECT(wv_file_mkdir(AT_FDCWD, "sticky/x", 0) == 0);
	WV_EXPECT(wv_file_rmdir(AT_FDCWD, "sticky/x") == 0);
	WV_EXPECT(mkdir("sticky", 0700) < 0 && errno == EEXIST);
	WV_EXPECT(wv_file_rmdir(AT_FDCWD, "sticky") == 0);
}

static void use_fifo(void)
{
	int fd;

	WV_EXPECT(wv_file_mknod("fifo", S_IFIFO | 0622, 0) == 0);
	fd = wv_file_open(AT_FDCWD, "fifo", O_RDWR, 0);
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, "through", 7, 0) == 7);
	WV_EXPECT(wv_file_read(fd, WV_PLAIN, 100, 0) == 7);
	wv_file_close(fd);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "fifo") == 0);
}

/* A socket's name is made without any call that makes names. */
static void bind_socket(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "socket" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct stat file;

	WV_EXPECT(bind(fd, (void *)&address, sizeof(address)) == 0);
	file = wv_look_at(AT_FDCWD, "socket");
	wv_file_fact("mknod", wv_here("socket"), &file, 0);
	wv_fact_int("mode", file.st_mode);
	wv_fact_int("major", 0);
	wv_fact_int("minor", 0);
	wv_fact_end();
	close(fd);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "socket") == 0);
}

static void make_nodes(void)
{
	int fd;

	use_fifo();
	bind_socket();
	WV_EXPECT(wv_file_mknod("null", S_IFCHR | 0666, makedev(1, 3)) == 0);
	fd = wv_file_open(AT_FDCWD, "null", O_WRONLY, 0);
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, "x", 1, 0) == 1);
	wv_file_close(fd);
	WV_EXPECT(wv_file_mknod("block", S_IFBLK | 0600, makedev(259, 65537)) == 0);
	WV_EXPECT(wv_file_mknod("regular", S_IFREG | 04711, 0) == 0);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "null") == 0);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "block") == 0);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "regular") == 0);
}

void wv_files_names(void)
{
	rename_files();
	rename_folders();
	make_links();
	make_folders();
	make_nodes();
}

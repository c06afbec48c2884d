// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kinds "paths" and "descriptors" of the scenario "decoded": strings of every sort, and what is
 * behind the numbers of open files.
 */
#define _GNU_SOURCE
#include "decoded.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "truth.h"

#define HERE "AT_FDCWD<" WV_DECODED_DIR ">"

/* As long as a path may be is shown, no more. */
#define LONG (PATH_MAX + 100)

/* Opened, closed, and forgotten. */
static void open_path(const char *path, const char *shown)
{
	long fd = WV_CALL(SYS_openat, AT_FDCWD, path, O_RDONLY);

	wv_decoded_told("openat", fd, WV_IN("dfd", HERE), WV_IN("filename", shown),
			WV_IN("flags", "O_RDONLY"), WV_IN("mode", "0"), NULL);
	if (fd >= 0)
		close(fd);
}

static void name_strangely(void)
{
	static char path[LONG + 1];
	const char *strange = "a \"quote\"; a=\\, a\ttab,\na line, \x01 and \xc3\xa9 and \xff";

	WV_EXPECT(mkdir(strange, 0700) == 0);
	open_path(strange, strange);
	open_path("", "");
	open_path(NULL, "NULL");
	memset(path, 'l', LONG);
	open_path(path, wv_text("%.*s...", PATH_MAX, path));
	rmdir(strange);
}

static void link_and_move(int dir)
{
	char text[64] = "";
	long result = WV_CALL(SYS_symlinkat, "../not/there", dir, "link");

	wv_decoded_told("symlinkat", result, WV_IN("oldname", "../not/there"),
			WV_IN("newdfd", wv_text_fd(dir)), WV_IN("newname", "link"), NULL);
	result = WV_CALL(SYS_readlink, "link", text, sizeof(text));
	wv_decoded_told("readlink", result, WV_IN("path", "link"), WV_IN("buf", wv_text_at(text)),
			WV_IN("bufsiz", "64"), WV_OUT("buf", "../not/there"), NULL);
	result = WV_CALL(SYS_readlinkat, dir, "link", text, 4);
	wv_decoded_told("readlinkat", result, WV_IN("dfd", wv_text_fd(dir)),
			WV_IN("pathname", "link"), WV_IN("buf", wv_text_at(text)),
			WV_IN("bufsiz", "4"), WV_OUT("buf", "../n"), NULL);
	result = WV_CALL(SYS_renameat2, AT_FDCWD, "link", dir, "moved", RENAME_NOREPLACE);
	wv_decoded_told("renameat2", result, WV_IN("olddfd", HERE), WV_IN("oldname", "link"),
			WV_IN("newdfd", wv_text_fd(dir)), WV_IN("newname", "moved"),
			WV_IN("flags", "RENAME_NOREPLACE"), NULL);
	result = WV_CALL(SYS_unlinkat, dir, "moved", 0);
	wv_decoded_told("unlinkat", result, WV_IN("dfd", wv_text_fd(dir)),
			WV_IN("pathname", "moved"), WV_IN("flag", "0"), NULL);
	result = WV_CALL(SYS_mkdir, "sub", 01750);
	wv_decoded_told("mkdir", result, WV_IN("pathname", "sub"), WV_IN("mode", "01750"), NULL);
	result = WV_CALL(SYS_rmdir, "/tmp");
	wv_decoded_told("rmdir", result, WV_IN("pathname", "/tmp"), NULL);
	WV_EXPECT(result == -EBUSY);
	result = WV_CALL(SYS_chdir, "sub");
	wv_decoded_told("chdir", result, WV_IN("filename", "sub"), NULL);
	result = WV_CALL(SYS_access, "..", R_OK | X_OK);
	wv_decoded_told("access", result, WV_IN("filename", ".."), WV_IN("mode", "X_OK|R_OK"),
			NULL);
	WV_EXPECT(chdir("..") == 0 && rmdir("sub") == 0);
}

static void mount_something(void)
{
	/* For other kinds of file systems it may be anything. */
	const char *data = "size=64k,mode=700";
	long result = WV_CALL(SYS_mount, "a source", "mnt", "tmpfs", MS_NOSUID | MS_NODEV, data);

	wv_decoded_told("mount", result, WV_IN("dev_name", "a source"), WV_IN("dir_name", "mnt"),
			WV_IN("type", "tmpfs"), WV_IN("flags", "MS_NOSUID|MS_NODEV"),
			WV_IN("data", wv_text_at(data)), NULL);
	result = WV_CALL(SYS_umount2, "mnt", MNT_DETACH);
	wv_decoded_told("umount2", result, WV_IN("name", "mnt"), WV_IN("flags", "MNT_DETACH"),
			NULL);
}

void wv_decoded_paths(void)
{
	int dir = wv_decoded_open(WV_DECODED_DIR, O_RDONLY | O_DIRECTORY);

	WV_EXPECT(mkdir("mnt", 0700) == 0);
	name_strangely();
	link_and_move(dir);
	mount_something();
	close(dir);
}

/* Asks for a descriptor's flags, which every one has. */
static void ask(int fd, const char *shown)
{
	long result = WV_CALL(SYS_fcntl, fd, F_GETFD, 0);

	wv_decoded_told("fcntl", result, WV_IN("fd", shown), WV_IN("cmd", "F_GETFD"),
			WV_IN("arg", "0x0"), NULL);
}

static void ask_and_close(int fd)
{
	if (!WV_EXPECT(fd >= 0))
		return;
	ask(fd, wv_text_fd(fd));
	close(fd);
}

void wv_decoded_descriptors(void)
{
	int ends[2], fd;

	ask_and_close(wv_decoded_open("plain", O_CREAT | O_RDWR));
	ask_and_close(open("/dev/null", O_RDONLY));
	ask_and_close(open("/proc/self/status", O_RDONLY));
	ask_and_close(open("mnt", O_PATH));
	ask_and_close(socket(AF_UNIX, SOCK_STREAM, 0));
	ask_and_close(eventfd(0, 0));
	ask_and_close(epoll_create1(0));
	ask_and_close(syscall(SYS_memfd_create, "in memory", 0));
	if (WV_EXPECT(pipe(ends) == 0)) {
		ask_and_close(ends[0]);
		ask_and_close(ends[1]);
	}
	fd = wv_decoded_open("gone", O_CREAT | O_RDWR);
	unlink("gone");
	ask_and_close(fd);
	fd = fcntl(wv_decoded_open("plain", O_RDWR), F_DUPFD, 700);
	ask_and_close(fd);
	/* Nothing is behind these. */
	ask(800, "800");
	ask(-1, "-1");
}

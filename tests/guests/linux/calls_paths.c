// SPDX-License-Identifier: GPL-2.0-or-later
/* The area "paths" of the scenario "calls": names of files: made, linked, moved, listed, refused.
 */
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static void link_and_move(int dir)
{
	char target[64];

	WV_EXPECT(syscall(SYS_mkdir, "d", 0700) == 0 && mkdirat(dir, "e", 0711) == 0);
	WV_EXPECT(syscall(SYS_mknod, "fifo", S_IFIFO | 0600, 0) == 0);
	WV_EXPECT(syscall(SYS_mknodat, dir, "null", S_IFCHR | 0600, makedev(1, 3)) == 0);
	WV_EXPECT(syscall(SYS_link, "fifo", "d/fifo") == 0);
	WV_EXPECT(linkat(dir, "fifo", dir, "e/fifo", 0) == 0);
	WV_EXPECT(syscall(SYS_symlink, "../fifo", "d/symlink") == 0);
	WV_EXPECT(symlinkat("nowhere at all", dir, "e/symlink") == 0);
	WV_EXPECT(syscall(SYS_readlink, "d/symlink", target, sizeof(target)) == 7);
	WV_EXPECT(readlinkat(dir, "e/symlink", target, 7) == 7);
	WV_EXPECT(syscall(SYS_rename, "fifo", "pipe") == 0);
	WV_EXPECT(syscall(SYS_renameat, dir, "pipe", dir, "fifo") == 0);
	WV_EXPECT(renameat2(dir, "d/fifo", dir, "e/fifo", RENAME_EXCHANGE) == 0);
	WV_FAILS(renameat2(dir, "d/fifo", dir, "e/fifo", RENAME_NOREPLACE), EEXIST);
	WV_FAILS(syscall(SYS_rmdir, "d"), ENOTEMPTY);
	WV_EXPECT(syscall(SYS_unlink, "d/fifo") == 0 && syscall(SYS_unlink, "d/symlink") == 0);
	WV_EXPECT(unlinkat(dir, "e/fifo", 0) == 0 && unlinkat(dir, "e/symlink", 0) == 0);
	WV_EXPECT(syscall(SYS_rmdir, "d") == 0 && unlinkat(dir, "e", AT_REMOVEDIR) == 0);
	WV_EXPECT(unlink("null") == 0);
}

static void change_rights(int dir)
{
	WV_EXPECT(syscall(SYS_access, "fifo", R_OK | W_OK) == 0);
	WV_EXPECT(syscall(SYS_faccessat, dir, "fifo", F_OK) == 0);
	WV_FAILS(syscall(SYS_access, "fifo", 8), EINVAL);
	WV_EXPECT(syscall(SYS_chmod, "fifo", 07755) == 0 && fchmodat(dir, "fifo", 0600, 0) == 0);
	WV_EXPECT(syscall(SYS_chown, "fifo", 1000, -1) == 0);
	WV_EXPECT(syscall(SYS_lchown, "fifo", -1, 1000) == 0);
	WV_EXPECT(fchownat(dir, "fifo", 0, 0, AT_SYMLINK_NOFOLLOW) == 0);
	WV_EXPECT(syscall(SYS_umask, 027) == 022 && syscall(SYS_umask, 022) == 027);
}

static void walk(int dir)
{
	char buffer[4096], path[PATH_MAX];

	while (syscall(SYS_getdents64, dir, buffer, sizeof(buffer)) > 0)
		;
	WV_EXPECT(syscall(SYS_getcwd, path, sizeof(path)) == sizeof(WV_CALLS_DIR));
	WV_FAILS(syscall(SYS_getcwd, path, 3L), ERANGE);
	WV_EXPECT(chdir("/proc/self/fd") == 0);
	WV_EXPECT(syscall(SYS_getcwd, path, sizeof(path)) > 0);
	WV_EXPECT(fchdir(dir) == 0);
}

/* Names that are hard to print. */
static void name_strangely(void)
{
	static const char *const names[] = {
		"a blank, a \"quote\", a \\backslash\\",
		"a\nline\tand a\ttab\r",
		"\x01\x02\x1b[31m\x7f",
		"not UTF-8: \x80\xff\xc0\xaf",
		"UTF-8: \xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x89",
		"{\"json\":[1,2]}",
	};
	char name[PATH_MAX + 2];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		WV_EXPECT(mkdir(names[i], 0700) == 0 && rmdir(names[i]) == 0);
	memset(name, 'n', sizeof(name));
	name[255] = 0;
	WV_EXPECT(mkdir(name, 0700) == 0 && rmdir(name) == 0);
	name[255] = 'n';
	name[256] = 0;
	WV_FAILS(mkdir(name, 0700), ENAMETOOLONG);
	name[256] = 'n';
	name[PATH_MAX - 1] = 0;
	WV_FAILS(rmdir(name), ENAMETOOLONG);
	name[PATH_MAX - 1] = 'n';
	name[PATH_MAX + 1] = 0;
	WV_FAILS(rmdir(name), ENAMETOOLONG);
}

static void watch(void)
{
	char events[1024];
	int watcher = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	int number = inotify_add_watch(watcher, ".", IN_CREATE | IN_DELETE | IN_MOVED_TO);

	WV_EXPECT(watcher >= 0 && number > 0);
	WV_EXPECT(mkdir("watched", 0700) == 0 && rmdir("watched") == 0);
	WV_EXPECT(read(watcher, events, sizeof(events)) > 0);
	WV_EXPECT(inotify_rm_watch(watcher, number) == 0);
	close(watcher);
}

static void mount_something(void)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} file = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int number;

	WV_EXPECT(mkdir("mnt", 0755) == 0);
	WV_EXPECT(mount("a source", "mnt", "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=700") ==
		  0);
	WV_EXPECT(name_to_handle_at(AT_FDCWD, "mnt", &file.handle, &number, 0) == 0);
	WV_EXPECT(mount(NULL, "mnt", NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
	WV_FAILS(mkdir("mnt/refused", 0700), EROFS);
	WV_FAILS(mount("x", "mnt", "nosuchfs", 0, NULL), ENODEV);
	WV_EXPECT(umount2("mnt", MNT_DETACH) == 0 && rmdir("mnt") == 0);
	WV_FAILS(umount2("/tmp/calls", 0), EINVAL);
}

void wv_calls_paths(void)
{
	int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (!WV_EXPECT(dir >= 0))
		return;
	link_and_move(dir);
	change_rights(dir);
	walk(dir);
	name_strangely();
	watch();
	mount_something();
	close(dir);
}

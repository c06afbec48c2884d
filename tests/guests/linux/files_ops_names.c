// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations of the scenario "files" on names: making, moving and removing them, and going there.
 */
#define _GNU_SOURCE
#include "files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "truth.h"

long wv_file_rename(int from_dir, const char *from, int to_dir, const char *to, unsigned int flags)
{
	const char *old_path = wv_below(from_dir, from), *path = wv_below(to_dir, to);
	struct stat file = wv_look_at(from_dir, from);
	long result = wv_result(syscall(SYS_renameat2, from_dir, from, to_dir, to, flags));

	wv_file_fact("rename", path, &file, result);
	wv_fact_text("old_path", old_path);
	wv_fact_int("flags", flags);
	wv_fact_end();
	if (result == 0)
		wv_moved(old_path, path);
	return result;
}

long wv_file_link(const char *name, const char *link_name)
{
	struct stat file = wv_look_at(AT_FDCWD, name);
	long result = wv_result(link(name, link_name));

	wv_file_fact("link", wv_here(name), &file, result);
	wv_fact_text("link_path", wv_here(link_name));
	wv_fact_end();
	return result;
}

long wv_file_symlink(const char *text, const char *name)
{
	long result = wv_result(symlink(text, name));
	struct stat file = wv_look_at(AT_FDCWD, name);

	wv_file_fact("symlink", wv_here(name), &file, result);
	wv_fact_text("text", text);
	wv_fact_end();
	return result;
}

long wv_file_readlink(const char *name, size_t room)
{
	struct stat file = wv_look_at(AT_FDCWD, name);
	char *text = malloc(room);
	long result = wv_result(readlink(name, text, room));

	wv_file_fact("readlink", wv_here(name), &file, result);
	wv_fact_int("room", room);
	wv_fact_end();
	free(text);
	return result;
}

long wv_file_unlink(int dir, const char *name)
{
	struct stat file = wv_look_at(dir, name);
	long result = wv_result(unlinkat(dir, name, 0));

	wv_file_done("unlink", wv_below(dir, name), &file, result);
	return result;
}

long wv_file_rmdir(int dir, const char *name)
{
	struct stat file = wv_look_at(dir, name);
	long result = wv_result(unlinkat(dir, name, AT_REMOVEDIR));

	wv_file_done("rmdir", wv_below(dir, name), &file, result);
	return result;
}

long wv_file_mkdir(int dir, const char *name, mode_t mode)
{
	long result = wv_result(mkdirat(dir, name, mode));
	struct stat file = wv_look_at(dir, name);

	wv_file_fact("mkdir", wv_below(dir, name), result == 0 ? &file : NULL, result);
	wv_fact_int("mode", mode);
	wv_fact_end();
	return result;
}

long wv_file_mknod(const char *name, mode_t mode, dev_t device)
{
	long result = wv_result(mknod(name, mode, device));
	struct stat file = wv_look_at(AT_FDCWD, name);

	wv_file_fact("mknod", wv_here(name), result == 0 ? &file : NULL, result);
	wv_fact_int("mode", mode);
	wv_fact_int("major", major(device));
	wv_fact_int("minor", minor(device));
	wv_fact_end();
	return result;
}

long wv_file_access(int dir, const char *name, int mode)
{
	struct stat file = { 0 };
	long result = wv_result(faccessat(dir, name, mode, 0));

	wv_file_fact("access", wv_below(dir, name), &file, result);
	wv_fact_int("mode", mode);
	wv_fact_end();
	return result;
}

long wv_file_chdir(const char *name)
{
	struct stat file = wv_look_at(AT_FDCWD, name);
	const char *path = wv_here(name);
	long result = wv_result(chdir(name));

	wv_file_done("chdir", path, &file, result);
	if (result == 0)
		wv_set_here(path);
	return result;
}

long wv_file_fchdir(int fd)
{
	struct stat file = wv_look(fd);
	long result = wv_result(fchdir(fd));

	wv_file_done("chdir", wv_path_of(fd), &file, result);
	if (result == 0)
		wv_set_here(wv_path_of(fd));
	return result;
}

long wv_file_chroot(const char *name)
{
	struct stat file = wv_look_at(AT_FDCWD, name);
	const char *path = wv_here(name);
	long result = wv_result(chroot(name));

	wv_file_done("chroot", path, &file, result);
	return result;
}

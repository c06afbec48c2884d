// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations of the scenario "files" on what a file is like: permissions, owner, times, more. */
#define _GNU_SOURCE
#include "files.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "truth.h"

static void chmod_fact(const char *path, const struct stat *file, mode_t mode, long result)
{
	wv_file_fact("chmod", path, file, result);
	wv_fact_int("mode", mode);
	wv_fact_end();
}

long wv_file_chmod(const char *name, mode_t mode)
{
	struct stat file = wv_look_at(AT_FDCWD, name);
	long result = wv_result(fchmodat(AT_FDCWD, name, mode, 0));

	chmod_fact(wv_here(name), &file, mode, result);
	return result;
}

long wv_file_fchmod(int fd, mode_t mode)
{
	struct stat file = wv_look(fd);
	long result = wv_result(fchmod(fd, mode));

	chmod_fact(wv_path_of(fd), &file, mode, result);
	return result;
}

static void chown_fact(const char *path, const struct stat *file, uid_t uid, gid_t gid, long result)
{
	wv_file_fact("chown", path, file, result);
	if (uid != (uid_t)-1)
		wv_fact_int("uid", uid);
	if (gid != (gid_t)-1)
		wv_fact_int("gid", gid);
	wv_fact_end();
}

long wv_file_chown(const char *name, uid_t uid, gid_t gid)
{
	struct stat file = wv_look_at(AT_FDCWD, name);
	long result = wv_result(chown(name, uid, gid));

	chown_fact(wv_here(name), &file, uid, gid, result);
	return result;
}

long wv_file_lchown(const char *name, uid_t uid, gid_t gid)
{
	struct stat file = wv_look_at(AT_FDCWD, name);
	long result = wv_result(lchown(name, uid, gid));

	chown_fact(wv_here(name), &file, uid, gid, result);
	return result;
}

long wv_file_fchown(int fd, uid_t uid, gid_t gid)
{
	struct stat file = wv_look(fd);
	long result = wv_result(fchown(fd, uid, gid));

	chown_fact(wv_path_of(fd), &file, uid, gid, result);
	return result;
}

static void time_fact(const char *name, const struct timespec *time)
{
	if (!time || time->tv_nsec == UTIME_NOW)
		wv_fact_text(name, "now");
	else if (time->tv_nsec == UTIME_OMIT)
		wv_fact_text(name, "omit");
	else
		wv_fact_int(name, time->tv_sec);
}

long wv_file_utimes(int dir, const char *name, const struct timespec times[2], int flags)
{
	struct stat file = name ? wv_look_at(dir, name) : wv_look(dir);
	long result = wv_result(name ? utimensat(dir, name, times, flags) : futimens(dir, times));

	wv_file_fact("utimes", name ? wv_below(dir, name) : wv_path_of(dir), &file, result);
	time_fact("atime", times);
	time_fact("mtime", times ? times + 1 : NULL);
	wv_fact_end();
	return result;
}

static void set_fact(const char *path, const struct stat *file, const char *key, const void *value,
		     size_t size, int flags, long result)
{
	char hex[2 * 1024 + 1] = "";

	for (size_t i = 0; i < size && i < sizeof(hex) / 2; i++)
		snprintf(hex + 2 * i, 3, "%02x", ((const unsigned char *)value)[i]);
	wv_file_fact("setxattr", path, file, result);
	wv_fact_text("name", key);
	wv_fact_int("size", size);
	wv_fact_int("flags", flags);
	wv_fact_text("value", hex);
	wv_fact_end();
}

long wv_file_setxattr(const char *name, const char *key, const void *value, size_t size, int flags)
{
	struct stat file = wv_look_at(AT_FDCWD, name);
	long result = wv_result(setxattr(name, key, value, size, flags));

	set_fact(wv_here(name), &file, key, value, size, flags, result);
	return result;
}

long wv_file_lsetxattr(const char *name, const char *key, const void *value, size_t size, int flags)
{
	struct stat file = wv_look_at(AT_FDCWD, name);
	long result = wv_result(lsetxattr(name, key, value, size, flags));

	set_fact(wv_here(name), &file, key, value, size, flags, result);
	return result;
}

long wv_file_fsetxattr(int fd, const char *key, const void *value, size_t size, int flags)
{
	struct stat file = wv_look(fd);
	long result = wv_result(fsetxattr(fd, key, value, size, flags));

	set_fact(wv_path_of(fd), &file, key, value, size, flags, result);
	return result;
}

static void remove_fact(const char *path, const struct stat *file, const char *key, long result)
{
	wv_file_fact("removexattr", path, file, result);
	wv_fact_text("name", key);
	wv_fact_end();
}

long wv_file_removexattr(const char *name, const char *key)
{
	struct stat file = wv_look_at(AT_FDCWD, name);
	long result = wv_result(removexattr(name, key));

	remove_fact(wv_here(name), &file, key, result);
	return result;
}

long wv_file_fremovexattr(int fd, const char *key)
{
	struct stat file = wv_look(fd);
	long result = wv_result(fremovexattr(fd, key));

	remove_fact(wv_path_of(fd), &file, key, result);
	return result;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* What the scenario "files" knows of its files, and how it says what it did. */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "truth.h"

#define FDS   64
#define TEXTS 16

static struct {
	char path[2 * PATH_MAX];
	off_t position;
} open_files[FDS];

static char here[2 * PATH_MAX] = "/";

static const char *join(const char *folder, const char *name)
{
	static char texts[TEXTS][3 * PATH_MAX];
	static unsigned int turn;
	char *text = texts[turn++ % TEXTS];

	if (*name == '/')
		folder = "";
	snprintf(text, sizeof(texts[0]), "%s%s%s", strcmp(folder, "/") == 0 ? "" : folder,
		 *name && *name != '/' ? "/" : "", name);
	return *text ? text : "/";
}

const char *wv_here(const char *name)
{
	return join(here, name);
}

const char *wv_path_of(int fd)
{
	return fd >= 0 && fd < FDS ? open_files[fd].path : "";
}

const char *wv_below(int dir, const char *name)
{
	return dir == AT_FDCWD ? wv_here(name) : join(wv_path_of(dir), name);
}

static void set_text(char *to, size_t room, const char *text)
{
	memmove(to, text, strnlen(text, room - 1) + 1);
	to[room - 1] = 0;
}

void wv_opened(int fd, const char *path)
{
	if (!WV_EXPECT(fd >= 0 && fd < FDS))
		return;
	set_text(open_files[fd].path, sizeof(open_files[fd].path), path);
	open_files[fd].position = 0;
}

void wv_closed(int fd)
{
	if (fd >= 0 && fd < FDS)
		open_files[fd].path[0] = 0;
}

off_t wv_position(int fd)
{
	return open_files[fd].position;
}

void wv_set_position(int fd, off_t position)
{
	open_files[fd].position = position;
}

void wv_set_here(const char *path)
{
	set_text(here, sizeof(here), path);
}

static void move(char *path, size_t room, const char *from, const char *to)
{
	size_t length = strlen(from);
	char moved[3 * PATH_MAX];

	if (strncmp(path, from, length) != 0 || (path[length] != '/' && path[length] != 0))
		return;
	snprintf(moved, sizeof(moved), "%s%s", to, path + length);
	set_text(path, room, moved);
}

void wv_moved(const char *from, const char *to)
{
	for (int fd = 0; fd < FDS; fd++)
		move(open_files[fd].path, sizeof(open_files[fd].path), from, to);
	move(here, sizeof(here), from, to);
}

struct stat wv_look(int fd)
{
	struct stat file = { 0 };

	if (fd >= 0 && fstat(fd, &file) < 0)
		memset(&file, 0, sizeof(file));
	return file;
}

struct stat wv_look_at(int dir, const char *name)
{
	struct stat file = { 0 };

	if (fstatat(dir, name, &file, AT_SYMLINK_NOFOLLOW) < 0)
		memset(&file, 0, sizeof(file));
	return file;
}

long wv_result(long result)
{
	return result == -1 ? -errno : result;
}

void wv_file_fact(const char *what, const char *path, const struct stat *file, long result)
{
	char thread[16];

	prctl(PR_GET_NAME, thread);
	wv_fact("file");
	wv_fact_text("op", what);
	wv_fact_int("pid", getpid());
	wv_fact_int("tid", gettid());
	wv_fact_int("ppid", getppid());
	wv_fact_int("user", getuid());
	wv_fact_text("thread", thread);
	wv_fact_text("path", path);
	if (file && file->st_mode) {
		wv_fact_int("st_mode", file->st_mode);
		wv_fact_int("st_uid", file->st_uid);
		wv_fact_int("st_gid", file->st_gid);
	}
	wv_fact_int("result", result);
}

void wv_open_file_fact(const char *what, int fd, const struct stat *file, long result)
{
	wv_file_fact(what, wv_path_of(fd), file, result);
	wv_fact_hex("f_flags", fcntl(fd, F_GETFL));
}

void wv_file_done(const char *what, const char *path, const struct stat *file, long result)
{
	wv_file_fact(what, path, file, result);
	wv_fact_end();
}

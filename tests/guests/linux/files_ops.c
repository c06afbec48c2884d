// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations of the scenario "files" on open files and their data. */
#define _GNU_SOURCE
#include "files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "truth.h"

void wv_file_open_fact(const char *real, int flags, mode_t mode, long result)
{
	struct stat file = wv_look(result);

	if (result >= 0) {
		wv_opened(result, real);
		wv_open_file_fact("open", result, &file, 0);
	} else {
		wv_file_fact("open", real, NULL, result);
	}
	wv_fact_hex("flags", (unsigned int)flags);
	wv_fact_int("mode", mode);
}

static int opened(const char *real, int dir, const char *name, int flags, mode_t mode)
{
	bool was_there = wv_look_at(dir, name).st_mode != 0;
	int fd = wv_result(openat(dir, name, flags, mode));

	wv_file_open_fact(real, flags, mode, fd);
	wv_fact_bool("existed", was_there);
	wv_fact_end();
	return fd;
}

int wv_file_open_as(const char *real, int dir, const char *name, int flags, mode_t mode)
{
	return opened(real, dir, name, flags, mode);
}

int wv_file_open(int dir, const char *name, int flags, mode_t mode)
{
	return opened(wv_below(dir, name), dir, name, flags, mode);
}

void wv_file_close_fact(int fd, const char *how, const struct stat *file, int flags)
{
	wv_file_fact("close", wv_path_of(fd), file, 0);
	wv_fact_text("how", how);
	wv_fact_hex("f_flags", flags);
	wv_fact_end();
	wv_closed(fd);
}

long wv_file_close(int fd)
{
	struct stat file = wv_look(fd);
	int flags = fcntl(fd, F_GETFL);
	long result = wv_result(close(fd));

	if (WV_EXPECT(result == 0))
		wv_file_close_fact(fd, "close", &file, flags);
	return result;
}

void wv_file_io_fact(const char *what, int fd, const struct stat *file, size_t count,
		     off_t position, long result)
{
	wv_open_file_fact(what, fd, file, result);
	wv_fact_int("count", count);
	if (position >= 0)
		wv_fact_int("pos", position);
	wv_fact_end();
}

/* The calls that read and write, which all take their arguments in this order, or fewer. */
static const struct {
	bool vector;   /* the bytes are in several parts */
	bool position; /* they do not begin where the descriptor stands */
	long flags;
	long calls[2]; /* to read and to write */
} ways[] = {
	[WV_PLAIN] = { .calls = { SYS_read, SYS_write } },
	[WV_AT] = { .position = true, .calls = { SYS_pread64, SYS_pwrite64 } },
	[WV_VECTOR] = { .vector = true, .calls = { SYS_readv, SYS_writev } },
	[WV_VECTOR_AT] = { true, true, 0, { SYS_preadv, SYS_pwritev } },
	[WV_VECTOR_FLAGS] = { true, false, RWF_DSYNC, { SYS_preadv2, SYS_pwritev2 } },
};

/* Where the descriptor stands afterwards. */
static off_t position_after(int fd, bool writes, long result)
{
	struct stat file = wv_look(fd);

	return writes && fcntl(fd, F_GETFL) & O_APPEND && S_ISREG(file.st_mode)
		       ? file.st_size
		       : wv_position(fd) + result;
}

static long read_or_write(bool writes, int fd, enum wv_way way, void *data, size_t count,
			  off_t position)
{
	static const char *const names[2][2] = { { "read", "readv" }, { "write", "writev" } };
	const struct iovec parts[] = { { data, count / 3 },
				       { (char *)data + count / 3, count - count / 3 } };
	bool vector = ways[way].vector, own = ways[way].position;
	struct stat file = wv_look(fd);
	off_t from = own ? position : wv_position(fd);
	long result =
		wv_result(syscall(ways[way].calls[writes], fd, vector ? parts : data,
				  vector ? 2 : count, own ? position : -1, 0L, ways[way].flags));

	wv_file_io_fact(names[writes][vector], fd, &file, count, S_ISFIFO(file.st_mode) ? -1 : from,
			result);
	if (result > 0 && !own)
		wv_set_position(fd, position_after(fd, writes, result));
	return result;
}

long wv_file_read(int fd, enum wv_way way, size_t count, off_t position)
{
	char *data = calloc(1, count + 1);
	long result = read_or_write(false, fd, way, data, count, position);

	free(data);
	return result;
}

long wv_file_write(int fd, enum wv_way way, const void *data, size_t count, off_t position)
{
	return read_or_write(true, fd, way, (void *)data, count, position);
}

/* One end of a transfer. */
static void transfer_end(bool out, int fd, off_t position)
{
	static const char *const keys[2][6] = {
		{ "in_path", "in_at", "in_flags", "in_mode", "in_uid", "in_gid" },
		{ "out_path", "out_at", "out_flags", "out_mode", "out_uid", "out_gid" },
	};
	struct stat file = wv_look(fd);

	if (position < 0)
		return;
	wv_fact_text(keys[out][0], wv_path_of(fd));
	wv_fact_int(keys[out][1], position);
	wv_fact_hex(keys[out][2], fcntl(fd, F_GETFL));
	wv_fact_int(keys[out][3], file.st_mode);
	wv_fact_int(keys[out][4], file.st_uid);
	wv_fact_int(keys[out][5], file.st_gid);
}

void wv_file_transfer_fact(const char *how, int in, off_t in_at, int out, off_t out_at,
			   size_t asked, long result)
{
	wv_file_fact("transfer", "", NULL, result);
	wv_fact_text("how", how);
	transfer_end(false, in, in_at);
	transfer_end(true, out, out_at);
	wv_fact_int("asked", asked);
	wv_fact_end();
}

long wv_file_seek(int fd, off_t offset, int whence)
{
	struct stat file = wv_look(fd);
	long result = wv_result(lseek(fd, offset, whence));

	wv_open_file_fact("lseek", fd, &file, result);
	wv_fact_int("offset", offset);
	wv_fact_int("whence", whence);
	wv_fact_end();
	if (result >= 0)
		wv_set_position(fd, result);
	return result;
}

void *wv_file_map(int fd, size_t length, int prot, int flags, off_t offset)
{
	struct stat file = wv_look(fd);
	void *address = mmap(NULL, length, prot, flags, fd, offset);
	long result = address == MAP_FAILED ? wv_result(-1) : 0;

	wv_open_file_fact("mmap", fd, &file, result);
	wv_fact_int("length", length);
	wv_fact_int("prot", prot);
	wv_fact_hex("flags", flags);
	wv_fact_int("offset", offset);
	if (result == 0)
		wv_fact_hex("addr", (unsigned long)address);
	wv_fact_end();
	return result == 0 ? address : NULL;
}

long wv_file_truncate(const char *name, off_t length)
{
	struct stat file = wv_look_at(AT_FDCWD, name);
	long result = wv_result(truncate(name, length));

	wv_file_fact("truncate", wv_here(name), &file, result);
	wv_fact_int("length", length);
	wv_fact_end();
	return result;
}

long wv_file_ftruncate(int fd, off_t length)
{
	struct stat file = wv_look(fd);
	long result = wv_result(ftruncate(fd, length));

	wv_open_file_fact("truncate", fd, &file, result);
	wv_fact_int("length", length);
	wv_fact_end();
	return result;
}

long wv_file_allocate(int fd, int mode, off_t offset, off_t length)
{
	struct stat file = wv_look(fd);
	long result = wv_result(fallocate(fd, mode, offset, length));

	wv_open_file_fact("fallocate", fd, &file, result);
	wv_fact_int("mode", mode);
	wv_fact_int("offset", offset);
	wv_fact_int("length", length);
	wv_fact_end();
	return result;
}

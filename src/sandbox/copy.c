/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copying a file by its pieces of data. */
#define _GNU_SOURCE
#include "sandbox/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/** Where the kernel can not copy by itself, between two file systems say. */
static ssize_t copy_by_hand(int in, int out, off_t at, size_t size)
{
	static char buffer[1 << 20];
	ssize_t got = pread(in, buffer, MIN(size, sizeof(buffer)), at);

	return got <= 0 ? got : pwrite(out, buffer, (size_t)got, at);
}

static bool copy_piece(int in, int out, off_t start, off_t end)
{
	while (start < end) {
		off_t from = start, to = start;
		ssize_t copied = copy_file_range(in, &from, out, &to, (size_t)(end - start), 0);

		if (copied < 0)
			copied = copy_by_hand(in, out, start, (size_t)(end - start));
		if (copied < 0 && errno == EINTR)
			continue;
		if (copied < 0)
			return false;
		if (copied == 0) /* it has become shorter meanwhile */
			break;
		start += copied;
	}
	return true;
}

static bool copy(int in, int out)
{
	struct stat info;
	off_t data, hole = 0;

	if (fstat(in, &info) < 0 || ftruncate(out, info.st_size) < 0)
		return false;
	while (hole < info.st_size) {
		data = lseek(in, hole, SEEK_DATA);
		if (data < 0)
			return errno == ENXIO; /* nothing but a hole is left */
		hole = lseek(in, data, SEEK_HOLE);
		if (hole < 0 || !copy_piece(in, out, data, hole))
			return false;
	}
	return true;
}

bool wv_copy_sparse(const char *from, const char *to, GError **error)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	bool copied = out >= 0 && copy(in, out);

	if (!copied)
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "cannot copy %s: %s", from,
			    g_strerror(errno));
	if (out >= 0 && !copied)
		unlink(to);
	if (out >= 0)
		close(out);
	if (in >= 0)
		close(in);
	return copied;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing all of something. */
#include "base/write.h"

#include <errno.h>
#include <unistd.h>

bool wv_write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t written = write(fd, at, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		at += written;
		size -= (size_t)written;
	}
	return true;
}

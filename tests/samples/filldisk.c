/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes files of 1 MiB until there is no room, says how many, and ends with the status 7. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sample.h"

#define SIZE ((size_t)1 << 20)

/** 0, or why not all of it was written. */
static int write_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t done = write(fd, data, size);

		if (done < 0)
			return errno;
		data += done;
		size -= (size_t)done;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static char block[SIZE];
	unsigned files = 0;
	int error = 0;

	only_in_a_guest(argc, argv);
	memset(block, 'x', sizeof(block));
	while (error == 0) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/tmp/filled-%u", files);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (fd < 0) {
			error = errno;
			break;
		}
		error = write_all(fd, block, sizeof(block));
		files += error == 0;
		close(fd);
	}
	printf("%u files: %s\n", files, strerror(error));
	return error == ENOSPC ? 7 : 1;
}

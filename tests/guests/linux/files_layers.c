// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The group "layers" of the scenario "files": files that an overlay has from its lower layer, which
 * each first change copies to the upper one. What the kernel does for that is nobody's operation.
 */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "truth.h"

void wv_files_layers(void)
{
	int fd = wv_file_open(AT_FDCWD, "read", O_RDONLY, 0);

	WV_EXPECT(wv_file_read(fd, WV_PLAIN, 100, 0) == 4);
	wv_file_close(fd);
	fd = wv_file_open(AT_FDCWD, "write", O_RDWR, 0);
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, "new", 3, 0) == 3);
	wv_file_close(fd);
	WV_EXPECT(wv_file_chmod("chmod", 0600) == 0);
	WV_EXPECT(wv_file_truncate("truncate", 2) == 0);
	WV_EXPECT(wv_file_setxattr("setxattr", "trusted.wyvern", "x", 1, 0) == 0);
	WV_EXPECT(wv_file_link("link", "linked") == 0);
	WV_EXPECT(wv_file_rename(AT_FDCWD, "rename", AT_FDCWD, "renamed", 0) == 0);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "unlink") == 0);
	fd = wv_file_open(AT_FDCWD, "unlink", O_CREAT | O_RDWR, 0640);
	wv_file_close(fd);
	WV_EXPECT(wv_file_rmdir(AT_FDCWD, "rmdir") == 0);
	WV_EXPECT(wv_file_mkdir(AT_FDCWD, "rmdir", 0700) == 0);
}

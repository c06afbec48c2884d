// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations of the scenario "files" on mounts, and files that never have a name. */
#define _GNU_SOURCE
#include "files.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "truth.h"

/* linux/mount.h, which can not be had together with sys/mount.h everywhere. */
#define MOVE_MOUNT_EMPTY_PATH 4

long wv_file_mount(const char *device, const char *path, const char *type, unsigned long flags,
		   const char *data)
{
	struct stat file = wv_look_at(AT_FDCWD, path);
	long result = wv_result(mount(device, path, type, flags, data));

	wv_file_fact("mount", path, &file, result);
	wv_fact_text("device", device ? device : "");
	wv_fact_text("type", type ? type : "");
	wv_fact_hex("flags", flags);
	wv_fact_end();
	return result;
}

long wv_file_umount(const char *path, int flags)
{
	struct stat file = wv_look_at(AT_FDCWD, path);
	long result = wv_result(umount2(path, flags));

	wv_file_fact("umount", path, &file, result);
	wv_fact_int("flags", flags);
	wv_fact_end();
	return result;
}

long wv_file_move_mount(int from, const char *from_name, const char *from_path, const char *to)
{
	struct stat file = wv_look_at(AT_FDCWD, to);
	long result = wv_result(syscall(SYS_move_mount, from, from_name, AT_FDCWD, to,
					*from_name ? 0 : MOVE_MOUNT_EMPTY_PATH));

	wv_file_fact("move_mount", to, &file, result);
	wv_fact_text("old_path", from_path);
	wv_fact_end();
	return result;
}

int wv_file_memfd(const char *name, unsigned int flags)
{
	int fd = wv_result(memfd_create(name, flags));
	char path[300];

	snprintf(path, sizeof(path), "/memfd:%s", name);
	wv_file_fact("memfd", path, NULL, fd);
	wv_fact_hex("flags", flags);
	wv_fact_end();
	if (fd >= 0)
		wv_opened(fd, path);
	return fd;
}

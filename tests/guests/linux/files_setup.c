// SPDX-License-Identifier: GPL-2.0-or-later
/* Mounts the file system that the scenarios "files" and "deleted" work on. */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "truth.h"

#define LAYERS                                                                                     \
	"lowerdir=" WV_FILES_LOWER ",upperdir=" WV_FILES_DISK "/upper,workdir=" WV_FILES_DISK      \
	"/work"

static void put(const char *name)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), WV_FILES_LOWER "/layers/%s", name);
	fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);
	WV_EXPECT(fd >= 0 && write(fd, name, strlen(name)) == (ssize_t)strlen(name));
	close(fd);
}

/* What the group "layers" finds. */
static void make_layers(void)
{
	static const char *const folders[] = { WV_FILES_LOWER, WV_FILES_DISK "/upper",
					       WV_FILES_DISK "/work", WV_FILES_LOWER "/layers",
					       WV_FILES_LOWER "/layers/rmdir" };
	static const char *const names[] = { "read",	 "write", "chmod",  "truncate",
					     "setxattr", "link",  "rename", "unlink" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		WV_EXPECT(mkdir(folders[i], 0755) == 0 || errno == EEXIST);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		put(names[i]);
}

static bool set_up_overlay(const char *device)
{
	mkdir(WV_FILES_DISK, 0755);
	if (!WV_EXPECT(mount(device ? device : "none", WV_FILES_DISK, device ? "ext4" : "tmpfs", 0,
			     NULL) == 0))
		return false;
	make_layers();
	return WV_EXPECT(mount("overlay", WV_FILES_DIR, "overlay", 0, LAYERS) == 0);
}

bool wv_files_set_up(const char *system, const char *device)
{
	mkdir(WV_FILES_DIR, 0755);
	mkdir(WV_FILES_AUX, 0755);
	if (strcmp(system, "overlay") == 0)
		return set_up_overlay(device);
	return WV_EXPECT(mount(device ? device : "none", WV_FILES_DIR, system, 0, NULL) == 0);
}

void wv_files_take_down(void)
{
	WV_EXPECT(umount(WV_FILES_DIR) == 0);
	WV_EXPECT(umount(WV_FILES_DISK) == 0 || errno == EINVAL || errno == ENOENT);
}

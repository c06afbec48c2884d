/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest whose root is a disk: finds the root on it and leaves the initramfs for it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "launcher/launcher.h"

#define NEW_ROOT       WV_LAUNCHER_FOLDER "/root"
#define DISK	       "/dev/vda"
#define PARTITIONS_MAX 128
#define WAIT_MS	       10000

bool wv_is_disk(void)
{
	return access(WV_LAUNCHER_FOLDER "/disk", F_OK) == 0;
}

static bool wait_for(const char *device)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };

	for (int ms = 0; ms < WAIT_MS; ms += 10) {
		if (access(device, F_OK) == 0)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* An absolute symbolic link leads astray here, so the last name is not followed. */
static bool is_root(void)
{
	static const char *const signs[] = { "/bin/sh", "/sbin/init", "/usr/bin/sh" };
	struct stat info;

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		char path[64];

		snprintf(path, sizeof(path), NEW_ROOT "%s", signs[i]);
		if (lstat(path, &info) == 0)
			return true;
	}
	return false;
}

/* Where each says what it is: ext4's and xfs's superblock, btrfs's first one. */
static const struct {
	const char *type;
	off_t offset;
	const char *magic;
	size_t length;
} superblocks[] = {
	{ "ext4", 1024 + 56, "\x53\xef", 2 },
	{ "xfs", 0, "XFSB", 4 },
	{ "btrfs", 65536 + 64, "_BHRfS_M", 8 },
};

const char *wv_file_system_of(const char *device)
{
	int fd = open(device, O_RDONLY | O_CLOEXEC);
	const char *type = NULL;

	for (size_t i = 0; fd >= 0 && !type && i < sizeof(superblocks) / sizeof(*superblocks);
	     i++) {
		char magic[8];

		if (pread(fd, magic, superblocks[i].length, superblocks[i].offset) ==
			    (ssize_t)superblocks[i].length &&
		    memcmp(magic, superblocks[i].magic, superblocks[i].length) == 0)
			type = superblocks[i].type;
	}
	if (fd >= 0)
		close(fd);
	return type;
}

/* What systems on btrfs have their root in, where it is not what is mounted without a word. */
static const char *const subvolumes[] = { NULL, "subvol=@", "subvol=@rootfs", "subvol=root" };

/* False: it is no root; `why` says so of a device that has a file system. */
static bool mount_root(const char *device, struct wv_why *why)
{
	const char *type = wv_file_system_of(device);
	size_t n =
		type && strcmp(type, "btrfs") == 0 ? sizeof(subvolumes) / sizeof(*subvolumes) : 1;

	if (!type || !wv_load_modules(type, why))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (mount(device, NEW_ROOT, type, MS_SILENT, subvolumes[i]) != 0) {
			/* Most have no such subvolume. */
			if (i == 0)
				wv_why(why, "can not mount the %s of %s: %s", type, device,
				       strerror(errno));
			continue;
		}
		if (is_root())
			return true;
		umount2(NEW_ROOT, MNT_DETACH);
		wv_why(why, "the %s of %s has neither /bin/sh nor /sbin/init", type, device);
	}
	return false;
}

static bool find_root(struct wv_why *why)
{
	if (mkdir(WV_LAUNCHER_FOLDER, 0755) != 0 && errno != EEXIST)
		return wv_why(why, "can not make " WV_LAUNCHER_FOLDER ": %s", strerror(errno));
	if (mkdir(NEW_ROOT, 0755) != 0 && errno != EEXIST)
		return wv_why(why, "can not make " NEW_ROOT ": %s", strerror(errno));
	wv_why(why, "the disk has no file system that is known here: ext4, xfs and btrfs are");
	if (mount_root(DISK, why))
		return true;
	for (int i = 1; i <= PARTITIONS_MAX; i++) {
		char device[32];

		snprintf(device, sizeof(device), DISK "%d", i);
		if (access(device, F_OK) == 0 && mount_root(device, why))
			return true;
	}
	return false;
}

static void remove_at(int folder, const char *name, dev_t device)
{
	struct stat info;

	if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0 || info.st_dev != device)
		return;
	if (!S_ISDIR(info.st_mode)) {
		unlinkat(folder, name, 0);
		return;
	}
	wv_remove_below(openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	unlinkat(folder, name, AT_REMOVEDIR);
}

void wv_remove_below(int fd)
{
	const struct dirent *entry;
	struct stat own;
	DIR *folder;

	if (fd < 0)
		return;
	folder = fdopendir(fd);
	if (!folder || fstat(fd, &own) != 0) {
		close(fd);
		return;
	}
	while ((entry = readdir(folder))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove_at(fd, entry->d_name, own.st_dev);
	}
	closedir(folder);
}

static bool carry_over(const char *where, struct wv_why *why)
{
	char to[64];

	snprintf(to, sizeof(to), NEW_ROOT "%s", where);
	mkdir(to, 0755);
	if (mount(where, to, NULL, MS_MOVE, NULL) != 0)
		return wv_why(why, "can not move %s to the disk's root: %s", where,
			      strerror(errno));
	return true;
}

bool wv_switch_to_disk(struct wv_why *why)
{
	int old;

	if (!wait_for(DISK))
		return wv_why(why, "the disk " DISK " does not appear");
	if (!find_root(why))
		return false;
	if (!carry_over("/dev", why) || !carry_over("/proc", why) || !carry_over("/sys", why))
		return false;
	old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* As switch_root(8): the new root over the old one, whose files are memory wasted. */
	if (chdir(NEW_ROOT) != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 ||
	    chdir("/") != 0) {
		if (old >= 0)
			close(old);
		return wv_why(why, "can not make the disk the root: %s", strerror(errno));
	}
	wv_remove_below(old);
	return true;
}

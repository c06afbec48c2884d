// SPDX-License-Identifier: GPL-2.0-or-later
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

bool wv_command_line_has(const char *word)
{
	char line[4096] = "", *rest = line, *token;
	FILE *file = fopen("/proc/cmdline", "re");

	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	while ((token = strsep(&rest, " \t\n"))) {
		if (strcmp(token, word) == 0)
			return true;
	}
	return false;
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

/* Sets *some when the device has a file system that could be mounted, root or not. */
static bool mount_root(const char *device, bool *some)
{
	static const char *const types[] = { "ext4", "xfs", "btrfs", "ext3", "ext2", "vfat" };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (mount(device, NEW_ROOT, types[i], MS_SILENT, NULL) != 0)
			continue;
		*some = true;
		if (is_root())
			return true;
		umount2(NEW_ROOT, MNT_DETACH);
	}
	return false;
}

static bool find_root(struct wv_why *why)
{
	bool some = false;

	if (mkdir(WV_LAUNCHER_FOLDER, 0755) != 0 && errno != EEXIST)
		return wv_why(why, "can not make " WV_LAUNCHER_FOLDER ": %s", strerror(errno));
	if (mkdir(NEW_ROOT, 0755) != 0 && errno != EEXIST)
		return wv_why(why, "can not make " NEW_ROOT ": %s", strerror(errno));
	if (mount_root(DISK, &some))
		return true;
	for (int i = 1; i <= PARTITIONS_MAX; i++) {
		char device[32];

		snprintf(device, sizeof(device), DISK "%d", i);
		if (access(device, F_OK) == 0 && mount_root(device, &some))
			return true;
	}
	return wv_why(why, some ? "no file system of the disk has /bin/sh or /sbin/init"
				: "the disk has no file system that this kernel can mount");
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

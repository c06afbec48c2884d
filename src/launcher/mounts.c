/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file systems that a running Linux has, and the launcher's own traces in them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/launcher.h"

struct file_system {
	const char *where;
	const char *type;
	mode_t mode;
	unsigned long flags;
	const char *options;
};

static const struct file_system first[] = {
	{ "/proc", "proc", 0555, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "/sys", "sysfs", 0555, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "/dev", "devtmpfs", 0755, MS_NOSUID, "mode=0755" },
};

static const struct file_system rest[] = {
	{ "/dev/pts", "devpts", 0755, MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666" },
	{ "/dev/shm", "tmpfs", 01777, MS_NOSUID | MS_NODEV, "mode=1777" },
	{ "/run", "tmpfs", 0755, MS_NOSUID | MS_NODEV, "mode=0755" },
};

/* What udev makes beside the kernel's own nodes. */
static const struct {
	const char *name;
	const char *target;
} links[] = {
	{ "/dev/fd", "/proc/self/fd" },
	{ "/dev/stdin", "/proc/self/fd/0" },
	{ "/dev/stdout", "/proc/self/fd/1" },
	{ "/dev/stderr", "/proc/self/fd/2" },
};

static bool mount_one(const struct file_system *fs, struct wv_why *why)
{
	mkdir(fs->where, fs->mode);
	if (mount(fs->type, fs->where, fs->type, fs->flags, fs->options) == 0 || errno == EBUSY)
		return true;
	return wv_why(why, "can not mount %s on %s: %s", fs->type, fs->where, strerror(errno));
}

/* The initramfs need not have had a console for the kernel to open. */
static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	if (fd < 0)
		return;
	for (int i = 0; i <= STDERR_FILENO; i++)
		dup2(fd, i);
	if (fd > STDERR_FILENO)
		close(fd);
}

bool wv_mount_first(struct wv_why *why)
{
	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++) {
		if (!mount_one(&first[i], why))
			return false;
	}
	open_console();
	return true;
}

void wv_mount_rest(void)
{
	struct wv_why why;
	struct stat info;

	for (size_t i = 0; i < sizeof(rest) / sizeof(*rest); i++) {
		if (!mount_one(&rest[i], &why))
			wv_say(why.text);
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		if (symlink(links[i].target, links[i].name) != 0 && errno != EEXIST)
			return;
	}
	/* umask(2) does not go for chmod. */
	if (stat("/tmp", &info) != 0 && mkdir("/tmp", 01777) == 0)
		chmod("/tmp", 01777);
}

void wv_remove_traces(void)
{
	struct stat own, init;

	if (stat("/proc/self/exe", &own) == 0 && lstat("/init", &init) == 0 &&
	    own.st_dev == init.st_dev && own.st_ino == init.st_ino)
		unlink("/init");
	wv_remove_below(open(WV_LAUNCHER_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	rmdir(WV_LAUNCHER_FOLDER);
}

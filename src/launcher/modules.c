/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel modules: the drivers and file systems that the kernel does not have built in. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/launcher.h"

#define FOLDER WV_LAUNCHER_FOLDER "/modules/"

static bool load(const char *name, struct wv_why *why)
{
	char path[PATH_MAX];
	int fd, error = 0;

	snprintf(path, sizeof(path), FOLDER "%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return wv_why(why, "can not open the kernel module %s: %s", name, strerror(errno));
	if (syscall(SYS_finit_module, fd, "", 0) != 0)
		error = errno;
	close(fd);
	if (error && error != EEXIST)
		return wv_why(why, "the kernel does not take its module %s: %s", name,
			      strerror(error));
	return true;
}

bool wv_load_modules(const char *list, struct wv_why *why)
{
	char path[PATH_MAX], line[256];
	bool ok = true;
	FILE *file;

	snprintf(path, sizeof(path), FOLDER "%s", list);
	file = fopen(path, "re");
	if (!file)
		return true;
	while (ok && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line)
			ok = load(line, why);
	}
	fclose(file);
	return ok;
}

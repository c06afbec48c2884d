/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The root that a guest has unless the user gives one: busybox, and the files that users exist by.
 */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "sandbox/root_parts.h"

#define PROGRAM	    "bin/busybox"
#define APPLETS_MAX 2000

static const struct {
	const char *path;
	mode_t mode;
	uint64_t owner;
} folders[] = {
	{ "bin", 0755, 0 },	     { "etc", 0755, 0 },  { "home", 0755, 0 },
	{ "home/user", 0755, 1000 }, { "lib", 0755, 0 },  { "mnt", 0755, 0 },
	{ "opt", 0755, 0 },	     { "root", 0700, 0 }, { "sbin", 0755, 0 },
	{ "tmp", 01777, 0 },	     { "usr", 0755, 0 },  { "usr/bin", 0755, 0 },
	{ "usr/sbin", 0755, 0 },     { "var", 0755, 0 },  { "var/log", 0755, 0 },
	{ "var/tmp", 01777, 0 },
};

static const struct {
	const char *path;
	const char *text;
	mode_t mode;
} texts[] = {
	{ "etc/passwd",
	  "root:x:0:0:root:/root:/bin/sh\n"
	  "nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"
	  "user:x:1000:1000:user:/home/user:/bin/sh\n",
	  0644 },
	/* nobody can log in; the file is there for those who look for it */
	{ "etc/shadow",
	  "root:*:19700:0:99999:7:::\n"
	  "nobody:*:19700:0:99999:7:::\n"
	  "user:*:19700:0:99999:7:::\n",
	  0600 },
	{ "etc/group",
	  "root:x:0:\n"
	  "tty:x:5:\n"
	  "nogroup:x:65534:\n"
	  "user:x:1000:\n",
	  0644 },
	{ "etc/hostname", "debian\n", 0644 },
	{ "etc/hosts", "127.0.0.1\tlocalhost debian\n", 0644 },
};

static bool add_applet(struct wv_cpio *cpio, const char *path, int64_t mtime, GError **error)
{
	const struct wv_cpio_entry entry = {
		.path = path, .mode = S_IFLNK | 0777, .mtime = mtime, .target = "/" PROGRAM
	};

	return wv_root_left_out(path) || strcmp(path, PROGRAM) == 0 ||
	       wv_cpio_add(cpio, &entry, NULL, error);
}

/* busybox itself says what it can be called, and where each name belongs. */
static bool add_applets(struct wv_cpio *cpio, const char *busybox, int64_t mtime, GError **error)
{
	char *command[] = { (char *)busybox, (char *)"--list-full", NULL };
	g_autofree char *output = NULL;
	g_auto(GStrv) lines = NULL;
	g_autoptr(GError) failed = NULL;
	bool shell = false, ok = true;
	int status;

	if (!g_spawn_sync(NULL, command, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output,
			  NULL, &status, &failed) ||
	    !g_spawn_check_wait_status(status, &failed)) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s is no busybox that runs here: %s",
			    busybox, failed->message);
		return false;
	}
	lines = g_strsplit(output, "\n", APPLETS_MAX);
	for (char **line = lines; ok && *line; line++) {
		g_autofree char *clean = NULL;

		if (!**line)
			continue;
		clean = wv_cpio_clean(*line, error);
		ok = clean && add_applet(cpio, clean, mtime, error);
		shell |= ok && strcmp(clean, "bin/sh") == 0;
	}
	if (ok && !shell) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s has no shell", busybox);
		return false;
	}
	return ok;
}

static bool add_text(struct wv_cpio *cpio, const char *path, const char *text, mode_t mode,
		     int64_t mtime, GError **error)
{
	const struct wv_cpio_entry entry = {
		.path = path, .mode = S_IFREG | mode, .size = strlen(text), .mtime = mtime
	};

	return wv_cpio_add(cpio, &entry, NULL, error) &&
	       wv_cpio_data(cpio, text, strlen(text), error);
}

bool wv_root_add_busybox(struct wv_cpio *cpio, const char *busybox, GError **error)
{
	GStatBuf info = { 0 };
	int64_t mtime;

	/* All of it is as old as the program, as if both had been installed at once. */
	g_stat(busybox, &info);
	mtime = info.st_mtime;
	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		const struct wv_cpio_entry entry = {
			.path = folders[i].path,
			.mode = S_IFDIR | folders[i].mode,
			.uid = folders[i].owner,
			.gid = folders[i].owner,
			.mtime = mtime,
		};

		if (!wv_cpio_add(cpio, &entry, NULL, error))
			return false;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		if (!add_text(cpio, texts[i].path, texts[i].text, texts[i].mode, mtime, error))
			return false;
	}
	return wv_root_add_file(cpio, PROGRAM, 0755, busybox, error) &&
	       add_applets(cpio, busybox, mtime, error);
}

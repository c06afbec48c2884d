/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Roots: what kind one is, and the putting together of an initramfs. */
#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "sandbox/root.h"
#include "sandbox/root_archive.h"
#include "sandbox/root_parts.h"

static bool is_below(const char *path, const char *folder, bool itself)
{
	size_t length = strlen(folder);

	return strncmp(path, folder, length) == 0 &&
	       (path[length] == '/' || (itself && !path[length]));
}

bool wv_root_left_out(const char *path)
{
	return strcmp(path, "init") == 0 || is_below(path, "wyvern", true) ||
	       is_below(path, "proc", false) || is_below(path, "sys", false) ||
	       is_below(path, "dev", false);
}

/* The file's start, and its size. False: it can not be read. */
static bool look(const char *path, uint8_t magic[4], struct stat *info, GError **error)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	bool ok = fd >= 0 && fstat(fd, info) == 0;

	memset(magic, 0, 4);
	if (ok && S_ISREG(info->st_mode))
		ok = pread(fd, magic, 4, 0) >= 0;
	if (!ok)
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "can not read %s: %s", path,
			    g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool is_tar(const char *path)
{
	struct archive *archive = wv_archive_open(path, WV_ARCHIVE_TAR, NULL);
	struct archive_entry *entry;
	int result;

	if (!archive)
		return false;
	result = archive_read_next_header(archive, &entry);
	archive_read_free(archive);
	/* A disk that begins with zeros looks like a tar without any entry: that is the end. */
	return result != ARCHIVE_EOF && result >= ARCHIVE_WARN;
}

static bool is_compressed(const char *path)
{
	struct archive *archive = wv_archive_open(path, WV_ARCHIVE_RAW, NULL);
	struct archive_entry *entry;
	bool compressed;

	if (!archive)
		return false;
	compressed = archive_read_next_header(archive, &entry) == ARCHIVE_OK &&
		     archive_filter_code(archive, 0) != ARCHIVE_FILTER_NONE;
	archive_read_free(archive);
	return compressed;
}

bool wv_root_kind(const char *path, enum wv_root_kind *kind, GError **error)
{
	uint8_t magic[4];
	struct stat info;
	bool packed;

	if (!look(path, magic, &info, error))
		return false;
	packed = S_ISREG(info.st_mode) && is_compressed(path);
	if (S_ISDIR(info.st_mode)) {
		*kind = WV_ROOT_FOLDER;
	} else if (S_ISREG(info.st_mode) && memcmp(magic, "QFI\xfb", 4) == 0) {
		*kind = WV_ROOT_QCOW2;
	} else if (S_ISREG(info.st_mode) && is_tar(path)) {
		*kind = WV_ROOT_TAR;
	} else if (S_ISREG(info.st_mode) && !packed && info.st_size >= WV_ROOT_DISK_MIN) {
		*kind = WV_ROOT_RAW;
	} else {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    packed ? "%s is compressed, and no tar archive: please decompress it"
				   : "%s is neither a folder, a tar archive nor a disk's image",
			    path);
		return false;
	}
	return true;
}

bool wv_root_copy(struct wv_cpio *cpio, int fd, uint64_t size, const char *name, GError **error)
{
	g_autofree uint8_t *block = g_malloc(1 << 16);

	while (size) {
		ssize_t length = read(fd, block, (size_t)MIN(size, 1 << 16));

		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0) {
			g_autofree char *printable = wv_cpio_printable(name);

			g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "can not read %s: %s",
				    printable, length < 0 ? g_strerror(errno) : "it has shrunk");
			return false;
		}
		if (!wv_cpio_data(cpio, block, (size_t)length, error))
			return false;
		size -= (uint64_t)length;
	}
	return true;
}

bool wv_root_add_file(struct wv_cpio *cpio, const char *name, mode_t mode, const char *path,
		      GError **error)
{
	struct wv_cpio_entry entry = { .path = name, .mode = S_IFREG | mode };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;
	bool ok;

	if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "can not read %s: %s", path,
			    fd < 0 ? g_strerror(errno) : "it is no file");
		if (fd >= 0)
			close(fd);
		return false;
	}
	entry.size = (uint64_t)info.st_size;
	entry.mtime = info.st_mtime;
	ok = wv_cpio_add(cpio, &entry, NULL, error) &&
	     wv_root_copy(cpio, fd, entry.size, path, error);
	close(fd);
	return ok;
}

/* What the kernel opens for /init's output before anything is mounted. */
static bool add_console(struct wv_cpio *cpio, GError **error)
{
	const struct wv_cpio_entry console = {
		.path = "dev/console", .mode = S_IFCHR | 0600, .major = 5, .minor = 1
	};
	const struct wv_cpio_entry null = {
		.path = "dev/null", .mode = S_IFCHR | 0666, .major = 1, .minor = 3
	};

	return wv_cpio_add(cpio, &console, NULL, error) && wv_cpio_add(cpio, &null, NULL, error);
}

static bool add_rootfs(struct wv_cpio *cpio, const char *path, GError **error)
{
	enum wv_root_kind kind;

	if (!wv_root_kind(path, &kind, error))
		return false;
	if (kind == WV_ROOT_FOLDER)
		return wv_root_add_folder(cpio, path, error);
	if (kind == WV_ROOT_TAR)
		return wv_root_add_tar(cpio, path, error);
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s is a disk: it does not fit into memory",
		    path);
	return false;
}

/* Ours come last: the kernel lets a later entry replace an earlier one. */
static bool add_all(struct wv_cpio *cpio, const struct wv_root *root, GError **error)
{
	if (root->busybox && !wv_root_add_busybox(cpio, root->busybox, error))
		return false;
	if (root->rootfs && !add_rootfs(cpio, root->rootfs, error))
		return false;
	return add_console(cpio, error) &&
	       (!root->disk || wv_cpio_add_data(cpio, WV_ROOT_DISK, 0600, "", 0, error)) &&
	       (!root->modules || wv_root_add_modules(cpio, root->modules, root->disk, error)) &&
	       wv_root_add_file(cpio, "init", 0755, root->launcher, error);
}

bool wv_root_write(const struct wv_root *root, const char *out, uint64_t *size, GError **error)
{
	struct wv_cpio *cpio = wv_cpio_create(out, error);
	bool ok = cpio && add_all(cpio, root, error) && wv_cpio_finish(cpio, error);

	if (ok)
		*size = wv_cpio_size(cpio);
	wv_cpio_free(cpio);
	return ok;
}

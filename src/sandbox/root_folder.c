/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder of the host as a guest's root: read as it is, no symbolic link is followed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/error.h"
#include "sandbox/root_parts.h"

/* Each level has an open descriptor. */
#define DEPTH_MAX 256

/* What names a file on the host, whatever path leads to it. */
struct identity {
	uint64_t device, inode;
};

struct walk {
	struct wv_cpio *cpio;
	const char *root;
	GHashTable *linked; /* struct identity -> struct wv_cpio_file: files with more names */
};

static guint hash_identity(const void *data)
{
	const struct identity *identity = data;

	return (guint)(identity->inode ^ identity->inode >> 32 ^ identity->device * 31);
}

static gboolean same_identity(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct identity)) == 0;
}

static bool fail(const struct walk *walk, const char *path, const char *what, GError **error)
{
	g_autofree char *printable = wv_cpio_printable(path);

	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "can not %s %s/%s: %s", what, walk->root,
		    printable, g_strerror(errno));
	return false;
}

static bool add_folder(struct walk *walk, int fd, const char *path, int depth, GError **error);

static bool add_linked(struct walk *walk, int folder, const char *name,
		       const struct wv_cpio_entry *entry, const struct stat *info, GError **error)
{
	const struct identity identity = { info->st_dev, info->st_ino };
	struct wv_cpio_file *file = NULL;
	g_autofree char *full = g_strconcat(walk->root, "/", entry->path, NULL);
	struct stat now;
	bool ok;
	int fd;

	if (info->st_nlink > 1) {
		file = g_hash_table_lookup(walk->linked, &identity);
		if (file)
			return wv_cpio_link(walk->cpio, entry->path, file, error);
	}
	fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return fail(walk, entry->path, "read", error);
	ok = fstat(fd, &now) == 0 && S_ISREG(now.st_mode) && now.st_ino == info->st_ino;
	if (!ok) {
		errno = ESTALE;
		fail(walk, entry->path, "read", error);
	}
	ok = ok && wv_cpio_add(walk->cpio, entry, info->st_nlink > 1 ? &file : NULL, error) &&
	     wv_root_copy(walk->cpio, fd, entry->size, full, error);
	if (ok && file)
		g_hash_table_insert(walk->linked, g_memdup2(&identity, sizeof(identity)), file);
	close(fd);
	return ok;
}

static bool add_symlink(struct walk *walk, int folder, const char *name,
			struct wv_cpio_entry *entry, GError **error)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(folder, name, target, sizeof(target) - 1);

	if (length < 0)
		return fail(walk, entry->path, "read the link", error);
	target[length] = '\0';
	entry->target = target;
	return wv_cpio_add(walk->cpio, entry, NULL, error);
}

static bool add_one(struct walk *walk, int folder, const char *name, const char *path, int depth,
		    GError **error)
{
	struct wv_cpio_entry entry = { .path = path };
	struct stat info;
	int fd;

	if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
		return fail(walk, path, "look at", error);
	if (S_ISSOCK(info.st_mode) || wv_cpio_is(walk->cpio, &info))
		return true;
	entry.mode = info.st_mode;
	entry.uid = info.st_uid;
	entry.gid = info.st_gid;
	entry.mtime = info.st_mtime;
	if (S_ISREG(info.st_mode)) {
		entry.size = (uint64_t)info.st_size;
		return add_linked(walk, folder, name, &entry, &info, error);
	}
	if (S_ISLNK(info.st_mode))
		return add_symlink(walk, folder, name, &entry, error);
	if (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode)) {
		entry.major = major(info.st_rdev);
		entry.minor = minor(info.st_rdev);
	}
	if (!wv_cpio_add(walk->cpio, &entry, NULL, error))
		return false;
	if (!S_ISDIR(info.st_mode))
		return true;
	fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fail(walk, path, "open", error);
	return add_folder(walk, fd, path, depth + 1, error);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, so that the same folder makes the same archive. NULL: it can not be read. */
static GPtrArray *list_names(DIR *folder)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	const struct dirent *entry;

	while ((errno = 0, entry = readdir(folder))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			g_ptr_array_add(names, g_strdup(entry->d_name));
	}
	if (errno != 0) {
		g_ptr_array_unref(names);
		return NULL;
	}
	g_ptr_array_sort(names, compare_names);
	return names;
}

/* Closes `fd`. */
static bool add_folder(struct walk *walk, int fd, const char *path, int depth, GError **error)
{
	g_autoptr(GPtrArray) names = NULL;
	DIR *folder = fdopendir(fd);
	bool ok = true;

	if (!folder) {
		fail(walk, path, "open", error);
		close(fd);
		return false;
	}
	errno = ELOOP;
	names = depth <= DEPTH_MAX ? list_names(folder) : NULL;
	if (!names)
		ok = fail(walk, path, "read", error);
	for (guint i = 0; ok && i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *joined =
			*path ? g_strconcat(path, "/", name, NULL) : g_strdup(name);
		g_autofree char *clean = wv_cpio_clean(joined, error);

		ok = clean &&
		     (wv_root_left_out(clean) || add_one(walk, fd, name, clean, depth, error));
	}
	closedir(folder);
	return ok;
}

bool wv_root_add_folder(struct wv_cpio *cpio, const char *path, GError **error)
{
	struct walk walk = { .cpio = cpio, .root = path };
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok;

	if (fd < 0) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "can not open %s: %s", path,
			    g_strerror(errno));
		return false;
	}
	walk.linked = g_hash_table_new_full(hash_identity, same_identity, g_free, NULL);
	ok = add_folder(&walk, fd, "", 0, error);
	g_hash_table_unref(walk.linked);
	return ok;
}

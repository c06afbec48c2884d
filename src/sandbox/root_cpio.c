/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cpio archive that the kernel unpacks (init/initramfs.c): headers, limits and hard links. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "sandbox/root_cpio.h"

#define ENTRIES_MAX 1000000
#define TOTAL_MAX   (UINT64_C(8) << 30)
#define PATH_LENGTH 4095 /* the kernel leaves out what is longer, without a word */
#define PAGE	    4096

#define HEADER_SIZE 110
#define LINKS_AT    (6 + 4 * 8) /* of c_nlink in a header, behind the magic */
#define TRAILER	    "TRAILER!!!"
#define NUMBER_MAX  UINT32_MAX

struct wv_cpio_file {
	struct wv_cpio_entry entry;
	uint32_t number; /* the inode's */
	uint32_t links;
	GArray *headers; /* uint64_t: where its headers are, once there is more than one */
	uint64_t header; /* of the first */
};

struct wv_cpio {
	FILE *stream;
	char *path;
	bool finished;
	uint64_t at;	  /* bytes written */
	uint64_t missing; /* of the data of the file that was begun */
	uint64_t size;
	uint32_t number; /* of entries, and the last inode */
	dev_t device;
	ino_t inode;
	GHashTable *folders; /* char *: those that were written */
	GPtrArray *files;    /* struct wv_cpio_file: those that can have links */
};

static void free_file(void *data)
{
	struct wv_cpio_file *file = data;

	if (file->headers)
		g_array_unref(file->headers);
	g_free(file);
}

static bool fail(const struct wv_cpio *cpio, GError **error)
{
	g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL, "can not write %s: %s", cpio->path,
		    g_strerror(errno));
	return false;
}

struct wv_cpio *wv_cpio_create(const char *out, GError **error)
{
	struct wv_cpio *cpio = g_new0(struct wv_cpio, 1);
	struct stat info;

	cpio->path = g_strdup(out);
	cpio->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	cpio->files = g_ptr_array_new_with_free_func(free_file);
	cpio->stream = fopen(out, "wbe");
	if (!cpio->stream || fstat(fileno(cpio->stream), &info) != 0) {
		fail(cpio, error);
		wv_cpio_free(cpio);
		return NULL;
	}
	cpio->device = info.st_dev;
	cpio->inode = info.st_ino;
	return cpio;
}

void wv_cpio_free(struct wv_cpio *cpio)
{
	if (!cpio)
		return;
	if (cpio->stream) {
		fclose(cpio->stream);
		if (!cpio->finished)
			g_unlink(cpio->path);
	}
	g_hash_table_unref(cpio->folders);
	g_ptr_array_unref(cpio->files);
	g_free(cpio->path);
	g_free(cpio);
}

char *wv_cpio_printable(const char *path)
{
	bool printable = g_utf8_validate(path, -1, NULL);

	for (const char *at = path; printable && *at; at = g_utf8_next_char(at))
		printable = g_unichar_isprint(g_utf8_get_char(at));
	return printable ? g_strdup(path) : g_strescape(path, "");
}

char *wv_cpio_clean(const char *path, GError **error)
{
	g_autofree char *printable = NULL;
	g_auto(GStrv) parts = g_strsplit(path, "/", -1);
	GString *clean = g_string_new(NULL);
	bool up = false;

	for (char **part = parts; *part; part++) {
		up |= strcmp(*part, "..") == 0;
		if (!**part || strcmp(*part, ".") == 0)
			continue;
		if (clean->len)
			g_string_append_c(clean, '/');
		g_string_append(clean, *part);
	}
	if (!up && clean->len && clean->len <= PATH_LENGTH && strcmp(clean->str, TRAILER) != 0)
		return g_string_free(clean, false);
	if (up || clean->len) {
		printable = wv_cpio_printable(path);
		if (strlen(printable) > 200)
			strcpy(printable + 197, "...");
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s %s", printable,
			    up			       ? "leads out of the root"
			    : clean->len > PATH_LENGTH ? "is too long a path"
						       : "can not be in a guest's root");
	}
	g_string_free(clean, true);
	return NULL;
}

static bool put(struct wv_cpio *cpio, const void *data, size_t size, GError **error)
{
	if (size && fwrite(data, 1, size, cpio->stream) != size)
		return fail(cpio, error);
	cpio->at += size;
	return true;
}

static bool pad(struct wv_cpio *cpio, GError **error)
{
	return put(cpio, "\0\0\0", (4 - cpio->at % 4) % 4, error);
}

static bool put_header(struct wv_cpio *cpio, const struct wv_cpio_entry *entry, uint32_t number,
		       uint32_t links, uint64_t size, GError **error)
{
	size_t length = strlen(entry->path) + 1;
	g_autofree char *text = NULL;
	int64_t mtime = CLAMP(entry->mtime, 0, (int64_t)NUMBER_MAX);

	/* Magic, inode, mode, uid, gid, links, mtime, size, device (2), rdevice (2), name, sum. */
	text = g_strdup_printf("070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", number,
			       (unsigned)entry->mode, (unsigned)entry->uid, (unsigned)entry->gid,
			       links, (unsigned)mtime, (unsigned)size, 0, 0, (unsigned)entry->major,
			       (unsigned)entry->minor, (unsigned)length, 0);
	g_assert(strlen(text) == HEADER_SIZE);
	return put(cpio, text, HEADER_SIZE, error) && put(cpio, entry->path, length, error) &&
	       pad(cpio, error);
}

static bool check(const struct wv_cpio *cpio, const struct wv_cpio_entry *entry, uint64_t size,
		  GError **error)
{
	g_autofree char *path = wv_cpio_printable(entry->path);

	if (cpio->number >= ENTRIES_MAX)
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "the root has more than %d files",
			    ENTRIES_MAX);
	else if (size > NUMBER_MAX)
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "%s is too large for a root in memory (4 GiB or more)", path);
	else if (size > TOTAL_MAX - cpio->size)
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "the root is larger than %u GiB: use a disk image",
			    (unsigned)(TOTAL_MAX >> 30));
	else if (entry->uid > NUMBER_MAX || entry->gid > NUMBER_MAX || entry->major > NUMBER_MAX ||
		 entry->minor > NUMBER_MAX)
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "%s has an owner or a device number that is out of range", path);
	else
		return true;
	return false;
}

/* The kernel makes no folder that the archive does not have. */
static bool add_parents(struct wv_cpio *cpio, const char *path, GError **error)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		g_autofree char *folder = g_strndup(path, (size_t)(slash - path));

		if (!g_hash_table_contains(cpio->folders, folder) &&
		    !wv_cpio_add_folder(cpio, folder, 0755, error))
			return false;
	}
	return true;
}

bool wv_cpio_add(struct wv_cpio *cpio, const struct wv_cpio_entry *entry,
		 struct wv_cpio_file **file, GError **error)
{
	uint64_t size = entry->size, header;

	g_return_val_if_fail(cpio->missing == 0, false);
	if (S_ISLNK(entry->mode))
		size = strlen(entry->target);
	else if (!S_ISREG(entry->mode))
		size = 0;
	if (S_ISLNK(entry->mode) && (size == 0 || size > PATH_LENGTH)) {
		g_autofree char *path = wv_cpio_printable(entry->path);

		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "%s is a symbolic link to nothing, or to a path that is too long",
			    path);
		return false;
	}
	if (!add_parents(cpio, entry->path, error) || !check(cpio, entry, size, error))
		return false;
	header = cpio->at;
	cpio->number++;
	cpio->size += (size + PAGE - 1) / PAGE * PAGE;
	if (!put_header(cpio, entry, cpio->number, S_ISDIR(entry->mode) ? 2 : 1, size, error))
		return false;
	if (S_ISDIR(entry->mode))
		g_hash_table_add(cpio->folders, g_strdup(entry->path));
	if (S_ISREG(entry->mode))
		cpio->missing = size;
	if (file) {
		*file = g_new0(struct wv_cpio_file, 1);
		(*file)->entry = *entry;
		(*file)->entry.path = NULL;
		(*file)->number = cpio->number;
		(*file)->links = 1;
		(*file)->header = header;
		g_ptr_array_add(cpio->files, *file);
	}
	if (S_ISLNK(entry->mode))
		return put(cpio, entry->target, (size_t)size, error) && pad(cpio, error);
	return true;
}

bool wv_cpio_data(struct wv_cpio *cpio, const void *data, size_t size, GError **error)
{
	g_return_val_if_fail(size <= cpio->missing, false);
	cpio->missing -= size;
	return put(cpio, data, size, error) && (cpio->missing || pad(cpio, error));
}

bool wv_cpio_zeros(struct wv_cpio *cpio, uint64_t size, GError **error)
{
	static const uint8_t zeros[65536];

	while (size) {
		size_t some = (size_t)MIN(size, sizeof(zeros));

		if (!wv_cpio_data(cpio, zeros, some, error))
			return false;
		size -= some;
	}
	return true;
}

/*
 * The kernel takes entries with the same inode number for names of one file if they say that it has
 * more than one; the bytes came with the first. How many it has is filled in at the end.
 */
bool wv_cpio_link(struct wv_cpio *cpio, const char *path, struct wv_cpio_file *file, GError **error)
{
	struct wv_cpio_entry entry = file->entry;
	uint64_t header;

	g_return_val_if_fail(cpio->missing == 0, false);
	entry.path = path;
	if (!add_parents(cpio, path, error) || !check(cpio, &entry, 0, error))
		return false;
	if (!file->headers) {
		file->headers = g_array_new(false, false, sizeof(uint64_t));
		g_array_append_val(file->headers, file->header);
	}
	header = cpio->at;
	g_array_append_val(file->headers, header);
	file->links++;
	/* It counts against the limit, but the inode is the file's. */
	cpio->number++;
	return put_header(cpio, &entry, file->number, file->links, 0, error);
}

bool wv_cpio_add_data(struct wv_cpio *cpio, const char *path, mode_t mode, const void *data,
		      size_t size, GError **error)
{
	const struct wv_cpio_entry entry = { .path = path, .mode = S_IFREG | mode, .size = size };

	return wv_cpio_add(cpio, &entry, NULL, error) && wv_cpio_data(cpio, data, size, error);
}

bool wv_cpio_add_folder(struct wv_cpio *cpio, const char *path, mode_t mode, GError **error)
{
	const struct wv_cpio_entry entry = { .path = path, .mode = S_IFDIR | mode };

	return wv_cpio_add(cpio, &entry, NULL, error);
}

static bool fill_in_links(struct wv_cpio *cpio, GError **error)
{
	for (guint i = 0; i < cpio->files->len; i++) {
		const struct wv_cpio_file *file = g_ptr_array_index(cpio->files, i);
		char links[9];

		g_snprintf(links, sizeof(links), "%08x", file->links);
		for (guint at = 0; file->headers && at < file->headers->len; at++) {
			uint64_t header = g_array_index(file->headers, uint64_t, at);

			if (fseeko(cpio->stream, (off_t)(header + LINKS_AT), SEEK_SET) != 0 ||
			    fwrite(links, 1, 8, cpio->stream) != 8)
				return fail(cpio, error);
		}
	}
	return true;
}

bool wv_cpio_finish(struct wv_cpio *cpio, GError **error)
{
	const struct wv_cpio_entry trailer = { .path = TRAILER };
	FILE *stream = cpio->stream;

	if (!put_header(cpio, &trailer, 0, 1, 0, error) || !fill_in_links(cpio, error))
		return false;
	cpio->finished = true;
	cpio->stream = NULL;
	if (fclose(stream) == 0)
		return true;
	fail(cpio, error);
	g_unlink(cpio->path);
	return false;
}

uint64_t wv_cpio_size(const struct wv_cpio *cpio)
{
	return cpio->size;
}

bool wv_cpio_is(const struct wv_cpio *cpio, const struct stat *info)
{
	return info->st_dev == cpio->device && info->st_ino == cpio->inode;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tar archive as a guest's root. It may be hostile: nothing of it is unpacked on the host. */
#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "sandbox/root_archive.h"
#include "sandbox/root_parts.h"

/* What a later entry of the archive can be a hard link to. */
struct original {
	struct wv_cpio_file *file; /* NULL: not a regular file, but a symbolic link */
	char *target;		   /* the symbolic link's */
};

struct reading {
	struct wv_cpio *cpio;
	struct archive *archive;
	const char *name;      /* the archive's */
	GHashTable *originals; /* char *, a clean path -> struct original */
};

static void free_original(void *data)
{
	struct original *original = data;

	g_free(original->target);
	g_free(original);
}

static void remember(struct reading *reading, const char *path, struct wv_cpio_file *file,
		     const char *target)
{
	struct original *original = g_new0(struct original, 1);

	original->file = file;
	original->target = g_strdup(target);
	g_hash_table_replace(reading->originals, g_strdup(path), original);
}

static bool malformed(const struct reading *reading, const char *path, const char *what,
		      GError **error)
{
	g_autofree char *printable = wv_cpio_printable(path);

	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s: %s %s", reading->name, printable, what);
	return false;
}

/* The entry's bytes; a sparse file's holes are zeros. */
static bool copy_data(struct reading *reading, uint64_t size, GError **error)
{
	uint64_t at = 0;

	for (;;) {
		const void *data;
		size_t length;
		la_int64_t offset;
		int result = archive_read_data_block(reading->archive, &data, &length, &offset);

		if (result == ARCHIVE_EOF)
			return wv_cpio_zeros(reading->cpio, size - at, error);
		if (result < ARCHIVE_WARN)
			return wv_archive_fail(reading->archive, reading->name, error);
		if (offset < 0 || (uint64_t)offset < at || (uint64_t)offset > size ||
		    length > size - (uint64_t)offset) {
			g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
				    "%s: a file's data are not where they belong", reading->name);
			return false;
		}
		if (!wv_cpio_zeros(reading->cpio, (uint64_t)offset - at, error) ||
		    !wv_cpio_data(reading->cpio, data, length, error))
			return false;
		at = (uint64_t)offset + length;
	}
}

static bool add_link(struct reading *reading, struct wv_cpio_entry *entry, const char *to,
		     GError **error)
{
	g_autoptr(GError) ignored = NULL;
	g_autofree char *clean = wv_cpio_clean(to, &ignored);
	const struct original *original =
		clean ? g_hash_table_lookup(reading->originals, clean) : NULL;

	if (!original)
		return malformed(reading, entry->path,
				 "is a link to what is not in the archive "
				 "before it",
				 error);
	/* To itself: it is there already. */
	if (strcmp(clean, entry->path) == 0)
		return true;
	if (original->file) {
		remember(reading, entry->path, original->file, NULL);
		return wv_cpio_link(reading->cpio, entry->path, original->file, error);
	}
	entry->mode = S_IFLNK | 0777;
	entry->target = original->target;
	return wv_cpio_add(reading->cpio, entry, NULL, error);
}

static bool add_entry(struct reading *reading, struct archive_entry *from, const char *path,
		      GError **error)
{
	struct wv_cpio_entry entry = {
		.path = path,
		.mode = archive_entry_mode(from),
		.uid = (uint64_t)archive_entry_uid(from),
		.gid = (uint64_t)archive_entry_gid(from),
		.mtime = archive_entry_mtime(from),
		.target = archive_entry_symlink(from),
	};
	const char *link = archive_entry_hardlink(from);
	struct wv_cpio_file *file;

	if (link)
		return add_link(reading, &entry, link, error);
	if (S_ISREG(entry.mode)) {
		entry.size = (uint64_t)archive_entry_size(from);
		if (!wv_cpio_add(reading->cpio, &entry, &file, error))
			return false;
		remember(reading, path, file, NULL);
		return copy_data(reading, entry.size, error);
	}
	if (S_ISLNK(entry.mode)) {
		if (!entry.target)
			return malformed(reading, path, "is a symbolic link to nothing", error);
		remember(reading, path, NULL, entry.target);
	} else if (S_ISCHR(entry.mode) || S_ISBLK(entry.mode)) {
		entry.major = archive_entry_rdevmajor(from);
		entry.minor = archive_entry_rdevminor(from);
	} else if (!S_ISDIR(entry.mode) && !S_ISFIFO(entry.mode)) {
		return true;
	}
	return wv_cpio_add(reading->cpio, &entry, NULL, error);
}

static bool add_next(struct reading *reading, struct archive_entry *entry, GError **error)
{
	g_autoptr(GError) bad = NULL;
	const char *path = archive_entry_pathname(entry);
	g_autofree char *clean = NULL;

	if (!path)
		return malformed(reading, "an entry", "has no name", error);
	clean = wv_cpio_clean(path, &bad);
	if (bad) {
		g_propagate_prefixed_error(error, g_steal_pointer(&bad), "%s: ", reading->name);
		return false;
	}
	/* NULL: the root itself, which is there already. */
	return !clean || wv_root_left_out(clean) || add_entry(reading, entry, clean, error);
}

bool wv_root_add_tar(struct wv_cpio *cpio, const char *path, GError **error)
{
	struct reading reading = { .cpio = cpio, .name = path };
	struct archive_entry *entry;
	bool ok = true;

	reading.archive = wv_archive_open(path, WV_ARCHIVE_TAR, error);
	if (!reading.archive)
		return false;
	reading.originals = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_original);
	while (ok) {
		int result = archive_read_next_header(reading.archive, &entry);

		if (result == ARCHIVE_EOF)
			break;
		/* A warning is about a name that is no text of this locale: it is kept as it is. */
		ok = result >= ARCHIVE_WARN ? add_next(&reading, entry, error)
					    : wv_archive_fail(reading.archive, path, error);
	}
	g_hash_table_unref(reading.originals);
	archive_read_free(reading.archive);
	return ok;
}

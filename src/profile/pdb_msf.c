/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the container of a PDB: its directory, and whole streams. */
#include "profile/pdb_msf.h"

#include "base/error.h"
#include "profile/pdb_cursor.h"

#include <stdarg.h>
#include <string.h>

/** The bytes of the text that a file starts with, the three zeros behind it included. */
#define MAGIC_SIZE 32u
/** Blocks have 512 to 4096 bytes; newer linkers take up to 32768 (/PDBPAGESIZE). */
#define BLOCK_MIN 512u
#define BLOCK_MAX 32768u
/** The size of a stream that was deleted, or never written. */
#define NIL_SIZE 0xffffffffu

static const char magic[MAGIC_SIZE] = "Microsoft C/C++ MSF 7.00\r\n\x1a"
				      "DS";

bool wv_msf_fail(const struct wv_msf *msf, GError **error, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list arguments;

	va_start(arguments, format);
	what = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error(error, WV_ERROR, WV_ERROR_FORMAT, "%s: not a usable PDB: %s", msf->name, what);
	return false;
}

static uint32_t blocks_for(const struct wv_msf *msf, uint32_t bytes)
{
	return bytes / msf->block_size + (bytes % msf->block_size != 0);
}

/* Puts `size` bytes together from the blocks that `list` names, which has one for each. */
static GByteArray *join(const struct wv_msf *msf, const uint8_t *list, uint32_t size,
			const char *what, GError **error)
{
	uint64_t available = (uint64_t)msf->blocks * msf->block_size;
	struct wv_pdb_cursor blocks =
		wv_pdb_cursor(list, (size_t)blocks_for(msf, size) * sizeof(uint32_t));
	GByteArray *bytes;

	if (size > available) {
		wv_msf_fail(msf, error, "%s of %u bytes is larger than the file", what, size);
		return NULL;
	}
	bytes = g_byte_array_sized_new(size);
	while (bytes->len < size) {
		uint32_t block = wv_pdb_take_u32(&blocks);

		if (block >= msf->blocks) {
			wv_msf_fail(msf, error, "byte %u of %s is in block %u, of %u", bytes->len,
				    what, block, msf->blocks);
			g_byte_array_unref(bytes);
			return NULL;
		}
		g_byte_array_append(bytes, msf->data + (size_t)block * msf->block_size,
				    MIN(size - bytes->len, msf->block_size));
	}
	return bytes;
}

/*
 * The directory is itself kept in blocks, whose numbers are in further blocks, whose numbers are
 * at the end of the superblock: one in any file of ordinary size.
 */
static bool read_directory(struct wv_msf *msf, struct wv_pdb_cursor *superblock, uint32_t size,
			   GError **error)
{
	g_autoptr(GByteArray) map = NULL;
	uint64_t map_size = (uint64_t)blocks_for(msf, size) * sizeof(uint32_t);
	const uint8_t *list;

	if (size == 0)
		return wv_msf_fail(msf, error, "its directory is empty");
	if (size > (uint64_t)msf->blocks * msf->block_size)
		return wv_msf_fail(msf, error, "a directory of %u bytes is larger than the file",
				   size);
	list = wv_pdb_take(superblock,
			   (size_t)blocks_for(msf, (uint32_t)map_size) * sizeof(uint32_t));
	if (!list)
		return wv_msf_fail(msf, error, "a directory of %u bytes is too large", size);
	map = join(msf, list, (uint32_t)map_size, "the directory's block map", error);
	if (!map)
		return false;
	msf->directory = join(msf, map->data, size, "the directory", error);
	return msf->directory != NULL;
}

static struct wv_pdb_cursor directory_cursor(const struct wv_msf *msf, uint32_t at)
{
	return wv_pdb_cursor(msf->directory->data + at, msf->directory->len - at);
}

static uint32_t stream_size(const struct wv_msf *msf, uint32_t stream)
{
	struct wv_pdb_cursor size = directory_cursor(msf, (stream + 1) * sizeof(uint32_t));
	uint32_t bytes = wv_pdb_take_u32(&size);

	return bytes == NIL_SIZE ? 0 : bytes;
}

/* The directory: the number of streams, the size of each, then the blocks of each. */
static bool index_streams(struct wv_msf *msf, GError **error)
{
	struct wv_pdb_cursor directory = directory_cursor(msf, 0);
	uint32_t streams = wv_pdb_take_u32(&directory);

	if (directory.failed || streams > wv_pdb_left(&directory) / sizeof(uint32_t))
		return wv_msf_fail(msf, error,
				   "the directory of %u bytes is too short for %u "
				   "streams",
				   msf->directory->len, streams);
	msf->streams = streams;
	msf->lists = g_new(uint32_t, streams ? streams : 1);
	wv_pdb_take(&directory, (size_t)streams * sizeof(uint32_t));
	for (uint32_t i = 0; i < streams; i++) {
		uint32_t blocks = blocks_for(msf, stream_size(msf, i));

		msf->lists[i] = (uint32_t)(directory.at - msf->directory->data);
		if (!wv_pdb_take(&directory, (size_t)blocks * sizeof(uint32_t)))
			return wv_msf_fail(msf, error, "the directory ends within stream %u", i);
	}
	return true;
}

bool wv_msf_init(struct wv_msf *msf, const void *data, size_t size, const char *name,
		 GError **error)
{
	struct wv_pdb_cursor superblock = wv_pdb_cursor(data, MIN(size, BLOCK_MAX));
	const uint8_t *start = wv_pdb_take(&superblock, MAGIC_SIZE);
	uint32_t blocks, directory;

	*msf = (struct wv_msf){ .name = name, .data = data };
	if (!start || memcmp(start, magic, MAGIC_SIZE) != 0)
		return wv_msf_fail(msf, error,
				   "it does not start with \"Microsoft C/C++ MSF 7.00\"");
	msf->block_size = wv_pdb_take_u32(&superblock);
	wv_pdb_take_u32(&superblock); /* the block of the map of free blocks */
	blocks = wv_pdb_take_u32(&superblock);
	directory = wv_pdb_take_u32(&superblock);
	wv_pdb_take_u32(&superblock); /* not used in a file */
	if (superblock.failed)
		return wv_msf_fail(msf, error, "it ends within its header");
	if (msf->block_size < BLOCK_MIN || msf->block_size > BLOCK_MAX ||
	    (msf->block_size & (msf->block_size - 1)) != 0)
		return wv_msf_fail(msf, error, "blocks of %u bytes", msf->block_size);
	msf->blocks = (uint32_t)MIN(blocks, size / msf->block_size);
	/* The list of the directory's block map ends with the block that it is in. */
	superblock.end = start + MIN(size, msf->block_size);
	if (!read_directory(msf, &superblock, directory, error) || !index_streams(msf, error)) {
		wv_msf_deinit(msf);
		return false;
	}
	return true;
}

void wv_msf_deinit(struct wv_msf *msf)
{
	g_clear_pointer(&msf->directory, g_byte_array_unref);
	g_clear_pointer(&msf->lists, g_free);
	msf->streams = 0;
}

bool wv_msf_has(const struct wv_msf *msf, uint32_t stream)
{
	return stream < msf->streams && stream_size(msf, stream) != 0;
}

GByteArray *wv_msf_read(const struct wv_msf *msf, uint32_t stream, const char *what, GError **error)
{
	if (!wv_msf_has(msf, stream)) {
		wv_msf_fail(msf, error, "%s is missing (stream %u, of %u)", what, stream,
			    msf->streams);
		return NULL;
	}
	return join(msf, msf->directory->data + msf->lists[stream], stream_size(msf, stream), what,
		    error);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening files with libarchive, and what it says when it can not. */
#include <archive.h>

#include "base/error.h"
#include "sandbox/root_archive.h"
#include "sandbox/root_cpio.h"

#define BLOCK 65536

bool wv_archive_fail(struct archive *archive, const char *path, GError **error)
{
	const char *text = archive_error_string(archive);
	g_autofree char *printable = wv_cpio_printable(text ? text : "it can not be read");

	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s: %s", path, printable);
	return false;
}

/* Not archive_read_support_filter_all: it starts programs for some formats. */
static void allow_filters(struct archive *archive)
{
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_lzma(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_support_filter_lz4(archive);
}

struct archive *wv_archive_open(const char *path, enum wv_archive_format format, GError **error)
{
	struct archive *archive = archive_read_new();

	if (!archive) {
		g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL, "libarchive: no memory");
		return NULL;
	}
	allow_filters(archive);
	if (format == WV_ARCHIVE_TAR)
		archive_read_support_format_tar(archive);
	else
		archive_read_support_format_raw(archive);
	if (archive_read_open_filename(archive, path, BLOCK) == ARCHIVE_OK)
		return archive;
	wv_archive_fail(archive, path, error);
	archive_read_free(archive);
	return NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that libarchive opens: with the compressions that it has itself, never by other programs.
 */
#ifndef WV_SANDBOX_ROOT_ARCHIVE_H
#define WV_SANDBOX_ROOT_ARCHIVE_H

#include <glib.h>
#include <stdbool.h>

struct archive;

enum wv_archive_format {
	WV_ARCHIVE_TAR,
	WV_ARCHIVE_RAW, /* one file, perhaps compressed */
};

/** Opens it for reading; free with archive_read_free. NULL: it can not be read. */
struct archive *wv_archive_open(const char *path, enum wv_archive_format format, GError **error);

/** Makes an error of what libarchive last said about the file `path`. Returns false. */
bool wv_archive_fail(struct archive *archive, const char *path, GError **error);

#endif

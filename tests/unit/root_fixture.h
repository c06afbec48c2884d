/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest roots under test: a folder for what they are made of, and the initramfs, which is read back
 * with libarchive, because that knows the format on its own.
 */
#ifndef WV_TESTS_ROOT_FIXTURE_H
#define WV_TESTS_ROOT_FIXTURE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandbox/root.h"

/** A file's name that is no ASCII. */
#define UMLAUT "f\303\266.txt"

/** What one name in an archive is. */
struct thing {
	mode_t mode;
	int64_t uid, gid;
	int64_t inode;
	int64_t mtime;
	unsigned links;
	unsigned major, minor;
	char *target;
	GByteArray *data;
	guint position; /* among the names, the last time it came */
};

struct fixture {
	char *folder;
	char *out;
	char *launcher;
	GHashTable *things; /* char * -> struct thing */
	uint64_t size;
	GError *error;
};

/** Setup and teardown of a test: its state is a struct fixture. */
int root_setup(void **state);
int root_teardown(void **state);

/** The path of a name in the fixture's folder. Free with g_free(). */
char *inside(const struct fixture *fixture, const char *name);

/** Writes a file in the fixture's folder, and the folders that lead to it. -1: all of the text. */
void write_file(const struct fixture *fixture, const char *name, const char *data, gssize size);

/** Writes the text compressed. The folder must be there. */
void write_xz(const struct fixture *fixture, const char *name, const char *data, size_t size);

/** Makes the initramfs, and reads it back; a failure must leave nothing behind. */
bool write_root(struct fixture *fixture, const struct wv_root *root);

/** The same of a root in the fixture's folder, and the launcher. */
bool write_rootfs(struct fixture *fixture, const char *name);

/** A name in the archive: the test fails where it is not. */
const struct thing *thing(const struct fixture *fixture, const char *name);
bool is_there(const struct fixture *fixture, const char *name);
void assert_data(const struct fixture *fixture, const char *name, const char *data);

/** What failed did so with this code of WV_ERROR, and says this. */
void assert_failed(const struct fixture *fixture, int code, const char *text);

/** A tar archive that is being written. */
struct tar {
	struct archive *archive;
};

struct tar start_tar(const struct fixture *fixture, const char *name, bool packed);
void end_tar(struct tar tar);

/** Adds an entry, user 7's and group 8's. `data` is a symbolic link's target too. */
void put_entry(struct tar tar, const char *path, mode_t mode, const char *data, const char *link);

#endif

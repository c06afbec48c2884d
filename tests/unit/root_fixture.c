/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of guest roots share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "root_fixture.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

static void free_thing(void *data)
{
	struct thing *thing = data;

	g_free(thing->target);
	g_byte_array_unref(thing->data);
	g_free(thing);
}

char *inside(const struct fixture *fixture, const char *name)
{
	return g_build_filename(fixture->folder, name, NULL);
}

void write_file(const struct fixture *fixture, const char *name, const char *data, gssize size)
{
	g_autofree char *path = inside(fixture, name);
	g_autofree char *folder = g_path_get_dirname(path);

	assert_int_equal(g_mkdir_with_parents(folder, 0755), 0);
	/* What replaces a file is written to the disk at once, which takes its time. */
	g_unlink(path);
	assert_true(g_file_set_contents(path, data, size, NULL));
}

int root_setup(void **state)
{
	struct fixture *fixture = g_new0(struct fixture, 1);

	fixture->folder = g_dir_make_tmp("wyvern-root-XXXXXX", NULL);
	fixture->out = inside(fixture, "out.cpio");
	fixture->launcher = inside(fixture, "launcher");
	write_file(fixture, "launcher", "the launcher", -1);
	fixture->things = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_thing);
	*state = fixture;
	return 0;
}

static void remove_tree(const char *path)
{
	GStatBuf info;

	if (g_lstat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
		g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
		const char *name;

		while (dir && (name = g_dir_read_name(dir))) {
			g_autofree char *child = g_build_filename(path, name, NULL);

			remove_tree(child);
		}
	}
	g_remove(path);
}

int root_teardown(void **state)
{
	struct fixture *fixture = *state;

	remove_tree(fixture->folder);
	g_hash_table_unref(fixture->things);
	g_clear_error(&fixture->error);
	g_free(fixture->launcher);
	g_free(fixture->out);
	g_free(fixture->folder);
	g_free(fixture);
	return 0;
}

static void read_data(struct archive *archive, struct thing *thing)
{
	char block[4096];
	la_ssize_t length;

	while ((length = archive_read_data(archive, block, sizeof(block))) > 0)
		g_byte_array_append(thing->data, (const guint8 *)block, (guint)length);
	assert_int_equal(length, 0);
}

/* Reads the archive back. A name that comes twice is what it was last, as for the kernel. */
static void read_back(struct fixture *fixture)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	guint position = 0;

	g_hash_table_remove_all(fixture->things);
	archive_read_support_format_cpio(archive);
	assert_int_equal(archive_read_open_filename(archive, fixture->out, 65536), ARCHIVE_OK);
	while (archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
		struct thing *thing = g_new0(struct thing, 1);

		assert_int_equal(archive_format(archive), ARCHIVE_FORMAT_CPIO_SVR4_NOCRC);
		thing->mode = archive_entry_mode(entry);
		thing->uid = archive_entry_uid(entry);
		thing->gid = archive_entry_gid(entry);
		thing->inode = archive_entry_ino64(entry);
		thing->mtime = archive_entry_mtime(entry);
		thing->links = archive_entry_nlink(entry);
		thing->major = (unsigned)archive_entry_rdevmajor(entry);
		thing->minor = (unsigned)archive_entry_rdevminor(entry);
		thing->target = g_strdup(archive_entry_symlink(entry));
		thing->data = g_byte_array_new();
		thing->position = position++;
		read_data(archive, thing);
		g_hash_table_replace(fixture->things, g_strdup(archive_entry_pathname(entry)),
				     thing);
	}
	assert_null(archive_error_string(archive));
	archive_read_free(archive);
}

bool write_root(struct fixture *fixture, const struct wv_root *root)
{
	bool ok = wv_root_write(root, fixture->out, &fixture->size, &fixture->error);

	if (ok)
		read_back(fixture);
	else
		assert_false(g_file_test(fixture->out, G_FILE_TEST_EXISTS));
	return ok;
}

bool write_rootfs(struct fixture *fixture, const char *name)
{
	g_autofree char *path = inside(fixture, name);
	const struct wv_root root = { .launcher = fixture->launcher, .rootfs = path };

	return write_root(fixture, &root);
}

const struct thing *thing(const struct fixture *fixture, const char *name)
{
	const struct thing *found = g_hash_table_lookup(fixture->things, name);

	if (!found)
		fail_msg("%s is not in the archive", name);
	return found;
}

bool is_there(const struct fixture *fixture, const char *name)
{
	return g_hash_table_contains(fixture->things, name);
}

void assert_data(const struct fixture *fixture, const char *name, const char *data)
{
	const struct thing *file = thing(fixture, name);

	assert_int_equal(file->data->len, strlen(data));
	assert_memory_equal(file->data->data, data, strlen(data));
}

void assert_failed(const struct fixture *fixture, int code, const char *text)
{
	assert_non_null(fixture->error);
	assert_true(g_error_matches(fixture->error, WV_ERROR, code));
	if (!strstr(fixture->error->message, text))
		fail_msg("\"%s\" says nothing of %s", fixture->error->message, text);
}

/* Archives to be written ------------------------------------------------------------------------
 */

struct tar start_tar(const struct fixture *fixture, const char *name, bool packed)
{
	struct tar tar = { archive_write_new() };
	g_autofree char *path = inside(fixture, name);

	archive_write_set_format_pax_restricted(tar.archive);
	if (packed)
		archive_write_add_filter_xz(tar.archive);
	assert_int_equal(archive_write_open_filename(tar.archive, path), ARCHIVE_OK);
	return tar;
}

void end_tar(struct tar tar)
{
	assert_int_equal(archive_write_close(tar.archive), ARCHIVE_OK);
	archive_write_free(tar.archive);
}

void put_entry(struct tar tar, const char *path, mode_t mode, const char *data, const char *link)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, path);
	archive_entry_set_mode(entry, mode);
	archive_entry_set_uid(entry, 7);
	archive_entry_set_gid(entry, 8);
	archive_entry_set_mtime(entry, 1000, 0);
	archive_entry_set_size(entry,
			       data && S_ISREG(mode) && !link ? (la_int64_t)strlen(data) : 0);
	if (S_ISLNK(mode))
		archive_entry_set_symlink(entry, data);
	if (link)
		archive_entry_set_hardlink(entry, link);
	if (S_ISCHR(mode)) {
		archive_entry_set_rdevmajor(entry, 1);
		archive_entry_set_rdevminor(entry, 9);
	}
	assert_true(archive_write_header(tar.archive, entry) >= ARCHIVE_WARN);
	if (data && S_ISREG(mode) && !link)
		assert_int_equal(archive_write_data(tar.archive, data, strlen(data)), strlen(data));
	archive_entry_free(entry);
}

void write_xz(const struct fixture *fixture, const char *name, const char *data, size_t size)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	g_autofree char *path = inside(fixture, name);

	archive_write_set_format_raw(archive);
	archive_write_add_filter_xz(archive);
	assert_int_equal(archive_write_open_filename(archive, path), ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
	assert_int_equal(archive_write_data(archive, data, size), size);
	assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
	archive_write_free(archive);
	archive_entry_free(entry);
}

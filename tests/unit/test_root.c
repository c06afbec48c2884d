/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest roots: the initramfs is read back with libarchive, which knows the format on its own, and
 * compared with the folder or the tar archive that it was made of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "sandbox/root.h"

#define UMLAUT "f\303\266.txt"

/* What one name in an archive is. */
struct thing {
	mode_t mode;
	int64_t uid, gid;
	int64_t inode;
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

static void free_thing(void *data)
{
	struct thing *thing = data;

	g_free(thing->target);
	g_byte_array_unref(thing->data);
	g_free(thing);
}

static char *inside(const struct fixture *fixture, const char *name)
{
	return g_build_filename(fixture->folder, name, NULL);
}

static void write_file(const struct fixture *fixture, const char *name, const char *data,
		       gssize size)
{
	g_autofree char *path = inside(fixture, name);
	g_autofree char *folder = g_path_get_dirname(path);

	assert_int_equal(g_mkdir_with_parents(folder, 0755), 0);
	assert_true(g_file_set_contents(path, data, size, NULL));
}

static int setup(void **state)
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

static int teardown(void **state)
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

	archive_read_support_format_cpio(archive);
	assert_int_equal(archive_read_open_filename(archive, fixture->out, 65536), ARCHIVE_OK);
	while (archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
		struct thing *thing = g_new0(struct thing, 1);

		assert_int_equal(archive_format(archive), ARCHIVE_FORMAT_CPIO_SVR4_NOCRC);
		thing->mode = archive_entry_mode(entry);
		thing->uid = archive_entry_uid(entry);
		thing->gid = archive_entry_gid(entry);
		thing->inode = archive_entry_ino64(entry);
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

static bool write_root(struct fixture *fixture, const struct wv_root *root)
{
	bool ok = wv_root_write(root, fixture->out, &fixture->size, &fixture->error);

	if (ok)
		read_back(fixture);
	else
		assert_false(g_file_test(fixture->out, G_FILE_TEST_EXISTS));
	return ok;
}

static bool write_rootfs(struct fixture *fixture, const char *name)
{
	g_autofree char *path = inside(fixture, name);
	const struct wv_root root = { .launcher = fixture->launcher, .rootfs = path };

	return write_root(fixture, &root);
}

static const struct thing *thing(const struct fixture *fixture, const char *name)
{
	const struct thing *found = g_hash_table_lookup(fixture->things, name);

	if (!found)
		fail_msg("%s is not in the archive", name);
	return found;
}

static bool is_there(const struct fixture *fixture, const char *name)
{
	return g_hash_table_contains(fixture->things, name);
}

static void assert_data(const struct fixture *fixture, const char *name, const char *data)
{
	const struct thing *file = thing(fixture, name);

	assert_int_equal(file->data->len, strlen(data));
	assert_memory_equal(file->data->data, data, strlen(data));
}

static void assert_failed(const struct fixture *fixture, int code, const char *text)
{
	assert_non_null(fixture->error);
	assert_true(g_error_matches(fixture->error, WV_ERROR, code));
	if (!strstr(fixture->error->message, text))
		fail_msg("\"%s\" says nothing of %s", fixture->error->message, text);
}

/* Tar archives to be written --------------------------------------------------------------------
 */

struct tar {
	struct archive *archive;
};

static struct tar start_tar(const struct fixture *fixture, const char *name, bool packed)
{
	struct tar tar = { archive_write_new() };
	g_autofree char *path = inside(fixture, name);

	archive_write_set_format_pax_restricted(tar.archive);
	if (packed)
		archive_write_add_filter_xz(tar.archive);
	assert_int_equal(archive_write_open_filename(tar.archive, path), ARCHIVE_OK);
	return tar;
}

static void end_tar(struct tar tar)
{
	assert_int_equal(archive_write_close(tar.archive), ARCHIVE_OK);
	archive_write_free(tar.archive);
}

static void put(struct tar tar, const char *path, mode_t mode, const char *data, const char *link)
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

/* Folders ---------------------------------------------------------------------------------------
 */

static void folder_is_kept_as_it_is(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *program = inside(fixture, "root/bin/program");
	g_autofree char *link = inside(fixture, "root/bin/link");
	g_autofree char *second = inside(fixture, "root/usr/second");
	g_autofree char *fifo = inside(fixture, "root/fifo");
	GStatBuf info;

	write_file(fixture, "root/bin/program", "#!/bin/sh\n", -1);
	write_file(fixture, "root/etc/" UMLAUT, "text", -1);
	write_file(fixture, "root/usr/empty", "", 0);
	assert_int_equal(g_chmod(program, 04751), 0);
	assert_int_equal(symlink("/nowhere/at all", link), 0);
	assert_int_equal(linkat(AT_FDCWD, program, AT_FDCWD, second, 0), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(g_stat(program, &info), 0);

	assert_true(write_rootfs(fixture, "root"));
	assert_data(fixture, "bin/program", "#!/bin/sh\n");
	assert_data(fixture, "etc/" UMLAUT, "text");
	assert_data(fixture, "usr/empty", "");
	assert_int_equal(thing(fixture, "bin/program")->mode, S_IFREG | 04751);
	assert_int_equal(thing(fixture, "bin/program")->uid, info.st_uid);
	assert_int_equal(thing(fixture, "bin/program")->gid, info.st_gid);
	assert_string_equal(thing(fixture, "bin/link")->target, "/nowhere/at all");
	assert_true(S_ISLNK(thing(fixture, "bin/link")->mode));
	assert_true(S_ISFIFO(thing(fixture, "fifo")->mode));
	assert_true(S_ISDIR(thing(fixture, "usr")->mode));
	assert_data(fixture, "init", "the launcher");
	assert_int_equal(thing(fixture, "init")->mode, S_IFREG | 0755);
	assert_int_equal(thing(fixture, "dev/console")->mode, S_IFCHR | 0600);
	assert_int_equal(thing(fixture, "dev/console")->major, 5);
	assert_int_equal(thing(fixture, "dev/console")->minor, 1);
}

static void hard_links_of_a_folder_stay_one_file(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *first = inside(fixture, "root/a");
	const char *const names[] = { "b", "c" };

	write_file(fixture, "root/a", "once", -1);
	write_file(fixture, "root/other", "alone", -1);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *name = g_build_filename(fixture->folder, "root", names[i], NULL);

		assert_int_equal(link(first, name), 0);
	}
	assert_true(write_rootfs(fixture, "root"));
	assert_data(fixture, "a", "once");
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		assert_int_equal(thing(fixture, names[i])->inode, thing(fixture, "a")->inode);
		assert_int_equal(thing(fixture, names[i])->data->len, 0);
		assert_int_equal(thing(fixture, names[i])->links, 3);
	}
	assert_int_equal(thing(fixture, "a")->links, 3);
	assert_int_equal(thing(fixture, "other")->links, 1);
	assert_int_not_equal(thing(fixture, "other")->inode, thing(fixture, "a")->inode);
	/* Three files in whole pages: a, other and the launcher; and the targets of no links. */
	assert_int_equal(fixture->size, 3 * 4096);
}

static void what_the_guest_mounts_over_is_left_out(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture, "root/proc/1/maps", "", 0);
	write_file(fixture, "root/sys/x", "", 0);
	write_file(fixture, "root/dev/sda", "", 0);
	write_file(fixture, "root/wyvern/modules/load", "evil.ko\n", -1);
	write_file(fixture, "root/wyverns", "", 0);
	write_file(fixture, "root/init", "another", -1);
	write_file(fixture, "root/sbin/init", "kept", -1);
	assert_true(write_rootfs(fixture, "root"));
	assert_true(is_there(fixture, "proc"));
	assert_true(is_there(fixture, "sys"));
	assert_true(is_there(fixture, "wyverns"));
	assert_data(fixture, "sbin/init", "kept");
	assert_false(is_there(fixture, "proc/1"));
	assert_false(is_there(fixture, "sys/x"));
	assert_false(is_there(fixture, "dev/sda"));
	assert_false(is_there(fixture, "wyvern/modules/load"));
	assert_data(fixture, "init", "the launcher");
}

static void unreadable_file_is_named(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = NULL;

	/* Nothing is unreadable for root. */
	if (geteuid() == 0)
		skip();
	path = inside(fixture, "root/etc/secret");
	write_file(fixture, "root/etc/secret", "x", -1);
	assert_int_equal(g_chmod(path, 0), 0);
	assert_false(write_rootfs(fixture, "root"));
	assert_failed(fixture, WV_ERROR_USAGE, "etc/secret");
}

static void endless_folder_is_refused(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GString) path = g_string_new("root");

	for (int i = 0; i < 300; i++)
		g_string_append(path, "/d");
	g_string_append(path, "/file");
	write_file(fixture, path->str, "", 0);
	assert_false(write_rootfs(fixture, "root"));
	assert_failed(fixture, WV_ERROR_USAGE, "d/d/d");
}

static void trailer_is_no_file(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture, "root/TRAILER!!!", "", 0);
	assert_false(write_rootfs(fixture, "root"));
	assert_failed(fixture, WV_ERROR_USAGE, "TRAILER!!!");
}

static void too_large_file_is_refused(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = inside(fixture, "root/large");

	write_file(fixture, "root/large", "", 0);
	assert_int_equal(truncate(path, (off_t)UINT32_MAX + 1), 0);
	assert_false(write_rootfs(fixture, "root"));
	assert_failed(fixture, WV_ERROR_USAGE, "large");
}

/* Tar archives ----------------------------------------------------------------------------------
 */

static void fill_tar(struct tar tar)
{
	put(tar, "./", S_IFDIR | 0700, NULL, NULL);
	put(tar, "./bin/", S_IFDIR | 0711, NULL, NULL);
	put(tar, "./bin/tool", S_IFREG | 06755, "tool's bytes", NULL);
	put(tar, "/usr//share/./" UMLAUT, S_IFREG | 0644, "deep", NULL);
	put(tar, "bin/again", S_IFREG | 0755, NULL, "./bin/tool");
	put(tar, "bin/third", S_IFREG | 0755, NULL, "bin/again");
	put(tar, "lib", S_IFLNK | 0777, "usr/lib", NULL);
	put(tar, "lib64", S_IFREG | 0777, NULL, "lib");
	put(tar, "node", S_IFCHR | 0622, NULL, NULL);
	put(tar, "dev/null", S_IFREG | 0644, "no device", NULL);
	put(tar, "init", S_IFREG | 0755, "another", NULL);
}

static void check_tar(struct fixture *fixture)
{
	assert_data(fixture, "bin/tool", "tool's bytes");
	assert_int_equal(thing(fixture, "bin/tool")->mode, S_IFREG | 06755);
	assert_int_equal(thing(fixture, "bin/tool")->uid, 7);
	assert_int_equal(thing(fixture, "bin/tool")->gid, 8);
	assert_int_equal(thing(fixture, "bin")->mode, S_IFDIR | 0711);
	assert_data(fixture, "usr/share/" UMLAUT, "deep");
	/* Folders that the archive does not have are made, before what is in them. */
	assert_int_equal(thing(fixture, "usr/share")->mode, S_IFDIR | 0755);
	assert_true(thing(fixture, "usr")->position < thing(fixture, "usr/share")->position);
	assert_true(thing(fixture, "usr/share")->position <
		    thing(fixture, "usr/share/" UMLAUT)->position);
	for (int i = 0; i < 2; i++) {
		const struct thing *other = thing(fixture, i ? "bin/again" : "bin/third");

		assert_int_equal(other->inode, thing(fixture, "bin/tool")->inode);
		assert_int_equal(other->links, 3);
		assert_int_equal(other->mode, S_IFREG | 06755);
	}
	assert_string_equal(thing(fixture, "lib")->target, "usr/lib");
	assert_string_equal(thing(fixture, "lib64")->target, "usr/lib");
	assert_int_equal(thing(fixture, "node")->mode, S_IFCHR | 0622);
	assert_int_equal(thing(fixture, "node")->major, 1);
	assert_int_equal(thing(fixture, "node")->minor, 9);
	assert_true(S_ISCHR(thing(fixture, "dev/null")->mode));
	assert_data(fixture, "init", "the launcher");
	assert_false(is_there(fixture, ""));
	assert_false(is_there(fixture, "."));
}

static void tar_is_kept_as_it_is(void **state)
{
	struct fixture *fixture = *state;
	struct tar tar = start_tar(fixture, "root.tar", false);

	fill_tar(tar);
	end_tar(tar);
	assert_true(write_rootfs(fixture, "root.tar"));
	check_tar(fixture);
}

static void compressed_tar_is_one_too(void **state)
{
	struct fixture *fixture = *state;
	struct tar tar = start_tar(fixture, "root.tar.xz", true);

	fill_tar(tar);
	end_tar(tar);
	assert_true(write_rootfs(fixture, "root.tar.xz"));
	check_tar(fixture);
}

/* A name of UTF-8 in a pax header must survive the locale "C", in which tests run. */
static void long_names_survive(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GString) name = g_string_new("d");
	struct tar tar = start_tar(fixture, "root.tar", false);

	for (int i = 0; i < 100; i++)
		g_string_append(name, "/f\303\266\303\266");
	put(tar, name->str, S_IFREG | 0644, "far down", NULL);
	end_tar(tar);
	assert_true(write_rootfs(fixture, "root.tar"));
	assert_data(fixture, name->str, "far down");
}

static void refuse_tar(struct fixture *fixture, const char *path, mode_t mode, const char *data,
		       const char *link, const char *text)
{
	struct tar tar = start_tar(fixture, "root.tar", false);

	put(tar, path, mode, data, link);
	end_tar(tar);
	assert_false(write_rootfs(fixture, "root.tar"));
	assert_failed(fixture, WV_ERROR_USAGE, text);
	g_clear_error(&fixture->error);
}

static void hostile_entries_are_refused(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *deep = g_strnfill(5000, 'x');

	refuse_tar(fixture, "../../etc/passwd", S_IFREG | 0644, "x", NULL, "leads out");
	refuse_tar(fixture, "a/../b", S_IFREG | 0644, "x", NULL, "a/../b");
	refuse_tar(fixture, "a/..", S_IFDIR | 0755, NULL, NULL, "leads out");
	refuse_tar(fixture, "a", S_IFREG | 0644, NULL, "nothing", "link");
	refuse_tar(fixture, "a", S_IFREG | 0644, NULL, "../../etc/shadow", "link");
	refuse_tar(fixture, "a\033[2J/..", S_IFREG | 0644, "x", NULL, "leads out");
	refuse_tar(fixture, deep, S_IFREG | 0644, "x", NULL, "too long");
	refuse_tar(fixture, "a", S_IFLNK | 0777, deep, NULL, "too long");
}

static void errors_are_printable(void **state)
{
	struct fixture *fixture = *state;
	struct tar tar = start_tar(fixture, "root.tar", false);

	put(tar, "a\033[2J/..", S_IFREG | 0644, "x", NULL);
	end_tar(tar);
	assert_false(write_rootfs(fixture, "root.tar"));
	assert_null(strchr(fixture->error->message, '\033'));
}

static void link_to_itself_is_no_link(void **state)
{
	struct fixture *fixture = *state;
	struct tar tar = start_tar(fixture, "root.tar", false);

	put(tar, "a", S_IFREG | 0644, "x", NULL);
	put(tar, "a", S_IFREG | 0644, NULL, "./a");
	end_tar(tar);
	assert_true(write_rootfs(fixture, "root.tar"));
	assert_data(fixture, "a", "x");
	assert_int_equal(thing(fixture, "a")->links, 1);
}

/* A header by hand: libarchive would not write such a one. */
static void write_tar_header(const struct fixture *fixture, const char *name, const char *size)
{
	char block[1024] = { 0 };
	unsigned sum = 0;

	memcpy(block, name, strlen(name));
	memcpy(block + 100, "0000644", 8);
	memcpy(block + 108, "0000000", 8);
	memcpy(block + 116, "0000000", 8);
	memcpy(block + 124, size, 12);
	memcpy(block + 136, "00000000000", 12);
	memset(block + 148, ' ', 8);
	block[156] = '0';
	memcpy(block + 257, "ustar\00000", 8);
	for (int i = 0; i < 512; i++)
		sum += (unsigned char)block[i];
	g_snprintf(block + 148, 8, "%06o", sum);
	write_file(fixture, "root.tar", block, sizeof(block));
}

static void sizes_are_bounded(void **state)
{
	struct fixture *fixture = *state;

	write_tar_header(fixture, "huge", "77777777777");
	assert_false(write_rootfs(fixture, "root.tar"));
	assert_failed(fixture, WV_ERROR_USAGE, "huge");
	g_clear_error(&fixture->error);
	/* It ends before its file does. */
	write_tar_header(fixture, "cut", "00000010000");
	assert_false(write_rootfs(fixture, "root.tar"));
	assert_failed(fixture, WV_ERROR_USAGE, "root.tar");
}

static void write_xz(const struct fixture *fixture, const char *name, const char *data)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	g_autofree char *path = inside(fixture, name);

	archive_write_set_format_raw(archive);
	archive_write_add_filter_xz(archive);
	assert_int_equal(archive_write_open_filename(archive, path), ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
	assert_int_equal(archive_write_data(archive, data, strlen(data)), strlen(data));
	assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
	archive_write_free(archive);
	archive_entry_free(entry);
}

/* The busybox root ------------------------------------------------------------------------------
 */

static void busybox_root_has_its_names(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *busybox = inside(fixture, "busybox");
	const struct wv_root root = { .launcher = fixture->launcher, .busybox = busybox };

	/* All that is asked of it here is what it can be called. */
	write_file(fixture, "busybox",
		   "#!/bin/sh\n[ \"$1\" = --list-full ] && printf "
		   "'bin/busybox\\nbin/sh\\nusr/bin/id\\nlinuxrc\\ninit\\n'\n",
		   -1);
	assert_int_equal(g_chmod(busybox, 0755), 0);
	assert_true(write_root(fixture, &root));
	assert_true(S_ISREG(thing(fixture, "bin/busybox")->mode));
	assert_string_equal(thing(fixture, "bin/sh")->target, "/bin/busybox");
	assert_string_equal(thing(fixture, "usr/bin/id")->target, "/bin/busybox");
	assert_int_equal(thing(fixture, "tmp")->mode, S_IFDIR | 01777);
	assert_int_equal(thing(fixture, "home/user")->uid, 1000);
	assert_true(S_ISREG(thing(fixture, "etc/passwd")->mode));
	assert_true(S_ISREG(thing(fixture, "etc/group")->mode));
	assert_data(fixture, "init", "the launcher");
}

static void what_is_no_busybox_is_refused(void **state)
{
	struct fixture *fixture = *state;
	const struct wv_root other = { .launcher = fixture->launcher, .busybox = "/bin/false" };
	const struct wv_root none = { .launcher = fixture->launcher, .busybox = "/nonexistent" };

	assert_false(write_root(fixture, &other));
	assert_failed(fixture, WV_ERROR_USAGE, "/bin/false");
	g_clear_error(&fixture->error);
	assert_false(write_root(fixture, &none));
	assert_failed(fixture, WV_ERROR_USAGE, "/nonexistent");
}

static void missing_launcher_is_named(void **state)
{
	struct fixture *fixture = *state;

	g_unlink(fixture->launcher);
	write_file(fixture, "root/x", "", 0);
	assert_false(write_rootfs(fixture, "root"));
	assert_failed(fixture, WV_ERROR_USAGE, "launcher");
}

/* Kinds -----------------------------------------------------------------------------------------
 */

static enum wv_root_kind kind_of(struct fixture *fixture, const char *name)
{
	g_autofree char *path = inside(fixture, name);
	enum wv_root_kind kind;

	if (!wv_root_kind(path, &kind, &fixture->error))
		fail_msg("%s", fixture->error->message);
	return kind;
}

static void refuse_kind(struct fixture *fixture, const char *name, const char *text)
{
	g_autofree char *path = inside(fixture, name);
	enum wv_root_kind kind;

	assert_false(wv_root_kind(path, &kind, &fixture->error));
	assert_failed(fixture, WV_ERROR_USAGE, text);
	g_clear_error(&fixture->error);
}

static void kinds_are_told_by_content(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *zeros = g_malloc0(WV_ROOT_DISK_MIN);
	struct tar tar = start_tar(fixture, "a.img", true);

	fill_tar(tar);
	end_tar(tar);
	write_file(fixture, "root/x", "", 0);
	/* The image of an ext4 file system begins with zeros, as an empty tar does. */
	write_file(fixture, "disk.tar", zeros, WV_ROOT_DISK_MIN);
	write_file(fixture, "disk", "QFI\373\0\0\0\3", 8);
	write_file(fixture, "short", zeros, WV_ROOT_DISK_MIN - 1);
	write_xz(fixture, "disk.xz", "not a tar archive");
	assert_int_equal(kind_of(fixture, "root"), WV_ROOT_FOLDER);
	assert_int_equal(kind_of(fixture, "a.img"), WV_ROOT_TAR);
	assert_int_equal(kind_of(fixture, "disk.tar"), WV_ROOT_RAW);
	assert_int_equal(kind_of(fixture, "disk"), WV_ROOT_QCOW2);
	refuse_kind(fixture, "short", "neither");
	refuse_kind(fixture, "disk.xz", "compressed");
	refuse_kind(fixture, "nothing", "nothing");
	assert_false(write_rootfs(fixture, "disk"));
	assert_failed(fixture, WV_ERROR_USAGE, "disk");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(folder_is_kept_as_it_is),
		TEST(hard_links_of_a_folder_stay_one_file),
		TEST(what_the_guest_mounts_over_is_left_out),
		TEST(unreadable_file_is_named),
		TEST(endless_folder_is_refused),
		TEST(trailer_is_no_file),
		TEST(too_large_file_is_refused),
		TEST(tar_is_kept_as_it_is),
		TEST(compressed_tar_is_one_too),
		TEST(long_names_survive),
		TEST(hostile_entries_are_refused),
		TEST(errors_are_printable),
		TEST(link_to_itself_is_no_link),
		TEST(sizes_are_bounded),
		TEST(busybox_root_has_its_names),
		TEST(what_is_no_busybox_is_refused),
		TEST(missing_launcher_is_named),
		TEST(kinds_are_told_by_content),
	};

	return cmocka_run_group_tests_name("root", tests, NULL, NULL);
}

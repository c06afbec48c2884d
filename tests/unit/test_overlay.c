/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Overlays: the image that is made, byte by byte, and the images that are taken as disks. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "file_limit.h"
#include "sandbox/overlay.h"

#define CLUSTER 65536
#define GIB	(UINT64_C(1) << 30)

struct fixture {
	char *folder;
	char *path;
	int fd;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture.folder = g_dir_make_tmp("wyvern-overlay-XXXXXX", NULL);
	fixture.path = g_build_filename(fixture.folder, "disk", NULL);
	fixture.fd = -1;
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	if (fixture->fd >= 0)
		close(fixture->fd);
	g_unlink(fixture->path);
	if (g_rmdir(fixture->folder) < 0) /* nothing else may be in it */
		return -1;
	g_free(fixture->path);
	g_free(fixture->folder);
	return 0;
}

static void make(struct fixture *fixture, uint64_t disk_size)
{
	g_autoptr(GError) error = NULL;

	fixture->fd = wv_overlay_open(fixture->folder, disk_size, &error);
	if (fixture->fd < 0)
		fail_msg("%s", error->message);
}

/** A big-endian number of the image that was made. */
static uint64_t number(struct fixture *fixture, off_t offset, size_t size)
{
	uint8_t bytes[8];
	uint64_t value = 0;

	assert_int_equal(pread(fixture->fd, bytes, size, offset), size);
	for (size_t i = 0; i < size; i++)
		value = value << 8 | bytes[i];
	return value;
}

static off_t end_of(struct fixture *fixture)
{
	return lseek(fixture->fd, 0, SEEK_END);
}

/* What is made ----------------------------------------------------------------------------------*/

static void test_header(void **state)
{
	struct fixture *fixture = *state;

	make(fixture, 10 * GIB);
	assert_int_equal(number(fixture, 0, 4), 0x514649fb);
	assert_int_equal(number(fixture, 4, 4), 3);
	assert_int_equal(number(fixture, 8, 8), 0);  /* no backing file's name */
	assert_int_equal(number(fixture, 16, 4), 0); /* nor its length */
	assert_int_equal(number(fixture, 20, 4), 16);
	assert_int_equal(number(fixture, 24, 8), 10 * GIB);
	assert_int_equal(number(fixture, 32, 4), 0); /* not encrypted */
	assert_int_equal(number(fixture, 36, 4), 20);
	assert_int_equal(number(fixture, 40, 8), 3 * CLUSTER);
	assert_int_equal(number(fixture, 48, 8), 1 * CLUSTER);
	assert_int_equal(number(fixture, 56, 4), 1);
	assert_int_equal(number(fixture, 60, 4), 0); /* no snapshots */
	for (off_t offset = 64; offset < 96; offset += 8)
		assert_int_equal(number(fixture, offset, 8), 0);
	assert_int_equal(number(fixture, 96, 4), 4);
	assert_int_equal(number(fixture, 100, 4), 104);
	assert_int_equal(number(fixture, 104, 8), 0);
}

static void check_tables(struct fixture *fixture, uint64_t disk_size, uint64_t l1_entries,
			 unsigned l1_clusters)
{
	make(fixture, disk_size);
	assert_int_equal(number(fixture, 36, 4), l1_entries);
	assert_int_equal(end_of(fixture), (3 + l1_clusters) * CLUSTER);
	assert_int_equal(number(fixture, CLUSTER, 8), 2 * CLUSTER);
	assert_int_equal(number(fixture, CLUSTER + 8, 8), 0);
	for (unsigned i = 0; i < 3 + l1_clusters; i++)
		assert_int_equal(number(fixture, 2 * CLUSTER + 2 * i, 2), 1);
	assert_int_equal(number(fixture, 2 * CLUSTER + 2 * (3 + l1_clusters), 2), 0);
	for (unsigned i = 0; i < MIN(l1_entries, 8192); i++)
		assert_int_equal(number(fixture, 3 * CLUSTER + 8 * i, 8), 0);
	close(fixture->fd);
	fixture->fd = -1;
}

static void test_tables(void **state)
{
	check_tables(*state, 512, 1, 1);
	check_tables(*state, GIB / 2, 1, 1);
	check_tables(*state, GIB / 2 + 1, 2, 1);
	check_tables(*state, 4096 * GIB, 8192, 1);
	check_tables(*state, 4096 * GIB + 512, 8193, 2);
	check_tables(*state, WV_OVERLAY_DISK_MAX, 32768, 4);
}

static void test_sizes_are_rounded_up(void **state)
{
	struct fixture *fixture = *state;

	make(fixture, 1);
	assert_int_equal(number(fixture, 24, 8), 512);
	close(fixture->fd);
	make(fixture, 1025);
	assert_int_equal(number(fixture, 24, 8), 1536);
}

static void test_impossible_sizes(void **state)
{
	struct fixture *fixture = *state;
	static const uint64_t sizes[] = { 0, WV_OVERLAY_DISK_MAX + 1, UINT64_MAX };

	for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autoptr(GError) error = NULL;

		assert_int_equal(wv_overlay_open(fixture->folder, sizes[i], &error), -1);
		assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	}
}

static void test_file_has_no_name(void **state)
{
	struct fixture *fixture = *state;
	struct stat info;

	make(fixture, GIB);
	assert_int_equal(fstat(fixture->fd, &info), 0);
	assert_int_equal(info.st_nlink, 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_true(fcntl(fixture->fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(fcntl(fixture->fd, F_GETFL) & O_ACCMODE, O_RDWR);
	/* that it leaves no file is what the fixture's end looks at */
}

static void test_no_such_folder(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_int_equal(wv_overlay_open("/proc/none", GIB, &error), -1);
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_OUTPUT));
	assert_non_null(strstr(error->message, "/proc/none"));
}

static int unlimit_files(void **state)
{
	return file_limit_end() ? teardown(state) : -1;
}

static void test_disk_is_full(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GError) error = NULL;

	file_limit_begin(1000);
	assert_int_equal(wv_overlay_open(fixture->folder, GIB, &error), -1);
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_OUTPUT));
	assert_non_null(strstr(error->message, g_strerror(EFBIG)));
}

/* Disks that are given --------------------------------------------------------------------------*/

static void assert_disk(const char *path, uint64_t expected, bool expected_qcow2)
{
	g_autoptr(GError) error = NULL;
	uint64_t size = 0;
	bool is_qcow2 = !expected_qcow2;

	if (!wv_overlay_disk_size(path, &size, &is_qcow2, &error))
		fail_msg("%s", error->message);
	assert_true(size == expected);
	assert_int_equal(is_qcow2, expected_qcow2);
}

static void assert_refused(const char *path, const char *words)
{
	g_autoptr(GError) error = NULL;
	uint64_t size;
	bool is_qcow2;

	assert_false(wv_overlay_disk_size(path, &size, &is_qcow2, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	if (!strstr(error->message, words) || !strstr(error->message, path))
		fail_msg("not the error that was expected: %s", error->message);
}

static void write_file(struct fixture *fixture, const void *data, size_t size)
{
	assert_true(g_file_set_contents(fixture->path, data, (gssize)size, NULL));
}

static void test_raw(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture, "x", 1);
	assert_disk(fixture->path, 1, false);
	write_file(fixture, "QFI", 3);
	assert_disk(fixture->path, 3, false);
	assert_int_equal(truncate(fixture->path, 3 * GIB), 0);
	assert_disk(fixture->path, 3 * GIB, false);
}

/** Puts an image that was made into a file, with some bytes changed. */
static void write_image(struct fixture *fixture, size_t size, size_t offset, const char *bytes,
			size_t count)
{
	char image[CLUSTER];

	make(fixture, 10 * GIB);
	assert_int_equal(pread(fixture->fd, image, sizeof(image), 0), sizeof(image));
	memcpy(image + offset, bytes, count);
	write_file(fixture, image, size);
	close(fixture->fd);
	fixture->fd = -1;
}

static void test_qcow2(void **state)
{
	struct fixture *fixture = *state;

	write_image(fixture, CLUSTER, 0, "", 0);
	assert_disk(fixture->path, 10 * GIB, true);
	write_image(fixture, CLUSTER, 4, "\0\0\0\2", 4); /* version 2 has no features, only zeros */
	assert_disk(fixture->path, 10 * GIB, true);
	write_image(fixture, 72, 4, "\0\0\0\2", 4);
	assert_disk(fixture->path, 10 * GIB, true);
	write_image(fixture, CLUSTER, 79, "\1", 1); /* was not closed: only read, it is sound */
	assert_disk(fixture->path, 10 * GIB, true);
}

static void test_qcow2_that_is_refused(void **state)
{
	struct fixture *fixture = *state;

	write_image(fixture, CLUSTER, 15, "\x70", 1);
	assert_refused(fixture->path, "over another one");
	write_image(fixture, CLUSTER, 8, "\x80", 1);
	assert_refused(fixture->path, "over another one");
	write_image(fixture, CLUSTER, 35, "\2", 1);
	assert_refused(fixture->path, "encrypted");
	write_image(fixture, CLUSTER, 79, "\4", 1);
	assert_refused(fixture->path, "in another file");
	write_image(fixture, CLUSTER, 79, "\2", 1);
	assert_refused(fixture->path, "damaged");
	write_image(fixture, CLUSTER, 7, "\4", 1);
	assert_refused(fixture->path, "not known");
	write_image(fixture, CLUSTER, 7, "\1", 1);
	assert_refused(fixture->path, "not known");
	write_image(fixture, CLUSTER, 24, "\0\0\0\0\0\0\0\0", 8);
	assert_refused(fixture->path, "empty");
	write_image(fixture, CLUSTER, 24, "\xff", 1);
	assert_refused(fixture->path, "too large");
	for (size_t size = 4; size < 104; size++) {
		write_image(fixture, size, 0, "", 0);
		assert_refused(fixture->path, "cut off");
	}
}

static void test_other_formats(void **state)
{
	struct fixture *fixture = *state;
	char vdi[512] = "<<< Oracle VM VirtualBox Disk Image >>>\n";

	write_file(fixture, "KDMV\1\0\0\0", 8);
	assert_refused(fixture->path, "vmdk");
	write_file(fixture, "# Disk DescriptorFile\nversion=1\n", 32);
	assert_refused(fixture->path, "vmdk");
	write_file(fixture, "vhdxfile", 8);
	assert_refused(fixture->path, "qemu-img convert");
	memcpy(vdi + 64, "\x7f\x10\xda\xbe", 4);
	write_file(fixture, vdi, sizeof(vdi));
	assert_refused(fixture->path, "vdi");
	write_file(fixture, vdi, 66);
	assert_disk(fixture->path, 66, false);
}

static void test_no_disks(void **state)
{
	struct fixture *fixture = *state;

	assert_refused(fixture->path, g_strerror(ENOENT));
	assert_refused(fixture->folder, "neither");
	assert_refused("/dev/null", "neither");
	write_file(fixture, "", 0);
	assert_refused(fixture->path, "empty");
	g_unlink(fixture->path);
	assert_int_equal(mkfifo(fixture->path, 0600), 0);
	assert_refused(fixture->path, "neither"); /* and nobody waits for a writer */
}

#define WITH(name)    cmocka_unit_test_setup_teardown(name, setup, teardown)
#define LIMITED(name) cmocka_unit_test_setup_teardown(name, setup, unlimit_files)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_header),
		WITH(test_tables),
		WITH(test_sizes_are_rounded_up),
		WITH(test_impossible_sizes),
		WITH(test_file_has_no_name),
		WITH(test_no_such_folder),
		LIMITED(test_disk_is_full),
		WITH(test_raw),
		WITH(test_qcow2),
		WITH(test_qcow2_that_is_refused),
		WITH(test_other_formats),
		WITH(test_no_disks),
	};

	return cmocka_run_group_tests_name("overlay", tests, NULL, NULL);
}

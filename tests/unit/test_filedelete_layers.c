/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filedelete on Linux, with a file system on top of another: overlayfs has a file's name, the layer
 * below its pages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "filedelete_fixture.h"

/** Where the overlay is mounted: any number will do. */
#define NAMESPACE 7

/** A file in an overlay that is mounted at /o, and the one in the layer below. */
struct layers {
	uint64_t mount;
	struct some_file above, below;
};

static struct layers make_layers(struct filedelete_fixture *fixture)
{
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t top = tiny_get(kernel, fixture->folder, "dentry.d_parent");
	uint64_t root =
		tiny_entry(kernel, tiny_file_system(kernel, WV_LINUX_MAGIC_OVERLAY), 0, "/");
	struct layers layers = {
		.mount = tiny_mount(kernel, root, fixture->mount,
				    tiny_entry(kernel, fixture->sb, top, "o"), NAMESPACE),
		/* neither its length nor its pages count */
		.above = filedelete_make_in(fixture, root, "a", "not this one"),
		.below = filedelete_make(fixture, "upper", "content"),
	};

	return layers;
}

/** The inner call of an unlink, or the one that puts a whiteout in the place of a lower file. */
static void unlink_below(struct filedelete_fixture *fixture, const struct layers *layers,
			 bool whiteout)
{
	struct some_file other;

	if (whiteout) {
		other = filedelete_make(fixture, "#1", "");
		tiny_put(&fixture->kernel, other.inode, "inode.i_mode", WV_LINUX_S_IFCHR);
		filedelete_enter_rename(fixture, other, layers->below, 0);
	} else {
		filedelete_enter_unlink(fixture, layers->below);
	}
	/* the inode above holds the entry */
	tiny_put(&fixture->kernel, layers->below.inode, "inode.i_nlink", 0);
	filedelete_return(fixture, 0);
}

static void told_unlink(struct filedelete_fixture *fixture, unsigned number)
{
	filedelete_told_file(fixture, "vfs_unlink FileName=\"/o/a\" Size=7", number, "Unlink",
			     "content");
}

static void test_unlink(void **state)
{
	struct filedelete_fixture *fixture = *state;

	for (unsigned whiteout = 0; whiteout < 2; whiteout++) {
		struct layers layers = make_layers(fixture);

		filedelete_enter_unlink(fixture, layers.above);
		unlink_below(fixture, &layers, whiteout);
		filedelete_told(fixture, "");
		filedelete_lose_name(fixture, layers.above);
		filedelete_return(fixture, 0);
		filedelete_evict(fixture, layers.above);
		filedelete_evict(fixture, layers.below);
		told_unlink(fixture, whiteout + 1);
	}
}

/** The file is open in the overlay: its pages may change. */
static void test_open(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct layers layers = make_layers(fixture);
	uint64_t opened = filedelete_open(fixture, layers.above, FILEDELETE_WRITE, 2);

	tiny_put_path(&fixture->kernel, opened + tiny_offset("file.f_path"), layers.above.entry,
		      layers.mount);
	filedelete_enter_unlink(fixture, layers.above);
	unlink_below(fixture, &layers, false);
	filedelete_lose_name(fixture, layers.above);
	filedelete_return(fixture, 0);
	told_unlink(fixture, 1);

	/* the inode above ends with the file, and takes the one below along */
	tiny_call(&fixture->kernel, 0, "__fput", 0, (const uint64_t[6]){ opened });
	filedelete_evict(fixture, layers.above);
	filedelete_evict(fixture, layers.below);
	filedelete_return(fixture, 0);
	filedelete_told_file(fixture,
			     "evict FileName=\"/o/a\" Size=7 Flags=0x2 FlagsExpanded=\"O_RDWR\"", 2,
			     "Close", "content");
}

/** It is open below, behind the overlay's back. */
static void test_open_below(void **state)
{
	struct filedelete_fixture *fixture = *state;
	struct layers layers = make_layers(fixture);
	uint64_t opened = filedelete_open(fixture, layers.below, FILEDELETE_READ, 0);

	filedelete_enter_unlink(fixture, layers.above);
	unlink_below(fixture, &layers, false);
	filedelete_lose_name(fixture, layers.above);
	filedelete_return(fixture, 0);
	told_unlink(fixture, 1);
	filedelete_close(fixture, opened, layers.below);
	filedelete_told_file(
		fixture,
		"evict FileName=\"/tmp/upper\" Size=7 Flags=0x0 FlagsExpanded=\"O_RDONLY\"", 2,
		"Close", "content");
}

/**
 * The struct file of the layer below may be the last to end, in a mount of its own. Since 6.5 it is
 * in a larger structure that has the path in the overlay as well, which a bit of its mode says, and
 * not always the same one.
 */
static void test_file_of_the_layer_below(void **state)
{
	enum { USERS = 1 << 24, USERS_BEFORE = 1 << 25 };
	struct filedelete_fixture *fixture = *state;
	struct tiny_linux *kernel = &fixture->kernel;
	const struct {
		uint32_t mode;
		bool is_overlay; /* the path that would be the user's */
		const char *path;
	} cases[] = {
		{ 0, true, "/upper" },
		{ USERS, true, "/o/a" },
		{ USERS_BEFORE, true, "/o/a" },
		{ USERS_BEFORE, false, "/upper" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct layers layers = make_layers(fixture);
		uint64_t file = filedelete_open(fixture, layers.below, cases[i].mode, 0);
		uint64_t user = file + tiny_offset("backing_file.user_path");
		g_autofree char *told = NULL, *name = NULL;

		tiny_put_path(kernel, file + tiny_offset("file.f_path"), layers.below.entry,
			      tiny_mount(kernel, fixture->folder, 0, 0, 0));
		if (cases[i].is_overlay)
			tiny_put_path(kernel, user, layers.above.entry, layers.mount);
		else
			tiny_put_path(kernel, user, fixture->folder, fixture->mount);
		tiny_put(kernel, layers.below.inode, "inode.i_nlink", 0);
		filedelete_close(fixture, file, layers.below);
		told = observer_take(&fixture->observer);
		name = g_strdup_printf(" FileName=\"%s\" Size=7 ", cases[i].path);
		assert_non_null(strstr(told, name));
	}
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, filedelete_setup, filedelete_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_unlink),
		WITH(test_open),
		WITH(test_open_below),
		WITH(test_file_of_the_layer_below),
	};

	return cmocka_run_group_tests_name("filedelete layers", tests, NULL, NULL);
}

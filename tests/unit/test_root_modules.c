/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel modules in an initramfs: which, in which order, and for whom. The modules are ELF files
 * with nothing in them but what a module says of itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <elf.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "root_fixture.h"

/* A module's file; NULL: one that does not say what it needs. Free with g_byte_array_unref(). */
static GByteArray *make_module(const char *needs)
{
	static const char names[] = "\0.modinfo\0.shstrtab";
	g_autofree char *depends = needs ? g_strconcat("depends=", needs, NULL) : g_strdup("");
	GByteArray *file = g_byte_array_new();
	GByteArray *texts = g_byte_array_new();
	Elf64_Ehdr head = { .e_ident = ELFMAG, .e_type = ET_REL };
	Elf64_Shdr parts[3] = { { 0 } };

	g_byte_array_append(texts, (const guint8 *)"license=GPL", 12);
	g_byte_array_append(texts, (const guint8 *)"softdep=pre: depends=x", 23);
	g_byte_array_append(texts, (const guint8 *)depends, (guint)strlen(depends) + 1);
	head.e_ident[EI_CLASS] = ELFCLASS64;
	head.e_shentsize = sizeof(*parts);
	head.e_shnum = G_N_ELEMENTS(parts);
	head.e_shstrndx = 2;
	head.e_shoff = sizeof(head) + texts->len + sizeof(names);
	parts[1].sh_name = 1;
	parts[1].sh_type = SHT_PROGBITS;
	parts[1].sh_offset = sizeof(head);
	parts[1].sh_size = texts->len;
	parts[2].sh_name = 10;
	parts[2].sh_type = SHT_STRTAB;
	parts[2].sh_offset = sizeof(head) + texts->len;
	parts[2].sh_size = sizeof(names);
	g_byte_array_append(file, (const guint8 *)&head, sizeof(head));
	g_byte_array_append(file, texts->data, texts->len);
	g_byte_array_append(file, (const guint8 *)names, sizeof(names));
	g_byte_array_append(file, (const guint8 *)parts, sizeof(parts));
	g_byte_array_unref(texts);
	return file;
}

static void write_module(const struct fixture *fixture, const char *name, const char *needs)
{
	g_autofree char *path = g_strconcat("modules/", name, NULL);
	g_autoptr(GByteArray) module = make_module(needs);

	if (g_str_has_suffix(name, ".xz"))
		write_xz(fixture, path, (const char *)module->data, module->len);
	else
		write_file(fixture, path, (const char *)module->data, (gssize)module->len);
}

static bool write_modules(struct fixture *fixture, bool disk)
{
	g_autofree char *modules = inside(fixture, "modules");
	const struct wv_root root = { .launcher = fixture->launcher,
				      .modules = modules,
				      .disk = disk };

	return write_root(fixture, &root);
}

static void refuse_modules(struct fixture *fixture, const char *text)
{
	assert_false(write_modules(fixture, true));
	assert_failed(fixture, WV_ERROR_USAGE, text);
	g_clear_error(&fixture->error);
}

/* As a tree of Debian's is: folders, other modules, compressed ones, "-" for "_" in files' names.
 */
static void write_tree(const struct fixture *fixture)
{
	write_module(fixture, "6.1/kernel/virtio/virtio.ko", "");
	write_module(fixture, "6.1/kernel/virtio/virtio-ring.ko", "");
	write_module(fixture, "6.1/kernel/virtio/virtio_pci.ko", "virtio-ring,virtio");
	write_module(fixture, "6.1/kernel/net/failover.ko", "");
	write_module(fixture, "6.1/kernel/net/net_failover.ko", "failover");
	write_module(fixture, "6.1/kernel/net/virtio_net.ko", "virtio_ring,virtio,net_failover");
	write_module(fixture, "6.1/kernel/virtio_blk.ko.xz", "virtio,virtio_ring");
	write_module(fixture, "6.1/kernel/sound/sound.ko", "soundcore");
	write_module(fixture, "6.1/kernel/lib/xor.ko", "");
	write_module(fixture, "6.1/kernel/lib/libcrc32c.ko", "");
	write_module(fixture, "6.1/kernel/crypto/xxhash_generic.ko", "");
	write_module(fixture, "6.1/kernel/fs/btrfs.ko", "xor,libcrc32c");
	write_module(fixture, "6.1/kernel/fs/xfs.ko", "libcrc32c");
}

static void guest_without_a_disk_gets_the_least(void **state)
{
	struct fixture *fixture = *state;

	write_tree(fixture);
	assert_true(write_modules(fixture, false));
	assert_data(fixture, "wyvern/modules/load",
		    "virtio_ring.ko\nvirtio.ko\nvirtio_pci.ko\nfailover.ko\nnet_failover.ko\n"
		    "virtio_net.ko\n");
	assert_true(is_there(fixture, "wyvern/modules/virtio_ring.ko"));
	assert_false(is_there(fixture, "wyvern/modules/virtio_blk.ko"));
	assert_false(is_there(fixture, "wyvern/modules/btrfs.ko"));
	assert_false(is_there(fixture, "wyvern/modules/btrfs"));
	assert_false(is_there(fixture, "wyvern/modules/libcrc32c.ko"));
	assert_false(is_there(fixture, "wyvern/modules/sound.ko"));
}

static void disk_brings_its_file_systems(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GByteArray) module = make_module("virtio,virtio_ring");

	write_tree(fixture);
	assert_true(write_modules(fixture, true));
	assert_data(fixture, "wyvern/modules/load",
		    "virtio_ring.ko\nvirtio.ko\nvirtio_pci.ko\nfailover.ko\nnet_failover.ko\n"
		    "virtio_net.ko\nvirtio_blk.ko\n");
	assert_data(fixture, "wyvern/modules/btrfs",
		    "xxhash_generic.ko\nxor.ko\nlibcrc32c.ko\nbtrfs.ko\n");
	/* Whole by itself, whatever was loaded before. */
	assert_data(fixture, "wyvern/modules/xfs", "libcrc32c.ko\nxfs.ko\n");
	/* This kernel has ext4 built in. */
	assert_false(is_there(fixture, "wyvern/modules/ext4"));
	assert_int_equal(thing(fixture, "wyvern/modules/virtio_blk.ko")->data->len, module->len);
	assert_memory_equal(thing(fixture, "wyvern/modules/virtio_blk.ko")->data->data,
			    module->data, module->len);
}

static void checksums_do_not_come_alone(void **state)
{
	struct fixture *fixture = *state;

	write_module(fixture, "crc32c_generic.ko", "");
	write_module(fixture, "virtio_blk.ko", "");
	assert_true(write_modules(fixture, true));
	assert_data(fixture, "wyvern/modules/load", "virtio_blk.ko\n");
	assert_false(is_there(fixture, "wyvern/modules/crc32c_generic.ko"));
	write_module(fixture, "ext4.ko", "");
	assert_true(write_modules(fixture, true));
	assert_data(fixture, "wyvern/modules/ext4", "crc32c_generic.ko\next4.ko\n");
}

static void needed_modules_must_be_there(void **state)
{
	struct fixture *fixture = *state;

	write_module(fixture, "ext4.ko", "jbd2");
	refuse_modules(fixture, "ext4 needs jbd2");
	write_module(fixture, "jbd2.ko", "");
	assert_true(write_modules(fixture, true));
	assert_data(fixture, "wyvern/modules/ext4", "jbd2.ko\next4.ko\n");
}

static void modules_that_need_one_another_are_refused(void **state)
{
	struct fixture *fixture = *state;

	write_module(fixture, "ext4.ko", "jbd2");
	write_module(fixture, "jbd2.ko", "ext4");
	refuse_modules(fixture, "needs");
}

static void modules_of_two_kernels_are_refused(void **state)
{
	struct fixture *fixture = *state;

	write_module(fixture, "6.1/sound.ko", "");
	write_module(fixture, "6.2/sound.ko", "");
	assert_true(write_modules(fixture, true));
	write_module(fixture, "6.1/virtio_blk.ko", "");
	write_module(fixture, "6.2/virtio_blk.ko", "");
	refuse_modules(fixture, "more than one kernel");
}

static void what_is_no_module_is_refused(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(GByteArray) module = make_module("virtio");

	write_file(fixture, "modules/virtio_blk.ko", "a text of some length", -1);
	refuse_modules(fixture, "virtio_blk.ko");
	write_file(fixture, "modules/virtio_blk.ko", "", 0);
	refuse_modules(fixture, "virtio_blk.ko");
	/* Wherever it is cut off, it is no module any more. */
	for (guint size = 0; size < module->len; size++) {
		write_file(fixture, "modules/virtio_blk.ko", (const char *)module->data,
			   (gssize)size);
		refuse_modules(fixture, "virtio_blk.ko");
	}
}

/* Everything in it as large as it can be: refused, or read as before, and never beyond its end. */
static unsigned take_hostile(struct fixture *fixture, const GByteArray *module)
{
	unsigned taken = 0;

	for (guint at = EI_NIDENT; at < module->len; at++) {
		g_autofree guint8 *copy = g_memdup2(module->data, module->len);

		memset(copy + at, 0xff, MIN(8, module->len - at));
		write_file(fixture, "modules/virtio_blk.ko", (const char *)copy,
			   (gssize)module->len);
		if (write_modules(fixture, true))
			taken++;
		else
			assert_failed(fixture, WV_ERROR_USAGE, "virtio_blk");
		g_clear_error(&fixture->error);
	}
	return taken;
}

static void hostile_modules_are_harmless(void **state)
{
	g_autoptr(GByteArray) module = make_module("");
	g_autoptr(GByteArray) silent = make_module(NULL);

	assert_in_range(take_hostile(*state, module), 1, module->len - EI_NIDENT - 1);
	assert_int_equal(take_hostile(*state, silent), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, root_setup, root_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(guest_without_a_disk_gets_the_least),
		TEST(disk_brings_its_file_systems),
		TEST(checksums_do_not_come_alone),
		TEST(needed_modules_must_be_there),
		TEST(modules_that_need_one_another_are_refused),
		TEST(modules_of_two_kernels_are_refused),
		TEST(what_is_no_module_is_refused),
		TEST(hostile_modules_are_harmless),
	};

	return cmocka_run_group_tests_name("root_modules", tests, NULL, NULL);
}

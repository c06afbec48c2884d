/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the launcher reads out of files that are not its own: a sample's interpreter, and what file
 * system is on a disk. And the removing of folders, which must not leave them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <elf.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/launcher.h"

#define MISSING "/nonexistent/ld.so"

static char *folder, *sample;

static int setup(void **state)
{
	(void)state;
	folder = g_dir_make_tmp("wyvern-files-XXXXXX", NULL);
	sample = g_build_filename(folder, "sample", NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	wv_remove_below(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	assert_int_equal(g_rmdir(folder), 0);
	g_free(sample);
	g_free(folder);
	return 0;
}

static void write_sample(const void *data, size_t size)
{
	/* What replaces a file is written to the disk at once, which takes its time. */
	g_unlink(sample);
	assert_true(g_file_set_contents(sample, data, (gssize)size, NULL));
}

static void is_missing(const char *expected)
{
	char interpreter[PATH_MAX] = "";

	if (!wv_interpreter_missing(sample, interpreter, sizeof(interpreter)))
		fail_msg("%s is not found to be missing", expected);
	assert_string_equal(interpreter, expected);
}

static void nothing_is_missing(void)
{
	char interpreter[PATH_MAX] = "";

	if (wv_interpreter_missing(sample, interpreter, sizeof(interpreter)))
		fail_msg("%s is missing", interpreter);
}

static void script(const char *text)
{
	write_sample(text, strlen(text));
}

/* Programs --------------------------------------------------------------------------------------
 */

struct program {
	size_t parts_at, name_at;
	size_t name_size; /* 0: with its zero byte */
	unsigned n_parts; /* PT_INTERP is the last of them */
};

/* A 64-bit program. Free with g_free(). */
static uint8_t *make_64(const struct program *program, size_t *size)
{
	const size_t name_size = program->name_size ? program->name_size : sizeof(MISSING);
	Elf64_Ehdr head = { .e_ident = ELFMAG };
	Elf64_Phdr part = { .p_type = PT_LOAD };
	uint8_t *file;

	*size = MAX(program->parts_at + program->n_parts * sizeof(part),
		    program->name_at + sizeof(MISSING));
	file = g_malloc0(*size);
	head.e_ident[EI_CLASS] = ELFCLASS64;
	head.e_phoff = program->parts_at;
	head.e_phentsize = sizeof(part);
	head.e_phnum = (Elf64_Half)program->n_parts;
	memcpy(file, &head, sizeof(head));
	for (unsigned i = 0; i < program->n_parts; i++) {
		if (i + 1 == program->n_parts) {
			part.p_type = PT_INTERP;
			part.p_offset = program->name_at;
			part.p_filesz = name_size;
		}
		memcpy(file + program->parts_at + i * sizeof(part), &part, sizeof(part));
	}
	memcpy(file + program->name_at, MISSING, sizeof(MISSING));
	return file;
}

static void write_64(const struct program *program)
{
	size_t size;
	g_autofree uint8_t *file = make_64(program, &size);

	write_sample(file, size);
}

static const struct program ordinary = { .parts_at = 64, .name_at = 400, .n_parts = 3 };

static void program_names_its_loader(void **state)
{
	const struct program far = { .parts_at = 100001, .name_at = 65, .n_parts = 200 };
	const struct program first = { .parts_at = 64, .name_at = 121, .n_parts = 1 };

	(void)state;
	write_64(&ordinary);
	is_missing(MISSING);
	write_64(&first);
	is_missing(MISSING);
	write_64(&far);
	is_missing(MISSING);
}

static void program_of_32_bits_too(void **state)
{
	Elf32_Phdr parts[2] = { { .p_type = PT_LOAD },
				{ .p_type = PT_INTERP,
				  .p_offset = sizeof(Elf32_Ehdr) + sizeof(parts),
				  .p_filesz = sizeof(MISSING) } };
	Elf32_Ehdr head = { .e_ident = ELFMAG,
			    .e_phoff = sizeof(head),
			    .e_phentsize = sizeof(*parts),
			    .e_phnum = 2 };
	g_autoptr(GByteArray) file = g_byte_array_new();

	(void)state;
	head.e_ident[EI_CLASS] = ELFCLASS32;
	g_byte_array_append(file, (const guint8 *)&head, sizeof(head));
	g_byte_array_append(file, (const guint8 *)parts, sizeof(parts));
	g_byte_array_append(file, (const guint8 *)MISSING, sizeof(MISSING));
	write_sample(file->data, file->len);
	is_missing(MISSING);
	for (guint size = 0; size < file->len; size++) {
		write_sample(file->data, size);
		nothing_is_missing();
	}
}

static void cut_off_program_names_nothing(void **state)
{
	size_t size;
	g_autofree uint8_t *file = make_64(&ordinary, &size);

	(void)state;
	for (size_t cut = 0; cut < size; cut++) {
		write_sample(file, cut);
		nothing_is_missing();
	}
}

static void odd_programs_name_nothing(void **state)
{
	struct program odd = ordinary;
	size_t size;
	g_autofree uint8_t *file = make_64(&ordinary, &size);
	Elf64_Ehdr *head = (Elf64_Ehdr *)file;
	Elf64_Phdr *parts = (Elf64_Phdr *)(file + ordinary.parts_at);

	(void)state;
	/* More headers than a kernel takes are not looked through. */
	odd.n_parts = 300;
	odd.name_at = 64 + 300 * sizeof(Elf64_Phdr);
	write_64(&odd);
	nothing_is_missing();
	odd = ordinary;
	odd.name_size = PATH_MAX;
	write_64(&odd);
	nothing_is_missing();
	odd.name_size = SIZE_MAX;
	write_64(&odd);
	nothing_is_missing();

	parts[2].p_offset++;
	parts[2].p_filesz = 1;
	write_sample(file, size);
	nothing_is_missing();
	parts[2].p_filesz = sizeof(MISSING);
	parts[2].p_offset = UINT64_MAX;
	write_sample(file, size);
	nothing_is_missing();
	parts[2].p_offset = INT64_MAX;
	write_sample(file, size);
	nothing_is_missing();
	parts[2].p_offset = ordinary.name_at;
	head->e_phoff = UINT64_MAX - 10;
	write_sample(file, size);
	nothing_is_missing();
	head->e_phoff = ordinary.parts_at;
	head->e_phentsize = sizeof(Elf32_Phdr);
	write_sample(file, size);
	nothing_is_missing();
	head->e_phentsize = sizeof(Elf64_Phdr);
	write_sample(file, size);
	is_missing(MISSING);
}

static void name_need_not_end(void **state)
{
	struct program program = ordinary;

	(void)state;
	program.name_size = strlen(MISSING);
	write_64(&program);
	is_missing(MISSING);
	program.name_size = strlen(MISSING) - 1;
	write_64(&program);
	is_missing("/nonexistent/ld.s");
}

/* Scripts ---------------------------------------------------------------------------------------
 */

static void script_names_its_shell(void **state)
{
	(void)state;
	script("#!/no/sh\necho\n");
	is_missing("/no/sh");
	script("#! \t /no/sh  -x -y\n");
	is_missing("/no/sh");
	script("#!/no/sh\t-x\n");
	is_missing("/no/sh");
	script("#!/no/sh");
	is_missing("/no/sh");
	script("#!/no/sh ");
	is_missing("/no/sh");
	/* It is not the line's end that ends it for a file of Windows. */
	script("#!/bin/sh\r\n");
	is_missing("/bin/sh\r");
	script("#!/\n");
	nothing_is_missing();
}

static void script_without_a_shell_names_nothing(void **state)
{
	static const char *const texts[] = { "",      "#",	   "#!",     "#!\n",	 "#! \t \n",
					     "#!   ", "echo #!\n", "\n#!/a", "#/no/sh\n" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		script(texts[i]);
		nothing_is_missing();
	}
}

static void long_lines_are_as_the_kernel_reads_them(void **state)
{
	g_autofree char *name = g_strnfill(253, 'x');
	g_autofree char *blanks = g_strnfill(254, ' ');
	g_autofree char *text = NULL;

	(void)state;
	*name = '/';
	/* 255 bytes and an end of the name, then of the line, then none. */
	text = g_strdup_printf("#!%s argument that is cut off", name);
	script(text);
	is_missing(name);
	g_free(text);
	text = g_strdup_printf("#!%s\n", name);
	script(text);
	is_missing(name);
	g_free(text);
	text = g_strdup_printf("#!%sx\n", name);
	script(text);
	nothing_is_missing();
	g_free(text);
	text = g_strdup_printf("#!%s/no/sh\n", blanks);
	script(text);
	nothing_is_missing();
}

static void interpreters_have_interpreters(void **state)
{
	g_autofree char *second = g_build_filename(folder, "second", NULL);
	g_autofree char *text = g_strdup_printf("#!%s\n", second);
	g_autofree char *endless = g_strdup_printf("#!%s\n", sample);

	(void)state;
	script(text);
	is_missing(second);
	assert_true(g_file_set_contents(second, "#!/no/sh\n", -1, NULL));
	is_missing("/no/sh");
	assert_true(g_file_set_contents(second, "text\n", -1, NULL));
	nothing_is_missing();
	script(endless);
	nothing_is_missing();
}

static void what_is_not_there_names_nothing(void **state)
{
	(void)state;
	nothing_is_missing();
	assert_int_equal(g_mkdir(sample, 0755), 0);
	nothing_is_missing();
	assert_int_equal(g_rmdir(sample), 0);
	/* And a pipe is not waited for. */
	assert_int_equal(mkfifo(sample, 0600), 0);
	nothing_is_missing();
}

/* Disks -----------------------------------------------------------------------------------------
 */

static const char *type_of(size_t size, size_t offset, const char *magic)
{
	g_autofree char *disk = g_malloc0(size);

	memcpy(disk + offset, magic, MIN(strlen(magic), size - offset));
	write_sample(disk, size);
	return wv_file_system_of(sample);
}

static void file_systems_are_known(void **state)
{
	(void)state;
	assert_string_equal(type_of(1 << 20, 0, "XFSB"), "xfs");
	assert_string_equal(type_of(1 << 20, 0x438, "\x53\xef"), "ext4");
	assert_string_equal(type_of(1 << 20, 0x10040, "_BHRfS_M"), "btrfs");
	assert_null(type_of(1 << 20, 0, "XFSC"));
	assert_null(type_of(1 << 20, 1, "XFSB"));
	assert_null(type_of(1 << 20, 0x438, "\xef\x53"));
	assert_null(type_of(1 << 20, 0x40, "_BHRfS_M"));
	assert_null(type_of(1 << 20, 0x10040, "_BHRfS_N"));
	assert_null(type_of(1 << 20, 0, "\xeb\x58\x90mkfs.fat"));
}

static void cut_off_file_systems_are_none(void **state)
{
	(void)state;
	assert_null(type_of(3, 0, "XFSB"));
	assert_null(type_of(0x439, 0x438, "\x53\xef"));
	assert_null(type_of(0x10047, 0x10040, "_BHRfS_M"));
	assert_int_equal(g_unlink(sample), 0);
	assert_null(wv_file_system_of(sample));
}

static void removing_does_not_leave_the_folder(void **state)
{
	g_autofree char *inner = g_build_filename(folder, "inner", NULL);
	g_autofree char *deep = g_build_filename(inner, "a", "b", "c", NULL);
	g_autofree char *link = g_build_filename(deep, "link", NULL);
	g_autofree char *file = g_build_filename(deep, "file", NULL);
	g_autofree char *out = g_build_filename(inner, "out", NULL);

	(void)state;
	script("kept");
	assert_int_equal(g_mkdir_with_parents(deep, 0755), 0);
	assert_true(g_file_set_contents(file, "gone", -1, NULL));
	assert_int_equal(symlink(sample, link), 0);
	assert_int_equal(symlink(folder, out), 0);
	wv_remove_below(open(inner, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	assert_int_equal(g_rmdir(inner), 0);
	assert_true(g_file_test(sample, G_FILE_TEST_EXISTS));
	wv_remove_below(-1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(program_names_its_loader),
		TEST(program_of_32_bits_too),
		TEST(cut_off_program_names_nothing),
		TEST(odd_programs_name_nothing),
		TEST(name_need_not_end),
		TEST(script_names_its_shell),
		TEST(script_without_a_shell_names_nothing),
		TEST(long_lines_are_as_the_kernel_reads_them),
		TEST(interpreters_have_interpreters),
		TEST(what_is_not_there_names_nothing),
		TEST(file_systems_are_known),
		TEST(cut_off_file_systems_are_none),
		TEST(removing_does_not_leave_the_folder),
	};

	return cmocka_run_group_tests_name("launcher_files", tests, NULL, NULL);
}

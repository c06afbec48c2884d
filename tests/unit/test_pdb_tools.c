/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PDB and PE readers on what clang and lld-link make (tests/tools/make-pdb.sh), held to what
 * llvm-pdbutil and llvm-readobj print of it.
 *
 * $WYVERN_PDBS, a folder of further PDBs, is optional; they are held to llvm-pdbutil.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pdb_samples.h"
#include "profile/pdb.h"
#include "profile/pdb_dbi.h"
#include "profile/pdb_symbols.h"

/* A tool by its plain name, or by that of a version; NULL, with a message, when there is none. */
static char *find_tool(const char *name)
{
	char *path = g_find_program_in_path(name);

	for (int version = 22; !path && version >= 14; version--) {
		g_autofree char *versioned = g_strdup_printf("%s-%d", name, version);

		path = g_find_program_in_path(versioned);
	}
	if (!path)
		print_message("skipped: %s is not installed (Debian: llvm)\n", name);
	return path;
}

/* What a program prints; fails when it fails. */
static char *output_of(const char *const *argv)
{
	GError *error = NULL;
	char *output;
	int status;

	if (!g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, &output, NULL, &status,
			  &error) ||
	    !g_spawn_check_wait_status(status, &error))
		fail_msg("%s %s: %s", argv[0], argv[1], error->message);
	return output;
}

/* The text between two marks of a line, or NULL. */
static char *between(const char *line, const char *before, const char *after)
{
	const char *start = strstr(line, before), *end;

	if (!start)
		return NULL;
	start += strlen(before);
	end = *after ? strstr(start, after) : start + strlen(start);
	return end ? g_strndup(start, (gsize)(end - start)) : NULL;
}

/* The text between the first ` and the last ` of a line. */
static char *quoted(const char *line)
{
	const char *start = strchr(line, '`'), *end = strrchr(line, '`');

	return start && end > start ? g_strndup(start + 1, (gsize)(end - start - 1)) : NULL;
}

static bool number_after(const char *line, const char *mark, int base, uint64_t *number)
{
	const char *at = strstr(line, mark);

	if (!at)
		return false;
	*number = g_ascii_strtoull(at + strlen(mark), NULL, base);
	return true;
}

static void add_section(GArray *sections, const char *line)
{
	uint64_t rva = g_ascii_strtoull(line, NULL, 16);

	if (strstr(line, " virtual address"))
		g_array_append_val(sections, rva);
}

/* The sections' addresses, by the tool. */
static GArray *read_sections(const char *tool, const char *path)
{
	const char *const argv[] = { tool, "dump", "-section-headers", path, NULL };
	g_autofree char *output = output_of(argv);
	g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
	GArray *sections = g_array_new(FALSE, FALSE, sizeof(uint64_t));

	for (char **line = lines; *line; line++)
		add_section(sections, *line);
	return sections;
}

/* Names that a C program has are asked for on x86; pdb_symbols.c is tested for them elsewhere. */
static char *plain_name(const char *name, bool x86)
{
	const char *start = name;
	size_t length = strlen(name);

	if (x86)
		start = wv_pdb_plain_name(name, &length);
	return g_strndup(start, length);
}

/* Every public symbol that the tool prints is in the profile, at its place, and no other is. */
static size_t compare_publics(const char *tool, const char *path, bool x86,
			      const struct wv_profile *profile)
{
	const char *const argv[] = { tool, "dump", "-publics", path, NULL };
	g_autofree char *output = output_of(argv), *name = NULL;
	g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
	g_autoptr(GArray) sections = read_sections(tool, path);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (char **line = lines; *line; line++) {
		g_autofree char *plain = NULL, *place = between(*line, "addr = ", "");
		g_auto(GStrv) parts = NULL;
		uint64_t section, address, expected;

		if (strstr(*line, "| S_PUB32 ")) {
			g_free(name);
			name = quoted(*line);
		}
		if (!place || !name)
			continue;
		parts = g_strsplit(place, ":", 2);
		section = g_ascii_strtoull(parts[0], NULL, 10);
		if (section == 0 || section > sections->len)
			continue;
		expected = g_array_index(sections, uint64_t, section - 1) +
			   g_ascii_strtoull(parts[1], NULL, 10);
		plain = plain_name(name, x86);
		if (!wv_profile_symbol(profile, plain, &address))
			fail_msg("%s: %s is not found", path, name);
		if (g_hash_table_add(seen, g_steal_pointer(&plain)) && address != expected)
			fail_msg("%s: %s is at %#lx, not at %#lx", path, name, address, expected);
	}
	assert_int_equal(profile->symbols->count, g_hash_table_size(seen));
	return g_hash_table_size(seen);
}

struct printed_member {
	char *name;
	uint64_t type;
	uint64_t offset;
};

struct printed_bits {
	uint64_t shift;
	uint64_t count;
};

/* What -types prints, as far as it is compared. */
struct printed {
	GHashTable *lists; /* members by the type index of their field list */
	GHashTable *bits;  /* by type index */
	GHashTable *names; /* of definitions that were compared */
	size_t definitions;
	size_t members;
	size_t enumerators;
};

static void free_member(gpointer data)
{
	struct printed_member *member = data;

	g_free(member->name);
	g_free(member);
}

static void read_printed_member(GPtrArray *list, const char *line)
{
	struct printed_member *member = g_new0(struct printed_member, 1);

	member->name = between(line, "[name = `", "`");
	assert_non_null(member->name);
	assert_true(number_after(line, "Type = ", 16, &member->type));
	assert_true(number_after(line, ", offset = ", 10, &member->offset));
	g_ptr_array_add(list, member);
}

static void read_lists(struct printed *printed, char *const *lines)
{
	GPtrArray *list = NULL;

	for (; *lines; lines++) {
		gpointer index = GSIZE_TO_POINTER(g_ascii_strtoull(*lines, NULL, 16));

		if (strstr(*lines, " | LF_"))
			list = NULL;
		if (strstr(*lines, " | LF_FIELDLIST ")) {
			list = g_ptr_array_new_with_free_func(free_member);
			g_hash_table_insert(printed->lists, index, list);
		} else if (list && strstr(*lines, "- LF_MEMBER ")) {
			read_printed_member(list, *lines);
		} else if (strstr(*lines, " | LF_BITFIELD ")) {
			struct printed_bits *bits = g_new(struct printed_bits, 1);

			assert_true(number_after(lines[1], "bit offset = ", 10, &bits->shift));
			assert_true(number_after(lines[1], "# bits = ", 10, &bits->count));
			g_hash_table_insert(printed->bits, index, bits);
		}
	}
}

static void compare_member(const struct wv_profile *profile, const struct printed *printed,
			   const char *structure, const struct printed_member *expected)
{
	const struct printed_bits *bits =
		g_hash_table_lookup(printed->bits, GSIZE_TO_POINTER(expected->type));
	uint64_t bit = bits ? bits->shift : 0;
	struct wv_member member;

	if (!wv_profile_member(profile, structure, expected->name, &member))
		fail_msg("%s.%s is not found", structure, expected->name);
	if (member.offset != expected->offset + bit / 8 || member.bit_shift != bit % 8 ||
	    member.bit_count != (bits ? bits->count : 0))
		fail_msg("%s.%s: offset %lu, bits %u:%u; not %lu, %lu:%lu", structure,
			 expected->name, member.offset, member.bit_shift, member.bit_count,
			 expected->offset, bit, bits ? bits->count : 0);
}

static bool has_name(const char *name)
{
	return *name && !g_str_has_suffix(name, "<unnamed-tag>") &&
	       !g_str_has_suffix(name, "<anonymous-tag>") && strcmp(name, "__unnamed") != 0;
}

/* A structure's or union's lines, from that with its name up to that with its size. */
static void compare_definition(const struct wv_profile *profile, struct printed *printed,
			       char *const *lines)
{
	g_autofree char *name = quoted(*lines);
	uint64_t list = 0, expected, size;

	for (lines++; *lines && !strstr(*lines, "options: "); lines++)
		number_after(*lines, "field list: ", 16, &list);
	assert_non_null(*lines);
	if (strstr(*lines, "forward ref"))
		return;
	printed->definitions++;
	/* Of those with the same name the first has it. */
	if (!has_name(name) || !g_hash_table_add(printed->names, g_strdup(name)))
		return;
	assert_true(number_after(*lines, "sizeof ", 10, &expected));
	if (!wv_profile_size(profile, name, &size) || size != expected)
		fail_msg("%s has %lu bytes, not %lu", name, size, expected);
	if (list) {
		const GPtrArray *members =
			g_hash_table_lookup(printed->lists, GSIZE_TO_POINTER(list));

		assert_non_null(members);
		for (guint i = 0; i < members->len; i++)
			compare_member(profile, printed, name, members->pdata[i]);
		printed->members += members->len;
	}
}

/* clang writes values without a sign, and the tool prints what is written: 32 bits are compared. */
static void compare_enumerator(const struct wv_profile *profile, struct printed *printed,
			       const char *line)
{
	g_autofree char *name = between(line, "LF_ENUMERATE [", " = ");
	g_autofree char *text = between(line, " = ", "]");
	int64_t value;

	if (!wv_profile_enumerator(profile, name, &value))
		fail_msg("%s is not found", name);
	if ((uint32_t)value != (uint32_t)g_ascii_strtoull(text, NULL, 10) &&
	    (uint32_t)value != (uint32_t)g_ascii_strtoll(text, NULL, 10))
		fail_msg("%s is %ld, not %s", name, value, text);
	printed->enumerators++;
}

/* The pieces of a list that continue it are printed as lists that nothing seems to refer to. */
static void compare_large(const struct wv_profile *profile, struct printed *printed)
{
	GHashTableIter iter;
	gpointer list;

	g_hash_table_iter_init(&iter, printed->lists);
	while (g_hash_table_iter_next(&iter, NULL, &list)) {
		const GPtrArray *members = list;
		const struct printed_member *first = members->len ? members->pdata[0] : NULL;

		if (!first || !g_str_has_prefix(first->name, "large_member_"))
			continue;
		for (guint i = 0; i < members->len; i++)
			compare_member(profile, printed, "large", members->pdata[i]);
		printed->members += members->len;
	}
}

static void compare_types(const char *tool, const char *path, const struct wv_profile *profile,
			  struct printed *printed)
{
	const char *const argv[] = { tool, "dump", "-types", path, NULL };
	g_autofree char *output = output_of(argv);
	g_auto(GStrv) lines = g_strsplit(output, "\n", -1);

	read_lists(printed, lines);
	for (char **line = lines; *line; line++) {
		if (strstr(*line, " | LF_STRUCTURE ") || strstr(*line, " | LF_CLASS ") ||
		    strstr(*line, " | LF_UNION ") || strstr(*line, " | LF_INTERFACE "))
			compare_definition(profile, printed, line);
		else if (strstr(*line, "- LF_ENUMERATE "))
			compare_enumerator(profile, printed, *line);
	}
	compare_large(profile, printed);
	assert_int_equal(profile->types->count, printed->definitions);
}

static bool is_rearranged(const GByteArray *pdb)
{
	struct wv_pdb_dbi dbi;
	struct wv_msf msf;
	bool rearranged;

	assert_true(wv_msf_init(&msf, pdb->data, pdb->len, "test", NULL));
	assert_true(wv_pdb_dbi_read(&msf, &dbi, NULL));
	rearranged = dbi.omap_from != WV_MSF_NO_STREAM && wv_msf_has(&msf, dbi.omap_from);
	wv_msf_deinit(&msf);
	return rearranged;
}

static void compare_key(const char *tool, const char *path, const struct wv_pdb_id *id)
{
	const char *const argv[] = { tool, "dump", "-summary", path, NULL };
	g_autofree char *output = output_of(argv), *guid = between(output, "GUID: {", "}");
	g_auto(GStrv) parts = g_strsplit(guid, "-", -1);
	g_autofree char *joined = g_strjoinv("", parts);
	char key[WV_PDB_KEY_SIZE];

	wv_pdb_id_key(id, key);
	if (!g_str_has_prefix(key, joined))
		fail_msg("%s: %s, not %s", path, key, joined);
}

static void compare(const char *tool, const char *path)
{
	g_autoptr(GByteArray) pdb = pdb_read_or_fail(path);
	clock_t start = clock();
	struct wv_profile *profile = pdb_load_or_fail(path);
	double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	g_autofree char *base = g_path_get_basename(path);
	struct printed printed = {
		.lists = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref),
		.bits = g_hash_table_new_full(NULL, NULL, NULL, g_free),
		.names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
	};
	struct wv_pdb_id id;
	size_t publics = 0;

	assert_true(wv_pdb_identify(pdb->data, pdb->len, path, &id, NULL));
	compare_key(tool, path, &id);
	if (is_rearranged(pdb)) /* the tool does not translate */
		print_message("%s: rearranged, its addresses are not compared\n", base);
	else
		publics = compare_publics(tool, path, id.machine == WV_PE_I386, profile);
	compare_types(tool, path, profile, &printed);
	print_message("%s: %zu public symbols, %zu definitions, %zu members, %zu enumerators as "
		      "llvm-pdbutil has them; loaded in %.3f s\n",
		      base, publics, printed.definitions, printed.members, printed.enumerators,
		      seconds);
	g_hash_table_unref(printed.lists);
	g_hash_table_unref(printed.bits);
	g_hash_table_unref(printed.names);
	wv_profile_free(profile);
}

static void test_pdbutil(void **state)
{
	g_autofree char *tool = NULL;

	(void)state;
	if (!pdb_samples_there() || !(tool = find_tool("llvm-pdbutil")))
		skip();
	for (size_t i = 0; i < PDB_SAMPLES; i++) {
		g_autofree char *path = pdb_sample_path(pdb_samples[i], "pdb");

		compare(tool, path);
	}
}

static void test_further_pdbs(void **state)
{
	const char *path = g_getenv("WYVERN_PDBS"), *name;
	g_autofree char *tool = NULL;
	GDir *dir;

	(void)state;
	if (!path) {
		print_message("skipped: no folder of further PDBs (WYVERN_PDBS)\n");
		skip();
	}
	tool = find_tool("llvm-pdbutil");
	if (!tool)
		skip();
	dir = g_dir_open(path, 0, NULL);
	assert_non_null(dir);
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *file = g_build_filename(path, name, NULL);

		if (g_str_has_suffix(name, ".pdb"))
			compare(tool, file);
	}
	g_dir_close(dir);
}

/* The headers, as llvm-readobj prints them. */
static void test_readobj(void **state)
{
	g_autofree char *tool = NULL;

	(void)state;
	if (!pdb_samples_there() || !(tool = find_tool("llvm-readobj")))
		skip();
	for (size_t i = 0; i < PDB_SAMPLES; i++) {
		g_autofree char *path = pdb_sample_path(pdb_samples[i], "exe");
		const char *const argv[] = { tool, "--file-headers", "--sections", path, NULL };
		g_autofree char *output = output_of(argv);
		struct pdb_image image;
		uint64_t number;
		const char *at = output;

		pdb_image_load(&image, pdb_samples[i]);
		assert_true(number_after(output, "SizeOfImage: ", 10, &number));
		assert_int_equal(image.pe.size_of_image, number);
		assert_true(number_after(output, "AddressOfEntryPoint: 0x", 16, &number));
		assert_int_equal(image.pe.entry_point, number);
		assert_true(number_after(output, "ImageBase: 0x", 16, &number));
		assert_int_equal(image.pe.image_base, number);
		assert_true(number_after(output, "SectionCount: ", 10, &number));
		assert_int_equal(image.pe.n_sections, number);
		for (unsigned int j = 0; j < image.pe.n_sections; j++) {
			const struct wv_pe_section *section = &image.pe.sections[j];
			g_autofree char *name = NULL;

			at = strstr(at, "  Section {");
			assert_non_null(at);
			at += strlen("  Section {");
			name = between(at, "Name: ", " (");
			assert_string_equal(section->name, name);
			assert_true(number_after(at, "VirtualSize: 0x", 16, &number));
			assert_int_equal(section->size, number);
			assert_true(number_after(at, "VirtualAddress: 0x", 16, &number));
			assert_int_equal(section->rva, number);
			assert_true(number_after(at, "RawDataSize: ", 10, &number));
			assert_int_equal(section->raw_size, number);
			assert_true(number_after(at, "PointerToRawData: 0x", 16, &number));
			assert_int_equal(section->raw_offset, number);
		}
		pdb_image_unload(&image);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pdbutil),
		cmocka_unit_test(test_further_pdbs),
		cmocka_unit_test(test_readobj),
	};

	return cmocka_run_group_tests(tests, pdb_samples_make, pdb_samples_remove);
}

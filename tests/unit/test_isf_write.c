/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ISF profiles that were written: read back they are the profile that they were made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "pdb_builder.h"
#include "profile/isf_write.h"
#include "profile/load.h"
#include "profile/tables.h"
#include "profile_check.h"
#include "temp_folder.h"

#define GUID "0123456789ABCDEF0123456789ABCDEF"

static struct wv_profile *parse_or_fail(const void *data, size_t size, const char *name)
{
	return profile_or_fail(wv_profile_parse, data, size, name);
}

/* Writes the profile, and reads the file. */
static struct wv_profile *there_and_back(const struct wv_profile *profile, const char *name)
{
	g_autofree char *path = g_build_filename(temp_folder, name, NULL);
	GError *error = NULL;
	struct wv_profile *back;

	if (!wv_isf_write(profile, path, &error))
		fail_msg("%s", error->message);
	back = wv_profile_load(path, &error);
	if (!back)
		fail_msg("%s", error->message);
	assert_string_equal(back->symbols->origin, "isf");
	return back;
}

/* ---- the same ---- */

static const struct wv_table_types *types_of(const struct wv_profile *profile)
{
	return (const struct wv_table_types *)profile->types;
}

static void assert_same_symbols(const struct wv_profile *profile, const struct wv_profile *back)
{
	GHashTable *addresses = ((const struct wv_table_symbols *)profile->symbols)->addresses;
	GHashTableIter iter;
	gpointer name, address;
	uint64_t found;

	assert_int_equal(profile->symbols->count, back->symbols->count);
	g_hash_table_iter_init(&iter, addresses);
	while (g_hash_table_iter_next(&iter, &name, &address)) {
		if (!wv_profile_symbol(back, name, &found) || found != (uint64_t)address)
			fail_msg("%s is another", (char *)name);
	}
}

static void assert_same_members(const struct wv_profile *profile, const struct wv_profile *back,
				const char *name)
{
	const struct wv_table_structure *structure =
		g_hash_table_lookup(types_of(profile)->structures, name);

	for (size_t i = 0; i < structure->count; i++) {
		const char *field = structure->fields[i].name;
		struct wv_member a, b;

		if (!wv_profile_member(profile, name, field, &a) ||
		    !wv_profile_member(back, name, field, &b) || !same_member(&a, &b))
			fail_msg("%s.%s is another", name, field);
	}
}

/* By enumeration: the same enumerator may be in several, with other values. */
static void assert_same_enum(const char *name, const struct wv_table_enum *a,
			     const struct wv_table_enum *b)
{
	if (!b || a->size != b->size || a->count != b->count ||
	    (a->base && strcmp(a->base, b->base) != 0))
		fail_msg("%s is another", name);
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->constants[i].name, b->constants[i].name) != 0 ||
		    a->constants[i].value != b->constants[i].value)
			fail_msg("%s: %s is another", name, a->constants[i].name);
	}
}

static void assert_same_types(const struct wv_profile *profile, const struct wv_profile *back)
{
	GHashTableIter iter;
	gpointer name, value;

	assert_int_equal(profile->types->count, back->types->count);
	g_hash_table_iter_init(&iter, types_of(profile)->structures);
	while (g_hash_table_iter_next(&iter, &name, &value)) {
		const struct wv_table_structure *a = value, *b;

		b = g_hash_table_lookup(types_of(back)->structures, name);
		if (!b || a->shape != b->shape || a->size != b->size || a->count != b->count)
			fail_msg("%s is another", (char *)name);
		assert_same_members(profile, back, name);
	}
	assert_int_equal(g_hash_table_size(types_of(profile)->enums),
			 g_hash_table_size(types_of(back)->enums));
	g_hash_table_iter_init(&iter, types_of(profile)->enums);
	while (g_hash_table_iter_next(&iter, &name, &value))
		assert_same_enum(name, value, g_hash_table_lookup(types_of(back)->enums, name));
}

static void assert_same(const struct wv_profile *profile, const struct wv_profile *back)
{
	assert_same_symbols(profile, back);
	assert_same_types(profile, back);
	assert_string_equal(profile->pdb_name, back->pdb_name);
	assert_string_equal(profile->pdb_key, back->pdb_key);
}

static void test_pdb(void **state)
{
	g_autoptr(GByteArray) pdb = pdb_small_kernel(512, false, false);
	g_autoptr(wv_profile) profile = parse_or_fail(pdb->data, pdb->len, "/x/nt.pdb");
	g_autoptr(wv_profile) back = there_and_back(profile, "out.json");
	g_autoptr(wv_profile) again = there_and_back(back, "again.json.xz");
	g_autofree char *path = g_build_filename(temp_folder, "again.json.xz", NULL);
	g_autofree char *packed = NULL;
	gsize size;

	(void)state;
	assert_true(profile->types->count > 10);
	assert_same(profile, back);
	assert_int_equal(back->pdb_machine, WV_PE_AMD64);
	assert_same(profile, again);
	assert_true(g_file_get_contents(path, &packed, &size, NULL));
	assert_true(size > 6 && memcmp(packed,
				       "\xfd"
				       "7zXZ",
				       6) == 0);
}

static void test_rekall(void **state)
{
	static const struct expected_member mode = { "_S", "Mode", { 52, 1, 0, 0 } };
	static const struct expected_member written[] = {
		{ "_S", "Sized.Self", { 32, 4, 0, 0 } },
		{ "_S", "Sized", { 32, 16, 0, 0 } },
		{ "_S", "Call", { 56, 4, 0, 0 } },
		{ "_S", "Gone", { 53, 1, 0, 0 } },
	};
	static const char text[] =
		"{\"$CONSTANTS\": {\"A\": 4096}, \"$METADATA\": {\"arch\": \"I386\", \"GUID_AGE\":"
		" \"" GUID "1a\", \"PDBFile\": \"nt.pdb\"},"
		" \"$REVENUMS\": {\"_MODE\": {\"Kernel\": 0, \"User\": 1}},"
		" \"$STRUCTS\": {\"_S\": [64, {"
		"\"Grid\": [0, [\"Array\", {\"count\": 3, \"target\": \"Array\", \"target_args\":"
		" {\"count\": 5, \"target\": \"unsigned short\"}}]],"
		"\"Sized\": [32, [\"Array\", {\"size\": 16, \"target\": \"_T\"}]],"
		"\"Bits\": [48, [\"BitField\", {\"start_bit\": 11, \"end_bit\": 14, \"target\":"
		" \"unsigned long\"}]],"
		"\"Mode\": [52, [\"Enumeration\", {\"enum_name\": \"_MODE\", \"target\":"
		" \"char\"}]],"
		"\"Gone\": [53, [\"Enumeration\", {\"enum_name\": \"_NONE\", \"target\":"
		" \"char\"}]],"
		"\"Call\": [56, [\"Pointer\", {\"target\": \"Function\"}]],"
		"\"Text\": [60, [\"String\", {\"length\": 4}]]}],"
		"\"_T\": [8, {\"Self\": [0, [\"Pointer\", {\"target\": \"_T\"}]]}]}}";
	g_autoptr(wv_profile) profile = parse_or_fail(text, strlen(text), "test");
	g_autoptr(wv_profile) back = there_and_back(profile, "out.json");

	(void)state;
	assert_same_symbols(profile, back);
	assert_string_equal(back->pdb_key, GUID "1a");
	assert_int_equal(back->pdb_machine, WV_PE_I386);
	assert_same_members(profile, back, "_T");
	/* all but the enumeration's size, which an ISF has once for all members */
	assert_members(profile->types, &mode, 1);
	assert_members(back->types, written, G_N_ELEMENTS(written));
}

/* ---- the form ---- */

static json_object *get(json_object *object, const char *key)
{
	json_object *value = NULL;

	if (!json_object_object_get_ex(object, key, &value))
		fail_msg("there is no %s", key);
	return value;
}

static json_object *field_type(json_object *isf, const char *structure, const char *field)
{
	json_object *fields = get(get(get(isf, "user_types"), structure), "fields");

	return get(get(fields, field), "type");
}

static void assert_type(json_object *isf, const char *structure, const char *field,
			const char *expected)
{
	json_object *type = json_tokener_parse(expected);
	json_object *found = field_type(isf, structure, field);

	assert_non_null(type);
	if (!json_object_equal(type, found))
		fail_msg("%s.%s: %s", structure, field, json_object_to_json_string(found));
	json_object_put(type);
}

#define BASE(name)  "{\"kind\": \"base\", \"name\": \"" name "\"}"
#define ULONG	    BASE("unsigned long")
#define LIST	    "{\"kind\": \"struct\", \"name\": \"_LIST_ENTRY\"}"
#define POINTER(to) "{\"kind\": \"pointer\", \"subtype\": " to "}"

/* As pdb_builder_small.c has them. */
static void test_types(void **state)
{
	g_autoptr(GByteArray) pdb = pdb_small_kernel(512, false, false);
	g_autoptr(wv_profile) profile = parse_or_fail(pdb->data, pdb->len, "/x/nt.pdb");
	g_autofree char *path = g_build_filename(temp_folder, "out.json", NULL);
	json_object *isf, *metadata;

	(void)state;
	assert_true(wv_isf_write(profile, path, NULL));
	isf = json_object_from_file(path);
	assert_non_null(isf);
	metadata = get(get(isf, "metadata"), "windows");
	assert_string_equal(
		json_object_to_json_string_ext(get(metadata, "pdb"), JSON_C_TO_STRING_PLAIN),
		"{\"GUID\":\"A3A2A1A0A5A4A7A6A8A9AAABACADAEAF\",\"age\":1,"
		"\"database\":\"nt.pdb\",\"machine_type\":34404}");
	assert_string_equal(json_object_get_string(get(get(isf, "metadata"), "format")), "6.2.0");
	assert_type(isf, "_EPROCESS", "Parent",
		    POINTER("{\"kind\": \"struct\", \"name\": \"_EPROCESS\"}"));
	assert_type(isf, "_EPROCESS", "ActiveProcessLinks", LIST);
	assert_type(isf, "_EPROCESS", "Grid",
		    "{\"kind\": \"array\", \"count\": 2, \"subtype\": {\"kind\": \"array\","
		    " \"count\": 3, \"subtype\": " LIST "}}");
	assert_type(isf, "_EPROCESS", "CreateTime",
		    "{\"kind\": \"union\", \"name\": \"_LARGE_INTEGER\"}");
	assert_type(isf, "_EPROCESS", "Mode", "{\"kind\": \"enum\", \"name\": \"_MODE\"}");
	assert_type(
		isf, "_EPROCESS", "Five",
		"{\"kind\": \"bitfield\", \"bit_position\": 1, \"bit_length\": 5, \"type\": " ULONG
		"}");
	assert_type(isf, "_EPROCESS", "NoType", BASE("void"));
	json_object_put(isf);
}

/* Names that JSON can not have as they are; what is no UTF-8 is not kept. */
static void test_hostile_names(void **state)
{
	static const char *const names[] = { "quote\"",	 "back\\slash", "line\n\x01",
					     "\xc3\xa4", "??$x@V<>",	"" };
	g_autoptr(GByteArray) pdb = NULL;
	g_autoptr(wv_profile) profile = NULL, back = NULL;
	struct pdb_builder b;
	uint64_t address;

	(void)state;
	pdb_builder_init(&b);
	pdb_add_section(b.sections, 0x1000);
	for (uint32_t i = 0; *names[i]; i++)
		pdb_add_public(&b, names[i], 1, i);
	pdb_add_public(&b, "bad\xff", 1, 100);
	pdb = pdb_finish(&b);
	pdb_builder_deinit(&b);
	profile = parse_or_fail(pdb->data, pdb->len, "nt.pdb");
	back = there_and_back(profile, "out.json");
	for (uint32_t i = 0; *names[i]; i++) {
		assert_true(wv_profile_symbol(back, names[i], &address));
		assert_int_equal(address, 0x1000 + i);
	}
	assert_true(wv_profile_symbol(back, "bad\xef\xbf\xbd", &address));
	assert_int_equal(profile->symbols->count, back->symbols->count);
}

/* ---- files ---- */

static void assert_refused(const struct wv_profile *profile, const char *path, enum wv_error code,
			   const char *message)
{
	g_autoptr(GError) error = NULL;

	assert_false(wv_isf_write(profile, path, &error));
	if (!g_error_matches(error, WV_ERROR, (gint)code) || !strstr(error->message, message))
		fail_msg("%s: \"%s\" does not say \"%s\"", path, error->message, message);
}

static unsigned count_files(void)
{
	g_autoptr(GDir) dir = g_dir_open(temp_folder, 0, NULL);
	unsigned count = 0;

	while (g_dir_read_name(dir))
		count++;
	return count;
}

static void test_files(void **state)
{
	static const char linux_isf[] = "{\"metadata\": {\"format\": \"6.2.0\"}, \"symbols\":"
					" {\"A\": {\"address\": 1}}}";
	g_autoptr(GByteArray) pdb = pdb_small_kernel(512, false, false);
	g_autoptr(wv_profile) profile = parse_or_fail(pdb->data, pdb->len, "/x/nt.pdb");
	g_autoptr(wv_profile) other = parse_or_fail(linux_isf, strlen(linux_isf), "test");
	g_autofree char *path = g_build_filename(temp_folder, "out.json", NULL);
	g_autofree char *fifo = g_build_filename(temp_folder, "fifo", NULL);
	g_autofree char *data = NULL;

	(void)state;
	assert_true(g_file_set_contents(path, "before", -1, NULL));
	assert_refused(other, path, WV_ERROR_USAGE, "which PDB");
	assert_refused(profile, "/nonexistent/out.json", WV_ERROR_OUTPUT, "/nonexistent/out.json");
	assert_refused(profile, temp_folder, WV_ERROR_OUTPUT, "not a regular file");
	/* what is there stays what it is */
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_refused(profile, fifo, WV_ERROR_OUTPUT, "not a regular file");
	assert_true(g_file_get_contents(path, &data, NULL, NULL));
	assert_string_equal(data, "before");
	assert_int_equal(count_files(), 2);
	assert_true(wv_isf_write(profile, path, NULL));
	assert_int_equal(count_files(), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temp_folder_set_up, temp_folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pdb),		  TEST(test_rekall), TEST(test_types),
		TEST(test_hostile_names), TEST(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ISF profiles: small ones, malformed ones, real ones of Windows kernels, and ones made from real
 * Linux kernels, which must agree with those kernels' own kallsyms and BTF.
 *
 * $WYVERN_SHARED (else ../shared beside the project's root) holds the Windows ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <lzma.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "profile/btf.h"
#include "profile/btf_table.h"
#include "profile/isf.h"
#include "profile/load.h"
#include "profile/tables.h"
#include "profile_check.h"
#include "shared_profiles.h"
#include "temp_folder.h"
#include "vmlinux.h"

#define METADATA "\"metadata\": {\"format\": \"6.2.0\"}"

/* ---- a small profile ---- */

static char *small; /* tests/fuzz/corpus/isf/small.json */

static struct wv_profile *parse_or_fail(const void *data, size_t size)
{
	return profile_or_fail(wv_isf_parse, data, size, "test");
}

static void assert_address(const struct wv_profile *profile, const char *name, uint64_t expected)
{
	uint64_t address = 0;

	if (!wv_profile_symbol(profile, name, &address) || address != expected)
		fail_msg("%s: %lx", name, address);
}

static void assert_small(const struct wv_profile *profile)
{
	static const struct expected_member expected[] = {
		{ "task", "state", { 0, 4, 0, 0 } },
		{ "task", "comm", { 20, 16, 0, 0 } },
		{ "task", "grid", { 48, 96, 0, 0 } },
		{ "task", "grid.owner", { 56, 4, 0, 0 } },
		{ "task", "mm", { 144, 8, 0, 0 } },
		{ "task", "kind", { 152, 4, 0, 0 } },
		{ "task", "call", { 156, 0, 0, 0 } },
		{ "task", "unknown", { 157, 0, 0, 0 } },
		{ "task", "flag", { 161, 3, 6, 12 } },
		{ "task", "defined.owner", { 176, 4, 0, 0 } },
		{ "task", "through.owner", { 192, 4, 0, 0 } },
		{ "task", "as_base", { 200, 16, 0, 0 } },
		{ "task", "as_base.owner", { 208, 4, 0, 0 } },
		{ "task", "named_union.hidden", { 216, 1, 0, 0 } },
		{ "task", "low", { 224, 4, 0, 0 } },
		{ "task", "high", { 228, 4, 0, 0 } },
		{ "unnamed_2", "high", { 4, 4, 0, 0 } },
		{ "task", "hidden", NO_MEMBER },
		{ "task", "mm.owner", NO_MEMBER },
		{ "task", "flag.x", NO_MEMBER },
		{ "task", "state.x", NO_MEMBER },
		{ "task", "", NO_MEMBER },
		{ "task", "grid.", NO_MEMBER },
		{ "task", ".grid", NO_MEMBER },
		{ "task", "com", NO_MEMBER },
		{ "none", "x", NO_MEMBER },
		{ "opaque", "x", NO_MEMBER },
		{ "self", "x", NO_MEMBER },
		{ "task", "unknown.x", NO_MEMBER },
	};
	uint64_t number;
	int64_t value;

	assert_address(profile, "canonical", UINT64_C(0xffffffff81000000));
	assert_address(profile, "cut", UINT64_C(0xffffffffff000000));
	assert_address(profile, "negative", UINT64_C(0xffffffff81000000));
	assert_address(profile, "offset", 1753456);
	assert_address(profile, "zero", 0);
	assert_address(profile, "again", 2);
	assert_address(profile, "split", 77);
	assert_address(profile, "escapedA\n", 5);
	assert_false(wv_profile_symbol(profile, "none", &number));
	assert_int_equal(profile->symbols->count, 10);
	assert_string_equal(profile->symbols->origin, "isf");
	assert_string_equal(profile->banner, "Linux version 6.1.0 (builder)");

	assert_members(profile->types, expected, G_N_ELEMENTS(expected));
	assert_true(wv_profile_size(profile, "task", &number));
	assert_int_equal(number, 256);
	assert_false(wv_profile_size(profile, "none", &number));
	assert_true(wv_profile_enumerator(profile, "PIDTYPE_TGID", &value));
	assert_int_equal(value, 1);
	assert_true(wv_profile_enumerator(profile, "BAD", &value));
	assert_int_equal(value, -1);
	assert_false(wv_profile_enumerator(profile, "none", &value));
	assert_int_equal(profile->types->count, 8);
}

static void test_small(void **state)
{
	struct wv_profile *profile = parse_or_fail(small, strlen(small));

	(void)state;
	assert_small(profile);
	wv_profile_free(profile);
}

/* ---- xz, and files ---- */

static void assert_refused(const void *data, size_t size, const char *message)
{
	assert_profile_refused(wv_isf_parse, data, size, message);
}

static void test_xz(void **state)
{
	g_autoptr(GByteArray) xz = xz_pack(small, strlen(small));
	struct wv_profile *profile = parse_or_fail(xz->data, xz->len);
	guint length = xz->len;

	(void)state;
	assert_small(profile);
	wv_profile_free(profile);

	assert_refused(xz->data, length - 1, "truncated");
	assert_refused(xz->data, 20, "truncated");
	xz->data[length / 2] ^= 0x55;
	assert_refused(xz->data, length, "damaged");
}

/* The block's header asks for a dictionary of 4 GiB; its checksum is right. */
static void test_xz_wants_too_much_memory(void **state)
{
	const size_t block = 12; /* behind the stream's header */
	g_autoptr(GByteArray) xz = xz_pack(small, strlen(small));
	size_t size = (size_t)(xz->data[block] + 1) * 4;
	size_t filter = block + 2;
	uint32_t sum;

	(void)state;
	while (filter < block + size && xz->data[filter] != 0x21) /* LZMA2, behind two sizes */
		filter++;
	assert_int_equal(xz->data[filter + 1], 1); /* one byte of properties */
	xz->data[filter + 2] = 40;
	sum = lzma_crc32(xz->data + block, size - 4, 0);
	memcpy(xz->data + block + size - 4, &sum, sizeof(sum));
	assert_refused(xz->data, xz->len, "too much memory");
}

static void assert_load_fails(const char *path, gint code)
{
	GError *error = NULL;

	assert_null(wv_profile_load(path, &error));
	assert_true(g_error_matches(error, WV_ERROR, code));
	assert_non_null(strstr(error->message, path));
	g_error_free(error);
}

static void test_files(void **state)
{
	g_autoptr(GByteArray) xz = xz_pack(small, strlen(small));
	g_autofree char *plain = g_build_filename(temp_folder, "plain.json", NULL);
	g_autofree char *packed = g_build_filename(temp_folder, "packed", NULL);
	g_autofree char *empty = g_build_filename(temp_folder, "empty", NULL);
	g_autofree char *none = g_build_filename(temp_folder, "none", NULL);
	struct wv_profile *profile;

	(void)state;
	assert_true(g_file_set_contents(plain, small, -1, NULL));
	assert_true(g_file_set_contents(packed, (char *)xz->data, xz->len, NULL));
	assert_true(g_file_set_contents(empty, "", 0, NULL));
	profile = wv_profile_load(plain, NULL);
	assert_non_null(profile);
	assert_small(profile);
	wv_profile_free(profile);
	profile = wv_profile_load(packed, NULL);
	assert_non_null(profile);
	assert_small(profile);
	wv_profile_free(profile);
	assert_load_fails(none, WV_ERROR_USAGE);
	assert_load_fails(temp_folder, WV_ERROR_USAGE);
	assert_load_fails(empty, WV_ERROR_FORMAT);
}

/* ---- malformed ---- */

static void test_malformed(void **state)
{
	static const struct refused_text cases[] = {
		{ "", "an object is missing" },
		{ "[]", "an object is missing" },
		{ "not JSON", "an object is missing" },
		{ "{", "a name is missing" },
		{ "{}", "no metadata" },
		{ "{" METADATA, "a comma or brace is missing" },
		{ "{" METADATA "}", "neither symbols nor types" },
		{ "{" METADATA "} x", "something follows" },
		{ "{" METADATA ",}", "a name is missing" },
		{ "{\"metadata\"}", "a colon is missing" },
		{ "{\"metadata\":", "ends too early" },
		{ "{\"metadata\": 1}", "not an object" },
		{ "{\"metadata\": {", "ends too early" },
		{ "{\"meta", "ends too early" },
		{ "{\"$METADATA\": {}}", "a Rekall profile" },
		{ "{\"symbols\": 1}", "symbols: an object is missing" },
		{ "{\"symbols\": {\"a\": 1}}", "symbols: a symbol is malformed" },
		{ "{\"symbols\": {\"a\": {}}}", "symbols: a symbol has no address" },
		{ "{\"symbols\": {\"a\": {\"address\": \"1\"}}}", "a symbol has no address" },
		{ "{\"symbols\": {\"a\": {\"address\": 1.5}}}", "a symbol has no address" },
		{ "{\"user_types\": {\"a\": []}}", "user_types: a type is malformed" },
		{ "{\"user_types\": {\"a\": {}}}", "user_types: a type has no size" },
		{ "{\"user_types\": {\"a\": {\"size\": -1}}}", "a type has no size" },
		{ "{\"user_types\": {\"a\": {\"size\": 1, \"fields\": {\"b\": {}}}}}",
		  "a field has no offset" },
		{ "{\"user_types\": {\"a\": {\"size\": 1, \"fields\": {\"b\": 5}}}}",
		  "a field has no offset" },
		{ "{\"user_types\": {\"a\": {\"size\": 1, \"fields\": {\"b\": {\"offset\": 0,"
		  " \"type\": {\"kind\": \"bitfield\", \"bit_position\": 0}}}}}}",
		  "a field's type is malformed" },
		{ "{\"user_types\": {\"a\": {\"size\": 1, \"fields\": {\"b\": {\"offset\": 0,"
		  " \"type\": {\"kind\": \"array\", \"count\": 9000000000000000000, \"subtype\":"
		  " {\"kind\": \"array\", \"count\": 9000000000000000000}}}}}}}",
		  "a field's type is malformed" },
		{ "{\"enums\": {\"a\": 7}}", "an enum is malformed" },
		{ "{\"base_types\": {\"a\": 7}}", "a base type is malformed" },
	};

	(void)state;
	assert_all_refused(wv_isf_parse, cases, G_N_ELEMENTS(cases));
	/* Cut anywhere, it is refused. (Its last two bytes are the brace and a newline.) */
	for (size_t size = 0; size < strlen(small) - 2; size++)
		assert_refused(small, size, NULL);
}

static void test_entry_too_large(void **state)
{
	g_autofree char *name = g_strnfill(5 << 20, 'x');
	g_autofree char *text =
		g_strdup_printf("{\"symbols\": {\"a\": {\"address\": 1, \"b\": \"%s\"}}}", name);

	(void)state;
	assert_refused(text, strlen(text), "too large");
}

static void test_deep_json(void **state)
{
	g_autoptr(GString) text = g_string_new("{\"metadata\": ");

	(void)state;
	for (int i = 0; i < 100000; i++)
		g_string_append(text, "{\"a\":");
	assert_refused(text->str, text->len, "nesting too deep");
}

/* ---- real profiles of Windows kernels ---- */

static void test_windows(void **state)
{
	static const struct {
		const char *file;
		uint64_t process_id, image_name, key, previous_mode, allocate;
	} known[] = {
		{ "nt-6.1.7601.24540-x64", 0x180, 0x2e0, 184, 0x1f6, 1937424 },
		{ "nt-10.0.17763.379-x64", 0x2e0, 0x450, 192, 0x232, 3448880 },
		{ "nt-10.0.19041.3448-x64", 0x440, 0x5a8, 192, 0x232, 10190864 },
		{ "nt-10.0.22000.2295-x64", 0x440, 0x5a8, 192, 0x232, 10942352 },
	};
	g_autofree char *folder = shared_profiles();

	(void)state;
	if (!folder)
		skip();
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
		g_autofree char *path = g_strdup_printf("%s/%s.json.xz", folder, known[i].file);
		GError *error = NULL;
		clock_t start = clock();
		struct wv_profile *profile = wv_profile_load(path, &error);
		double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
		struct wv_member member;
		int64_t value;

		if (!profile)
			fail_msg("%s", error->message);
		print_message("%s: %.3f s, %zu symbols, %zu types\n", known[i].file, seconds,
			      profile->symbols->count, profile->types->count);
		assert_true(seconds < 1.0);
		assert_null(profile->banner);
		assert_true(wv_profile_member(profile, "_EPROCESS", "UniqueProcessId", &member));
		assert_int_equal(member.offset, known[i].process_id);
		assert_int_equal(member.size, 8);
		assert_true(wv_profile_member(profile, "_EPROCESS", "ImageFileName", &member));
		assert_int_equal(member.offset, known[i].image_name);
		assert_int_equal(member.size, 15);
		assert_true(wv_profile_member(profile, "_OBJECT_TYPE", "Key", &member));
		assert_int_equal(member.offset, known[i].key);
		assert_int_equal(member.size, 4);
		assert_true(wv_profile_member(profile, "_KTHREAD", "PreviousMode", &member));
		assert_int_equal(member.offset, known[i].previous_mode);
		assert_int_equal(member.size, 1);
		assert_true(
			wv_profile_member(profile, "_EPROCESS", "Pcb.DirectoryTableBase", &member));
		assert_int_equal(member.offset, 0x28);
		assert_true(wv_profile_member(profile, "_MMVAD_FLAGS", "Protection", &member));
		assert_int_equal(member.bit_count, 5);
		assert_true(wv_profile_enumerator(profile, "NonPagedPool", &value));
		assert_int_equal(value, 0);
		assert_address(profile, "ExAllocatePoolWithTag", known[i].allocate);
		wv_profile_free(profile);
	}
}

/* ---- profiles made from real Linux kernels ---- */

static GPtrArray *kernels;

/* Runs make-isf.py, which has readers of its own for kallsyms and BTF. */
static struct wv_profile *make_profile(const struct vmlinux *kernel)
{
	g_autofree char *dir = g_dir_make_tmp("wyvern-XXXXXX", NULL);
	g_autofree char *out = g_build_filename(dir, "profile.json.xz", NULL);
	const char *argv[] = { "python3", WV_SOURCE_ROOT "/tests/tools/make-isf.py", kernel->path,
			       out, NULL };
	GError *error = NULL;
	struct wv_profile *profile;
	gint64 start;
	int status;

	if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
			  &status, &error) ||
	    !g_spawn_check_wait_status(status, &error))
		fail_msg("make-isf.py: %s", error->message);
	start = g_get_monotonic_time();
	profile = wv_profile_load(out, &error);
	if (!profile)
		fail_msg("%s", error->message);
	print_message("%s: loaded in %.3f s, %zu symbols, %zu types\n", kernel->name,
		      (double)(g_get_monotonic_time() - start) / 1e6, profile->symbols->count,
		      profile->types->count);
	g_unlink(out);
	g_rmdir(dir);
	return profile;
}

static void compare_symbols(const struct wv_profile *profile, const struct wv_symbols *symbols)
{
	const struct wv_table_symbols *isf = (const struct wv_table_symbols *)profile->symbols;
	GHashTableIter iter;
	gpointer name, address;

	g_hash_table_iter_init(&iter, isf->addresses);
	while (g_hash_table_iter_next(&iter, &name, &address)) {
		uint64_t found;

		if (!symbols->find(symbols, name, &found))
			fail_msg("kallsyms does not have %s", (char *)name);
		if (found != (uint64_t)address)
			fail_msg("%s: ISF %lx, kallsyms %lx", (char *)name, (uint64_t)address,
				 found);
	}
}

/* Whether a member is of a structure of whose name there are several: an ISF has but one. */
static bool is_ambiguous(const struct wv_btf_table *table, GHashTable *names, uint32_t id)
{
	struct wv_btf_type type;
	uint32_t count;

	for (;;) {
		wv_btf_type(table, wv_btf_strip(table, id), &type);
		if (type.kind != WV_BTF_ARRAY)
			return (uintptr_t)g_hash_table_lookup(names, type.name) > 1;
		wv_btf_array(&type, &id, &count);
	}
}

static unsigned int compare_structure(const struct wv_profile *profile,
				      const struct wv_types *types,
				      const struct wv_btf_table *table, GHashTable *names,
				      const struct wv_btf_type *type)
{
	unsigned int compared = 0;

	for (uint32_t i = 0; i < type->vlen; i++) {
		struct wv_member from_isf, from_btf;
		struct wv_btf_member member;

		wv_btf_member(table, type, i, &member);
		if (!*member.name)
			continue;
		if (!types->member(types, type->name, member.name, &from_btf) ||
		    !wv_profile_member(profile, type->name, member.name, &from_isf))
			fail_msg("%s.%s is not found", type->name, member.name);
		if (is_ambiguous(table, names, member.type))
			from_isf.size = from_btf.size;
		if (!same_member(&from_isf, &from_btf))
			fail_msg("%s.%s: ISF %lu %u %u:%u, BTF %lu %u %u:%u", type->name,
				 member.name, from_isf.offset, from_isf.size, from_isf.bit_shift,
				 from_isf.bit_count, from_btf.offset, from_btf.size,
				 from_btf.bit_shift, from_btf.bit_count);
		compared++;
	}
	return compared;
}

/* Every structure that is the only one of its name, with all its members. */
static void compare_types(const struct wv_profile *profile, const struct vmlinux *kernel,
			  const struct wv_types *types)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	struct wv_btf_table table;
	unsigned int structures = 0, members = 0;
	uint64_t start, size;

	assert_true(vmlinux_section(kernel, ".BTF", &start, &size));
	assert_true(wv_btf_table_init(&table, vmlinux_at(kernel, start, size), size, NULL));
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t id = 1; id < table.count; id++) {
			struct wv_btf_type type;
			uint64_t from_isf, from_btf;

			wv_btf_type(&table, id, &type);
			if ((type.kind != WV_BTF_STRUCT && type.kind != WV_BTF_UNION) ||
			    !*type.name)
				continue;
			if (pass == 0) {
				uintptr_t seen = (uintptr_t)g_hash_table_lookup(names, type.name);

				g_hash_table_replace(names, (gpointer)type.name,
						     (gpointer)(seen + 1));
				continue;
			}
			if ((uintptr_t)g_hash_table_lookup(names, type.name) != 1)
				continue;
			assert_true(types->size(types, type.name, &from_btf));
			assert_true(wv_profile_size(profile, type.name, &from_isf));
			assert_int_equal(from_isf, from_btf);
			members += compare_structure(profile, types, &table, names, &type);
			structures++;
		}
	}
	wv_btf_table_deinit(&table);
	print_message("  %u structures, %u members compared\n", structures, members);
	assert_true(structures > 5000 && members > 40000);
}

static void test_linux(void **state)
{
	(void)state;
	if (!kernels)
		skip();
	for (guint i = 0; i < kernels->len; i++) {
		const struct vmlinux *kernel = kernels->pdata[i];
		struct wv_profile *profile = make_profile(kernel);
		struct wv_symbols *symbols = wv_kallsyms_find(&kernel->image, NULL);
		struct wv_types *types = wv_btf_find(&kernel->image, symbols, NULL);
		uint64_t address;
		const char *banner;

		assert_non_null(symbols);
		assert_non_null(types);
		compare_symbols(profile, symbols);
		compare_types(profile, kernel, types);
		assert_true(symbols->find(symbols, "linux_banner", &address));
		banner = (const char *)vmlinux_at(kernel, address, 512);
		assert_non_null(profile->banner);
		assert_true(g_str_has_prefix(banner, profile->banner));
		assert_string_equal(banner + strlen(profile->banner), "\n");
		types->destroy(types);
		symbols->destroy(symbols);
		wv_profile_free(profile);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_xz),
		cmocka_unit_test(test_xz_wants_too_much_memory),
		cmocka_unit_test_setup_teardown(test_files, temp_folder_set_up,
						temp_folder_tear_down),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_entry_too_large),
		cmocka_unit_test(test_deep_json),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_linux),
	};
	int failed;

	if (!g_file_get_contents(WV_SOURCE_ROOT "/tests/fuzz/corpus/isf/small.json", &small, NULL,
				 NULL))
		g_error("tests/fuzz/corpus/isf/small.json can not be read");
	kernels = vmlinux_load_all();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	if (kernels)
		g_ptr_array_unref(kernels);
	g_free(small);
	return failed;
}

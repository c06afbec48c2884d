/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rekall profiles: one with a member of each kind, 32-bit ones, and malformed ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "base/error.h"
#include "profile/rekall.h"
#include "profile_check.h"

#define METADATA                                                                                   \
	"\"$METADATA\": {\"GUID_AGE\": \"0123456789ABCDEF0123456789ABCDEF1\","                     \
	" \"PDBFile\": \"ntkrnlmp.pdb\", \"ProfileClass\": \"Nt\", \"Type\": \"Profile\"}"

/* Sorted by name, as Rekall writes it; a member's structure may be defined after it. */
static const char small[] =
	" {\"$CONSTANTS\": {\"PsInitialSystemProcess\": 3698784, \"NtBuildNumber\": 0},\n"
	"\"$ENUMS\": {\"_MODE\": {\"0\": \"KernelMode\", \"1\": \"UserMode\", \"-2\": \"Minus\","
	"  \"x\": \"Ignored\", \"3\": \"Other\"}},\n"
	"\"$FUNCTIONS\": {\"KeBugCheckEx\": 532480},\n" METADATA ",\n"
	"\"$REVENUMS\": {\"_MODE\": {\"KernelMode\": 0, \"UserMode\": 1, \"MaximumMode\": 1,"
	"  \"Other\": 4}},\n"
	"\"$STRUCTS\": {\"_EPROCESS\": [1024, {\n"
	"\"Pcb\": [0, [\"_KPROCESS\", {}]],\n"
	"\"Links\": [16, [\"_LIST_ENTRY\"]],\n"
	"\"Id\": [32, [\"Pointer\", {\"target\": \"Void\", \"target_args\": null}]],\n"
	"\"Name\": [40, [\"Array\", {\"count\": 15, \"target\": \"unsigned char\"}]],\n"
	"\"Heads\": [64, [\"Array\", {\"count\": 4, \"target\": \"_LIST_ENTRY\","
	"  \"target_args\": {}}]],\n"
	"\"Grid\": [128, [\"Array\", {\"count\": 3, \"target\": \"Array\", \"target_args\":"
	"  {\"count\": 5, \"target\": \"unsigned short\"}}]],\n"
	"\"Sized\": [160, [\"Array\", {\"size\": 48, \"target\": \"_LIST_ENTRY\"}]],\n"
	"\"SizedTwice\": [208, [\"Array\", {\"count\": 2, \"target\": \"Array\", \"target_args\":"
	"  {\"size\": 24, \"target\": \"Array\", \"target_args\": {\"count\": 3, \"target\":"
	"  \"_KPROCESS\"}}}]],\n"
	"\"SizedPointers\": [256, [\"Array\", {\"size\": 24, \"target\": \"Pointer\","
	"  \"target_args\": {\"target\": \"_KPROCESS\"}}]],\n"
	"\"Flag\": [280, [\"BitField\", {\"start_bit\": 11, \"end_bit\": 14,"
	"  \"target\": \"unsigned long\", \"target_args\": {}}]],\n"
	"\"Mode\": [284, [\"Enumeration\", {\"enum_name\": \"_MODE\", \"target\": \"long\"}]],\n"
	"\"ModeBits\": [288, [\"BitField\", {\"start_bit\": 0, \"end_bit\": 1, \"target\":"
	"  \"Enumeration\", \"target_args\": {\"enum_name\": \"_MODE\", \"target\": \"char\"}}]],\n"
	"\"Path\": [292, [\"UnicodeString\", {\"length\": 260}]],\n"
	"\"Letter\": [812, [\"UnicodeString\", {}]],\n"
	"\"Text\": [814, [\"String\", {\"length\": 7}]],\n"
	"\"Call\": [824, [\"Function\", {\"args\": [[\"Void\", {}]]}]],\n"
	"\"Time\": [832, [\"long long\", {}]],\n"
	"\"Odd\": [840, [\"_NOT_THERE\", {}]],\n"
	"\"NoType\": [841, []]}],\n"
	"\"_KPROCESS\": [8, {\"Base\": [0, [\"unsigned long long\", {}]]}],\n"
	"\"_LIST_ENTRY\": [16, {\"Flink\": [0, [\"Pointer\", {\"target\": \"_LIST_ENTRY\"}]],\n"
	"  \"Blink\": [8, [\"Pointer\", {\"target\": \"_LIST_ENTRY\"}]]}],\n"
	"\"_EMPTY\": [0, {}]},\n"
	"\"$EXTRAS\": {\"Version\": [1, 2.5, null]}, \"$MERGE\": null}\n";

static struct wv_profile *parse_or_fail(const void *data, size_t size)
{
	return profile_or_fail(wv_rekall_parse, data, size, "test");
}

static void assert_all_members(const struct wv_profile *profile)
{
	static const struct expected_member expected[] = {
		{ "_EPROCESS", "Pcb", { 0, 8, 0, 0 } },
		{ "_EPROCESS", "Pcb.Base", { 0, 8, 0, 0 } },
		{ "_EPROCESS", "Links", { 16, 16, 0, 0 } },
		{ "_EPROCESS", "Links.Blink", { 24, 8, 0, 0 } },
		{ "_EPROCESS", "Id", { 32, 8, 0, 0 } },
		{ "_EPROCESS", "Name", { 40, 15, 0, 0 } },
		{ "_EPROCESS", "Heads", { 64, 64, 0, 0 } },
		{ "_EPROCESS", "Heads.Blink", { 72, 8, 0, 0 } },
		{ "_EPROCESS", "Grid", { 128, 30, 0, 0 } },
		{ "_EPROCESS", "Sized", { 160, 48, 0, 0 } },
		{ "_EPROCESS", "Sized.Blink", { 168, 8, 0, 0 } },
		{ "_EPROCESS", "SizedTwice", { 208, 48, 0, 0 } },
		{ "_EPROCESS", "SizedTwice.Base", { 208, 8, 0, 0 } },
		{ "_EPROCESS", "SizedPointers", { 256, 24, 0, 0 } },
		{ "_EPROCESS", "Flag", { 281, 1, 3, 3 } },
		{ "_EPROCESS", "Mode", { 284, 4, 0, 0 } },
		{ "_EPROCESS", "ModeBits", { 288, 1, 0, 1 } },
		{ "_EPROCESS", "Path", { 292, 520, 0, 0 } },
		{ "_EPROCESS", "Letter", { 812, 2, 0, 0 } },
		{ "_EPROCESS", "Text", { 814, 7, 0, 0 } },
		{ "_EPROCESS", "Call", { 824, 0, 0, 0 } },
		{ "_EPROCESS", "Time", { 832, 8, 0, 0 } },
		{ "_EPROCESS", "Odd", { 840, 0, 0, 0 } },
		{ "_EPROCESS", "NoType", { 841, 0, 0, 0 } },
		{ "_EPROCESS", "Links.no", NO_MEMBER },
		{ "_EPROCESS", "Id.Base", NO_MEMBER },
		{ "_EPROCESS", "Odd.x", NO_MEMBER },
		{ "_EPROCESS", "Flag.x", NO_MEMBER },
		{ "_EPROCESS", "Name.x", NO_MEMBER },
		{ "_EPROCESS", "", NO_MEMBER },
		{ "_EPROCESS", "Time.x", NO_MEMBER },
		{ "_EPROCESS", "SizedPointers.Base", NO_MEMBER },
	};

	assert_members(profile->types, expected, G_N_ELEMENTS(expected));
}

static void assert_enumerator(const struct wv_profile *profile, const char *name, int64_t expected)
{
	int64_t value;

	if (!wv_profile_enumerator(profile, name, &value) || value != expected)
		fail_msg("%s is not %ld", name, expected);
}

static void assert_small(const struct wv_profile *profile)
{
	uint64_t number;
	int64_t value;

	assert_true(wv_profile_symbol(profile, "PsInitialSystemProcess", &number));
	assert_int_equal(number, 3698784);
	assert_true(wv_profile_symbol(profile, "KeBugCheckEx", &number));
	assert_int_equal(number, 532480);
	assert_true(wv_profile_symbol(profile, "NtBuildNumber", &number));
	assert_int_equal(number, 0);
	assert_false(wv_profile_symbol(profile, "_EPROCESS", &number));
	assert_int_equal(profile->symbols->count, 3);
	assert_string_equal(profile->symbols->origin, "rekall");
	assert_string_equal(profile->types->origin, "rekall");

	assert_all_members(profile);
	assert_true(wv_profile_size(profile, "_EPROCESS", &number));
	assert_int_equal(number, 1024);
	assert_true(wv_profile_size(profile, "_EMPTY", &number));
	assert_int_equal(number, 0);
	assert_false(wv_profile_size(profile, "_NOT_THERE", &number));

	assert_enumerator(profile, "KernelMode", 0);
	assert_enumerator(profile, "UserMode", 1);
	assert_enumerator(profile, "MaximumMode", 1);
	assert_enumerator(profile, "Minus", -2);
	assert_enumerator(profile, "Other", 4); /* $REVENUMS goes before $ENUMS */
	assert_false(wv_profile_enumerator(profile, "Ignored", &value));

	assert_string_equal(profile->pdb_name, "ntkrnlmp.pdb");
	assert_string_equal(profile->pdb_key, "0123456789ABCDEF0123456789ABCDEF1");
	assert_null(profile->banner);
}

static void test_small(void **state)
{
	struct wv_profile *profile = parse_or_fail(small, strlen(small));

	(void)state;
	assert_small(profile);
	wv_profile_free(profile);
}

static void test_xz(void **state)
{
	g_autoptr(GByteArray) packed = xz_pack(small, strlen(small));
	struct wv_profile *profile = parse_or_fail(packed->data, packed->len);

	(void)state;
	assert_small(profile);
	wv_profile_free(profile);
	assert_profile_refused(wv_rekall_parse, packed->data, packed->len - 9, "xz");
}

/* Pointers of 32-bit kernels: as the metadata says, or as two of them say. */
static void test_pointer_size(void **state)
{
	static const struct {
		const char *metadata, *list;
		uint32_t size;
	} cases[] = {
		{ "{\"arch\": \"I386\"}", "16", 4 },
		{ "{\"arch\": \"AMD64\"}", "8", 8 },
		{ "{}", "8", 4 },
		{ "{}", "16", 8 },
		{ "{\"arch\": \"MIPS\"}", "8", 4 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strdup_printf(
			"{\"$STRUCTS\": {\"_LIST_ENTRY\": [%s, {\"Flink\": [0, [\"Pointer\", {}]]}]},"
			" \"$METADATA\": %s}",
			cases[i].list, cases[i].metadata);
		struct wv_profile *profile = parse_or_fail(text, strlen(text));
		struct wv_member member;

		assert_true(wv_profile_member(profile, "_LIST_ENTRY", "Flink", &member));
		assert_int_equal(member.size, cases[i].size);
		assert_string_equal(profile->pdb_key, "");
		wv_profile_free(profile);
	}
}

static void test_malformed(void **state)
{
	static const struct refused_text cases[] = {
		{ "", "an object is missing" },
		{ "[]", "an object is missing" },
		{ "{}", "it has no $METADATA" },
		{ "{" METADATA "}", "it has neither symbols nor types" },
		{ "{" METADATA "} x", "something follows it" },
		{ "{" METADATA ",", "a name is missing" },
		{ "{" METADATA " \"$ENUMS\": {}}", "a comma or brace is missing" },
		{ "{\"$METADATA\"", "a colon is missing" },
		{ "{\"$METADATA\":", "it ends too early" },
		{ "{\"$METADATA\": {", "it ends too early" },
		{ "{\"$METADATA\": {\"ProfileClass\": \"Linux\"}", "it is not of a Windows image" },
		{ "{\"$METADATA\": {\"ProfileClass\": \"Darwin64\"}", "it is not of a Windows" },
		{ "{\"$CONSTANTS\": []}", "$CONSTANTS: an object is missing" },
		{ "{\"$CONSTANTS\": {\"a\": \"1\"}}", "$CONSTANTS: a symbol's offset is not a" },
		{ "{\"$FUNCTIONS\": {\"a\": -1}}", "$FUNCTIONS: a symbol's offset is not a" },
		{ "{\"$FUNCTIONS\": {\"a\": null}}", "$FUNCTIONS: a symbol's offset is not a" },
		{ "{\"$FUNCTIONS\": {\"a\": 1", "$FUNCTIONS: it ends too early" },
		{ "{\"$STRUCTS\": {\"a\": {}}}", "$STRUCTS: a structure has no size" },
		{ "{\"$STRUCTS\": {\"a\": []}}", "$STRUCTS: a structure has no size" },
		{ "{\"$STRUCTS\": {\"a\": [-1, {}]}}", "$STRUCTS: a structure has no size" },
		{ "{\"$STRUCTS\": {\"a\": [1, {\"b\": null}]}}", "a member has no offset" },
		{ "{\"$STRUCTS\": {\"a\": [1, {\"b\": [null, [\"x\"]]}]}}", "a member has no" },
		{ "{\"$STRUCTS\": {\"a\": [1, {\"b\": [0, [\"BitField\", {}]]}]}}",
		  "a member's type is malformed" },
		{ "{\"$STRUCTS\": {\"a\": [1, {\"b\": [0, [\"BitField\", {\"start_bit\": 3,"
		  " \"end_bit\": 3}]]}]}}",
		  "a member's type is malformed" },
		{ "{\"$STRUCTS\": {\"a\": [1, {\"b\": [0, [\"Array\", {\"count\": 4611686018427387904,"
		  " \"target\": \"Array\", \"target_args\": {\"count\": 8}}]]}]}}",
		  "a member's type is malformed" },
		{ "{\"$ENUMS\": {\"a\": []}}", "$ENUMS: an enumeration is not an object" },
		{ "{\"$REVENUMS\": {\"a\": 1}}", "$REVENUMS: an enumeration is not an object" },
	};

	(void)state;
	assert_all_refused(wv_rekall_parse, cases, G_N_ELEMENTS(cases));
}

/* Cut anywhere, it is refused. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t size = 0; size + 2 < strlen(small); size++) {
		g_autofree char *copy = g_memdup2(small, size);

		assert_profile_refused(wv_rekall_parse, copy, size, NULL);
	}
}

/* Arrays of arrays without end, and one that holds itself. */
static void test_nested(void **state)
{
	g_autoptr(GString) text =
		g_string_new("{\"$STRUCTS\": {\"a\": [8, {\"b\": [0, [\"Array\", ");
	static const char itself[] =
		"{\"$METADATA\": {}, \"$STRUCTS\": {\"x in 8 bytes\": [8, {\"b\": [0, [\"Array\","
		" {\"size\": 8, \"target\": \"x in 8 bytes\"}]]}],"
		" \"x\": [8, {\"c\": [0, [\"Array\", {\"size\": 8, \"target\": \"x\"}]]}]}}";
	struct wv_profile *profile;
	struct wv_member member;

	(void)state;
	for (unsigned int i = 0; i < 60; i++)
		g_string_append(text, "{\"count\": 1, \"target\": \"Array\", \"target_args\": ");
	g_string_append(text, "{}");
	for (unsigned int i = 0; i < 60; i++)
		g_string_append(text, "}");
	g_string_append(text, "]]}]}, \"$METADATA\": {}}");
	profile = parse_or_fail(text->str, text->len);
	assert_true(wv_profile_member(profile, "a", "b", &member));
	assert_int_equal(member.offset, 0);
	wv_profile_free(profile);

	profile = parse_or_fail(itself, strlen(itself));
	assert_true(wv_profile_member(profile, "x", "c.c.c", &member));
	assert_false(wv_profile_member(profile, "x", "c.none", &member));
	wv_profile_free(profile);
}

static void test_told_apart(void **state)
{
	static const struct {
		const char *text;
		bool rekall;
	} cases[] = {
		{ small, true },
		{ "{\"$", true },
		{ " \r\n\t{ \n\"$ENUMS\"", true },
		{ "", false },
		{ "{", false },
		{ "{\"", false },
		{ "{\" $", false },
		{ "{\"metadata\": \"$\"}", false },
		{ "[\"$", false },
		{ "x{\"$", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(wv_rekall_is_rekall(cases[i].text, strlen(cases[i].text)),
				 cases[i].rekall);
	assert_false(wv_rekall_is_rekall("\0{\"$", 4));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),	     cmocka_unit_test(test_xz),
		cmocka_unit_test(test_pointer_size), cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_cut),	     cmocka_unit_test(test_nested),
		cmocka_unit_test(test_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile: passes lookups on to its sources, moves symbols by the slide, frees what it owns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "profile/clones.h"
#include "profile/profile.h"

static unsigned int destroyed;

static bool find(const struct wv_symbols *self, const char *name, uint64_t *address)
{
	static const struct {
		const char *name;
		uint64_t address;
	} known[] = {
		{ "below", 0x0fff },	{ "first", 0x1000 },	  { "last", 0x1fff },
		{ "behind", 0x2000 },	{ "per_cpu", 0x10 },	  { "split.isra.255", 1 },
		{ "many.isra.256", 2 }, { "two.constprop.0", 3 }, { "two.isra.7", 4 },
		{ "two.isra.9", 5 },	{ "cold.cold", 6 },	  { "cold.isra.0.cold", 7 },
	};

	(void)self;
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
		if (strcmp(known[i].name, name) == 0) {
			*address = known[i].address;
			return true;
		}
	}
	return false;
}

static void each(const struct wv_symbols *self, const char *prefix, wv_symbol_fn tell, void *owner)
{
	static const char *const names[] = { "first", "per_cpu" };
	uint64_t address;

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_str_has_prefix(names[i], prefix) && find(self, names[i], &address))
			tell(owner, names[i], address);
}

static bool member(const struct wv_types *self, const char *structure, const char *path,
		   struct wv_member *result)
{
	(void)self;
	*result = (struct wv_member){ 8, 4, 3, 2 };
	return strcmp(structure, "structure") == 0 && strcmp(path, "member") == 0;
}

static bool size(const struct wv_types *self, const char *structure, uint64_t *result)
{
	(void)self;
	*result = 64;
	return strcmp(structure, "structure") == 0;
}

static bool enumerator(const struct wv_types *self, const char *name, int64_t *value)
{
	(void)self;
	*value = -1;
	return strcmp(name, "ENUMERATOR") == 0;
}

static void destroy_symbols(struct wv_symbols *self)
{
	destroyed++;
	g_free(self);
}

static void destroy_types(struct wv_types *self)
{
	destroyed++;
	g_free(self);
}

static struct wv_profile *new_profile(void)
{
	struct wv_symbols *symbols = g_new0(struct wv_symbols, 1);
	struct wv_types *types = g_new0(struct wv_types, 1);

	symbols->find = find;
	symbols->destroy = destroy_symbols;
	types->member = member;
	types->size = size;
	types->enumerator = enumerator;
	types->destroy = destroy_types;
	return wv_profile_new(symbols, types);
}

static uint64_t symbol(const struct wv_profile *profile, const char *name)
{
	uint64_t address = 0;

	assert_true(wv_profile_symbol(profile, name, &address));
	return address;
}

static void test_slide(void **state)
{
	g_autoptr(wv_profile) profile = new_profile();
	uint64_t address;

	(void)state;
	assert_int_equal(symbol(profile, "first"), 0x1000);
	profile->slide = 0x100000;
	assert_int_equal(symbol(profile, "first"), 0x1000); /* the range is still empty */
	profile->slide_start = 0x1000;
	profile->slide_end = 0x2000;
	assert_int_equal(symbol(profile, "below"), 0x0fff);
	assert_int_equal(symbol(profile, "first"), 0x101000);
	assert_int_equal(symbol(profile, "last"), 0x101fff);
	assert_int_equal(symbol(profile, "behind"), 0x2000);
	assert_int_equal(symbol(profile, "per_cpu"), 0x10);
	profile->slide = -UINT64_C(0x800); /* downwards */
	assert_int_equal(symbol(profile, "first"), 0x800);
	assert_false(wv_profile_symbol(profile, "no_such", &address));
}

static void write_symbol(void *owner, const char *name, uint64_t address)
{
	g_string_append_printf(owner, "%s=%lx ", name, address);
}

static void assert_symbols(const struct wv_profile *profile, const char *prefix,
			   const char *expected)
{
	GString *told = g_string_new(NULL);

	wv_profile_symbols(profile, prefix, write_symbol, told);
	assert_string_equal(told->str, expected);
	g_string_free(told, TRUE);
}

static void test_symbols_by_prefix(void **state)
{
	g_autoptr(wv_profile) profile = new_profile();

	(void)state;
	assert_symbols(profile, "", ""); /* the source can not */
	profile->symbols->each = each;
	profile->slide = 0x100000;
	profile->slide_start = 0x1000;
	profile->slide_end = 0x2000;
	assert_symbols(profile, "", "first=101000 per_cpu=10 ");
	assert_symbols(profile, "fi", "first=101000 ");
	assert_symbols(profile, "none", "");
}

static void test_passes_on(void **state)
{
	g_autoptr(wv_profile) profile = new_profile();
	struct wv_member found;
	uint64_t bytes;
	int64_t value;

	(void)state;
	assert_true(wv_profile_member(profile, "structure", "member", &found));
	assert_int_equal(found.offset, 8);
	assert_int_equal(found.size, 4);
	assert_int_equal(found.bit_shift, 3);
	assert_int_equal(found.bit_count, 2);
	assert_false(wv_profile_member(profile, "structure", "other", &found));
	assert_true(wv_profile_size(profile, "structure", &bytes));
	assert_int_equal(bytes, 64);
	assert_false(wv_profile_size(profile, "other", &bytes));
	assert_true(wv_profile_enumerator(profile, "ENUMERATOR", &value));
	assert_int_equal(value, -1);
	assert_false(wv_profile_enumerator(profile, "OTHER", &value));
}

static void test_owns_its_sources(void **state)
{
	struct wv_profile *profile = new_profile();

	(void)state;
	profile->banner = g_strdup("Linux version 6.1.0");
	destroyed = 0;
	wv_profile_free(profile);
	assert_int_equal(destroyed, 2);
	wv_profile_free(NULL);
}

static void test_clones(void **state)
{
	uint64_t address;

	(void)state;
	assert_true(wv_find_with_clones(find, NULL, "first", &address));
	assert_int_equal(address, 0x1000);
	assert_true(wv_find_with_clones(find, NULL, "split", &address));
	assert_int_equal(address, 1);
	assert_false(wv_find_with_clones(find, NULL, "many", &address));
	assert_true(wv_find_with_clones(find, NULL, "two", &address));
	assert_int_equal(address, 4);
	assert_false(wv_find_with_clones(find, NULL, "cold", &address));
	assert_true(wv_find_with_clones(find, NULL, "cold.cold", &address));
	assert_int_equal(address, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slide),	  cmocka_unit_test(test_symbols_by_prefix),
		cmocka_unit_test(test_passes_on), cmocka_unit_test(test_owns_its_sources),
		cmocka_unit_test(test_clones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

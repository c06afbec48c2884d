/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extracts of profiles: what was looked up and found has the same answer in the file that is
 * written of it, and what was not found is not there either.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <json-c/json.h>
#include <string.h>

#include "base/error.h"
#include "btf_builder.h"
#include "profile/btf.h"
#include "profile/extract.h"
#include "profile/isf.h"

#define BANNER "Linux version 6.1.0 (builder@host) #1 \"SMP\"\n"

/* Sources ---------------------------------------------------------------------------------------*/

static struct wv_profile *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct wv_profile *profile = wv_isf_parse(text, strlen(text), "test", &error);

	if (!profile)
		fail_msg("%s", error->message);
	return profile;
}

/** The small profile that the tests of ISF files have as well. */
static struct wv_profile *small_profile(void)
{
	g_autofree char *text = NULL;

	assert_true(g_file_get_contents(WV_SOURCE_ROOT "/tests/fuzz/corpus/isf/small.json", &text,
					NULL, NULL));
	return parse(text);
}

/** The same symbols with a small kernel's own types. */
static struct wv_profile *btf_profile(bool flags)
{
	struct wv_profile *profile = small_profile();
	g_autoptr(GByteArray) btf = btf_small_kernel(flags);

	profile->types->destroy(profile->types);
	profile->types = wv_btf_parse(btf->data, btf->len, NULL);
	assert_non_null(profile->types);
	return profile;
}

/* Questions -------------------------------------------------------------------------------------*/

enum what { SYMBOL, MEMBER, SIZE, ENUMERATOR };

struct question {
	enum what what;
	const char *name, *path;
};

struct answer {
	bool found;
	uint64_t number;
	struct wv_member member;
};

static struct answer ask(const struct wv_profile *profile, const struct question *question)
{
	struct answer answer;

	memset(&answer, 0, sizeof(answer));
	switch (question->what) {
	case SYMBOL:
		answer.found = wv_profile_symbol(profile, question->name, &answer.number);
		break;
	case MEMBER:
		answer.found =
			wv_profile_member(profile, question->name, question->path, &answer.member);
		break;
	case SIZE:
		answer.found = wv_profile_size(profile, question->name, &answer.number);
		break;
	case ENUMERATOR:
		answer.found =
			wv_profile_enumerator(profile, question->name, (int64_t *)&answer.number);
		break;
	}
	return answer;
}

static struct wv_profile *extract(const struct wv_profile *profile)
{
	g_autofree char *text = wv_profile_extract(profile, BANNER);

	return parse(text);
}

/** Asks a profile while it records, and then its extract: the answers are the same. */
static void assert_kept(struct wv_profile *profile, const struct question *questions, size_t count)
{
	g_autofree struct answer *answers = g_new(struct answer, count);
	g_autoptr(wv_profile) copy = NULL;

	wv_profile_record(profile);
	for (size_t i = 0; i < count; i++)
		answers[i] = ask(profile, &questions[i]);
	copy = extract(profile);
	for (size_t i = 0; i < count; i++) {
		const struct question *question = &questions[i];
		struct answer now = ask(copy, question), again = ask(profile, question);

		if (memcmp(&now, &answers[i], sizeof(now)) != 0)
			fail_msg("%s.%s: %d at %lu, size %u, bits %u:%u, number %lx; not %d at "
				 "%lu, size %u, bits %u:%u, number %lx",
				 question->name, question->path ? question->path : "", now.found,
				 now.member.offset, now.member.size, now.member.bit_shift,
				 now.member.bit_count, now.number, answers[i].found,
				 answers[i].member.offset, answers[i].member.size,
				 answers[i].member.bit_shift, answers[i].member.bit_count,
				 answers[i].number);
		assert_memory_equal(&again, &answers[i], sizeof(again));
	}
}

#define ASSERT_KEPT(profile, questions) assert_kept(profile, questions, G_N_ELEMENTS(questions))

/* Answers ---------------------------------------------------------------------------------------*/

static void test_symbols(void **state)
{
	static const struct question questions[] = {
		{ SYMBOL, "canonical", NULL },	{ SYMBOL, "cut", NULL },
		{ SYMBOL, "negative", NULL },	{ SYMBOL, "offset", NULL },
		{ SYMBOL, "zero", NULL },	{ SYMBOL, "again", NULL },
		{ SYMBOL, "split", NULL }, /* a clone, by the function's name */
		{ SYMBOL, "escapedA\n", NULL }, { SYMBOL, "none", NULL },
		{ SYMBOL, "", NULL },
	};
	g_autoptr(wv_profile) profile = small_profile();
	uint64_t address;

	(void)state;
	assert_true(wv_profile_symbol(profile, "split", &address));
	assert_true(wv_profile_symbol(profile, "cut", &address));
	assert_int_equal(address, UINT64_C(0xffffffffff000000));
	ASSERT_KEPT(profile, questions);
}

static void keep_symbol(void *owner, const char *name, uint64_t address)
{
	g_hash_table_insert(owner, g_strdup(name), GSIZE_TO_POINTER(address));
}

static GHashTable *symbols_by_prefix(const struct wv_profile *profile, const char *prefix)
{
	GHashTable *symbols = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	wv_profile_symbols(profile, prefix, keep_symbol, symbols);
	return symbols;
}

/** What was told by the beginning of its name is in the extract, and has the same address. */
static void test_symbols_by_prefix(void **state)
{
	g_autoptr(wv_profile) profile = small_profile();
	g_autoptr(GHashTable) told = NULL, again = NULL;
	g_autoptr(wv_profile) copy = NULL;
	uint64_t address;

	(void)state;
	wv_profile_record(profile);
	told = symbols_by_prefix(profile, "c");
	assert_true(g_hash_table_contains(told, "canonical") && g_hash_table_contains(told, "cut"));
	assert_false(g_hash_table_contains(told, "zero"));
	copy = extract(profile);
	again = symbols_by_prefix(copy, "");
	assert_int_equal(g_hash_table_size(again), g_hash_table_size(told));
	assert_true(wv_profile_symbol(copy, "cut", &address));
	assert_int_equal(address, GPOINTER_TO_SIZE(g_hash_table_lookup(told, "cut")));
}

static void test_members_of_a_file(void **state)
{
	static const struct question questions[] = {
		{ MEMBER, "task", "state" },
		{ MEMBER, "task", "comm" },
		{ MEMBER, "task", "grid" }, /* by itself, and what is in it */
		{ MEMBER, "task", "grid.owner" },
		{ MEMBER, "task", "mm" },
		{ MEMBER, "task", "kind" },
		{ MEMBER, "task", "call" },    /* of no size */
		{ MEMBER, "task", "unknown" }, /* likewise */
		{ MEMBER, "task", "flag" },    /* a bit field across bytes */
		{ MEMBER, "task", "defined.owner" },
		{ MEMBER, "task", "through.owner" },
		{ MEMBER, "task", "as_base.owner" }, /* what is in it before it */
		{ MEMBER, "task", "as_base" },
		{ MEMBER, "task", "named_union.hidden" },
		{ MEMBER, "task", "low" }, /* of anonymous ones */
		{ MEMBER, "task", "high" },
		{ MEMBER, "unnamed_2", "high" },
		{ MEMBER, "link", "owner" }, /* the same name elsewhere */
		{ MEMBER, "link", "next" },
		{ MEMBER, "alias", "owner" },
		{ MEMBER, "task", "hidden" }, /* not found, and so on */
		{ MEMBER, "task", "mm.owner" },
		{ MEMBER, "task", "flag.x" },
		{ MEMBER, "task", "" },
		{ MEMBER, "task", "grid." },
		{ MEMBER, "task", ".grid" },
		{ MEMBER, "none", "x" },
		{ MEMBER, "opaque", "x" },
		{ MEMBER, "self", "x" },
	};
	g_autoptr(wv_profile) profile = small_profile();

	(void)state;
	ASSERT_KEPT(profile, questions);
}

static void test_members_of_a_kernel(void **state)
{
	static const struct question questions[] = {
		{ MEMBER, "task_struct", "state" },
		{ MEMBER, "task_struct", "one" },
		{ MEMBER, "task_struct", "five" },
		{ MEMBER, "task_struct", "across" },
		{ MEMBER, "task_struct", "pid" },
		{ MEMBER, "task_struct", "raw" },
		{ MEMBER, "task_struct", "low" },
		{ MEMBER, "task_struct", "high" },
		{ MEMBER, "task_struct", "grid.owner.val" },
		{ MEMBER, "task_struct", "grid" },
		{ MEMBER, "task_struct", "grid.owner" },
		{ MEMBER, "task_struct", "grid.next" },
		{ MEMBER, "task_struct", "uid.val" },
		{ MEMBER, "task_struct", "uid" },
		{ MEMBER, "task_struct", "nested_bits" },
		{ MEMBER, "task_struct", "rest" },
		{ MEMBER, "task_alias", "pid" },
		{ MEMBER, "task_alias", "uid.val" },
		{ MEMBER, "kuid_t", "val" },
		{ MEMBER, "link", "owner.val" },
		{ MEMBER, "some_union", "member" },
		{ MEMBER, "same", "in_struct" },
		{ MEMBER, "same", "in_union" },
		{ MEMBER, "task_struct", "parent.pid" },
		{ MEMBER, "task_struct", "one.val" },
		{ MEMBER, "task_struct", "pi" },
		{ MEMBER, "task_struct", "pidx" },
		{ MEMBER, "task_struct", "uid..val" },
		{ MEMBER, "no_such", "pid" },
		{ MEMBER, "link()", "from" }, /* a function's parameters */
		{ MEMBER, "link()", "to.val" },
		{ MEMBER, "link()", "to" },
		{ MEMBER, "link()", "next" },
		{ MEMBER, "link", "from" },
		{ SIZE, "link()", NULL },
		{ SIZE, "task_struct", NULL },
		{ SIZE, "link", NULL },
		{ SIZE, "kuid_t", NULL },
		{ SIZE, "no_such", NULL },
	};

	(void)state;
	for (unsigned flags = 0; flags < 2; flags++) {
		g_autoptr(wv_profile) profile = btf_profile(flags);

		ASSERT_KEPT(profile, questions);
	}
}

static void test_order_does_not_matter(void **state)
{
	static const char *const paths[] = { "grid", "grid.owner", "grid.owner.val", "grid.next" };

	(void)state;
	for (unsigned first = 0; first < G_N_ELEMENTS(paths); first++) {
		g_autoptr(wv_profile) profile = btf_profile(true);
		struct question questions[2 * G_N_ELEMENTS(paths)];

		for (unsigned i = 0; i < G_N_ELEMENTS(questions); i++) /* each one twice */
			questions[i] =
				(struct question){ MEMBER, "task_struct",
						   paths[(first + i) % G_N_ELEMENTS(paths)] };
		ASSERT_KEPT(profile, questions);
	}
}

/** What is inside of a member alone was asked for: the member itself comes along. */
static void test_inner_members_alone(void **state)
{
	static const struct question questions[] = {
		{ MEMBER, "task_struct", "grid.owner.val" },
		{ MEMBER, "link", "owner" },
	};
	g_autoptr(wv_profile) profile = btf_profile(true);

	(void)state;
	ASSERT_KEPT(profile, questions);
}

static void test_sizes(void **state)
{
	static const struct question questions[] = {
		{ SIZE, "task", NULL },	      { SIZE, "link", NULL }, /* of which nothing else is
									 asked */
		{ SIZE, "opaque", NULL },     { SIZE, "none", NULL }, { SIZE, "", NULL },
		{ MEMBER, "alias", "owner" }, /* of which the size is not */
	};
	g_autoptr(wv_profile) profile = small_profile();

	(void)state;
	ASSERT_KEPT(profile, questions);
}

/** Before and after a member was asked for: the size is the same. */
static void test_size_after_a_member(void **state)
{
	static const struct question questions[] = {
		{ MEMBER, "task", "mm" },
		{ SIZE, "task", NULL },
		{ SIZE, "link", NULL },
		{ MEMBER, "link", "owner" },
	};
	g_autoptr(wv_profile) profile = small_profile();

	(void)state;
	ASSERT_KEPT(profile, questions);
}

static void test_enumerators(void **state)
{
	static const char numbers[] =
		"{\"metadata\": {}, \"user_types\": {\"a\": {\"size\": 1}}, \"enums\": {"
		"\"first\": {\"constants\": {\"ONE\": 1, \"MINUS\": -1, \"LOW\": -9223372036854775808}},"
		"\"second\": {\"constants\": {\"TWO\": 2, \"HIGH\": 9223372036854775807,"
		" \"ZERO\": 0, \"not asked\": 7}}}}";
	static const struct question questions[] = {
		{ ENUMERATOR, "ONE", NULL },  { ENUMERATOR, "MINUS", NULL },
		{ ENUMERATOR, "LOW", NULL },  { ENUMERATOR, "TWO", NULL },
		{ ENUMERATOR, "HIGH", NULL }, { ENUMERATOR, "ZERO", NULL },
		{ ENUMERATOR, "none", NULL }, { SIZE, "a", NULL },
	};
	g_autoptr(wv_profile) profile = parse(numbers), copy = NULL;
	int64_t value;

	(void)state;
	ASSERT_KEPT(profile, questions);
	copy = extract(profile);
	assert_false(wv_profile_enumerator(copy, "not asked", &value));
	assert_true(wv_profile_enumerator(copy, "MINUS", &value));
	assert_int_equal(value, -1);
}

/* What is in it ---------------------------------------------------------------------------------*/

static void test_only_what_was_asked_for(void **state)
{
	g_autoptr(wv_profile) profile = small_profile(), copy = NULL;
	struct wv_member member;
	uint64_t number;

	(void)state;
	/* before it records, nothing is kept */
	assert_true(wv_profile_symbol(profile, "offset", &number));
	assert_true(wv_profile_member(profile, "task", "comm", &member));
	wv_profile_record(profile);
	assert_true(wv_profile_symbol(profile, "canonical", &number));
	assert_true(wv_profile_member(profile, "task", "state", &member));
	assert_true(wv_profile_member(profile, "task", "grid.owner", &member));

	copy = extract(profile);
	assert_int_equal(copy->symbols->count, 1);
	assert_false(wv_profile_symbol(copy, "offset", &number));
	assert_false(wv_profile_member(copy, "task", "comm", &member));
	assert_false(wv_profile_member(copy, "task", "owner", &member));
	assert_false(wv_profile_member(copy, "task", "grid.next", &member));
	assert_false(wv_profile_size(copy, "link", &number));
}

static void test_counts_stay(void **state)
{
	g_autoptr(wv_profile) profile = small_profile();
	size_t symbols = profile->symbols->count, types = profile->types->count;

	(void)state;
	wv_profile_record(profile);
	assert_int_equal(profile->symbols->count, symbols);
	assert_int_equal(profile->types->count, types);
	assert_string_equal(profile->symbols->origin, "isf");
	assert_string_equal(profile->types->origin, "isf");
}

static void test_banner(void **state)
{
	g_autoptr(wv_profile) profile = small_profile(), without = NULL, with = NULL;
	uint64_t number;

	(void)state;
	wv_profile_record(profile);
	assert_true(wv_profile_symbol(profile, "canonical", &number));
	without = extract(profile);
	assert_null(without->banner);
	assert_true(wv_profile_symbol(profile, "linux_banner", &number));
	with = extract(profile);
	assert_string_equal(with->banner, g_strchomp((char[]){ BANNER }));
	assert_true(wv_profile_symbol(with, "linux_banner", &number));
	assert_int_equal(number, 9);
}

/** The addresses are as the source has them: a slide is for whoever uses the extract to find. */
static void test_slide(void **state)
{
	g_autoptr(wv_profile) profile = small_profile(), copy = NULL;
	uint64_t number;

	(void)state;
	wv_profile_record(profile);
	profile->slide = 0x2000000;
	profile->slide_start = UINT64_C(0xffffffff80000000);
	profile->slide_end = UINT64_MAX;
	assert_true(wv_profile_symbol(profile, "canonical", &number));
	assert_int_equal(number, UINT64_C(0xffffffff83000000));
	assert_true(wv_profile_symbol(profile, "offset", &number));
	copy = extract(profile);
	assert_true(wv_profile_symbol(copy, "canonical", &number));
	assert_int_equal(number, UINT64_C(0xffffffff81000000));
	assert_true(wv_profile_symbol(copy, "offset", &number));
	assert_int_equal(number, 1753456);
}

/** An extract is a profile like any other: its own extract says the same. */
static void test_extract_of_an_extract(void **state)
{
	static const struct question questions[] = {
		{ SYMBOL, "linux_banner", NULL }, { SYMBOL, "split", NULL },
		{ MEMBER, "task", "grid.owner" }, { MEMBER, "task", "grid" },
		{ MEMBER, "task", "flag" },	  { MEMBER, "task", "high" },
		{ SIZE, "task", NULL },		  { ENUMERATOR, "BAD", NULL },
	};
	g_autoptr(wv_profile) profile = small_profile(), copy = NULL;

	(void)state;
	ASSERT_KEPT(profile, questions);
	copy = extract(profile);
	ASSERT_KEPT(copy, questions);
	assert_non_null(copy->banner);
}

/** Without any answer it is a file that says nothing, and that no reader takes for a profile. */
static void test_nothing_looked_up(void **state)
{
	g_autoptr(wv_profile) profile = small_profile();
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	json_object *root;
	uint64_t number;

	(void)state;
	wv_profile_record(profile);
	assert_false(wv_profile_symbol(profile, "none", &number));
	text = wv_profile_extract(profile, BANNER);
	root = json_tokener_parse(text);
	assert_non_null(root);
	json_object_put(root);
	assert_null(strstr(text, "none"));
	assert_null(wv_isf_parse(text, strlen(text), "test", &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_FORMAT));
	assert_non_null(strstr(error->message, "neither symbols nor types"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_symbols_by_prefix),
		cmocka_unit_test(test_members_of_a_file),
		cmocka_unit_test(test_members_of_a_kernel),
		cmocka_unit_test(test_order_does_not_matter),
		cmocka_unit_test(test_inner_members_alone),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_size_after_a_member),
		cmocka_unit_test(test_enumerators),
		cmocka_unit_test(test_only_what_was_asked_for),
		cmocka_unit_test(test_counts_stay),
		cmocka_unit_test(test_banner),
		cmocka_unit_test(test_slide),
		cmocka_unit_test(test_extract_of_an_extract),
		cmocka_unit_test(test_nothing_looked_up),
	};

	return cmocka_run_group_tests_name("extract", tests, NULL, NULL);
}

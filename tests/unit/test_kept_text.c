/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts that calls keep from their entry to their return: whose they are, and how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "plugins/kept_text.h"

#define CALLS 4u
#define ROOM  64u

/** What a call's texts are: so many times its letter, and the next one. */
struct source {
	char letter;
	size_t size;
	bool missing;
};

static bool read_letters(struct wv_call *call, const void *source, unsigned which,
			 struct wv_text *text)
{
	const struct source *letters = source;
	char bytes[2 * ROOM];

	(void)call;
	memset(bytes, letters->letter + (char)which, sizeof(bytes));
	wv_text_append(text, bytes, letters->size);
	text->missing = letters->missing;
	return letters->size;
}

static uint64_t keep(struct wv_kept_texts *texts, const struct source *source)
{
	return wv_kept_keep(texts, NULL, read_letters, source, 2);
}

/** A text is the one that was read, as far as there was room. */
static void assert_letters(const struct wv_text *text, const struct source *source, unsigned which)
{
	assert_non_null(text);
	assert_int_equal(text->used, MIN(source->size, ROOM));
	assert_int_equal(text->truncated, source->size > ROOM);
	for (size_t i = 0; i < text->used; i++)
		assert_int_equal(text->bytes[i], source->letter + (char)which);
}

static void test_kept(void **state)
{
	g_autofree struct wv_kept_texts *texts = wv_kept_texts_new(CALLS, 2, ROOM);
	const struct source sources[] = {
		{ 'a', 3, false }, { 'c', ROOM, false }, { 'e', ROOM + 1, false }, { 'g', 1, false }
	};
	uint64_t numbers[G_N_ELEMENTS(sources)];
	struct wv_kept kept;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sources); i++)
		numbers[i] = keep(texts, &sources[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
		wv_kept_take(&kept, texts, numbers[i], NULL, read_letters, &sources[i]);
		assert_letters(wv_kept_text(&kept, 0), &sources[i], 0);
		assert_letters(wv_kept_text(&kept, 1), &sources[i], 1);
		wv_kept_give_back(&kept);
	}
}

/** What could not be read, or not to its end, is to be read again. */
static void test_not_kept(void **state)
{
	g_autofree struct wv_kept_texts *texts = wv_kept_texts_new(CALLS, 2, ROOM);
	const struct source sources[] = { { 'a', 0, false }, { 'b', 3, true } };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
		struct wv_kept kept;

		wv_kept_take(&kept, texts, keep(texts, &sources[i]), NULL, read_letters,
			     &sources[i]);
		assert_null(wv_kept_text(&kept, 0));
		wv_kept_give_back(&kept);
	}
}

/** Calls take places in turns: the oldest one loses its own. None is read twice. */
static void test_turns(void **state)
{
	g_autofree struct wv_kept_texts *texts = wv_kept_texts_new(CALLS, 2, ROOM);
	const struct source source = { 'a', 3, false };
	uint64_t numbers[CALLS + 1];
	struct wv_kept kept;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		numbers[i] = keep(texts, &source);
	for (size_t round = 0; round < 2; round++) {
		for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
			wv_kept_take(&kept, texts, numbers[i], NULL, read_letters, &source);
			if (i && !round)
				assert_letters(wv_kept_text(&kept, 0), &source, 0);
			else
				assert_null(wv_kept_text(&kept, 0));
			wv_kept_give_back(&kept);
		}
	}
	/* a call that kept nothing */
	wv_kept_take(&kept, texts, 0, NULL, read_letters, &source);
	assert_null(wv_kept_text(&kept, 0));
	wv_kept_give_back(&kept);
}

/** While a call writes its texts into an event, nobody writes over them. */
static void test_in_use(void **state)
{
	g_autofree struct wv_kept_texts *texts = wv_kept_texts_new(1, 2, ROOM);
	const struct source first = { 'a', 3, false }, second = { 'x', 5, false };
	struct wv_kept kept, other;

	(void)state;
	wv_kept_take(&kept, texts, keep(texts, &first), NULL, read_letters, &first);
	wv_kept_take(&other, texts, keep(texts, &second), NULL, read_letters, &second);
	assert_null(wv_kept_text(&other, 0));
	assert_letters(wv_kept_text(&kept, 0), &first, 0);
	wv_kept_give_back(&other);
	wv_kept_give_back(&kept);
	wv_kept_take(&kept, texts, keep(texts, &second), NULL, read_letters, &second);
	assert_letters(wv_kept_text(&kept, 0), &second, 0);
	wv_kept_give_back(&kept);
}

/* vCPUs -----------------------------------------------------------------------------------------*/

#define THREADS 4u
#define ROUNDS	20000u

struct vcpu {
	struct wv_kept_texts *texts;
	struct source source;
	unsigned kept, wrong;
};

/** Keeps and takes, again and again: what it is given is its own. */
static void *run(void *owner)
{
	struct vcpu *vcpu = owner;

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t number = keep(vcpu->texts, &vcpu->source);
		const struct wv_text *text;
		struct wv_kept kept;

		wv_kept_take(&kept, vcpu->texts, number, NULL, read_letters, &vcpu->source);
		text = wv_kept_text(&kept, 1);
		vcpu->kept += text != NULL;
		for (size_t at = 0; text && at < text->used; at++)
			vcpu->wrong += text->bytes[at] != vcpu->source.letter + 1;
		wv_kept_give_back(&kept);
	}
	return NULL;
}

static void test_threads(void **state)
{
	g_autofree struct wv_kept_texts *texts = wv_kept_texts_new(2, 2, ROOM);
	struct vcpu vcpus[THREADS];
	GThread *threads[THREADS];
	unsigned kept = 0;

	(void)state;
	for (unsigned i = 0; i < THREADS; i++) {
		vcpus[i] = (struct vcpu){ texts, { (char)('a' + 2 * i), ROOM, false }, 0, 0 };
		threads[i] = g_thread_new("vcpu", run, &vcpus[i]);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		g_thread_join(threads[i]);
		assert_int_equal(vcpus[i].wrong, 0);
		kept += vcpus[i].kept;
	}
	assert_true(kept > ROUNDS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),	cmocka_unit_test(test_not_kept),
		cmocka_unit_test(test_turns),	cmocka_unit_test(test_in_use),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

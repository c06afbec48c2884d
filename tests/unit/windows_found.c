/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tiny Windows kernel that has been found. */
#include "windows_found.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

static void find(struct found *found)
{
	g_autoptr(GError) error = NULL;

	found->windows = nt_find(&found->guest, 0, &error);
	if (!found->windows)
		fail_msg("%s", error->message);
	nt_enter(&found->guest, found->windows, 0, &found->space);
}

static void start(struct found *found, const struct nt_options *options)
{
	nt_init(&found->guest, options);
	found->process = nt_process(&found->guest, 12, 4, FOUND_PATH);
	nt_run(&found->guest, 0, found->process);
	find(found);
}

static void stop(struct found *found)
{
	wv_guest_destroy(found->windows);
	nt_deinit(&found->guest);
}

int found_setup(void **state)
{
	static struct found found;

	start(&found, &(struct nt_options){ .layout = *state, .n_vcpus = 3 });
	*state = &found;
	return 0;
}

int found_teardown(void **state)
{
	stop(*state);
	return 0;
}

void found_use_profile(struct found *found, const char *path)
{
	stop(found);
	start(found, &(struct nt_options){ .profile = path });
}

void found_again(struct found *found)
{
	wv_guest_destroy(found->windows);
	find(found);
}

void found_enter(struct found *found, struct wv_identity *identity)
{
	uint64_t thread = nt_enter(&found->guest, found->windows, 0, &found->space);

	assert_true(found->windows->ops->identify(found->windows, &found->space, thread, identity));
}

void assert_name(const struct wv_identity *identity, const char *name)
{
	g_autofree char *text = g_strndup(identity->name, identity->name_size);

	assert_string_equal(text, name);
}

void assert_text(const struct text *text, const char *expected, bool truncated)
{
	assert_true(text->read);
	assert_int_equal(text->size, strlen(expected));
	assert_memory_equal(text->bytes, expected, text->size);
	assert_int_equal(text->truncated, truncated);
}

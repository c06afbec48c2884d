/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plugins as declared: the example of docs/plugins.md, and those of this build. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "base/error.h"
#include "monitor/registry.h"
#include "output/schema_check.h"

extern const struct wv_plugin wv_plugin_hello;

/** Whether the methods are the trap's functions, in the same order: indices mean the same. */
static bool same_order(const struct wv_event_type *type, const struct wv_trap_def *trap)
{
	unsigned i = 0;

	while (type->methods[i] && trap->functions[i] &&
	       strcmp(type->methods[i], trap->functions[i]) == 0)
		i++;
	return !type->methods[i] && !trap->functions[i];
}

/** An event's methods are a trap's functions, or one name that is told without a trap. */
static void check_methods(const struct wv_plugin *plugin, const struct wv_event_type *type)
{
	bool mentioned = false;

	if (type->defined) /* by the guest, when it runs */
		return;
	for (unsigned i = 0; plugin->guests[i]; i++) {
		const struct wv_plugin_guest *guest = plugin->guests[i];

		for (unsigned j = 0; j < guest->n_traps; j++) {
			const char *const *functions = guest->traps[j].functions;

			if (same_order(type, &guest->traps[j]))
				return;
			mentioned |= g_strv_contains(functions, type->methods[0]);
		}
	}
	assert_false(mentioned);
	assert_null(type->methods[1]);
}

/** How many options of that name the plugins of this build have. */
static unsigned count_options(const char *name)
{
	unsigned count = 0;

	for (unsigned i = 0; wv_plugins[i]; i++)
		for (unsigned j = 0; j < wv_plugins[i]->n_options; j++)
			count += strcmp(wv_plugins[i]->options[j].name, name) == 0;
	return count;
}

static void check_option(const struct wv_option *option)
{
	assert_true(*option->name && *option->meaning);
	assert_true(count_options(option->name) <= 1); /* the example's is no part of the build */
	assert_true(option->argument || !option->is_file);
}

static void check_plugin(const struct wv_plugin *plugin)
{
	const struct wv_schema schema = { plugin->events, plugin->n_events };
	g_autoptr(GError) error = NULL;

	if (!wv_schema_check(&schema, &error))
		fail_msg("%s: %s", plugin->name, error->message);
	assert_true(*plugin->summary);
	assert_true(plugin->guests[0] && plugin->n_events > 0);
	assert_true(!plugin->configure == !plugin->deconfigure);
	for (unsigned i = 0; i < plugin->n_options; i++)
		check_option(&plugin->options[i]);
	for (unsigned i = 0; plugin->guests[i]; i++) {
		const struct wv_plugin_guest *guest = plugin->guests[i];

		for (unsigned j = 0; j < guest->n_traps; j++) {
			assert_true(!guest->traps[j].functions[0] == !!guest->traps[j].found);
			assert_null(guest->traps[j].functions[WV_TRAP_FUNCTIONS_MAX]);
			assert_non_null(guest->traps[j].on_entry);
		}
	}
	for (unsigned i = 0; i < plugin->n_events; i++)
		check_methods(plugin, plugin->events[i]);
}

static void test_example(void **state)
{
	(void)state;
	check_plugin(&wv_plugin_hello);
	assert_null(wv_plugin_find("hello")); /* it is no part of the build */
}

static void test_all(void **state)
{
	(void)state;
	for (unsigned i = 0; wv_plugins[i]; i++) {
		check_plugin(wv_plugins[i]);
		assert_ptr_equal(wv_plugin_find(wv_plugins[i]->name), wv_plugins[i]);
	}
}

static void test_settings(void **state)
{
	const struct wv_plugin *plugin = &wv_plugin_hello;
	struct wv_settings settings;
	void *made[2] = { NULL, NULL };

	(void)state;
	wv_settings_init(&settings);
	assert_true(plugin->configure(&settings, &made[0], NULL));
	wv_settings_set(&settings, "hello-failures", "true");
	assert_true(plugin->configure(&settings, &made[1], NULL));
	assert_false(*(const bool *)made[0]);
	assert_true(*(const bool *)made[1]);
	plugin->deconfigure(made[0]);
	plugin->deconfigure(made[1]);
	wv_settings_deinit(&settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

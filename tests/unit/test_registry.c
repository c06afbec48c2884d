/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugins of this build: lookup, selection, their schema, and that each is well declared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "base/error.h"
#include "monitor/registry.h"
#include "output/schema_check.h"

/** Tests that take the first plugin as an example say nothing in a build without plugins. */
static int setup(void **state)
{
	static struct wv_settings settings;

	wv_settings_init(&settings);
	*state = &settings;
	return 0;
}

static int teardown(void **state)
{
	wv_settings_deinit(*state);
	return 0;
}

static unsigned count_plugins(void)
{
	unsigned count = 0;

	while (wv_plugins[count])
		count++;
	return count;
}

static void test_find(void **state)
{
	(void)state;
	for (unsigned i = 0; wv_plugins[i]; i++) /* which also proves that no name is there twice */
		assert_ptr_equal(wv_plugin_find(wv_plugins[i]->name), wv_plugins[i]);
	assert_null(wv_plugin_find("no-such-plugin"));
	assert_null(wv_plugin_find(""));
}

static void test_schema(void **state)
{
	const struct wv_schema *schema = wv_plugins_schema();
	g_autoptr(GError) error = NULL;
	unsigned type = 0;

	(void)state;
	assert_ptr_equal(schema, wv_plugins_schema());
	if (!wv_schema_check(schema, &error))
		fail_msg("%s", error->message);
	for (unsigned i = 0; wv_plugins[i]; i++) {
		assert_int_equal(wv_plugin_first_type(wv_plugins[i]), type);
		for (unsigned j = 0; j < wv_plugins[i]->n_events; j++)
			assert_ptr_equal(schema->types[type++], wv_plugins[i]->events[j]);
	}
	assert_int_equal(schema->n_types, type);
	assert_true(type <= WV_EVENT_TYPES_MAX);
}

static void check_trap(const struct wv_plugin *plugin, const struct wv_trap_def *trap)
{
	unsigned count = 0;

	assert_true(!trap->functions[0] == !!trap->found); /* by name, or found by prepare() */
	assert_non_null(trap->on_entry);
	while (trap->functions[count])
		count++;
	assert_true(count <= WV_TRAP_FUNCTIONS_MAX);
	if (trap->with && trap->without) /* no kernel has a symbol and lacks it */
		assert_string_not_equal(trap->with, trap->without);

	if (trap->found)
		return;
	/* the method is an index: a type that names one of the functions has them in their order */
	for (unsigned i = 0; i < plugin->n_events; i++) {
		const char *const *methods = plugin->events[i]->methods;

		if (!methods[0] || strcmp(methods[0], trap->functions[0]) != 0)
			continue;
		for (unsigned j = 0; j < count; j++) {
			assert_non_null(methods[j]);
			assert_string_equal(methods[j], trap->functions[j]);
		}
		assert_null(methods[count]);
	}
}

static void test_declarations(void **state)
{
	(void)state;
	for (unsigned i = 0; wv_plugins[i]; i++) {
		const struct wv_plugin *plugin = wv_plugins[i];

		assert_true(*plugin->name && *plugin->summary);
		assert_true(plugin->guests[0] && plugin->n_events > 0);
		assert_true(!plugin->deconfigure || plugin->configure);
		for (unsigned j = 0; j < plugin->n_options; j++) {
			const struct wv_option *option = &plugin->options[j];

			assert_true(*option->name && *option->meaning);
			assert_null(strchr(option->name, '_')); /* its key has them for dashes */
		}
		for (unsigned j = 0; plugin->guests[j]; j++) {
			const struct wv_plugin_guest *guest = plugin->guests[j];

			assert_ptr_equal(wv_plugin_on(plugin, guest->os), guest);
			assert_true(!guest->prepare == !guest->unprepare);
			for (unsigned k = 0; k < guest->n_traps; k++)
				check_trap(plugin, &guest->traps[k]);
			for (unsigned k = 0; k < guest->n_wants; k++) {
				const struct wv_want *want = &guest->wants[k];

				/* a want that was forgotten in the table is all zero */
				assert_non_null(want->name);
				assert_true((want->kind == WV_WANT_MEMBER) == !!want->member);
			}
		}
		assert_null(wv_plugin_on(plugin, (enum wv_os)0));
	}
}

/* Selection -------------------------------------------------------------------------------------*/

static unsigned count_selected(const struct wv_settings *settings)
{
	g_autoptr(GError) error = NULL;
	g_autofree const struct wv_plugin **selected = wv_plugins_selected(settings, &error);
	unsigned count = 0;

	if (!selected)
		fail_msg("%s", error->message);
	while (selected[count])
		count++;
	return count;
}

static void assert_refuses(const struct wv_settings *settings)
{
	g_autoptr(GError) error = NULL;

	assert_null(wv_plugins_selected(settings, &error));
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	assert_non_null(strstr(error->message, "\"no-such-plugin\""));
	for (unsigned i = 0; wv_plugins[i]; i++) /* and says what there is */
		assert_non_null(strstr(error->message, wv_plugins[i]->name));
}

static void test_all_are_selected(void **state)
{
	g_autofree const struct wv_plugin **selected = wv_plugins_selected(*state, NULL);

	for (unsigned i = 0; i <= count_plugins(); i++)
		assert_ptr_equal(selected[i], wv_plugins[i]);
}

static void test_only(void **state)
{
	struct wv_settings *settings = *state;

	if (!wv_plugins[0])
		skip();
	wv_settings_add(settings, "plugin", wv_plugins[0]->name);
	assert_int_equal(count_selected(settings), 1);
	wv_settings_add(settings, "plugin", wv_plugins[0]->name); /* twice is once */
	assert_int_equal(count_selected(settings), 1);
	wv_settings_add(settings, "no-plugin", wv_plugins[0]->name);
	assert_int_equal(count_selected(settings), 0);
}

static void test_all_but(void **state)
{
	struct wv_settings *settings = *state;

	if (!wv_plugins[0])
		skip();
	wv_settings_add(settings, "no-plugin", wv_plugins[0]->name);
	assert_int_equal(count_selected(settings), count_plugins() - 1);
}

static void test_is_selected(void **state)
{
	struct wv_settings *settings = *state;

	assert_false(wv_plugins_is_selected(settings, "no-such-plugin"));
	if (!wv_plugins[0] || !wv_plugins[1])
		skip();
	assert_true(wv_plugins_is_selected(settings, wv_plugins[0]->name));
	wv_settings_add(settings, "no-plugin", wv_plugins[1]->name);
	assert_true(wv_plugins_is_selected(settings, wv_plugins[0]->name));
	assert_false(wv_plugins_is_selected(settings, wv_plugins[1]->name));
	wv_settings_add(settings, "plugin", wv_plugins[1]->name);
	assert_false(wv_plugins_is_selected(settings, wv_plugins[0]->name));
	/* settings that are refused ask for nothing */
	wv_settings_add(settings, "plugin", "no-such-plugin");
	assert_false(wv_plugins_is_selected(settings, wv_plugins[1]->name));
}

static void test_unknown_plugins(void **state)
{
	struct wv_settings *settings = *state;

	if (!wv_plugins[0])
		skip();
	wv_settings_add(settings, "plugin", wv_plugins[0]->name);
	wv_settings_add(settings, "plugin", "no-such-plugin");
	assert_refuses(settings);
}

static void test_unknown_plugins_to_leave_out(void **state)
{
	struct wv_settings *settings = *state;

	wv_settings_add(settings, "no-plugin", "no-such-plugin");
	assert_refuses(settings);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_schema),
		cmocka_unit_test(test_declarations),
		WITH(test_all_are_selected),
		WITH(test_only),
		WITH(test_all_but),
		WITH(test_is_selected),
		WITH(test_unknown_plugins),
		WITH(test_unknown_plugins_to_leave_out),
	};

	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}

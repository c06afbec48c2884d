/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `wyvern run`: options to settings, checks of all of them, then QEMU under watch. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/qemu.h"
#include "cli/watch.h"
#include "monitor/registry.h"
#include "profile/isf.h"

/** How an option's value gets into the settings. */
enum how {
	HOW_SET,  /* the last one counts */
	HOW_ADD,  /* can be given several times */
	HOW_FLAG, /* no value */
};

struct option {
	const char *name;
	char letter;
	enum how how;
	const char *argument;
	const char *meaning;
};

static const struct option options[] = {
	{ "format", 'o', HOW_SET, "FORMAT", "default, csv, kv or json (default: default)" },
	{ "output", 0, HOW_SET, "FILE", "write events to FILE (default: standard output)" },
	{ "plugin", 'a', HOW_ADD, "PLUGIN", "use only this plugin; can be repeated" },
	{ "no-plugin", 'x', HOW_ADD, "PLUGIN", "do not use this plugin; can be repeated" },
	{ "time-limit", 't', HOW_SET, "SECONDS", "stop after so many seconds" },
	{ "profile", 'r', HOW_SET, "FILE",
	  "the kernel's profile: Volatility 3 ISF, plain or .xz (default: ask the kernel itself)" },
	{ "process", 0, HOW_ADD, "NAME|PID", "only events of this process; can be repeated" },
	{ "ignore-process", 0, HOW_ADD, "NAME|PID", "no events of this process; can be repeated" },
	{ "process-path", 0, HOW_FLAG, NULL, "print whole paths as ProcessName" },
	{ "traps-ttl", 0, HOW_SET, "N", "handle each function at most N times in 10 seconds" },
	{ "drop-when-slow", 0, HOW_FLAG, NULL,
	  "drop events rather than let the guest wait for a slow reader" },
	{ "csv-header", 0, HOW_FLAG, NULL, "with csv: name the columns before their first row" },
	{ "timing", 0, HOW_FLAG, NULL, "tell at the end what a trapped call cost" },
	{ "qemu", 0, HOW_SET, "PROGRAM", "the QEMU to use (default: " CLI_QEMU_PROGRAM ")" },
};

static struct wv_settings *parsing; /* GLib's callbacks of plain options carry no data */

static const struct option *find_option(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
		const struct option *option = &options[i];

		if (strcmp(name, option->name) == 0 ||
		    (name[1] == '\0' && name[0] == option->letter))
			return option;
	}
	return NULL;
}

static gboolean on_option(const gchar *given, const gchar *value, gpointer data, GError **error)
{
	const char *name = given + strspn(given, "-");
	const struct option *option = find_option(name);

	(void)data;
	if (value && !g_utf8_validate(value, -1, NULL)) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "%s: its value is not valid UTF-8", given);
		return FALSE;
	}
	if (option && option->how == HOW_ADD)
		wv_settings_add(parsing, option->name, value);
	else
		wv_settings_set(parsing, option ? option->name : name, value ? value : "true");
	return TRUE;
}

static void add_entry(GArray *entries, const char *name, char letter, const char *argument,
		      const char *meaning)
{
	GOptionEntry entry = { .long_name = name,
			       .short_name = letter,
			       /* as bytes: GLib would want them in the locale's encoding */
			       .flags = argument ? G_OPTION_FLAG_FILENAME : G_OPTION_FLAG_NO_ARG,
			       .arg = G_OPTION_ARG_CALLBACK,
			       .arg_data = (gpointer)on_option,
			       .description = meaning,
			       .arg_description = argument };

	g_array_append_val(entries, entry);
}

static const struct cli_help help = {
	.usage = "[OPTIONS] -- QEMU-ARGUMENTS...",
	.summary =
		"Starts QEMU with these arguments and prints what the guest does, until it ends.",
	.description =
		"Example:\n"
		"  wyvern run -o json -- -m 1G -smp 2 -drive file=disk.qcow2 -display none\n\n"
		"A configuration file (-c) sets options by their long names with _ for -:\n"
		"  [wyvern]\n"
		"  format = json\n"
		"  ignore_process = cron;sshd\n\n"
		"Exit codes:\n"
		"  0  the guest ended, or Wyvern was asked to stop (SIGINT, SIGTERM)\n"
		"  1  an internal error, or the output could not be written\n"
		"  2  wrong options, a missing file, a QEMU that can not be used\n"
		"  3  the time limit was reached\n"
		"  4  no kernel was found in the guest, or the profile is unusable\n"
		"  5  the guest's kernel crashed, or QEMU died\n",
};

/** The options of the command, and those that plugins declare. Leaves argv without them. */
static bool parse_options(struct wv_settings *settings, char **config, int *argc, char ***argv,
			  GError **error)
{
	g_autoptr(GArray) entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
	GOptionEntry config_entry = { "config",
				      'c',
				      G_OPTION_FLAG_NONE,
				      G_OPTION_ARG_FILENAME,
				      config,
				      "read options from FILE",
				      "FILE" };

	g_array_append_val(entries, config_entry);
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
		add_entry(entries, options[i].name, options[i].letter, options[i].argument,
			  options[i].meaning);
	for (unsigned i = 0; wv_plugins[i]; i++)
		for (unsigned j = 0; j < wv_plugins[i]->n_options; j++)
			add_entry(entries, wv_plugins[i]->options[j].name, 0,
				  wv_plugins[i]->options[j].argument,
				  wv_plugins[i]->options[j].meaning);
	parsing = settings;
	return cli_parse(&help, (const GOptionEntry *)(gpointer)entries->data, argc, argv, error);
}

/** Parses what comes before "--"; what comes after it are QEMU's arguments. */
static char **parse_arguments(struct wv_settings *settings, char **config, int argc, char **argv,
			      GError **error)
{
	int count = 1;

	while (count < argc && strcmp(argv[count], "--") != 0)
		count++;

	char **user = count < argc ? argv + count + 1 : NULL;

	if (!parse_options(settings, config, &count, &argv, error)) {
		if (!user)
			g_prefix_error(error, "QEMU's arguments must come after --: ");
		return NULL;
	}
	if (count > 1)
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "unexpected argument \"%s\": QEMU's arguments must come after --",
			    argv[1]);
	else if (!user || !*user)
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "no QEMU arguments: wyvern run [OPTIONS] -- -kernel FILE ...");
	else
		return user;
	return NULL;
}

/** A plugin's option, or NULL. */
static const struct wv_option *find_plugin_option(const char *name)
{
	for (unsigned i = 0; wv_plugins[i]; i++)
		for (unsigned j = 0; j < wv_plugins[i]->n_options; j++)
			if (strcmp(name, wv_plugins[i]->options[j].name) == 0)
				return &wv_plugins[i]->options[j];
	return NULL;
}

/** Whether the key is an option's long name with _ for -, and its value of the right form. */
static bool check_key(const struct wv_settings *settings, const char *path, const char *key,
		      GError **error)
{
	g_autofree char *name = g_strdelimit(g_strdup(key), "_", '-');
	const struct option *option = strlen(name) > 1 ? find_option(name) : NULL;
	const struct wv_option *plugin_option = find_plugin_option(name);
	g_autoptr(GError) reason = NULL;

	if (strchr(key, '-') || (!option && !plugin_option)) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "%s: unknown key %s: a key is the long name of an option, with _ for -",
			    path, key);
		return false;
	}
	if (option ? option->how == HOW_FLAG : !plugin_option->argument) {
		g_key_file_get_boolean(settings->keys, "wyvern", key, &reason);
	} else if (option && option->how == HOW_ADD) {
		g_strfreev(
			g_key_file_get_string_list(settings->keys, "wyvern", key, NULL, &reason));
	} else {
		g_free(g_key_file_get_string(settings->keys, "wyvern", key, &reason));
	}
	if (!reason)
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s: %s: %s", path, key, reason->message);
	return false;
}

/** A configuration file sets any option; the command line comes after it. */
static bool check_keys(const struct wv_settings *settings, const char *path, GError **error)
{
	g_auto(GStrv) keys = g_key_file_get_keys(settings->keys, "wyvern", NULL, NULL);

	for (char **key = keys; key && *key; key++)
		if (!check_key(settings, path, *key, error))
			return false;
	return true;
}

/** Puts the configuration file beneath what the command line said. */
static bool merge_config(struct wv_settings *settings, const char *path, GError **error)
{
	g_autofree char *over = wv_settings_text(settings);
	struct wv_settings file, cli;
	bool good;

	wv_settings_init(&file);
	wv_settings_init(&cli);
	good = wv_settings_load(&file, path, error) && check_keys(&file, path, error) &&
	       wv_settings_parse(&cli, over, error);
	if (good) {
		g_auto(GStrv) keys = g_key_file_get_keys(cli.keys, "wyvern", NULL, NULL);

		for (char **key = keys; key && *key; key++) {
			g_autofree char *value =
				g_key_file_get_value(cli.keys, "wyvern", *key, NULL);

			g_key_file_set_value(file.keys, "wyvern", *key, value);
		}
		wv_settings_deinit(settings);
		*settings = file;
	} else {
		wv_settings_deinit(&file);
	}
	wv_settings_deinit(&cli);
	return good;
}

/** Runs the plugins' own checks, so that a mistake is told before a guest is started. */
static bool check_plugins(const struct wv_settings *settings, GError **error)
{
	g_autofree const struct wv_plugin **selected = wv_plugins_selected(settings, error);

	if (!selected)
		return false;
	if (!selected[0]) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "no plugin is left to use");
		return false;
	}
	for (unsigned i = 0; selected[i]; i++) {
		void *state = NULL;

		if (!selected[i]->configure)
			continue;
		if (!selected[i]->configure(settings, &state, error))
			return false;
		selected[i]->deconfigure(state);
	}
	return true;
}

static bool parse_seconds(const struct wv_settings *settings, double *seconds, GError **error)
{
	g_autofree char *text = wv_settings_get(settings, "time-limit");
	char *end = NULL;

	*seconds = text ? g_ascii_strtod(text, &end) : 0;
	if (!text || (end != text && *end == '\0' && *seconds > 0 && *seconds < 1e9))
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
		    "--time-limit: \"%s\" is not a time in seconds", text);
	return false;
}

static bool check_profile(const struct wv_settings *settings, GError **error)
{
	g_autofree char *path = wv_settings_get(settings, "profile");

	if (!path)
		return true;

	g_autoptr(wv_profile) profile = wv_isf_load(path, error);

	return profile != NULL;
}

static const struct wv_encoder *choose_encoder(const struct wv_settings *settings, GError **error)
{
	g_autofree char *format = wv_settings_get(settings, "format");
	const struct wv_encoder *encoder = wv_encoder_find(format ? format : "default");

	if (!encoder)
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "unknown format \"%s\": default, csv, kv and json are known", format);
	return encoder;
}

/** Makes the path that an option names absolute. */
static void make_absolute(struct wv_settings *settings, const char *option)
{
	g_autofree char *path = wv_settings_get(settings, option);

	if (path) {
		g_autofree char *absolute = g_canonicalize_filename(path, NULL);

		wv_settings_set(settings, option, absolute);
	}
}

/** What the monitor is told: absolute paths, for it may run in another folder. */
static char *monitor_config(const struct wv_settings *settings)
{
	struct wv_settings copy;
	g_autofree char *text = wv_settings_text(settings);

	wv_settings_init(&copy);
	wv_settings_parse(&copy, text, NULL);
	make_absolute(&copy, "profile");
	for (unsigned i = 0; wv_plugins[i]; i++)
		for (unsigned j = 0; j < wv_plugins[i]->n_options; j++)
			if (wv_plugins[i]->options[j].is_file)
				make_absolute(&copy, wv_plugins[i]->options[j].name);

	char *config = wv_settings_text(&copy);

	wv_settings_deinit(&copy);
	return config;
}

/** Starts QEMU and watches it; everything has been checked. */
static bool watch_guest(const struct wv_settings *settings, const struct wv_encoder *encoder,
			double time_limit, char *const *user, enum wv_exit *verdict, GError **error)
{
	g_autofree char *program = wv_settings_get(settings, "qemu");
	g_autofree char *output = wv_settings_get(settings, "output");
	g_autofree char *config = monitor_config(settings);
	g_autofree char *plugin = cli_qemu_plugin_path(error);
	g_auto(GStrv) environment = NULL;
	g_auto(GStrv) arguments = NULL;
	struct cli_qemu qemu;
	struct cli_child child;
	struct wv_session *session = NULL;
	struct wv_printer *printer = NULL;
	bool started = false;

	cli_watch_signals(); /* before anything is started that would outlive us */
	if (!plugin || !cli_qemu_probe(&qemu, program, error))
		return false;
	if (!cli_qemu_usable(&qemu, error) ||
	    !(session = wv_session_create(WV_RINGS_MAX, config, error)) ||
	    !(arguments = cli_qemu_arguments(&qemu, plugin, wv_session_fd(session), user, error)))
		goto out;

	struct wv_sink *sink = wv_sink_open(output, error);

	if (!sink)
		goto out;
	printer = wv_printer_new(encoder, wv_plugins_schema(), sink,
				 wv_settings_flag(settings, "csv-header"));
	wv_plugins_hide_unused(settings, printer);
	wv_printer_time(printer, wv_settings_flag(settings, "timing"));
	if (!qemu.has_sandbox)
		cli_say("warning: %s was built without -sandbox: it runs with all your rights",
			qemu.path);
	environment = cli_qemu_environment(&qemu);
	started = cli_child_start(&child, arguments, wv_session_fd(session),
				  !output || strcmp(output, "-") == 0, environment, error);
	if (started) {
		struct cli_watch_options watch = { &child, session, printer, time_limit,
						   wv_settings_flag(settings, "timing") };

		*verdict = cli_watch(&watch);
	}
out:
	wv_printer_free(printer);
	wv_session_free(session);
	cli_qemu_clear(&qemu);
	return started;
}

enum wv_exit cli_run(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *config = NULL;
	struct wv_settings settings;
	enum wv_exit verdict = WV_EXIT_INTERNAL;
	const struct wv_encoder *encoder;
	double time_limit;
	guint64 ttl;
	char **user;

	wv_settings_init(&settings);
	user = parse_arguments(&settings, &config, argc, argv, &error);
	if (!user || (config && !merge_config(&settings, config, &error)) ||
	    !(encoder = choose_encoder(&settings, &error)) || !check_plugins(&settings, &error) ||
	    !parse_seconds(&settings, &time_limit, &error) ||
	    !wv_settings_number(&settings, "traps-ttl", 0, &ttl, &error) ||
	    !check_profile(&settings, &error))
		goto out;
	watch_guest(&settings, encoder, time_limit, user, &verdict, &error);
out:
	wv_settings_deinit(&settings);
	return error ? cli_fail(error) : verdict;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of watching a guest: from the command line and a file into settings, and checked. */
#include "cli/settings.h"

#include <string.h>

#include "cli/symbols.h"
#include "monitor/dump.h"
#include "monitor/registry.h"
#include "profile/load.h"
#include "sandbox/qemu.h"

/** How an option's value gets into the settings. */
enum how {
	HOW_SET,  /* the last one counts */
	HOW_ADD,  /* can be given several times */
	HOW_FLAG, /* no value */
};

struct option {
	unsigned commands; /* enum cli_command, or-ed */
	const char *name;
	char letter;
	enum how how;
	const char *argument;
	const char *meaning;
};

#define BOTH (CLI_RUN | CLI_ANALYZE)

static const struct option options[] = {
	{ CLI_ANALYZE, "template", 0, HOW_SET, "NAME",
	  "the template to clone (default: default, which is made if it is not there)" },
	{ CLI_ANALYZE, "out", 0, HOW_SET, "DIR",
	  "where the results go (default: SAMPLE.wyvern; with --jobs: wyvern-results)" },
	{ CLI_ANALYZE, "jobs", 'j', HOW_SET, "N",
	  "analyze all files and folders that are named, N at a time" },
	{ CLI_ANALYZE, "user", 0, HOW_SET, "NAME|UID",
	  "the user that the sample runs as (default: root)" },
	{ CLI_ANALYZE, "path", 0, HOW_SET, "PATH",
	  "where the sample is put in the guest (default: its name in /tmp)" },
	{ CLI_ANALYZE, "env", 0, HOW_ADD, "NAME=VALUE",
	  "an environment variable of the sample; can be repeated" },
	{ CLI_ANALYZE, "settle", 0, HOW_SET, "SECONDS",
	  "go on for so long after the sample's end (default: 1)" },
	{ CLI_ANALYZE, "net", 0, HOW_SET, "none|user|pcap FILE",
	  "the guest's network: none (default), the host's by QEMU's user network, or that with "
	  "everything sent and received written to FILE" },
	{ CLI_ANALYZE, "quiet", 'q', HOW_FLAG, NULL, "print no events, only write events.jsonl" },
	{ CLI_ANALYZE, "no-jail", 0, HOW_FLAG, NULL, "run QEMU outside of bubblewrap" },
	{ BOTH, "format", 'o', HOW_SET, "FORMAT", "default, csv, kv or json (default: default)" },
	{ CLI_RUN, "output", 0, HOW_SET, "FILE",
	  "write events to FILE (default: standard output)" },
	{ BOTH, "plugin", 'a', HOW_ADD, "PLUGIN", "use only this plugin; can be repeated" },
	{ BOTH, "no-plugin", 'x', HOW_ADD, "PLUGIN", "do not use this plugin; can be repeated" },
	{ CLI_RUN, "time-limit", 't', HOW_SET, "SECONDS", "stop after so many seconds" },
	{ CLI_ANALYZE, "time-limit", 't', HOW_SET, "SECONDS",
	  "stop so many seconds after the sample's start (default: 60; 0: never)" },
	{ CLI_RUN, "profile", 'r', HOW_SET, "FILE",
	  "the kernel's profile: a PDB, a Volatility 3 ISF or Rekall's, plain or .xz (default: ask "
	  "the kernel itself; of Windows, look for the PDB that it names)" },
	{ CLI_RUN, "symbol-path", 0, HOW_SET, "PATH",
	  "where PDBs are: folders and srv*FOLDER*URL, separated by ; (default: $_NT_SYMBOL_PATH)" },
	{ CLI_RUN, "symbol-server", 0, HOW_SET, "URL",
	  "get a PDB that no folder has from this server, over HTTP or HTTPS" },
	{ BOTH, "process", 0, HOW_ADD, "NAME|PID", "only events of this process; can be repeated" },
	{ BOTH, "ignore-process", 0, HOW_ADD, "NAME|PID",
	  "no events of this process; can be repeated" },
	{ BOTH, "process-path", 0, HOW_FLAG, NULL, "print whole paths as ProcessName" },
	{ BOTH, "traps-ttl", 0, HOW_SET, "N",
	  "handle each function at most N times in 10 seconds" },
	{ BOTH, "drop-when-slow", 0, HOW_FLAG, NULL,
	  "drop events rather than let the guest wait for a slow reader" },
	{ BOTH, "csv-header", 0, HOW_FLAG, NULL,
	  "with csv: name the columns before their first row" },
	{ BOTH, "timing", 0, HOW_FLAG, NULL, "tell at the end what a trapped call cost" },
	{ BOTH, "qemu", 0, HOW_SET, "PROGRAM", "the QEMU to use (default: " WV_QEMU_PROGRAM ")" },
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

bool cli_settings_parse(struct wv_settings *settings, enum cli_command command,
			const struct cli_help *help, char **config, int *argc, char ***argv,
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
		if (options[i].commands & (unsigned)command)
			add_entry(entries, options[i].name, options[i].letter, options[i].argument,
				  options[i].meaning);
	for (unsigned i = 0; wv_plugins[i]; i++)
		for (unsigned j = 0; j < wv_plugins[i]->n_options; j++)
			add_entry(entries, wv_plugins[i]->options[j].name, 0,
				  wv_plugins[i]->options[j].argument,
				  wv_plugins[i]->options[j].meaning);
	parsing = settings;
	return cli_parse(help, (const GOptionEntry *)(gpointer)entries->data, argc, argv, error);
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

bool cli_settings_merge(struct wv_settings *settings, const char *path, GError **error)
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

bool cli_settings_seconds(const struct wv_settings *settings, const char *option, double least,
			  double otherwise, double *seconds, GError **error)
{
	g_autofree char *text = wv_settings_get(settings, option);
	char *end = NULL;

	*seconds = text ? g_ascii_strtod(text, &end) : otherwise;
	if (!text || (end != text && *end == '\0' && *seconds >= least && *seconds < 1e9))
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "--%s: \"%s\" is not a time in seconds",
		    option, text);
	return false;
}

static bool check_profile(const struct wv_settings *settings, GError **error)
{
	g_autofree char *path = wv_settings_get(settings, "profile");

	if (!path)
		return true;

	g_autoptr(wv_profile) profile = wv_profile_load(path, error);

	return profile != NULL;
}

const struct wv_encoder *cli_settings_encoder(const struct wv_settings *settings, GError **error)
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

char *cli_settings_for_monitor(const struct wv_settings *settings)
{
	struct wv_settings copy;

	wv_settings_copy(&copy, settings);
	make_absolute(&copy, "profile");
	for (unsigned i = 0; wv_plugins[i]; i++)
		for (unsigned j = 0; j < wv_plugins[i]->n_options; j++)
			if (wv_plugins[i]->options[j].is_file)
				make_absolute(&copy, wv_plugins[i]->options[j].name);

	char *config = wv_settings_text(&copy);

	wv_settings_deinit(&copy);
	return config;
}

bool cli_settings_check(const struct wv_settings *settings, GError **error)
{
	guint64 ttl, limit;

	return check_plugins(settings, error) &&
	       wv_settings_number(settings, "traps-ttl", 0, &ttl, error) &&
	       wv_dump_limit(settings, &limit, error) && check_profile(settings, error) &&
	       cli_symbols_check(settings, error);
}

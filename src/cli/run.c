/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `wyvern run`: the user's own QEMU under watch. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/settings.h"
#include "cli/symbols.h"
#include "monitor/dump.h"
#include "monitor/registry.h"
#include "sandbox/qemu.h"
#include "sandbox/watch.h"

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

/** Parses what comes before "--"; what comes after it are QEMU's arguments. */
static char **parse_arguments(struct wv_settings *settings, char **config, int argc, char **argv,
			      GError **error)
{
	int count = 1;

	while (count < argc && strcmp(argv[count], "--") != 0)
		count++;

	char **user = count < argc ? argv + count + 1 : NULL;

	if (!cli_settings_parse(settings, CLI_RUN, &help, config, &count, &argv, error)) {
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

/** Watches what runs until it has ended, and says how the run went. */
static enum wv_exit watch_child(const struct wv_settings *settings, struct wv_child *child,
				struct wv_session *session, struct wv_printer *printer,
				struct wv_dump *dump, double time_limit)
{
	struct wv_printer *const printers[] = { printer, NULL };
	struct cli_symbols *symbols = cli_symbols_new(settings, session);
	const struct wv_watch_options watch = {
		.child = child,
		.session = session,
		.printers = printers,
		.dump = dump,
		.profile_wanted = cli_symbols_wanted,
		.owner = symbols,
		.time_limit = time_limit,
		.timing = wv_settings_flag(settings, "timing"),
	};
	struct wv_watched watched;

	wv_watch(&watch, &watched);
	cli_symbols_free(symbols);
	g_free(watched.error);
	return watched.verdict;
}

/** Starts QEMU and watches it; everything has been checked. */
static bool watch_guest(const struct wv_settings *settings, const struct wv_encoder *encoder,
			double time_limit, char *const *user, enum wv_exit *verdict, GError **error)
{
	g_autofree char *program = wv_settings_get(settings, "qemu");
	g_autofree char *output = wv_settings_get(settings, "output");
	g_autofree char *config = cli_settings_for_monitor(settings);
	g_autofree char *plugin = wv_qemu_plugin_path(error);
	g_auto(GStrv) environment = NULL;
	g_auto(GStrv) arguments = NULL;
	struct wv_qemu qemu;
	struct wv_child child;
	struct wv_session *session = NULL;
	struct wv_printer *printer = NULL;
	struct wv_dump *dump = NULL;
	bool started = false;

	wv_watch_signals(); /* before anything is started that would outlive us */
	if (!plugin || !wv_qemu_probe(&qemu, program, error))
		return false;
	if (!wv_qemu_usable(&qemu, error) ||
	    !(session = wv_session_create(WV_RINGS_MAX, config, error)) ||
	    !wv_dump_open_asked(settings, &dump, error) ||
	    !(arguments = wv_qemu_arguments(&qemu, plugin, wv_session_fd(session), user, error)))
		goto out;

	struct wv_sink *sink = wv_sink_open(output, error);

	if (!sink)
		goto out;
	printer = wv_printer_new(encoder, wv_plugins_schema(), sink,
				 wv_settings_flag(settings, "csv-header"));
	wv_plugins_hide_unused(settings, printer);
	wv_printer_time(printer, wv_settings_flag(settings, "timing"));
	if (!qemu.has_sandbox)
		wv_say("warning: %s was built without -sandbox: it runs with all your rights",
		       qemu.path);
	environment = wv_qemu_environment(&qemu);

	const int inherit[] = { wv_session_fd(session), -1 };
	const struct wv_child_options start = {
		.arguments = arguments,
		.environment = environment,
		.inherit = inherit,
		.dies_with_us = true,
		.stdout_to_stderr = !output || strcmp(output, "-") == 0,
	};

	started = wv_child_start(&child, &start, error);
	if (started)
		*verdict = watch_child(settings, &child, session, printer, dump, time_limit);
out:
	wv_dump_free(dump);
	wv_printer_free(printer);
	wv_session_free(session);
	wv_qemu_clear(&qemu);
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
	char **user;

	wv_settings_init(&settings);
	user = parse_arguments(&settings, &config, argc, argv, &error);
	if (!user || (config && !cli_settings_merge(&settings, config, &error)) ||
	    !(encoder = cli_settings_encoder(&settings, &error)) ||
	    !cli_settings_check(&settings, &error) ||
	    !cli_settings_seconds(&settings, "time-limit", 1e-9, 0, &time_limit, &error))
		goto out;
	watch_guest(&settings, encoder, time_limit, user, &verdict, &error);
out:
	wv_settings_deinit(&settings);
	return error ? wv_fail(error) : verdict;
}

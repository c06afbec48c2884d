/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `wyvern analyze`: a sample in a fresh guest, and its results in a folder. */
#include "cli/analyze.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/make_template.h"
#include "monitor/dump.h"
#include "monitor/registry.h"
#include "sandbox/analysis.h"
#include "sandbox/store.h"

#define SETTLE_S     1
#define TIME_LIMIT_S 60

/** No more analyses than this at once. */
#define JOBS_MAX 1000

/** So many folders of one name are tried. */
#define FOLDERS_MAX 100000

static const struct cli_help help = {
	.usage = "[OPTIONS] SAMPLE [ARGUMENT...]",
	.summary =
		"Runs the sample in a fresh clone of a template, prints what it does, and writes "
		"events.jsonl, console.log and summary.json into a folder, and into its folder "
		"files what the sample wrote or deleted.",
	.description =
		"With --jobs, or a folder as SAMPLE, all arguments are samples.\n"
		"Options come before the sample: what follows it is its own.\n\n"
		"Exit codes:\n"
		"  0  the sample ended, or the guest did, or Wyvern was asked to stop\n"
		"  1  an internal error, or the output could not be written\n"
		"  2  wrong options, a missing file, a template or QEMU that can not be used\n"
		"  3  the time limit was reached\n"
		"  4  the guest's kernel can not be watched\n"
		"  5  the guest's kernel crashed, or QEMU died\n"
		"  6  the guest could not start the sample\n",
	.options_first = true,
};

/** A sample that is to be run, with all that has been checked. */
struct request {
	struct wv_settings settings;
	const struct wv_encoder *encoder;
	double settle, time_limit;
	guint64 jobs;	  /* 0: not asked for */
	char **arguments; /* the samples, or the sample and its own arguments; not owned */
	char *network;
	char *capture;
};

/* Options ---------------------------------------------------------------------------------------*/

/** The one option that may take two words, "--net pcap FILE", becomes one with one word. */
static char **join_network(int *argc, char **argv)
{
	GPtrArray *joined = g_ptr_array_new();

	for (int i = 0; i < *argc; i++) {
		bool two = i + 2 < *argc && strcmp(argv[i], "--net") == 0 &&
			   strcmp(argv[i + 1], "pcap") == 0;

		g_ptr_array_add(joined, two ? g_strconcat("--net=pcap:", argv[i + 2], NULL)
					    : g_strdup(argv[i]));
		i += two ? 2 : 0;
	}
	*argc = (int)joined->len;
	g_ptr_array_add(joined, NULL);
	return (char **)g_ptr_array_free(joined, FALSE);
}

static bool parse_network(struct request *request, GError **error)
{
	g_autofree char *text = wv_settings_get(&request->settings, "net");
	const char *file = text && g_str_has_prefix(text, "pcap") ? text + strlen("pcap") : NULL;

	if (file && (!*file || *file == ':')) {
		request->network = g_strdup("pcap");
		request->capture = *file && file[1] ? g_strdup(file + 1) : NULL;
		return true;
	}
	if (!text || strcmp(text, "none") == 0 || strcmp(text, "user") == 0) {
		request->network = g_strdup(text ? text : "none");
		return true;
	}
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "--net: \"%s\" is not none, user or pcap FILE",
		    text);
	return false;
}

static bool check_environment(const struct wv_settings *settings, GError **error)
{
	g_auto(GStrv) values = wv_settings_list(settings, "env");

	for (char **value = values; value && *value; value++) {
		if (strchr(*value, '=') && **value != '=')
			continue;
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "--env: \"%s\" is not NAME=VALUE",
			    *value);
		return false;
	}
	return true;
}

static bool check_path(const struct wv_settings *settings, GError **error)
{
	g_autofree char *path = wv_settings_get(settings, "path");

	if (!path || (g_path_is_absolute(path) && !g_str_has_suffix(path, "/")))
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
		    "--path: \"%s\" is not the absolute path of a file", path);
	return false;
}

static bool check_jobs(struct request *request, GError **error)
{
	if (!wv_settings_number(&request->settings, "jobs", 0, &request->jobs, error))
		return false;

	g_autofree char *text = wv_settings_get(&request->settings, "jobs");

	if (!text || (request->jobs >= 1 && request->jobs <= JOBS_MAX))
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "--jobs: 1 to %d are possible", JOBS_MAX);
	return false;
}

/** What is taken out of the guest is a part of the results. */
static bool check_dump(const struct wv_settings *settings, GError **error)
{
	g_autofree char *folder = wv_settings_get(settings, "dump");

	if (!folder)
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
		    "--dump: analyze puts files into its results, in their folder %s",
		    WV_RESULT_FILES);
	return false;
}

/** Parses all and checks what can be checked before anything is started. */
static bool parse(struct request *request, int *argc, char ***argv, GError **error)
{
	g_autofree char *config = NULL;

	if (!cli_settings_parse(&request->settings, CLI_ANALYZE, &help, &config, argc, argv,
				error) ||
	    (config && !cli_settings_merge(&request->settings, config, error)) ||
	    !(request->encoder = cli_settings_encoder(&request->settings, error)) ||
	    !cli_settings_check(&request->settings, error) ||
	    !cli_settings_seconds(&request->settings, "settle", 0, SETTLE_S, &request->settle,
				  error) ||
	    !cli_settings_seconds(&request->settings, "time-limit", 0, TIME_LIMIT_S,
				  &request->time_limit, error) ||
	    !check_jobs(request, error) || !check_dump(&request->settings, error) ||
	    !parse_network(request, error) || !check_environment(&request->settings, error) ||
	    !check_path(&request->settings, error))
		return false;
	request->arguments = *argv + 1;
	if (*request->arguments && strcmp(*request->arguments, "--") == 0)
		request->arguments++;
	if (*request->arguments)
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
		    "no sample: wyvern analyze [OPTIONS] SAMPLE [ARGUMENT...]");
	return false;
}

/* Where results go ------------------------------------------------------------------------------*/

char *cli_analyze_new_folder(const char *path, GError **error)
{
	for (unsigned i = 1; i < FOLDERS_MAX; i++) {
		g_autofree char *one = i == 1 ? g_strdup(path) : g_strdup_printf("%s.%u", path, i);

		if (mkdir(one, 0755) == 0)
			return g_steal_pointer(&one);
		if (errno != EEXIST)
			break;
	}
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "cannot make the folder %s: %s", path,
		    g_strerror(errno));
	return NULL;
}

/** The folder that --out names: made if it is not there, and nobody else's results in it. */
static char *named_folder(const char *path, GError **error)
{
	g_autofree char *summary = g_build_filename(path, WV_RESULT_SUMMARY, NULL);
	g_autofree char *events = g_build_filename(path, WV_RESULT_EVENTS, NULL);

	if (g_mkdir_with_parents(path, 0755) < 0) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "cannot make the folder %s: %s", path,
			    g_strerror(errno));
		return NULL;
	}
	if (access(summary, F_OK) == 0 || access(events, F_OK) == 0) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "%s has results already: name another folder", path);
		return NULL;
	}
	return g_strdup(path);
}

static char *result_folder(const struct wv_settings *settings, const char *sample, GError **error)
{
	g_autofree char *named = wv_settings_get(settings, "out");
	g_autofree char *base = g_path_get_basename(sample);
	g_autofree char *usual = g_strconcat(base, ".wyvern", NULL);

	return named ? named_folder(named, error) : cli_analyze_new_folder(usual, error);
}

/* The printers ----------------------------------------------------------------------------------*/

static struct wv_printer *open_printer(const struct request *request,
				       const struct wv_encoder *encoder, const char *path,
				       GError **error)
{
	struct wv_sink *sink = wv_sink_open(path, error);

	if (!sink)
		return NULL;

	struct wv_printer *printer =
		wv_printer_new(encoder, wv_plugins_schema(), sink,
			       wv_settings_flag(&request->settings, "csv-header"));

	wv_plugins_hide_unused(&request->settings, printer);
	wv_printer_time(printer, wv_settings_flag(&request->settings, "timing"));
	return printer;
}

/** events.jsonl, and standard output if it is wanted. */
static bool open_printers(const struct request *request, const char *folder,
			  struct wv_printer *printers[3], GError **error)
{
	g_autofree char *path = g_build_filename(folder, WV_RESULT_EVENTS, NULL);

	printers[0] = open_printer(request, wv_encoder_find("json"), path, error);
	if (!printers[0])
		return false;
	if (wv_settings_flag(&request->settings, "quiet"))
		return true;
	printers[1] = open_printer(request, request->encoder, NULL, error);
	return printers[1] != NULL;
}

/* One sample ------------------------------------------------------------------------------------*/

bool cli_analyze_template(const struct wv_settings *settings, GError **error)
{
	g_autofree char *name = wv_settings_get(settings, "template");
	g_autofree char *qemu = wv_settings_get(settings, "qemu");
	const struct cli_template_options options = { .name = WV_TEMPLATE_DEFAULT,
						      .program = qemu };
	g_autofree char *path = wv_store_path(WV_TEMPLATE_DEFAULT);

	if (name || access(path, F_OK) == 0)
		return true;
	wv_say("there is no template yet: making %s", WV_TEMPLATE_DEFAULT);
	return cli_make_template(&options, error);
}

/** The jail, unless the user wants none or there can be none here, which is said. */
static const struct wv_jail *find_jail(const struct wv_settings *settings, struct wv_jail *jail)
{
	g_autofree char *why_not = NULL;

	*jail = (struct wv_jail){ 0 };
	if (wv_settings_flag(settings, "no-jail"))
		return NULL;
	if (wv_jail_find(jail, &why_not))
		return jail;
	wv_say("warning: QEMU runs without a jail: %s", why_not);
	return NULL;
}

/** The sample's place in the guest. */
static char *guest_path(const struct wv_settings *settings, const char *sample)
{
	g_autofree char *path = wv_settings_get(settings, "path");
	g_autofree char *base = g_path_get_basename(sample);

	return path ? g_steal_pointer(&path) : g_build_filename("/tmp", base, NULL);
}

static GMappedFile *read_sample(const char *path, GError **error)
{
	g_autoptr(GError) reason = NULL;
	struct stat info;
	GMappedFile *file = NULL;

	if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s is not a file", path);
	else if (!(file = g_mapped_file_new(path, FALSE, &reason)))
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "cannot read the sample: %s",
			    reason->message);
	return file;
}

/** Files go into the results, whatever the sample does with them, if there is a plugin for that. */
static bool open_dump(struct wv_settings *settings, const char *folder, struct wv_dump **dump,
		      GError **error)
{
	g_autofree char *path = g_build_filename(folder, WV_RESULT_FILES, NULL);

	*dump = NULL;
	if (!wv_plugins_is_selected(settings, "filedelete"))
		return true;
	wv_settings_set(settings, "dump", path);
	wv_settings_set(settings, "dump-written", "true");
	return wv_dump_open_asked(settings, dump, error);
}

/** Everything has been checked but template and QEMU. */
static bool analyze(struct request *request, gint64 begun_us, enum wv_exit *verdict, GError **error)
{
	struct wv_settings *settings = &request->settings;
	const char *sample = request->arguments[0];
	g_autofree char *name = wv_settings_get(settings, "template");
	g_autofree char *program = wv_settings_get(settings, "qemu");
	g_autofree char *user = wv_settings_get(settings, "user");
	g_autofree char *path = guest_path(settings, sample);
	g_auto(GStrv) environment = wv_settings_list(settings, "env");
	g_autoptr(GMappedFile) file = read_sample(sample, error);
	g_autoptr(wv_template) template = NULL;
	g_autofree char *folder = NULL, *capture = NULL, *config = NULL;
	struct wv_printer *printers[3] = { NULL };
	struct wv_dump *dump = NULL;
	struct wv_qemu qemu = { 0 };
	struct wv_jail jail = { 0 };
	bool good = false;

	if (!file || !(template = wv_template_load(name ? name : WV_TEMPLATE_DEFAULT, error)) ||
	    !wv_qemu_probe(&qemu, program, error))
		return false;
	if (!wv_qemu_usable(&qemu, error) || !wv_template_fits(template, &qemu, error) ||
	    !(folder = result_folder(settings, sample, error)) ||
	    !open_printers(request, folder, printers, error) ||
	    !open_dump(settings, folder, &dump, error))
		goto out;
	config = cli_settings_for_monitor(settings);
	if (strcmp(request->network, "pcap") == 0)
		capture = request->capture ? g_strdup(request->capture)
					   : g_build_filename(folder, WV_RESULT_CAPTURE, NULL);

	const struct wv_job job = {
		.data = g_mapped_file_get_contents(file),
		.size = g_mapped_file_get_length(file),
		.path = path,
		.user = user ? user : "root",
		.arguments = request->arguments + 1,
		.environment = environment,
		.network = strcmp(request->network, "none") != 0,
	};
	const struct wv_analysis analysis = {
		.template = template,
		.qemu = &qemu,
		.jail = find_jail(settings, &jail),
		.job = &job,
		.settings = settings,
		.monitor_config = config,
		.sample = sample,
		.folder = folder,
		.printers = printers,
		.dump = dump,
		.network_name = request->network,
		.capture = capture,
		.settle = request->settle,
		.time_limit = request->time_limit,
		.begun_us = begun_us,
	};

	good = wv_analyze(&analysis, verdict, error);
	wv_say("results: %s", folder);
out:
	wv_dump_free(dump);
	for (unsigned i = 0; i < G_N_ELEMENTS(printers); i++)
		wv_printer_free(printers[i]);
	wv_jail_clear(&jail);
	wv_qemu_clear(&qemu);
	return good;
}

/** Whether the arguments are samples all of them. */
static bool is_many(const struct request *request)
{
	return request->jobs || g_file_test(request->arguments[0], G_FILE_TEST_IS_DIR);
}

enum wv_exit cli_analyze(int argc, char **argv)
{
	gint64 begun_us = g_get_real_time();
	g_auto(GStrv) joined = join_network(&argc, argv);
	g_autofree char **left = g_memdup2(joined, ((size_t)argc + 1) * sizeof(*joined));
	g_autoptr(GError) error = NULL;
	enum wv_exit verdict = WV_EXIT_INTERNAL;
	struct request request = { 0 };
	char **rest = left;

	wv_settings_init(&request.settings);
	if (parse(&request, &argc, &rest, &error) &&
	    cli_analyze_template(&request.settings, &error)) {
		wv_watch_signals(); /* before anything is started that would outlive us */
		if (is_many(&request))
			verdict = cli_analyze_many(&request.settings,
						   request.jobs ? (unsigned)request.jobs
								: g_get_num_processors(),
						   request.arguments);
		else
			analyze(&request, begun_us, &verdict, &error);
	}
	wv_settings_deinit(&request.settings);
	g_free(request.network);
	g_free(request.capture);
	return error ? wv_fail(error) : verdict;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many samples: a command of its own for each, so many at a time. One that fails stops no other. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/write.h"
#include "cli/analyze.h"
#include "sandbox/analysis.h"
#include "sandbox/child.h"
#include "sandbox/watch.h"

#define FOLDER "wyvern-results"

/** What one sample's command says on standard error. */
#define LOG "wyvern.log"

/** A summary that is larger was not written by us. */
#define SUMMARY_MAX (1 << 20)

#define LOOK_US 5000

/** One analysis that runs. */
struct slot {
	bool used;
	struct wv_child child;
	const char *sample;
	char *folder;
};

struct many {
	const char *folder; /* in which each sample gets one */
	int settings;	    /* a descriptor, what all commands are told */
	GPtrArray *samples; /* of paths */
	struct slot *slots;
	unsigned n_slots, n_running;
	guint next, done;
	bool stopping;
	enum wv_exit worst;
};

/* Which samples ---------------------------------------------------------------------------------*/

static gint compare_paths(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** The files of a folder, sorted; not those of folders in it. */
static bool add_folder(GPtrArray *samples, const char *path, GError **error)
{
	g_autoptr(GError) reason = NULL;
	g_autoptr(GDir) folder = g_dir_open(path, 0, &reason);
	g_autoptr(GPtrArray) found = g_ptr_array_new();
	const char *name;

	if (!folder) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s", reason->message);
		return false;
	}
	while ((name = g_dir_read_name(folder))) {
		g_autofree char *file = g_build_filename(path, name, NULL);

		if (g_file_test(file, G_FILE_TEST_IS_REGULAR))
			g_ptr_array_add(found, g_steal_pointer(&file));
	}
	g_ptr_array_sort(found, compare_paths);
	for (guint i = 0; i < found->len; i++)
		g_ptr_array_add(samples, found->pdata[i]);
	return true;
}

static bool find_samples(GPtrArray *samples, char *const *arguments, GError **error)
{
	for (; *arguments; arguments++) {
		if (!g_file_test(*arguments, G_FILE_TEST_IS_DIR))
			g_ptr_array_add(samples, g_strdup(*arguments));
		else if (!add_folder(samples, *arguments, error))
			return false;
	}
	if (samples->len)
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "there is no file in the folder");
	return false;
}

/* What the commands are told --------------------------------------------------------------------*/

/** A configuration file in memory: all that this command was told, but what is about many. */
static int share_settings(const struct wv_settings *settings, GError **error)
{
	struct wv_settings copy;
	int fd = memfd_create("wyvern-settings", MFD_CLOEXEC);

	wv_settings_copy(&copy, settings);
	g_key_file_remove_key(copy.keys, "wyvern", "jobs", NULL);
	g_key_file_remove_key(copy.keys, "wyvern", "out", NULL);
	wv_settings_set(&copy, "quiet", "true");

	g_autofree char *network = wv_settings_get(&copy, "net");

	if (network && g_str_has_prefix(network, "pcap")) /* each has a file of its own */
		wv_settings_set(&copy, "net", "pcap");

	g_autofree char *shared = wv_settings_text(&copy);

	wv_settings_deinit(&copy);
	if (fd >= 0 && wv_write_all(fd, shared, strlen(shared)))
		return fd;
	g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL, "cannot hand on the settings: %s",
		    g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/** Starts one; what it says goes into its folder. */
static bool start(struct many *many, struct slot *slot, const char *sample, GError **error)
{
	g_autofree char *base = g_path_get_basename(sample);
	g_autofree char *wanted = g_build_filename(many->folder, base, NULL);
	g_autofree char *config = g_strdup_printf("/proc/self/fd/%d", many->settings);
	char *folder = cli_analyze_new_folder(wanted, error);
	const int inherit[] = { many->settings, -1 };
	g_auto(GStrv) environment = g_get_environ();

	if (!folder)
		return false;

	g_autofree char *log = g_build_filename(folder, LOG, NULL);
	char *arguments[] = { (char *)"/proc/self/exe",
			      (char *)"analyze",
			      (char *)"--config",
			      config,
			      (char *)"--out",
			      folder,
			      (char *)"--",
			      (char *)sample,
			      NULL };
	const struct wv_child_options options = {
		.arguments = arguments,
		.environment = environment,
		.inherit = inherit,
		.stdout_to_stderr = true,
		.stderr_file = log,
		.dies_with_us = true,
	};

	*slot = (struct slot){ .used = true, .sample = sample, .folder = folder };
	if (wv_child_start(&slot->child, &options, error)) {
		many->n_running++;
		return true;
	}
	g_free(folder);
	slot->used = false;
	return false;
}

/* Progress --------------------------------------------------------------------------------------*/

static void show_progress(const struct many *many)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\rwyvern: %u of %u done, %u running\033[K", many->done,
			many->samples->len, many->n_running);
}

static void hide_progress(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

/** A member's text; "" where there is none. */
static const char *text_of(json_object *object, const char *key)
{
	json_object *value;

	if (object && json_object_object_get_ex(object, key, &value) &&
	    json_object_is_type(value, json_type_string))
		return json_object_get_string(value);
	return "";
}

/** How the sample's own process ended, such as ", exit status 7". Free with g_free(). */
static char *exit_text(json_object *summary)
{
	json_object *ended, *status;
	const char *signal;

	if (!json_object_object_get_ex(summary, "sample_exit", &ended) ||
	    !json_object_is_type(ended, json_type_object))
		return g_strdup("");
	signal = text_of(ended, "signal");
	if (*signal)
		return g_strdup_printf(", %s", signal);
	if (!json_object_object_get_ex(ended, "status", &status))
		return g_strdup("");
	return g_strdup_printf(", exit status %" G_GINT64_FORMAT,
			       (gint64)json_object_get_int64(status));
}

static void tell_end(const struct many *many, const struct slot *slot, int code)
{
	g_autofree char *path = g_build_filename(slot->folder, WV_RESULT_SUMMARY, NULL);
	g_autofree char *text = NULL;
	gsize size = 0;
	json_object *summary = NULL;

	if (g_file_get_contents(path, &text, &size, NULL) && size <= SUMMARY_MAX)
		summary = json_tokener_parse(text);
	hide_progress();
	if (json_object_is_type(summary, json_type_object)) {
		g_autofree char *ended = exit_text(summary);

		wv_say("[%u/%u] %s: %s%s", many->done, many->samples->len, slot->sample,
		       text_of(summary, "end"), ended);
	} else {
		wv_say("[%u/%u] %s: failed with exit code %d: see %s/" LOG, many->done,
		       many->samples->len, slot->sample, code, slot->folder);
	}
	json_object_put(summary);
}

/* The loop --------------------------------------------------------------------------------------*/

static void finish(struct many *many, struct slot *slot)
{
	int code =
		WIFEXITED(slot->child.status) ? WEXITSTATUS(slot->child.status) : WV_EXIT_INTERNAL;

	many->done++;
	many->n_running--;
	many->worst = MAX(many->worst, (enum wv_exit)code);
	tell_end(many, slot, code);
	g_free(slot->folder);
	slot->used = false;
}

/** The next sample into a free slot; one that can not be started has failed. */
static void start_next(struct many *many, struct slot *slot)
{
	const char *sample = many->samples->pdata[many->next++];
	g_autoptr(GError) error = NULL;

	if (start(many, slot, sample, &error))
		return;
	hide_progress();
	many->done++;
	many->worst = MAX(many->worst, wv_fail(error));
}

/** Asked to stop: nothing new is started, and what runs is asked to stop as well. */
static void check_signals(struct many *many)
{
	if (!wv_watch_interrupted() || many->stopping)
		return;
	many->stopping = true;
	many->next = many->samples->len;
	for (unsigned i = 0; i < many->n_slots; i++)
		if (many->slots[i].used)
			wv_child_stop(&many->slots[i].child, false);
}

static void run_all(struct many *many)
{
	while (many->n_running || many->next < many->samples->len) {
		bool changed = false;

		check_signals(many);
		for (unsigned i = 0; i < many->n_slots; i++) {
			struct slot *slot = &many->slots[i];

			if (slot->used && wv_child_ended(&slot->child)) {
				finish(many, slot);
				changed = true;
			}
			if (!slot->used && many->next < many->samples->len) {
				start_next(many, slot);
				changed = true;
			}
		}
		if (changed)
			show_progress(many);
		else
			g_usleep(LOOK_US);
	}
	hide_progress();
}

enum wv_exit cli_analyze_many(const struct wv_settings *settings, unsigned jobs,
			      char *const *samples)
{
	g_autofree char *named = wv_settings_get(settings, "out");
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;
	struct many many = { .folder = named ? named : FOLDER, .samples = found, .n_slots = jobs };

	if (!find_samples(found, samples, &error))
		return wv_fail(error);
	if (g_mkdir_with_parents(many.folder, 0755) < 0) {
		wv_say("cannot make the folder %s: %s", many.folder, g_strerror(errno));
		return WV_EXIT_USAGE;
	}
	many.settings = share_settings(settings, &error);
	if (many.settings < 0)
		return wv_fail(error);
	many.slots = g_new0(struct slot, jobs);
	run_all(&many);
	g_free(many.slots);
	close(many.settings);
	wv_say("%u of %u analyzed; results: %s", many.done, found->len, many.folder);
	return many.worst;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From how an analysis went to its summary.json. */
#include "sandbox/summarize.h"

#include <sys/wait.h>

#include "config.h"
#include "monitor/registry.h"
#include "output/names.h"
#include "sandbox/summary.h"

/** The console's last lines that a summary has. */
#define TAIL_LINES 10

#define SIGNAL_NAME_MAX 32

/** Seconds between two times; less than 0 where one of them never came. */
static double between(uint64_t from_us, uint64_t to_us)
{
	return from_us && to_us >= from_us ? (double)(to_us - from_us) / G_USEC_PER_SEC : -1;
}

static void add_events(void *owner, const char *plugin, uint64_t count)
{
	const struct wv_summary_events events = { plugin, count };

	g_array_append_val((GArray *)owner, events);
}

/** The names of the plugins in use, ended by NULL. */
static GPtrArray *plugin_names(const struct wv_settings *settings)
{
	g_autofree const struct wv_plugin **selected = wv_plugins_selected(settings, NULL);
	GPtrArray *names = g_ptr_array_new();

	for (unsigned i = 0; selected && selected[i]; i++)
		g_ptr_array_add(names, (gpointer)selected[i]->name);
	g_ptr_array_add(names, NULL);
	return names;
}

static void fill_sample(struct wv_summary *summary, const struct wv_analysis *analysis)
{
	const struct wv_job *job = analysis->job;

	summary->sample.path = analysis->sample;
	summary->sample.size = job->size;
	wv_summary_hash(&summary->sample.hashes, job->data, job->size);
	summary->sample.arguments = job->arguments;
	summary->sample.guest_path = job->path;
	summary->sample.user = job->user;
}

static void fill_template(struct wv_summary *summary, const struct wv_template *template)
{
	summary->template.name = template->name;
	summary->template.kernel = template->kernel;
	summary->template.memory = template->vm.memory;
	summary->template.vcpus = template->vm.vcpus;
	summary->template.created = template->created;
}

static void fill_exit(struct wv_summary *summary, const struct wv_fate *fate,
		      char signal[SIGNAL_NAME_MAX])
{
	int status = (int)fate->status;

	summary->sample_exit.known = fate->exited;
	summary->sample_exit.pid = fate->pid;
	summary->sample_exit.status = WEXITSTATUS(status);
	if (!WIFSIGNALED(status))
		return;
	wv_format_signal((uint64_t)WTERMSIG(status), signal, SIGNAL_NAME_MAX);
	summary->sample_exit.signal = signal;
}

static void fill_counters(struct wv_summary *summary, const struct wv_watched *watched)
{
	const struct wv_counters *counters = &watched->counters;

	summary->dropped = counters->dropped;
	summary->suppressed = counters->suppressed;
	summary->unpaired = counters->unpaired;
	summary->overflowed = counters->overflowed;
	summary->unreadable = counters->unreadable;
	summary->incomplete = counters->incomplete;
	summary->malformed = watched->malformed;
}

bool wv_summarize(const struct wv_analysis *analysis, const struct wv_watched *watched,
		  const struct wv_fate *fate, const struct wv_collect *console, GError **error)
{
	uint64_t begun = (uint64_t)analysis->begun_us, now = (uint64_t)g_get_real_time();
	g_autofree char *path = g_build_filename(analysis->folder, WV_RESULT_SUMMARY, NULL);
	g_autofree char *name = g_path_get_basename(analysis->sample);
	g_autoptr(GArray) events = g_array_new(FALSE, FALSE, sizeof(struct wv_summary_events));
	g_autoptr(GPtrArray) plugins = plugin_names(analysis->settings);
	g_auto(GStrv) tail = console ? wv_collect_tail(console, TAIL_LINES) : NULL;
	char signal[SIGNAL_NAME_MAX];
	struct wv_summary summary = {
		.sample.name = name,
		.wyvern_version = WV_VERSION,
		.qemu_version = analysis->qemu->version,
		.plugins = (const char *const *)plugins->pdata,
		.end = watched->end,
		.exit_code = (int)watched->verdict,
		.error = watched->error ? watched->error : fate->error,
		.console = { .bytes = console ? wv_collect_bytes(console) : 0,
			     .truncated = console && wv_collect_truncated(console),
			     .tail = tail },
		.dump = analysis->dump,
		.network = analysis->network_name,
		.jail = analysis->jail ? "bwrap" : "none",
		.started_ns = begun * 1000,
		.durations = { .clone = between(begun, fate->resumed_us),
			       .hand_in = between(fate->resumed_us, fate->starting_us),
			       .arm = between(fate->starting_us, fate->armed_us),
			       .sample = between(fate->armed_us, fate->exited_us),
			       .total = between(begun, now) },
	};

	wv_printer_each_count(analysis->printers[0], add_events, events);
	summary.events = (const struct wv_summary_events *)(gpointer)events->data;
	summary.n_events = events->len;
	fill_sample(&summary, analysis);
	fill_template(&summary, analysis->template);
	fill_exit(&summary, fate, signal);
	fill_counters(&summary, watched);
	return wv_summary_write(&summary, path, error);
}

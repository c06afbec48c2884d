/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One sample's analysis. */
#include "sandbox/analysis.h"

#include <string.h>
#include <unistd.h>

#include "base/say.h"
#include "monitor/registry.h"
#include "sandbox/overlay.h"
#include "sandbox/state.h"
#include "sandbox/store.h"
#include "sandbox/summarize.h"

/** Where what clones write on their disks goes, in files without names. */
#define OVERLAY_FOLDER g_get_tmp_dir()

/** The monitor's settings for a clone: the kernel's profile is the template's. */
static char *clone_config(const struct wv_analysis *analysis)
{
	const struct wv_template *template = analysis->template;
	g_autofree char *profile = g_build_filename(template->folder, WV_STORE_PROFILE, NULL);
	struct wv_settings settings;

	if (!template->has_profile)
		return g_strdup(analysis->monitor_config);
	wv_settings_init(&settings);
	wv_settings_parse(&settings, analysis->monitor_config, NULL);
	wv_settings_set(&settings, "profile", profile);

	char *text = wv_settings_text(&settings);

	wv_settings_deinit(&settings);
	return text;
}

/** A file for what the clone writes on its disk; -1 where it has no disk. */
static bool open_overlay(const struct wv_template *template, int *fd, GError **error)
{
	g_autofree char *disk = g_build_filename(template->folder, WV_STORE_DISK, NULL);
	bool is_qcow2;
	uint64_t size;

	*fd = -1;
	if (!template->vm.has_disk)
		return true;
	if (!wv_overlay_disk_size(disk, &size, &is_qcow2, error))
		return false;
	*fd = wv_overlay_open(OVERLAY_FOLDER, size, error);
	return *fd >= 0;
}

/** Starts the clone's QEMU, and the guest in it. */
static bool start_clone(struct wv_launched *launched, const struct wv_analysis *analysis, int job,
			int overlay, GError **error)
{
	const struct wv_template *template = analysis->template;
	g_autofree char *config = clone_config(analysis);
	g_autofree char *console = g_build_filename(analysis->folder, WV_RESULT_CONSOLE, NULL);
	g_autofree char *state = g_build_filename(template->folder, WV_STORE_STATE, NULL);
	const struct wv_launch_options options = {
		.qemu = analysis->qemu,
		.jail = analysis->jail,
		.vm = &template->vm,
		.folder = template->folder,
		.machine = template->machine,
		.config = config,
		.job_fd = job,
		.profile_fd = -1,
		.overlay_fd = overlay,
		.network = analysis->job->network ? WV_NETWORK_USER : WV_NETWORK_NONE,
		.console_path = console,
		.capture_path = analysis->capture,
	};

	return wv_launch(launched, &options, error) && wv_state_load(launched->qmp, state, error);
}

/** Watches the clone until it has ended. */
static void watch_clone(struct wv_launched *launched, const struct wv_analysis *analysis,
			struct wv_fate *fate, struct wv_watched *watched)
{
	const struct wv_watch_options options = {
		.child = &launched->child,
		.session = launched->session,
		.printers = analysis->printers,
		.collects = launched->collects,
		.dump = analysis->dump,
		.qmp = launched->qmp,
		.fate = fate,
		.settle = analysis->settle,
		.time_limit = analysis->time_limit,
		.timing = wv_settings_flag(analysis->settings, "timing"),
	};

	wv_watch(&options, watched);
	for (struct wv_collect **one = launched->collects; *one; one++) {
		g_autoptr(GError) error = NULL;

		if (!wv_collect_finish(*one, &error))
			wv_fail(error);
	}
}

/** Prepares and starts the clone. What is made is to be taken apart whether it works or not. */
static bool begin(struct wv_launched *launched, const struct wv_analysis *analysis, GError **error)
{
	int overlay = -1, job = wv_job_make(analysis->job, error);
	bool begun = job >= 0 && open_overlay(analysis->template, &overlay, error) &&
		     start_clone(launched, analysis, job, overlay, error);

	if (job >= 0)
		close(job);
	if (overlay >= 0)
		close(overlay);
	return begun;
}

bool wv_analyze(const struct wv_analysis *analysis, enum wv_exit *verdict, GError **error)
{
	struct wv_launched launched = WV_LAUNCHED_NONE;
	struct wv_watched watched = { .end = WV_END_FAILED };
	struct wv_fate fate = { 0 };
	g_autoptr(GError) reason = NULL;
	bool summarized;

	if (begin(&launched, analysis, &reason)) {
		watch_clone(&launched, analysis, &fate, &watched);
	} else {
		watched.verdict = wv_error_exit_code(reason);
		watched.error = g_strdup(reason->message);
	}
	summarized = wv_summarize(analysis, &watched, &fate, launched.collects[0],
				  reason ? NULL : error);
	*verdict = watched.verdict;
	wv_launched_end(&launched);
	wv_fate_clear(&fate);
	g_free(watched.error);
	if (!reason)
		return summarized;
	g_propagate_error(error, g_steal_pointer(&reason));
	return false;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making a template with what the user named, showing how far it is. */
#include "cli/make_template.h"

#include <stdio.h>
#include <unistd.h>

#include "base/say.h"
#include "sandbox/create.h"
#include "sandbox/kit.h"
#include "sandbox/watch.h"

/** When the work was begun, and which step was told last. */
static struct {
	gint64 begun, told;
	const char *step;
} shown;

/** On a terminal a line that counts seconds, elsewhere one line per step. */
static void show_progress(const char *step)
{
	gint64 now = g_get_monotonic_time();
	bool terminal = isatty(STDERR_FILENO);

	if (step == shown.step && (!terminal || now - shown.told < G_USEC_PER_SEC / 5))
		return;
	shown.told = now;
	shown.step = step;
	if (terminal)
		fprintf(stderr, "\rwyvern: %s (%.1f s)\033[K", step,
			(double)(now - shown.begun) / G_USEC_PER_SEC);
	else
		wv_say("%s", step);
}

static void end_progress(void)
{
	if (shown.step && isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	shown.step = NULL;
}

bool cli_make_template(const struct cli_template_options *options, GError **error)
{
	g_autofree char *launcher = NULL, *kernel = NULL, *modules = NULL, *busybox = NULL;
	struct wv_create_options create = {
		.name = options->name,
		.rootfs = options->rootfs,
		.profile = options->profile,
		.append = options->append,
		.memory = options->memory,
		.vcpus = options->vcpus ? options->vcpus : 1,
		.replace = options->replace,
		.progress = show_progress,
	};
	struct wv_qemu qemu;
	bool made;

	wv_watch_signals();
	if (!wv_qemu_probe(&qemu, options->program, error))
		return false;
	made = wv_qemu_usable(&qemu, error) && (launcher = wv_kit_launcher(error)) &&
	       (kernel = options->kernel ? g_strdup(options->kernel) : wv_kit_kernel(error)) &&
	       (options->rootfs || (busybox = wv_kit_busybox(error)));
	if (made) {
		modules = options->modules ? g_strdup(options->modules) : wv_kit_modules(kernel);
		create.qemu = &qemu;
		create.launcher = launcher;
		create.kernel = kernel;
		create.modules = modules;
		create.busybox = busybox;
		shown.begun = g_get_monotonic_time();
		made = wv_template_create(&create, error);
		end_progress();
	}
	if (made)
		wv_say("template %s is ready (%.1f s)", options->name,
		       (double)(g_get_monotonic_time() - shown.begun) / G_USEC_PER_SEC);
	wv_qemu_clear(&qemu);
	return made;
}

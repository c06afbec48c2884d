/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shared object that QEMU loads: joins the QEMU driver, the monitor and a session.
 *
 * Started by the command, the session comes as an inherited descriptor (session=FD), and the
 * command reads the events. Loaded by anyone else (libvirt, a hand-written command line), the
 * plugin makes a session of its own and reads it in a thread: format=, output=, config=.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "machine/qemu/driver.h"
#include "monitor/monitor.h"
#include "qemu-plugin/lifeline.h"
#include "qemu-plugin/local.h"

static struct {
	struct wv_session *session;
	struct wv_monitor *monitor;
	struct local_reader *local; /* NULL: the command reads */
} host;

/** The value of an argument "name=value", or NULL. */
static const char *argument(int argc, char **argv, const char *name)
{
	size_t size = strlen(name);

	for (int i = 0; i < argc; i++)
		if (strncmp(argv[i], name, size) == 0 && argv[i][size] == '=')
			return argv[i] + size + 1;
	return NULL;
}

/** The number of a descriptor that an argument names, or -1. */
static int descriptor(int argc, char **argv, const char *name)
{
	const char *value = argument(argc, argv, name);

	return value ? atoi(value) : -1;
}

static bool check_names(int argc, char **argv, GError **error)
{
	static const char *const known[] = { "session", "job",	  "profile", "lifeline",
					     "format",	"output", "config",  NULL };

	for (int i = 0; i < argc; i++) {
		g_auto(GStrv) parts = g_strsplit(argv[i], "=", 2);

		if (g_strv_contains(known, parts[0]))
			continue;
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "unknown plugin argument \"%s\": session, format, output and config "
			    "are known",
			    parts[0]);
		return false;
	}
	return true;
}

/**
 * With a launcher in the guest: job=FD is what it gets, profile=FD where the kernel's profile goes.
 * One of them is given, or none.
 */
static bool open_door(int argc, char **argv, GError **error)
{
	int job = descriptor(argc, argv, "job");
	struct wv_door_setup setup = { .profile_fd = descriptor(argc, argv, "profile") };

	if (job < 0 && setup.profile_fd < 0)
		return true;
	if (job >= 0) {
		GMappedFile *file = g_mapped_file_new_from_fd(job, FALSE, error);

		if (!file) {
			g_prefix_error(error, "cannot map the job: ");
			return false;
		}
		setup.job = g_mapped_file_get_contents(file); /* mapped for as long as we run */
		setup.job_size = g_mapped_file_get_length(file);
		close(job);
	}
	wv_monitor_open_door(host.monitor, &setup);
	return true;
}

static bool start(struct wv_machine *machine, int argc, char **argv, GError **error)
{
	int fd = descriptor(argc, argv, "session");

	if (!check_names(argc, argv, error))
		return false;
	if (descriptor(argc, argv, "lifeline") >= 0)
		lifeline_watch(descriptor(argc, argv, "lifeline"));
	if (fd >= 0) {
		host.session = wv_session_attach(fd, error);
	} else {
		struct local_options options = { .format = argument(argc, argv, "format"),
						 .output = argument(argc, argv, "output"),
						 .config = argument(argc, argv, "config"),
						 .n_vcpus = machine->n_vcpus };

		host.local = local_reader_start(&options, &host.session, error);
		if (!host.local)
			return false;
	}
	if (!host.session)
		return false;
	host.monitor = wv_monitor_new(machine, host.session, error);
	return host.monitor && open_door(argc, argv, error);
}

static void ended(void)
{
	if (host.local)
		local_reader_finish(host.local);
}

/** The entry point that QEMU calls. */
__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id,
							       const struct qemu_info *info,
							       int argc, char **argv);

int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct wv_machine *machine = qemu_driver_init(id, info, &error);

	if (!machine || !start(machine, argc, argv, &error)) {
		fprintf(stderr, "wyvern: %s\n", error->message);
		return 1;
	}
	qemu_driver_start(ended);
	return 0;
}

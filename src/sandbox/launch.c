/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting QEMU for a template or a clone. */
#define _GNU_SOURCE
#include "sandbox/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

/** Room for console output that waits for us, in bytes: less often the guest has to. */
#define PIPE_SIZE (1 << 20)

/** QEMU 11.1. */
#define API_WITH_MONITOR_OBJECTS 7

/** Descriptors that QEMU gets at the most. */
#define INHERIT_MAX 9

/** The ends that QEMU gets; closed here once it has them. */
struct ends {
	int qmp, console, capture, lifeline, nowhere;
};

static bool fail(GError **error, const char *what)
{
	g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL, "cannot make %s: %s", what,
		    g_strerror(errno));
	return false;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/** A pipe whose reading end is collected. */
static bool make_collect(struct wv_collect **collect, int *end, const char *path, uint64_t max,
			 GError **error)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail(error, "a pipe");
	fcntl(fds[1], F_SETPIPE_SZ, PIPE_SIZE); /* it works with a smaller one as well */
	*end = fds[1];
	*collect = wv_collect_new(fds[0], path, max, error);
	return *collect != NULL;
}

static bool make_ends(struct wv_launched *launched, struct ends *ends,
		      const struct wv_launch_options *options, GError **error)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return fail(error, "a socket");
	launched->qmp = wv_qmp_new(fds[0]);
	ends->qmp = fds[1];
	/* what is sent into it is lost: nobody has the other end */
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds) < 0)
		return fail(error, "a socket");
	ends->nowhere = fds[1];
	close(fds[0]);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail(error, "a pipe");
	ends->lifeline = fds[0];
	launched->lifeline = fds[1];
	return make_collect(&launched->collects[0], &ends->console, options->console_path,
			    WV_LAUNCH_CONSOLE_MAX, error) &&
	       (!options->capture_path ||
		make_collect(&launched->collects[1], &ends->capture, options->capture_path,
			     WV_LAUNCH_CAPTURE_MAX, error));
}

/** The arguments of our plugin: the numbers of its descriptors. */
static char *plugin_argument(const char *path, const struct wv_launched *launched,
			     const struct ends *ends, const struct wv_launch_options *options)
{
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_printf(text, "session=%d,lifeline=%d", wv_session_fd(launched->session),
			ends->lifeline);
	if (options->job_fd >= 0)
		g_string_append_printf(text, ",job=%d", options->job_fd);
	if (options->profile_fd >= 0)
		g_string_append_printf(text, ",profile=%d", options->profile_fd);
	return wv_qemu_plugin_argument(path, text->str);
}

static char **make_arguments(const char *plugin_path, const struct wv_launched *launched,
			     const struct ends *ends, const struct wv_launch_options *options)
{
	g_autoptr(GPtrArray) arguments = g_ptr_array_new();
	g_autofree char *plugin = plugin_argument(plugin_path, launched, ends, options);
	struct wv_vm_links links = {
		.folder = options->folder,
		.plugin = plugin,
		.qmp_fd = ends->qmp,
		.console_fd = ends->console,
		.overlay_fd = options->overlay_fd,
		.nowhere_fd = ends->nowhere,
		.capture_fd = ends->capture,
		.network = options->network,
		.has_monitor_objects = options->qemu->plugin_api >= API_WITH_MONITOR_OBJECTS,
		.sandbox = options->qemu->has_sandbox,
	};

	g_ptr_array_add(arguments, g_strdup(options->qemu->path));
	if (options->machine)
		wv_vm_clone_arguments(arguments, options->machine, options->vm, &links);
	else
		wv_vm_create_arguments(arguments, options->vm, &links);
	for (char *const *more = options->arguments; more && *more; more++)
		g_ptr_array_add(arguments, g_strdup(*more));
	g_ptr_array_add(arguments, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&arguments), FALSE);
}

/** The command line inside of the jail, if there is one; takes @arguments. */
static char **imprison(const struct wv_launch_options *options, const char *plugin_path,
		       char **arguments, char *const *environment)
{
	g_autofree char *program_folder = g_path_get_dirname(options->qemu->path);
	g_autofree char *plugin_folder = g_path_get_dirname(plugin_path);
	const char *const read_only[] = { options->folder, plugin_folder, program_folder, NULL };
	const struct wv_jail_needs needs = {
		.read_only = read_only,
		.network = options->network != WV_NETWORK_NONE,
	};

	if (!options->jail)
		return arguments;

	char **jailed = wv_jail_wrap(options->jail, &needs, arguments, environment);

	g_strfreev(arguments);
	return jailed;
}

/** Of our environment QEMU gets nothing in a jail but which plugin interface it has. */
static char **make_environment(const struct wv_launch_options *options)
{
	g_auto(GStrv) all = wv_qemu_environment(options->qemu);
	const char *api = g_environ_getenv(all, WV_QEMU_API_VARIABLE);

	if (!options->jail)
		return g_steal_pointer(&all);
	return g_environ_setenv(NULL, WV_QEMU_API_VARIABLE, api, TRUE);
}

/** Descriptors that QEMU keeps; those that there are, then -1. */
static void list_inherited(int inherit[INHERIT_MAX + 1], const struct wv_launched *launched,
			   const struct ends *ends, const struct wv_launch_options *options)
{
	const int all[INHERIT_MAX] = { wv_session_fd(launched->session),
				       ends->qmp,
				       ends->console,
				       ends->capture,
				       ends->lifeline,
				       ends->nowhere,
				       options->job_fd,
				       options->profile_fd,
				       options->overlay_fd };

	for (unsigned i = 0; i < INHERIT_MAX; i++)
		if (all[i] >= 0)
			*inherit++ = all[i];
	*inherit = -1;
}

static bool start(struct wv_launched *launched, const struct ends *ends,
		  const struct wv_launch_options *options, GError **error)
{
	g_autofree char *plugin_path = wv_qemu_plugin_path(error);
	int inherit[INHERIT_MAX + 1];

	if (!plugin_path)
		return false;
	list_inherited(inherit, launched, ends, options);

	g_auto(GStrv) environment = make_environment(options);
	g_auto(GStrv) command =
		imprison(options, plugin_path, make_arguments(plugin_path, launched, ends, options),
			 environment);
	const struct wv_child_options child = {
		.arguments = command,
		.environment = environment,
		.inherit = inherit,
		.stdout_to_stderr = true,
		.own_group = true,
		.dies_with_us = !options->jail,
	};

	return wv_child_start(&launched->child, &child, error);
}

bool wv_launch(struct wv_launched *launched, const struct wv_launch_options *options,
	       GError **error)
{
	struct ends ends = { -1, -1, -1, -1, -1 };

	*launched = WV_LAUNCHED_NONE;
	launched->session = wv_session_create(WV_RINGS_MAX, options->config, error);

	bool started = launched->session && make_ends(launched, &ends, options, error) &&
		       start(launched, &ends, options, error);

	close_end(&ends.qmp);
	close_end(&ends.console);
	close_end(&ends.capture);
	close_end(&ends.lifeline);
	close_end(&ends.nowhere);
	return started;
}

void wv_launched_end(struct wv_launched *launched)
{
	close_end(&launched->lifeline);
	if (!launched->child.ended)
		wv_child_end(&launched->child);
	for (unsigned i = 0; i < G_N_ELEMENTS(launched->collects); i++)
		wv_collect_free(launched->collects[i]);
	wv_qmp_free(launched->qmp);
	if (launched->session)
		wv_session_free(launched->session);
	*launched = WV_LAUNCHED_NONE;
}

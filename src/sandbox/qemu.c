/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding a QEMU, asking what it can do, and putting its command line together. */
#include "sandbox/qemu.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "config.h"
#include "sandbox/kit.h"

/** RAM of a guest whose arguments have no -m: QEMU's own default for x86. */
#define DEFAULT_MEMORY "128M"

/** From which release on which plugin API is current (QEMU's qemu-plugin.h of each). */
static const struct {
	unsigned major, minor, api;
} plugin_apis[] = {
	{ 11, 1, 7 },
	{ 11, 0, 6 },
	{ 10, 1, 5 },
	{ 9, 2, 4 },
};

void wv_qemu_clear(struct wv_qemu *qemu)
{
	g_clear_pointer(&qemu->path, g_free);
	g_clear_pointer(&qemu->version, g_free);
}

static unsigned api_of(unsigned major, unsigned minor)
{
	for (size_t i = 0; i < G_N_ELEMENTS(plugin_apis); i++)
		if (major > plugin_apis[i].major ||
		    (major == plugin_apis[i].major && minor >= plugin_apis[i].minor))
			return plugin_apis[i].api;
	return 0;
}

bool wv_qemu_probe(struct wv_qemu *qemu, const char *program, GError **error)
{
	const char *name = program ? program : WV_QEMU_PROGRAM;
	g_autofree char *help = NULL;
	unsigned micro;

	*qemu = (struct wv_qemu){ 0 };
	qemu->path = *name ? g_find_program_in_path(name) : NULL;
	if (!qemu->path) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "%s was not found: install QEMU " WV_QEMU_OLDEST
			    " or newer, or name one with --qemu PROGRAM",
			    *name ? name : "a program without a name");
		return false;
	}

	char *arguments[] = { qemu->path, (char *)"--help", NULL };

	/* the first line has the version, and -plugin is listed only where it was built in */
	if (!g_spawn_sync(NULL, arguments, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &help,
			  NULL, NULL, NULL) ||
	    sscanf(help, "QEMU emulator version %u.%u.%u", &qemu->major, &qemu->minor, &micro) !=
		    3) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s is not a QEMU system emulator",
			    qemu->path);
		wv_qemu_clear(qemu);
		return false;
	}
	qemu->version = g_strdup_printf("%u.%u.%u", qemu->major, qemu->minor, micro);
	qemu->has_plugins = strstr(help, "\n-plugin ") != NULL;
	qemu->has_sandbox = strstr(help, "\n-sandbox ") != NULL;
	qemu->plugin_api = api_of(qemu->major, qemu->minor);
	return true;
}

bool wv_qemu_usable(const struct wv_qemu *qemu, GError **error)
{
	if (!qemu->plugin_api) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "%s is version %s: " WV_QEMU_OLDEST " or newer is needed", qemu->path,
			    qemu->version);
		return false;
	}
	if (!qemu->has_plugins) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "%s was built without support for TCG plugins", qemu->path);
		return false;
	}
	return true;
}

char **wv_qemu_environment(const struct wv_qemu *qemu)
{
	g_autofree char *api = g_strdup_printf("%u", qemu->plugin_api);

	return g_environ_setenv(g_get_environ(), SHIM_API_VARIABLE, api, TRUE);
}

char *wv_qemu_plugin_path(GError **error)
{
	return wv_kit_file(WV_PLUGIN_FILE, error);
}

/* The command line ------------------------------------------------------------------------------*/

/** Whether the argument is this option, with one or two dashes as QEMU takes both. */
static bool is_option(const char *argument, const char *name)
{
	if (argument[0] != '-')
		return false;
	argument += argument[1] == '-' ? 2 : 1;
	return strcmp(argument, name) == 0;
}

/** The value of the last such option, or NULL. */
static const char *option_value(char *const *arguments, const char *name)
{
	const char *value = NULL;

	for (; *arguments; arguments++)
		if (is_option(*arguments, name) && arguments[1])
			value = arguments[1];
	return value;
}

static bool has_option(char *const *arguments, const char *const *names)
{
	for (; *arguments; arguments++)
		for (const char *const *name = names; *name; name++)
			if (is_option(*arguments, *name))
				return true;
	return false;
}

/** Whether some value of such an option contains the text. */
static bool option_contains(char *const *arguments, const char *const *names, const char *text)
{
	for (; *arguments && arguments[1]; arguments++)
		for (const char *const *name = names; *name; name++)
			if (is_option(*arguments, *name) && strstr(arguments[1], text))
				return true;
	return false;
}

static const char *const machine_options[] = { "machine", "M", NULL };
static const char *const accel_options[] = { "accel", NULL };
static const char *const network_options[] = { "nic", "netdev", "net", "nodefaults", NULL };
static const char *const sandbox_options[] = { "sandbox", NULL };
static const char *const memory_options[] = { "numa", "mem-path", NULL };

static void add(GPtrArray *arguments, const char *first, const char *second)
{
	g_ptr_array_add(arguments, g_strdup(first));
	if (second)
		g_ptr_array_add(arguments, g_strdup(second));
}

/** The size that -m asks for, as QEMU writes sizes (without a unit: mebibytes). */
static char *memory_size(char *const *user)
{
	const char *value = option_value(user, "m");

	/* the size comes first, or by its name anywhere: "512M,slots=2", "slots=2,size=512M" */
	g_auto(GStrv) parts = g_strsplit(value ? value : DEFAULT_MEMORY, ",", 0);
	const char *size = parts[0] && !strchr(parts[0], '=') ? parts[0] : DEFAULT_MEMORY;

	for (char **part = parts; *part; part++)
		if (g_str_has_prefix(*part, "size="))
			size = *part + strlen("size=");

	bool plain = *size && strspn(size, "0123456789") == strlen(size);

	return g_strconcat(size, plain ? "M" : "", NULL);
}

/** The guest's RAM as memory that the plugin can map; the user's own backend is left alone. */
static void add_memory(GPtrArray *arguments, char *const *user)
{
	if (option_contains(user, machine_options, "memory-backend") ||
	    has_option(user, memory_options))
		return;

	g_autofree char *size = memory_size(user);
	g_autofree char *object =
		g_strdup_printf("memory-backend-memfd,id=wyvern-ram,share=on,size=%s", size);

	add(arguments, "-object", object);
	add(arguments, "-machine", "memory-backend=wyvern-ram");
}

char *wv_qemu_escape(const char *path)
{
	g_auto(GStrv) parts = g_strsplit(path, ",", 0);

	return g_strjoinv(",,", parts);
}

char *wv_qemu_plugin_argument(const char *plugin_path, const char *arguments)
{
	g_autofree char *path = wv_qemu_escape(plugin_path);

	return g_strdup_printf("%s,%s", path, arguments);
}

/** What can not work, and would fail in a way that is hard to understand. */
static bool check_arguments(char *const *user, GError **error)
{
	static const char *const background[] = { "daemonize", NULL };
	static const char *const hardware[] = { "enable-kvm", NULL };

	if (has_option(user, background)) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "QEMU is watched as long as it runs: leave -daemonize out of the QEMU "
			    "arguments");
		return false;
	}
	if (!has_option(user, hardware) && !option_contains(user, accel_options, "kvm") &&
	    !option_contains(user, machine_options, "accel=kvm"))
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
		    "the guest is watched in QEMU's own emulation (TCG): leave KVM out of the QEMU "
		    "arguments");
	return false;
}

char **wv_qemu_arguments(const struct wv_qemu *qemu, const char *plugin_path, int session_fd,
			 char *const *user, GError **error)
{
	g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *session = g_strdup_printf("session=%d", session_fd);
	g_autofree char *plugin = wv_qemu_plugin_argument(plugin_path, session);

	if (!check_arguments(user, error))
		return NULL;
	add(arguments, qemu->path, NULL);
	add(arguments, "-plugin", plugin);
	if (!has_option(user, accel_options) && !option_contains(user, machine_options, "accel="))
		add(arguments, "-accel", "tcg,thread=multi");
	add_memory(arguments, user);
	if (!has_option(user, network_options))
		add(arguments, "-nic", "none");
	if (qemu->has_sandbox && !has_option(user, sandbox_options))
		add(arguments, "-sandbox", WV_QEMU_SANDBOX);
	for (; *user; user++)
		add(arguments, *user, NULL);
	g_ptr_array_add(arguments, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&arguments), FALSE);
}

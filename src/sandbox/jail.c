/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What bubblewrap is told. Source: bwrap(1), of version 0.4 to 0.8. */
#define _GNU_SOURCE
#include "sandbox/jail.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/** What a bwrap has to have. The last one is the least: what a jail is not made without. */
static const struct level {
	bool size_of_tmpfs;   /* --size: since 0.5, and not when it is setuid */
	bool disables_userns; /* --disable-userns: since 0.8 */
} levels[] = {
	{ .size_of_tmpfs = true, .disables_userns = true },
	{ .size_of_tmpfs = true },
	{ .size_of_tmpfs = false },
};

/** Folders of the system that are links in one distribution and folders in another. */
static const char *const system_folders[] = { "/bin", "/sbin", "/lib", "/lib32", "/lib64" };

static const char *const system_files[] = {
	"/etc/ld.so.cache",
	"/etc/ld.so.conf",
	"/etc/ld.so.conf.d",
	"/etc/alternatives",
};

static const char *const network_files[] = { "/etc/resolv.conf", "/etc/hosts" };

static void add(GPtrArray *arguments, const char *argument)
{
	g_ptr_array_add(arguments, g_strdup(argument));
}

static void add_option(GPtrArray *arguments, const char *option, const char *value,
		       const char *second)
{
	add(arguments, option);
	add(arguments, value);
	if (second)
		add(arguments, second);
}

static void add_namespaces(GPtrArray *arguments, const struct level *level, bool network)
{
	static const char *const always[] = {
		"--unshare-user",	"--unshare-pid",     "--unshare-ipc", "--unshare-uts",
		"--unshare-cgroup-try", "--die-with-parent", "--new-session",
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(always); i++)
		add(arguments, always[i]);
	if (!network)
		add(arguments, "--unshare-net");
	if (level->disables_userns)
		add(arguments, "--disable-userns");
	add_option(arguments, "--cap-drop", "ALL", NULL);
	add_option(arguments, "--uid", "65534", NULL);
	add_option(arguments, "--gid", "65534", NULL);
	add_option(arguments, "--hostname", "wyvern", NULL);
}

static void add_environment(GPtrArray *arguments, char *const *environment)
{
	add(arguments, "--clearenv");
	for (; environment && *environment; environment++) {
		const char *equals = strchr(*environment, '=');

		if (equals && equals > *environment) {
			g_autofree char *name =
				g_strndup(*environment, (gsize)(equals - *environment));

			add_option(arguments, "--setenv", name, equals + 1);
		}
	}
}

static void add_system(GPtrArray *arguments, const struct level *level)
{
	g_autofree char *tmp_size = g_strdup_printf("%d", WV_JAIL_TMP_SIZE);

	add_option(arguments, "--proc", "/proc", NULL);
	add_option(arguments, "--dev", "/dev", NULL);
	if (level->size_of_tmpfs)
		add_option(arguments, "--size", tmp_size, NULL);
	add_option(arguments, "--tmpfs", "/tmp", NULL);
	add_option(arguments, "--ro-bind", "/usr", "/usr");
	for (unsigned i = 0; i < G_N_ELEMENTS(system_folders); i++) {
		g_autofree char *target = g_file_read_link(system_folders[i], NULL);

		if (target)
			add_option(arguments, "--symlink", target, system_folders[i]);
		else
			add_option(arguments, "--ro-bind-try", system_folders[i],
				   system_folders[i]);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(system_files); i++)
		add_option(arguments, "--ro-bind-try", system_files[i], system_files[i]);
}

/** Whether it is in the jail already. */
static bool is_of_the_system(const char *path)
{
	if (g_str_has_prefix(path, "/usr/"))
		return true;
	for (unsigned i = 0; i < G_N_ELEMENTS(system_folders); i++) {
		size_t length = strlen(system_folders[i]);

		if (strncmp(path, system_folders[i], length) == 0 && path[length] == '/')
			return true;
	}
	return false;
}

/** It is there by the path that is given, and by the one that it really has. */
static void add_read_only(GPtrArray *arguments, const char *given)
{
	g_autofree char *path = g_canonicalize_filename(given, "/");
	char *real = realpath(given, NULL);

	/* of one that does not exist bwrap says so */
	if (!real || (!is_of_the_system(path) && strcmp(path, real) != 0))
		add_option(arguments, "--ro-bind", real ? real : path, path);
	if (real && !is_of_the_system(real))
		add_option(arguments, "--ro-bind", real, real);
	free(real);
}

static void add_needs(GPtrArray *arguments, const struct wv_jail_needs *needs)
{
	for (unsigned i = 0; needs->read_only && needs->read_only[i]; i++)
		add_read_only(arguments, needs->read_only[i]);
	for (unsigned i = 0; needs->network && i < G_N_ELEMENTS(network_files); i++)
		add_option(arguments, "--ro-bind-try", network_files[i], network_files[i]);
	/* what bwrap made for all of this to be put in */
	add_option(arguments, "--remount-ro", "/dev", NULL);
	add_option(arguments, "--remount-ro", "/", NULL);
	add_option(arguments, "--chdir", "/", NULL);
}

char **wv_jail_wrap(const struct wv_jail *jail, const struct wv_jail_needs *needs,
		    char *const *command, char *const *environment)
{
	const struct level *level = &levels[MIN(jail->level, G_N_ELEMENTS(levels) - 1)];
	GPtrArray *arguments = g_ptr_array_new();

	add(arguments, jail->bwrap);
	add_namespaces(arguments, level, needs->network);
	add_environment(arguments, environment);
	add_system(arguments, level);
	add_needs(arguments, needs);
	add(arguments, "--");
	for (; *command; command++)
		add(arguments, *command);
	g_ptr_array_add(arguments, NULL);
	return (char **)g_ptr_array_free(arguments, FALSE);
}

/** The first line of what bwrap said, without its name. */
static char *first_line(const char *message)
{
	static const char name[] = "bwrap: ";
	g_autofree char *text = g_utf8_make_valid(message, -1);
	const char *start = g_str_has_prefix(text, name) ? text + strlen(name) : text;

	return g_strndup(start, strcspn(start, "\n"));
}

/** Whether it makes a jail; otherwise what it said. */
static bool try_jail(const struct wv_jail *jail, char **said)
{
	static char *const command[] = { (char *)"/bin/true", NULL };
	static const struct wv_jail_needs nothing;
	g_auto(GStrv) arguments = wv_jail_wrap(jail, &nothing, command, NULL);
	g_autofree char *message = NULL;
	g_autoptr(GError) reason = NULL;
	int status;

	if (!g_spawn_sync("/", arguments, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
			  &message, &status, &reason)) {
		*said = g_strdup(reason->message);
		return false;
	}
	if (g_spawn_check_wait_status(status, &reason))
		return true;
	*said = message && *message ? first_line(message) : g_strdup(reason->message);
	return false;
}

bool wv_jail_find(struct wv_jail *jail, char **why_not)
{
	g_autofree char *said = NULL;

	*jail = (struct wv_jail){ .bwrap = g_find_program_in_path("bwrap") };
	if (!jail->bwrap) {
		*why_not = g_strdup("bubblewrap (bwrap) is not installed");
		return false;
	}
	for (; jail->level < G_N_ELEMENTS(levels); jail->level++) {
		g_clear_pointer(&said, g_free);
		if (try_jail(jail, &said))
			return true;
	}
	*why_not = g_strdup_printf("bubblewrap can not be used here: %s", said);
	wv_jail_clear(jail);
	return false;
}

void wv_jail_clear(struct wv_jail *jail)
{
	g_clear_pointer(&jail->bwrap, g_free);
	jail->level = 0;
}

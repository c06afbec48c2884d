/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding, and fetching, what guests are made of. */
#include "sandbox/kit.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "config.h"

#define LAUNCHER "wyvern-launcher"
#define FETCH	 "fetch-guest"

#define KERNEL	     "linux-6.1"
#define KERNEL_FILE  "kernels/" KERNEL "/vmlinuz"
#define BUSYBOX	     "busybox"
#define BUSYBOX_FILE "busybox/bin/busybox"

/** Of a kernel's file as distributions name it; what follows is its release. */
#define KERNEL_PREFIX "vmlinuz-"

/** The folder that this program is in. */
static char *own_folder(void)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);

	return self ? g_path_get_dirname(self) : g_strdup(".");
}

char *wv_kit_file(const char *name, GError **error)
{
	g_autofree char *folder = own_folder();
	const char *const folders[] = { folder, WV_PLUGIN_DIR };

	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *path = g_build_filename(folders[i], name, NULL);

		if (access(path, R_OK) == 0)
			return g_steal_pointer(&path);
	}
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s is neither in %s nor in %s", name, folder,
		    WV_PLUGIN_DIR);
	return NULL;
}

char *wv_kit_launcher(GError **error)
{
	return wv_kit_file(LAUNCHER, error);
}

/** The scripts: of the source that this was built from, unless it is installed. */
static const char *scripts_folder(bool *installed)
{
	g_autofree char *folder = own_folder();
	g_autofree char *plugin = g_build_filename(folder, WV_PLUGIN_FILE, NULL);

	*installed = access(plugin, R_OK) != 0;
	return *installed ? WV_SCRIPTS_DIR : WV_SOURCE_DIR "/scripts";
}

static char *cache_folder(void)
{
	const char *given = g_getenv("WYVERN_CACHE");
	bool installed;

	scripts_folder(&installed);
	if (given && *given)
		return g_canonicalize_filename(given, NULL);
	if (installed)
		return g_build_filename(g_get_user_cache_dir(), "wyvern", NULL);
	return g_strdup(WV_SOURCE_DIR "/.cache");
}

/** Downloads one thing into the cache; what the script prints goes to standard error. */
static bool fetch(const char *name, const char *cache, GError **error)
{
	bool installed;
	g_autofree char *script = g_build_filename(scripts_folder(&installed), FETCH, NULL);
	g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "WYVERN_CACHE", cache, TRUE);
	char *arguments[] = { script, (char *)name, NULL };
	g_autofree char *printed = NULL;
	g_autoptr(GError) reason = NULL;
	int status = 0;

	if (g_spawn_sync(NULL, arguments, environment, G_SPAWN_DEFAULT, NULL, NULL, &printed, NULL,
			 &status, &reason) &&
	    g_spawn_check_wait_status(status, &reason))
		return true;
	g_set_error(
		error, WV_ERROR, WV_ERROR_USAGE,
		"%s could not be fetched (%s): name a kernel with --kernel and a root with --rootfs",
		name, reason->message);
	return false;
}

static char *from_cache(const char *file, const char *name, GError **error)
{
	g_autofree char *cache = cache_folder();
	g_autofree char *path = g_build_filename(cache, file, NULL);

	if (access(path, R_OK) != 0 && !fetch(name, cache, error))
		return NULL;
	return g_steal_pointer(&path);
}

char *wv_kit_kernel(GError **error)
{
	return from_cache(KERNEL_FILE, KERNEL, error);
}

char *wv_kit_busybox(GError **error)
{
	return from_cache(BUSYBOX_FILE, BUSYBOX, error);
}

char *wv_kit_modules(const char *kernel)
{
	g_autofree char *folder = g_path_get_dirname(kernel);
	g_autofree char *name = g_path_get_basename(kernel);
	g_autofree char *beside = g_build_filename(folder, "modules", NULL);

	if (g_file_test(beside, G_FILE_TEST_IS_DIR))
		return g_steal_pointer(&beside);
	if (!g_str_has_prefix(name, KERNEL_PREFIX))
		return NULL;

	g_autofree char *host =
		g_build_filename("/lib/modules", name + strlen(KERNEL_PREFIX), NULL);

	return g_file_test(host, G_FILE_TEST_IS_DIR) ? g_steal_pointer(&host) : NULL;
}

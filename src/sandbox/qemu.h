/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU as the command sees it: which one, what it can do, and its command line. */
#ifndef WV_WV_QEMU_H
#define WV_WV_QEMU_H

#include <glib.h>
#include <stdbool.h>

#include "machine/qemu/shim.h"

/** What guests are watched with at the least, for messages. */
#define WV_QEMU_OLDEST "9.2"

/** The program that is looked for when the user names none. */
#define WV_QEMU_PROGRAM "qemu-system-x86_64"

/** The value of -sandbox: neither other programs nor other rights. */
#define WV_QEMU_SANDBOX "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"

/** A QEMU that was asked what it is. */
struct wv_qemu {
	char *path;    /**< owned: absolute */
	char *version; /**< owned: "10.0.2" */
	unsigned major, minor;
	bool has_plugins;    /**< it was built with support for TCG plugins */
	bool has_sandbox;    /**< likewise for -sandbox */
	unsigned plugin_api; /**< its plugin API; 0: older than the oldest that is supported */
};

/**
 * Looks a QEMU up and asks it. WV_ERROR_USAGE when there is none or it does not answer; one that is
 * too old or has no plugins is not an error here: see wv_qemu_usable().
 *
 * @program: a path or a name for $PATH; NULL: WV_QEMU_PROGRAM.
 */
bool wv_qemu_probe(struct wv_qemu *qemu, const char *program, GError **error);
void wv_qemu_clear(struct wv_qemu *qemu);

/** Whether guests can be watched in it; WV_ERROR_USAGE says why not. */
bool wv_qemu_usable(const struct wv_qemu *qemu, GError **error);

/** In the environment: which plugin interface that QEMU has, for our plugin. */
#define WV_QEMU_API_VARIABLE SHIM_API_VARIABLE

/** The environment that it is to be started in. Free with g_strfreev(). */
char **wv_qemu_environment(const struct wv_qemu *qemu);

/** The QEMU plugin (our shared object): beside the command in a build folder, or installed. */
char *wv_qemu_plugin_path(GError **error);

/**
 * The whole command line: the plugin, the guest's RAM as shared memory, a sandbox, no network and
 * multi-threaded TCG, each unless the user's own arguments say something about it; then those.
 *
 * @session_fd: descriptor of the session that the plugin attaches to.
 * Returns an array to be freed with g_strfreev(); WV_ERROR_USAGE when the arguments can not work.
 */
char **wv_qemu_arguments(const struct wv_qemu *qemu, const char *plugin_path, int session_fd,
			 char *const *user, GError **error);

/** A path as an option of QEMU's takes it: commas doubled. Free with g_free(). */
char *wv_qemu_escape(const char *path);

/** The `-plugin` argument that loads our shared object, with these arguments of its own. */
char *wv_qemu_plugin_argument(const char *plugin_path, const char *arguments);

/**
 * Starts QEMU and ends it at once, to see whether it starts: takes a twentieth of a second.
 *
 * @arguments: the whole command line, "-monitor stdio" among it.
 * @inherit_fd: a descriptor that it keeps under its number, or -1.
 *
 * Returns false when it did not start; the error (WV_ERROR_USAGE) is what it said, in one line.
 */
bool wv_qemu_try(const struct wv_qemu *qemu, char *const *arguments, int inherit_fd,
		 GError **error);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where templates are: a folder each, in one folder. One that is being made is in a hidden folder
 * beside them and gets its name when it is complete, so a template is there whole or not at all.
 * What a process left half-made that was killed is removed by the next one that looks.
 */
#ifndef WV_SANDBOX_STORE_H
#define WV_SANDBOX_STORE_H

#include <glib.h>
#include <stdbool.h>

/** The files of a template; only these are ever removed. A folder with the last one is one. */
#define WV_STORE_RAM	   "ram"
#define WV_STORE_STATE	   "state"
#define WV_STORE_DISK	   "disk"
#define WV_STORE_PROFILE   "profile.json"
#define WV_STORE_INI	   "template.ini"
#define WV_STORE_INITRAMFS "initramfs" /**< only while the template is made */

/** Characters of a name at the most. */
#define WV_STORE_NAME_MAX 64

/** The folder that templates are in: $WYVERN_TEMPLATES, or else the user's. To be freed. */
char *wv_store_folder(void);

/**
 * Whether a template can have that name: letters, digits and `. _ -`, neither of `.` and `-` first.
 * WV_ERROR_USAGE otherwise.
 */
bool wv_store_check_name(const char *name, GError **error);

/** The folder of the template of that name, which need not exist. To be freed. */
char *wv_store_path(const char *name);

/** Whether there is a template of that name. */
bool wv_store_has(const char *name);

/** The names of all templates, sorted, ended by NULL; to be freed by g_strfreev(). */
char **wv_store_list(void);

/** A template that is being made. */
struct wv_store_new;

/**
 * Begins one. It is this process' until it is committed, aborted, or the process ends.
 * WV_ERROR_USAGE for a bad name, WV_ERROR_OUTPUT when there can be no such folder.
 */
struct wv_store_new *wv_store_begin(const char *name, GError **error);

/** The folder that its files are to be put into, by absolute path. */
const char *wv_store_new_folder(const struct wv_store_new *making);

/**
 * Makes it a template, in one step. It is on the disk then.
 *
 * @replace: one of the same name gives way to it; what has its files open keeps them. Without it
 *   that is WV_ERROR_USAGE; with it only if what has the name is no template.
 *
 * @making is freed in any case; if it fails (WV_ERROR_OUTPUT, also without a WV_STORE_INI) its
 * files are removed.
 */
bool wv_store_commit(struct wv_store_new *making, bool replace, GError **error);

/** Removes its files, and frees it. NULL is let pass. */
void wv_store_abort(struct wv_store_new *making);

/**
 * Removes a template; what has its files open keeps them. A link to a folder elsewhere is removed
 * alone. WV_ERROR_USAGE when there is none of that name, or other files are in its folder;
 * WV_ERROR_OUTPUT when it can not be removed.
 */
bool wv_store_delete(const char *name, GError **error);

#endif

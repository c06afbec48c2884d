/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings: what the user asked for, from the command line and the configuration file, in one
 * form that travels to the monitor as text (GKeyFile). The option --some-name is the key
 * some_name in the group [wyvern].
 */
#ifndef WV_MONITOR_SETTINGS_H
#define WV_MONITOR_SETTINGS_H

#include <glib.h>
#include <stdbool.h>

/** An option that a plugin adds to the command line and the configuration file. */
struct wv_option {
	const char *name;     /**< without dashes in front: "procmon-filter-file" */
	bool is_file;	      /**< names a file that must be readable */
	const char *argument; /**< what its value is called in help, or NULL: it has none */
	const char *meaning;
};

struct wv_settings {
	GKeyFile *keys; /**< owned */
};

void wv_settings_init(struct wv_settings *settings);
void wv_settings_deinit(struct wv_settings *settings);

/** Reads a configuration file; what it says replaces what was there. */
bool wv_settings_load(struct wv_settings *settings, const char *path, GError **error);

/** Reads and writes the form that travels. */
bool wv_settings_parse(struct wv_settings *settings, const char *text, GError **error);
char *wv_settings_text(const struct wv_settings *settings);

/** A copy, to be changed and taken apart by itself. */
void wv_settings_copy(struct wv_settings *copy, const struct wv_settings *settings);

/** Sets the key of an option, by the option's name. */
void wv_settings_set(struct wv_settings *settings, const char *option, const char *value);
void wv_settings_add(struct wv_settings *settings, const char *option, const char *value);

/** An option's value, to be freed, or NULL when it was not given. */
char *wv_settings_get(const struct wv_settings *settings, const char *option);
/** All values of an option that can be given several times, to be freed, or NULL. */
char **wv_settings_list(const struct wv_settings *settings, const char *option);
bool wv_settings_flag(const struct wv_settings *settings, const char *option);
/** A number from 0 up; @fallback when it was not given. */
bool wv_settings_number(const struct wv_settings *settings, const char *option, guint64 fallback,
			guint64 *value, GError **error);
/** A size in bytes, 1 at the least, perhaps with K, M or G: 64M. */
bool wv_settings_size(const struct wv_settings *settings, const char *option, guint64 fallback,
		      guint64 *bytes, GError **error);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings, kept as a GKeyFile. */
#include "monitor/settings.h"

#include <string.h>

#include "base/error.h"

#define GROUP "wyvern"

void wv_settings_init(struct wv_settings *settings)
{
	settings->keys = g_key_file_new();
}

void wv_settings_deinit(struct wv_settings *settings)
{
	g_clear_pointer(&settings->keys, g_key_file_unref);
}

/** The key of an option. Free with g_free(). */
static char *key_of(const char *option)
{
	return g_strdelimit(g_strdup(option), "-", '_');
}

bool wv_settings_load(struct wv_settings *settings, const char *path, GError **error)
{
	g_autoptr(GError) reason = NULL;
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_auto(GStrv) keys = NULL;

	if (g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &reason))
		keys = g_key_file_get_keys(file, GROUP, NULL, &reason);
	if (!keys) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s: %s", path, reason->message);
		return false;
	}
	for (char **key = keys; *key; key++) {
		g_autofree char *value = g_key_file_get_value(file, GROUP, *key, NULL);

		if (value)
			g_key_file_set_value(settings->keys, GROUP, *key, value);
	}
	return true;
}

bool wv_settings_parse(struct wv_settings *settings, const char *text, GError **error)
{
	g_autoptr(GError) reason = NULL;

	if (!*text ||
	    g_key_file_load_from_data(settings->keys, text, strlen(text), G_KEY_FILE_NONE, &reason))
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "configuration: %s", reason->message);
	return false;
}

char *wv_settings_text(const struct wv_settings *settings)
{
	return g_key_file_to_data(settings->keys, NULL, NULL);
}

void wv_settings_copy(struct wv_settings *copy, const struct wv_settings *settings)
{
	g_autofree char *text = wv_settings_text(settings);

	wv_settings_init(copy);
	wv_settings_parse(copy, text, NULL);
}

void wv_settings_set(struct wv_settings *settings, const char *option, const char *value)
{
	g_autofree char *key = key_of(option);

	g_key_file_set_string(settings->keys, GROUP, key, value);
}

void wv_settings_add(struct wv_settings *settings, const char *option, const char *value)
{
	g_autofree char *key = key_of(option);
	g_auto(GStrv) old = wv_settings_list(settings, option);
	guint count = old ? g_strv_length(old) : 0;
	g_autofree const char **all = g_new0(const char *, count + 1);

	for (guint i = 0; i < count; i++)
		all[i] = old[i];
	all[count] = value;
	g_key_file_set_string_list(settings->keys, GROUP, key, all, count + 1);
}

char *wv_settings_get(const struct wv_settings *settings, const char *option)
{
	g_autofree char *key = key_of(option);

	return g_key_file_get_string(settings->keys, GROUP, key, NULL);
}

char **wv_settings_list(const struct wv_settings *settings, const char *option)
{
	g_autofree char *key = key_of(option);

	return g_key_file_get_string_list(settings->keys, GROUP, key, NULL, NULL);
}

bool wv_settings_flag(const struct wv_settings *settings, const char *option)
{
	g_autofree char *key = key_of(option);

	return g_key_file_get_boolean(settings->keys, GROUP, key, NULL);
}

bool wv_settings_number(const struct wv_settings *settings, const char *option, guint64 fallback,
			guint64 *value, GError **error)
{
	g_autofree char *text = wv_settings_get(settings, option);

	*value = fallback;
	if (!text || g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT64, value, NULL))
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "--%s: \"%s\" is not a number from 0 up",
		    option, text);
	return false;
}

/** 12, 500K, 64M, 2G: more than 0 bytes. */
static bool parse_size(const char *text, guint64 *bytes)
{
	static const char units[] = "KMG";
	size_t n_digits = strspn(text, "0123456789");
	g_autofree char *digits = g_strndup(text, n_digits);
	const char *rest = text + n_digits;
	const char *unit = *rest ? strchr(units, g_ascii_toupper(*rest)) : NULL;
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;

	if (rest[unit ? 1 : 0] ||
	    !g_ascii_string_to_unsigned(digits, 10, 1, G_MAXUINT64 >> shift, bytes, NULL))
		return false;
	*bytes <<= shift;
	return true;
}

bool wv_settings_size(const struct wv_settings *settings, const char *option, guint64 fallback,
		      guint64 *bytes, GError **error)
{
	g_autofree char *text = wv_settings_get(settings, option);

	*bytes = fallback;
	if (!text || parse_size(text, bytes))
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
		    "--%s: \"%s\" is not a size such as 500K, 64M or 2G", option, text);
	return false;
}

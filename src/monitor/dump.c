/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user wants of the contents of files. */
#include "monitor/dump.h"

static bool get_sizes(const struct wv_settings *settings, guint64 *limit, guint64 *total,
		      GError **error)
{
	return wv_settings_size(settings, "dump-max-size", WV_DUMP_MAX_SIZE, limit, error) &&
	       wv_settings_size(settings, "dump-max-total", WV_DUMP_MAX_TOTAL, total, error);
}

bool wv_dump_limit(const struct wv_settings *settings, guint64 *limit, GError **error)
{
	g_autofree char *folder = wv_settings_get(settings, "dump");
	guint64 total;

	if (!get_sizes(settings, limit, &total, error))
		return false;
	if (!folder)
		*limit = 0;
	return true;
}

bool wv_dump_open_asked(const struct wv_settings *settings, struct wv_dump **dump, GError **error)
{
	g_autofree char *folder = wv_settings_get(settings, "dump");
	guint64 limit, total;

	*dump = NULL;
	if (!get_sizes(settings, &limit, &total, error))
		return false;
	if (!folder)
		return true;
	*dump = wv_dump_open(folder, limit, total, error);
	return *dump != NULL;
}

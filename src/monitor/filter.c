/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters by process. */
#include "monitor/filter.h"

#include <string.h>

/** An item that is all digits is a PID, anything else a name. */
static void list_init(struct wv_filter_list *list, char **items)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autoptr(GArray) pids = g_array_new(FALSE, FALSE, sizeof(uint32_t));

	for (char **item = items; item && *item; item++) {
		guint64 number;

		if (g_ascii_string_to_unsigned(*item, 10, 0, UINT32_MAX, &number, NULL)) {
			uint32_t pid = (uint32_t)number;

			g_array_append_val(pids, pid);
		} else {
			g_ptr_array_add(names, g_strdup(*item));
		}
	}
	g_ptr_array_add(names, NULL);
	list->names = (char **)g_ptr_array_steal(names, NULL);
	list->n_pids = pids->len;
	list->pids = (uint32_t *)(gpointer)g_array_free(g_steal_pointer(&pids), FALSE);
	g_strfreev(items);
}

static void list_deinit(struct wv_filter_list *list)
{
	g_strfreev(list->names);
	g_free(list->pids);
}

static bool list_is_empty(const struct wv_filter_list *list)
{
	return !list->n_pids && !list->names[0];
}

void wv_filter_init(struct wv_filter *filter, const struct wv_settings *settings)
{
	list_init(&filter->only, wv_settings_list(settings, "process"));
	list_init(&filter->ignore, wv_settings_list(settings, "ignore-process"));
	filter->any = !list_is_empty(&filter->only) || !list_is_empty(&filter->ignore);
}

void wv_filter_deinit(struct wv_filter *filter)
{
	list_deinit(&filter->only);
	list_deinit(&filter->ignore);
}

static bool name_matches(const char *wanted, const struct wv_identity *process)
{
	size_t wanted_size = strlen(wanted);
	const char *name = process->name;
	size_t size = process->name_size;

	if (wanted_size == size && memcmp(wanted, name, size) == 0)
		return true;
	/* the short name also finds a process that is printed with its path */
	return !strchr(wanted, '/') && wanted_size < size && name[size - wanted_size - 1] == '/' &&
	       memcmp(wanted, name + size - wanted_size, wanted_size) == 0;
}

static bool list_has(const struct wv_filter_list *list, const struct wv_identity *process)
{
	for (unsigned i = 0; i < list->n_pids; i++)
		if (list->pids[i] == process->pid)
			return true;
	for (char **name = list->names; *name; name++)
		if (name_matches(*name, process))
			return true;
	return false;
}

bool wv_filter_accepts(const struct wv_filter *filter, const struct wv_identity *process)
{
	if (!filter->any)
		return true;
	if (!list_is_empty(&filter->only) && !list_has(&filter->only, process))
		return false;
	return !list_has(&filter->ignore, process);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resolving what a guest layer wants of its kernel. */
#include "guest/resolve.h"

#include "base/error.h"

struct missing {
	const struct wv_guest_search *search;
	GString *essential;
};

static void note_missing(void *owner, const struct wv_want *want)
{
	struct missing *missing = owner;
	g_autofree char *name = wv_want_describe(want);

	if (!want->cost) {
		g_string_append_printf(missing->essential, "%s%s",
				       missing->essential->len ? ", " : "", name);
		return;
	}

	g_autofree char *line =
		g_strdup_printf("missing in the guest's kernel: %s (costs %s)", name, want->cost);

	missing->search->report(missing->search->owner, line);
}

bool wv_guest_resolve(const struct wv_guest_search *search, const struct wv_profile *profile,
		      const struct wv_want *wants, unsigned n_wants, struct wv_place *places,
		      GError **error)
{
	g_autoptr(GString) essential = g_string_new(NULL);
	struct missing missing = { search, essential };

	if (wv_wants_resolve(profile, wants, n_wants, places, note_missing, &missing))
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_KERNEL,
		    "the kernel's symbols and types lack what nothing works without: %s",
		    essential->str);
	return false;
}

char *wv_guest_summary(const char *name, const struct wv_profile *profile, gint64 started)
{
	return g_strdup_printf("%s: %zu symbols (%s), %zu types (%s), found in %.0f ms", name,
			       profile->symbols->count, profile->symbols->origin,
			       profile->types->count, profile->types->origin,
			       (double)(g_get_monotonic_time() - started) / 1000);
}

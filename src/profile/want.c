/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resolving tables of wants. */
#include "profile/want.h"

static bool resolve_member(const struct wv_profile *profile, const struct wv_want *want,
			   struct wv_place *place)
{
	g_auto(GStrv) paths = g_strsplit(want->member, "|", 0);

	for (char **path = paths; *path; path++) {
		struct wv_member member;

		if (!wv_profile_member(profile, want->name, *path, &member))
			continue;
		*place = (struct wv_place){ .found = true,
					    .bit_shift = member.bit_shift,
					    .bit_count = member.bit_count,
					    .size = member.size,
					    .value = member.offset };
		return true;
	}
	return false;
}

static bool resolve_symbol(const struct wv_profile *profile, const struct wv_want *want,
			   struct wv_place *place)
{
	g_auto(GStrv) names = g_strsplit(want->name, "|", 0);

	for (char **name = names; *name && !place->found; name++)
		place->found = wv_profile_symbol(profile, *name, &place->value);
	return place->found;
}

static bool resolve(const struct wv_profile *profile, const struct wv_want *want,
		    struct wv_place *place)
{
	int64_t number = 0;

	switch (want->kind) {
	case WV_WANT_SYMBOL:
		return resolve_symbol(profile, want, place);
	case WV_WANT_MEMBER:
		return resolve_member(profile, want, place);
	case WV_WANT_SIZE:
		place->found = wv_profile_size(profile, want->name, &place->value);
		break;
	case WV_WANT_ENUMERATOR:
		place->found = wv_profile_enumerator(profile, want->name, &number);
		place->value = (uint64_t)number;
		break;
	}
	return place->found;
}

bool wv_wants_resolve(const struct wv_profile *profile, const struct wv_want *wants,
		      unsigned n_wants, struct wv_place *places, wv_missing_fn missing, void *owner)
{
	bool enough = true;

	for (unsigned i = 0; i < n_wants; i++) {
		places[i] = (struct wv_place){ 0 };
		if (resolve(profile, &wants[i], &places[i]))
			continue;
		if (!wants[i].quiet)
			missing(owner, &wants[i]);
		if (!wants[i].cost)
			enough = false;
	}
	return enough;
}

char *wv_want_describe(const struct wv_want *want)
{
	switch (want->kind) {
	case WV_WANT_MEMBER:
		return g_strdup_printf("%s.%s", want->name, want->member);
	case WV_WANT_SIZE:
		return g_strdup_printf("sizeof(%s)", want->name);
	default:
		return g_strdup(want->name);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile: joins a source of symbols and a source of types, and applies the slide. */
#include "profile/profile.h"

struct wv_profile *wv_profile_new(struct wv_symbols *symbols, struct wv_types *types)
{
	struct wv_profile *profile = g_new0(struct wv_profile, 1);

	profile->symbols = symbols;
	profile->types = types;
	return profile;
}

void wv_profile_free(struct wv_profile *profile)
{
	if (!profile)
		return;
	profile->symbols->destroy(profile->symbols);
	profile->types->destroy(profile->types);
	g_free(profile->banner);
	g_free(profile->pdb_name);
	g_free(profile->pdb_key);
	g_free(profile);
}

/** Where a symbol is in the running kernel. */
static uint64_t slid(const struct wv_profile *profile, uint64_t address)
{
	bool moved = address >= profile->slide_start && address < profile->slide_end;

	return moved ? address + profile->slide : address;
}

bool wv_profile_symbol(const struct wv_profile *profile, const char *name, uint64_t *address)
{
	if (!profile->symbols->find(profile->symbols, name, address))
		return false;
	*address = slid(profile, *address);
	return true;
}

struct telling {
	const struct wv_profile *profile;
	wv_symbol_fn each;
	void *owner;
};

static void tell_slid(void *owner, const char *name, uint64_t address)
{
	const struct telling *telling = owner;

	telling->each(telling->owner, name, slid(telling->profile, address));
}

void wv_profile_symbols(const struct wv_profile *profile, const char *prefix, wv_symbol_fn each,
			void *owner)
{
	struct telling telling = { profile, each, owner };

	if (profile->symbols->each)
		profile->symbols->each(profile->symbols, prefix, tell_slid, &telling);
}

bool wv_profile_member(const struct wv_profile *profile, const char *structure, const char *path,
		       struct wv_member *member)
{
	return profile->types->member(profile->types, structure, path, member);
}

bool wv_profile_size(const struct wv_profile *profile, const char *structure, uint64_t *size)
{
	return profile->types->size(profile->types, structure, size);
}

bool wv_profile_enumerator(const struct wv_profile *profile, const char *name, int64_t *value)
{
	return profile->types->enumerator(profile->types, name, value);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells the forms of profile files apart. */
#include "profile/load.h"

#include "base/error.h"
#include "profile/isf.h"
#include "profile/file.h"
#include "profile/pdb.h"
#include "profile/rekall.h"
#include "profile/store.h"

#include <string.h>

static char first_character(const void *data, size_t size)
{
	const char *text = data;

	for (size_t i = 0; i < size; i++) {
		if (!text[i] || !strchr(" \t\r\n", text[i]))
			return text[i];
	}
	return '\0';
}

static bool is_gzip(const void *data, size_t size)
{
	return size >= 2 && memcmp(data, "\x1f\x8b", 2) == 0;
}

/* The last part of the path; a PDB's name has no ".xz". */
static char *pdb_name(const char *path)
{
	char *name = g_path_get_basename(path);

	if (g_str_has_suffix(name, ".xz"))
		name[strlen(name) - strlen(".xz")] = '\0';
	return name;
}

/* A PDB that is too old to have a GUID has no key, and fits no image. */
static struct wv_profile *parse_pdb(const void *data, size_t size, const char *name, GError **error)
{
	struct wv_profile *profile = wv_pdb_parse(data, size, name, error);
	char key[WV_PDB_KEY_SIZE];
	struct wv_pdb_id id;

	if (!profile)
		return NULL;
	profile->pdb_name = pdb_name(name);
	if (wv_pdb_identify(data, size, name, &id, NULL)) {
		wv_pdb_id_key(&id, key);
		profile->pdb_key = g_strdup(key);
		profile->pdb_machine = id.machine;
	}
	return profile;
}

static struct wv_profile *parse_plain(const void *data, size_t size, const char *name,
				      GError **error)
{
	if (wv_pdb_is_pdb(data, size))
		return parse_pdb(data, size, name, error);
	if (wv_rekall_is_rekall(data, size))
		return wv_rekall_parse(data, size, name, error);
	if (first_character(data, size) == '{')
		return wv_isf_parse(data, size, name, error);
	g_set_error(error, WV_ERROR, WV_ERROR_FORMAT, "%s: %s", name,
		    is_gzip(data, size)
			    ? "compressed with gzip: decompress it (gzip -d), or use xz"
			    : "neither a PDB, nor a Volatility 3 ISF or a Rekall profile");
	return NULL;
}

/* Brings what the file says into the one form; what is not a key is dropped. */
static void check_identity(struct wv_profile *profile)
{
	char key[WV_PDB_KEY_SIZE];
	bool ok = profile->pdb_key && wv_pdb_key_parse(profile->pdb_key, key);

	g_free(profile->pdb_key);
	profile->pdb_key = ok ? g_strdup(key) : NULL;
	if (profile->pdb_name && !wv_symbol_name_is_safe(profile->pdb_name))
		g_clear_pointer(&profile->pdb_name, g_free);
}

struct wv_profile *wv_profile_parse(const void *data, size_t size, const char *name, GError **error)
{
	struct wv_profile *profile = wv_profile_file_unpack(data, size, name, parse_plain, error);

	if (profile)
		check_identity(profile);
	return profile;
}

struct wv_profile *wv_profile_load(const char *path, GError **error)
{
	g_autoptr(GByteArray) file = wv_profile_file_read(path, error);

	return file ? wv_profile_parse(file->data, file->len, path, error) : NULL;
}

bool wv_profile_is_of(const struct wv_profile *profile, const char *key)
{
	char image[WV_PDB_KEY_SIZE], own[WV_PDB_KEY_SIZE];

	return profile->pdb_key && wv_pdb_key_parse(profile->pdb_key, own) &&
	       wv_pdb_key_parse(key, image) && memcmp(own, image, WV_PDB_GUID_DIGITS) == 0;
}

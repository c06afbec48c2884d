/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key under which a PDB is stored. */
#include "profile/pdb_id.h"

#include <glib.h>
#include <string.h>

#define AGE_DIGITS_MAX 8u

void wv_pdb_id_key(const struct wv_pdb_id *id, char key[WV_PDB_KEY_SIZE])
{
	const uint8_t *guid = id->guid;

	g_snprintf(key, WV_PDB_KEY_SIZE,
		   "%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%x", guid[3],
		   guid[2], guid[1], guid[0], guid[5], guid[4], guid[7], guid[6], guid[8], guid[9],
		   guid[10], guid[11], guid[12], guid[13], guid[14], guid[15], id->age);
}

bool wv_pdb_key_parse(const char *text, char key[WV_PDB_KEY_SIZE])
{
	size_t length = 0, age;

	for (; *text && length < WV_PDB_KEY_SIZE - 1; text++) {
		if (length <= WV_PDB_GUID_DIGITS && strchr("{-}", *text))
			continue;
		if (!g_ascii_isxdigit(*text))
			return false;
		/* Leading zeros of the age are left out, but for a last one. */
		if (length == WV_PDB_GUID_DIGITS && *text == '0' && g_ascii_isxdigit(text[1]))
			continue;
		key[length] = length < WV_PDB_GUID_DIGITS ? g_ascii_toupper(*text)
							  : g_ascii_tolower(*text);
		length++;
	}
	key[length] = '\0';
	age = length > WV_PDB_GUID_DIGITS ? length - WV_PDB_GUID_DIGITS : 0;
	return !*text && age >= 1 && age <= AGE_DIGITS_MAX;
}

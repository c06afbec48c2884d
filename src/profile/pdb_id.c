/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key under which a PDB is stored. */
#include "profile/pdb_id.h"

#include <glib.h>

void wv_pdb_id_key(const struct wv_pdb_id *id, char key[WV_PDB_KEY_SIZE])
{
	const uint8_t *guid = id->guid;

	g_snprintf(key, WV_PDB_KEY_SIZE,
		   "%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%x", guid[3],
		   guid[2], guid[1], guid[0], guid[5], guid[4], guid[7], guid[6], guid[8], guid[9],
		   guid[10], guid[11], guid[12], guid[13], guid[14], guid[15], id->age);
}

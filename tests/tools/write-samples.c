/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes an image and the PDB that belongs to it, for tests of the command:
 *
 *	write-samples FOLDER: small.exe and small.pdb, which has the GUID and age
 *	A3A2A1A0A5A4A7A6A8A9AAABACADAEAF1
 */
#include <stdio.h>

#include "pdb_builder.h"
#include "pe_builder.h"

/** Where an RSDS record has the GUID and the age. */
#define RSDS_GUID 4
#define RSDS_AGE  20

static GByteArray *make_image(void)
{
	GByteArray *image = pe_small(true, WV_PE_FILE);
	uint8_t *record = pe_at(image, WV_PE_FILE, PE_RSDS);

	for (uint8_t i = 0; i < 16; i++)
		record[RSDS_GUID + i] = 0xa0 + i;
	pe_set_u32(image, (size_t)(record - image->data) + RSDS_AGE, 1);
	return image;
}

static gboolean put(const char *folder, const char *name, const GByteArray *bytes)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	return g_file_set_contents(path, (const char *)bytes->data, bytes->len, NULL);
}

int main(int argc, char **argv)
{
	g_autoptr(GByteArray) image = make_image(), pdb = pdb_small_kernel(512, false, false);

	if (argc == 2 && put(argv[1], "small.exe", image) && put(argv[1], "small.pdb", pdb))
		return 0;
	fputs("usage: write-samples FOLDER\n", stderr);
	return 1;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the samples of tests/tools/make-pdb.sh, and reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pdb_samples.h"

#include <stdlib.h>
#include <string.h>

#include "profile/file.h"
#include "profile/pdb.h"
#include "profile_check.h"
#include "temp_folder.h"

const char *const pdb_samples[PDB_SAMPLES] = { "x64", "x86", "pages", "cxx" };

static char *folder; /* NULL: they can not be made here */

int pdb_samples_make(void **state)
{
	const char *argv[] = { "sh", WV_SOURCE_ROOT "/tests/tools/make-pdb.sh", NULL, NULL };
	int status = -1;

	folder = temp_folder_make();
	argv[2] = folder;
	if (!folder || !g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
				     NULL, NULL, &status, NULL))
		return -1;
	if (g_spawn_check_wait_status(status, NULL))
		return 0;
	pdb_samples_remove(state);
	return WIFEXITED(status) && WEXITSTATUS(status) == 77 ? 0 : -1;
}

int pdb_samples_remove(void **state)
{
	(void)state;
	if (folder)
		temp_folder_remove(g_steal_pointer(&folder));
	return 0;
}

bool pdb_samples_there(void)
{
	return folder != NULL;
}

char *pdb_sample_path(const char *name, const char *suffix)
{
	return g_strdup_printf("%s/%s.%s", folder, name, suffix);
}

GByteArray *pdb_read_or_fail(const char *path)
{
	GError *error = NULL;
	GByteArray *data = wv_profile_file_read(path, &error);

	if (!data)
		fail_msg("%s", error->message);
	return data;
}

struct wv_profile *pdb_load_or_fail(const char *path)
{
	g_autoptr(GByteArray) data = pdb_read_or_fail(path);

	return profile_or_fail(wv_pdb_parse, data->data, data->len, path);
}

static void image_open(struct pdb_image *image, enum wv_pe_layout layout, const char *name)
{
	struct wv_pe_source source = {
		.layout = layout, .read = wv_pe_read_bytes, .owner = &image->bytes, .name = name
	};
	GError *error = NULL;

	image->bytes = (struct wv_pe_bytes){ .data = image->data->data, .size = image->data->len };
	if (!wv_pe_init(&image->pe, &source, &error))
		fail_msg("%s", error->message);
}

void pdb_image_load(struct pdb_image *image, const char *sample)
{
	g_autofree char *path = pdb_sample_path(sample, "exe");

	image->data = pdb_read_or_fail(path);
	image_open(image, WV_PE_FILE, sample);
}

void pdb_image_map(struct pdb_image *mapped, const struct pdb_image *image)
{
	mapped->data = g_byte_array_new();
	g_byte_array_set_size(mapped->data, image->pe.size_of_image);
	memset(mapped->data->data, 0, mapped->data->len);
	memcpy(mapped->data->data, image->data->data, image->pe.size_of_headers);
	for (unsigned int i = 0; i < image->pe.n_sections; i++) {
		const struct wv_pe_section *section = &image->pe.sections[i];

		assert_true(section->rva + section->raw_size <= mapped->data->len);
		assert_true(section->raw_offset + section->raw_size <= image->data->len);
		memcpy(mapped->data->data + section->rva, image->data->data + section->raw_offset,
		       section->raw_size);
	}
	image_open(mapped, WV_PE_MEMORY, image->pe.source.name);
}

void pdb_image_unload(struct pdb_image *image)
{
	g_byte_array_unref(image->data);
}

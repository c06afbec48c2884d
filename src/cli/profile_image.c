/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A PE image's file, such as ntoskrnl.exe. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/profile.h"
#include "profile/file.h"

bool cli_is_image(const char *path)
{
	char start[2] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is_image;

	if (fd < 0)
		return false;
	is_image = read(fd, start, sizeof(start)) == sizeof(start) && memcmp(start, "MZ", 2) == 0;
	close(fd);
	return is_image;
}

struct cli_image *cli_image_load(const char *path, GError **error)
{
	g_autoptr(cli_image) image = g_new0(struct cli_image, 1);
	struct wv_pe_source source = {
		.layout = WV_PE_FILE, .read = wv_pe_read_bytes, .owner = &image->bytes, .name = path
	};
	struct wv_pdb_id id;

	image->file = wv_profile_file_read(path, error);
	if (!image->file)
		return NULL;
	image->bytes = (struct wv_pe_bytes){ image->file->data, image->file->len };
	if (!wv_pe_init(&image->pe, &source, error))
		return NULL;
	image->has_pdb = wv_pe_pdb(&image->pe, &id, image->pdb, NULL);
	if (image->has_pdb)
		wv_pdb_id_key(&id, image->key);
	return g_steal_pointer(&image);
}

void cli_image_free(struct cli_image *image)
{
	if (!image)
		return;
	g_clear_pointer(&image->file, g_byte_array_unref);
	g_free(image);
}

const char *cli_machine_name(uint16_t machine)
{
	static const struct {
		uint16_t machine;
		const char *name;
	} names[] = {
		{ WV_PE_I386, "x86" },
		{ WV_PE_AMD64, "x86-64" },
		{ WV_PE_ARM, "ARM" },
		{ WV_PE_ARM64, "ARM64" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if (names[i].machine == machine)
			return names[i].name;
	}
	return "unknown";
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tiny Windows kernel's open files and registry: names that are not in objects' headers. */
#include <glib.h>
#include <string.h>

#include "windows_fixture.h"

/** The type that a variable of the kernel leads to, made where it lacks. */
static uint64_t known_type(struct nt_guest *guest, const char *variable, const char *name,
			   const char key[4])
{
	uint64_t place = nt_symbol(guest, variable), type = 0;

	memcpy(&type, nt_at(guest, place), guest->is_64 ? 8 : 4);
	if (!type) {
		type = nt_type(guest, name, key);
		nt_write_pointer(guest, place, type);
	}
	return type;
}

uint64_t nt_make_file(struct nt_guest *guest, uint64_t device, const char *path)
{
	uint64_t type = known_type(guest, "IoFileObjectType", "File", "File");
	uint64_t file = nt_make_object(guest, type, nt_size(guest, "_FILE_OBJECT"));

	nt_put(guest, file, "_FILE_OBJECT.DeviceObject", device);
	nt_put_string(guest, file + nt_offset(guest, "_FILE_OBJECT.FileName"), path);
	return file;
}

uint64_t nt_make_key(struct nt_guest *guest, uint64_t level)
{
	uint64_t type = known_type(guest, "CmKeyObjectType", "Key", "Key ");
	uint64_t key = nt_make_object(guest, type, nt_size(guest, "_CM_KEY_BODY"));

	nt_put(guest, key, "_CM_KEY_BODY.KeyControlBlock", level);
	return key;
}

/** A name whose characters are all below U+0100 has one byte for each. */
static uint64_t make_name_block(struct nt_guest *guest, const char *utf8)
{
	glong n_units;
	g_autofree gunichar2 *units = g_utf8_to_utf16(utf8, -1, NULL, &n_units, NULL);
	g_autofree char *bytes = g_malloc((size_t)n_units + 1);
	uint64_t offset = nt_offset(guest, "_CM_NAME_CONTROL_BLOCK.Name"), block;
	gunichar2 all = 0;

	for (glong i = 0; i < n_units; i++) {
		bytes[i] = (char)units[i];
		all |= units[i];
	}

	bool compressed = all < 0x100;
	size_t size = (size_t)n_units * (compressed ? 1 : 2);

	block = nt_object(guest, offset + size);
	/* the rest of it counts the keys that have this name */
	nt_put(guest, block, "_CM_NAME_CONTROL_BLOCK.RefCount", 0x2aaaaaaa);
	nt_put(guest, block, "_CM_NAME_CONTROL_BLOCK.Compressed", compressed);
	nt_put(guest, block, "_CM_NAME_CONTROL_BLOCK.NameLength", size);
	nt_write(guest, block + offset, compressed ? (void *)bytes : (void *)units, size);
	return block;
}

uint64_t nt_key_level(struct nt_guest *guest, uint64_t parent, const char *name)
{
	uint64_t level = nt_object(guest, nt_size(guest, "_CM_KEY_CONTROL_BLOCK"));

	nt_put(guest, level, "_CM_KEY_CONTROL_BLOCK.ParentKcb", parent);
	nt_put(guest, level, "_CM_KEY_CONTROL_BLOCK.NameBlock", make_name_block(guest, name));
	return level;
}

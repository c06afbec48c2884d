/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open files: FILE_OBJECT, and how long the file is that it is of.
 *
 * What a file system must keep so that a file can be mapped and cached is documented
 * ("FILE_OBJECT", "FSRTL_ADVANCED_FCB_HEADER", ntifs.h): SectionObjectPointer, and the header at
 * FsContext.
 */
#include "guest/windows/section.h"

bool wv_windows_is_file(struct wv_guest *guest, const struct wv_space *space, uint64_t object)
{
	uint64_t type;

	return wv_windows_object_type(guest, space, object, &type) &&
	       windows_is_type(to_windows(guest), space, type, SYM_FILE_TYPE);
}

/** One of SECTION_OBJECT_POINTERS; 0: there is none. */
static uint64_t read_section(const struct wv_windows *kernel, const struct wv_space *space,
			     uint64_t sections, enum windows_want which)
{
	uint64_t pointer;

	return windows_read_pointer(kernel, space, sections, which, &pointer) &&
			       wv_paging_is_upper_half(kernel->guest.paging, pointer)
		       ? pointer
		       : 0;
}

/** A length, and how much of that was ever written, from where both are kept. */
static bool read_lengths(const struct wv_windows *kernel, const struct wv_space *space,
			 uint64_t object, enum windows_want size, enum windows_want valid,
			 struct wv_windows_file *file)
{
	if (!wv_paging_is_upper_half(kernel->guest.paging, object) ||
	    !windows_read_large(kernel, space, object, size, &file->size) ||
	    !windows_read_large(kernel, space, object, valid, &file->valid))
		return false;
	/* more than the length: it is not kept for this file */
	file->valid = MIN(file->valid, file->size);
	return true;
}

static bool read_cached_size(const struct wv_windows *kernel, const struct wv_space *space,
			     struct wv_windows_file *file)
{
	uint64_t section;

	return file->cache &&
	       windows_read_large(kernel, space, file->cache, CACHE_SECTION_SIZE, &section) &&
	       read_lengths(kernel, space, file->cache, CACHE_SIZE, CACHE_VALID, file) &&
	       file->size <= section;
}

static bool read_own_size(const struct wv_windows *kernel, const struct wv_space *space,
			  struct wv_windows_file *file)
{
	uint64_t context;

	return windows_read_pointer(kernel, space, file->address, FILE_CONTEXT, &context) &&
	       read_lengths(kernel, space, context, FCB_SIZE, FCB_VALID, file);
}

static bool read_section_size(const struct wv_windows *kernel, const struct wv_space *space,
			      struct wv_windows_file *file)
{
	if (!file->data || !wv_windows_section_size(kernel, space, file->data, &file->size))
		return false;
	file->valid = file->size;
	return true;
}

bool wv_windows_file(struct wv_guest *guest, const struct wv_space *space, uint64_t object,
		     struct wv_windows_file *file)
{
	const struct wv_windows *kernel = to_windows(guest);
	const struct wv_place *pending = &kernel->places[FILE_DELETE_PENDING];
	uint64_t sections;
	uint8_t byte;

	*file = (struct wv_windows_file){ .address = object };
	if (!wv_paging_is_upper_half(guest->paging, object) ||
	    !windows_read_u32(kernel, space, object, FILE_FLAGS, &file->flags))
		return false;
	file->delete_pending =
		pending->found && wv_space_read_u8(space, object + pending->value, &byte) && byte;
	/* of what is no file of a file system, FsContext is anything */
	if (!windows_read_pointer(kernel, space, object, FILE_SECTIONS, &sections) ||
	    !wv_paging_is_upper_half(guest->paging, sections))
		return true;
	file->data = read_section(kernel, space, sections, SECTIONS_DATA);
	file->cache = read_section(kernel, space, sections, SECTIONS_CACHE);
	file->image = read_section(kernel, space, sections, SECTIONS_IMAGE);
	file->has_size = read_cached_size(kernel, space, file) ||
			 read_own_size(kernel, space, file) ||
			 read_section_size(kernel, space, file);
	if (!file->has_size)
		file->size = file->valid = 0;
	return true;
}

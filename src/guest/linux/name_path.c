/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths of names that calls were given, whether anything is there or not. */
#include "guest/linux/internal.h"

/** The directory that a name begins at. */
static bool directory_path(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
			   int32_t directory, bool absolute, char *path, size_t *size,
			   bool *truncated)
{
	const struct wv_linux *kernel = to_linux(guest);
	uint64_t fs;

	if (!absolute)
		return wv_linux_fd_path(guest, space, task, (uint32_t)directory, path, size,
					truncated);
	return kernel->places[FS_ROOT].found && linux_read_u64(kernel, space, task, TASK_FS, &fs) &&
	       wv_linux_path(guest, space, fs + kernel->places[FS_ROOT].value, path, size,
			     truncated);
}

bool wv_linux_name_path(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
			int32_t directory, const char *name, size_t name_size, char *path,
			size_t *size, bool *truncated)
{
	bool absolute = name_size && name[0] == '/', cut = false, known, slash;
	size_t name_fits = MIN(name_size, *size), length;

	slash = !absolute && name_size && name_fits < *size;
	length = *size - name_fits - slash;
	known = directory_path(guest, space, task, directory, absolute, path, &length, &cut);
	if (!known)
		length = slash = 0;
	while (name_size && length && path[length - 1] == '/')
		length--; /* "/" itself, before what has one of its own */
	if (slash)
		path[length++] = '/';
	memcpy(path + length, name + name_size - name_fits, name_fits);
	*size = length + name_fits;
	*truncated = cut || name_fits < name_size;
	return known;
}

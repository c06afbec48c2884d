/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process is started with: its command line and the like. */
#include "guest/windows/internal.h"

/**
 * Flags: until this bit is set, pointers to texts are distances from the structure (winternl.h:
 * RTL_USER_PROC_PARAMS_NORMALIZED).
 */
#define NORMALIZED 1u

static const enum windows_want wants[WV_WINDOWS_PARAMETERS] = {
	[WV_WINDOWS_IMAGE_PATH_NAME] = PARAMETERS_IMAGE_PATH,
	[WV_WINDOWS_COMMAND_LINE] = PARAMETERS_COMMAND_LINE,
	[WV_WINDOWS_DLL_PATH] = PARAMETERS_DLL_PATH,
	[WV_WINDOWS_CURRENT_DIRECTORY] = PARAMETERS_CURRENT_DIRECTORY,
};

bool wv_windows_process_parameter(struct wv_guest *guest, const struct wv_space *space,
				  uint64_t parameters, enum wv_windows_parameter which, char *text,
				  size_t *size, bool *truncated)
{
	const struct wv_windows *kernel = to_windows(guest);
	uint64_t string = parameters + kernel->places[wants[which]].value, buffer;
	size_t room = *size;
	uint16_t length;
	uint32_t flags;

	*size = 0;
	*truncated = false;
	if (!windows_has(kernel, wants[which]) ||
	    !windows_read_u32(kernel, space, parameters, PARAMETERS_FLAGS, &flags) ||
	    !wv_space_read_u16(space, string + kernel->places[UNICODE_LENGTH].value, &length) ||
	    !windows_read_pointer(kernel, space, string, UNICODE_BUFFER, &buffer))
		return false;
	if (!(flags & NORMALIZED))
		buffer += parameters;
	/* a program's structure leads to its own memory: the kernel does not follow it elsewhere */
	if (length && wv_paging_is_upper_half(kernel->guest.paging, buffer) &&
	    !wv_paging_is_upper_half(kernel->guest.paging, parameters))
		return false;
	*size = room;
	return wv_windows_text(space, buffer, length, text, size, truncated);
}

bool wv_windows_process_directory(struct wv_guest *guest, const struct wv_space *space,
				  uint64_t parameters, uint64_t *handle)
{
	return windows_read_pointer(to_windows(guest), space, parameters,
				    PARAMETERS_DIRECTORY_HANDLE, handle);
}

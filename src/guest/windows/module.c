/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modules of a program: what its own loader has noted. */
#include "guest/windows/internal.h"

/** No list that is walked has more. */
#define MODULES_MAX 1024u

/** Whether an entry of the loader's list is of the module that has the address. */
static bool covers(const struct wv_windows *kernel, const struct wv_space *space, uint64_t entry,
		   uint64_t address, struct wv_windows_module *module)
{
	uint32_t size;

	if (!windows_read_pointer(kernel, space, entry, MODULE_BASE, &module->start) ||
	    !windows_read_u32(kernel, space, entry, MODULE_SIZE, &size) ||
	    module->start + size < module->start || address - module->start >= size)
		return false;
	module->end = module->start + size;
	return true;
}

bool wv_windows_find_module(struct wv_guest *guest, const struct wv_space *space, uint64_t process,
			    uint64_t address, struct wv_windows_module *module)
{
	const struct wv_windows *kernel = to_windows(guest);
	const struct wv_place *list = &kernel->places[LOADER_MODULES];
	const struct wv_place *links = &kernel->places[MODULE_LINKS];
	const struct wv_place *name = &kernel->places[MODULE_NAME];
	uint64_t peb, loader, next;

	if (!list->found || !links->found || !name->found ||
	    !windows_read_pointer(kernel, space, process, EPROCESS_PEB, &peb) ||
	    !windows_read_pointer(kernel, space, peb, PEB_LOADER, &loader) || !loader)
		return false;
	/* the list is the program's own: it may lead anywhere, and never end */
	next = loader + list->value;
	for (unsigned i = 0; i < MODULES_MAX; i++) {
		size_t size = sizeof(module->name);
		uint64_t entry;

		if (!windows_read_word(space, next, &next) || next == loader + list->value)
			return false;
		entry = next - links->value;
		if (!covers(kernel, space, entry, address, module))
			continue;
		if (!wv_windows_string(guest, space, entry + name->value, module->name, &size,
				       &module->name_truncated))
			return false;
		module->name_size = (uint16_t)size;
		return true;
	}
	return false;
}

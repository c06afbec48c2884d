/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The modules of a program: what its own loader has noted. The list is the program's own: it may
 * lead anywhere, and never end.
 */
#include "guest/windows/internal.h"

#include <string.h>

/** No list that is walked has more. */
#define MODULES_MAX 1024u
/** Nor is one complete that has fewer: each program has its image and ntdll.dll. */
#define MODULES_MIN 2u
/** What is looked at of an entry is in as many bytes from its links on. */
#define ENTRY_MAX 128u

/** Where a member of an entry is, counted from the entry's link. */
static size_t behind_link(const struct wv_windows *kernel, enum windows_want want)
{
	return (size_t)(kernel->places[want].value - kernel->places[MODULE_LINKS].value);
}

/** Whether the kernel's profile tells what is needed, and as it is in all builds: links first. */
static bool is_known(const struct wv_windows *kernel)
{
	return windows_has(kernel, LOADER_MODULES) && windows_has(kernel, MODULE_LINKS) &&
	       windows_has(kernel, MODULE_BASE) && windows_has(kernel, MODULE_SIZE) &&
	       windows_has(kernel, MODULE_NAME) &&
	       behind_link(kernel, MODULE_BASE) <= ENTRY_MAX - sizeof(uint64_t) &&
	       behind_link(kernel, MODULE_SIZE) <= ENTRY_MAX - sizeof(uint32_t);
}

/** Reads an entry at once. False, and it is all 0, when it is not there. */
static bool read_entry(const struct wv_windows *kernel, const struct wv_space *space, uint64_t link,
		       struct wv_windows_module_entry *entry)
{
	size_t word = wv_guest_word(&kernel->guest);
	size_t start = behind_link(kernel, MODULE_BASE), size = behind_link(kernel, MODULE_SIZE);
	uint8_t bytes[ENTRY_MAX];

	memset(entry, 0, sizeof(*entry));
	if (!wv_space_read(space, link, bytes, MAX(start + word, size + sizeof(entry->size))))
		return false;
	/* LIST_ENTRY: Flink, Blink */
	memcpy(&entry->next, bytes, word);
	memcpy(&entry->previous, bytes + word, word);
	memcpy(&entry->start, bytes + start, word);
	memcpy(&entry->size, bytes + size, sizeof(entry->size));
	return true;
}

static bool covers(const struct wv_windows_module_entry *entry, uint64_t address)
{
	return entry->start + entry->size >= entry->start && address - entry->start < entry->size;
}

/** Where the list's head is; 0: the program has none, or it can not be read. */
static uint64_t find_head(const struct wv_windows *kernel, const struct wv_space *space,
			  uint64_t process)
{
	uint64_t peb, loader;

	if (!windows_read_pointer(kernel, space, process, EPROCESS_PEB, &peb) ||
	    !windows_read_pointer(kernel, space, peb, PEB_LOADER, &loader) || !loader)
		return 0;
	return loader + kernel->places[LOADER_MODULES].value;
}

/** Walks the list as far as the module with the address; notes the last entry that it sees. */
static enum wv_windows_module_state walk(const struct wv_windows *kernel,
					 const struct wv_space *space, uint64_t head,
					 uint64_t address, struct wv_windows_module *module)
{
	uint64_t from = head, link;
	unsigned count = 0;

	if (!head || !windows_read_word(space, head, &link))
		return WV_MODULE_UNREADABLE;
	for (; link != head && count < MODULES_MAX; count++) {
		module->from = from;
		module->link = link;
		if (!read_entry(kernel, space, link, &module->entry))
			return WV_MODULE_UNREADABLE;
		if (covers(&module->entry, address))
			return WV_MODULE_FOUND;
		from = link;
		link = module->entry.next;
	}
	return link == head && count >= MODULES_MIN ? WV_MODULE_NONE : WV_MODULE_UNREADABLE;
}

/**
 * Whether the list is as it was where the last search ended. What is taken out of it changes its
 * neighbours' links: that which led to the entry, or, where the neighbour itself was taken out
 * before, the entry's own. What is added is behind the last one.
 */
static bool is_as_before(const struct wv_windows *kernel, const struct wv_space *space,
			 const struct wv_windows_module *module)
{
	const struct wv_windows_module_entry *before = &module->entry;
	struct wv_windows_module_entry now;
	uint64_t link;

	if (!module->from || !windows_read_word(space, module->from, &link) || link != module->link)
		return false;
	read_entry(kernel, space, link, &now);
	return now.next == before->next && now.previous == before->previous &&
	       now.start == before->start && now.size == before->size;
}

static bool read_name(struct wv_guest *guest, const struct wv_space *space,
		      struct wv_windows_module *module)
{
	size_t size = sizeof(module->name);
	uint64_t name = module->link + behind_link(to_windows(guest), MODULE_NAME);

	if (!wv_windows_string(guest, space, name, module->name, &size, &module->name_truncated))
		return false;
	module->name_size = (uint16_t)size;
	return true;
}

/** Whether there is as much of the name as there is room for: the rest may be in the page file yet.
 */
static bool has_name(const struct wv_windows_module *module)
{
	return module->name_size && (!module->name_truncated ||
				     wv_windows_is_full(module->name_size, sizeof(module->name)));
}

enum wv_windows_module_state wv_windows_find_module(struct wv_guest *guest,
						    const struct wv_space *space, uint64_t process,
						    uint64_t address,
						    struct wv_windows_module *module)
{
	const struct wv_windows *kernel = to_windows(guest);

	if (!is_known(kernel))
		return WV_MODULE_UNREADABLE;
	if (!is_as_before(kernel, space, module) ||
	    (module->state == WV_MODULE_FOUND && !covers(&module->entry, address))) {
		module->from = 0;
		module->name_size = 0;
		module->state =
			walk(kernel, space, find_head(kernel, space, process), address, module);
	}
	/* the module was found, whether its name is there or not */
	if (module->state == WV_MODULE_FOUND && !has_name(module) &&
	    !read_name(guest, space, module))
		return WV_MODULE_UNREADABLE;
	return module->state;
}

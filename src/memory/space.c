/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads of virtual memory: linear ranges by arithmetic, the rest by a walk. */
#include "memory/space.h"

#include <glib.h>

#include "base/copy.h"

#define PAGE_SIZE UINT64_C(4096)

void wv_linear_map(struct wv_linear *linear, const struct wv_machine *machine)
{
	linear->host = linear->size ? wv_machine_ram(machine, linear->physical, 1) : NULL;
	linear->mapped = 0;
	for (unsigned i = 0; linear->host && i < machine->n_ram; i++) {
		const struct wv_ram *ram = &machine->ram[i];
		uint64_t offset = linear->physical - ram->start;

		if (offset < ram->size)
			linear->mapped = MIN(linear->size, ram->size - offset);
	}
}

bool wv_space_translate(const struct wv_space *space, uint64_t address, uint64_t *physical,
			uint64_t *contiguous)
{
	if (space->linear) {
		for (unsigned i = 0; i < WV_LINEAR_MAX; i++) {
			const struct wv_linear *linear = &space->linear[i];
			uint64_t offset = address - linear->start;

			if (offset < linear->size) {
				*physical = linear->physical + offset;
				*contiguous = linear->size - offset;
				return true;
			}
		}
	}

	struct wv_mapping mapping;

	if (!wv_paging_walk(space->machine, &space->paging, address, &mapping, NULL))
		return false;
	*physical = mapping.physical;
	*contiguous = mapping.size - (address & (mapping.size - 1));
	return true;
}

/** Reads through page tables of our own walking, or through none where a range is linear. */
static bool read_translated(const struct wv_space *space, uint64_t address, void *buffer,
			    size_t size)
{
	uint64_t physical, contiguous;

	return wv_space_translate(space, address, &physical, &contiguous) && contiguous >= size &&
	       wv_machine_read_physical(space->machine, physical, buffer, size);
}

/**
 * Reads one piece of at most a page. Without mapped RAM the driver's own translation comes first;
 * it knows only the space that the vCPU is in, and the kernel's half, which all spaces share. With
 * page-table isolation it does not know that half in user mode: then, too, the tables are walked.
 */
static bool read_piece(const struct wv_space *space, uint64_t address, void *buffer, size_t size)
{
	struct wv_machine *machine = space->machine;
	bool shared = (int64_t)address < 0;

	if (!machine->n_ram && machine->ops->read_virtual && (space->current || shared) &&
	    machine->ops->read_virtual(machine, space->vcpu, address, buffer, size))
		return true;
	return read_translated(space, address, buffer, size);
}

bool wv_space_read(const struct wv_space *space, uint64_t address, void *buffer, size_t size)
{
	const uint8_t *host = wv_space_host(space, address, size);
	uint8_t *out = buffer;

	if (host) {
		wv_copy(buffer, host, size);
		return true;
	}
	while (size) {
		uint64_t piece = PAGE_SIZE - (address & (PAGE_SIZE - 1));

		if (piece > size)
			piece = size;
		if (!read_piece(space, address, out, piece))
			return false;
		address += piece;
		out += piece;
		size -= piece;
	}
	return true;
}

size_t wv_space_write(const struct wv_space *space, uint64_t address, const void *data, size_t size)
{
	struct wv_mapping mapping;
	size_t done = 0;

	while (done < size) {
		uint64_t piece = PAGE_SIZE - (address & (PAGE_SIZE - 1));

		if (piece > size - done)
			piece = size - done;
		/* a page that is not writable may be one that others have as well */
		if (!wv_paging_walk(space->machine, &space->paging, address, &mapping, NULL) ||
		    !mapping.writable ||
		    !wv_machine_write_physical(space->machine, mapping.physical,
					       (const uint8_t *)data + done, piece))
			break;
		done += piece;
		address += piece;
	}
	return done;
}

enum wv_string_end wv_space_read_string(const struct wv_space *space, uint64_t address,
					char *buffer, size_t size, size_t *length)
{
	size_t done = 0;

	while (done < size) {
		/* never across a page: the string may end before a page that is not there */
		uint64_t piece = PAGE_SIZE - (address & (PAGE_SIZE - 1));

		if (piece > size - done)
			piece = size - done;
		if (!read_piece(space, address, buffer + done, piece)) {
			*length = done;
			return WV_STRING_UNREADABLE;
		}

		const char *end = memchr(buffer + done, 0, piece);

		if (end) {
			*length = (size_t)(end - buffer);
			return WV_STRING_WHOLE;
		}
		done += piece;
		address += piece;
	}
	*length = done;

	/* exactly as long as the buffer: whole after all if its NUL comes next */
	uint8_t next;

	if (wv_space_read_u8(space, address, &next) && !next)
		return WV_STRING_WHOLE;
	return WV_STRING_TRUNCATED;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An address space of the guest: virtual addresses, typed reads, bounded strings.
 *
 * Page tables are walked each time, with no cache: always right, and four loads are cheap. What a
 * guest layer knows to be mapped linearly (Linux's direct map and kernel image) is translated by
 * arithmetic instead.
 *
 * Nothing here allocates or trusts the guest: a read fails where memory is not present, and what
 * was read may change in the guest at any time.
 */
#ifndef WV_MEMORY_SPACE_H
#define WV_MEMORY_SPACE_H

#include "machine/machine.h"
#include "memory/paging.h"

#define WV_LINEAR_MAX 2

/** A range of virtual addresses that lies in physical memory in one piece. */
struct wv_linear {
	uint64_t start; /**< virtual */
	uint64_t size;	/**< bytes; 0: unused */
	uint64_t physical;
	/* Set by wv_linear_map(): reads of this part need no translation at all. */
	const uint8_t *host; /**< the host's view of the start, or NULL */
	uint64_t mapped;     /**< bytes from the start that are there in one piece */
};

struct wv_space {
	struct wv_machine *machine;
	unsigned vcpu;			/**< whose events this space is used in */
	struct wv_paging paging;	/**< root 0: only linear ranges can be read */
	bool current;			/**< it is the one that the vCPU's CR3 points to now */
	const struct wv_linear *linear; /**< WV_LINEAR_MAX of them, or NULL */
};

/** Looks up where the machine has this range mapped. Once RAM is, and again when that changes. */
void wv_linear_map(struct wv_linear *linear, const struct wv_machine *machine);

/** The host's view of guest memory that lies wholly in one linear range, or NULL. */
static inline const uint8_t *wv_space_host(const struct wv_space *space, uint64_t address,
					   size_t size)
{
	if (!space->linear)
		return NULL;
	for (unsigned i = 0; i < WV_LINEAR_MAX; i++) {
		const struct wv_linear *linear = &space->linear[i];
		uint64_t offset = address - linear->start;

		if (offset < linear->mapped && size <= linear->mapped - offset)
			return linear->host + offset;
	}
	return NULL;
}

/** Translates; also tells how many bytes follow in the same piece of physical memory. */
bool wv_space_translate(const struct wv_space *space, uint64_t address, uint64_t *physical,
			uint64_t *contiguous);

/** Reads across pages. False when any byte is not readable; the buffer is then undefined. */
bool wv_space_read(const struct wv_space *space, uint64_t address, void *buffer, size_t size);

/** Likewise of a size that the compiler knows: most of the kernel's objects are in linear ranges.
 */
static inline bool wv_space_read_fixed(const struct wv_space *space, uint64_t address, void *buffer,
				       size_t size)
{
	const uint8_t *host = wv_space_host(space, address, size);

	if (!host)
		return wv_space_read(space, address, buffer, size);
	memcpy(buffer, host, size);
	return true;
}

static inline bool wv_space_read_u8(const struct wv_space *space, uint64_t address, uint8_t *value)
{
	return wv_space_read_fixed(space, address, value, sizeof(*value));
}

static inline bool wv_space_read_u16(const struct wv_space *space, uint64_t address,
				     uint16_t *value)
{
	return wv_space_read_fixed(space, address, value, sizeof(*value));
}

static inline bool wv_space_read_u32(const struct wv_space *space, uint64_t address,
				     uint32_t *value)
{
	return wv_space_read_fixed(space, address, value, sizeof(*value));
}

static inline bool wv_space_read_u64(const struct wv_space *space, uint64_t address,
				     uint64_t *value)
{
	return wv_space_read_fixed(space, address, value, sizeof(*value));
}

/**
 * Writes across pages that are mapped writable. Returns how many bytes were written: fewer than
 * @size where a page is not there or not writable, and none where RAM is not mapped.
 */
size_t wv_space_write(const struct wv_space *space, uint64_t address, const void *data,
		      size_t size);

/** How the reading of a string ended. */
enum wv_string_end {
	WV_STRING_WHOLE,      /**< its NUL was found */
	WV_STRING_TRUNCATED,  /**< it is longer than the buffer */
	WV_STRING_UNREADABLE, /**< memory ended first; what came before it is in the buffer */
};

/**
 * Reads bytes up to a NUL. At most @size bytes are stored, the NUL not among them.
 *
 * @length: how many bytes were stored.
 */
enum wv_string_end wv_space_read_string(const struct wv_space *space, uint64_t address,
					char *buffer, size_t size, size_t *length);

#endif

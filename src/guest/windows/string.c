/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UNICODE_STRINGs, and other texts of the kernel, as UTF-8. */
#include "guest/windows/internal.h"

/** Code units that are read at once. */
#define UNITS 256u

#define REPLACEMENT 0xfffdu

static bool is_high(uint32_t unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(uint32_t unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

/** Where text is put; it ends at the last whole character that fits. */
struct sink {
	char *text;
	size_t used, room;
	uint32_t high; /* half of a pair whose other half comes next; 0: none */
};

static bool put(struct sink *sink, uint32_t character)
{
	char bytes[6];
	gint size = g_unichar_to_utf8(character, bytes);

	if (sink->room - sink->used < (size_t)size)
		return false;
	memcpy(sink->text + sink->used, bytes, (size_t)size);
	sink->used += (size_t)size;
	return true;
}

static bool put_unit(struct sink *sink, uint32_t unit)
{
	uint32_t high = sink->high;

	sink->high = 0;
	if (high && is_low(unit))
		return put(sink, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
	if (high && !put(sink, REPLACEMENT))
		return false;
	if (is_high(unit)) {
		sink->high = unit;
		return true;
	}
	return put(sink, is_low(unit) ? REPLACEMENT : unit);
}

/** Reads code units of two bytes, or of one. */
static bool read_units(const struct wv_space *space, uint64_t address, unsigned width,
		       uint16_t *units, uint32_t count)
{
	const uint8_t *bytes = (const uint8_t *)units;

	if (!wv_space_read(space, address, units, count * width))
		return false;
	/* the last one first: what it takes the place of is done */
	for (uint32_t i = width == 1 ? count : 0; i-- > 0;)
		units[i] = bytes[i];
	return true;
}

/** @left: how many code units of that width there are. */
static bool read_text(const struct wv_space *space, uint64_t buffer, unsigned width, uint32_t left,
		      char *text, size_t *size, bool *truncated)
{
	struct sink sink = { .text = text, .room = *size };
	uint16_t units[UNITS];

	*truncated = false;
	while (left && !*truncated) {
		/* never across a page: its end may not be there */
		uint64_t in_page = (4096 - (buffer & 4095)) / width;
		uint32_t count = MIN(MIN(left, UNITS), (uint32_t)MAX(in_page, 1));

		if (!read_units(space, buffer, width, units, count)) {
			*truncated = true;
			break;
		}
		for (uint32_t i = 0; i < count && !*truncated; i++)
			*truncated = !put_unit(&sink, units[i]);
		buffer += count * width;
		left -= count;
	}
	if (sink.high && !*truncated)
		*truncated = !put(&sink, REPLACEMENT);
	*size = sink.used;
	return sink.used || !*truncated;
}

bool wv_windows_text(const struct wv_space *space, uint64_t buffer, uint32_t length, char *text,
		     size_t *size, bool *truncated)
{
	return read_text(space, buffer, 2, length / 2u, text, size, truncated);
}

bool wv_windows_narrow_text(const struct wv_space *space, uint64_t buffer, uint32_t length,
			    char *text, size_t *size, bool *truncated)
{
	return read_text(space, buffer, 1, length, text, size, truncated);
}

bool wv_windows_string(struct wv_guest *guest, const struct wv_space *space, uint64_t address,
		       char *text, size_t *size, bool *truncated)
{
	const struct wv_windows *kernel = to_windows(guest);
	size_t room = *size;
	uint16_t length;
	uint64_t buffer;

	*truncated = false;
	*size = 0;
	if (!address ||
	    !wv_space_read_u16(space, address + kernel->places[UNICODE_LENGTH].value, &length) ||
	    !windows_read_pointer(kernel, space, address, UNICODE_BUFFER, &buffer))
		return false;
	*size = room;
	return wv_windows_text(space, buffer, length, text, size, truncated);
}

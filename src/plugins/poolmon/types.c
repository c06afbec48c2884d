/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of pool types and flags. */
#include "plugins/poolmon/types.h"

#include <stdio.h>
#include <string.h>

/** All bits of a table of single bits. */
static uint64_t bits_of(const struct wv_name_table *flags)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < flags->count; i++)
		bits |= flags->names[i].value;
	return bits;
}

/** The kind of pool with the most of the type's bits, all others being flags; or NULL. */
static const struct wv_name *find_kind(uint64_t type)
{
	uint64_t flags = bits_of(&wv_names_pool_type_flags);

	for (size_t i = wv_names_pool_types.count; i-- > 0;) {
		const struct wv_name *kind = &wv_names_pool_types.names[i];

		if ((type & kind->value) == kind->value && !(type & ~kind->value & ~flags))
			return kind;
	}
	return NULL;
}

void poolmon_format_type(uint64_t type, char *text, size_t size)
{
	const struct wv_name *kind = find_kind(type);

	snprintf(text, size, "%s", kind ? kind->name : "unknown_pool_type");
	if (!kind || type == kind->value)
		return;

	size_t used = strlen(text);

	if (used + 1 < size) {
		text[used++] = '|';
		wv_format_flags(&wv_names_pool_type_flags, type & ~kind->value, text + used,
				size - used);
	}
}

void poolmon_format_flags(uint64_t flags, char *text, size_t size)
{
	wv_format_flags(&wv_names_pool_flags, flags, text, size);
}

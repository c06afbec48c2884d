/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader's side: definitions get their decoders, raw arguments their texts. */
#include "plugins/syscalls/syscalls.h"

void syscalls_resolve(struct wv_definition *definition)
{
	bool compat = definition->flags & SYSCALLS_COMPAT;

	for (unsigned i = 0; i < definition->n_arguments; i++) {
		definition->decoders[i] = wv_decoder_for(definition->name, definition->types[i],
							 definition->arguments[i]);
		definition->bits[i] = (uint8_t)wv_type_bits(definition->types[i], compat);
	}
}

void syscalls_raw_text(const struct wv_definition *definition, unsigned index,
		       const struct wv_raw *raw, GString *text)
{
	struct wv_arg arg = {
		.decoder = definition->decoders[index],
		.number = raw->number,
		.bytes = raw->captured ? (const uint8_t *)raw->bytes.data : NULL,
		.size = raw->captured ? raw->bytes.size : 0,
		.call = raw->numbers,
		.index = (uint8_t)index,
		.bits = definition->bits[index],
		.compat = definition->flags & SYSCALLS_COMPAT,
		.truncated = raw->truncated,
		.unreadable = !raw->captured,
	};

	wv_decode(&arg, text);
}

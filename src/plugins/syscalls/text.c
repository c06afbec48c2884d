/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader's side: definitions get their decoders, raw arguments their texts. */
#include "plugins/syscalls/nt.h"
#include "plugins/syscalls/syscalls.h"

G_STATIC_ASSERT(WV_SYSCALL_ARGS <= WV_DEFINITION_ARGS && WV_NT_ARGS <= WV_DEFINITION_ARGS);

void syscalls_resolve(struct wv_definition *definition)
{
	bool compat = definition->flags & SYSCALLS_COMPAT;

	for (unsigned i = 0; i < definition->n_arguments; i++) {
		definition->decoders[i] = wv_decoder_for(definition->name, definition->types[i],
							 definition->arguments[i]);
		definition->bits[i] = (uint8_t)wv_type_bits(definition->types[i], compat);
	}
}

void syscalls_resolve_nt(struct wv_definition *definition)
{
	bool compat = definition->flags & SYSCALLS_COMPAT;
	const struct wv_nt_prototype *prototype = wv_nt_prototype_find(definition->name);

	for (unsigned i = 0; i < definition->n_arguments; i++) {
		const struct wv_nt_argument *argument = wv_nt_argument_at(prototype, i);

		definition->decoders[i] = argument->decoder;
		definition->bits[i] = compat ? argument->bits_compat : argument->bits;
	}
}

static void decode(const struct wv_definition *definition, unsigned index, const struct wv_raw *raw,
		   bool returned, GString *text)
{
	struct wv_arg arg = {
		.decoder = definition->decoders[index],
		.number = raw->number,
		.bytes = raw->captured ? (const uint8_t *)raw->bytes.data : NULL,
		.size = raw->captured ? raw->bytes.size : 0,
		.call = raw->numbers,
		.n_call = (uint8_t)definition->n_arguments,
		.index = (uint8_t)index,
		.bits = definition->bits[index],
		.returned = returned,
		.compat = definition->flags & SYSCALLS_COMPAT,
		.truncated = raw->truncated,
		.unreadable = !raw->captured,
	};

	wv_decode(&arg, text);
}

void syscalls_raw_text(const struct wv_definition *definition, unsigned index,
		       const struct wv_raw *raw, GString *text)
{
	decode(definition, index, raw, false, text);
}

void syscalls_raw_text_of_return(const struct wv_definition *definition, unsigned index,
				 const struct wv_raw *raw, GString *text)
{
	decode(definition, index, raw, true, text);
}

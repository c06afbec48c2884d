/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The prototypes of Windows' services by name, and their arguments as decoders want them. */
#include <stdlib.h>
#include <string.h>

#include "plugins/syscalls/tables.h"

const struct wv_nt_prototype *wv_nt_prototypes(size_t *count)
{
	*count = wv_nt_table_size;
	return wv_nt_table;
}

static int compare_name(const void *name, const void *row)
{
	return strcmp(name, ((const struct wv_nt_prototype *)row)->name);
}

const struct wv_nt_prototype *wv_nt_prototype_find(const char *name)
{
	return bsearch(name, wv_nt_table, wv_nt_table_size, sizeof(wv_nt_table[0]), compare_name);
}

const struct wv_nt_argument *wv_nt_argument_at(const struct wv_nt_prototype *prototype,
					       unsigned index)
{
	if (prototype && index < prototype->n_arguments)
		return &prototype->arguments[index];
	return &wv_nt_unknown.arguments[MIN(index, WV_NT_ARGS - 1u)];
}

struct wv_arg wv_nt_arg(const struct wv_nt_prototype *prototype, unsigned index,
			const uint64_t *call, unsigned n_call, bool compat)
{
	const struct wv_nt_argument *argument = wv_nt_argument_at(prototype, index);

	return (struct wv_arg){
		.decoder = argument->decoder,
		.number = index < n_call ? call[index] : 0,
		.call = call,
		.n_call = (uint8_t)n_call,
		.index = (uint8_t)index,
		.status_block = prototype ? prototype->status_block : WV_NT_ARGS,
		.bits = compat ? argument->bits_compat : argument->bits,
		.compat = compat,
	};
}

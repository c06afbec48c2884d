/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arguments of system calls made by hand, and their texts. */
#include <string.h>

#include "syscall_text.h"

struct wv_arg argument(const char *call, const char *type, const char *name, uint64_t number)
{
	return (struct wv_arg){
		.decoder = wv_decoder_for(call, type, name),
		.number = number,
		.bits = (uint8_t)wv_type_bits(type, false),
	};
}

struct wv_arg nt_argument(const char *service, const char *name, uint64_t number)
{
	const struct wv_nt_prototype *prototype = wv_nt_prototype_find(service);
	struct wv_arg arg;
	unsigned index = 0;

	g_assert(prototype);
	while (strcmp(wv_nt_argument_at(prototype, index)->name, name) != 0)
		if (++index == prototype->n_arguments)
			g_error("%s has no %s", service, name);
	arg = wv_nt_arg(prototype, index, NULL, 0, false);
	arg.number = number;
	return arg;
}

void set_bytes(struct wv_arg *arg, const void *bytes, size_t size)
{
	static GPtrArray *copies;

	if (!copies)
		copies = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(copies, g_malloc(MAX(size, 1)));
	arg->bytes = g_ptr_array_index(copies, copies->len - 1);
	memcpy((void *)arg->bytes, bytes, size);
	arg->size = size;
}

const char *text_of(const struct wv_arg *arg)
{
	static GString *out;

	if (!out)
		out = g_string_new(NULL);
	g_string_truncate(out, 0);
	wv_decode(arg, out);
	return out->str;
}

const char *number_text(const char *call, const char *type, const char *name, uint64_t number)
{
	struct wv_arg arg = argument(call, type, name, number);

	return text_of(&arg);
}

const char *nt_number_text(const char *service, const char *name, uint64_t number)
{
	struct wv_arg arg = nt_argument(service, name, number);

	return text_of(&arg);
}

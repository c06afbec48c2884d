/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects of Windows: handles, and the texts that name them. */
#include <string.h>

#include "plugins/syscalls/nt_format.h"

/* Nearly every object is opened with it: told is what says more. */
#define OBJ_CASE_INSENSITIVE 0x40u /* ntdef.h */

/* Handles ---------------------------------------------------------------------------------------*/

void wv_append_handle(const struct wv_arg *arg, GString *out, uint64_t handle)
{
	/* winternl.h and phnt, ntpsapi.h: macros of these names, from -1 down */
	static const char *const pseudo[] = {
		"NtCurrentProcess",	 "NtCurrentThread",	 "NtCurrentSession",
		"NtCurrentProcessToken", "NtCurrentThreadToken", "NtCurrentThreadEffectiveToken",
	};
	int64_t number = arg->compat ? (int32_t)handle : (int64_t)handle;

	if (wv_nt_is_pseudo_handle(number))
		wv_append_string(out, pseudo[-(number + 1)]);
	else
		wv_append_address(out, handle);
}

/* "<type:name>" from offset @at on; either may lack. */
static void append_object(const struct wv_arg *arg, GString *out, size_t at)
{
	if (!arg->bytes || arg->size <= at)
		return;

	const uint8_t *type = arg->bytes + at;
	size_t size = arg->size - at;
	const uint8_t *end = memchr(type, '\0', size);
	size_t type_size = end ? (size_t)(end - type) : size;
	size_t name_at = end ? type_size + 1 : size;

	if (!type_size && name_at == size)
		return;
	wv_append_char(out, '<');
	wv_append_bytes(out, type, type_size);
	if (type_size && name_at < size)
		wv_append_char(out, ':');
	wv_append_bytes(out, type + name_at, size - name_at);
	wv_append_more(arg, out);
	wv_append_char(out, '>');
}

void wv_decode_handle(const struct wv_arg *arg, GString *out)
{
	wv_append_handle(arg, out, wv_number(arg));
	append_object(arg, out, 0);
}

void wv_decode_handle_at(const struct wv_arg *arg, GString *out)
{
	if (!wv_has(arg, 0, 8)) {
		wv_append_address(out, wv_number(arg));
		return;
	}
	wv_append_handle(arg, out, wv_u64(arg, 0));
	append_object(arg, out, 8);
}

static void append_handle_of_word(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_handle(arg, out, wv_word(arg, at));
}

/* 32 bits of a handle stand for all, with their sign. */
static void append_handle_of_32_bits(const struct wv_arg *arg, GString *out, size_t at)
{
	int32_t handle = (int32_t)wv_u32(arg, at);

	wv_append_handle(arg, out, arg->compat ? (uint32_t)handle : (uint64_t)(int64_t)handle);
}

/* Handles in a row: of a word each, or of 32 bits for all kernels. */
void wv_decode_handles(const struct wv_arg *arg, GString *out)
{
	if (arg->decoder->size == 4)
		wv_append_array(arg, out, 0, 4, append_handle_of_32_bits);
	else
		wv_append_array(arg, out, 0, wv_word_size(arg), append_handle_of_word);
}

/* Texts -----------------------------------------------------------------------------------------*/

void wv_decode_unicode_string(const struct wv_arg *arg, GString *out)
{
	wv_append_bytes(out, arg->bytes, arg->size);
	wv_append_more(arg, out);
}

/* One character of UTF-16, or U+FFFD for half a pair; returns how many bytes it takes. */
static size_t next_character(const struct wv_arg *arg, size_t at, gunichar *character)
{
	uint32_t unit = wv_u16(arg, at), low = wv_u16(arg, at + 2);

	*character = unit;
	if ((unit & 0xf800) != 0xd800)
		return 2;
	if ((unit & 0x400) == 0 && (low & 0xfc00) == 0xdc00) {
		*character = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
		return 4;
	}
	*character = 0xfffd;
	return 2;
}

/* Text as the guest has it, up to its NUL if it has one. What is no pointer is the number of an
 * atom, and was not captured. */
void wv_decode_wide_text(const struct wv_arg *arg, GString *out)
{
	gunichar character;
	char text[6];

	for (size_t at = 0; wv_has(arg, at, 2);) {
		at += next_character(arg, at, &character);
		if (!character)
			return;
		wv_append_bytes(out, text, (size_t)g_unichar_to_utf8(character, text));
	}
	wv_append_more(arg, out);
}

static void append_root(const struct wv_arg *arg, GString *out, uint64_t root, size_t size)
{
	if (size) {
		wv_append_bytes(out, arg->bytes + sizeof(struct wv_nt_object_attributes), size);
	} else if (root) {
		wv_append_char(out, '<');
		wv_append_handle(arg, out, root);
		wv_append_char(out, '>');
	}
}

/* The path, RootDirectory's and the object's own name; then the attributes that say something. */
void wv_decode_object_attributes(const struct wv_arg *arg, GString *out)
{
	struct wv_nt_object_attributes head;
	size_t start = out->len;

	if (!wv_has(arg, 0, sizeof(head))) {
		wv_append_address(out, wv_number(arg));
		return;
	}
	memcpy(&head, arg->bytes, sizeof(head));

	size_t left = arg->size - sizeof(head);
	size_t root_size = MIN(head.root_size, left);
	size_t name_size = left - root_size;

	append_root(arg, out, head.root, root_size);
	if (name_size && out->len > start && out->str[out->len - 1] != '\\')
		wv_append_char(out, '\\');
	wv_append_bytes(out, arg->bytes + arg->size - name_size, name_size);
	wv_append_more(arg, out);
	if (head.attributes & ~OBJ_CASE_INSENSITIVE) {
		wv_append_string(out, out->len > start ? " (" : "(");
		wv_append_flags(out, arg->decoder->names, head.attributes & ~OBJ_CASE_INSENSITIVE);
		wv_append_char(out, ')');
	}
}

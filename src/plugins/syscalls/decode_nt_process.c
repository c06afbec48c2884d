/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes and threads of Windows: what they are made of, who they are, what they run into. */
#include <string.h>

#include "plugins/syscalls/nt_format.h"

/* The low bits of an attribute are its number (winternl.h: PS_ATTRIBUTE_NUMBER_MASK). */
#define ATTRIBUTE_NUMBER 0xffff

/* CLIENT_ID -------------------------------------------------------------------------------------*/

void wv_append_client_id(const struct wv_arg *arg, GString *out, size_t offset)
{
	wv_append_member(out, "UniqueProcess");
	wv_append_u64(out, wv_word(arg, offset));
	wv_append_member(out, "UniqueThread");
	wv_append_u64(out, wv_word(arg, offset + wv_word_size(arg)));
}

void wv_decode_client_id(const struct wv_arg *arg, GString *out)
{
	wv_append_char(out, '{');
	wv_append_client_id(arg, out, 0);
	wv_append_char(out, '}');
}

/* Making ----------------------------------------------------------------------------------------*/

/* The texts that were captured; one that is empty, or was not in memory, is left out. */
void wv_decode_process_parameters(const struct wv_arg *arg, GString *out)
{
	static const char *const names[WV_NT_PARAMETER_COUNT] = {
		[WV_NT_IMAGE_PATH_NAME] = "ImagePathName",
		[WV_NT_COMMAND_LINE] = "CommandLine",
		[WV_NT_DLL_PATH] = "DllPath",
		[WV_NT_CURRENT_DIRECTORY] = "CurrentDirectory",
	};
	size_t at = 0;

	wv_append_char(out, '{');
	for (unsigned i = 0; i < WV_NT_PARAMETER_COUNT && wv_has(arg, at, 2); i++) {
		size_t size = wv_u16(arg, at);

		at += 2;
		if (size == WV_NT_NO_TEXT || !size)
			continue;
		size = MIN(size, arg->size - at);
		wv_append_member(out, names[i]);
		wv_append_quoted_text(out, arg->bytes + at, size);
		at += size;
	}
	wv_append_closing(arg, out, '}');
}

/* PS_ATTRIBUTE: Attribute, Size, Value, ReturnLength, a word each. */
static void append_attribute(const struct wv_arg *arg, GString *out, size_t at)
{
	size_t word = wv_word_size(arg);

	wv_append_name(out, arg->decoder->names, wv_word(arg, at) & ATTRIBUTE_NUMBER);
	WV_APPEND(out, "={");
	wv_append_member(out, "Size");
	wv_append_u64(out, wv_word(arg, at + word));
	wv_append_word_member(arg, out, "Value", at + 2 * word);
	wv_append_char(out, '}');
}

/* PS_ATTRIBUTE_LIST: its size in bytes, then the attributes. */
void wv_decode_attribute_list(const struct wv_arg *arg, GString *out)
{
	size_t word = wv_word_size(arg);

	wv_append_array(arg, out, word, 4 * word, append_attribute);
}

/* PS_CREATE_INFO: its size, and how far it went. */
void wv_decode_create_info(const struct wv_arg *arg, GString *out)
{
	wv_append_char(out, '{');
	wv_append_member(out, "State");
	wv_append_name(out, arg->decoder->names, wv_u32(arg, wv_word_size(arg)));
	wv_append_char(out, '}');
}

/* INITIAL_TEB: the old stack's base and limit, the stack's, and where it was allocated. */
void wv_decode_initial_teb(const struct wv_arg *arg, GString *out)
{
	size_t word = wv_word_size(arg);

	wv_append_char(out, '{');
	wv_append_word_member(arg, out, "StackBase", 2 * word);
	wv_append_word_member(arg, out, "StackLimit", 3 * word);
	wv_append_word_member(arg, out, "StackAllocationBase", 4 * word);
	wv_append_char(out, '}');
}

/* Running ---------------------------------------------------------------------------------------*/

/* EXCEPTION_RECORD, as far as its count of parameters: code, flags, another record, where. */
void wv_decode_exception_record(const struct wv_arg *arg, GString *out)
{
	size_t word = wv_word_size(arg);

	wv_append_char(out, '{');
	wv_append_member(out, "ExceptionCode");
	wv_append_status(out, wv_u32(arg, 0));
	wv_append_member(out, "ExceptionFlags");
	wv_append_hex(out, wv_u32(arg, 4));
	wv_append_word_member(arg, out, "ExceptionAddress", 8 + word);
	wv_append_member(out, "NumberParameters");
	wv_append_u64(out, wv_u32(arg, 8 + 2 * word));
	wv_append_char(out, '}');
}

/* MEMORY_RANGE_ENTRY. */
static void append_range(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_char(out, '{');
	wv_append_word_member(arg, out, "VirtualAddress", at);
	wv_append_member(out, "NumberOfBytes");
	wv_append_u64(out, wv_word(arg, at + wv_word_size(arg)));
	wv_append_char(out, '}');
}

void wv_decode_memory_ranges(const struct wv_arg *arg, GString *out)
{
	wv_append_array(arg, out, 0, 2 * wv_word_size(arg), append_range);
}

/* PROCESSOR_NUMBER: of 16 and of 8 bits. */
void wv_decode_processor_number(const struct wv_arg *arg, GString *out)
{
	wv_append_char(out, '{');
	wv_append_member(out, "Group");
	wv_append_u64(out, wv_u16(arg, 0));
	wv_append_member(out, "Number");
	wv_append_u64(out, wv_u16(arg, 2) & 0xff);
	wv_append_char(out, '}');
}

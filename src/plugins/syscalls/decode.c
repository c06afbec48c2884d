/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which decoder an argument has, how much of the guest it needs, and what is common to all texts.
 */
#include <string.h>

#include "plugins/syscalls/format.h"
#include "plugins/syscalls/tables.h"

#define TYPE_SIZE 64

/* A caller can ask for any length; what is of use is far less (`limit` says so for each decoder).
 */
#define CAPTURE_MAX (1 << 20)

/* Looking up ------------------------------------------------------------------------------------*/

/* The type without `const`, and with one blank between words; cut if it is far too long. */
static void plain_type(const char *type, char plain[TYPE_SIZE])
{
	size_t length = 0;

	while (*type && length < TYPE_SIZE - 1) {
		size_t word = strcspn(type, " ");

		if (word > 0 && !(word == 5 && strncmp(type, "const", 5) == 0)) {
			if (length > 0)
				plain[length++] = ' ';
			for (size_t i = 0; i < word && length < TYPE_SIZE - 1; i++) {
				/* "*const" is a pointer too */
				if (strncmp(type + i, "const", word - i) == 0 && i > 0 &&
				    type[i - 1] == '*')
					break;
				plain[length++] = type[i];
			}
		}
		type += word;
		type += strspn(type, " ");
	}
	plain[length] = '\0';
}

static const struct wv_type_row *find_exact_type(const char *name)
{
	size_t low = 0, high = wv_syscall_tables.n_types;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, wv_syscall_tables.types[middle].name);

		if (order == 0)
			return &wv_syscall_tables.types[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static const struct wv_type_row *find_type(const char *type, const char *plain)
{
	const struct wv_type_row *row = find_exact_type(type);

	return row ? row : find_exact_type(plain);
}

static int compare_argument(const struct wv_argument_row *row, const char *syscall,
			    const char *name)
{
	int order = strcmp(row->syscall, syscall);

	return order ? order : strcmp(row->name, name);
}

static bool is_pointer(const char *plain)
{
	return strchr(plain, '*') != NULL;
}

static bool applies(const struct wv_argument_row *row, const char *plain)
{
	if (strcmp(row->kind, "p") == 0)
		return is_pointer(plain);
	if (strcmp(row->kind, "n") == 0)
		return !is_pointer(plain);
	return strcmp(row->kind, "*") == 0 || strcmp(row->kind, plain) == 0;
}

/* The first row of that call and argument that speaks of its type. */
static const struct wv_argument_row *find_argument(const char *syscall, const char *name,
						   const char *plain)
{
	size_t low = 0, high = wv_syscall_tables.n_arguments;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_argument(&wv_syscall_tables.arguments[middle], syscall, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < wv_syscall_tables.n_arguments; low++) {
		const struct wv_argument_row *row = &wv_syscall_tables.arguments[low];

		if (compare_argument(row, syscall, name) != 0)
			break;
		if (applies(row, plain))
			return row;
	}
	return NULL;
}

const struct wv_decoder *wv_decoder_at(unsigned index)
{
	return index < wv_syscall_tables.n_decoders ? &wv_syscall_tables.decoders[index] : NULL;
}

const struct wv_decoder *wv_decoder_for(const char *syscall, const char *type, const char *name)
{
	const struct wv_argument_row *argument;
	const struct wv_type_row *row;
	char plain[TYPE_SIZE];

	plain_type(type, plain);
	argument = find_argument(wv_syscall_public_name(syscall), name, plain);
	if (!argument)
		argument = find_argument("*", name, plain);
	if (argument)
		return wv_decoder_at(argument->decoder);
	row = find_type(type, plain);
	if (row)
		return wv_decoder_at(row->decoder);
	return wv_decoder_at(is_pointer(plain) ? wv_syscall_tables.address
					       : wv_syscall_tables.number);
}

unsigned wv_type_bits(const char *type, bool compat)
{
	const struct wv_type_row *row;
	char plain[TYPE_SIZE];

	plain_type(type, plain);
	row = find_type(type, plain);
	if (row)
		return compat ? row->bits_compat : row->bits;
	return compat ? 32 : 64;
}

/* Capturing -------------------------------------------------------------------------------------*/

/* What is in front of elements that are counted. */
static const uint8_t head_sizes[] = {
	[WV_LENGTH_COUNTED] = 4,
	[WV_LENGTH_PRIVILEGES] = 8,
	[WV_LENGTH_SID] = 8,
	[WV_LENGTH_INFORMATION] = 0,
};

bool wv_capture_length_at(const struct wv_arg *arg, uint64_t *address, size_t *size)
{
	uint64_t block;

	switch ((enum wv_capture_length)arg->decoder->length) {
	case WV_LENGTH_AT_NEXT:
		*address = wv_sibling(arg, arg->index + 1u, 0);
		*size = 4;
		return true;
	case WV_LENGTH_COUNTED:
	case WV_LENGTH_PRIVILEGES:
		*address = arg->number;
		*size = 4;
		return true;
	case WV_LENGTH_SID:
		*address = arg->number + 1;
		*size = 1;
		return true;
	case WV_LENGTH_TOTAL:
		*address = arg->number;
		*size = wv_word_size(arg);
		return true;
	case WV_LENGTH_INFORMATION:
		block = wv_sibling(arg, arg->status_block, 0);
		*address = block ? block + wv_word_size(arg) : 0;
		*size = wv_word_size(arg);
		return true;
	case WV_LENGTH_FIXED:
	case WV_LENGTH_NEXT:
	case WV_LENGTH_PREVIOUS:
	case WV_LENGTH_RESULT:
	case WV_LENGTH_SETS:
		break;
	}
	return false;
}

static uint64_t count_elements(const struct wv_arg *arg, uint64_t told)
{
	switch ((enum wv_capture_length)arg->decoder->length) {
	case WV_LENGTH_FIXED:
		return 1;
	case WV_LENGTH_NEXT:
		return wv_sibling(arg, arg->index + 1u, 0);
	case WV_LENGTH_PREVIOUS:
		return arg->index > 0 ? wv_sibling(arg, arg->index - 1u, 0) : 0;
	case WV_LENGTH_RESULT:
		return arg->returned && arg->result > 0 ? (uint64_t)arg->result : 0;
	case WV_LENGTH_SETS:
		return ((uint32_t)wv_sibling(arg, 0, 0) + UINT64_C(63)) / 64;
	case WV_LENGTH_INFORMATION:
		return MIN(told, wv_sibling(arg, arg->index + 1u, 0));
	case WV_LENGTH_AT_NEXT:
	case WV_LENGTH_COUNTED:
	case WV_LENGTH_PRIVILEGES:
	case WV_LENGTH_SID:
	case WV_LENGTH_TOTAL:
		return told;
	}
	return 0;
}

size_t wv_capture_size(const struct wv_arg *arg, uint64_t told, bool *cut)
{
	const struct wv_decoder *decoder = arg->decoder;
	uint64_t count = count_elements(arg, told);
	uint64_t limit = decoder->limit ? decoder->limit : CAPTURE_MAX;
	uint64_t size = arg->compat ? decoder->size_compat : decoder->size;
	uint64_t head = head_sizes[decoder->length];

	if (decoder->length != WV_LENGTH_FIXED && arg->compat)
		count = (uint32_t)count;
	*cut = size && count > (limit - head) / size;
	return *cut ? limit : head + count * size;
}

/* Text ------------------------------------------------------------------------------------------*/

/* Whether all that the format function counts on was captured. */
static bool is_complete(const struct wv_arg *arg)
{
	const struct wv_decoder *decoder = arg->decoder;

	if (!wv_decoder_follows(decoder))
		return true;
	if (!arg->bytes || arg->unreadable)
		return false;
	return decoder->capture != WV_CAPTURE_BYTES || decoder->length != WV_LENGTH_FIXED ||
	       arg->size >= (arg->compat ? decoder->size_compat : decoder->size);
}

void wv_decode(const struct wv_arg *arg, GString *out)
{
	if (!is_complete(arg))
		wv_append_address(out, wv_number(arg));
	else
		arg->decoder->format(arg, out);
	wv_append_end(out);
}

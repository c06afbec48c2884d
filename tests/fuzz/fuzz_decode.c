/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target (libFuzzer) for the decoders of system calls: any bytes, numbers and siblings, with
 * each decoder of Linux and each argument of Windows that there is. Stops where the text has a NUL
 * inside, or is far longer than what was captured gives cause for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "plugins/syscalls/nt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a decoder may print for one captured byte, and besides: all names of the largest set. */
#define PER_BYTE 64
#define BESIDES	 8192

static void stop_unless(bool good, const char *what, const struct wv_decoder *decoder)
{
	if (good)
		return;
	fprintf(stderr, "%s: %s\n", decoder->name, what);
	abort();
}

/* All arguments of a call, and one of them. */
static unsigned take_numbers(struct input *input, uint64_t *numbers, unsigned count, bool high)
{
	unsigned index = (unsigned)take(input, 1) % count;

	for (unsigned i = 0; i < count; i++)
		numbers[i] = take(input, 4) << (high ? 32 : 0);
	return index;
}

static struct wv_arg take_linux(struct input *input, uint64_t *numbers, bool high)
{
	static const uint8_t widths[] = { 8, 16, 32, 64 };
	unsigned n_decoders = 0;

	while (wv_decoder_at(n_decoders))
		n_decoders++;

	unsigned decoder = (unsigned)take(input, 2) % n_decoders;
	unsigned index = take_numbers(input, numbers, WV_SYSCALL_ARGS, high);

	return (struct wv_arg){
		.decoder = wv_decoder_at(decoder),
		.number = numbers[index],
		.call = numbers,
		.n_call = WV_SYSCALL_ARGS,
		.index = (uint8_t)index,
		.bits = widths[take(input, 1) % G_N_ELEMENTS(widths)],
	};
}

static struct wv_arg take_nt(struct input *input, uint64_t *numbers, bool high, bool compat)
{
	size_t count;
	const struct wv_nt_prototype *rows = wv_nt_prototypes(&count);
	const struct wv_nt_prototype *row = &rows[take(input, 2) % count];
	unsigned n_arguments = MAX(row->n_arguments, 1);
	unsigned index = take_numbers(input, numbers, n_arguments, high);

	return wv_nt_arg(row, index, numbers, n_arguments, compat);
}

static struct wv_arg take_argument(struct input *input, uint64_t numbers[WV_NT_ARGS])
{
	uint8_t flags = (uint8_t)take(input, 1);
	bool high = flags & 1, compat = flags & 8;
	struct wv_arg arg = flags & 0x80 ? take_nt(input, numbers, high, compat)
					 : take_linux(input, numbers, high);

	if (!(flags & 2))
		arg.call = NULL;
	arg.compat = compat;
	arg.returned = flags & 4;
	arg.truncated = flags & 16;
	arg.unreadable = (flags & 0x60) == 0x60;
	arg.result = (int64_t)take(input, 8);
	return arg;
}

/* A name that users gave a file may have a NUL only if the kernel's copy of it had one; those of
 * Windows may have any. */
static bool may_have_nul(const struct wv_decoder *decoder)
{
	return decoder->capture == WV_CAPTURE_STRING || decoder->capture == WV_CAPTURE_FD ||
	       decoder->capture >= WV_CAPTURE_HANDLE || g_str_has_prefix(decoder->name, "sockaddr");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	uint64_t numbers[WV_NT_ARGS], address;
	struct wv_arg arg = take_argument(&input, numbers);
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree uint8_t *bytes = NULL;
	size_t told_size;
	bool cut;

	/* a copy of the right size, so that the sanitizer sees each byte read beyond it */
	bytes = g_malloc(MAX(input.left, 1));
	memcpy(bytes, input.data, input.left);
	arg.bytes = bytes;
	arg.size = input.left;

	stop_unless(!wv_capture_length_at(&arg, &address, &told_size) || told_size <= 8,
		    "a number of too many bytes", arg.decoder);
	stop_unless(wv_capture_size(&arg, (uint64_t)arg.result, &cut) <= 1 << 20,
		    "captures too much", arg.decoder);
	wv_decode(&arg, out);
	stop_unless(out->len <= PER_BYTE * arg.size + BESIDES, "too long", arg.decoder);
	stop_unless(out->str[out->len] == '\0', "no end", arg.decoder);
	stop_unless(may_have_nul(arg.decoder) || strlen(out->str) == out->len, "a NUL inside",
		    arg.decoder);
	return 0;
}

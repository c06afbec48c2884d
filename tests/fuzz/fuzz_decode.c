/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target (libFuzzer) for the decoders of system calls: any bytes, numbers and siblings, with
 * each decoder there is. Stops where the text has a NUL inside, or is far longer than what was
 * captured gives cause for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "plugins/syscalls/decode.h"

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

static void take_argument(struct input *input, uint64_t numbers[WV_SYSCALL_ARGS],
			  struct wv_arg *arg)
{
	static const uint8_t widths[] = { 8, 16, 32, 64 };
	unsigned n_decoders = 0;
	uint8_t flags;

	while (wv_decoder_at(n_decoders))
		n_decoders++;
	arg->decoder = wv_decoder_at((unsigned)take(input, 2) % n_decoders);
	flags = (uint8_t)take(input, 1);
	arg->index = (uint8_t)(take(input, 1) % WV_SYSCALL_ARGS);
	for (unsigned i = 0; i < WV_SYSCALL_ARGS; i++)
		numbers[i] = take(input, 4) << (flags & 1 ? 32 : 0);
	arg->call = flags & 2 ? numbers : NULL;
	arg->number = numbers[arg->index];
	arg->returned = flags & 4;
	arg->compat = flags & 8;
	arg->truncated = flags & 16;
	arg->unreadable = (flags & 0x60) == 0x60;
	arg->bits = widths[take(input, 1) % G_N_ELEMENTS(widths)];
	arg->result = (int64_t)take(input, 8);
}

/* A name that users gave a file may have a NUL only if the kernel's copy of it had one. */
static bool may_have_nul(const struct wv_decoder *decoder)
{
	return decoder->capture == WV_CAPTURE_STRING || decoder->capture == WV_CAPTURE_FD ||
	       g_str_has_prefix(decoder->name, "sockaddr");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	uint64_t numbers[WV_SYSCALL_ARGS];
	struct wv_arg arg = { 0 };
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree uint8_t *bytes = NULL;

	take_argument(&input, numbers, &arg);
	/* a copy of the right size, so that the sanitizer sees each byte read beyond it */
	bytes = g_malloc(MAX(input.left, 1));
	memcpy(bytes, input.data, input.left);
	arg.bytes = bytes;
	arg.size = input.left;

	stop_unless(wv_capture_size(&arg, (uint32_t)arg.result) <= 1 << 20, "captures too much",
		    arg.decoder);
	wv_decode(&arg, out);
	stop_unless(out->len <= PER_BYTE * arg.size + BESIDES, "too long", arg.decoder);
	stop_unless(out->str[out->len] == '\0', "no end", arg.decoder);
	stop_unless(may_have_nul(arg.decoder) || strlen(out->str) == out->len, "a NUL inside",
		    arg.decoder);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes kallsyms tables as scripts/kallsyms.c lays them out, into an image full of decoys. */
#include "kallsyms_builder.h"

#include <string.h>

const struct builder_layout builder_layouts[] = {
	{ "5.10", false, 0, WV_KALLSYMS_ABSOLUTE_PERCPU, 8, false },
	{ "6.1 stable", false, 3, WV_KALLSYMS_ABSOLUTE_PERCPU, 8, true },
	{ "6.2-rc", false, 4, WV_KALLSYMS_ABSOLUTE_PERCPU, 8, true },
	{ "6.12", true, 3, WV_KALLSYMS_ABSOLUTE_PERCPU, 8, true },
	{ "6.16", true, 3, WV_KALLSYMS_RELATIVE, 8, true },
	{ "7.2", true, 3, WV_KALLSYMS_PLACE, 4, true },
	{ "old and relative", false, 0, WV_KALLSYMS_RELATIVE, 8, false },
	{ "6.12 with short names", true, 3, WV_KALLSYMS_ABSOLUTE_PERCPU, 8, false },
};
const size_t builder_layout_count = G_N_ELEMENTS(builder_layouts);

/* Tokens of more than one character; they get the numbers of characters that no name has. */
static const char *const pairs[] = {
	"function_", "Tfunction_", "tf", "object_", "Do",    "_1",  "_2",
	"12",	     "un",	   "ct", ".isra.",  ".cold", "per", "cpu_",
};

struct tokens {
	char *text[WV_KALLSYMS_TOKENS];
	uint8_t longer[G_N_ELEMENTS(pairs)]; /* where `pairs` are */
};

static void make_tokens(struct tokens *tokens)
{
	size_t next = 0;

	for (unsigned int i = 0; i < WV_KALLSYMS_TOKENS; i++) {
		bool own = g_ascii_isalnum(i) || i == '_' || i == '.' || i == '$';

		if (own) {
			tokens->text[i] = g_strdup_printf("%c", (char)i);
		} else if (next < G_N_ELEMENTS(pairs)) {
			tokens->longer[next] = (uint8_t)i;
			tokens->text[i] = g_strdup(pairs[next++]);
		} else {
			tokens->text[i] = g_strdup("");
		}
	}
}

static void pad(GByteArray *out, uint64_t address, unsigned int alignment)
{
	static const uint8_t zero;

	while ((address + out->len) % alignment != 0)
		g_byte_array_append(out, &zero, 1);
}

static void put(GByteArray *out, const void *data, size_t size)
{
	g_byte_array_append(out, data, (guint)size);
}

/* Noise such as code is, so that nothing is found because all else is zero. */
static void put_noise(GByteArray *out, size_t size, uint32_t seed)
{
	for (size_t i = 0; i < size; i++) {
		uint8_t byte;

		seed = seed * 1664525 + 1013904223;
		byte = (uint8_t)(seed >> 24);
		put(out, &byte, 1);
	}
}

/* The digits in UTF-16, as in the kernel's NLS tables: the token table's pattern, and none. */
static void put_decoys(GByteArray *out)
{
	static const uint8_t magic[] = { 0x9f, 0xeb, 1, 0 };

	for (uint16_t c = 0; c < 128; c++)
		put(out, &c, sizeof(c));
	put(out, magic, sizeof(magic));
	put_noise(out, 300, 7);
	for (uint16_t c = '0'; c <= '9'; c++)
		put(out, &c, sizeof(c));
	put_noise(out, 100, 8);
}

static void put_name(GByteArray *out, const struct tokens *tokens,
		     const struct builder_symbol *symbol, bool long_names)
{
	g_autofree char *text = g_strdup_printf("%c%s", symbol->type, symbol->name);
	g_autoptr(GByteArray) name = g_byte_array_new();
	uint8_t length[2];

	for (const char *at = text; *at;) {
		uint8_t best = (uint8_t)*at;

		for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
			const char *token = tokens->text[tokens->longer[i]];

			if (strlen(token) > strlen(tokens->text[best]) &&
			    g_str_has_prefix(at, token))
				best = tokens->longer[i];
		}
		g_assert(*tokens->text[best]);
		put(name, &best, 1);
		at += strlen(tokens->text[best]);
	}
	length[0] = (uint8_t)name->len;
	g_assert(name->len < 128 || long_names);
	if (name->len >= 128) {
		length[0] = (uint8_t)(name->len & 0x7f) | 0x80;
		length[1] = (uint8_t)(name->len >> 7);
	}
	put(out, length, name->len >= 128 ? 2 : 1);
	put(out, name->data, name->len);
}

static void put_offsets(GByteArray *out, const struct builder_layout *layout,
			const struct builder_symbol *symbols, size_t count, uint64_t address,
			uint64_t base, struct builder_places *places)
{
	pad(out, address, layout->alignment);
	places->offsets = out->len;
	for (size_t i = 0; i < count; i++) {
		uint64_t symbol = symbols[i].address;
		int64_t offset = 0;
		int32_t stored;

		switch (layout->encoding) {
		case WV_KALLSYMS_ABSOLUTE_PERCPU:
			offset = symbol < base ? (int64_t)symbol : (int64_t)(base - 1 - symbol);
			break;
		case WV_KALLSYMS_RELATIVE:
			offset = (int32_t)(symbol - base);
			break;
		case WV_KALLSYMS_PLACE:
			offset = (int64_t)(symbol - (address + out->len));
			break;
		}
		g_assert(offset >= INT32_MIN && offset <= INT32_MAX);
		stored = (int32_t)offset;
		put(out, &stored, sizeof(stored));
	}
	places->relative_base = 0;
	if (layout->encoding == WV_KALLSYMS_PLACE)
		return;
	pad(out, address, layout->alignment);
	places->relative_base = out->len;
	put(out, &base, sizeof(base));
}

static void put_names(GByteArray *out, const struct builder_layout *layout,
		      const struct tokens *tokens, const struct builder_symbol *symbols,
		      size_t count, uint64_t address, struct builder_places *places)
{
	g_autoptr(GArray) markers = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	uint32_t number = (uint32_t)count;

	pad(out, address, layout->alignment);
	places->num_syms = out->len;
	put(out, &number, sizeof(number));
	pad(out, address, layout->alignment);
	places->names = out->len;
	for (size_t i = 0; i < count; i++) {
		uint32_t at = out->len - (uint32_t)places->names;

		if (i % WV_KALLSYMS_STRIDE == 0)
			g_array_append_val(markers, at);
		put_name(out, tokens, &symbols[i], layout->long_names);
	}
	pad(out, address, layout->alignment);
	places->markers = out->len;
	put(out, markers->data, markers->len * sizeof(uint32_t));
}

static void put_tokens(GByteArray *out, const struct builder_layout *layout,
		       const struct tokens *tokens, uint64_t address, struct builder_places *places)
{
	uint16_t index[WV_KALLSYMS_TOKENS];

	pad(out, address, layout->alignment);
	places->token_table = out->len;
	for (unsigned int i = 0; i < WV_KALLSYMS_TOKENS; i++) {
		index[i] = (uint16_t)(out->len - places->token_table);
		put(out, tokens->text[i], strlen(tokens->text[i]) + 1);
	}
	pad(out, address, layout->alignment);
	places->token_index = out->len;
	put(out, index, sizeof(index));
}

/* The order of the names by name; any permutation will do, its bytes being big-endian. */
static void put_sequences(GByteArray *out, const struct builder_layout *layout, size_t count,
			  uint64_t address)
{
	if (layout->sequence_bytes == 0)
		return;
	pad(out, address, layout->alignment);
	for (size_t i = 0; i < count; i++) {
		uint32_t sequence = GUINT32_TO_BE((uint32_t)(i * 7919 % count));

		if (layout->sequence_bytes == 4)
			sequence = GUINT32_FROM_BE(sequence);
		put(out, (uint8_t *)&sequence + (4 - layout->sequence_bytes) % 4,
		    layout->sequence_bytes);
	}
}

struct wv_image builder_image(const struct builder_layout *layout,
			      const struct builder_symbol *symbols, size_t count, uint64_t address,
			      uint64_t base, struct builder_places *places)
{
	GByteArray *out = g_byte_array_new();
	struct wv_image image = { .address = address };
	struct tokens tokens;

	make_tokens(&tokens);
	put_noise(out, 4096, 1);
	put_decoys(out);
	if (!layout->offsets_last)
		put_offsets(out, layout, symbols, count, address, base, places);
	put_names(out, layout, &tokens, symbols, count, address, places);
	if (!layout->offsets_last)
		put_sequences(out, layout, count, address);
	put_tokens(out, layout, &tokens, address, places);
	if (layout->offsets_last) {
		put_offsets(out, layout, symbols, count, address, base, places);
		put_sequences(out, layout, count, address);
	}
	places->end = out->len;
	put_noise(out, 512, 2);
	put_decoys(out);
	for (unsigned int i = 0; i < WV_KALLSYMS_TOKENS; i++)
		g_free(tokens.text[i]);
	image.size = out->len;
	image.data = g_byte_array_free(out, FALSE);
	return image;
}

static void add(GArray *symbols, char *name, char type, uint64_t address)
{
	struct builder_symbol symbol = { .name = name, .type = type, .address = address };

	g_array_append_val(symbols, symbol);
}

/* Special cases; the tests name them. */
static void add_specials(GArray *symbols, uint64_t *address, bool long_names)
{
	static const struct builder_symbol specials[] = {
		{ "twice_local_first", 't', 0 },
		{ "twice_local_first", 'T', 0x10 },
		{ "twice_object_first", 'd', 0 },
		{ "twice_object_first", 't', 0x10 },
		{ "twice_global", 'T', 0 },
		{ "twice_global", 'D', 0x10 },
		{ "cloned_isra.cold", 't', 0 },
		{ "cloned_isra.part.0", 't', 0x10 },
		{ "cloned_isra.isra.0", 't', 0x20 },
		{ "cloned_constprop.constprop.3", 't', 0 },
		{ "only_cold.cold", 't', 0 },
		{ "only_part.part.0", 't', 0 },
		{ "both", 't', 0 },
		{ "both.isra.0", 't', 0x10 },
		{ "a", 'T', 0 },
		{ "0", 'T', 0 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(specials); i++)
		add(symbols, g_strdup(specials[i].name), specials[i].type,
		    *address + specials[i].address);
	*address += 0x100;
	for (size_t length = 127; long_names && length <= 300; length++) {
		char *name = g_strnfill(length, 'q');

		*address += 4;
		add(symbols, name, 'T', *address);
	}
}

static int by_address(gconstpointer a, gconstpointer b)
{
	uint64_t first = ((const struct builder_symbol *)a)->address;
	uint64_t second = ((const struct builder_symbol *)b)->address;

	return first < second ? -1 : first > second;
}

GArray *builder_symbols(uint64_t base, size_t count, size_t zero_based, bool long_names)
{
	GArray *symbols = g_array_new(FALSE, FALSE, sizeof(struct builder_symbol));
	uint64_t address = base;

	for (size_t i = 0; i < zero_based; i++)
		add(symbols, g_strdup_printf("per_cpu_%zu", i), 'A', i * 64);
	for (size_t i = 0; i < count; i++) {
		if (i == count / 2)
			add_specials(symbols, &address, long_names);
		if (i % 3 == 2)
			add(symbols, g_strdup_printf("object_%zu", i), i % 2 ? 'D' : 'b', address);
		else
			add(symbols, g_strdup_printf("function_%zu", i), i % 2 ? 'T' : 't',
			    address);
		address += 16 + i % 5 * 16;
	}
	g_array_sort(symbols, by_address);
	return symbols;
}

void builder_symbols_free(GArray *symbols)
{
	for (guint i = 0; i < symbols->len; i++)
		g_free((char *)g_array_index(symbols, struct builder_symbol, i).name);
	g_array_unref(symbols);
}

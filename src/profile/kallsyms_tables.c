/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Locates the kallsyms tables in an image of the kernel, copies them and checks the copy.
 *
 * What scripts/kallsyms.c writes has changed its order several times, but some properties never
 * have, and they are strong enough to recognise each table by:
 *
 *   1. token_table is 256 strings; the tokens of the digits are "0" to "9", one after another.
 *      token_index, right after it, holds the 256 offsets of those strings.
 *   2. names, markers, token_table and token_index follow each other in this order; only
 *      seqs_of_names (6.2, and stable 6.1) may lie between markers and token_table. markers starts
 *      with 0 and grows by the size of 256 names.
 *   3. num_syms is the word before names; it agrees with the number of markers.
 *   4. The offsets lie before num_syms (to 6.3) or after token_index (since 6.4). Of the places
 *      and encodings possible, only the true one gives addresses that never decrease.
 *
 * The image may be a running guest's memory: it is only looked at through single loads to find
 * candidates, and everything is checked in copies. A guest may also be hostile: the number of
 * candidates looked at is bounded.
 */
#define _GNU_SOURCE
#include "profile/kallsyms_tables.h"

#include "base/error.h"

#include <string.h>

/** Markers are 4 bytes each since 4.20; 8 of them mean at least 1793 symbols: any real kernel. */
#define MARKERS_MIN 8u
/** 256 names take at least a length and a token each, and never as much as this. */
#define BLOCK_MIN (2u * WV_KALLSYMS_STRIDE)
#define BLOCK_MAX (256u * WV_KALLSYMS_STRIDE)
/** How far before token_table markers may start: seqs_of_names takes 3 or 4 bytes per symbol. */
#define MARKERS_REACH (4u << 20)
/** The kernel's text and data are in the last 2 GiB; per-CPU and absolute symbols may be at 0. */
#define KERNEL_HALF UINT64_C(0xffffffff80000000)
/** token_table is padded to its alignment only. */
#define INDEX_REACH 64u

/** Bounds on the work that a hostile image can cause. */
#define DIGITS_MAX   4096u /* places that look like the digits' tokens; stock kernels have 6 */
#define TABLES_MAX   16u   /* of these, places that have a token_index */
#define RUNS_MAX     64u   /* places that look like markers, for one token_table */
#define ATTEMPTS_MAX 64u   /* in all, places that look like the start of names */

/** How far the search came; decides what the error says. */
enum stage {
	STAGE_NOTHING,
	STAGE_TOKENS,
	STAGE_MARKERS,
	STAGE_NAMES,
	STAGE_OFFSETS,
};

static const char *const stage_errors[] = {
	[STAGE_NOTHING] = "no kallsyms tables: no token table in the image",
	[STAGE_TOKENS] = "kallsyms: token table found, but no markers before it",
	[STAGE_MARKERS] = "kallsyms: markers found, but no names that fit them",
	[STAGE_NAMES] = "kallsyms: names found, but no table of ascending addresses",
	[STAGE_OFFSETS] = "kallsyms: the tables found are a copy from elsewhere, not relocated",
};

struct search {
	const struct wv_image *image;
	/* Positions in the image: */
	size_t token_table;
	size_t token_index;
	size_t markers;
	size_t num_syms;
	size_t names;
	uint32_t marker_count;
	uint32_t count;
	unsigned int attempts;
	enum stage stage;
};

static void reached(struct search *search, enum stage stage)
{
	search->stage = MAX(search->stage, stage);
}

/* One load from memory that may change at any time; the caller has checked the bounds. */
static uint32_t peek32(const struct wv_image *image, size_t at)
{
	struct __attribute__((packed, may_alias)) word {
		uint32_t value;
	};

	return ((const volatile struct word *)(image->data + at))->value;
}

static bool in_image(const struct wv_image *image, size_t at, size_t size)
{
	return at <= image->size && size <= image->size - at;
}

/* The next position from `at` on whose virtual address is a multiple of `alignment`. */
static size_t align_up(const struct wv_image *image, size_t at, size_t alignment)
{
	return at + (size_t)(-(image->address + at) & (alignment - 1));
}

/*
 * Given where the token "0" starts, finds token_index, and from it where token_table starts: the
 * first token may be preceded by anything, so only its length in token_index tells.
 */
static bool find_token_index(struct search *search, size_t digits)
{
	const uint8_t *data = search->image->data;
	size_t low = digits > UINT16_MAX ? digits - UINT16_MAX : 0;
	size_t high = digits + MIN((size_t)UINT16_MAX, search->image->size - digits);
	uint16_t starts[WV_KALLSYMS_TOKENS]; /* relative to the second token */
	size_t at = digits, second;

	/* Back over the ends of the tokens before "0", to where the first one ends. */
	for (unsigned int i = '0'; i > 0; i--) {
		const uint8_t *nul = memrchr(data + low, 0, at - low);

		if (!nul)
			return false;
		at = (size_t)(nul - data);
	}
	second = ++at;

	for (unsigned int i = 1; i < WV_KALLSYMS_TOKENS; i++) {
		const uint8_t *nul = memchr(data + at, 0, high - at);

		if (!nul || at - second > UINT16_MAX)
			return false;
		starts[i] = (uint16_t)(at - second);
		at = (size_t)(nul - data) + 1;
	}

	for (size_t end = at + INDEX_REACH; at < end; at++) {
		uint16_t index[WV_KALLSYMS_TOKENS];
		unsigned int i = 1;

		at = align_up(search->image, at, 4);
		if (!in_image(search->image, at, sizeof(index)))
			return false;
		memcpy(index, data + at, sizeof(index));
		if (index[0] != 0 || index[1] == 0 || index[1] > second)
			continue;
		while (i < WV_KALLSYMS_TOKENS && index[i] == index[1] + starts[i])
			i++;
		if (i == WV_KALLSYMS_TOKENS) {
			search->token_index = at;
			search->token_table = second - index[1];
			return true;
		}
	}
	return false;
}

/* How many words from `at` on look like markers. */
static uint32_t count_markers(const struct search *search, size_t at)
{
	uint32_t previous = 0, count = 1;

	if (peek32(search->image, at) != 0)
		return 0;
	for (at += 4; search->token_table - at >= 4; at += 4, count++) {
		uint32_t marker = peek32(search->image, at);

		if (marker < previous || marker - previous < BLOCK_MIN ||
		    marker - previous > BLOCK_MAX)
			break;
		previous = marker;
	}
	return count;
}

/* Whether 256 names take exactly as many bytes as the second marker says. Works on a copy. */
static bool first_block_fits(const struct search *search, size_t names)
{
	uint32_t size = peek32(search->image, search->markers + 4), length;
	uint8_t block[BLOCK_MAX];
	size_t at = 0;

	if (size > sizeof(block) || size > search->markers - names)
		return false;
	memcpy(block, search->image->data + names, size);
	for (unsigned int i = 0; i < WV_KALLSYMS_STRIDE; i++) {
		if (!wv_kallsyms_name_length(block, size, &at, &length))
			return false;
		at += length;
	}
	return at == size;
}

static void copy_names(struct wv_kallsyms_tables *tables, const struct search *search)
{
	const uint8_t *data = search->image->data;
	size_t tokens_size = search->token_index - search->token_table;

	tables->count = search->count;
	tables->marker_count = search->marker_count;
	tables->names_size = search->markers - search->names;
	tables->names = g_memdup2(data + search->names, tables->names_size);
	tables->markers =
		g_memdup2(data + search->markers, search->marker_count * sizeof(*tables->markers));
	tables->tokens = g_malloc(tokens_size + 1);
	memcpy(tables->tokens, data + search->token_table, tokens_size);
	tables->tokens[tokens_size] = '\0';
	memcpy(tables->starts, data + search->token_index, sizeof(tables->starts));
	for (unsigned int i = 0; i < WV_KALLSYMS_TOKENS; i++)
		tables->starts[i] = (uint16_t)MIN((size_t)tables->starts[i], tokens_size);
}

/* Walks all names of the copy: each marker must be right, and only padding may be left over. */
static bool check_names(struct wv_kallsyms_tables *tables)
{
	const size_t padding = 8;
	size_t at = 0;
	uint32_t length;

	for (uint32_t i = 0; i < tables->count; i++) {
		if (i % WV_KALLSYMS_STRIDE == 0 && tables->markers[i / WV_KALLSYMS_STRIDE] != at)
			return false;
		if (!wv_kallsyms_name_length(tables->names, tables->names_size, &at, &length))
			return false;
		at += length;
	}
	if (tables->names_size - at >= padding)
		return false;
	tables->names_size = at;
	return true;
}

/* Whether the addresses never decrease and most of them are the kernel's. */
static bool addresses_ascend(const struct wv_kallsyms_tables *tables)
{
	uint64_t previous = 0;
	uint32_t in_kernel = 0;

	for (uint32_t i = 0; i < tables->count; i++) {
		uint64_t address = wv_kallsyms_address(tables, i);

		if (address < previous)
			return false;
		previous = address;
		in_kernel += address >= KERNEL_HALF;
	}
	return in_kernel > tables->count / 2;
}

/*
 * Whether the kernel's symbols lie around the place where the tables were found. They do not in a
 * copy that was not relocated, such as the boot decompressor leaves behind; nor when offsets from
 * a base are taken for offsets from their own place.
 */
static bool addresses_belong(const struct wv_kallsyms_tables *tables, const struct search *search,
			     size_t offsets_at)
{
	uint64_t lowest = search->image->address + MIN(offsets_at, search->names);
	uint64_t highest = search->image->address + MAX(offsets_at, search->names);
	uint32_t first = 0;

	while (wv_kallsyms_address(tables, first) < KERNEL_HALF)
		first++; /* ends: addresses_ascend() has seen more than half of them there */
	return wv_kallsyms_address(tables, first) < lowest &&
	       wv_kallsyms_address(tables, tables->count - 1) > highest;
}

/* Tries one place for the offsets, with each encoding. `base_at`: where relative_base would be. */
static bool try_offsets(struct wv_kallsyms_tables *tables, struct search *search, size_t offsets_at,
			size_t base_at)
{
	static const enum wv_kallsyms_encoding encodings[] = {
		WV_KALLSYMS_ABSOLUTE_PERCPU,
		WV_KALLSYMS_RELATIVE,
		WV_KALLSYMS_PLACE,
	};
	size_t size = (size_t)tables->count * sizeof(*tables->offsets);
	uint64_t relative_base = 0;
	bool has_base = in_image(search->image, base_at, sizeof(relative_base));

	if (!in_image(search->image, offsets_at, size))
		return false;
	tables->offsets = g_memdup2(search->image->data + offsets_at, size);
	if (has_base)
		memcpy(&relative_base, search->image->data + base_at, sizeof(relative_base));
	for (size_t i = 0; i < G_N_ELEMENTS(encodings); i++) {
		tables->encoding = encodings[i];
		tables->base = relative_base;
		if (encodings[i] == WV_KALLSYMS_PLACE)
			tables->base = search->image->address + offsets_at;
		else if (!has_base)
			continue;
		if (!addresses_ascend(tables))
			continue;
		reached(search, STAGE_OFFSETS);
		if (addresses_belong(tables, search, offsets_at))
			return true;
	}
	g_clear_pointer(&tables->offsets, g_free);
	return false;
}

static bool find_offsets(struct wv_kallsyms_tables *tables, struct search *search)
{
	size_t size = (size_t)tables->count * sizeof(*tables->offsets);
	size_t after = search->token_index + sizeof(tables->starts);
	size_t base_before = search->num_syms - sizeof(uint64_t);
	size_t before = (size + 7) & ~(size_t)7;

	if (try_offsets(tables, search, after, align_up(search->image, after + size, 8)))
		return true;
	return search->num_syms >= before + sizeof(uint64_t) &&
	       try_offsets(tables, search, base_before - before, base_before);
}

static bool try_names(struct wv_kallsyms_tables *tables, struct search *search)
{
	if (search->attempts >= ATTEMPTS_MAX)
		return false;
	search->attempts++;
	if (!first_block_fits(search, search->names))
		return false;
	copy_names(tables, search);
	if (check_names(tables)) {
		reached(search, STAGE_NAMES);
		if (find_offsets(tables, search))
			return true;
	}
	wv_kallsyms_tables_deinit(tables);
	return false;
}

/* Looks for the start of names: after a count that agrees with the number of markers. */
static bool find_names(struct wv_kallsyms_tables *tables, struct search *search)
{
	const struct wv_image *image = search->image;
	uint32_t most = search->marker_count * WV_KALLSYMS_STRIDE;
	uint32_t least = most - WV_KALLSYMS_STRIDE + 1;
	uint32_t last = peek32(image, search->markers + 4 * (search->marker_count - 1));
	size_t high, low;

	if (search->markers < last)
		return false;
	high = search->markers - last;
	low = high > BLOCK_MAX ? high - BLOCK_MAX : 0;
	for (size_t at = align_up(image, low, 4); at < high; at += 4) {
		/* num_syms is padded to 8 bytes up to 6.x, and is 4 bytes alone in 7.x. */
		for (size_t gap = 4; gap <= 8; gap += 4) {
			if (at < gap)
				continue;
			search->num_syms = at - gap;
			search->names = at;
			search->count = peek32(image, search->num_syms);
			if (search->count >= least && search->count <= most &&
			    try_names(tables, search))
				return true;
		}
	}
	return false;
}

static bool find_markers(struct wv_kallsyms_tables *tables, struct search *search)
{
	const struct wv_image *image = search->image;
	size_t smallest = MARKERS_MIN * sizeof(uint32_t);
	size_t low = search->token_table > MARKERS_REACH ? search->token_table - MARKERS_REACH : 0;
	unsigned int runs = 0;

	if (search->token_table < low + smallest + 3)
		return false;
	/* From the last word downwards; `at` is one word further, so that it never gets below 0. */
	for (size_t at = align_up(image, search->token_table - smallest - 3, 4) + 4; at >= low + 4;
	     at -= 4) {
		uint32_t count = count_markers(search, at - 4);

		if (count < MARKERS_MIN)
			continue;
		if (++runs > RUNS_MAX)
			return false;
		reached(search, STAGE_MARKERS);
		search->markers = at - 4;
		/* What follows markers may by chance look like one or two more. */
		for (uint32_t extra = 0; extra <= 2 && count - extra >= MARKERS_MIN; extra++) {
			search->marker_count = count - extra;
			if (find_names(tables, search))
				return true;
		}
	}
	return false;
}

bool wv_kallsyms_tables_init(struct wv_kallsyms_tables *tables, const struct wv_image *image,
			     GError **error)
{
	static const char digits[] = "\0"
				     "0\0"
				     "1\0"
				     "2\0"
				     "3\0"
				     "4\0"
				     "5\0"
				     "6\0"
				     "7\0"
				     "8\0"
				     "9";
	struct search search = { .image = image };
	const uint8_t *at = image->data;
	unsigned int found = 0;

	memset(tables, 0, sizeof(*tables));
	for (unsigned int i = 0; i < DIGITS_MAX; i++) {
		size_t left = image->size - (size_t)(at - image->data);

		at = memmem(at, left, digits, sizeof(digits));
		if (!at)
			break;
		at++;
		if (!find_token_index(&search, (size_t)(at - image->data)))
			continue;
		if (++found > TABLES_MAX)
			break;
		reached(&search, STAGE_TOKENS);
		if (find_markers(tables, &search))
			return true;
	}
	g_set_error_literal(error, WV_ERROR, WV_ERROR_FORMAT, stage_errors[search.stage]);
	return false;
}

void wv_kallsyms_tables_deinit(struct wv_kallsyms_tables *tables)
{
	g_free(tables->names);
	g_free(tables->markers);
	g_free(tables->tokens);
	g_free(tables->offsets);
	memset(tables, 0, sizeof(*tables));
}

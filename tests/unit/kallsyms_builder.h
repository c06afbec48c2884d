/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds small kallsyms tables for tests, in each of the layouts that kernels have had, within an
 * image that also holds things that look like tables and are none.
 */
#ifndef WV_TESTS_KALLSYMS_BUILDER_H
#define WV_TESTS_KALLSYMS_BUILDER_H

#include "profile/kallsyms_tables.h"

struct builder_symbol {
	const char *name;
	char type; /**< as nm prints it */
	uint64_t address;
};

struct builder_layout {
	const char *name;
	bool offsets_last;	     /**< 6.4 and later: the offsets follow token_index */
	unsigned int sequence_bytes; /**< of seqs_of_names, per symbol; 0: there is none */
	enum wv_kallsyms_encoding encoding;
	unsigned int alignment; /**< of each table: 8, or 4 since 7.0 */
	bool long_names;	/**< 6.1 and later: lengths from 128 take two bytes */
};

/** The layouts of 5.10, 6.2-rc (4-byte sequences), 6.1-stable, 6.12, 7.2, and some more. */
extern const struct builder_layout builder_layouts[];
extern const size_t builder_layout_count;

/** Where each table lies in the image, for tests that damage one. */
struct builder_places {
	size_t num_syms;
	size_t names;
	size_t markers;
	size_t token_table;
	size_t token_index;
	size_t offsets;
	size_t relative_base; /**< 0 when the encoding has none */
	size_t end;
};

/**
 * An image with the tables in it. The symbols must be sorted by address. `base` is relative_base;
 * the image starts at `address`. Free the image's data with g_free().
 */
struct wv_image builder_image(const struct builder_layout *layout,
			      const struct builder_symbol *symbols, size_t count, uint64_t address,
			      uint64_t base, struct builder_places *places);

/**
 * A symbol table for tests: `zero_based` per-CPU symbols first (as before 6.15), then `count`
 * functions and objects named function_0 and so on from `base` on, among which special cases that
 * the tests know. Names of 130 to 300 characters are in it when `long_names`.
 */
GArray *builder_symbols(uint64_t base, size_t count, size_t zero_based, bool long_names);

/** Frees what builder_symbols() made. */
void builder_symbols_free(GArray *symbols);

#endif

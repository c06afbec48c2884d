/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads what a PE image exports by name. */
#include "profile/pe.h"

#include "base/error.h"
#include "profile/pdb_cursor.h"
#include "profile/tables.h"

#include <string.h>

#define DIRECTORY_SIZE 40u
/** Kernels export some 3000 names. */
#define NAMES_MAX 16384u
/** Bytes of a name, with its NUL. */
#define NAME_SIZE 512u

/** The tables of RVAs that the directory points to. */
struct tables {
	uint32_t functions; /* RVAs by ordinal */
	uint32_t n_functions;
	uint32_t names; /* RVAs of names, sorted by name */
	uint32_t n_names;
	uint32_t ordinals; /* 16 bits for each of the names */
};

static bool read_tables(const struct wv_pe *pe, struct tables *tables)
{
	uint8_t directory[DIRECTORY_SIZE];
	struct wv_pdb_cursor cursor;

	if (!wv_pe_read(pe, pe->directories[WV_PE_EXPORTS].rva, directory, sizeof(directory)))
		return false;
	cursor = wv_pdb_cursor(directory, sizeof(directory));
	wv_pdb_take(&cursor, 20); /* flags, time, version, own name, first ordinal */
	tables->n_functions = wv_pdb_take_u32(&cursor);
	tables->n_names = wv_pdb_take_u32(&cursor);
	tables->functions = wv_pdb_take_u32(&cursor);
	tables->names = wv_pdb_take_u32(&cursor);
	tables->ordinals = wv_pdb_take_u32(&cursor);
	return true;
}

/* Entry `i` of a table of numbers of `size` bytes, 2 or 4. */
static bool read_number(const struct wv_pe *pe, uint32_t table, uint32_t i, size_t size,
			uint32_t *number)
{
	uint64_t rva = (uint64_t)table + (uint64_t)i * size;
	uint8_t data[4] = { 0 };
	struct wv_pdb_cursor cursor;

	if (rva > UINT32_MAX || !wv_pe_read(pe, (uint32_t)rva, data, size))
		return false;
	cursor = wv_pdb_cursor(data, sizeof(data));
	*number = wv_pdb_take_u32(&cursor);
	return true;
}

/* A name ended by NUL, read in small pieces: behind its end nothing need be readable. */
static bool read_name(const struct wv_pe *pe, uint32_t rva, char name[NAME_SIZE])
{
	const size_t piece = 16;

	for (size_t at = 0; at < NAME_SIZE; at += piece) {
		size_t got = piece;

		if (rva > UINT32_MAX - at - piece)
			return false;
		if (!wv_pe_read(pe, rva + (uint32_t)at, name + at, piece)) {
			for (got = 0; got < piece; got++) {
				if (!wv_pe_read(pe, rva + (uint32_t)(at + got), name + at + got, 1))
					return false;
				if (!name[at + got])
					return true;
			}
		}
		if (memchr(name + at, '\0', got))
			return true;
	}
	return false;
}

static bool is_forwarded(const struct wv_pe *pe, uint32_t rva)
{
	const struct wv_pe_range *exports = &pe->directories[WV_PE_EXPORTS];

	return rva >= exports->rva && rva - exports->rva < exports->size;
}

/* False when the tables can not be read. */
static bool add_export(const struct wv_pe *pe, const struct tables *tables, uint32_t i,
		       struct wv_table_symbols *symbols)
{
	uint32_t name_rva, ordinal, function;
	char name[NAME_SIZE];

	if (!read_number(pe, tables->names, i, 4, &name_rva) ||
	    !read_number(pe, tables->ordinals, i, 2, &ordinal))
		return false;
	if (ordinal >= tables->n_functions)
		return true;
	if (!read_number(pe, tables->functions, ordinal, 4, &function))
		return false;
	if (function && !is_forwarded(pe, function) && read_name(pe, name_rva, name) && *name)
		wv_table_symbols_add(symbols, name, function);
	return true;
}

static struct wv_symbols *fail(const struct wv_pe *pe, GError **error, const char *what)
{
	g_set_error(error, WV_ERROR, WV_ERROR_FORMAT, "%s: its exports are not usable: %s",
		    pe->source.name, what);
	return NULL;
}

struct wv_symbols *wv_pe_exports(const struct wv_pe *pe, GError **error)
{
	struct wv_table_symbols *symbols;
	struct tables tables;
	bool ok = true;

	if (pe->directories[WV_PE_EXPORTS].size == 0)
		return fail(pe, error, "there are none");
	if (!read_tables(pe, &tables))
		return fail(pe, error, "the directory can not be read");
	if (tables.n_names > NAMES_MAX)
		return fail(pe, error, "there are too many");
	symbols = wv_table_symbols_new("exports");
	for (uint32_t i = 0; ok && i < tables.n_names; i++)
		ok = add_export(pe, &tables, i, symbols);
	if (ok)
		return &symbols->base;
	symbols->base.destroy(&symbols->base);
	return fail(pe, error, "a table can not be read");
}

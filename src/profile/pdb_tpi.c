/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the records of the TPI stream, and knows the built-in types. */
#include "profile/pdb_tpi.h"

#define STREAM 2u
/** The first version of Microsoft's PDB interface whose records have names ended by a NUL. */
#define VERSION_MIN 19990903u

/* The stream's header: version, own size, first and last type index, size of the records ... */
static bool read_header(struct wv_pdb_tpi *tpi, struct wv_pdb_cursor *records, GError **error)
{
	struct wv_pdb_cursor header = *records;
	uint32_t version = wv_pdb_take_u32(&header);
	uint32_t header_size = wv_pdb_take_u32(&header);
	uint32_t begin = wv_pdb_take_u32(&header);
	uint32_t end = wv_pdb_take_u32(&header);
	uint32_t size = wv_pdb_take_u32(&header);

	if (header.failed)
		return wv_msf_fail(tpi->msf, error, "the stream of types ends within its header");
	if (version < VERSION_MIN)
		return wv_msf_fail(tpi->msf, error, "types of the old form %u are not read",
				   version);
	if (begin != WV_PDB_FIRST_TYPE || end < begin)
		return wv_msf_fail(tpi->msf, error, "types %#x to %#x", begin, end);
	wv_pdb_take(records, header_size);
	if (records->failed || wv_pdb_left(records) < size)
		return wv_msf_fail(
			tpi->msf, error,
			"the stream of types has %u bytes, and should have %" G_GUINT64_FORMAT,
			tpi->stream->len, (guint64)header_size + size);
	records->end = records->at + size;
	tpi->begin = begin;
	tpi->end = end;
	return true;
}

static bool index_records(struct wv_pdb_tpi *tpi, GError **error)
{
	struct wv_pdb_cursor records = wv_pdb_cursor(tpi->stream->data, tpi->stream->len);
	uint32_t count;

	if (!read_header(tpi, &records, error))
		return false;
	count = tpi->end - tpi->begin;
	if (count > wv_pdb_left(&records) / 4)
		return wv_msf_fail(tpi->msf, error, "%u types do not fit in %zu bytes", count,
				   wv_pdb_left(&records));
	tpi->offsets = g_new(uint32_t, count ? count : 1);
	for (uint32_t i = 0; i < count; i++) {
		uint16_t length;

		tpi->offsets[i] = (uint32_t)(records.at - tpi->stream->data);
		length = wv_pdb_take_u16(&records);
		if (!wv_pdb_take(&records, length) || length < 2)
			return wv_msf_fail(tpi->msf, error, "type %#x runs past the last byte",
					   tpi->begin + i);
	}
	return true;
}

bool wv_pdb_tpi_init(struct wv_pdb_tpi *tpi, const struct wv_msf *msf, GError **error)
{
	*tpi = (struct wv_pdb_tpi){ .msf = msf,
				    .begin = WV_PDB_FIRST_TYPE,
				    .end = WV_PDB_FIRST_TYPE };
	if (!wv_msf_has(msf, STREAM))
		return true;
	tpi->stream = wv_msf_read(msf, STREAM, "the stream of types", error);
	if (tpi->stream && index_records(tpi, error))
		return true;
	wv_pdb_tpi_deinit(tpi);
	return false;
}

void wv_pdb_tpi_deinit(struct wv_pdb_tpi *tpi)
{
	g_clear_pointer(&tpi->stream, g_byte_array_unref);
	g_clear_pointer(&tpi->offsets, g_free);
	tpi->end = tpi->begin;
}

uint16_t wv_pdb_tpi_record(const struct wv_pdb_tpi *tpi, uint32_t index, struct wv_pdb_cursor *data)
{
	uint16_t length;

	if (index < tpi->begin || index >= tpi->end) {
		*data = (struct wv_pdb_cursor){ .failed = true };
		return 0;
	}
	*data = wv_pdb_cursor(tpi->stream->data, tpi->stream->len);
	data->at += tpi->offsets[index - tpi->begin];
	length = wv_pdb_take_u16(data);
	data->end = data->at + length;
	return wv_pdb_take_u16(data);
}

/* ---- built-in types ---- */

struct simple {
	uint8_t kind; /* the low byte of the index */
	uint8_t size;
	const char *name;
	enum wv_table_values values;
	bool is_signed; /* an integer with a sign */
};

/* cvinfo.h, "special types"; sorted by kind. */
static const struct simple simples[] = {
	{ 0x03, 0, "void", WV_TABLE_VOID, false },
	{ 0x08, 4, "HRESULT", WV_TABLE_INT, true },
	{ 0x10, 1, "char", WV_TABLE_CHAR, true },
	{ 0x11, 2, "short", WV_TABLE_INT, true },
	{ 0x12, 4, "long", WV_TABLE_INT, true },
	{ 0x13, 8, "long long", WV_TABLE_INT, true },
	{ 0x14, 16, "__int128", WV_TABLE_INT, true },
	{ 0x20, 1, "unsigned char", WV_TABLE_CHAR, false },
	{ 0x21, 2, "unsigned short", WV_TABLE_INT, false },
	{ 0x22, 4, "unsigned long", WV_TABLE_INT, false },
	{ 0x23, 8, "unsigned long long", WV_TABLE_INT, false },
	{ 0x24, 16, "unsigned __int128", WV_TABLE_INT, false },
	{ 0x30, 1, "bool", WV_TABLE_BOOL, false },
	{ 0x31, 2, "__bool16", WV_TABLE_BOOL, false },
	{ 0x32, 4, "__bool32", WV_TABLE_BOOL, false },
	{ 0x33, 8, "__bool64", WV_TABLE_BOOL, false },
	{ 0x40, 4, "float", WV_TABLE_FLOAT, false },
	{ 0x41, 8, "double", WV_TABLE_FLOAT, false },
	{ 0x42, 10, "long double", WV_TABLE_FLOAT, false },
	{ 0x43, 16, "__float128", WV_TABLE_FLOAT, false },
	{ 0x44, 6, "__float48", WV_TABLE_FLOAT, false },
	{ 0x45, 4, "__float32pp", WV_TABLE_FLOAT, false },
	{ 0x46, 2, "__float16", WV_TABLE_FLOAT, false },
	{ 0x50, 8, "_Complex float", WV_TABLE_FLOAT, false },
	{ 0x51, 16, "_Complex double", WV_TABLE_FLOAT, false },
	{ 0x52, 20, "_Complex long double", WV_TABLE_FLOAT, false },
	{ 0x53, 32, "_Complex __float128", WV_TABLE_FLOAT, false },
	{ 0x68, 1, "__int8", WV_TABLE_INT, true },
	{ 0x69, 1, "unsigned __int8", WV_TABLE_INT, false },
	{ 0x70, 1, "char", WV_TABLE_CHAR, true },
	{ 0x71, 2, "wchar", WV_TABLE_INT, false },
	{ 0x72, 2, "short", WV_TABLE_INT, true },
	{ 0x73, 2, "unsigned short", WV_TABLE_INT, false },
	{ 0x74, 4, "int", WV_TABLE_INT, true },
	{ 0x75, 4, "unsigned int", WV_TABLE_INT, false },
	{ 0x76, 8, "long long", WV_TABLE_INT, true },
	{ 0x77, 8, "unsigned long long", WV_TABLE_INT, false },
	{ 0x78, 16, "__int128", WV_TABLE_INT, true },
	{ 0x79, 16, "unsigned __int128", WV_TABLE_INT, false },
	{ 0x7a, 2, "char16_t", WV_TABLE_CHAR, false },
	{ 0x7b, 4, "char32_t", WV_TABLE_CHAR, false },
	{ 0x7c, 1, "char8_t", WV_TABLE_CHAR, false },
};

static const struct simple *find_simple(uint32_t index)
{
	for (size_t i = 0; i < G_N_ELEMENTS(simples); i++) {
		if (simples[i].kind == (index & 0xff))
			return &simples[i];
	}
	return NULL;
}

/* Bits 8 to 10 are not 0 for a pointer, and tell its form. */
static unsigned int pointer_form(uint32_t index)
{
	return index >> 8 & 7;
}

uint32_t wv_pdb_simple_size(uint32_t index)
{
	/* Near and far pointers of 16-bit code, of 32-bit code, 64 bits, 128 bits. */
	static const uint8_t pointer_sizes[8] = { 0, 2, 4, 4, 4, 6, 8, 16 };
	const struct simple *simple;

	if (index >= WV_PDB_FIRST_TYPE)
		return 0;
	if (pointer_form(index))
		return pointer_sizes[pointer_form(index)];
	simple = find_simple(index);
	return simple ? simple->size : 0;
}

bool wv_pdb_simple_signed(uint32_t index)
{
	const struct simple *simple = index < WV_PDB_FIRST_TYPE ? find_simple(index) : NULL;

	return simple && simple->is_signed && !pointer_form(index);
}

enum wv_table_values wv_pdb_simple_values(uint32_t index)
{
	const struct simple *simple = find_simple(index);

	if (index < WV_PDB_FIRST_TYPE && pointer_form(index))
		return WV_TABLE_INT;
	return index < WV_PDB_FIRST_TYPE && simple ? simple->values : WV_TABLE_VOID;
}

const char *wv_pdb_simple_name(uint32_t index)
{
	const struct simple *simple = find_simple(index);

	return simple && !pointer_form(index) ? simple->name : NULL;
}

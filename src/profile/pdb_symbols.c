/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the stream of symbol records.
 *
 * Only S_PUB32 is used. Global data (S_GDATA32) has a public symbol as well; static data
 * (S_LDATA32) has names that are not unique; S_PROCREF has no address. Microsoft's published PDBs
 * have nothing but S_PUB32. The hash tables over them (GSI, PSGSI) are not needed to read them all.
 */
#include "profile/pdb_symbols.h"

#include "profile/pdb_address.h"
#include "profile/pdb_cursor.h"
#include "profile/pdb_id.h"

#include <string.h>

/** cvinfo.h of github.com/microsoft/microsoft-pdb. */
#define S_PUB32 0x110eu

struct reader {
	const struct wv_msf *msf;
	const struct wv_pdb_dbi *dbi;
	struct wv_table_symbols *symbols;
	struct wv_pdb_addresses addresses;
	bool has_addresses; /* they are read when the first public symbol is seen */
	GString *name;
	GError **error;
};

const char *wv_pdb_plain_name(const char *name, size_t *length)
{
	const char *at = *name == '?' ? NULL : strrchr(name, '@');
	bool counted = at && at[1] && at[1 + strspn(at + 1, "0123456789")] == '\0';

	if (counted && at > name + 1 && at[-1] == '@') {
		*length = (size_t)(at - 1 - name);
		return name;
	}
	if (counted && at > name + 1 && (*name == '_' || *name == '@')) {
		*length = (size_t)(at - name - 1);
		return name + 1;
	}
	if (*name == '_' && name[1])
		name++;
	*length = strlen(name);
	return name;
}

static bool add_public(struct reader *reader, struct wv_pdb_cursor *record)
{
	const char *name;
	uint32_t offset, rva;
	uint16_t section;
	size_t length;

	if (!reader->has_addresses)
		reader->has_addresses = wv_pdb_addresses_init(&reader->addresses, reader->msf,
							      reader->dbi, reader->error);
	if (!reader->has_addresses)
		return false;
	wv_pdb_take(record, 4); /* flags: code, function, managed */
	offset = wv_pdb_take_u32(record);
	section = wv_pdb_take_u16(record);
	name = wv_pdb_take_string(record);
	if (record->failed)
		return wv_msf_fail(reader->msf, reader->error, "a public symbol's record is cut");
	if (!*name || !wv_pdb_address(&reader->addresses, section, offset, &rva))
		return true;
	if (reader->dbi->machine == WV_PE_I386) {
		name = wv_pdb_plain_name(name, &length);
		g_string_truncate(reader->name, 0);
		name = g_string_append_len(reader->name, name, (gssize)length)->str;
	}
	if (!g_hash_table_contains(reader->symbols->addresses, name))
		wv_table_symbols_add(reader->symbols, name, rva);
	return true;
}

static bool read_records(struct reader *reader, const GByteArray *stream)
{
	struct wv_pdb_cursor records = wv_pdb_cursor(stream->data, stream->len);

	while (wv_pdb_left(&records) != 0) {
		size_t at = (size_t)(records.at - stream->data);
		uint16_t length = wv_pdb_take_u16(&records);
		struct wv_pdb_cursor record = { .at = wv_pdb_take(&records, length) };
		uint16_t kind;

		record.end = records.at;
		kind = records.failed ? 0 : wv_pdb_take_u16(&record);
		if (records.failed || record.failed)
			return wv_msf_fail(reader->msf, reader->error,
					   "the symbol record at byte %zu of %u is malformed", at,
					   stream->len);
		if (kind == S_PUB32 && !add_public(reader, &record))
			return false;
	}
	return true;
}

bool wv_pdb_symbols_read(const struct wv_msf *msf, const struct wv_pdb_dbi *dbi,
			 struct wv_table_symbols *symbols, GError **error)
{
	g_autoptr(GByteArray) stream = NULL;
	struct reader reader = { .msf = msf, .dbi = dbi, .symbols = symbols, .error = error };
	bool ok;

	if (dbi->symbols == WV_MSF_NO_STREAM || !wv_msf_has(msf, dbi->symbols))
		return true;
	stream = wv_msf_read(msf, dbi->symbols, "the stream of symbols", error);
	if (!stream)
		return false;
	reader.name = g_string_new(NULL);
	ok = read_records(&reader, stream);
	g_string_free(reader.name, TRUE);
	if (reader.has_addresses)
		wv_pdb_addresses_deinit(&reader.addresses);
	return ok;
}

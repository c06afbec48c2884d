/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a profile of a PDB. */
#include "profile/pdb.h"

#include "base/error.h"
#include "profile/pdb_cursor.h"
#include "profile/pdb_dbi.h"
#include "profile/pdb_msf.h"
#include "profile/pdb_symbols.h"
#include "profile/pdb_types.h"

#include <string.h>

#define INFO_STREAM 1u
/** The first version of the info stream that has a GUID. */
#define INFO_VERSION_MIN 20000404u

static bool open_container(struct wv_msf *msf, const void *data, size_t size, const char *name,
			   GError **error)
{
	if (size > WV_PDB_SIZE_MAX) {
		g_set_error(error, WV_ERROR, WV_ERROR_FORMAT, "%s: larger than %u MiB, not a PDB",
			    name, WV_PDB_SIZE_MAX >> 20);
		return false;
	}
	return wv_msf_init(msf, size ? data : "", size, name, error);
}

/* The info stream: version, signature, age, GUID. */
static bool read_info(const struct wv_msf *msf, struct wv_pdb_id *id, GError **error)
{
	g_autoptr(GByteArray) stream = wv_msf_read(msf, INFO_STREAM, "the info stream", error);
	struct wv_pdb_cursor info;
	const uint8_t *guid;
	uint32_t version;

	if (!stream)
		return false;
	info = wv_pdb_cursor(stream->data, stream->len);
	version = wv_pdb_take_u32(&info);
	wv_pdb_take(&info, 4); /* the time at which it was made */
	id->age = wv_pdb_take_u32(&info);
	guid = wv_pdb_take(&info, sizeof(id->guid));
	if (!guid || version < INFO_VERSION_MIN)
		return wv_msf_fail(msf, error, "its info stream (version %u, %u bytes) has no GUID",
				   version, stream->len);
	memcpy(id->guid, guid, sizeof(id->guid));
	id->machine = WV_PE_UNKNOWN;
	return true;
}

/* A PDB without a DBI stream has no symbols; its machine is not known. */
static bool read_dbi(const struct wv_msf *msf, struct wv_pdb_dbi *dbi, GError **error)
{
	*dbi = (struct wv_pdb_dbi){ .symbols = WV_MSF_NO_STREAM };
	return !wv_pdb_dbi_present(msf) || wv_pdb_dbi_read(msf, dbi, error);
}

static bool identify(const struct wv_msf *msf, struct wv_pdb_id *id, GError **error)
{
	struct wv_pdb_dbi dbi;

	if (!read_info(msf, id, error) || !read_dbi(msf, &dbi, error))
		return false;
	if (wv_pdb_dbi_present(msf))
		id->age = dbi.age;
	id->machine = dbi.machine;
	return true;
}

bool wv_pdb_identify(const void *data, size_t size, const char *name, struct wv_pdb_id *id,
		     GError **error)
{
	struct wv_msf msf;
	bool ok;

	if (!open_container(&msf, data, size, name, error))
		return false;
	ok = identify(&msf, id, error);
	wv_msf_deinit(&msf);
	return ok;
}

static uint32_t pointer_size(uint16_t machine)
{
	return machine == WV_PE_I386 || machine == WV_PE_ARM ? 4 : 8;
}

static bool read_all(const struct wv_msf *msf, struct wv_table_symbols *symbols,
		     struct wv_table_types *types, GError **error)
{
	struct wv_pdb_dbi dbi;

	if (!read_dbi(msf, &dbi, error) || !wv_pdb_symbols_read(msf, &dbi, symbols, error) ||
	    !wv_pdb_types_read(msf, pointer_size(dbi.machine), types, error))
		return false;
	if (symbols->base.count == 0 && types->base.count == 0)
		return wv_msf_fail(msf, error, "it has neither symbols nor types");
	return true;
}

struct wv_profile *wv_pdb_parse(const void *data, size_t size, const char *name, GError **error)
{
	struct wv_table_symbols *symbols;
	struct wv_table_types *types;
	struct wv_profile *profile;
	struct wv_msf msf;

	if (!open_container(&msf, data, size, name, error))
		return NULL;
	symbols = wv_table_symbols_new("pdb");
	types = wv_table_types_new("pdb");
	profile = wv_profile_new(&symbols->base, &types->base);
	if (!read_all(&msf, symbols, types, error))
		g_clear_pointer(&profile, wv_profile_free);
	wv_msf_deinit(&msf);
	return profile;
}

bool wv_pdb_is_pdb(const void *data, size_t size)
{
	static const char *const starts[] = { "Microsoft C/C++ MSF 7.00\r\n",
					      "Microsoft C/C++ program database " };

	for (size_t i = 0; i < G_N_ELEMENTS(starts); i++) {
		if (size >= strlen(starts[i]) && memcmp(data, starts[i], strlen(starts[i])) == 0)
			return true;
	}
	return false;
}

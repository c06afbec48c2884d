/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the DBI stream's header, and the "optional debug header" behind its seven sub-streams.
 *
 * The layout: LLVM's docs/PDB/DbiStream, and PDB/dbi/dbi.h of github.com/microsoft/microsoft-pdb
 * (NewDBIHdr; the order of the debug streams is that of its enum DBGTYPE).
 */
#include "profile/pdb_dbi.h"

#include "profile/pdb_cursor.h"

#define STREAM 3u
/** Parts between the header and the optional debug header: modules, contributions to sections, the
 *  sections' map, source files, type servers, and edit-and-continue. */
#define SUBSTREAMS 6u

/** Where the optional debug header has a stream's number. */
enum {
	DEBUG_OMAP_FROM_SRC = 4,
	DEBUG_SECTION_HEADERS = 5,
	DEBUG_ORIGINAL_HEADERS = 10,
	DEBUG_STREAMS,
};

bool wv_pdb_dbi_present(const struct wv_msf *msf)
{
	return wv_msf_has(msf, STREAM);
}

/* Older linkers write fewer of them. */
static void read_debug_header(struct wv_pdb_dbi *dbi, struct wv_pdb_cursor *debug)
{
	uint16_t streams[DEBUG_STREAMS];

	for (size_t i = 0; i < DEBUG_STREAMS; i++)
		streams[i] = wv_pdb_left(debug) >= sizeof(uint16_t) ? wv_pdb_take_u16(debug)
								    : WV_MSF_NO_STREAM;
	dbi->omap_from = streams[DEBUG_OMAP_FROM_SRC];
	dbi->sections = streams[DEBUG_SECTION_HEADERS];
	dbi->original = streams[DEBUG_ORIGINAL_HEADERS];
}

bool wv_pdb_dbi_read(const struct wv_msf *msf, struct wv_pdb_dbi *dbi, GError **error)
{
	g_autoptr(GByteArray) stream = wv_msf_read(msf, STREAM, "the DBI stream", error);
	struct wv_pdb_cursor header, debug;
	uint32_t signature, sizes[SUBSTREAMS], debug_size;
	uint64_t before = 0;

	if (!stream)
		return false;
	header = wv_pdb_cursor(stream->data, stream->len);
	signature = wv_pdb_take_u32(&header);
	wv_pdb_take(&header, 4); /* version: all since 1999 have this form */
	dbi->age = wv_pdb_take_u32(&header);
	wv_pdb_take(&header, 8); /* stream of the globals' hash, build, of the publics', DLL */
	dbi->symbols = wv_pdb_take_u16(&header);
	wv_pdb_take(&header, 2); /* build of the DLL */
	for (size_t i = 0; i < SUBSTREAMS - 1; i++)
		sizes[i] = wv_pdb_take_u32(&header);
	wv_pdb_take(&header, 4); /* the number of a type server */
	debug_size = wv_pdb_take_u32(&header);
	sizes[SUBSTREAMS - 1] = wv_pdb_take_u32(&header);
	wv_pdb_take(&header, 2); /* flags */
	dbi->machine = wv_pdb_take_u16(&header);
	wv_pdb_take(&header, 4);
	if (header.failed || signature != 0xffffffff)
		return wv_msf_fail(msf, error, "the DBI stream has no header of the newer form");
	for (size_t i = 0; i < SUBSTREAMS; i++)
		before += sizes[i];
	debug = header;
	if (before > wv_pdb_left(&header) || debug_size > wv_pdb_left(&header) - before)
		return wv_msf_fail(msf, error,
				   "the DBI stream of %u bytes is too short for its parts",
				   stream->len);
	wv_pdb_take(&debug, (size_t)before);
	debug.end = debug.at + debug_size;
	read_debug_header(dbi, &debug);
	return true;
}

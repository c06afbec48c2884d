/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Downloads PDBs from a symbol server, over HTTP or HTTPS. The one part of Wyvern that speaks to
 * the network; a library of its own, so that only the `wyvern` command has it.
 *
 * A server has URL/NAME.pdb/KEY/NAME.pdb, as a symbol store has. A compressed file (NAME.pd_) is
 * not asked for: servers that have one give the plain one as well. Nor is file.ptr, which refers to
 * another place, followed.
 */
#ifndef WV_SYMBOLS_FETCH_H
#define WV_SYMBOLS_FETCH_H

#include "profile/symbols.h"

/** Limits on one download. */
struct wv_fetch_limits {
	unsigned connect; /**< seconds until the server must have been reached */
	unsigned silence; /**< seconds in a row in which next to nothing comes */
	unsigned total;	  /**< seconds that it may take in all */
	uint64_t size;	  /**< bytes */
};

/** What wv_symbols_fetch() uses. */
extern const struct wv_fetch_limits wv_fetch_limits;

/**
 * Downloads a PDB to its place in the server's store (wv_symbol_store_place()). It gets there
 * whole or not at all: it is written to a file of another name beside it, which is renamed when all
 * has come and its own GUID is the one that was asked for. A file that is there is replaced.
 *
 * Follows a few redirects, to HTTP or HTTPS only. Proxies are those of the environment
 * (https_proxy and the like, as curl has them).
 *
 * Returns its path, to be freed with g_free().
 *
 * Errors: WV_ERROR_FORMAT: the name or the key are not what they should be, or what came is not
 * that PDB, or too large. WV_ERROR_KERNEL: the server does not have it, or could not be asked; the
 * message says which URL and why. WV_ERROR_OUTPUT: the store can not be written. WV_ERROR_INTERNAL:
 * libcurl can not be used.
 */
char *wv_symbols_fetch(const struct wv_symbol_server *server, const char *pdb, const char *key,
		       GError **error);

/** The same with other limits. */
char *wv_symbols_fetch_within(const struct wv_symbol_server *server, const char *pdb,
			      const char *key, const struct wv_fetch_limits *limits,
			      GError **error);

#endif

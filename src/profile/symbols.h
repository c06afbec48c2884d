/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a kernel's PDB comes from: the folders of the user's search path, and the servers that he
 * allows to be asked. The download itself is not here but handed in: only the `wyvern` command has
 * one (symbols/fetch.h), the part of Wyvern that runs inside of QEMU never speaks to a server.
 */
#ifndef WV_PROFILE_SYMBOLS_H
#define WV_PROFILE_SYMBOLS_H

#include "profile/store.h"

/**
 * Downloads a PDB into the server's store and returns its path there, to be freed with g_free();
 * symbols/fetch.h has it.
 *
 * @server: has a store.
 * @pdb, @key: checked.
 */
typedef char *(*wv_symbols_fetch_fn)(const struct wv_symbol_server *server, const char *pdb,
				     const char *key, GError **error);

/** What the user has set. All may be NULL: then only what is on this machine is looked at. */
struct wv_symbols_setup {
	const char *path;	   /**< --symbol-path; without it, $_NT_SYMBOL_PATH */
	const char *server;	   /**< --symbol-server: the URL of one more, asked last */
	wv_symbols_fetch_fn fetch; /**< without it no server is asked */
};

/** The store that is used where none is named: wyvern/symbols in the user's cache folder. Free with
 *  g_free(). */
char *wv_symbols_default_store(void);

/**
 * Whether the setup makes sense, so that mistakes are told early.
 *
 * Errors: WV_ERROR_USAGE: --symbol-server is not a URL of http or https.
 */
bool wv_symbols_check(const struct wv_symbols_setup *setup, GError **error);

/**
 * Finds a PDB: in the folders of the search path and then in the default store, as
 * wv_symbol_store_find() does, and, where it is in none of them, from the servers of the search
 * path and then from setup->server. What a server gives is kept in its store, or in the default
 * one. Returns its path, to be freed with g_free().
 *
 * @pdb: the name that the image's RSDS record has, without folders.
 * @key: as wv_pdb_id_key() or a user writes it (wv_pdb_key_parse()).
 *
 * Errors: WV_ERROR_FORMAT: the name or the key are not what they should be. WV_ERROR_KERNEL: it is
 * nowhere; the message says which folders and servers were asked, and what came of it.
 * WV_ERROR_USAGE as wv_symbols_check().
 */
char *wv_symbols_get(const struct wv_symbols_setup *setup, const char *pdb, const char *key,
		     GError **error);

/** The same for what a monitor asks: the name and the key with a blank between. */
char *wv_symbols_get_asked(const struct wv_symbols_setup *setup, const char *question,
			   GError **error);

#endif

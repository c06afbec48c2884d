/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Symbol stores: folders in which debuggers keep PDBs, and the search path that names them.
 *
 * A store has NAME.pdb/KEY/NAME.pdb (wv_pdb_id_key()); where its root has a file index2.txt, all
 * that is in folders of the first two letters of the names (nt/ntkrnlmp.pdb/KEY/...). Names and
 * keys are compared without regard to case. Sources: Microsoft's "Symbol path for Windows
 * debuggers" and "Advanced SymSrv Use".
 *
 * A name and a key may come from a guest: they are checked before they become part of a path.
 */
#ifndef WV_PROFILE_STORE_H
#define WV_PROFILE_STORE_H

#include "profile/pdb_id.h"

#include <glib.h>
#include <stdbool.h>

/** The environment variable that has the search path. */
#define WV_SYMBOL_PATH "_NT_SYMBOL_PATH"

/** A server to ask for what no folder has. */
struct wv_symbol_server {
	char *url;
	char *store; /**< the folder that what it gives is kept in, or NULL */
};

/** A search path, taken apart. */
struct wv_symbol_path {
	char **folders;	    /**< all local ones, in the order of the path, each once; NULL-ended */
	GPtrArray *servers; /**< of struct wv_symbol_server, in the order of the path */
};

/**
 * Takes a search path apart: elements separated by ';', each
 *	FOLDER, cache*FOLDER, srv*STORE*STORE*...*URL, or symsrv*PROGRAM*STORE*...*URL.
 * What is after srv* may be stores only, or a URL only. A store without a name, and cache* without
 * one, is `default_store` (NULL: none). A server's answers are kept in its first store, or without
 * one in the folder of the last cache* before it. srv* with nothing behind is not a server: which
 * one to ask, the user must say. Elements that make no sense are left out.
 */
struct wv_symbol_path *wv_symbol_path_new(const char *path, const char *default_store);
void wv_symbol_path_free(struct wv_symbol_path *path);
typedef struct wv_symbol_path wv_symbol_path; /* g_autoptr() wants a single name */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(wv_symbol_path, wv_symbol_path_free)

/**
 * Looks for a PDB in the folders, in their order; `folders` ends with NULL. Where a folder does not
 * have it as a store does, symbols/exe/PDB, exe/PDB and PDB in it are taken if the file's own GUID
 * and age are those of the key. What is found in a store's tree is not opened: whether it is the
 * right one, wv_profile_is_of() tells when it is loaded. Returns its path, to be freed with
 * g_free(), or NULL: not found, or `pdb` or `key` are not what they should be.
 */
char *wv_symbol_store_find(const char *const *folders, const char *pdb, const char *key);

/**
 * Where in a store a PDB belongs. Nothing is made there. Free with g_free().
 *
 * Errors: WV_ERROR_FORMAT when the name or the key are not what they should be.
 */
char *wv_symbol_store_place(const char *folder, const char *pdb, const char *key, GError **error);

/**
 * Whether a name may be that of a file in a store: 1 to 128 bytes, no separators, control
 * characters or others that Windows does not have in names, no dot at its start.
 */
bool wv_symbol_name_is_safe(const char *name);

/**
 * Checks both, and brings the key into its form (wv_pdb_key_parse()).
 *
 * Errors: WV_ERROR_FORMAT: which of them is not what it should be.
 */
bool wv_symbol_check(const char *pdb, const char *key, char checked[WV_PDB_KEY_SIZE],
		     GError **error);

/** Whether a text is the URL of a server: of http or https. */
bool wv_symbol_is_url(const char *text);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds PDBs in symbol stores. */
#include "profile/store.h"

#include "base/error.h"
#include "profile/file.h"
#include "profile/pdb.h"

#include <string.h>

#define NAME_MAX_BYTES 128u
/** Entries of a folder that are compared when a name is written in another case. */
#define ENTRIES_MAX 100000u

/* ---- names ---- */

bool wv_symbol_name_is_safe(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > NAME_MAX_BYTES || *name == '.')
		return false;
	for (const char *at = name; *at; at++) {
		if (g_ascii_iscntrl(*at) || strchr("/\\:*?\"<>|", *at))
			return false;
	}
	return true;
}

/* ---- the search path ---- */

static void free_server(gpointer data)
{
	struct wv_symbol_server *server = data;

	g_free(server->url);
	g_free(server->store);
	g_free(server);
}

struct parser {
	GPtrArray *folders;
	GPtrArray *servers;
	const char *default_store;
	char *cache; /* of the last cache* */
};

bool wv_symbol_is_url(const char *text)
{
	return g_ascii_strncasecmp(text, "http://", 7) == 0 ||
	       g_ascii_strncasecmp(text, "https://", 8) == 0;
}

static void add_folder(struct parser *parser, const char *folder)
{
	if (!folder || !*folder)
		return;
	for (guint i = 0; i < parser->folders->len; i++) {
		if (strcmp(g_ptr_array_index(parser->folders, i), folder) == 0)
			return;
	}
	g_ptr_array_add(parser->folders, g_strdup(folder));
}

static void add_server(struct parser *parser, const char *url, const char *store)
{
	struct wv_symbol_server *server = g_new0(struct wv_symbol_server, 1);

	server->url = g_strdup(url);
	server->store = g_strdup(store ? store : parser->cache);
	g_ptr_array_add(parser->servers, server);
}

/* Stores from the nearest to the farthest; what is behind a URL can not be reached through it. */
static void add_stores(struct parser *parser, char **parts)
{
	const char *nearest = NULL;

	if (!parts[0] || (!*parts[0] && !parts[1]))
		return;
	for (; *parts; parts++) {
		const char *part = **parts ? *parts : parser->default_store;

		if (part && wv_symbol_is_url(part)) {
			add_server(parser, part, nearest);
			return;
		}
		add_folder(parser, part);
		if (!nearest)
			nearest = part;
	}
}

static void add_cache(struct parser *parser, const char *folder)
{
	if (!folder || !*folder)
		folder = parser->default_store;
	g_free(parser->cache);
	parser->cache = g_strdup(folder);
	add_folder(parser, folder);
}

static void add_element(struct parser *parser, const char *element)
{
	g_auto(GStrv) parts = g_strsplit(element, "*", 0);
	guint count = g_strv_length(parts);

	if (count == 0)
		return;
	for (guint i = 0; i < count; i++)
		g_strstrip(parts[i]);
	if (count == 1 && wv_symbol_is_url(parts[0]))
		add_server(parser, parts[0], NULL);
	else if (count == 1)
		add_folder(parser, parts[0]);
	else if (g_ascii_strcasecmp(parts[0], "srv") == 0)
		add_stores(parser, parts + 1);
	else if (g_ascii_strcasecmp(parts[0], "symsrv") == 0)
		add_stores(parser, parts + 2);
	else if (g_ascii_strcasecmp(parts[0], "cache") == 0)
		add_cache(parser, parts[1]);
}

struct wv_symbol_path *wv_symbol_path_new(const char *path, const char *default_store)
{
	struct wv_symbol_path *result = g_new0(struct wv_symbol_path, 1);
	g_auto(GStrv) elements = g_strsplit(path, ";", 0);
	struct parser parser = {
		.folders = g_ptr_array_new(),
		.servers = g_ptr_array_new_with_free_func(free_server),
		.default_store = default_store,
	};

	for (char **element = elements; *element; element++)
		add_element(&parser, *element);
	g_free(parser.cache);
	g_ptr_array_add(parser.folders, NULL);
	result->folders = (char **)g_ptr_array_free(parser.folders, FALSE);
	result->servers = parser.servers;
	return result;
}

void wv_symbol_path_free(struct wv_symbol_path *path)
{
	if (!path)
		return;
	g_strfreev(path->folders);
	g_ptr_array_unref(path->servers);
	g_free(path);
}

/* ---- stores ---- */

/* An entry of the folder by its name in any case; as it is written, if that is there. */
static char *find_entry(const char *folder, const char *name, GFileTest test)
{
	char *path = g_build_filename(folder, name, NULL);
	const char *entry;
	GDir *dir;

	if (g_file_test(path, test))
		return path;
	g_clear_pointer(&path, g_free);
	dir = g_dir_open(folder, 0, NULL);
	if (!dir)
		return NULL;
	for (guint i = 0; !path && i < ENTRIES_MAX && (entry = g_dir_read_name(dir)); i++) {
		if (g_ascii_strcasecmp(entry, name) != 0)
			continue;
		path = g_build_filename(folder, entry, NULL);
		if (!g_file_test(path, test))
			g_clear_pointer(&path, g_free);
	}
	g_dir_close(dir);
	return path;
}

/* The folder that a store keeps this name in; NULL when there is none. */
static char *find_names_folder(const char *store, const char *pdb)
{
	g_autofree char *marker = find_entry(store, "index2.txt", G_FILE_TEST_IS_REGULAR);
	char letters[] = { pdb[0], pdb[1], '\0' };
	g_autofree char *initial = NULL;

	if (!marker)
		return find_entry(store, pdb, G_FILE_TEST_IS_DIR);
	initial = find_entry(store, letters, G_FILE_TEST_IS_DIR);
	return initial ? find_entry(initial, pdb, G_FILE_TEST_IS_DIR) : NULL;
}

static char *find_in_tree(const char *store, const char *pdb, const char *key)
{
	g_autofree char *names = find_names_folder(store, pdb);
	g_autofree char *keys = names ? find_entry(names, key, G_FILE_TEST_IS_DIR) : NULL;

	return keys ? find_entry(keys, pdb, G_FILE_TEST_IS_REGULAR) : NULL;
}

static bool file_has_key(const char *path, const char *key)
{
	g_autoptr(GByteArray) file = wv_profile_file_read(path, NULL);
	char own[WV_PDB_KEY_SIZE];
	struct wv_pdb_id id;

	if (!file || !wv_pdb_identify(file->data, file->len, path, &id, NULL))
		return false;
	wv_pdb_id_key(&id, own);
	return strcmp(own, key) == 0;
}

static char *find_flat(const char *folder, const char *pdb, const char *key)
{
	static const char *const places[] = { "symbols/exe", "exe", "" };

	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autofree char *place = g_build_filename(folder, places[i], NULL);
		char *path = find_entry(place, pdb, G_FILE_TEST_IS_REGULAR);

		if (path && file_has_key(path, key))
			return path;
		g_free(path);
	}
	return NULL;
}

char *wv_symbol_store_find(const char *const *folders, const char *pdb, const char *key)
{
	char checked[WV_PDB_KEY_SIZE];

	if (!wv_symbol_name_is_safe(pdb) || !wv_pdb_key_parse(key, checked))
		return NULL;
	for (; *folders; folders++) {
		char *path = find_in_tree(*folders, pdb, checked);

		if (!path)
			path = find_flat(*folders, pdb, checked);
		if (path)
			return path;
	}
	return NULL;
}

bool wv_symbol_check(const char *pdb, const char *key, char checked[WV_PDB_KEY_SIZE],
		     GError **error)
{
	g_autofree char *shown = NULL;

	if (!wv_symbol_name_is_safe(pdb)) {
		shown = g_strescape(pdb, NULL);
		g_set_error(error, WV_ERROR, WV_ERROR_FORMAT,
			    "\"%.200s\" can not be the name of a PDB in a symbol store", shown);
		return false;
	}
	if (!wv_pdb_key_parse(key, checked)) {
		shown = g_strescape(key, NULL);
		g_set_error(error, WV_ERROR, WV_ERROR_FORMAT,
			    "\"%.200s\" is not a PDB's GUID and age", shown);
		return false;
	}
	return true;
}

char *wv_symbol_store_place(const char *folder, const char *pdb, const char *key, GError **error)
{
	char checked[WV_PDB_KEY_SIZE], letters[3] = { 0 };
	g_autofree char *marker = NULL;

	if (!wv_symbol_check(pdb, key, checked, error))
		return NULL;
	marker = find_entry(folder, "index2.txt", G_FILE_TEST_IS_REGULAR);
	if (!marker)
		return g_build_filename(folder, pdb, checked, pdb, NULL);
	memcpy(letters, pdb, strnlen(pdb, 2));
	return g_build_filename(folder, letters, pdb, checked, pdb, NULL);
}

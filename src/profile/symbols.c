/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks for a PDB in folders, and asks servers for what is in none. */
#include "profile/symbols.h"

#include "base/error.h"

char *wv_symbols_default_store(void)
{
	return g_build_filename(g_get_user_cache_dir(), "wyvern", "symbols", NULL);
}

bool wv_symbols_check(const struct wv_symbols_setup *setup, GError **error)
{
	if (!setup->server || wv_symbol_is_url(setup->server))
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
		    "--symbol-server: \"%s\" is not a URL of http or https", setup->server);
	return false;
}

/* The search path as it is set; an empty variable is as good as none. */
static struct wv_symbol_path *search_path(const struct wv_symbols_setup *setup, const char *store)
{
	const char *path = setup->path ? setup->path : g_getenv(WV_SYMBOL_PATH);
	g_autofree char *whole = g_strconcat(path ? path : "", ";cache*", NULL);

	return wv_symbol_path_new(whole, store);
}

/* Asks one server; why it did not give the PDB is added to the report. */
static char *ask(const struct wv_symbols_setup *setup, const char *url, const char *store,
		 const char *pdb, const char *key, GString *report)
{
	const struct wv_symbol_server server = { .url = (char *)url, .store = (char *)store };
	g_autoptr(GError) reason = NULL;
	char *path = setup->fetch(&server, pdb, key, &reason);

	if (!path)
		g_string_append_printf(report, "; %s", reason->message);
	return path;
}

static char *ask_servers(const struct wv_symbols_setup *setup, const struct wv_symbol_path *path,
			 const char *store, const char *pdb, const char *key, GString *report)
{
	char *found = NULL;

	for (guint i = 0; !found && i < path->servers->len; i++) {
		const struct wv_symbol_server *server = g_ptr_array_index(path->servers, i);

		found = ask(setup, server->url, server->store ? server->store : store, pdb, key,
			    report);
	}
	if (!found && setup->server)
		found = ask(setup, setup->server, store, pdb, key, report);
	return found;
}

char *wv_symbols_get(const struct wv_symbols_setup *setup, const char *pdb, const char *key,
		     GError **error)
{
	g_autofree char *store = wv_symbols_default_store();
	g_autofree char *folders = NULL;
	g_autoptr(wv_symbol_path) path = NULL;
	g_autoptr(GString) report = NULL;
	char checked[WV_PDB_KEY_SIZE];
	char *found;

	if (!wv_symbols_check(setup, error) || !wv_symbol_check(pdb, key, checked, error))
		return NULL;
	path = search_path(setup, store);
	found = wv_symbol_store_find((const char *const *)path->folders, pdb, checked);
	if (found)
		return found;
	report = g_string_new(NULL);
	if (setup->fetch)
		found = ask_servers(setup, path, store, pdb, checked, report);
	if (found)
		return found;
	if (!report->len)
		g_string_assign(report, "; no server was asked: --symbol-server URL names one");
	folders = g_strjoinv(", ", path->folders);
	g_set_error(error, WV_ERROR, WV_ERROR_KERNEL, "%s (%s) is not in %s%s", pdb, checked,
		    folders, report->str);
	return NULL;
}

char *wv_symbols_get_asked(const struct wv_symbols_setup *setup, const char *question,
			   GError **error)
{
	g_auto(GStrv) parts = g_strsplit(question, " ", 2);

	return wv_symbols_get(setup, parts[0] ? parts[0] : "", parts[0] && parts[1] ? parts[1] : "",
			      error);
}

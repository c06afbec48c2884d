/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search for a kernel's PDB while the guest waits for it. */
#include "cli/symbols.h"

#include "base/error.h"
#include "base/say.h"
#include "symbols/fetch.h"

/** Shared with the threads, which may outlive the watch: a download ends when it ends. */
struct cli_symbols {
	GMutex lock;
	struct wv_session *session; /* NULL: nobody wants an answer any more */
	char *path, *server;
};

struct search {
	struct cli_symbols *symbols;
	char *question;
};

static char *announce_and_fetch(const struct wv_symbol_server *server, const char *pdb,
				const char *key, GError **error)
{
	wv_say("fetching %s from %s", pdb, server->url);
	return wv_symbols_fetch(server, pdb, key, error);
}

static void deinit(gpointer data)
{
	struct cli_symbols *symbols = data;

	g_mutex_clear(&symbols->lock);
	g_free(symbols->path);
	g_free(symbols->server);
}

static void answer(struct cli_symbols *symbols, bool good, const char *text)
{
	g_mutex_lock(&symbols->lock);
	if (symbols->session)
		wv_session_answer(symbols->session, good, text);
	g_mutex_unlock(&symbols->lock);
}

static gpointer look(gpointer data)
{
	struct search *search = data;
	const struct wv_symbols_setup setup = { .path = search->symbols->path,
						.server = search->symbols->server,
						.fetch = announce_and_fetch };
	g_autoptr(GError) error = NULL;
	g_autofree char *path = wv_symbols_get_asked(&setup, search->question, &error);

	answer(search->symbols, path != NULL, path ? path : error->message);
	g_atomic_rc_box_release_full(search->symbols, deinit);
	g_free(search->question);
	g_free(search);
	return NULL;
}

bool cli_symbols_check(const struct wv_settings *settings, GError **error)
{
	g_autofree char *path = wv_settings_get(settings, "symbol-path");
	g_autofree char *server = wv_settings_get(settings, "symbol-server");
	struct wv_symbols_setup setup = { .path = path, .server = server };

	return wv_symbols_check(&setup, error);
}

struct cli_symbols *cli_symbols_new(const struct wv_settings *settings, struct wv_session *session)
{
	struct cli_symbols *symbols = g_atomic_rc_box_new0(struct cli_symbols);

	g_mutex_init(&symbols->lock);
	symbols->session = session;
	symbols->path = wv_settings_get(settings, "symbol-path");
	symbols->server = wv_settings_get(settings, "symbol-server");
	return symbols;
}

void cli_symbols_free(struct cli_symbols *symbols)
{
	if (!symbols)
		return;
	g_mutex_lock(&symbols->lock);
	symbols->session = NULL;
	g_mutex_unlock(&symbols->lock);
	g_atomic_rc_box_release_full(symbols, deinit);
}

void cli_symbols_wanted(void *owner, const char *question)
{
	struct search *search = g_new0(struct search, 1);

	search->symbols = g_atomic_rc_box_acquire(owner);
	search->question = g_strdup(question);
	g_thread_unref(g_thread_new("symbols", look, search));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Downloads with libcurl. A PDB is kept in memory until it is whole and found to be the right one.
 */
#include "symbols/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "profile/pdb.h"

/** As Microsoft's own client says it; some servers answer no other. */
#define USER_AGENT     "Microsoft-Symbol-Server/10.0.0.0"
#define PROTOCOLS      "http,https"
#define REDIRECTS_MAX  5L
#define HTTP_OK	       200L
#define HTTP_NOT_FOUND 404L
/** Below so many bytes a second a server is silent. */
#define SILENT_SPEED 16L

const struct wv_fetch_limits wv_fetch_limits = {
	.connect = 30,
	.silence = 30,
	.total = 1800,
	.size = WV_PDB_SIZE_MAX,
};

struct download {
	const char *url;
	const struct wv_fetch_limits *limits;
	GByteArray *bytes;
	bool too_large;
};

/* ---- the transfer ---- */

/* curl hands over what came; less than all of it taken means stop. */
static size_t on_data(char *data, size_t one, size_t size, void *owner)
{
	struct download *download = owner;

	(void)one;
	if (size > download->limits->size - download->bytes->len) {
		download->too_large = true;
		return 0;
	}
	g_byte_array_append(download->bytes, (const guint8 *)data, (guint)size);
	return size;
}

static bool set_up(CURL *curl, struct download *download, char *reason)
{
	const struct wv_fetch_limits *limits = download->limits;
	const struct {
		CURLoption option;
		long value;
	} numbers[] = {
		{ CURLOPT_NOSIGNAL, 1 },
		{ CURLOPT_FAILONERROR, 1 },
		{ CURLOPT_FOLLOWLOCATION, 1 },
		{ CURLOPT_MAXREDIRS, REDIRECTS_MAX },
		{ CURLOPT_CONNECTTIMEOUT, limits->connect },
		{ CURLOPT_TIMEOUT, limits->total },
		{ CURLOPT_LOW_SPEED_LIMIT, SILENT_SPEED },
		{ CURLOPT_LOW_SPEED_TIME, limits->silence },
	};
	const struct {
		CURLoption option;
		const char *value;
	} texts[] = {
		{ CURLOPT_URL, download->url },
		{ CURLOPT_USERAGENT, USER_AGENT },
		{ CURLOPT_PROTOCOLS_STR, PROTOCOLS },
		{ CURLOPT_REDIR_PROTOCOLS_STR, PROTOCOLS },
	};
	bool ok = true;

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		ok = ok && curl_easy_setopt(curl, numbers[i].option, numbers[i].value) == CURLE_OK;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		ok = ok && curl_easy_setopt(curl, texts[i].option, texts[i].value) == CURLE_OK;
	return ok && curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEDATA, download) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason) == CURLE_OK;
}

/* Says what became of the transfer; true when all came. */
static bool judge(const struct download *download, CURLcode result, long status, const char *reason,
		  GError **error)
{
	if (download->too_large) {
		g_set_error(error, WV_ERROR, WV_ERROR_FORMAT,
			    "%s: larger than %" G_GUINT64_FORMAT " MiB, not a PDB", download->url,
			    (guint64)download->limits->size >> 20);
		return false;
	}
	if (result == CURLE_OK && status == HTTP_OK)
		return true;
	if (status == HTTP_NOT_FOUND)
		reason = "the server does not have it";
	else if (result == CURLE_OK)
		reason = "the server answers, but with no file";
	else if (!*reason)
		reason = curl_easy_strerror(result);
	if (status)
		g_set_error(error, WV_ERROR, WV_ERROR_KERNEL, "%s: %s (HTTP %ld)", download->url,
			    reason, status);
	else
		g_set_error(error, WV_ERROR, WV_ERROR_KERNEL, "%s: %s", download->url, reason);
	return false;
}

static bool transfer(struct download *download, GError **error)
{
	char reason[CURL_ERROR_SIZE] = "";
	CURL *curl = curl_easy_init();
	CURLcode result;
	long status = 0;

	if (!curl || !set_up(curl, download, reason)) {
		g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL, "%s: libcurl can not be used: %s",
			    download->url, *reason ? reason : "it lacks what is needed");
		curl_easy_cleanup(curl);
		return false;
	}
	result = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	return judge(download, result, status, reason, error);
}

/* ---- what came ---- */

/* It must be the PDB that was asked for, and one that can be read to its end. */
static bool verify(const struct download *download, const char *key, GError **error)
{
	g_autoptr(wv_profile) profile = NULL;
	char own[WV_PDB_KEY_SIZE];
	struct wv_pdb_id id;

	if (!wv_pdb_identify(download->bytes->data, download->bytes->len, download->url, &id,
			     error))
		return false;
	wv_pdb_id_key(&id, own);
	if (strncmp(own, key, WV_PDB_GUID_DIGITS) != 0) {
		g_set_error(error, WV_ERROR, WV_ERROR_FORMAT,
			    "%s: the server gives another PDB, which has the GUID and age %s",
			    download->url, own);
		return false;
	}
	profile = wv_pdb_parse(download->bytes->data, download->bytes->len, download->url, error);
	return profile != NULL;
}

/* GLib writes a file beside it, and renames that when all is on the disk. */
static bool keep(const GByteArray *bytes, const char *place, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(place);
	g_autoptr(GError) reason = NULL;

	if (g_mkdir_with_parents(folder, 0755) != 0) {
		g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT, "%s: can not make the folder: %s",
			    folder, g_strerror(errno));
		return false;
	}
	if (g_file_set_contents_full(place, (const char *)bytes->data, (gssize)bytes->len,
				     G_FILE_SET_CONTENTS_CONSISTENT, 0644, &reason))
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT, "can not keep a PDB: %s", reason->message);
	return false;
}

static char *file_url(const char *server, const char *pdb, const char *key)
{
	g_autofree char *name = g_uri_escape_string(pdb, NULL, FALSE);
	size_t length = strlen(server);

	while (length && server[length - 1] == '/')
		length--;
	return g_strdup_printf("%.*s/%s/%s/%s", (int)length, server, name, key, name);
}

char *wv_symbols_fetch_within(const struct wv_symbol_server *server, const char *pdb,
			      const char *key, const struct wv_fetch_limits *limits, GError **error)
{
	g_autofree char *url = NULL, *place = NULL;
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct download download = { .limits = limits, .bytes = bytes };
	char checked[WV_PDB_KEY_SIZE];

	if (!wv_symbol_check(pdb, key, checked, error))
		return NULL;
	url = file_url(server->url, pdb, checked);
	place = wv_symbol_store_place(server->store, pdb, checked, error);
	download.url = url;
	if (!place || !transfer(&download, error) || !verify(&download, checked, error) ||
	    !keep(bytes, place, error))
		return NULL;
	return g_steal_pointer(&place);
}

char *wv_symbols_fetch(const struct wv_symbol_server *server, const char *pdb, const char *key,
		       GError **error)
{
	return wv_symbols_fetch_within(server, pdb, key, &wv_fetch_limits, error);
}

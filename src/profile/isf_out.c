/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collects text and writes it piece by piece, through xz where that is wanted. */
#include "profile/isf_out.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <lzma.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/write.h"

/** Bytes that are written at a time. */
#define CHUNK (64u << 10)

struct wv_isf_out {
	char *path, *temporary;
	int fd;
	bool xz;
	lzma_stream stream;
	GString *text; /* not written yet */
	uint8_t packed[CHUNK];
	char *failure; /* of the first thing that went wrong */
};

static void fail(struct wv_isf_out *out, const char *what)
{
	if (!out->failure)
		out->failure = g_strdup(what);
}

static void write_bytes(struct wv_isf_out *out, const void *data, size_t size)
{
	if (!out->failure && !wv_write_all(out->fd, data, size))
		fail(out, g_strerror(errno));
}

/* With LZMA_FINISH until the stream has ended, else until all is taken. */
static void pack(struct wv_isf_out *out, lzma_action action)
{
	lzma_ret ret = LZMA_OK;

	out->stream.next_in = (const uint8_t *)out->text->str;
	out->stream.avail_in = out->text->len;
	while (!out->failure && ret == LZMA_OK &&
	       (action == LZMA_FINISH || out->stream.avail_in != 0)) {
		out->stream.next_out = out->packed;
		out->stream.avail_out = sizeof(out->packed);
		ret = lzma_code(&out->stream, action);
		if (ret != LZMA_OK && ret != LZMA_STREAM_END)
			fail(out, "liblzma can not compress it");
		write_bytes(out, out->packed, sizeof(out->packed) - out->stream.avail_out);
	}
}

static void flush(struct wv_isf_out *out, lzma_action action)
{
	if (out->xz)
		pack(out, action);
	else
		write_bytes(out, out->text->str, out->text->len);
	g_string_truncate(out->text, 0);
}

static void flush_if_full(struct wv_isf_out *out)
{
	if (out->text->len >= CHUNK)
		flush(out, LZMA_RUN);
}

static void free_out(struct wv_isf_out *out)
{
	if (out->xz)
		lzma_end(&out->stream);
	g_string_free(out->text, TRUE);
	g_free(out->temporary);
	g_free(out->path);
	g_free(out->failure);
	g_free(out);
}

static void set_error(const struct wv_isf_out *out, GError **error)
{
	g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT, "%s: can not write it: %s", out->path,
		    out->failure);
}

struct wv_isf_out *wv_isf_out_open(const char *path, GError **error)
{
	struct wv_isf_out *out;

	/* never a new file in the place of a device or a folder */
	if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
		g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT, "%s: is not a regular file", path);
		return NULL;
	}
	out = g_new0(struct wv_isf_out, 1);
	out->path = g_strdup(path);
	out->temporary = g_strconcat(path, ".XXXXXX", NULL);
	out->text = g_string_sized_new(CHUNK + 4096);
	out->fd = g_mkstemp_full(out->temporary, O_WRONLY | O_CLOEXEC, 0666);
	if (out->fd < 0) {
		fail(out, g_strerror(errno));
		set_error(out, error);
		free_out(out);
		return NULL;
	}
	out->xz = g_str_has_suffix(path, ".xz");
	if (out->xz &&
	    lzma_easy_encoder(&out->stream, LZMA_PRESET_DEFAULT, LZMA_CHECK_CRC64) != LZMA_OK)
		fail(out, "liblzma can not start");
	return out;
}

void wv_isf_out_text(struct wv_isf_out *out, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_string_append_vprintf(out->text, format, arguments);
	va_end(arguments);
	flush_if_full(out);
}

void wv_isf_out_string(struct wv_isf_out *out, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);

	g_string_append_c(out->text, '"');
	for (const char *at = valid; *at; at++) {
		if ((unsigned char)*at < ' ')
			g_string_append_printf(out->text, "\\u%04x", *at);
		else if (*at == '"' || *at == '\\')
			g_string_append_printf(out->text, "\\%c", *at);
		else
			g_string_append_c(out->text, *at);
	}
	g_string_append_c(out->text, '"');
	flush_if_full(out);
}

bool wv_isf_out_close(struct wv_isf_out *out, GError **error)
{
	bool ok;

	flush(out, LZMA_FINISH);
	if (close(out->fd) != 0)
		fail(out, g_strerror(errno));
	if (!out->failure && g_rename(out->temporary, out->path) != 0)
		fail(out, g_strerror(errno));
	ok = !out->failure;
	if (!ok) {
		g_unlink(out->temporary);
		set_error(out, error);
	}
	free_out(out);
	return ok;
}

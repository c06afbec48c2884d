/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a profile's file, plain or xz, within bounds. */
#include "profile/file.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <string.h>
#include <unistd.h>

/** What xz may use to decompress; `xz -9` asks for 65 MiB. */
#define XZ_MEMORY_MAX (128u << 20)
#define CHUNK	      (1u << 20)

static void *too_large(GByteArray *bytes, const char *name, GError **error)
{
	g_set_error(error, WV_ERROR, WV_ERROR_FORMAT, "%s: larger than %u MiB, not a profile", name,
		    WV_PROFILE_SIZE_MAX >> 20);
	g_byte_array_unref(bytes);
	return NULL;
}

GByteArray *wv_profile_file_read(const char *path, GError **error)
{
	GByteArray *bytes;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s: can not open the profile: %s",
			    path, g_strerror(errno));
		return NULL;
	}
	bytes = g_byte_array_new();
	for (;;) {
		guint size = bytes->len;

		g_byte_array_set_size(bytes, size + CHUNK);
		do
			got = read(fd, bytes->data + size, CHUNK);
		while (got < 0 && errno == EINTR);
		g_byte_array_set_size(bytes, size + (guint)MAX(got, 0));
		if (got <= 0)
			break;
		if (bytes->len > WV_PROFILE_SIZE_MAX) {
			close(fd);
			return too_large(bytes, path, error);
		}
	}
	if (got < 0) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s: can not read the profile: %s",
			    path, g_strerror(errno));
		g_clear_pointer(&bytes, g_byte_array_unref);
	}
	close(fd);
	return bytes;
}

static bool is_xz(const void *data, size_t size)
{
	static const uint8_t magic[] = { 0xfd, '7', 'z', 'X', 'Z', 0 };

	return size >= sizeof(magic) && memcmp(data, magic, sizeof(magic)) == 0;
}

static const char *xz_message(lzma_ret ret)
{
	switch (ret) {
	case LZMA_MEMLIMIT_ERROR:
		return "needs too much memory to decompress";
	case LZMA_BUF_ERROR:
		return "truncated xz data";
	case LZMA_OPTIONS_ERROR:
		return "xz data with unsupported options";
	case LZMA_MEM_ERROR:
		return "not enough memory to decompress";
	default:
		return "damaged xz data";
	}
}

static GByteArray *unxz(const void *data, size_t size, const char *name, GError **error)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	GByteArray *bytes = g_byte_array_new();
	lzma_ret ret = lzma_stream_decoder(&stream, XZ_MEMORY_MAX, LZMA_CONCATENATED);

	stream.next_in = data;
	stream.avail_in = size;
	while (ret == LZMA_OK && bytes->len <= WV_PROFILE_SIZE_MAX) {
		guint used = bytes->len;

		g_byte_array_set_size(bytes, used + CHUNK);
		stream.next_out = bytes->data + used;
		stream.avail_out = CHUNK;
		ret = lzma_code(&stream, LZMA_FINISH);
		g_byte_array_set_size(bytes, used + CHUNK - (guint)stream.avail_out);
	}
	lzma_end(&stream);
	if (bytes->len > WV_PROFILE_SIZE_MAX)
		return too_large(bytes, name, error);
	if (ret != LZMA_STREAM_END) {
		g_set_error(error, WV_ERROR, WV_ERROR_FORMAT, "%s: %s", name, xz_message(ret));
		g_clear_pointer(&bytes, g_byte_array_unref);
	}
	return bytes;
}

struct wv_profile *wv_profile_file_unpack(const void *data, size_t size, const char *name,
					  wv_profile_parse_fn parse, GError **error)
{
	g_autoptr(GByteArray) plain = NULL;

	if (!is_xz(data, size))
		return parse(data, size, name, error);
	plain = unxz(data, size, name, error);
	return plain ? parse(plain->data, plain->len, name, error) : NULL;
}

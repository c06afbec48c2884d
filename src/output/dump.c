/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folder of a dump: which contents come, what is stored of them, and what is said of them. */
#define _GNU_SOURCE
#include "output/dump.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/write.h"
#include "output/dump_content.h"
#include "output/encode.h"
#include "output/session.h"
#include "output/shape.h"

/** What a small file takes of a disk: none is counted for less. */
#define FILE_COST 4096u

/**
 * So many times what may be written may be zeros in the place of what is missing: they take no room
 * but time, for the hash, and a guest can make a file of any length in no time.
 */
#define ZEROS_FACTOR 2u

/** A file whose content comes. */
struct stream {
	bool open;
	struct wv_dump_file file;
	GString *row; /* its event as json, without the closing brace */
	struct dump_content content;
};

struct wv_dump {
	char *path;
	int folder;
	uint64_t max_size; /* bytes: of a file */
	uint64_t left;	   /* that may still be written */
	uint64_t zeros;	   /* that may still be put where something is missing */
	struct stream streams[WV_RINGS_MAX];
	GHashTable *known; /* names of contents */
	GArray *files;	   /* struct wv_dump_file */
	struct wv_dump_counts counts;
	int failure; /* errno of the first one that was not told yet */
	bool failed; /* nothing is written any more */
};

static void clear_file(gpointer data)
{
	struct wv_dump_file *file = data;

	g_free(file->name);
	g_free(file->process);
	g_free(file->reason);
}

/* The folder ------------------------------------------------------------------------------------*/

/** Whether there is nothing in it. */
static bool is_empty(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	bool empty = dir != NULL;

	while (empty && (entry = readdir(dir)))
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return empty;
}

/** Makes it if it is not there, and opens it. -1: errno tells why that can not be. */
static int make_folder(const char *path)
{
	int folder = -1, reason;

	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) == 0)
		return folder;
	reason = errno;
	close(folder);
	errno = reason;
	return -1;
}

static int open_folder(const char *path, GError **error)
{
	int folder = make_folder(path);

	if (folder < 0) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "cannot write into the folder %s: %s",
			    path, g_strerror(errno));
		return -1;
	}
	if (is_empty(folder))
		return folder;
	close(folder);
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
		    "%s is not empty: files of a guest go into a folder of their own", path);
	return -1;
}

struct wv_dump *wv_dump_open(const char *path, uint64_t max_size, uint64_t max_total,
			     GError **error)
{
	int folder = open_folder(path, error);

	if (folder < 0)
		return NULL;

	struct wv_dump *dump = g_new0(struct wv_dump, 1);

	dump->path = g_strdup(path);
	dump->folder = folder;
	dump->max_size = max_size;
	dump->left = max_total;
	dump->zeros = max_total > UINT64_MAX / ZEROS_FACTOR ? UINT64_MAX : max_total * ZEROS_FACTOR;
	dump->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	dump->files = g_array_new(FALSE, FALSE, sizeof(struct wv_dump_file));
	g_array_set_clear_func(dump->files, clear_file);
	return dump;
}

static void fail(struct wv_dump *dump)
{
	if (!dump->failed)
		dump->failure = errno ? errno : EIO;
	dump->failed = true;
}

/* What is said of a file ------------------------------------------------------------------------*/

/** The text of one of the row's fields, to be freed; NULL: it has none. */
static char *row_text(const struct wv_row *row, const char *name)
{
	struct wv_shape shape;

	for (unsigned i = 0; i < row->n_fields; i++) {
		if (!row->fields[i].field || strcmp(row->fields[i].field->name, name) != 0)
			continue;
		wv_shape_of(&row->fields[i], &shape);
		if (shape.kind == WV_SHAPE_TEXT)
			return g_strndup(shape.text.data, shape.text.size);
	}
	return NULL;
}

static GString *row_as_json(const struct wv_row *row)
{
	GString *text = g_string_new(NULL);

	wv_encoder_find("json")->row(row, text);
	while (text->len && text->str[text->len - 1] != '}')
		g_string_truncate(text, text->len - 1);
	if (text->len)
		g_string_truncate(text, text->len - 1);
	return text;
}

static void append_range(GString *text, uint64_t start, uint64_t end)
{
	if (start < end)
		g_string_append_printf(text, "%s[%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "]",
				       text->str[text->len - 1] == '[' ? "" : ",", start, end);
}

/** What is not there of the file, whole: also what was not to be taken. */
static void append_missing(GString *text, const struct stream *stream)
{
	const GArray *ranges = stream->content.ranges;
	uint64_t at = 0;

	g_string_append(text, ",\"Missing\":[");
	for (guint i = 0; i < ranges->len; i++) {
		const struct dump_range *range = &g_array_index(ranges, struct dump_range, i);

		append_range(text, at, range->start);
		at = range->end;
	}
	append_range(text, at, stream->file.size);
	g_string_append_c(text, ']');
}

/** The metadata of a file whose content has a name or is not stored. */
static GString *make_metadata(const struct stream *stream)
{
	GString *text = g_string_new_len(stream->row->str, (gssize)stream->row->len);
	const char *name = stream->file.sha256;

	g_string_append_printf(text, ",\"Content\":{\"Size\":%" G_GUINT64_FORMAT,
			       stream->file.size);
	if (*name)
		g_string_append_printf(text, ",\"SHA256\":\"%s\",\"File\":\"%s\"", name, name);
	else
		g_string_append(text, ",\"SHA256\":null,\"File\":null");
	append_missing(text, stream);
	g_string_append_printf(text, ",\"Truncated\":%s}}\n",
			       stream->file.size > stream->content.limit ? "true" : "false");
	return text;
}

/* Contents that come ----------------------------------------------------------------------------*/

static void begin(struct wv_dump *dump, struct stream *stream, unsigned ring,
		  const struct wv_row *row)
{
	stream->open = true;
	stream->file = (struct wv_dump_file){
		.number = row->content,
		.pid = row->pid,
		.name = row_text(row, "FileName"),
		.process = g_strndup(row->process.data, row->process.size),
		.reason = row_text(row, "Reason"),
		.size = row->content_size,
		.missing = row->content_size,
	};
	stream->row = row_as_json(row);
	dump_content_begin(&stream->content, dump->folder, ring,
			   MIN(row->content_size, dump->max_size), &dump->zeros);
	stream->content.refused = dump->failed || dump->left < FILE_COST;
}

/** What a file is counted for. */
static uint64_t cost_of(uint64_t bytes)
{
	return MAX(bytes, FILE_COST);
}

/** Stores a content that has a name and is a new one. */
static bool store_content(struct wv_dump *dump, struct stream *stream, uint64_t present)
{
	if (!dump_content_store(&stream->content, stream->file.sha256)) {
		stream->file.sha256[0] = '\0';
		return false;
	}
	g_hash_table_add(dump->known, g_strdup(stream->file.sha256));
	dump->counts.contents++;
	dump->counts.bytes += present;
	return true;
}

/** Stores the content, unless the same one is there, and says what it is. False: errno. */
static bool store(struct wv_dump *dump, struct stream *stream)
{
	struct dump_content *content = &stream->content;
	uint64_t present = dump_content_present(content), cost;
	g_autoptr(GString) metadata = NULL;
	char name[32];
	bool is_new;

	if (!dump_content_finish(content, stream->file.sha256))
		return false;
	is_new = *stream->file.sha256 && !g_hash_table_contains(dump->known, stream->file.sha256);
	metadata = make_metadata(stream);
	cost = cost_of(metadata->len) + (is_new ? cost_of(present) : 0);
	if (content->refused || cost > dump->left) {
		stream->file.sha256[0] = '\0';
		dump->counts.refused++;
		return true;
	}
	dump->left -= cost;
	stream->file.missing -= present;
	dump->counts.partial += stream->file.missing != 0;
	snprintf(name, sizeof(name), "file.%06u.json", stream->file.number);
	return (!is_new || store_content(dump, stream, present)) &&
	       dump_write_file(dump->folder, name, metadata->str, metadata->len);
}

static void finish(struct wv_dump *dump, struct stream *stream)
{
	if (!stream->open)
		return;
	dump->counts.files++;
	if (!dump->failed && !store(dump, stream))
		fail(dump);
	if (dump->files->len < WV_DUMP_FILES_MAX)
		g_array_append_val(dump->files, stream->file);
	else
		clear_file(&stream->file);
	g_string_free(stream->row, TRUE);
	dump_content_end(&stream->content);
	stream->open = false;
}

void wv_dump_content(struct wv_dump *dump, unsigned ring, const struct wv_row *row,
		     const struct wv_content_piece *piece)
{
	struct stream *stream = &dump->streams[ring];

	if (row) {
		finish(dump, stream); /* its end was dropped */
		begin(dump, stream, ring, row);
	} else if (stream->open && piece->step == WV_CONTENT_END) {
		finish(dump, stream);
	} else if (stream->open && !dump->failed &&
		   !dump_content_add(&stream->content, piece->offset, piece->bytes.data,
				     piece->bytes.size)) {
		fail(dump);
	}
}

bool wv_dump_check(struct wv_dump *dump, GError **error)
{
	int failure = dump->failure;

	dump->failure = 0;
	if (!failure)
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT, "cannot write into %s: %s", dump->path,
		    g_strerror(failure));
	return false;
}

void wv_dump_counts(const struct wv_dump *dump, struct wv_dump_counts *counts)
{
	*counts = dump->counts;
}

const struct wv_dump_file *wv_dump_files(const struct wv_dump *dump, unsigned *count)
{
	*count = dump->files->len;
	return (const struct wv_dump_file *)(gconstpointer)dump->files->data;
}

void wv_dump_finish(struct wv_dump *dump)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(dump->streams); i++)
		finish(dump, &dump->streams[i]);
}

void wv_dump_free(struct wv_dump *dump)
{
	if (!dump)
		return;
	wv_dump_finish(dump);
	close(dump->folder);
	g_hash_table_unref(dump->known);
	g_array_unref(dump->files);
	g_free(dump->path);
	g_free(dump);
}

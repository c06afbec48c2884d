/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An analysis' summary as JSON. */
#include "sandbox/summary.h"

#include <json-c/json.h>
#include <string.h>

#include "base/error.h"

static void hash(char *hex, size_t room, GChecksumType type, const void *data, size_t size)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(type);

	g_checksum_update(checksum, data, (gssize)size);
	g_strlcpy(hex, g_checksum_get_string(checksum), room);
}

void wv_summary_hash(struct wv_summary_hashes *hashes, const void *data, size_t size)
{
	hash(hashes->md5, sizeof(hashes->md5), G_CHECKSUM_MD5, data, size);
	hash(hashes->sha1, sizeof(hashes->sha1), G_CHECKSUM_SHA1, data, size);
	hash(hashes->sha256, sizeof(hashes->sha256), G_CHECKSUM_SHA256, data, size);
}

static void add(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static struct json_object *of_text(const char *text)
{
	g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

	return valid ? json_object_new_string(valid) : NULL;
}

static void add_text(struct json_object *object, const char *key, const char *text)
{
	add(object, key, of_text(text));
}

static void add_count(struct json_object *object, const char *key, uint64_t count)
{
	add(object, key, json_object_new_uint64(count));
}

static void add_texts(struct json_object *object, const char *key, char *const *texts)
{
	struct json_object *list = json_object_new_array();

	for (; texts && *texts; texts++)
		json_object_array_add(list, of_text(*texts));
	add(object, key, list);
}

/** Microseconds are enough; in C's notation, whatever the locale is. */
static void add_seconds(struct json_object *object, const char *key, double seconds)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE + 16];

	if (seconds >= 0 && seconds < 1e12)
		add(object, key,
		    json_object_new_double_s(seconds,
					     g_ascii_formatd(text, sizeof(text), "%.6f", seconds)));
	else
		add(object, key, NULL);
}

static struct json_object *make_sample(const struct wv_summary *summary)
{
	struct json_object *object = json_object_new_object();

	add_text(object, "path", summary->sample.path);
	add_text(object, "name", summary->sample.name);
	add_count(object, "size", summary->sample.size);
	add_text(object, "md5", summary->sample.hashes.md5);
	add_text(object, "sha1", summary->sample.hashes.sha1);
	add_text(object, "sha256", summary->sample.hashes.sha256);
	add_texts(object, "arguments", summary->sample.arguments);
	add_text(object, "guest_path", summary->sample.guest_path);
	add_text(object, "user", summary->sample.user);
	return object;
}

static struct json_object *make_template(const struct wv_summary *summary)
{
	struct json_object *object = json_object_new_object();

	add_text(object, "name", summary->template.name);
	add_text(object, "kernel", summary->template.kernel);
	add_count(object, "memory", summary->template.memory);
	add_count(object, "vcpus", summary->template.vcpus);
	add_text(object, "created", summary->template.created);
	return object;
}

static void add_events(struct json_object *object, const struct wv_summary *summary)
{
	struct json_object *counts = json_object_new_object();

	add_texts(object, "plugins", (char *const *)summary->plugins);
	for (unsigned i = 0; i < summary->n_events; i++)
		add_count(counts, summary->events[i].plugin, summary->events[i].count);
	add(object, "events", counts);
	add_count(object, "dropped", summary->dropped);
	add_count(object, "suppressed", summary->suppressed);
	add_count(object, "unpaired", summary->unpaired);
	add_count(object, "overflowed", summary->overflowed);
	add_count(object, "unreadable", summary->unreadable);
	add_count(object, "incomplete", summary->incomplete);
	add_count(object, "malformed", summary->malformed);
}

static struct json_object *make_sample_exit(const struct wv_summary *summary)
{
	struct json_object *object;

	if (!summary->sample_exit.known)
		return NULL;
	object = json_object_new_object();
	add_count(object, "pid", summary->sample_exit.pid);
	add(object, "status",
	    summary->sample_exit.signal ? NULL : json_object_new_int(summary->sample_exit.status));
	add_text(object, "signal", summary->sample_exit.signal);
	return object;
}

static struct json_object *make_console(const struct wv_summary *summary)
{
	struct json_object *object = json_object_new_object();

	add_count(object, "bytes", summary->console.bytes);
	add(object, "truncated", json_object_new_boolean(summary->console.truncated));
	add_texts(object, "tail", summary->console.tail);
	return object;
}

static struct json_object *make_file(const struct wv_dump_file *file)
{
	struct json_object *object = json_object_new_object();

	add_count(object, "number", file->number);
	add_text(object, "name", file->name);
	add_text(object, "process", file->process);
	add_count(object, "pid", file->pid);
	add_text(object, "reason", file->reason);
	add_count(object, "size", file->size);
	add_count(object, "missing", file->missing);
	add_text(object, "sha256", *file->sha256 ? file->sha256 : NULL);
	return object;
}

/** The files that were deleted, and those that were only written: both beginnings of long lists. */
static struct json_object *make_files(const struct wv_summary *summary)
{
	struct json_object *object, *dropped, *deleted;
	const struct wv_dump_file *files;
	struct wv_dump_counts counts;
	unsigned n_files;

	if (!summary->dump)
		return NULL;
	object = json_object_new_object();
	dropped = json_object_new_array();
	deleted = json_object_new_array();
	wv_dump_counts(summary->dump, &counts);
	add_count(object, "count", counts.files);
	add_count(object, "contents", counts.contents);
	add_count(object, "bytes", counts.bytes);
	add_count(object, "partial", counts.partial);
	add_count(object, "refused", counts.refused);
	files = wv_dump_files(summary->dump, &n_files);
	for (unsigned i = 0; i < n_files; i++) {
		bool written = files[i].reason && g_str_has_prefix(files[i].reason, "Write");

		json_object_array_add(written ? dropped : deleted, make_file(&files[i]));
	}
	add(object, "dropped", dropped);
	add(object, "deleted", deleted);
	return object;
}

static struct json_object *make_durations(const struct wv_summary *summary)
{
	struct json_object *object = json_object_new_object();

	add_seconds(object, "clone", summary->durations.clone);
	add_seconds(object, "hand_in", summary->durations.hand_in);
	add_seconds(object, "arm", summary->durations.arm);
	add_seconds(object, "sample", summary->durations.sample);
	add_seconds(object, "total", summary->durations.total);
	return object;
}

/** A time as of RFC 3339, with microseconds. */
static void add_time(struct json_object *object, const char *key, uint64_t ns)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc((gint64)(ns / 1000000000u));
	g_autofree char *seconds = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S");
	g_autofree char *text =
		g_strdup_printf("%s.%06uZ", seconds, (unsigned)(ns % 1000000000u / 1000u));

	add_text(object, key, text);
}

static struct json_object *make(const struct wv_summary *summary)
{
	struct json_object *object = json_object_new_object(), *versions = json_object_new_object();

	add(object, "sample", make_sample(summary));
	add(object, "template", make_template(summary));
	add_text(versions, "wyvern", summary->wyvern_version);
	add_text(versions, "qemu", summary->qemu_version);
	add(object, "versions", versions);
	add_events(object, summary);
	add_text(object, "end", wv_end_name(summary->end));
	add(object, "exit_code", json_object_new_int(summary->exit_code));
	add(object, "sample_exit", make_sample_exit(summary));
	add_text(object, "error", summary->error);
	add(object, "console", make_console(summary));
	add(object, "files", make_files(summary));
	add_text(object, "network", summary->network);
	add_text(object, "jail", summary->jail);
	add_time(object, "started", summary->started_ns);
	add(object, "durations", make_durations(summary));
	return object;
}

bool wv_summary_write(const struct wv_summary *summary, const char *path, GError **error)
{
	struct json_object *object = make(summary);
	const char *json = json_object_to_json_string_ext(
		object,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
	g_autofree char *text = g_strconcat(json, "\n", NULL);
	g_autoptr(GError) reason = NULL;
	bool written;

	json_object_put(object);
	written = g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644,
					   &reason);
	if (!written)
		g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT, "cannot write %s: %s", path,
			    reason->message);
	return written;
}

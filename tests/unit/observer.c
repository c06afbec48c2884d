/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A monitor on a tiny kernel, and what its reader tells. */
#include "observer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "monitor/registry.h"
#include "output/append.h"
#include "output/plain.h"

static void tell_row(void *owner, const struct wv_row *row)
{
	struct observer *observer = owner;
	GString *told = observer->told;

	observer->rows++;
	if (observer->each)
		observer->each(observer->each_owner, row);
	if (observer->quiet || observer->each)
		return;
	g_string_append_printf(told, "%s %u/%u of %u uid %" G_GINT64_FORMAT " \"%.*s\" #%lu:",
			       row->method, row->pid, row->tid, row->ppid, row->user_id,
			       (int)row->process.size, row->process.data, row->uid);
	for (unsigned i = 0; i < row->n_fields; i++) {
		const struct wv_row_field *field = &row->fields[i];

		g_string_append_printf(told, " %.*s=", (int)field->name.size, field->name.data);
		wv_plain_value(told, field);
		wv_append_end(told);
		if (field->value.tag == WV_VALUE_BYTES && field->value.truncated)
			g_string_append(told, "+");
	}
	g_string_append_c(told, '\n');
}

static void tell_text(GString *told, struct wv_bytes text)
{
	const char *time = g_strstr_len(text.data, (gssize)text.size, ", found in ");

	g_string_append_len(told, text.data, time ? time - text.data : (gssize)text.size);
	g_string_append_c(told, '\n');
}

static void tell_message(void *owner, enum wv_level level, struct wv_bytes text)
{
	struct observer *observer = owner;

	g_string_append_printf(observer->told, "message %d: ", level);
	tell_text(observer->told, text);
}

static void tell_status(void *owner, const struct wv_status_note *note)
{
	struct observer *observer = owner;

	g_string_append_printf(observer->told, "status %d,%u: ", note->status, note->detail);
	tell_text(observer->told, note->text);
}

static void tell_content(void *owner, unsigned ring, const struct wv_row *row,
			 const struct wv_content_piece *piece)
{
	struct observer *observer = owner;
	GString *told = observer->told;

	(void)ring;
	if (observer->quiet || observer->each)
		return;
	if (row)
		g_string_append_printf(told, "content %u of %" G_GUINT64_FORMAT "\n", row->content,
				       row->content_size);
	else if (piece->step == WV_CONTENT_END)
		g_string_append(told, "content end\n");
	else
		g_string_append_printf(told, "content at %" G_GUINT64_FORMAT "+%zu: %.*s\n",
				       piece->offset, piece->bytes.size,
				       (int)MIN(piece->bytes.size, 8), piece->bytes.data);
}

static const struct wv_reader_events events = {
	.row = tell_row, .message = tell_message, .status = tell_status, .content = tell_content
};

void observer_watch(struct observer *observer, struct wv_machine *machine, const char *settings)
{
	g_autofree char *config = g_strconcat("[wyvern]\n", settings ? settings : "", NULL);
	g_autoptr(GError) error = NULL;

	memset(observer, 0, sizeof(*observer));
	observer->session = wv_session_create(machine->n_vcpus, config, &error);
	assert_non_null(observer->session);
	observer->monitor = wv_monitor_new(machine, observer->session, &error);
	if (!observer->monitor)
		fail_msg("%s", error->message);
	observer->reader = wv_reader_new(observer->session, wv_plugins_schema(), &events, observer);
	observer->told = g_string_new(NULL);
}

void observer_stop(struct observer *observer)
{
	if (!observer->session)
		return;
	wv_reader_free(observer->reader);
	wv_monitor_free(observer->monitor);
	wv_session_free(observer->session);
	g_string_free(observer->told, TRUE);
	memset(observer, 0, sizeof(*observer));
}

void observer_read(struct observer *observer)
{
	while (wv_reader_poll(observer->reader, false))
		;
	assert_int_equal(wv_reader_broken(observer->reader), 0);
}

char *observer_take(struct observer *observer)
{
	char *told;

	observer_read(observer);
	told = g_strdup(observer->told->str);
	g_string_truncate(observer->told, 0);
	return told;
}

void observer_told(struct observer *observer, const char *expected)
{
	g_autofree char *told = observer_take(observer);

	assert_string_equal(told, expected);
}

uint64_t observer_count(struct observer *observer, size_t counter)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < wv_session_rings(observer->session); i++) {
		const struct wv_ring *ring = wv_session_ring(observer->session, i);

		sum += *(const uint64_t *)(const void *)((const char *)&ring->counters + counter);
	}
	return sum;
}

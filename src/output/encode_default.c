/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The format `default`, for people:
 *
 *   [PROCMON] TIME:1234567890.123456 VCPU:0 CR3:0x1aa000 "bash":do_exit UID:0 PID:12 PPID:1
 * Key:value
 *
 * Windows has SessionID in place of UID. A field that does not apply is left out.
 */
#include "output/append.h"
#include "output/encoders.h"
#include "output/escape.h"
#include "output/plain.h"

static void append_upper(GString *out, const char *text)
{
	for (; *text; text++)
		wv_append_char(out, g_ascii_toupper(*text));
}

static void append_row(const struct wv_row *row, GString *out)
{
	struct wv_bytes method = { row->method, strlen(row->method) };

	wv_append_char(out, '[');
	append_upper(out, row->type->plugin);
	WV_APPEND(out, "] TIME:");
	wv_append_time(out, row->time_us);
	WV_APPEND(out, " VCPU:");
	wv_append_u64(out, row->vcpu);
	WV_APPEND(out, " CR3:");
	wv_append_hex(out, row->cr3);
	wv_append_char(out, ' ');
	wv_plain_text(out, row->process);
	wv_append_char(out, ':');
	wv_escape_name(out, method);
	if (row->os == WV_OS_WINDOWS)
		WV_APPEND(out, " SessionID:");
	else
		WV_APPEND(out, " UID:");
	wv_append_i64(out, row->user_id);
	WV_APPEND(out, " PID:");
	wv_append_u64(out, row->pid);
	WV_APPEND(out, " PPID:");
	wv_append_u64(out, row->ppid);

	for (unsigned i = 0; i < row->n_fields; i++) {
		wv_append_char(out, ' ');
		wv_plain_name(out, &row->fields[i]);
		wv_append_char(out, ':');
		wv_plain_value(out, &row->fields[i]);
	}
	wv_append_char(out, '\n');
	wv_append_end(out);
}

const struct wv_encoder wv_encoder_default = {
	.name = "default",
	.meaning = "one line of text per event, to be read by people",
	.row = append_row,
};

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

static const char *const common[] = {
	"Plugin", "TimeStamp", "VCPU", "CR3",  "ProcessName",
	"Method", "UserId",    "PID",  "PPID", NULL,
};

static const char *const notes[] = {
	"The plugin is in capitals; TimeStamp is called `TIME`; the process and the method are "
	"joined by a colon; UserId is called `UID` on Linux and `SessionID` on Windows. TID and "
	"EventUID are not printed.",
	"Then come the event's own fields as `Key:value`. One that does not apply is left out, one "
	"that could not be read is `null`.",
	"In quoted text a quote is `\\\"`, a backslash `\\\\`, a line feed `\\n`, a carriage return "
	"`\\r`, a tab `\\t`, and each byte of other control characters and of ill-formed UTF-8 "
	"`\\xHH`.",
	NULL,
};

const struct wv_encoder wv_encoder_default = {
	.name = "default",
	.meaning = "one line of text per event, to be read by people",
	.common = common,
	.notes = notes,
	.row = append_row,
};

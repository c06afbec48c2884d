/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The format `kv`, keys and values:
 *
 *   procmon Time=1234567890.123456,PID=12,PPID=1,TID=12,ProcessName="bash",Method=do_exit,
 *   EventUID=0x2a,Key=value
 *
 * on one line. A field that does not apply is left out.
 */
#include "output/append.h"
#include "output/encoders.h"
#include "output/escape.h"
#include "output/plain.h"

static void append_row(const struct wv_row *row, GString *out)
{
	struct wv_bytes method = { row->method, strlen(row->method) };

	wv_append_string(out, row->type->plugin);
	WV_APPEND(out, " Time=");
	wv_append_time(out, row->time_us);
	WV_APPEND(out, ",PID=");
	wv_append_u64(out, row->pid);
	WV_APPEND(out, ",PPID=");
	wv_append_u64(out, row->ppid);
	WV_APPEND(out, ",TID=");
	wv_append_u64(out, row->tid);
	WV_APPEND(out, ",ProcessName=");
	wv_plain_text(out, row->process);
	WV_APPEND(out, ",Method=");
	wv_escape_name(out, method);
	WV_APPEND(out, ",EventUID=");
	wv_append_hex(out, row->uid);

	for (unsigned i = 0; i < row->n_fields; i++) {
		wv_append_char(out, ',');
		wv_plain_name(out, &row->fields[i]);
		wv_append_char(out, '=');
		wv_plain_value(out, &row->fields[i]);
	}
	wv_append_char(out, '\n');
	wv_append_end(out);
}

static const char *const common[] = {
	"Plugin", "TimeStamp", "PID", "PPID", "TID", "ProcessName", "Method", "EventUID", NULL,
};

static const char *const notes[] = {
	"The plugin comes first, then a blank, then `Key=value` joined with commas. TimeStamp is "
	"called `Time`.",
	"A field that does not apply is left out, one that could not be read is `null`. Text is "
	"quoted and escaped as in the format default.",
	NULL,
};

const struct wv_encoder wv_encoder_kv = {
	.name = "kv",
	.meaning = "one line of Key=value pairs per event",
	.common = common,
	.notes = notes,
	.row = append_row,
};

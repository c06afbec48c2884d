/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long the reader takes to encode one row, per format: a typical begin_new_exec row of twelve
 * fields. Prints the median of several rounds, in nanoseconds of CPU time per row.
 *
 * Usage: encode_bench [ROWS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "output/encode.h"

#define ROUNDS 9
/* As the reader does: lines are collected, and written together. */
#define BUFFER_SIZE (64 * 1024)

static const struct wv_field fields[] = {
	{ .name = "ThreadName", .kind = WV_KIND_STRING },
	{ .name = "CommandLine", .kind = WV_KIND_STRING },
	{ .name = "ImagePathName", .kind = WV_KIND_STRING },
	{ .name = "ouid", .kind = WV_KIND_NUMBER },
	{ .name = "osuid", .kind = WV_KIND_NUMBER },
	{ .name = "oeuid", .kind = WV_KIND_NUMBER },
	{ .name = "suid", .kind = WV_KIND_NUMBER },
	{ .name = "euid", .kind = WV_KIND_NUMBER },
	{ .name = "Environment", .kind = WV_KIND_STRING, .optional = true },
	{ .name = "interp", .kind = WV_KIND_STRING, .optional = true },
	{ .name = "fdpath", .kind = WV_KIND_STRING, .optional = true },
	{ .name = "FileName", .kind = WV_KIND_STRING, .optional = true },
	{ .name = "PGID", .kind = WV_KIND_NUMBER },
};

static const struct wv_event_type type = {
	.plugin = "procmon",
	.methods = { "begin_new_exec" },
	.os = WV_OS_LINUX,
	.fields = fields,
	.n_fields = G_N_ELEMENTS(fields),
};

static void add_text(struct wv_row *row, unsigned index, const char *text)
{
	struct wv_row_field *field = &row->fields[row->n_fields++];

	field->field = &fields[index];
	field->name = (struct wv_bytes){ fields[index].name, strlen(fields[index].name) };
	field->value.tag = WV_VALUE_BYTES;
	field->value.bytes = (struct wv_bytes){ text, strlen(text) };
}

static void add_number(struct wv_row *row, unsigned index, uint64_t number)
{
	add_text(row, index, "");
	row->fields[row->n_fields - 1].value =
		(struct wv_value){ .tag = WV_VALUE_UINT, .u = number };
}

static void fill(struct wv_row *row)
{
	memset(row, 0, sizeof(*row));
	row->type = &type;
	row->method = type.methods[0];
	row->time_us = 1700000000123456;
	row->uid = 0x1234;
	row->cr3 = 0x1041aa000;
	row->os = WV_OS_LINUX;
	row->pid = row->tid = 4711;
	row->ppid = 4242;
	row->user_id = 1000;
	row->process = (struct wv_bytes){ "bash", 4 };
	add_text(row, 0, "bash");
	add_text(row, 1, "grep -rn --include=*.c \"struct wv_row\" src/output");
	add_text(row, 2, "/usr/bin/grep");
	add_number(row, 3, 1000);
	add_number(row, 4, 1000);
	add_number(row, 5, 1000);
	add_number(row, 6, 1000);
	add_number(row, 7, 1000);
	add_text(row, 8, "LD_PRELOAD=/usr/lib/libfoo.so,OLDPWD=/home/user,PWD=/home/user/project");
	add_text(row, 9, "/usr/bin/grep");
	add_text(row, 11, "/usr/bin/grep");
	add_number(row, 12, 4711);
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_ns(const struct wv_encoder *encoder, const struct wv_row *row, long n_rows)
{
	g_autoptr(GString) out = g_string_sized_new(BUFFER_SIZE);
	double rounds[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		double start = now_ns();

		for (long i = 0; i < n_rows; i++) {
			encoder->row(row, out);
			if (out->len > BUFFER_SIZE / 2)
				g_string_truncate(out, 0);
		}
		rounds[round] = (now_ns() - start) / (double)n_rows;
	}
	qsort(rounds, ROUNDS, sizeof(rounds[0]), compare);
	return rounds[ROUNDS / 2];
}

int main(int argc, char **argv)
{
	long n_rows = argc > 1 ? strtol(argv[1], NULL, 10) : 200000;
	struct wv_row row;

	if (n_rows <= 0) {
		fprintf(stderr, "usage: encode_bench [ROWS]\n");
		return 2;
	}
	fill(&row);
	printf("a begin_new_exec row of %u fields, median of %d rounds of %ld rows\n", row.n_fields,
	       ROUNDS, n_rows);
	for (size_t i = 0; wv_encoders[i]; i++) {
		g_autoptr(GString) line = g_string_new(NULL);

		wv_encoders[i]->row(&row, line);
		printf("%-8s %7.1f ns per row, %4zu bytes\n", wv_encoders[i]->name,
		       median_ns(wv_encoders[i], &row, n_rows), line->len);
	}
	return 0;
}

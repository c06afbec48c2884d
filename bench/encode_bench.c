/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long the reader takes for one event: to make a row of its record, texts of arguments
 * included, and to encode the row, per format. Prints the medians of several rounds, in
 * nanoseconds of CPU time per row.
 *
 * Usage: encode_bench [ROWS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "encode_samples.h"
#include "monitor/registry.h"
#include "output/encode.h"

#define ROUNDS 9
/* As the reader does: lines are collected, and written together. */
#define BUFFER_SIZE (64 * 1024)

/** What is done again and again: one of the two steps. */
struct work {
	const struct wv_writer *record; /* the first step */
	struct wv_definitions *definitions;
	const struct wv_encoder *encoder; /* the second step; NULL: the first */
	struct wv_row *row;
	GString *out;
};

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

static bool make_row(const struct work *work)
{
	return wv_record_parse(work->record->data, work->record->used, wv_plugins_schema(),
			       work->definitions, work->row);
}

static void encode(const struct work *work)
{
	work->encoder->row(work->row, work->out);
	if (work->out->len > BUFFER_SIZE / 2)
		g_string_truncate(work->out, 0);
}

static double median_ns(const struct work *work, long n_rows)
{
	double rounds[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		double start = now_ns();

		for (long i = 0; i < n_rows; i++) {
			if (work->encoder)
				encode(work);
			else
				make_row(work);
		}
		rounds[round] = (now_ns() - start) / (double)n_rows;
	}
	qsort(rounds, ROUNDS, sizeof(rounds[0]), compare);
	return rounds[ROUNDS / 2];
}

/** One line of the table; false when the record that was made can not be read. */
static bool measure(const struct sample *sample, struct wv_writer *writer, long n_rows)
{
	struct wv_row row;
	struct wv_definitions definitions;
	g_autoptr(GString) out = g_string_sized_new(BUFFER_SIZE);
	struct work work = { writer, &definitions, NULL, &row, out };
	size_t bytes = 0;
	bool good = true;

	wv_definitions_init(&definitions);
	if (sample_record(sample, writer, &definitions)) {
		good = make_row(&work);
		printf("%-16s %8.1f", sample->what, good ? median_ns(&work, n_rows) : 0);
		for (size_t i = 0; good && wv_encoders[i]; i++) {
			g_string_truncate(out, 0);
			wv_encoders[i]->row(&row, out);
			bytes = out->len;
			work.encoder = wv_encoders[i];
			printf(" %8.1f (%3zu)", median_ns(&work, n_rows), bytes);
		}
		printf("\n");
	}
	wv_definitions_deinit(&definitions);
	return good;
}

int main(int argc, char **argv)
{
	long n_rows = argc > 1 ? strtol(argv[1], NULL, 10) : 200000;
	struct wv_writer writer = { .data = NULL };
	bool good = true;

	if (n_rows <= 0) {
		fprintf(stderr, "usage: encode_bench [ROWS]\n");
		return 2;
	}
	writer.data = g_malloc(WV_RECORD_MAX);
	printf("The reader, ns per row (bytes), medians of %d rounds of %ld rows\n%-16s %8s",
	       ROUNDS, n_rows, "", "record");
	for (size_t i = 0; wv_encoders[i]; i++)
		printf(" %14s", wv_encoders[i]->name);
	printf("\n");
	for (const struct sample *sample = samples; sample->what; sample++)
		good &= measure(sample, &writer, n_rows);
	g_free(writer.data);
	return good ? 0 : 1;
}

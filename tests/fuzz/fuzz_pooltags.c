/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes the reader of a user's pool tags, and looking them up; the input is the file.
 */
#include <stdlib.h>

#include "plugins/poolmon/tags_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes what was read, so that the compiler does not leave the reading out. */
static volatile uint64_t read_bytes;

static void require(bool condition)
{
	if (!condition)
		abort();
}

/** What is found is a row of the table, and the last one for exactly this tag if there is one. */
static void look_up(const struct poolmon_tags *tags, const GArray *rows, uint32_t tag)
{
	const struct poolmon_tag *found = poolmon_tags_find(tags, tag);
	bool there = !found;

	for (guint i = rows->len; i-- > 0;) {
		const struct poolmon_tag *row = &g_array_index(rows, struct poolmon_tag, i);

		there |= row == found;
		if (row->mask == UINT32_MAX && row->tag == tag) {
			require(found == row);
			break;
		}
	}
	require(there);
}

static void check_row(const struct poolmon_tag *row, size_t size)
{
	const struct wv_bytes texts[] = { row->source, row->description };
	uint64_t sum = 0;

	require((row->tag & ~row->mask) == 0);
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		require(texts[i].size <= size);
		for (size_t j = 0; j < texts[i].size; j++)
			sum += (uint8_t)texts[i].data[j];
	}
	read_bytes = sum;
}

static void check_rows(const GArray *rows, size_t size)
{
	struct poolmon_tags *tags =
		poolmon_tags_new((const struct poolmon_tag *)(void *)rows->data, rows->len);

	for (guint i = 0; i < rows->len; i++) {
		const struct poolmon_tag *row = &g_array_index(rows, struct poolmon_tag, i);

		check_row(row, size);
		look_up(tags, rows, row->tag);
		look_up(tags, rows, row->tag ^ 0x80000000);
		look_up(tags, rows, row->tag >> 8);
	}
	look_up(tags, rows, 0);
	poolmon_tags_free(tags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct poolmon_tags_file file = { 0 };
	GError *error = NULL;
	bool good = poolmon_tags_file_parse(&file, g_memdup2(data, size), size, "fuzz", &error);

	require(good == !error);
	g_clear_error(&error);
	if (good)
		check_rows(file.rows, size);
	poolmon_tags_file_deinit(&file);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A main() for fuzz targets where libFuzzer is not there: runs the files given, or else a number
 * of random inputs (`-n NUMBER`, always the same ones).
 */
#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run_random(unsigned long count)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(1);

	for (unsigned long i = 0; i < count; i++) {
		uint8_t data[256];
		size_t size = (size_t)g_rand_int_range(random, 0, sizeof(data));

		for (size_t j = 0; j < size; j++)
			data[j] = (uint8_t)g_rand_int(random);
		LLVMFuzzerTestOneInput(data, size);
	}
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "-n") == 0) {
		run_random(strtoul(argv[2], NULL, 10));
		return 0;
	}
	for (int i = 1; i < argc; i++) {
		g_autofree char *data = NULL;
		gsize size;

		if (!g_file_get_contents(argv[i], &data, &size, NULL)) {
			fprintf(stderr, "%s: can not be read\n", argv[i]);
			return 2;
		}
		LLVMFuzzerTestOneInput((uint8_t *)data, size);
	}
	return 0;
}

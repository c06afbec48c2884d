/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes the PE reader. The lowest bit of the first byte chooses the layout, the next one 64 or 32
 * bits; with the third, the rest of the input is the image itself, else a small image is changed as
 * patch.h says.
 */
#include <stdlib.h>

#include "patch.h"
#include "pe_builder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes what was read, so that the compiler does not leave the reading out. */
static volatile uint64_t read_bytes;

static void test(const uint8_t *data, size_t size, enum wv_pe_layout layout)
{
	struct wv_pe_bytes bytes = { .data = data, .size = size };
	struct wv_pe_source source = {
		.layout = layout, .read = wv_pe_read_bytes, .owner = &bytes, .name = "fuzz"
	};
	char name[WV_PE_PDB_NAME_SIZE];
	struct wv_symbols *symbols;
	struct wv_pdb_id id;
	struct wv_pe pe;
	uint64_t address;

	if (!wv_pe_init(&pe, &source, NULL))
		return;
	if (wv_pe_pdb(&pe, &id, name, NULL)) {
		/* It will be a file's name. */
		if (!*name || strpbrk(name, "/\\:") || strcmp(name, "..") == 0)
			abort();
		read_bytes = id.age + strlen(name);
	}
	symbols = wv_pe_exports(&pe, NULL);
	if (symbols) {
		if (symbols->find(symbols, "KeData", &address))
			read_bytes = address;
		symbols->destroy(symbols);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static GByteArray *bases[4];
	uint8_t *copy;
	size_t left;

	if (size == 0)
		return 0;
	for (unsigned int i = 0; i < 4 && !bases[i]; i++)
		bases[i] = pe_small(i & 2, i & 1 ? WV_PE_MEMORY : WV_PE_FILE);
	copy = patched_copy(data[0] & 4 ? NULL : bases[data[0] & 3], data + 1, size - 1, &left);
	test(copy, left, data[0] & 1 ? WV_PE_MEMORY : WV_PE_FILE);
	free(copy);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes the finder of kallsyms. The first byte chooses a layout, whose valid image is then
 * changed as patch.h says; from 0x80 on, the rest of the input is the image itself.
 */
#include "kallsyms_builder.h"
#include "patch.h"

#define BASE UINT64_C(0xffffffff81000000)

static struct wv_image images[16];
static size_t starts[16]; /* of the tables, so that changes hit them and not the noise before */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void prepare(void)
{
	for (size_t i = 0; i < builder_layout_count; i++) {
		const struct builder_layout *layout = &builder_layouts[i];
		size_t zero_based = layout->encoding == WV_KALLSYMS_ABSOLUTE_PERCPU ? 20 : 0;
		GArray *symbols = builder_symbols(BASE, 1800, zero_based, layout->long_names);
		struct builder_places places;

		images[i] = builder_image(layout, (struct builder_symbol *)(void *)symbols->data,
					  symbols->len, BASE, BASE, &places);
		starts[i] = MIN(places.offsets, places.num_syms) - 16;
		builder_symbols_free(symbols);
	}
}

static void look_up(const struct wv_image *image)
{
	static const char *const names[] = {
		"function_1", "twice_local_first", "cloned_isra", "no_such", "per_cpu_3", "qqq", ""
	};
	struct wv_symbols *symbols = wv_kallsyms_find(image, NULL);
	uint64_t address;

	if (!symbols)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		symbols->find(symbols, names[i], &address);
	symbols->destroy(symbols);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wv_image image = { .address = BASE };
	GByteArray base = { 0 };
	size_t chosen;
	uint8_t *copy;

	if (!images[0].data)
		prepare();
	if (size == 0)
		return 0;
	if (!(data[0] & 0x80)) {
		chosen = data[0] % builder_layout_count;
		base.data = (guint8 *)images[chosen].data + starts[chosen];
		base.len = (guint)(images[chosen].size - starts[chosen]);
		image.address = images[chosen].address + starts[chosen];
	}
	copy = patched_copy(base.data ? &base : NULL, data + 1, size - 1, &image.size);
	image.data = copy;
	look_up(&image);
	free(copy);
	return 0;
}

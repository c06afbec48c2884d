/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PE reader on images built here, in both layouts and both widths, and on malformed ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "pe_builder.h"

struct variant {
	bool is_64;
	enum wv_pe_layout layout;
};

static const struct variant variants[] = {
	{ true, WV_PE_FILE },
	{ false, WV_PE_FILE },
	{ true, WV_PE_MEMORY },
	{ false, WV_PE_MEMORY },
};

/* An image with its bytes; the bytes are owned. */
struct image {
	GByteArray *data;
	struct wv_pe_bytes bytes;
	struct wv_pe_source source;
	struct wv_pe pe;
	GError *error;
	bool ok;
};

static void image_open(struct image *image, const struct variant *variant)
{
	image->bytes = (struct wv_pe_bytes){ .data = image->data->data, .size = image->data->len };
	image->source = (struct wv_pe_source){ .layout = variant->layout,
					       .read = wv_pe_read_bytes,
					       .owner = &image->bytes,
					       .name = "test" };
	image->error = NULL;
	image->ok = wv_pe_init(&image->pe, &image->source, &image->error);
}

static void image_init(struct image *image, const struct variant *variant)
{
	image->data = pe_small(variant->is_64, variant->layout);
	image_open(image, variant);
	if (!image->ok)
		fail_msg("%s", image->error->message);
}

static void image_deinit(struct image *image)
{
	g_clear_error(&image->error);
	g_byte_array_unref(image->data);
}

static void assert_says(const GError *error, const char *message)
{
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_FORMAT));
	assert_true(g_str_has_prefix(error->message, "test: "));
	if (!strstr(error->message, message))
		fail_msg("\"%s\" does not say \"%s\"", error->message, message);
}

static void test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(variants); i++) {
		struct image image;
		const struct wv_pe *pe = &image.pe;

		image_init(&image, &variants[i]);
		assert_int_equal(pe->is_64, variants[i].is_64);
		assert_int_equal(pe->machine, pe->is_64 ? WV_PE_AMD64 : WV_PE_I386);
		assert_int_equal(pe->timestamp, 0x5f5e1000);
		assert_int_equal(pe->size_of_image, PE_IMAGE_SIZE);
		assert_int_equal(pe->size_of_headers, 0x400);
		assert_int_equal(pe->entry_point, 0x1020);
		assert_int_equal(pe->image_base,
				 pe->is_64 ? UINT64_C(0x140000000) : UINT64_C(0x400000));
		assert_int_equal(pe->n_sections, 3);
		assert_string_equal(pe->sections[0].name, ".text");
		assert_string_equal(pe->sections[2].name, "INITDATA");
		assert_int_equal(pe->sections[1].rva, PE_EXPORT);
		assert_int_equal(pe->sections[1].size, 0x1000);
		assert_int_equal(pe->sections[1].raw_offset, 0x600);
		assert_int_equal(pe->sections[1].raw_size, 0x400);
		assert_int_equal(pe->sections[1].flags, 0x60000020);
		assert_int_equal(pe->directories[WV_PE_DEBUG].rva, PE_DEBUG_ENTRIES);
		assert_int_equal(pe->directories[WV_PE_DEBUG].size, 56);
		image_deinit(&image);
	}
}

static void test_read(void **state)
{
	static const struct {
		uint32_t rva;
		size_t size;
		bool in_file, in_memory;
	} reads[] = {
		{ 0, 0x400, true, true },
		{ 0x3ff, 1, true, true },
		{ 0x3ff, 2, false, true }, /* between headers and first section */
		{ 0x1000, 0x200, true, true },
		{ 0x1000, 0x201, false, true }, /* zeros that the file does not have */
		{ 0x1200, 1, false, true },
		{ 0x3fff, 1, false, true },
		{ 0x4000, 1, false, false },
		{ 0x3fff, 2, false, false },
		{ 0xffffffff, 1, false, false },
		{ 0x3000, SIZE_MAX, false, false },
	};
	uint8_t buffer[0x400];

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(variants); i++) {
		struct image image;

		image_init(&image, &variants[i]);
		for (size_t j = 0; j < G_N_ELEMENTS(reads); j++) {
			bool expected = variants[i].layout == WV_PE_FILE ? reads[j].in_file
									 : reads[j].in_memory;

			if (wv_pe_read(&image.pe, reads[j].rva, buffer, reads[j].size) != expected)
				fail_msg("%zu bytes at %#x", reads[j].size, reads[j].rva);
		}
		assert_true(wv_pe_read(&image.pe, PE_RSDS, buffer, 4));
		assert_memory_equal(buffer, "RSDS", 4);
		image_deinit(&image);
	}
}

static void test_pdb(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(variants); i++) {
		char name[WV_PE_PDB_NAME_SIZE], key[WV_PDB_KEY_SIZE];
		struct wv_pdb_id id;
		struct image image;

		image_init(&image, &variants[i]);
		assert_true(wv_pe_pdb(&image.pe, &id, name, NULL));
		assert_string_equal(name, "small.pdb");
		assert_int_equal(id.age, 0x2a);
		assert_int_equal(id.machine, image.pe.machine);
		wv_pdb_id_key(&id, key);
		assert_string_equal(key, "030201000504070608090A0B0C0D0E0F2a");
		image_deinit(&image);
	}
}

static void test_exports(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(variants); i++) {
		struct wv_symbols *symbols;
		struct image image;
		uint64_t address;

		image_init(&image, &variants[i]);
		symbols = wv_pe_exports(&image.pe, NULL);
		assert_non_null(symbols);
		assert_string_equal(symbols->origin, "exports");
		assert_int_equal(symbols->count, 2);
		assert_true(symbols->find(symbols, "ExAllocatePool", &address));
		assert_int_equal(address, 0x1010);
		assert_true(symbols->find(symbols, "KeData", &address));
		assert_int_equal(address, 0x1100);
		assert_false(symbols->find(symbols, "Forwarded", &address));
		assert_false(symbols->find(symbols, "NoFunction", &address));
		assert_false(symbols->find(symbols, "PastTheFunctions", &address));
		symbols->destroy(symbols);
		image_deinit(&image);
	}
}

/* A name that ends with the last byte that can be read, and one that does not end. */
static void test_export_names(void **state)
{
	struct variant variant = { true, WV_PE_MEMORY };
	struct wv_symbols *symbols;
	struct image image;
	uint64_t address;

	(void)state;
	image_init(&image, &variant);
	memcpy(image.data->data + PE_IMAGE_SIZE - 5, "Last", 5);
	pe_set_u32(image.data, PE_NAMES, PE_IMAGE_SIZE - 5);
	pe_set_u32(image.data, PE_NAMES + 8, PE_TEXT);
	memset(image.data->data + PE_TEXT, 'x', 600);
	symbols = wv_pe_exports(&image.pe, NULL);
	assert_non_null(symbols);
	assert_int_equal(symbols->count, 1);
	assert_true(symbols->find(symbols, "Last", &address));
	assert_int_equal(address, 0x1010);
	symbols->destroy(symbols);
	image_deinit(&image);
}

/* ---- malformed ---- */

static void test_malformed_headers(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
		const char *message;
	} damages[] = {
		{ 0, 0x5a4e, "does not start with \"MZ\"" },
		{ PE_NT_OFFSET, 0xffffffff, "no headers at 0xffffffff" },
		{ PE_NT_OFFSET, 0x3fff0, "no headers at 0x3fff0" },
		{ PE_NT_OFFSET, 0x90, "do not start with \"PE\"" },
		{ PE_OPTIONAL, 0x107, "optional header starts with 0x107" },
		{ PE_OPTIONAL_SIZE, 0, "optional header starts with 0" },
		{ PE_OPTIONAL_SIZE, 90, "optional header has only 90 bytes" },
		{ PE_SECTION_COUNT, 97, "97 sections" },
		{ PE_SECTION_COUNT, 0xffff, "65535 sections" },
		{ PE_OPTIONAL_SIZE, 0xffff, "header of section 1 can not be read" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
		for (size_t j = 0; j < G_N_ELEMENTS(variants); j++) {
			struct image image;

			image.data = pe_small(variants[j].is_64, variants[j].layout);
			if (damages[i].at == PE_NT_OFFSET)
				pe_set_u32(image.data, damages[i].at, damages[i].value);
			else
				pe_set_u16(image.data, damages[i].at, (uint16_t)damages[i].value);
			image_open(&image, &variants[j]);
			assert_false(image.ok);
			assert_says(image.error, damages[i].message);
			image_deinit(&image);
		}
	}
}

/* What is left of a cut image is read, or refused; nothing beyond it is touched. */
static void test_truncated(void **state)
{
	(void)state;
	for (size_t j = 0; j < G_N_ELEMENTS(variants); j++) {
		g_autoptr(GByteArray) whole = pe_small(variants[j].is_64, variants[j].layout);

		for (guint size = 0; size < whole->len; size += 7) {
			char name[WV_PE_PDB_NAME_SIZE];
			struct wv_symbols *symbols;
			struct wv_pdb_id id;
			struct image image;
			bool has_pdb;

			image.data = g_byte_array_new_take(g_memdup2(whole->data, size), size);
			image_open(&image, &variants[j]);
			assert_true(image.ok == (size >= 0x178 + 120 + 16u * variants[j].is_64));
			if (image.ok) {
				has_pdb = wv_pe_pdb(&image.pe, &id, name, NULL);
				assert_true(has_pdb ==
					    (size >=
					     (size_t)(pe_at(whole, variants[j].layout, PE_RSDS) -
						      whole->data) +
						     43));
				symbols = wv_pe_exports(&image.pe, NULL);
				if (symbols)
					symbols->destroy(symbols);
			}
			image_deinit(&image);
		}
	}
}

static void set_path(struct image *image, enum wv_pe_layout layout, const char *path, size_t size)
{
	size_t entry = (size_t)(pe_at(image->data, layout, PE_DEBUG_ENTRIES) - image->data->data);

	memcpy(pe_at(image->data, layout, PE_RSDS + 24), path, size);
	pe_set_u32(image->data, entry + 28 + 16, (uint32_t)(24 + size));
}

static void test_pdb_names(void **state)
{
	static const struct {
		const char *path, *name; /* NULL: it can not be used */
	} cases[] = {
		{ "ntkrnlmp.pdb", "ntkrnlmp.pdb" },
		{ "d:\\a b\\ntkrnl mp.pdb", "ntkrnl mp.pdb" },
		{ "/build/small.pdb", "small.pdb" },
		{ "a\\b/c.pdb", "c.pdb" },
		{ "...pdb", "...pdb" },
		{ "", NULL },
		{ "..", NULL },
		{ ".", NULL },
		{ "a\\..", NULL },
		{ "a\\", NULL },
		{ "a/", NULL },
		{ "c:small.pdb", NULL },
		{ "small\n.pdb", NULL },
		{ "sm\xc3\xa4ll.pdb", NULL },
		{ "\x7f.pdb", NULL },
		{ "sm*.pdb", NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		for (size_t j = 0; j < G_N_ELEMENTS(variants); j++) {
			char name[WV_PE_PDB_NAME_SIZE];
			struct wv_pdb_id id;
			struct image image;
			bool ok;

			image_init(&image, &variants[j]);
			set_path(&image, variants[j].layout, cases[i].path,
				 strlen(cases[i].path) + 1);
			ok = wv_pe_pdb(&image.pe, &id, name, &image.error);
			if (ok != (cases[i].name != NULL))
				fail_msg("\"%s\": %d", cases[i].path, ok);
			if (ok)
				assert_string_equal(name, cases[i].name);
			else
				assert_says(image.error, "its PDB's name can not be used");
			image_deinit(&image);
		}
	}
}

/* A path without an end, one of the greatest length, and one that is too long. */
static void test_long_names(void **state)
{
	struct variant variant = { true, WV_PE_MEMORY };
	char name[WV_PE_PDB_NAME_SIZE], path[2000];
	struct wv_pdb_id id;
	struct image image;

	(void)state;
	image_init(&image, &variant);
	memset(path, 'x', sizeof(path));
	set_path(&image, variant.layout, path, WV_PE_PDB_NAME_SIZE - 1);
	assert_true(wv_pe_pdb(&image.pe, &id, name, NULL));
	assert_int_equal(strlen(name), WV_PE_PDB_NAME_SIZE - 1);
	set_path(&image, variant.layout, path, WV_PE_PDB_NAME_SIZE);
	assert_false(wv_pe_pdb(&image.pe, &id, name, NULL));
	set_path(&image, variant.layout, path, sizeof(path));
	assert_false(wv_pe_pdb(&image.pe, &id, name, NULL));
	image_deinit(&image);
}

static void test_malformed_debug(void **state)
{
	static const struct {
		uint32_t at; /* an RVA */
		uint32_t value;
		const char *message;
	} damages[] = {
		{ PE_DEBUG_ENTRIES + 28 + 12, 3, "it names no PDB" },
		{ PE_DEBUG_ENTRIES + 28 + 16, 23, "(23 bytes at 0x3100) can not be read" },
		{ PE_RSDS, 0x3031424e, "its CodeView record is not RSDS" }, /* NB10 */
	};

	(void)state;
	for (size_t j = 0; j < G_N_ELEMENTS(variants); j++) {
		size_t directory = pe_directory(variants[j].is_64, WV_PE_DEBUG);
		char name[WV_PE_PDB_NAME_SIZE];
		struct wv_pdb_id id;
		struct image image;

		for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
			image_init(&image, &variants[j]);
			memcpy(pe_at(image.data, variants[j].layout, damages[i].at),
			       &damages[i].value, 4);
			assert_false(wv_pe_pdb(&image.pe, &id, name, &image.error));
			assert_says(image.error, damages[i].message);
			image_deinit(&image);
		}
		for (uint32_t rva = 0x3ff0; rva != 0; rva = rva == 0x3ff0 ? 0xfffffff0 : 0) {
			image.data = pe_small(variants[j].is_64, variants[j].layout);
			pe_set_u32(image.data, directory, rva);
			pe_set_u32(image.data, directory + 4, 0xffffffff);
			image_open(&image, &variants[j]);
			assert_true(image.ok);
			assert_false(wv_pe_pdb(&image.pe, &id, name, &image.error));
			assert_says(image.error, "its debug directory at");
			image_deinit(&image);
		}
		image.data = pe_small(variants[j].is_64, variants[j].layout);
		pe_set_u32(image.data, directory, 0);
		pe_set_u32(image.data, directory + 4, 0);
		image_open(&image, &variants[j]);
		assert_false(wv_pe_pdb(&image.pe, &id, name, &image.error));
		assert_says(image.error, "it names no PDB");
		image_deinit(&image);
	}
}

static void test_malformed_exports(void **state)
{
	static const struct {
		uint32_t at;
		uint32_t value;
		const char *message;
	} damages[] = {
		{ PE_EXPORT + 24, 0xffffffff, "there are too many" },
		{ PE_EXPORT + 32, 0xfffffffe, "a table can not be read" },
		{ PE_EXPORT + 32, 0x3ffe, "a table can not be read" },
		{ PE_EXPORT + 36, 0xffffffff, "a table can not be read" },
		{ PE_EXPORT + 28, 0xffffffff, "a table can not be read" },
		{ PE_EXPORT + 24, 10000, NULL }, /* runs into the names, and then on */
	};

	(void)state;
	for (size_t j = 0; j < G_N_ELEMENTS(variants); j++) {
		size_t directory = pe_directory(variants[j].is_64, WV_PE_EXPORTS);
		struct wv_symbols *symbols;
		struct image image;

		for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
			image_init(&image, &variants[j]);
			memcpy(pe_at(image.data, variants[j].layout, damages[i].at),
			       &damages[i].value, 4);
			symbols = wv_pe_exports(&image.pe, &image.error);
			if (damages[i].message) {
				assert_null(symbols);
				assert_says(image.error, damages[i].message);
			}
			if (symbols)
				symbols->destroy(symbols);
			image_deinit(&image);
		}
		for (int i = 0; i < 2; i++) {
			image.data = pe_small(variants[j].is_64, variants[j].layout);
			pe_set_u32(image.data, directory, i ? 0xfffffff0 : 0);
			pe_set_u32(image.data, directory + 4, i ? 100 : 0);
			image_open(&image, &variants[j]);
			assert_null(wv_pe_exports(&image.pe, &image.error));
			assert_says(image.error,
				    i ? "the directory can not be read" : "there are none");
			image_deinit(&image);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_pdb),
		cmocka_unit_test(test_exports),
		cmocka_unit_test(test_export_names),
		cmocka_unit_test(test_malformed_headers),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_pdb_names),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_malformed_debug),
		cmocka_unit_test(test_malformed_exports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

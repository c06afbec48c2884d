/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes the reader of BTF. The first byte chooses: 0 or 1, a small kernel's BTF (without or with
 * the kind_flag), changed as patch.h says; else the rest of the input is the BTF itself.
 */
#include "btf_builder.h"
#include "look_up.h"
#include "patch.h"
#include "profile/btf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes what was read, so that the compiler does not leave the reading out. */
static volatile size_t read_bytes;

static const char *const paths[] = { "one",	   "across",	 "pid",	    "comm",	   "low",
				     "grid",	   "grid.owner", "uid.val", "nested_bits", "rest",
				     "parent.pid", "no_such",	 NULL };
static const char *const structures[] = { "task_struct", "task_alias", "same", "kuid_t", NULL };
static const struct names names = { .structures = structures,
				    .paths = paths,
				    .enumerator = "NEGATIVE" };

/* All that is in the table, so that a wrong bound anywhere shows. */
static void walk(const void *data, size_t size)
{
	struct wv_btf_table table;
	size_t sum = 0;

	if (!wv_btf_table_init(&table, data, size, NULL))
		return;
	for (uint32_t id = 0; id <= table.count; id++) {
		struct wv_btf_member member;
		struct wv_btf_type type;
		int64_t value;

		wv_btf_type(&table, id, &type);
		sum += strlen(type.name) + wv_btf_size(&table, id) + wv_btf_strip(&table, id);
		for (uint32_t i = 0; i < type.vlen; i++) {
			if (type.kind == WV_BTF_STRUCT || type.kind == WV_BTF_UNION) {
				wv_btf_member(&table, &type, i, &member);
				sum += strlen(member.name);
			} else if (type.kind == WV_BTF_ENUM || type.kind == WV_BTF_ENUM64) {
				sum += strlen(wv_btf_enumerator(&table, &type, i, &value));
			}
		}
	}
	wv_btf_table_deinit(&table);
	read_bytes = sum;
}

static void test(const uint8_t *data, size_t size)
{
	struct wv_image image = { .data = data, .size = size, .address = 0x1000 };
	struct wv_types *types = wv_btf_parse(data, size, NULL);

	if (types) {
		look_up_types(types, &names);
		types->destroy(types);
	}
	types = wv_btf_find(&image, NULL, NULL);
	if (types)
		types->destroy(types);
	walk(data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static GByteArray *small[2];
	uint8_t *copy;
	size_t left;

	if (size == 0)
		return 0;
	if (!small[0]) {
		small[0] = btf_small_kernel(false);
		small[1] = btf_small_kernel(true);
	}
	copy = patched_copy(data[0] <= 1 ? small[data[0]] : NULL, data + 1, size - 1, &left);
	test(copy, left);
	free(copy);
	return 0;
}

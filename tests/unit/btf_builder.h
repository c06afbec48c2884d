/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes BTF for tests, record by record. */
#ifndef WV_TESTS_BTF_BUILDER_H
#define WV_TESTS_BTF_BUILDER_H

#include "profile/btf_table.h"

struct btf_builder {
	GByteArray *types;
	GByteArray *strings;
	uint32_t count;	      /**< types written so far */
	uint32_t header_size; /**< 24, or 32 with a layout section, or anything */
	GByteArray *layout;
};

void btf_builder_init(struct btf_builder *builder);
void btf_builder_deinit(struct btf_builder *builder);

/** The offset of a string, which is added. */
uint32_t btf_string(struct btf_builder *builder, const char *string);

/** Starts a type; returns its id. `size` is a type's id for kinds that refer to one. */
uint32_t btf_add(struct btf_builder *builder, const char *name, uint32_t kind, bool flag,
		 uint32_t vlen, uint32_t size);

/** Appends words to the last type: what follows its three words. */
void btf_words(struct btf_builder *builder, uint32_t count, const uint32_t *words);

/** An integer of so many bytes. */
uint32_t btf_add_int(struct btf_builder *builder, const char *name, uint32_t bytes);
uint32_t btf_add_array(struct btf_builder *builder, uint32_t element, uint32_t count);
/** A member of the structure started last. `offset` is as BTF has it: bits, or bits and size. */
void btf_add_member(struct btf_builder *builder, const char *name, uint32_t type, uint32_t offset);

/** All of it. */
GByteArray *btf_finish(const struct btf_builder *builder);

/**
 * A small kernel's types: a task_struct with anonymous members, bit fields, arrays, typedefs and
 * qualifiers, and enumerations; as test_btf.c expects them. `flags`: with kind_flag, as newer
 * kernels write bit fields and signed enumerations.
 */
GByteArray *btf_small_kernel(bool flags);

#endif

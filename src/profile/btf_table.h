/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The records of BTF: copied, checked, and readable by type id (Documentation/bpf/btf.rst,
 * include/uapi/linux/btf.h). Internal to the profile folder; btf.h is what others use.
 */
#ifndef WV_PROFILE_BTF_TABLE_H
#define WV_PROFILE_BTF_TABLE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The fixed part of the header; later kernels may write a longer one. */
#define WV_BTF_HEADER_MIN 24u
/** Far above any kernel: stock ones have 3 to 6 MiB. */
#define WV_BTF_SIZE_MAX (64u << 20)

enum wv_btf_kind {
	WV_BTF_VOID = 0,
	WV_BTF_INT = 1,
	WV_BTF_PTR = 2,
	WV_BTF_ARRAY = 3,
	WV_BTF_STRUCT = 4,
	WV_BTF_UNION = 5,
	WV_BTF_ENUM = 6,
	WV_BTF_FWD = 7,
	WV_BTF_TYPEDEF = 8,
	WV_BTF_VOLATILE = 9,
	WV_BTF_CONST = 10,
	WV_BTF_RESTRICT = 11,
	WV_BTF_FUNC = 12,
	WV_BTF_FUNC_PROTO = 13,
	WV_BTF_VAR = 14,
	WV_BTF_DATASEC = 15,
	WV_BTF_FLOAT = 16,
	WV_BTF_DECL_TAG = 17,
	WV_BTF_TYPE_TAG = 18,
	WV_BTF_ENUM64 = 19,
	WV_BTF_KINDS, /**< kinds from here on are skipped with the help of the layout section */
};

/** The three words that every type starts with, taken apart. */
struct wv_btf_type {
	const char *name; /**< "" when it has none */
	enum wv_btf_kind kind;
	bool kind_flag;
	uint32_t vlen;	       /**< entries that follow: members, enumerators ... */
	uint32_t size_or_type; /**< bytes, or the id of the type referred to; the kind decides */
	const uint8_t *data;   /**< what follows the three words */
};

struct wv_btf_member {
	const char *name;
	uint32_t type;
	uint32_t bit_offset;
	uint32_t bit_size; /**< 0: not a bit field, or one that only its integer type tells */
};

struct wv_btf_table {
	uint8_t *data; /**< owned copy of it all */
	size_t size;
	const uint8_t *types;
	const char *strings;
	uint32_t strings_size; /**< the last byte is NUL */
	uint32_t *offsets;     /**< owned: where in `types` each type starts; [0] is void */
	uint32_t count;	       /**< types, void included */
	bool signed_flags;     /**< kind_flag tells signed ENUMs from unsigned ones: since 6.0
				*   (6089fb325cf7); before that no flag was set, all being signed */
};

/**
 * How many bytes BTF takes that would start at data[0], from its header alone; 0 when it is not a
 * valid header, or says more than `size` or WV_BTF_SIZE_MAX. Reads the header once.
 */
size_t wv_btf_measure(const void *data, size_t size);

/** Copies and checks. Errors: WV_ERROR_FORMAT; `table` then holds nothing. */
bool wv_btf_table_init(struct wv_btf_table *table, const void *data, size_t size, GError **error);
void wv_btf_table_deinit(struct wv_btf_table *table);

/** A string by its offset; "" when there is none. */
const char *wv_btf_string(const struct wv_btf_table *table, uint32_t offset);

/** Type `id`; void for 0 and for ids out of range. */
void wv_btf_type(const struct wv_btf_table *table, uint32_t id, struct wv_btf_type *type);

/** Member `i` of a structure or union; i < vlen. */
void wv_btf_member(const struct wv_btf_table *table, const struct wv_btf_type *type, uint32_t i,
		   struct wv_btf_member *member);

/** Parameter `i` of a FUNC_PROTO; i < vlen. Returns its name, "" when it has none. */
const char *wv_btf_parameter(const struct wv_btf_table *table, const struct wv_btf_type *prototype,
			     uint32_t i, uint32_t *type);

/** Enumerator `i` of an ENUM or ENUM64; i < vlen. Returns its name. */
const char *wv_btf_enumerator(const struct wv_btf_table *table, const struct wv_btf_type *type,
			      uint32_t i, int64_t *value);

/** The element type and count of an ARRAY. */
void wv_btf_array(const struct wv_btf_type *type, uint32_t *element, uint32_t *count);

/** An INT's bits: where its value starts and how many there are; of its size in bytes. */
void wv_btf_int(const struct wv_btf_type *type, uint32_t *bit_offset, uint32_t *bits);

/** The id behind typedefs and qualifiers; 0 when it does not end within a sane number of steps. */
uint32_t wv_btf_strip(const struct wv_btf_table *table, uint32_t id);

/** The size of a type in bytes; 0 when it has none or it is absurd. */
uint64_t wv_btf_size(const struct wv_btf_table *table, uint32_t id);

#endif

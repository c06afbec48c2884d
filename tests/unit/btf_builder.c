/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes BTF as include/uapi/linux/btf.h defines it. */
#include "btf_builder.h"

#include <string.h>

void btf_builder_init(struct btf_builder *builder)
{
	memset(builder, 0, sizeof(*builder));
	builder->types = g_byte_array_new();
	builder->strings = g_byte_array_new();
	builder->layout = g_byte_array_new();
	builder->header_size = WV_BTF_HEADER_MIN;
	g_byte_array_append(builder->strings, (const guint8 *)"", 1);
}

void btf_builder_deinit(struct btf_builder *builder)
{
	g_byte_array_unref(builder->types);
	g_byte_array_unref(builder->strings);
	g_byte_array_unref(builder->layout);
}

uint32_t btf_string(struct btf_builder *builder, const char *string)
{
	uint32_t at = builder->strings->len;

	if (!*string)
		return 0;
	g_byte_array_append(builder->strings, (const guint8 *)string, (guint)strlen(string) + 1);
	return at;
}

void btf_words(struct btf_builder *builder, uint32_t count, const uint32_t *words)
{
	g_byte_array_append(builder->types, (const guint8 *)words, count * 4);
}

uint32_t btf_add(struct btf_builder *builder, const char *name, uint32_t kind, bool flag,
		 uint32_t vlen, uint32_t size)
{
	uint32_t words[] = { btf_string(builder, name), (uint32_t)flag << 31 | kind << 24 | vlen,
			     size };

	btf_words(builder, 3, words);
	return ++builder->count;
}

uint32_t btf_add_int(struct btf_builder *builder, const char *name, uint32_t bytes)
{
	uint32_t id = btf_add(builder, name, WV_BTF_INT, false, 0, bytes);
	uint32_t encoding = bytes * 8;

	btf_words(builder, 1, &encoding);
	return id;
}

uint32_t btf_add_array(struct btf_builder *builder, uint32_t element, uint32_t count)
{
	uint32_t id = btf_add(builder, "", WV_BTF_ARRAY, false, 0, 0);
	uint32_t words[] = { element, 1, count };

	btf_words(builder, 3, words);
	return id;
}

void btf_add_member(struct btf_builder *builder, const char *name, uint32_t type, uint32_t offset)
{
	uint32_t words[] = { btf_string(builder, name), type, offset };

	btf_words(builder, 3, words);
}

GByteArray *btf_finish(const struct btf_builder *builder)
{
	uint32_t types = builder->types->len, strings = builder->strings->len;
	uint32_t header[64] = { 0x0001eb9f,	 builder->header_size, 0, types, types, strings,
				types + strings, builder->layout->len };
	GByteArray *out = g_byte_array_new();

	g_assert(builder->header_size <= sizeof(header));
	g_byte_array_append(out, (const guint8 *)header, builder->header_size);
	g_byte_array_append(out, builder->types->data, types);
	g_byte_array_append(out, builder->strings->data, strings);
	g_byte_array_append(out, builder->layout->data, builder->layout->len);
	return out;
}

/* A bit field's place in a member's offset word. */
static uint32_t bits(bool flags, uint32_t offset, uint32_t size)
{
	return flags ? size << 24 | offset : offset;
}

/* Without the flag, a bit field is known by an integer of fewer bits than its size. */
static uint32_t add_bits_type(struct btf_builder *builder, uint32_t plain, bool flags,
			      uint32_t encoding)
{
	uint32_t id;

	if (flags)
		return plain;
	id = btf_add(builder, "unsigned int", WV_BTF_INT, false, 0, 4);
	btf_words(builder, 1, &encoding);
	return id;
}

/* void link(unsigned int from, kuid_t to, ...): its name is a structure's, too. */
static void add_function(struct btf_builder *builder, uint32_t number, uint32_t kuid)
{
	const uint32_t parameters[] = {
		btf_string(builder, "from"), number, btf_string(builder, "to"), kuid, 0, 0
	};
	uint32_t prototype = btf_add(builder, "", WV_BTF_FUNC_PROTO, false, 3, 0);

	btf_words(builder, 6, parameters);
	btf_add(builder, "link", WV_BTF_FUNC, false, 1, prototype);
	btf_add(builder, "broken", WV_BTF_FUNC, false, 1, number); /* that is no prototype */
}

/* One of each kind that only has to be stepped over. */
static void add_other_kinds(struct btf_builder *builder, uint32_t number)
{
	uint32_t words[] = { number, 8, 4 };

	words[0] = btf_add(builder, "jiffies", WV_BTF_VAR, false, 0, number);
	btf_words(builder, 1, words + 1);
	btf_add(builder, ".data", WV_BTF_DATASEC, false, 1, 8);
	btf_words(builder, 3, words);
	btf_add(builder, "double", WV_BTF_FLOAT, false, 0, 8);
	btf_add(builder, "kfunc", WV_BTF_DECL_TAG, false, 0, number);
	btf_words(builder, 1, words + 1);
	btf_add(builder, "task_struct", WV_BTF_FWD, false, 0, 0);
}

static void add_enumerations(struct btf_builder *builder, bool flags)
{
	const uint32_t values[] = { btf_string(builder, "PIDTYPE_PID"),	 0,
				    btf_string(builder, "PIDTYPE_TGID"), 1,
				    btf_string(builder, "NEGATIVE"),	 (uint32_t)-1 };
	const uint32_t high[] = { btf_string(builder, "HIGH_BIT"), 0x80000000 };
	const uint32_t large[] = { btf_string(builder, "LARGE"),
				   2,
				   1u << 8,
				   btf_string(builder, "LARGE_NEGATIVE"),
				   (uint32_t)-5,
				   (uint32_t)-1 };

	btf_add(builder, "pid_type", WV_BTF_ENUM, flags, 3, 4);
	btf_words(builder, 6, values);
	btf_add(builder, "high", WV_BTF_ENUM, false, 1, 4);
	btf_words(builder, 2, high);
	btf_add(builder, "large", WV_BTF_ENUM64, flags, 2, 8);
	btf_words(builder, 6, large);
}

/* Names that more than one type has. */
static void add_same_names(struct btf_builder *builder, uint32_t number)
{
	btf_add(builder, "twice", WV_BTF_STRUCT, false, 1, 4);
	btf_add_member(builder, "first", number, 0);
	btf_add(builder, "twice", WV_BTF_STRUCT, false, 1, 8);
	btf_add_member(builder, "second", number, 32);
	btf_add(builder, "same", WV_BTF_TYPEDEF, false, 0, number);
	btf_add(builder, "same", WV_BTF_UNION, false, 1, 4);
	btf_add_member(builder, "in_union", number, 0);
	btf_add(builder, "same", WV_BTF_STRUCT, false, 1, 12);
	btf_add_member(builder, "in_struct", number, 64);
	btf_add(builder, "some_union", WV_BTF_UNION, false, 1, 4);
	btf_add_member(builder, "member", number, 0);
}

GByteArray *btf_small_kernel(bool flags)
{
	struct btf_builder b;
	uint32_t number, large, letter, pointer, pid, qualified, comm, kuid, link, row, grid, pair;
	uint32_t word, nested, task, task_pointer, empty;
	uint32_t bits1, bits5, bits12, bits2;
	GByteArray *out;

	btf_builder_init(&b);
	number = btf_add_int(&b, "unsigned int", 4);
	add_other_kinds(&b, number);
	large = btf_add_int(&b, "long unsigned int", 8);
	letter = btf_add_int(&b, "char", 1);
	pointer = btf_add(&b, "", WV_BTF_PTR, false, 0, 0);
	pid = btf_add(&b, "__kernel_pid_t", WV_BTF_TYPEDEF, false, 0, number);
	pid = btf_add(&b, "pid_t", WV_BTF_TYPEDEF, false, 0, pid);
	qualified = btf_add(&b, "", WV_BTF_VOLATILE, false, 0, number);
	qualified = btf_add(&b, "", WV_BTF_CONST, false, 0, qualified);
	qualified = btf_add(&b, "user", WV_BTF_TYPE_TAG, false, 0, qualified);
	comm = btf_add_array(&b, letter, 16);
	empty = btf_add_array(&b, letter, 0);
	bits1 = add_bits_type(&b, number, flags, 1);
	bits5 = add_bits_type(&b, number, flags, 5);
	bits12 = add_bits_type(&b, number, flags, 12);
	bits2 = add_bits_type(&b, number, flags, 3 << 16 | 2);

	/* typedef struct { unsigned int val; } kuid_t; */
	kuid = btf_add(&b, "", WV_BTF_STRUCT, false, 1, 4);
	btf_add_member(&b, "val", number, 0);
	kuid = btf_add(&b, "kuid_t", WV_BTF_TYPEDEF, false, 0, kuid);

	add_function(&b, number, kuid);

	/* struct link { void *next; kuid_t owner; } grid[2][3] */
	link = btf_add(&b, "link", WV_BTF_STRUCT, false, 2, 16);
	btf_add_member(&b, "next", pointer, 0);
	btf_add_member(&b, "owner", kuid, 64);
	row = btf_add_array(&b, link, 3);
	grid = btf_add_array(&b, row, 2);

	/* union { unsigned long raw; struct { unsigned int low, high; }; } */
	pair = btf_add(&b, "", WV_BTF_STRUCT, false, 2, 8);
	btf_add_member(&b, "low", number, 0);
	btf_add_member(&b, "high", number, 32);
	word = btf_add(&b, "", WV_BTF_UNION, false, 2, 8);
	btf_add_member(&b, "raw", large, 0);
	btf_add_member(&b, "", pair, 0);

	/* struct { unsigned int : 3, nested_bits : 2; } */
	nested = btf_add(&b, "", WV_BTF_STRUCT, flags, 1, 4);
	btf_add_member(&b, "nested_bits", bits2, flags ? bits(true, 3, 2) : 0);

	task = b.count + 2;
	task_pointer = btf_add(&b, "", WV_BTF_PTR, false, 0, task);
	btf_add(&b, "task_struct", WV_BTF_STRUCT, flags, 13, 256);
	btf_add_member(&b, "state", qualified, 0);
	btf_add_member(&b, "one", bits1, bits(flags, 32, 1));
	btf_add_member(&b, "five", bits5, bits(flags, 33, 5));
	btf_add_member(&b, "across", bits12, bits(flags, 62, 12));
	btf_add_member(&b, "pid", pid, 16 * 8);
	btf_add_member(&b, "comm", comm, 20 * 8);
	btf_add_member(&b, "", word, 40 * 8);
	btf_add_member(&b, "grid", grid, 48 * 8);
	btf_add_member(&b, "mm", pointer, 144 * 8);
	btf_add_member(&b, "uid", kuid, 152 * 8);
	btf_add_member(&b, "", nested, 160 * 8);
	btf_add_member(&b, "parent", task_pointer, 168 * 8);
	btf_add_member(&b, "rest", empty, 256 * 8);
	g_assert(b.count == task);
	btf_add(&b, "task_alias", WV_BTF_TYPEDEF, false, 0, task);
	add_same_names(&b, number);
	add_enumerations(&b, flags);

	out = btf_finish(&b);
	btf_builder_deinit(&b);
	return out;
}

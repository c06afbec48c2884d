/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PDB of a small kernel: one of each kind of record, and of each entry of a field list. */
#include "pdb_builder.h"

#include "profile/pdb_tpi.h"

/** Built-in types: CHAR, ULONG, UCHAR, LONG, int, LONGLONG, ULONGLONG, PVOID. */
enum {
	T_CHAR = 0x70,
	T_ULONG = 0x22,
	T_UCHAR = 0x20,
	T_LONG = 0x12,
	T_INT = 0x74,
	T_QUAD = 0x13,
	T_UQUAD = 0x23,
	T_64PVOID = 0x603,
	T_32PULONG = 0x422,
};

static void add_symbols(struct pdb_builder *b, bool moved)
{
	pdb_add_section(b->sections, 0x1000);
	pdb_add_section(b->sections, 0x5000);
	pdb_add_section(b->sections, 0x200000);
	pdb_add_symbol(b, 0x110d, 10, "GlobalData"); /* S_GDATA32 */
	pdb_add_public(b, "KeBugCheck", 1, 0x10);
	pdb_add_public(b, "KeSecond", 1, 0x18);
	pdb_add_public(b, "KeRemoved", 1, 0x20);
	pdb_add_public(b, "_Underscored", 2, 0);
	pdb_add_public(b, "_OnAmd64@8", 2, 4);
	pdb_add_public(b, "PsInitialSystemProcess", 3, 8);
	pdb_add_public(b, "KeBugCheck", 2, 0x40); /* again: the first one stays */
	pdb_add_public(b, "Absolute", 4, 0x40);
	pdb_add_public(b, "NoSection", 0, 0x40);
	pdb_add_public(b, "TooFar", 3, 0xffffffff);
	pdb_add_public(b, "", 1, 0x44);
	pdb_add_symbol(b, 0x1125, 10, "Reference"); /* S_PROCREF */
	if (!moved)
		return;
	pdb_add_section(b->originals, 0x1000);
	pdb_add_section(b->originals, 0x9000);
	pdb_add_section(b->originals, 0x300000);
	for (size_t i = 0; i < 6; i++) {
		static const uint32_t pairs[6][2] = {
			{ 0x1000, 0x2000 }, { 0x1010, 0x7000 }, { 0x1020, 0 },
			{ 0x1030, 0x2010 }, { 0x9000, 0x6000 }, { 0x300000, 0x250000 },
		};

		pdb_append_u32(b->omap, pairs[i][0]);
		pdb_append_u32(b->omap, pairs[i][1]);
	}
}

/* Records that no member leads to. */
static void add_procedure(struct pdb_builder *b)
{
	pdb_begin(b, 0x1201); /* LF_ARGLIST */
	pdb_u32(b, 1);
	pdb_u32(b, T_INT);
	pdb_end(b);
	pdb_begin(b, 0x1008); /* LF_PROCEDURE */
	pdb_u32(b, T_INT);
	pdb_u32(b, 1);
	pdb_u32(b, pdb_type(b) - 1);
	pdb_end(b);
}

/* Returns the forward reference, not the definition. */
static uint32_t add_list_entry(struct pdb_builder *b)
{
	uint32_t forward, pointer, list;

	forward = pdb_structure(b, WV_LF_STRUCTURE, "_LIST_ENTRY", NULL, 0, 0);
	pointer = pdb_pointer(b, forward, 8);
	pdb_begin(b, WV_LF_FIELDLIST);
	pdb_member(b, pointer, 0, "Flink");
	pdb_member(b, pointer, 8, "Blink");
	list = pdb_end(b);
	pdb_structure(b, WV_LF_STRUCTURE, "_LIST_ENTRY", NULL, list, 16);
	return forward;
}

/* A union with a structure without a name; another such structure has other members. */
static uint32_t add_large_integer(struct pdb_builder *b)
{
	uint32_t list, unnamed;

	pdb_begin(b, WV_LF_FIELDLIST);
	pdb_member(b, T_ULONG, 0, "LowPart");
	pdb_member(b, T_LONG, 4, "HighPart");
	list = pdb_end(b);
	unnamed = pdb_structure(b, WV_LF_STRUCTURE, "__unnamed", NULL, list, 8);
	pdb_begin(b, WV_LF_FIELDLIST);
	pdb_member(b, unnamed, 0, "");
	pdb_member(b, unnamed, 0, "u");
	pdb_member(b, T_QUAD, 0, "QuadPart");
	list = pdb_end(b);
	return pdb_structure(b, WV_LF_UNION, "_LARGE_INTEGER", NULL, list, 8);
}

static uint32_t add_unnamed(struct pdb_builder *b)
{
	uint32_t list;

	pdb_begin(b, WV_LF_FIELDLIST);
	pdb_member(b, T_UCHAR, 0, "Type");
	pdb_member(b, T_UCHAR, 1, "Other");
	list = pdb_end(b);
	return pdb_structure(b, WV_LF_STRUCTURE, "__unnamed", NULL, list, 2);
}

static uint32_t add_enumerations(struct pdb_builder *b)
{
	uint32_t list, mode;

	pdb_begin(b, WV_LF_FIELDLIST);
	pdb_enumerator(b, 0, "KernelMode");
	pdb_enumerator(b, 1, "UserMode");
	pdb_enumerator(b, (uint64_t)-1, "MinusOne");
	pdb_enumerator(b, (uint64_t)-1000, "MinusThousand");
	pdb_enumerator(b, (uint64_t)-70000, "MinusSeventyThousand");
	pdb_enumerator(b, 40000, "FortyThousand");
	pdb_enumerator(b, 70000, "SeventyThousand");
	pdb_enumerator(b, 0xfffffffe, "MinusTwo"); /* as clang writes it */
	list = pdb_end(b);
	pdb_structure(b, WV_LF_ENUM, "_MODE", ".?AW4_MODE@@", 0, T_INT);
	mode = pdb_type(b) - 1;
	pdb_structure(b, WV_LF_ENUM, "_MODE", ".?AW4_MODE@@", list, T_INT);

	pdb_begin(b, WV_LF_FIELDLIST);
	pdb_enumerator(b, (uint64_t)INT64_MIN, "Lowest");
	pdb_enumerator(b, INT64_MAX, "Highest");
	pdb_enumerator(b, 1, "KernelMode"); /* again: the first one stays */
	list = pdb_end(b);
	pdb_structure(b, WV_LF_ENUM, "_WIDE", NULL, list, T_QUAD);

	pdb_begin(b, WV_LF_FIELDLIST);
	pdb_enumerator(b, 0xff, "Byte255");
	pdb_enumerator(b, (uint64_t)-1, "ByteMinusOne");
	list = pdb_end(b);
	pdb_structure(b, WV_LF_ENUM, "<unnamed-enum-Byte255>", NULL, list, T_UCHAR);
	return mode;
}

/* One of each entry that is stepped over. */
static void add_other_entries(struct pdb_builder *b, uint32_t type)
{
	static const struct {
		uint16_t kind;
		bool named;
	} typed[] = {
		{ 0x1409, false }, /* LF_VFUNCTAB */
		{ 0x140a, false }, /* LF_FRIENDCLS */
		{ 0x150e, true },  /* LF_STMEMBER */
		{ 0x150f, true },  /* LF_METHOD */
		{ 0x1510, true },  /* LF_NESTTYPE */
		{ 0x1512, true },  /* LF_NESTTYPEEX */
		{ 0x1513, true },  /* LF_MEMBERMODIFY */
		{ 0x150c, true },  /* LF_FRIENDFCN */
	};

	for (size_t i = 0; i < G_N_ELEMENTS(typed); i++) {
		pdb_u16(b, typed[i].kind);
		pdb_u16(b, 3);
		pdb_u32(b, type);
		if (typed[i].named)
			pdb_text(b, "SteppedOver");
		pdb_pad(b);
	}
	pdb_u16(b, 0x140c); /* LF_VFUNCOFF */
	pdb_u16(b, 0);
	pdb_u32(b, type);
	pdb_u32(b, 8);
	for (uint16_t kind = 0x1401; kind <= 0x1402; kind++) { /* LF_VBCLASS, LF_IVBCLASS */
		pdb_u16(b, kind);
		pdb_u16(b, 3);
		pdb_u32(b, type);
		pdb_u32(b, T_64PVOID);
		pdb_number(b, 0);
		pdb_number(b, 70000);
		pdb_pad(b);
	}
	for (unsigned int property = 0; property < 8; property++) {
		pdb_u16(b, 0x1511); /* LF_ONEMETHOD */
		pdb_u16(b, (uint16_t)(3 | property << 2));
		pdb_u32(b, type);
		if (property == 4 || property == 6)
			pdb_u32(b, 0x150d);
		pdb_text(b, "Method");
		pdb_pad(b);
	}
}

static void add_classes(struct pdb_builder *b)
{
	uint32_t list, base;

	pdb_begin(b, WV_LF_FIELDLIST);
	pdb_member(b, T_INT, 8, "BaseMember");
	list = pdb_end(b);
	base = pdb_structure(b, WV_LF_CLASS, "Base", ".?AVBase@@", list, 16);
	pdb_begin(b, WV_LF_FIELDLIST);
	pdb_u16(b, 0x1400); /* LF_BCLASS */
	pdb_u16(b, 3);
	pdb_u32(b, base);
	pdb_number(b, 8);
	add_other_entries(b, base);
	pdb_member(b, T_INT, 24, "Own");
	list = pdb_end(b);
	pdb_structure(b, WV_LF_CLASS2, "Derived", ".?AVDerived@@", list, 32);
	pdb_structure(b, WV_LF_INTERFACE, "Interface", NULL, list, 32);
	pdb_structure(b, WV_LF_INTERFACE2, "Interface2", NULL, list, 32);
	pdb_structure(b, WV_LF_UNION2, "Union2", NULL, list, 32);

	pdb_begin(b, WV_LF_FIELDLIST);
	pdb_member(b, T_INT, 0, "Before");
	pdb_u16(b, 0x1577); /* no such kind */
	pdb_u32(b, 0);
	pdb_member(b, T_INT, 4, "Behind");
	list = pdb_end(b);
	pdb_structure(b, WV_LF_STRUCTURE, "Cut", NULL, list, 8);
}

/* Structures of the same name, of which references mean the one of the same mangled name. */
static uint32_t add_twice(struct pdb_builder *b)
{
	uint32_t list, second;

	second = pdb_structure(b, WV_LF_STRUCTURE, "Twice", ".?AUTwice@2@@", 0, 0);
	pdb_begin(b, WV_LF_FIELDLIST);
	pdb_member(b, T_INT, 0, "First");
	list = pdb_end(b);
	pdb_structure(b, WV_LF_STRUCTURE, "Twice", ".?AUTwice@1@@", list, 4);
	pdb_begin(b, WV_LF_FIELDLIST);
	pdb_member(b, T_QUAD, 0, "Second");
	list = pdb_end(b);
	pdb_structure(b, WV_LF_STRUCTURE, "Twice", ".?AUTwice@2@@", list, 8);
	return second;
}

static uint32_t add_modifier(struct pdb_builder *b, uint16_t leaf, uint32_t type)
{
	pdb_begin(b, leaf);
	pdb_u32(b, type);
	if (leaf == WV_LF_MODIFIER)
		pdb_u16(b, 3);
	else
		pdb_text(b, "alias");
	return pdb_end(b);
}

static void add_process(struct pdb_builder *b, uint32_t links, uint32_t time, uint32_t mode)
{
	uint32_t self = pdb_structure(b, WV_LF_STRUCTURE2, "_EPROCESS", ".?AU_EPROCESS@@", 0, 0);
	uint32_t pointer = pdb_pointer(b, self, 8), narrow = pdb_pointer(b, self, 4);
	uint32_t name = pdb_array(b, T_CHAR, 15), row = pdb_array(b, links, 3 * 16);
	uint32_t grid = pdb_array(b, row, 2 * 3 * 16), twice = add_twice(b);
	uint32_t opaque = pdb_structure(b, WV_LF_STRUCTURE, "_OPAQUE", NULL, 0, 0);
	uint32_t opaques = pdb_array(b, opaque, 100), empty = pdb_array(b, T_CHAR, 0);
	uint32_t number = add_modifier(b, WV_LF_MODIFIER, add_modifier(b, WV_LF_ALIAS, T_ULONG));
	uint32_t one = pdb_bits(b, number, 0, 1), five = pdb_bits(b, T_ULONG, 1, 5);
	uint32_t wide = pdb_bits(b, T_UQUAD, 27, 37), unnamed = add_unnamed(b), rest, list;

	pdb_begin(b, WV_LF_FIELDLIST);
	pdb_member(b, unnamed, 0x1f0, "Kind");
	pdb_member(b, twice, 0x1f8, "Twice");
	pdb_member(b, opaques, 0x200, "Opaques");
	pdb_member(b, 0xfffff, 0x300, "NoSuchType");
	pdb_member(b, opaque, 0x304, "Opaque");
	pdb_member(b, 0, 0x308, "NoType");
	pdb_member(b, T_UCHAR, 0x12345, "Far");
	pdb_member(b, T_UCHAR, 0x123456789a, "Further");
	pdb_member(b, empty, 0x123456789b, "Rest");
	rest = pdb_end(b);
	pdb_begin(b, WV_LF_FIELDLIST);
	pdb_member(b, pointer, 0, "Parent");
	pdb_member(b, narrow, 8, "Narrow");
	pdb_member(b, T_32PULONG, 12, "NarrowNumber");
	pdb_member(b, T_64PVOID, 0x10, "Wow64Process");
	pdb_member(b, links, 0x18, "ActiveProcessLinks");
	pdb_member(b, name, 0x28, "ImageFileName");
	pdb_member(b, grid, 0x40, "Grid");
	pdb_member(b, time, 0xa0, "CreateTime");
	pdb_member(b, mode, 0xa8, "Mode");
	pdb_member(b, number, 0xac, "Flags");
	pdb_member(b, one, 0xac, "One");
	pdb_member(b, five, 0xac, "Five");
	pdb_member(b, wide, 0xb0, "Wide");
	pdb_continue(b, rest);
	list = pdb_end(b);
	pdb_structure(b, WV_LF_STRUCTURE2, "_EPROCESS", ".?AU_EPROCESS@@", list, 0x1234567900);
}

GByteArray *pdb_small_kernel(uint32_t block_size, bool scattered, bool moved)
{
	struct pdb_builder b;
	uint32_t links, time, mode;
	GByteArray *file;

	pdb_builder_init(&b);
	b.block_size = block_size;
	b.scattered = scattered;
	add_symbols(&b, moved);
	add_procedure(&b);
	links = add_list_entry(&b);
	time = add_large_integer(&b);
	mode = add_enumerations(&b);
	add_classes(&b);
	add_process(&b, links, time, mode);
	file = pdb_finish(&b);
	pdb_builder_deinit(&b);
	return file;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Goes through all definitions of the TPI stream, their field lists and their members' types.
 *
 * Compilers write the members of an anonymous union or structure as members of the structure
 * around it; a member without a name, should there be one, means the same here.
 */
#include "profile/pdb_types.h"

#include "profile/pdb_tags.h"

/** Steps from a member's type through modifiers, arrays and pointers; what is behind is unknown. */
#define STEPS_MAX 32u
/** Pieces of one field list; each but the last has almost 64 KiB. */
#define PIECES_MAX 4096u

/** Entries of a field list. */
enum {
	LF_BCLASS = 0x1400,
	LF_VBCLASS = 0x1401,
	LF_IVBCLASS = 0x1402,
	LF_INDEX = 0x1404,
	LF_VFUNCTAB = 0x1409,
	LF_FRIENDCLS = 0x140a,
	LF_VFUNCOFF = 0x140c,
	LF_ENUMERATE = 0x1502,
	LF_FRIENDFCN = 0x150c,
	LF_MEMBER = 0x150d,
	LF_STMEMBER = 0x150e,
	LF_METHOD = 0x150f,
	LF_NESTTYPE = 0x1510,
	LF_ONEMETHOD = 0x1511,
	LF_NESTTYPEEX = 0x1512,
	LF_MEMBERMODIFY = 0x1513,
	LF_BINTERFACE = 0x151a,
	LF_PAD0 = 0xf0, /* a single byte: its low four bits say how many bytes to skip */
};

struct reader {
	const struct wv_msf *msf;
	uint32_t pointer_size;
	struct wv_table_types *types;
	struct wv_pdb_tpi tpi;
	struct wv_pdb_tags tags;
	const struct wv_pdb_tag *tag; /* the definition being read */
	GArray *fields;		      /* its members */
	GArray *constants;	      /* its enumerators */
	GString *key;		      /* scratch */
	uint64_t allowed;	      /* bytes of field lists that may still be read */
	GError **error;
};

/* ---- types; `size` gets their bytes, 0 where they have none ---- */

/* A base type, which gets into the table when it is first used. */
static const struct wv_table_type *base_type(struct reader *reader, const char *name,
					     const struct wv_table_base *base)
{
	if (!g_hash_table_contains(reader->types->bases, name))
		wv_table_types_add_base(reader->types, name, base);
	return wv_table_named(reader->types, name);
}

/* A pointer; one of another size than the machine's is known by a name (MSVC's __ptr32). */
static const struct wv_table_type *pointer_type(struct reader *reader, uint32_t size,
						const struct wv_table_type *of)
{
	const struct wv_table_type pointer = { .kind = WV_TABLE_POINTER, .of = of };
	const struct wv_table_base narrow = { .values = WV_TABLE_INT, .size = size };

	if (size == reader->pointer_size)
		return wv_table_type(reader->types, &pointer);
	g_string_printf(reader->key, "__ptr%u", size * 8);
	return base_type(reader, reader->key->str, &narrow);
}

/* NULL for what is none of them. */
static const struct wv_table_type *simple_type(struct reader *reader, uint32_t index,
					       uint64_t *size)
{
	const char *name = wv_pdb_simple_name(index);
	const struct wv_table_base base = { .values = wv_pdb_simple_values(index),
					    .size = wv_pdb_simple_size(index),
					    .is_signed = wv_pdb_simple_signed(index) };
	uint64_t unused;

	*size = base.size;
	if (name)
		return base_type(reader, name, &base);
	if (!base.size)
		return NULL;
	return pointer_type(reader, (uint32_t)base.size,
			    simple_type(reader, WV_PDB_SIMPLE_TARGET(index), &unused));
}

/* Structures and enumerations, by the name of their definition. */
static const struct wv_table_type *tag_type(struct reader *reader, uint32_t index, uint64_t *size)
{
	struct wv_table_type type = { .kind = WV_TABLE_NAMED };
	struct wv_pdb_tag tag;
	uint32_t definition;

	if (!wv_pdb_tag(&reader->tpi, index, &tag))
		return NULL;
	definition = wv_pdb_tags_resolve(&reader->tags, index, &tag);
	if (definition != index)
		wv_pdb_tag(&reader->tpi, definition, &tag);
	if (tag.enumeration)
		type.kind = WV_TABLE_ENUM;
	type.name = wv_table_intern(reader->types,
				    wv_pdb_tags_key(&reader->tags, definition, &tag, reader->key));
	*size = tag.size;
	return wv_table_type(reader->types, &type);
}

static const struct wv_table_type *read_type(struct reader *reader, uint32_t index,
					     unsigned int steps, uint64_t *size);

/* LF_POINTER: attributes with the form in bits 0 to 4 and the size in bits 13 to 18. */
static const struct wv_table_type *read_pointer(struct reader *reader, struct wv_pdb_cursor *record,
						unsigned int steps, uint64_t *size)
{
	uint32_t target = wv_pdb_take_u32(record);
	uint32_t attributes = wv_pdb_take_u32(record);
	uint32_t bytes = attributes >> 13 & 0x3f;
	const struct wv_table_type *of;
	uint64_t unused;

	if (record->failed)
		return NULL;
	if (!bytes)
		bytes = (attributes & 0x1f) == 0x0c ? 8 : 4;
	*size = bytes;
	of = read_type(reader, target, steps, &unused);
	return pointer_type(reader, bytes, of);
}

/* LF_ARRAY has its size only; elements of no size are taken as bytes. */
static const struct wv_table_type *read_array(struct reader *reader, struct wv_pdb_cursor *record,
					      unsigned int steps, uint64_t *size)
{
	static const struct wv_table_base byte = { .values = WV_TABLE_CHAR, .size = 1 };
	struct wv_table_type array = { .kind = WV_TABLE_ARRAY };
	uint32_t element = wv_pdb_take_u32(record);
	uint64_t bytes, element_size;

	wv_pdb_take(record, 4); /* the type of an index */
	bytes = wv_pdb_take_number(record);
	array.of = read_type(reader, element, steps, &element_size);
	if (element_size == 0 && bytes != 0) {
		array.of = base_type(reader, "unsigned char", &byte);
		element_size = 1;
	}
	array.count = element_size ? bytes / element_size : 0;
	*size = bytes;
	return wv_table_type(reader->types, &array);
}

static const struct wv_table_type *read_bits(struct reader *reader, struct wv_pdb_cursor *record,
					     unsigned int steps, uint64_t *size)
{
	struct wv_table_type bits = { .kind = WV_TABLE_BITS };
	uint32_t of = wv_pdb_take_u32(record);

	bits.bit_length = wv_pdb_take_u8(record);
	bits.bit_position = wv_pdb_take_u8(record);
	bits.of = read_type(reader, of, steps, size);
	return bits.bit_length ? wv_table_type(reader->types, &bits) : bits.of;
}

/* Takes a type apart; NULL for one that is not known. */
static const struct wv_table_type *read_type(struct reader *reader, uint32_t index,
					     unsigned int steps, uint64_t *size)
{
	static const struct wv_table_type function = { .kind = WV_TABLE_FUNCTION };
	struct wv_pdb_cursor record;

	*size = 0;
	if (index < WV_PDB_FIRST_TYPE)
		return simple_type(reader, index, size);
	if (steps == 0)
		return NULL;
	switch (wv_pdb_tpi_record(&reader->tpi, index, &record)) {
	case WV_LF_MODIFIER:
	case WV_LF_ALIAS:
		return read_type(reader, wv_pdb_take_u32(&record), steps - 1, size);
	case WV_LF_POINTER:
		return read_pointer(reader, &record, steps - 1, size);
	case WV_LF_ARRAY:
		return read_array(reader, &record, steps - 1, size);
	case WV_LF_BITFIELD:
		return read_bits(reader, &record, steps - 1, size);
	case WV_LF_PROCEDURE:
	case WV_LF_MFUNCTION:
		return wv_table_type(reader->types, &function);
	default:
		return tag_type(reader, index, size);
	}
}

/* ---- field lists ---- */

static void add_field(struct reader *reader, uint32_t type, uint64_t offset, const char *name)
{
	struct wv_table_field field = { .offset = offset, .anonymous = !*name };
	uint64_t unused;

	field.type = read_type(reader, type, STEPS_MAX, &unused);
	if (field.anonymous) {
		g_string_printf(reader->key, "unnamed_field_%u", reader->fields->len);
		name = reader->key->str;
	}
	field.name = wv_table_intern(reader->types, name);
	g_array_append_val(reader->fields, field);
}

/* clang writes a negative value of a signed type as a number without a sign. */
static uint64_t extend(const struct wv_pdb_tag *tag, uint64_t value)
{
	unsigned int unused = tag->size < 8 ? 64 - (unsigned int)tag->size * 8 : 0;

	if (tag->size == 0 || unused == 0)
		return value;
	value <<= unused;
	return wv_pdb_simple_signed(tag->underlying) ? (uint64_t)((int64_t)value >> unused)
						     : value >> unused;
}

static void add_enumerator(struct reader *reader, uint64_t value, const char *name)
{
	struct wv_table_constant constant = { .name = wv_table_intern(reader->types, name) };

	if (reader->tag->enumeration)
		value = extend(reader->tag, value);
	constant.value = (int64_t)value;
	g_array_append_val(reader->constants, constant);
	if (!g_hash_table_contains(reader->types->enumerators, name))
		wv_table_types_set_value(reader->types, name, constant.value);
}

/* Attributes and a type in front, as most entries have. */
static uint32_t take_type(struct wv_pdb_cursor *list)
{
	wv_pdb_take(list, 2);
	return wv_pdb_take_u32(list);
}

/* Attributes tell whether the place in the table of virtual functions follows (CV_fldattr_t). */
static void skip_method(struct wv_pdb_cursor *list)
{
	unsigned int property = wv_pdb_take_u16(list) >> 2 & 7;

	wv_pdb_take(list, 4);
	if (property == 4 || property == 6) /* introduces a virtual function; a pure one */
		wv_pdb_take(list, 4);
	wv_pdb_take_string(list);
}

/*
 * Reads one entry. False when it is of a kind that is not known: where it ends is not known either.
 * `next` gets the type index of the next piece of the list.
 */
static bool read_entry(struct reader *reader, struct wv_pdb_cursor *list, uint32_t *next)
{
	uint16_t kind = wv_pdb_take_u16(list);
	uint64_t number;
	uint32_t type;
	const char *name;

	switch (kind) {
	case LF_MEMBER:
		type = take_type(list);
		number = wv_pdb_take_number(list);
		name = wv_pdb_take_string(list);
		if (!list->failed)
			add_field(reader, type, number, name);
		return true;
	case LF_BCLASS:
	case LF_BINTERFACE:
		type = take_type(list);
		number = wv_pdb_take_number(list);
		if (!list->failed)
			add_field(reader, type, number, "");
		return true;
	case LF_ENUMERATE:
		wv_pdb_take(list, 2);
		number = wv_pdb_take_number(list);
		name = wv_pdb_take_string(list);
		if (!list->failed)
			add_enumerator(reader, number, name);
		return true;
	case LF_INDEX:
		*next = take_type(list);
		return true;
	case LF_VBCLASS:
	case LF_IVBCLASS:
		take_type(list);
		wv_pdb_take(list, 4);
		wv_pdb_take_number(list);
		wv_pdb_take_number(list);
		return true;
	case LF_VFUNCTAB:
	case LF_FRIENDCLS:
		take_type(list);
		return true;
	case LF_VFUNCOFF:
		take_type(list);
		wv_pdb_take(list, 4);
		return true;
	case LF_STMEMBER:
	case LF_METHOD:
	case LF_NESTTYPE:
	case LF_NESTTYPEEX:
	case LF_MEMBERMODIFY:
	case LF_FRIENDFCN:
		take_type(list);
		wv_pdb_take_string(list);
		return true;
	case LF_ONEMETHOD:
		skip_method(list);
		return true;
	default:
		return false;
	}
}

static void skip_padding(struct wv_pdb_cursor *list)
{
	while (wv_pdb_left(list) && *list->at >= LF_PAD0)
		list->at += MIN(MAX(*list->at & 0x0fu, 1u), wv_pdb_left(list));
}

/* Reads one piece of a list of members or enumerators; *next gets the following one, or 0. */
static bool read_piece(struct reader *reader, uint32_t index, uint32_t *next)
{
	struct wv_pdb_cursor list;
	uint16_t kind = wv_pdb_tpi_record(&reader->tpi, index, &list);

	*next = 0;
	if (kind != WV_LF_FIELDLIST)
		return wv_msf_fail(reader->msf, reader->error,
				   "type %#x (kind %#x) is used as a field list", index, kind);
	if (wv_pdb_left(&list) > reader->allowed)
		return wv_msf_fail(reader->msf, reader->error,
				   "field lists are used again and again, last type %#x", index);
	reader->allowed -= wv_pdb_left(&list);
	for (;;) {
		skip_padding(&list);
		if (!wv_pdb_left(&list) || !read_entry(reader, &list, next))
			break;
		if (list.failed)
			return wv_msf_fail(reader->msf, reader->error,
					   "the field list of type %#x is malformed", index);
	}
	return true;
}

/* A list of more than 64 KiB is in pieces, each of which refers to the next. */
static bool read_list(struct reader *reader, uint32_t index)
{
	uint32_t next = index;

	for (unsigned int i = 0; i < PIECES_MAX && next; i++) {
		if (!read_piece(reader, next, &next))
			return false;
	}
	if (next)
		return wv_msf_fail(reader->msf, reader->error,
				   "the field list of type %#x does not end", index);
	return true;
}

/* ---- definitions ---- */

static void add_enumeration(struct reader *reader, const char *key, const struct wv_pdb_tag *tag)
{
	uint64_t size;
	const struct wv_table_type *base = read_type(reader, tag->underlying, 1, &size);

	wv_table_types_add_enum(reader->types, key, base ? base->name : NULL, tag->size,
				reader->constants);
}

static bool read_definition(struct reader *reader, uint32_t index, const struct wv_pdb_tag *tag)
{
	g_autofree char *key = NULL;

	reader->tag = tag;
	g_array_set_size(reader->fields, 0);
	g_array_set_size(reader->constants, 0);
	if (tag->fields && !read_list(reader, tag->fields))
		return false;
	key = g_strdup(wv_pdb_tags_key(&reader->tags, index, tag, reader->key));
	if (tag->enumeration)
		add_enumeration(reader, key, tag);
	else
		wv_table_types_add(reader->types, key, tag->shape, tag->size, reader->fields);
	return true;
}

static bool read_definitions(struct reader *reader)
{
	bool ok = true;

	for (uint32_t index = reader->tpi.begin; ok && index < reader->tpi.end; index++) {
		struct wv_pdb_tag tag;

		if (wv_pdb_tag(&reader->tpi, index, &tag) && !tag.forward)
			ok = read_definition(reader, index, &tag);
	}
	return ok;
}

bool wv_pdb_types_read(const struct wv_msf *msf, uint32_t pointer_size,
		       struct wv_table_types *types, GError **error)
{
	struct reader reader = {
		.msf = msf, .pointer_size = pointer_size, .types = types, .error = error
	};
	const struct wv_table_base pointer = { .values = WV_TABLE_INT, .size = pointer_size };
	bool ok;

	if (!wv_pdb_tpi_init(&reader.tpi, msf, error))
		return false;
	if (!wv_pdb_tags_init(&reader.tags, &reader.tpi, error)) {
		wv_pdb_tpi_deinit(&reader.tpi);
		return false;
	}
	wv_table_types_add_base(types, "pointer", &pointer);
	reader.fields = g_array_new(FALSE, FALSE, sizeof(struct wv_table_field));
	reader.constants = g_array_new(FALSE, FALSE, sizeof(struct wv_table_constant));
	reader.key = g_string_new(NULL);
	/* Linkers merge equal lists; types that share one are few, and the lists short. */
	reader.allowed = reader.tpi.stream ? 2 * (uint64_t)reader.tpi.stream->len + 65536 : 0;
	ok = read_definitions(&reader);
	g_string_free(reader.key, TRUE);
	g_array_unref(reader.fields);
	g_array_unref(reader.constants);
	wv_pdb_tags_deinit(&reader.tags);
	wv_pdb_tpi_deinit(&reader.tpi);
	return ok;
}

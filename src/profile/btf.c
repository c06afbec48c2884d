/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types from BTF: finding it in an image, an index of names, and lookups in it. */
#define _GNU_SOURCE
#include "profile/btf.h"

#include "base/error.h"
#include "profile/btf_table.h"

#include <string.h>

/** Longer names are not indexed; the kernel's own limit is 512 (KSYM_NAME_LEN). */
#define NAME_MAX_BYTES 512u
/** Anonymous members within anonymous members; real ones are below 8. */
#define DEPTH_MAX 32u
/** Members looked at in one lookup; bounds what nested hostile structures can cost. */
#define VISITS_MAX 100000u
/** Places in an image that look like BTF and are read as a whole, when no symbol tells the place */
#define CANDIDATES_MAX 16u

struct btf {
	struct wv_types base;
	struct wv_btf_table table;
	/* Names of structures, unions, typedefs and functions: */
	uint32_t *ids;	 /* rising */
	uint32_t *next;	 /* of the same bucket, as indices into ids, rising; or count */
	uint32_t *heads; /* by bucket: an index into ids, or count */
	uint32_t count;
	uint32_t mask; /* buckets - 1 */
	uint32_t seed; /* random, so that a guest can not aim at one bucket */
};

/* ---- the index ---- */

static uint32_t hash_name(uint32_t seed, const char *name, size_t length)
{
	uint32_t hash = seed;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)name[i]) * 0x01000193u;
	return hash ^ hash >> 15;
}

static bool is_indexed(enum wv_btf_kind kind)
{
	return kind == WV_BTF_STRUCT || kind == WV_BTF_UNION || kind == WV_BTF_TYPEDEF ||
	       kind == WV_BTF_FUNC;
}

static void build_index(struct btf *self)
{
	struct wv_btf_type type;
	uint32_t buckets;

	self->ids = g_new(uint32_t, self->table.count);
	for (uint32_t id = 1; id < self->table.count; id++) {
		wv_btf_type(&self->table, id, &type);
		if (is_indexed(type.kind) && *type.name)
			self->ids[self->count++] = id;
	}
	self->ids = g_renew(uint32_t, self->ids, MAX(self->count, 1));
	buckets = 1u << g_bit_storage(self->count);
	self->mask = buckets - 1;
	self->seed = g_random_int();
	self->next = g_new(uint32_t, MAX(self->count, 1));
	self->heads = g_new(uint32_t, buckets);
	for (uint32_t i = 0; i < buckets; i++)
		self->heads[i] = self->count;
	for (uint32_t i = self->count; i-- > 0;) { /* so that each bucket is in rising order */
		uint32_t *head;

		wv_btf_type(&self->table, self->ids[i], &type);
		head = &self->heads[hash_name(self->seed, type.name,
					      strnlen(type.name, NAME_MAX_BYTES)) &
				    self->mask];
		self->next[i] = *head;
		*head = i;
	}
}

/* Types of one name that an index has, of each kind the first. */
struct found {
	uint32_t structure, uni, def, function;
};

static struct found find_name(const struct btf *self, const char *name, size_t length)
{
	struct found found = { 0 };

	if (length == 0 || length > NAME_MAX_BYTES)
		return found;
	for (uint32_t i = self->heads[hash_name(self->seed, name, length) & self->mask];
	     i < self->count; i = self->next[i]) {
		uint32_t id = self->ids[i], *place;
		struct wv_btf_type type;

		wv_btf_type(&self->table, id, &type);
		if (strncmp(type.name, name, length) != 0 || type.name[length])
			continue;
		place = type.kind == WV_BTF_STRUCT  ? &found.structure
			: type.kind == WV_BTF_UNION ? &found.uni
			: type.kind == WV_BTF_FUNC  ? &found.function
						    : &found.def;
		if (!*place)
			*place = id;
	}
	return found;
}

/* The prototype of a function, which is named with "()"; 0: it is not known. */
static uint32_t find_prototype(const struct btf *self, const char *name, size_t length)
{
	struct wv_btf_type type;
	uint32_t id;

	wv_btf_type(&self->table, find_name(self, name, length).function, &type);
	id = type.kind == WV_BTF_FUNC ? type.size_or_type : 0;
	wv_btf_type(&self->table, id, &type);
	return type.kind == WV_BTF_FUNC_PROTO ? id : 0;
}

/*
 * The first structure of that name; else the first union; else what the first typedef means. Or a
 * function's prototype.
 */
static uint32_t find_type(const struct btf *self, const char *name)
{
	size_t length = strlen(name);
	struct found found;

	if (length > 2 && strcmp(name + length - 2, "()") == 0)
		return find_prototype(self, name, length - 2);
	found = find_name(self, name, length);
	if (found.structure)
		return found.structure;
	return found.uni ? found.uni : wv_btf_strip(&self->table, found.def);
}

/* ---- lookups ---- */

/* A member that was found, its place in bits from the start of the outermost structure. */
struct place {
	uint32_t type;
	uint64_t bit_offset;
	uint32_t bit_size; /* 0: not a bit field */
};

/*
 * Without the kind_flag, a bit field shows only in its integer type: it has fewer bits than its
 * size, or the member does not start at a whole byte (btf.rst, "BTF_KIND_STRUCT").
 */
static void apply_int_encoding(const struct btf *self, struct place *place)
{
	struct wv_btf_type type;
	uint32_t offset, bits;

	wv_btf_type(&self->table, wv_btf_strip(&self->table, place->type), &type);
	if (type.kind != WV_BTF_INT)
		return;
	wv_btf_int(&type, &offset, &bits);
	if (bits == 0 || bits > 128 ||
	    (bits == (uint64_t)type.size_or_type * 8 && offset == 0 && place->bit_offset % 8 == 0))
		return;
	place->bit_offset += offset;
	place->bit_size = bits;
}

/* Looks for a parameter by name: it is at its number. */
static bool find_parameter(const struct btf *self, const struct wv_btf_type *prototype,
			   const char *name, size_t length, struct place *place)
{
	for (uint32_t i = 0; i < prototype->vlen; i++) {
		const char *parameter = wv_btf_parameter(&self->table, prototype, i, &place->type);

		if (strncmp(parameter, name, length) != 0 || parameter[length])
			continue;
		place->bit_offset = (uint64_t)i * 8;
		place->bit_size = 0;
		return true;
	}
	return false;
}

/* Looks for a member by name in structure `id`, and in its anonymous members. */
static bool find_member(const struct btf *self, uint32_t id, const char *name, size_t length,
			unsigned int depth, unsigned int *visits, struct place *place)
{
	struct wv_btf_type type;

	wv_btf_type(&self->table, wv_btf_strip(&self->table, id), &type);
	if (type.kind == WV_BTF_FUNC_PROTO)
		return find_parameter(self, &type, name, length, place);
	if (type.kind != WV_BTF_STRUCT && type.kind != WV_BTF_UNION)
		return false;
	for (uint32_t i = 0; i < type.vlen; i++) {
		struct wv_btf_member member;

		if (++*visits > VISITS_MAX)
			return false;
		wv_btf_member(&self->table, &type, i, &member);
		if (!*member.name) {
			if (depth == 0 ||
			    !find_member(self, member.type, name, length, depth - 1, visits, place))
				continue;
			place->bit_offset += member.bit_offset;
			return true;
		}
		if (strncmp(member.name, name, length) != 0 || member.name[length])
			continue;
		place->type = member.type;
		place->bit_offset = member.bit_offset;
		place->bit_size = member.bit_size;
		if (!type.kind_flag)
			apply_int_encoding(self, place);
		return true;
	}
	return false;
}

/* What an array holds, however many dimensions it has; any other type is itself. */
static uint32_t element_type(const struct btf *self, uint32_t id)
{
	for (unsigned int i = 0; i < DEPTH_MAX; i++) {
		struct wv_btf_type type;
		uint32_t count;

		id = wv_btf_strip(&self->table, id);
		wv_btf_type(&self->table, id, &type);
		if (type.kind != WV_BTF_ARRAY)
			break;
		wv_btf_array(&type, &id, &count);
	}
	return id;
}

static bool btf_member(const struct wv_types *base, const char *structure, const char *path,
		       struct wv_member *member)
{
	const struct btf *self = (const struct btf *)base;
	struct place place = { .type = find_type(self, structure) };
	unsigned int visits = 0;
	uint64_t bits = 0, size;

	while (place.type && place.bit_size == 0) {
		size_t length = strcspn(path, ".");

		if (length == 0 || !find_member(self, element_type(self, place.type), path, length,
						DEPTH_MAX, &visits, &place))
			return false;
		bits += place.bit_offset;
		path += length;
		if (!*path)
			goto found;
		path++;
	}
	return false;
found:
	member->offset = bits / 8;
	member->bit_shift = bits % 8;
	member->bit_count = (uint8_t)place.bit_size;
	size = place.bit_size ? (member->bit_shift + place.bit_size + 7) / 8
			      : wv_btf_size(&self->table, place.type);
	member->size = size <= UINT32_MAX ? (uint32_t)size : 0;
	return true;
}

static bool btf_size(const struct wv_types *base, const char *structure, uint64_t *size)
{
	const struct btf *self = (const struct btf *)base;
	uint32_t id = find_type(self, structure);
	struct wv_btf_type type;

	if (!id)
		return false;
	wv_btf_type(&self->table, id, &type);
	*size = type.kind == WV_BTF_FUNC_PROTO ? type.vlen : wv_btf_size(&self->table, id);
	return true;
}

static bool btf_enumerator(const struct wv_types *base, const char *name, int64_t *value)
{
	const struct btf *self = (const struct btf *)base;

	for (uint32_t id = 1; id < self->table.count; id++) {
		struct wv_btf_type type;

		wv_btf_type(&self->table, id, &type);
		if (type.kind != WV_BTF_ENUM && type.kind != WV_BTF_ENUM64)
			continue;
		for (uint32_t i = 0; i < type.vlen; i++) {
			int64_t candidate;

			if (strcmp(wv_btf_enumerator(&self->table, &type, i, &candidate), name))
				continue;
			*value = candidate;
			return true;
		}
	}
	return false;
}

static void btf_destroy(struct wv_types *base)
{
	struct btf *self = (struct btf *)base;

	wv_btf_table_deinit(&self->table);
	g_free(self->ids);
	g_free(self->next);
	g_free(self->heads);
	g_free(self);
}

struct wv_types *wv_btf_parse(const void *data, size_t size, GError **error)
{
	struct wv_btf_table table;
	struct btf *self;

	if (!wv_btf_table_init(&table, data, size, error))
		return NULL;
	self = g_new0(struct btf, 1);
	self->base.member = btf_member;
	self->base.size = btf_size;
	self->base.enumerator = btf_enumerator;
	self->base.destroy = btf_destroy;
	self->base.count = table.count - 1;
	self->base.origin = "btf";
	self->table = table;
	build_index(self);
	return &self->base;
}

/* ---- finding it ---- */

/* Where `__start_BTF` and `__stop_BTF` say. NULL without an error when they say nothing. */
static struct wv_types *read_at_symbols(const struct wv_image *image,
					const struct wv_symbols *symbols, GError **error)
{
	uint64_t start, stop;

	if (!symbols || !symbols->find(symbols, "__start_BTF", &start) ||
	    !symbols->find(symbols, "__stop_BTF", &stop))
		return NULL;
	start -= image->address;
	stop -= image->address;
	if (start >= stop || stop > image->size)
		return NULL;
	return wv_btf_parse(image->data + start, stop - start, error);
}

/*
 * Goes through all places that look like BTF. The kernel's is the one that describes a task; BTF
 * of something else may lie in the image too.
 */
static struct wv_types *search_image(const struct wv_image *image, GError **error)
{
	static const uint8_t magic[] = { 0x9f, 0xeb, 1, 0 };
	const uint8_t *at = image->data, *end = image->data + image->size;
	unsigned int candidates = 0;

	while (at < end && (at = memchr(at, magic[0], (size_t)(end - at)))) {
		size_t left = (size_t)(end - at);
		struct wv_types *types;

		if (left < sizeof(magic) || memcmp(at, magic, sizeof(magic)) != 0 ||
		    wv_btf_measure(at, left) == 0) {
			at++;
			continue;
		}
		if (++candidates > CANDIDATES_MAX)
			break;
		g_clear_error(error);
		types = wv_btf_parse(at, left, error);
		if (types && find_type((struct btf *)types, "task_struct"))
			return types;
		if (types) {
			types->destroy(types);
			g_set_error(
				error, WV_ERROR, WV_ERROR_FORMAT,
				"BTF found, but it has no struct task_struct: not the kernel's");
		}
		at++;
	}
	return NULL;
}

struct wv_types *wv_btf_find(const struct wv_image *image, const struct wv_symbols *symbols,
			     GError **error)
{
	GError *at_symbols = NULL, *in_image = NULL;
	struct wv_types *types = read_at_symbols(image, symbols, &at_symbols);

	if (!types)
		types = search_image(image, &in_image);
	if (types) {
		g_clear_error(&at_symbols);
		g_clear_error(&in_image);
		return types;
	}
	if (at_symbols) {
		g_propagate_error(error, at_symbols);
		g_clear_error(&in_image);
	} else if (in_image) {
		g_propagate_error(error, in_image);
	} else {
		g_set_error(error, WV_ERROR, WV_ERROR_FORMAT,
			    "the kernel carries no BTF (CONFIG_DEBUG_INFO_BTF)");
	}
	return NULL;
}

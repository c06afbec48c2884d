/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Symbols from kallsyms: an index over the compressed names, and lookups in it.
 *
 * A name is kept as the kernel keeps it, a list of tokens; it is spelled out only to compare it.
 * The index holds a hash of every name. The hash is a polynomial in the name's characters, so the
 * hash of a name follows from one multiplication and addition per token: the whole table is
 * indexed in a few milliseconds without spelling out any name.
 */
#include "profile/kallsyms.h"

#include "profile/clones.h"
#include "profile/kallsyms_tables.h"

#include <string.h>

#define NONE UINT32_MAX

/** Bound on names compared in one lookup: a hostile table may be all one name. */
#define COMPARISONS_MAX 65536u

/** What a token does to a hash: hash * factor + addend. */
struct step {
	uint64_t factor;
	uint64_t addend;
};

struct kallsyms {
	struct wv_symbols base;
	struct wv_kallsyms_tables tables;
	uint32_t *hashes;   /* of each symbol's name, without its type */
	uint32_t *heads;    /* first symbol of each bucket, or NONE */
	uint32_t *next;	    /* next symbol of the same bucket, rising, or NONE */
	unsigned int shift; /* bucket = hash >> shift */
	uint64_t factor;    /* of the hash: random, so that a guest can not aim at one bucket */
};

static struct step text_step(const char *text, uint64_t factor)
{
	struct step step = { .factor = 1, .addend = 0 };

	for (; *text; text++) {
		step.factor *= factor;
		step.addend = step.addend * factor + (uint8_t)*text;
	}
	return step;
}

/* The upper bits of a product depend on all bits of its factors; the lower ones do not. */
static uint32_t finish_hash(uint64_t hash)
{
	hash ^= hash >> 32;
	return (uint32_t)((hash * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static const char *token_text(const struct wv_kallsyms_tables *tables, uint8_t token)
{
	return tables->tokens + tables->starts[token];
}

static void hash_all(struct kallsyms *self)
{
	const struct wv_kallsyms_tables *tables = &self->tables;
	struct step steps[WV_KALLSYMS_TOKENS];
	uint64_t firsts[WV_KALLSYMS_TOKENS]; /* of a name's first token, without the type */
	size_t at = 0;

	for (unsigned int i = 0; i < WV_KALLSYMS_TOKENS; i++) {
		const char *text = token_text(tables, (uint8_t)i);

		steps[i] = text_step(text, self->factor);
		firsts[i] = text_step(*text ? text + 1 : text, self->factor).addend;
	}
	for (uint32_t i = 0; i < tables->count; i++) {
		uint32_t length = 0;
		uint64_t hash;

		/* Has succeeded before, on these very bytes. */
		wv_kallsyms_name_length(tables->names, tables->names_size, &at, &length);
		hash = firsts[tables->names[at]];
		for (uint32_t j = 1; j < length; j++) {
			const struct step *step = &steps[tables->names[at + j]];

			hash = hash * step->factor + step->addend;
		}
		self->hashes[i] = finish_hash(hash);
		at += length;
	}
}

static void build_index(struct kallsyms *self)
{
	uint32_t count = self->tables.count;
	unsigned int bits = MAX(g_bit_storage(count), 2) - 1;
	size_t buckets = (size_t)1 << bits;

	self->shift = 32 - bits;
	self->hashes = g_new(uint32_t, count);
	self->next = g_new(uint32_t, count);
	self->heads = g_new(uint32_t, buckets);
	memset(self->heads, 0xff, buckets * sizeof(*self->heads));
	hash_all(self);
	for (uint32_t i = count; i-- > 0;) { /* so that each bucket is in rising order */
		uint32_t *head = &self->heads[self->hashes[i] >> self->shift];

		self->next[i] = *head;
		*head = i;
	}
}

/* Compares symbol `i` with the name; on equality gives its type, the letter that nm prints. */
static bool is_named(const struct kallsyms *self, uint32_t i, const char *name, char *type)
{
	const struct wv_kallsyms_tables *tables = &self->tables;
	size_t at = tables->markers[i / WV_KALLSYMS_STRIDE];
	uint32_t length = 0;
	bool first = true;

	for (uint32_t skip = i % WV_KALLSYMS_STRIDE; skip > 0; skip--) {
		wv_kallsyms_name_length(tables->names, tables->names_size, &at, &length);
		at += length;
	}
	wv_kallsyms_name_length(tables->names, tables->names_size, &at, &length);
	*type = 0;
	for (; length > 0; length--) {
		const char *text = token_text(tables, tables->names[at++]);

		if (first && *text)
			*type = *text++;
		first = false;
		for (; *text; text++, name++) {
			if (*text != *name)
				return false;
		}
	}
	return *name == '\0';
}

/* Of several symbols of one name: global ones first, then functions, then the rest. */
static int rank(char type)
{
	if (g_ascii_isupper(type))
		return 2;
	return type == 't' || type == 'w';
}

static bool find_exact(const struct wv_symbols *base, const char *name, uint64_t *address)
{
	const struct kallsyms *self = (const struct kallsyms *)base;
	uint32_t hash = finish_hash(text_step(name, self->factor).addend), best = NONE;
	unsigned int comparisons = 0;
	int best_rank = -1;

	for (uint32_t i = self->heads[hash >> self->shift]; i != NONE; i = self->next[i]) {
		char type;

		if (self->hashes[i] != hash)
			continue;
		if (++comparisons > COMPARISONS_MAX)
			break;
		if (is_named(self, i, name, &type) && rank(type) > best_rank) {
			best = i;
			best_rank = rank(type);
		}
	}
	if (best == NONE)
		return false;
	*address = wv_kallsyms_address(&self->tables, best);
	return true;
}

static bool kallsyms_find(const struct wv_symbols *base, const char *name, uint64_t *address)
{
	return wv_find_with_clones(find_exact, base, name, address);
}

static void kallsyms_destroy(struct wv_symbols *base)
{
	struct kallsyms *self = (struct kallsyms *)base;

	wv_kallsyms_tables_deinit(&self->tables);
	g_free(self->hashes);
	g_free(self->heads);
	g_free(self->next);
	g_free(self);
}

struct wv_symbols *wv_kallsyms_find(const struct wv_image *image, GError **error)
{
	struct wv_kallsyms_tables tables;
	struct kallsyms *self;

	if (!wv_kallsyms_tables_init(&tables, image, error))
		return NULL;
	self = g_new0(struct kallsyms, 1);
	self->base.find = kallsyms_find;
	self->base.destroy = kallsyms_destroy;
	self->base.count = tables.count;
	self->base.origin = "kallsyms";
	self->tables = tables;
	self->factor = (uint64_t)g_random_int() << 32 | g_random_int() | 1;
	build_index(self);
	return &self->base;
}

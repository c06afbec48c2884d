/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile: one kernel's symbols and types, whatever they came from.
 *
 * A profile joins at most one source of symbols and one source of types. A source is an object
 * with a small table of functions (struct wv_symbols, struct wv_types); a file such as kallsyms.c
 * or btf.c implements one. A profile file (ISF) implements both.
 *
 * To add a source: implement the one or two tables, and give it a constructor that returns a
 * profile or fills a GError. Everything that a source reads was written by an attacker.
 */
#ifndef WV_PROFILE_PROFILE_H
#define WV_PROFILE_PROFILE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wv_symbols;
struct wv_types;

/** Where a member lies in its structure. */
struct wv_member {
	uint64_t offset;   /**< bytes from the structure's start (of the byte that holds bit 0) */
	uint32_t size;	   /**< bytes (of a bit field: as many as hold it); 0 when not known */
	uint8_t bit_shift; /**< of a bit field: its lowest bit within the byte at offset, 0 to 7 */
	uint8_t bit_count; /**< of a bit field: its width in bits; 0 for any other member */
};

/** Called for a symbol. The name lives as long as its profile. */
typedef void (*wv_symbol_fn)(void *owner, const char *name, uint64_t address);

/** A source of symbols. Lookups are for start-up: they may take microseconds. */
struct wv_symbols {
	/** The address of the symbol, as the source has it. False when there is no such symbol. */
	bool (*find)(const struct wv_symbols *self, const char *name, uint64_t *address);
	/** See wv_profile_symbols(). NULL: the source finds names only one by one. */
	void (*each)(const struct wv_symbols *self, const char *prefix, wv_symbol_fn each,
		     void *owner);
	void (*destroy)(struct wv_symbols *self);
	size_t count;	    /**< how many symbols there are, for the report */
	const char *origin; /**< "kallsyms", "isf" ...: static string, for the report */
};

/**
 * A source of types.
 *
 * A function is taken for a structure if the source knows its prototype: "vfs_unlink()" has its
 * parameters as members. A parameter's offset is its number, from 0; the structure's size is how
 * many there are.
 */
struct wv_types {
	/**
	 * Finds a member by structure (or union) name and a dotted path, such as "mm" or
	 * "thread_pid.numbers": each part is looked up in the type of the part before it, through
	 * anonymous members, typedefs and qualifiers, arrays (meaning their first element), but
	 * never through pointers. Offsets add up.
	 */
	bool (*member)(const struct wv_types *self, const char *structure, const char *path,
		       struct wv_member *member);
	/** The size of a structure or union in bytes. */
	bool (*size)(const struct wv_types *self, const char *structure, uint64_t *size);
	/** The value of an enumerator of any enumeration, by its own name. */
	bool (*enumerator)(const struct wv_types *self, const char *name, int64_t *value);
	void (*destroy)(struct wv_types *self);
	size_t count;	    /**< how many types there are, for the report */
	const char *origin; /**< "btf", "isf" ... */
};

struct wv_profile {
	struct wv_symbols *symbols; /**< owned; never NULL */
	struct wv_types *types;	    /**< owned; never NULL */
	uint64_t slide;		    /**< added to symbols in the range below; set by the guest layer
				     *   for a profile file when the kernel was moved by KASLR */
	uint64_t slide_start;	    /**< the range of link-time addresses that moved: first */
	uint64_t slide_end;	    /**< and one past the last; an empty range moves nothing */
	char *banner; /**< owned: what the profile says its kernel's banner is, or NULL */
	/*
	 * Of a Windows kernel, which PDB it was linked with, which identifies the image; in the
	 * forms below when wv_profile_load() made the profile, else as the file has it.
	 */
	char *pdb_name;	      /**< owned: "ntkrnlmp.pdb"; or NULL */
	char *pdb_key;	      /**< owned: GUID and age as wv_pdb_id_key() gives them; or NULL */
	uint16_t pdb_machine; /**< which processor it is for: enum wv_pe_machine; 0: not told */
};

/** Takes over both sources. */
struct wv_profile *wv_profile_new(struct wv_symbols *symbols, struct wv_types *types);
void wv_profile_free(struct wv_profile *profile);
typedef struct wv_profile wv_profile; /* g_autoptr() wants a single name */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(wv_profile, wv_profile_free)

/** A symbol's address in the running kernel, the slide applied. */
bool wv_profile_symbol(const struct wv_profile *profile, const char *name, uint64_t *address);

/**
 * Calls a function for each symbol whose name begins with a prefix, in no order; addresses as
 * above. For none where the source can not tell them (kallsyms).
 */
void wv_profile_symbols(const struct wv_profile *profile, const char *prefix, wv_symbol_fn each,
			void *owner);
bool wv_profile_member(const struct wv_profile *profile, const char *structure, const char *path,
		       struct wv_member *member);
bool wv_profile_size(const struct wv_profile *profile, const char *structure, uint64_t *size);
bool wv_profile_enumerator(const struct wv_profile *profile, const char *name, int64_t *value);

#endif

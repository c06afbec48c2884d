/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PE images, of Windows kernels first of all: what they are, which PDB belongs to them, and what
 * they export. An image is read piece by piece, from a file or from the guest's memory, so that
 * only the pieces needed have to be there.
 *
 * The format: Microsoft's "PE Format" (learn.microsoft.com/windows/win32/debug/pe-format).
 */
#ifndef WV_PROFILE_PE_H
#define WV_PROFILE_PE_H

#include "profile/pdb_id.h"
#include "profile/profile.h"

/** Sections of an image that is accepted; kernels have 20 to 40. */
#define WV_PE_SECTIONS_MAX 96u
/** Bytes of a PDB's name, with its NUL. */
#define WV_PE_PDB_NAME_SIZE 128u

/** How the image lies where it is read. */
enum wv_pe_layout {
	WV_PE_FILE,   /**< as in a file: sections at their PointerToRawData */
	WV_PE_MEMORY, /**< as the loader maps it: sections at their virtual addresses */
};

/** Where an image is read from. */
struct wv_pe_source {
	enum wv_pe_layout layout;
	/** Reads `size` bytes at `offset` from the image's first byte. False: not all there. */
	bool (*read)(void *owner, uint64_t offset, void *buffer, size_t size);
	void *owner;
	const char *name; /**< what error messages call the image; must live as long */
};

/** Bytes in memory as a source's owner, for wv_pe_read_bytes(). */
struct wv_pe_bytes {
	const void *data;
	size_t size;
};

/** A read function; the owner is a struct wv_pe_bytes. */
bool wv_pe_read_bytes(void *owner, uint64_t offset, void *buffer, size_t size);

/** Indices of an image's directories. */
enum wv_pe_directory {
	WV_PE_EXPORTS = 0,
	WV_PE_DEBUG = 6,
	WV_PE_DIRECTORIES = 16,
};

struct wv_pe_range {
	uint32_t rva;
	uint32_t size; /**< bytes */
};

struct wv_pe_section {
	char name[9]; /**< ended by NUL */
	uint32_t rva;
	uint32_t size;	     /**< bytes in memory */
	uint32_t raw_offset; /**< in a file */
	uint32_t raw_size;   /**< bytes in a file; what memory has beyond them is zero */
	uint32_t flags;	     /**< IMAGE_SCN_ */
};

/** An image's headers. Numbers are as the image has them: only what is said here is checked. */
struct wv_pe {
	struct wv_pe_source source;
	bool is_64; /**< PE32+ */
	uint16_t machine;
	uint32_t timestamp; /**< of the file header; with size_of_image the key of symbol stores */
	uint32_t size_of_image;
	uint32_t size_of_headers;
	uint32_t entry_point;				   /**< RVA */
	uint64_t image_base;				   /**< the address it was linked for */
	struct wv_pe_range directories[WV_PE_DIRECTORIES]; /**< those it does not have are 0 */
	unsigned int n_sections;			   /**< at most WV_PE_SECTIONS_MAX */
	struct wv_pe_section sections[WV_PE_SECTIONS_MAX];
};

/** Reads an image's headers. Allocates nothing but an error. Errors: WV_ERROR_FORMAT. */
bool wv_pe_init(struct wv_pe *pe, const struct wv_pe_source *source, GError **error);

/**
 * Reads bytes at an RVA. False when they are not all there: outside the image, across the end of a
 * section, not in the file, or not readable.
 */
bool wv_pe_read(const struct wv_pe *pe, uint32_t rva, void *buffer, size_t size);

/**
 * Finds the PDB that belongs to the image, by the RSDS record of its debug directory.
 *
 * @name: its file name without folders; of printable ASCII characters, and never "." or "..", so
 *        that it can be used as a file's name.
 *
 * Errors: WV_ERROR_FORMAT when there is no such record, or one that is malformed.
 */
bool wv_pe_pdb(const struct wv_pe *pe, struct wv_pdb_id *id, char name[WV_PE_PDB_NAME_SIZE],
	       GError **error);

/**
 * The functions and data that the image exports by name, as symbols; their addresses are RVAs.
 * Those that are forwarded to another image are left out, and those whose name can not be read.
 *
 * Errors: WV_ERROR_FORMAT when it exports nothing, or its tables are malformed.
 */
struct wv_symbols *wv_pe_exports(const struct wv_pe *pe, GError **error);

#endif

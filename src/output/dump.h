/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A dump: the contents of files that come out of a guest, in a folder of the host.
 *
 *   <SHA-256>          a content; the same one is there once. What is missing in it is zeros
 *   file.000001.json   of each file: its event as json, with "Content" in addition
 *
 * No name that the guest chose is used for a file here. The folder is empty at the start, so
 * nothing in it is ever overwritten, and links in it are not followed.
 *
 * What a guest can make of it is bounded: bytes on the disk, and the time that it takes to compute
 * the hash of what is missing.
 */
#ifndef WV_OUTPUT_DUMP_H
#define WV_OUTPUT_DUMP_H

#include "output/record.h"

/** What is taken at most if the user does not say: of one file, and of all. */
#define WV_DUMP_MAX_SIZE  (UINT64_C(256) << 20)
#define WV_DUMP_MAX_TOTAL (UINT64_C(4) << 30)

struct wv_dump;

/**
 * @folder: is made if it is not there; else it must be empty.
 * @max_size: of one file, bytes. @max_total: of all that is written.
 *
 * Errors: WV_ERROR_USAGE when it is not empty, can not be made, or can not be written.
 */
struct wv_dump *wv_dump_open(const char *folder, uint64_t max_size, uint64_t max_total,
			     GError **error);

/** Nothing more comes: the rest of what has begun counts as missing. */
void wv_dump_finish(struct wv_dump *dump);

/** NULL is let pass. */
void wv_dump_free(struct wv_dump *dump);

/** See wv_reader_events.content, whose parameters these are. */
void wv_dump_content(struct wv_dump *dump, unsigned ring, const struct wv_row *row,
		     const struct wv_content_piece *piece);

/** False, with WV_ERROR_OUTPUT, when something could not be written; this is told only once. */
bool wv_dump_check(struct wv_dump *dump, GError **error);

/** What came of it all. */
struct wv_dump_counts {
	uint64_t files;	   /**< of which a content was told */
	uint64_t contents; /**< that are stored, each different */
	uint64_t bytes;	   /**< of these */
	uint64_t partial;  /**< files of which something is missing */
	uint64_t refused;  /**< files of which nothing is written: it would be too much */
};

void wv_dump_counts(const struct wv_dump *dump, struct wv_dump_counts *counts);

/** Bytes of a SHA-256 in hexadecimal, and a NUL. */
#define WV_DUMP_NAME_SIZE 65

/** A file whose content has come. Texts are the guest's bytes. */
struct wv_dump_file {
	uint32_t number; /**< as in its metadata's name and the event's SeqNum */
	uint32_t pid;
	char *name, *process, *reason;
	uint64_t size;			/**< bytes that the file had */
	uint64_t missing;		/**< of these: not stored */
	char sha256[WV_DUMP_NAME_SIZE]; /**< the content's name; empty: none is stored */
};

/** So many of them are kept. */
#define WV_DUMP_FILES_MAX 1000u

/** The first ones, in the order in which they came. */
const struct wv_dump_file *wv_dump_files(const struct wv_dump *dump, unsigned *count);

#endif

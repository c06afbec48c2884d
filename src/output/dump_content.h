/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One content that comes in pieces: its hash, and a file of it. Internal to the dump. */
#ifndef WV_OUTPUT_DUMP_CONTENT_H
#define WV_OUTPUT_DUMP_CONTENT_H

#include "output/dump.h"

/** Ranges that are there, at the most: what would make another one is left out. */
#define DUMP_RANGES_MAX 65536u

/** Bytes of a file, the end not included. */
struct dump_range {
	uint64_t start, end;
};

struct dump_content {
	int folder;	    /* not owned */
	char temporary[32]; /* the name of the file in it while it grows */
	int fd;		    /* of that file; -1: all is in memory */
	uint64_t limit;	    /* no byte from there on is taken */
	uint64_t end;	    /* of what has come so far */
	uint64_t *zeros;    /* not owned: how many may still be put where something is missing */
	bool refused;	    /* they did not suffice, or its owner said so: no more is taken */
	GByteArray *memory; /* owned: what has come, while that is little */
	GChecksum *checksum;
	GArray *ranges; /* owned: of struct dump_range, rising: what is there */
};

/**
 * @folder: where its file goes. @ring: tells contents apart that come at the same time.
 * @limit: its length in bytes. @zeros: of all contents, counted down.
 */
void dump_content_begin(struct dump_content *content, int folder, unsigned ring, uint64_t limit,
			uint64_t *zeros);

/**
 * Takes a piece, behind all that came before; what is not is left out. False: it can not be
 * written, errno tells why.
 */
bool dump_content_add(struct dump_content *content, uint64_t offset, const char *data, size_t size);

/** Bytes that are there. */
uint64_t dump_content_present(const struct dump_content *content);

/**
 * Nothing more comes: fills it up to its length.
 *
 * @name: out: the SHA-256 in hexadecimal, what is missing being zeros; empty when all is missing,
 *	  or the content is refused.
 *
 * False: as of dump_content_add().
 */
bool dump_content_finish(struct dump_content *content, char name[WV_DUMP_NAME_SIZE]);

/** Makes it a file of that name. False: as of dump_content_add(), and there is none. */
bool dump_content_store(struct dump_content *content, const char *name);

/** Takes it apart; a file that has no name by now is removed. */
void dump_content_end(struct dump_content *content);

/** Makes a new file of the folder, whole or not at all. False: as of dump_content_add(). */
bool dump_write_file(int folder, const char *name, const void *data, size_t size);

#endif

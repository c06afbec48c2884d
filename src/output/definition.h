/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Definitions: methods that only the guest could name. A system call with its arguments is defined
 * once, in a record of its own; rows then refer to it by number, and carry their arguments raw. The
 * text of an argument is made here, in the reader's process, where it costs the guest nothing.
 */
#ifndef WV_OUTPUT_DEFINITION_H
#define WV_OUTPUT_DEFINITION_H

#include "output/row.h"

/** Definitions at the most; their numbers are below this. */
#define WV_DEFINITIONS_MAX 4096
/** Arguments of one definition at the most: Windows has calls with as many. */
#define WV_DEFINITION_ARGS 17

/**
 * A method that only the guest could name: a system call, with its arguments. It is sent once, and
 * records refer to it by number, so that a row on the vCPU's side is little more than numbers.
 */
struct wv_definition {
	char *name; /**< owned */
	unsigned n_arguments;
	char *arguments[WV_DEFINITION_ARGS];	  /**< owned: names */
	char *types[WV_DEFINITION_ARGS];	  /**< owned: as in the guest's source */
	const void *decoders[WV_DEFINITION_ARGS]; /**< the event type's own business; may be NULL */
	uint8_t bits[WV_DEFINITION_ARGS];	  /**< likewise: widths of the arguments */
	unsigned flags;				  /**< likewise */
};

/** An argument as it was captured: its number, and bytes of the guest where it points to some. */
struct wv_raw {
	uint64_t number;
	const uint64_t
		*numbers; /**< of all arguments; NULL when the record does not have them all */
	bool captured;	  /**< the bytes were asked for and could be read, if only in part */
	bool truncated;	  /**< there was more */
	struct wv_bytes bytes;
};

/** What a reader has been told, and the texts of the row that it handles now. */
struct wv_definitions {
	struct wv_definition *items[WV_DEFINITIONS_MAX]; /**< NULL: not defined */
	GString *text;
};

void wv_definitions_init(struct wv_definitions *definitions);
void wv_definitions_deinit(struct wv_definitions *definitions);

/** Takes over the definition; one of that number from before (a reboot) is replaced. */
void wv_definitions_set(struct wv_definitions *definitions, unsigned number,
			struct wv_definition *definition);
void wv_definition_free(struct wv_definition *definition);

#endif

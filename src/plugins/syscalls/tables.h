/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What data/generate_syscalls.py and generate_nt.py make of the files in data/syscalls and data/nt.
 */
#ifndef WV_PLUGINS_SYSCALLS_TABLES_H
#define WV_PLUGINS_SYSCALLS_TABLES_H

#include "plugins/syscalls/nt.h"

/** A C type; rising by name, which has one blank between words. */
struct wv_type_row {
	const char *name;
	uint8_t bits, bits_compat;
	uint16_t decoder; /**< of an argument that no other rule speaks of */
};

/** What decodes an argument of that name; rising by call and name, types before kinds. */
struct wv_argument_row {
	const char *syscall; /**< "*": of any call */
	const char *name;
	const char *kind; /**< a C type; or "p": any pointer, "n": what is none, "*": both */
	uint16_t decoder;
};

/** A name of the kernel's for a call, and the users'; rising by @function. */
struct wv_alias_row {
	const char *function;
	const char *name;
};

struct wv_syscall_tables {
	const struct wv_decoder *decoders;
	const struct wv_type_row *types;
	const struct wv_argument_row *arguments;
	const struct wv_alias_row *aliases;
	const struct wv_prototype *prototypes[2]; /**< by enum wv_syscall_abi */
	size_t n_decoders, n_types, n_arguments, n_aliases, n_prototypes[2];
	uint16_t address, number; /**< the decoders of what no table knows */
};

extern const struct wv_syscall_tables wv_syscall_tables;

/** The services of Windows, rising by name. */
extern const struct wv_nt_prototype wv_nt_table[];
extern const size_t wv_nt_table_size;

#endif

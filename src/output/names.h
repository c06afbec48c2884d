/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of numbers: signals, errors, flags, exit codes. The tables are data/NAME.tsv, made into C
 * by data/generate.py when the project is built; each says where its facts come from.
 *
 * To add a table: a TSV file in data/, its name in the list in meson.build, a declaration here.
 */
#ifndef WV_OUTPUT_NAMES_H
#define WV_OUTPUT_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct wv_name {
	uint64_t value;
	const char *name;
};

/** Names in rising order of their values; no value is there twice. */
struct wv_name_table {
	const struct wv_name *names;
	size_t count;
};

extern const struct wv_name_table wv_names_signals;	    /**< x86-64, 1 to 31 */
extern const struct wv_name_table wv_names_errno;	    /**< x86-64, positive numbers */
extern const struct wv_name_table wv_names_clone_flags;	    /**< single bits */
extern const struct wv_name_table wv_names_exit_status;	    /**< exit codes, 0 to 255 */
extern const struct wv_name_table wv_names_ntstatus;	    /**< status codes of Windows, 32 bits */
extern const struct wv_name_table wv_names_exception_codes; /**< of Windows; those besides them */

/** The name of exactly that value, or NULL. */
const char *wv_name_find(const struct wv_name_table *table, uint64_t value);

/** The name of a positive errno (EAGAIN for 11), those inside the kernel too, or NULL. */
const char *wv_errno_name(uint64_t number);

/**
 * The set bits of @value by name, in rising order, joined with `|`; bits without a name follow as
 * one hex number; no bits are "0". Text that does not fit @size ends in "...".
 *
 * @table: single bits only.
 */
void wv_format_flags(const struct wv_name_table *table, uint64_t value, char *text, size_t size);

/** The same with another separator, and with @nothing as the text of no bits. */
void wv_format_set(const struct wv_name_table *table, uint64_t value, const char *separator,
		   const char *nothing, char *text, size_t size);

/* Format functions for wv_field.format (see wv_format_fn). */

/**
 * A signal's number by its name, as bash's `kill -l` has them: SIGHUP to SIGSYS for 1 to 31;
 * SIGRTMIN for 34, SIGRTMIN+1 to SIGRTMIN+15, SIGRTMAX-14 to SIGRTMAX-1, SIGRTMAX for 64. The C
 * library keeps 32 and 33 for itself: SIG32, SIG33. Any other number is printed in decimal.
 */
void wv_format_signal(uint64_t value, char *text, size_t size);

/** A positive errno, or a negative one as 64-bit number, by its name; others in decimal. */
void wv_format_errno(uint64_t value, char *text, size_t size);

/** The flags of clone(2) and clone3(2), without the signal of clone(2): see wv_format_flags(). */
void wv_format_clone_flags(uint64_t value, char *text, size_t size);

/**
 * The code that do_exit() of the kernel is called with, in the low 32 bits, as wait(2) reports it:
 *
 *   exit(n)        EX_OK, EXIT_FAILURE, EX_USAGE ... by data/exit_status.tsv; "128+SIGTERM" from
 *                  129 to 192, as shells say it; other codes in decimal
 *   a signal       "SIGSEGV", "SIGSEGV (core dumped)"
 *   -1 to -4095    the errno's name: what a thread of the kernel ended with
 *   anything else  the code in hex
 */
void wv_format_exit_status(uint64_t value, char *text, size_t size);

/**
 * A status code of Windows by its name: "STATUS_ACCESS_DENIED"; one without a name in hex. Its low
 * 32 bits count: it comes in a register of 64.
 */
void wv_format_ntstatus(uint64_t value, char *text, size_t size);

/** The code of an exception of Windows: a status code, or one of those that are none. */
void wv_format_exception(uint64_t value, char *text, size_t size);

#endif

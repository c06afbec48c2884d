/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scenario "decoded": calls whose arguments mean something to a person, and for each call a
 * fact that says what a tracer has to print, text for text. A call is found among all others by the
 * one just before it: the closing of a descriptor that nobody has, whose number is the fact's mark.
 *
 * Texts are written beside the values that they stand for, or made from what the kernel itself says
 * in other ways (/proc, the C library), never from a tracer's tables.
 */
#ifndef WV_GUEST_DECODED_H
#define WV_GUEST_DECODED_H

#include <stdbool.h>
#include <sys/types.h>

/* Where files are made; the scenario's working directory. */
#define WV_DECODED_DIR "/tmp/decoded"

/* How a call is made. */
enum wv_way {
	WV_WAY_64,    /* syscall */
	WV_WAY_X32,   /* the same, with the bit that says x32 in its number */
	WV_WAY_INT80, /* int 0x80: a 32-bit call */
};

/* The mark, and then the call; returns what the kernel returned, errors negative. */
long wv_decoded_make(enum wv_way way, long number, const long arguments[6]);

#define WV_CALL_BY(way, number, ...)                                                               \
	wv_decoded_make(way, number, (const long[6]){ WV_LONGS(__VA_ARGS__, 0, 0, 0, 0, 0, 0) })
#define WV_CALL(number, ...)   WV_CALL_BY(WV_WAY_64, number, __VA_ARGS__)
#define WV_CALL32(number, ...) WV_CALL_BY(WV_WAY_INT80, number, __VA_ARGS__)
#define WV_LONGS(a, b, c, d, e, f, ...)                                                            \
	(long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f)

/* The facts that follow are of this kind. */
void wv_decoded_kind(const char *kind);

/*
 * The fact about the last call: its name, and three texts for each argument: "in", as the call is
 * entered, or "out", as it returns; its name; its value. All arguments that a row has must be said.
 */
void wv_decoded_told(const char *name, long result, ...) __attribute__((sentinel));
#define WV_IN(name, text)  "in", name, text
#define WV_OUT(name, text) "out", name, text

/* The same about a call of a child. */
void wv_decoded_told_of(pid_t pid, const char *name, long result, ...) __attribute__((sentinel));

/* A child that shares no memory makes the next call; the mark is the same on both sides. */
void wv_decoded_skip(long number);

/* A text that lives on. */
const char *wv_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* An address, or NULL. */
const char *wv_text_at(const void *address);
/* A descriptor with what is behind it, as /proc says. */
const char *wv_text_fd(int fd);

/* open(), which must not fail, for what the calls need. */
int wv_decoded_open(const char *name, int flags);

/* The kinds, each in the file of its name or in one with others. */
void wv_decoded_paths(void);
void wv_decoded_exec(void);
void wv_decoded_constants(void);
void wv_decoded_flags(void);
void wv_decoded_descriptors(void);
void wv_decoded_addresses(void);
void wv_decoded_times(void);
void wv_decoded_buffers(void);
void wv_decoded_outputs(void);
void wv_decoded_absent(void);
void wv_decoded_int80(void);
void wv_decoded_x32(void);
void wv_decoded_unknown(void);

#endif

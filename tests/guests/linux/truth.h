/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The truth channel: what a scenario says it did, one JSON object per line ("fact"), for a test to
 * compare with what was seen from outside. README.md beside this file lists the facts.
 *
 * Texts are bytes: each byte becomes the character of the same number (Latin-1), so that any bytes
 * survive and the line is plain ASCII. Process and thread ids are those of the outermost pid
 * namespace. Facts are built in one buffer per process: only one thread of a process may write,
 * and none that shares its memory with another process.
 */
#ifndef WV_GUEST_TRUTH_H
#define WV_GUEST_TRUTH_H

#include <stdbool.h>
#include <sys/types.h>

/* Begins a fact; the members follow, and wv_fact_end() writes it in one piece. */
void wv_fact(const char *kind);
void wv_fact_int(const char *key, long long value);
void wv_fact_hex(const char *key, unsigned long long value);
void wv_fact_bool(const char *key, bool value);
void wv_fact_text(const char *key, const char *bytes);
/* A NULL-terminated list of texts. */
void wv_fact_list(const char *key, const char *const *texts);
void wv_fact_end(void);

/*
 * Says that the scenario itself went wrong, so that its other facts can not be relied on. The test
 * fails on any such line.
 */
void wv_broken(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* wv_broken() unless the condition holds; returns whether it does. */
#define WV_EXPECT(condition) wv_expect(condition, #condition, __FILE__, __LINE__)
bool wv_expect(bool holds, const char *what, const char *file, int line);

#endif

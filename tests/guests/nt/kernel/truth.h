/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The truth channel: what the guest does, one JSON object per line ("fact"), for a test to
 * compare with what was seen from outside. README.md lists the facts.
 *
 * Between wv_fact() and wv_fact_end() no other CPU writes: nothing may be called in between that
 * writes facts, faults, or lets another thread run.
 */
#ifndef WV_NT_TRUTH_H
#define WV_NT_TRUTH_H

#include "json.h"

/* Who calls a function, and when: taken as it is entered. */
struct wv_call {
	const char *function;
	u64 sequence; /* rises with each call, over all CPUs */
	u64 cr3;
	u32 cpu, mode; /* the thread's previous mode */
	struct _ETHREAD *thread;
	struct _EPROCESS *process; /* whose address space the thread is in */
};

/* Nothing is written about calls before this. */
extern bool wv_telling;
/* How many do not want their calls told: nobody's are, while there are any. */
extern u32 wv_silent;

struct wv_call wv_enter(const char *function);
/* Begins the fact about a call: who, and which. False when nothing is told. */
bool wv_fact_call(const struct wv_call *call);

/* Whether calls are told now. */
bool wv_is_told(void);

void wv_fact(const char *kind);
/* The fact that is being written, for values that the functions below do not have. */
struct wv_json *wv_fact_json(void);
void wv_fact_int(const char *key, long long value);
void wv_fact_hex(const char *key, u64 value);
void wv_fact_bool(const char *key, bool value);
void wv_fact_text(const char *key, const char *text);
/* Bytes: each becomes the character of the same number. */
void wv_fact_bytes(const char *key, const void *bytes, size_t size);
/* UTF-16; surrogates are written as they are. */
void wv_fact_wide(const char *key, const struct _UNICODE_STRING *text);
void wv_fact_null(const char *key);
void wv_fact_end(void);

/* The guest itself went wrong: says so, and ends the machine. */
__attribute__((noreturn)) void wv_broken(const char *what);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A monitor with one plugin on a tiny Windows kernel whose one process calls functions. */
#ifndef WV_TESTS_WINDOWS_CALLS_H
#define WV_TESTS_WINDOWS_CALLS_H

#include "observer.h"
#include "windows_fixture.h"

/** Pages of the process that runs; the page after them is not mapped. */
#define USER	  UINT64_C(0x30000)
#define USER_SIZE UINT64_C(0x4000)
#define USER_END  (USER + USER_SIZE)

/** Above arguments of 32 bits in words of 64: not zero. */
#define RUBBISH UINT64_C(0xdeadbeef00000000)

#define STATUS_ACCESS_DENIED UINT64_C(0xc0000022)

/** What the process that runs has at these handles. */
#define OTHER_HANDLE  UINT64_C(0x1a4) /* the process `other` */
#define THREAD_HANDLE UINT64_C(0x1a8) /* that one's thread */
#define FREE_HANDLE   UINT64_C(0x1ac) /* nothing */

/** The TID of the thread that find_thread tests find, in `other`: ids count in fours. */
#define OTHER_TID 0x58u

struct windows_calls {
	struct nt_guest guest;
	struct observer observer;
	struct nt_process *process; /* PID 12 of 4, a.exe; vCPU 0 runs it */
	struct nt_process *other;   /* PID 0x50 of 12, b.exe */
	struct nt_process ids;	    /* no process: its handles are the ids of all */
};

/** Of cmocka: *state is a struct windows_calls. */
int windows_calls_teardown(void **state);

/** Makes the guest, and starts to watch it. What the start tells is left to be taken. */
void windows_calls_make(struct windows_calls *fixture, const struct nt_options *options);
void windows_calls_watch(struct windows_calls *fixture, const char *plugin, const char *settings);

/** Lets a PID or TID lead to an object. */
void put_id(struct windows_calls *fixture, uint64_t id, uint64_t object);

/** Writes a word, a number of 32 bits, or UTF-16 with a size in bytes, where the process has it. */
void write_word(struct windows_calls *fixture, uint64_t address, uint64_t value);
void write_u32(struct windows_calls *fixture, uint64_t address, uint32_t value);
uint16_t write_utf16(struct windows_calls *fixture, uint64_t address, const char *utf8);

/** Calls a function on vCPU 0; it must be trapped. */
void call(struct windows_calls *fixture, const char *function, const uint64_t *arguments,
	  unsigned n_arguments);

/** The one event since the last one is the process's call of that function with these fields. */
void told(struct windows_calls *fixture, const char *method, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/** Nothing has been told since the last time. */
void told_nothing(struct windows_calls *fixture);

/** Calls a function that is told at once, checks that, and lets it return. */
#define TELLS(fixture, function, n_arguments, arguments, ...)                                      \
	do {                                                                                       \
		call(fixture, function, arguments, n_arguments);                                   \
		told(fixture, function, __VA_ARGS__);                                              \
		nt_return(&(fixture)->guest, 0, 0);                                                \
		told_nothing(fixture);                                                             \
	} while (0)

#endif

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NtDuplicateObject with good and bad handles, and with addresses where nothing can be written.
 * Where it can, each thread has a place of its own: what it finds there is what it was told.
 */
#include "program.h"
#include "addresses.h"

#define THREAD	  SELF_THREAD
#define KNOWN(n)  (0x1000000 + (n)) /* a handle of enum wv_known_handle */
#define ON_STACK  1
#define NOT_THERE 0
#define SHARED	  0x800 /* in a page: where the threads' places begin */

static const struct {
	word source_process, source, target_process, target;
	u32 access, attributes, options;
} rows[] = {
	{ SELF, KNOWN(HANDLE_EVENT), SELF, ON_STACK, 0x1f0003, 0, 0 },
	{ SELF, KNOWN(HANDLE_EVENT), SELF, ON_STACK, 0, 0, 2 },
	{ SELF, KNOWN(HANDLE_FILE), SELF, ON_STACK, 0x120089, 2, 2 },
	{ SELF, KNOWN(HANDLE_HIGH), SELF, ON_STACK, 0x80000000, 0x42, 6 },
	{ KNOWN(HANDLE_OWN_PROCESS), KNOWN(HANDLE_FILE), KNOWN(HANDLE_OTHER_PROCESS), ON_STACK, 0,
	  0, 2 },
	{ KNOWN(HANDLE_OTHER_PROCESS), 0x10, SELF, ON_STACK, 0xffffffff, 0xffffffff, 2 },
	{ SELF, SELF, SELF, ON_STACK, 0x1fffff, 0, 0 },
	{ SELF, THREAD, KNOWN(HANDLE_OTHER_PROCESS), ON_STACK, 0x1fffff, 0, 0 },
	{ SELF, KNOWN(HANDLE_EVENT), NOT_THERE, NOT_THERE, 0, 0, 2 },
	{ SELF, KNOWN(HANDLE_EVENT), SELF, NOT_THERE, 0, 0, 2 },
	/* Bad handles. */
	{ NOT_THERE, KNOWN(HANDLE_EVENT), SELF, ON_STACK, 0, 0, 2 },
	{ SELF, NOT_THERE, SELF, ON_STACK, 0, 0, 2 },
	{ SELF, 0x7ffffffc, SELF, ON_STACK, 0, 0, 2 },
	{ SELF, 0xfffffff0, SELF, ON_STACK, 0, 0, 2 },
	{ SELF, 5, SELF, ON_STACK, 0, 0, 2 },
	{ KNOWN(HANDLE_EVENT), KNOWN(HANDLE_EVENT), SELF, ON_STACK, 0, 0, 2 },
	{ SELF, KNOWN(HANDLE_EVENT), KNOWN(HANDLE_FILE), ON_STACK, 0, 0, 2 },
	{ SELF, KNOWN(HANDLE_EVENT), 0x1234, ON_STACK, 0, 0, 2 },
	/* Addresses that can not be written, or only once the kernel brings the page in. */
	{ SELF, KNOWN(HANDLE_EVENT), SELF, USER_NOTHING, 0, 0, 2 },
	{ SELF, KNOWN(HANDLE_EVENT), SELF, USER_TRANSITION + SHARED, 0, 0, 2 },
	{ SELF, KNOWN(HANDLE_EVENT), SELF, USER_PAGED_OUT + SHARED, 0, 0, 2 },
	{ SELF, KNOWN(HANDLE_EVENT), SELF, USER_PAGED_OUT + 0x1000 - sizeof(word) / 2, 0, 0, 2 },
	{ SELF, KNOWN(HANDLE_EVENT), SELF, (word)-8, 0, 0, 2 },
	{ SELF, KNOWN(HANDLE_EVENT), SELF, 2, 0, 0, 2 },
};

static word handle(word told)
{
	if (told >= KNOWN(0) && told < KNOWN(HANDLES))
		return wv_perform(PERFORM_HANDLE, told - KNOWN(0), 0, 0);
	return told;
}

static word *target_of(word told, word *own, word thread)
{
	if (told == ON_STACK)
		return own;
	return (word *)(told % 0x1000 == SHARED ? told + thread * 8 : told);
}

void wv_duplicate_all(word thread)
{
	for (u32 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t room = 0; /* a 64-bit kernel writes as much for a 32-bit program, too */
		word *made = (word *)&room, *target = target_of(rows[i].target, made, thread);
		u32 status =
			CALL(NtDuplicateObject, handle(rows[i].source_process),
			     handle(rows[i].source), handle(rows[i].target_process), (word)target,
			     rows[i].access, rows[i].attributes, rows[i].options);

		/* Room for the next one, where it is in a table of this process. */
		if (!status && *made && rows[i].target_process == SELF)
			NtClose(*made);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes that there are from the start. */
#ifndef WV_NT_CAST_H
#define WV_NT_CAST_H

#include "nt.h"
#include "../user/scenario.h"

enum wv_role {
	SYSTEM,
	SMSS,
	CSRSS,
	SVCHOST,
	EXPLORER,
	LONG_NAME,
	OTHER_SCRIPT,
	CALC32,
	GONE,
	ROLES
};

extern struct _EPROCESS *wv_cast[ROLES];

void wv_cast_create(void);
/* Facts about all of them: what they are, their modules, their handles. */
void wv_cast_tell(bool with_handles);

/* Of a process, by enum wv_known_handle; 0: it has none. */
word wv_cast_handle(const struct _EPROCESS *process, word which);
/* Gives a process the handle of one of its threads. */
void wv_cast_know_thread(enum wv_role role, struct _ETHREAD *thread);

#endif

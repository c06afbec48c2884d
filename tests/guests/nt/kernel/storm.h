/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many calls, of which only their number and their time are told. */
#ifndef WV_NT_STORM_H
#define WV_NT_STORM_H

#include "nt.h"

/* The current thread makes them itself, in between; returns how many. */
word wv_storm_begins(void);
word wv_storm_ends(void);
/* Which call it makes: enum wv_storm_call. */
word wv_storm_call(void);
/* Reads the timer, that it does not turn over unseen. */
word wv_storm_goes_on(void);
/* A thread is about to wait for ever: counted over all CPUs, for the facts to tell. */
void wv_storm_waits(void);
/* Allocations and releases. */
word wv_storm_of_pool(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way out for facts. */
#ifndef WV_NT_CHANNEL_H
#define WV_NT_CHANNEL_H

#include "nt.h"

/* Finds the way out; what is said before goes to the debug port. */
void wv_channel_init(void);
/* One writer at a time. */
void wv_channel_write(const char *text, size_t size);

#endif

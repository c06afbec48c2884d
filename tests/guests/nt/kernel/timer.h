/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time: ACPI's timer, which counts as the host's clock does. */
#ifndef WV_NT_TIMER_H
#define WV_NT_TIMER_H

#include "nt.h"

#define WV_TICKS_PER_SECOND 3579545

/* Ticks since the machine's start, if asked at least every four seconds. */
u64 wv_ticks(void);

#endif

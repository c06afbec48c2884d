/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's end. */
#ifndef WV_NT_POWER_H
#define WV_NT_POWER_H

__attribute__((noreturn)) void wv_power_off(void);
__attribute__((noreturn)) void wv_restart(void);

#endif

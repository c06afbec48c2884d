/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plugins for tests of what few plugins need: traps whose returns are told apart by the thread
 * alone, traps that are only for some kernels, what a plugin reads of a guest before it is watched,
 * and definitions. They take the place of the plugins of the build.
 *
 * `direct` is prepared for a guest; `refused` is too, in vain; `essential` is, but lacks a
 * function.
 */
#ifndef WV_TESTS_DIRECT_H
#define WV_TESTS_DIRECT_H

#include "monitor/plugin.h"

/** The functions that they trap, but for those that depend on the kernel; ended by NULL. */
extern const char *const direct_functions[];

/** An argument of the function `first` with which `direct` does not await its return. */
#define DIRECT_DONE UINT64_C(0xd0ed0ed0ed0e)

/** How often each plugin was prepared for a guest, and the reverse; `direct`, `refused` ... */
enum direct_plugin { DIRECT, REFUSED, ESSENTIAL, DIRECT_COUNT };
extern unsigned direct_prepared[DIRECT_COUNT], direct_unprepared[DIRECT_COUNT];

#endif

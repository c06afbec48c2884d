/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plugins for tests of the monitor. They take the place of the plugins of the build: the program
 * that links probe.c has these and no others.
 *
 * `probe` traps functions of the tiny kernel in all the ways there are; `needy` can do nothing
 * without a function and a member that a kernel may lack.
 */
#ifndef WV_TESTS_PROBE_H
#define WV_TESTS_PROBE_H

#include "monitor/plugin.h"

/** The functions that `probe` traps, for tiny_options.functions, ended by NULL. */
extern const char *const probe_functions[];

/** An argument of the function outer_new with which `probe` does not await its return. */
#define PROBE_DONE UINT64_C(0xd0ed0ed0ed0e)

#endif

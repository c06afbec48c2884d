/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procmon watching a tiny Linux kernel, in which a shell runs: what its tests begin with. */
#ifndef WV_TESTS_PROCMON_FIXTURE_H
#define WV_TESTS_PROCMON_FIXTURE_H

#include "observer.h"

/** Where the pages of a process are that tiny_mm() maps: four of them. */
#define STACK UINT64_C(0x7ffd00000000)

struct procmon_fixture {
	struct tiny_linux kernel;
	struct observer observer;
	struct tiny_task *bash; /* PID 12; it runs on vCPU 0 */
	uint64_t binprm, args;	/* a struct linux_binprm and a struct kernel_clone_args */
};

/** The functions that procmon traps, for tiny_options.functions. */
extern const char *const procmon_functions[];

/** Makes the kernel and arms the monitor; what it tells at the start is not looked at. */
void procmon_start(struct procmon_fixture *fixture, const char *const *without_symbols,
		   const char *settings);

/** Setup functions of cmocka: one starts at once, the other leaves that to the test. */
int procmon_setup(void **state);
int procmon_setup_empty(void **state);
int procmon_teardown(void **state);

/** What has been told since the last time is exactly this. */
void procmon_told(struct procmon_fixture *fixture, const char *expected);

/** The text of one field of the one event that was told since the last time; NULL: not there. */
char *procmon_field(struct procmon_fixture *fixture, const char *name);

/** That text is this; NULL: the field is not there. */
void procmon_assert_field(struct procmon_fixture *fixture, const char *name, const char *expected);

#endif

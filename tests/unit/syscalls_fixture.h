/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin syscalls watching a tiny Linux kernel, in which a shell runs: what its tests begin
 * with. */
#ifndef WV_TESTS_SYSCALLS_FIXTURE_H
#define WV_TESTS_SYSCALLS_FIXTURE_H

#include "observer.h"
#include "syscalls_kernel.h"

/** Where the pages of a process are that tiny_mm() maps, four of them; the next one is not there.
 */
#define USER	     UINT64_C(0x7ffd00000000)
#define USER_NOWHERE (USER + 4 * MOCK_PAGE)

#define AT_FDCWD UINT64_C(0xffffff9c)

struct syscalls_fixture {
	struct tiny_linux kernel;
	struct observer observer;
	struct tiny_task *bash; /* PID 12; it runs on vCPU 0 */
	uint64_t descriptors;	/* its table of open files */
};

struct syscalls_options {
	const char *const *functions; /**< NULL: those of a new kernel */
	const char *const *without;   /**< symbols that the kernel lacks, ended by NULL; or NULL */
	const char *settings;	      /**< besides the plugin; or NULL */
};

/** Makes the kernel and arms the monitor. Returns what that told, to be freed. */
char *syscalls_start(struct syscalls_fixture *fixture, const struct syscalls_options *options);

/** Setup functions of cmocka: one starts at once, the other leaves that to the test. */
int syscalls_setup(void **state);
int syscalls_setup_empty(void **state);
int syscalls_teardown(void **state);

/** One more process, which can be run with tiny_run(). */
struct tiny_task *syscalls_task(struct syscalls_fixture *fixture, uint32_t pid, const char *path);

/** The shell has that file open. */
void syscalls_open(struct syscalls_fixture *fixture, unsigned fd, const char *path);

/** Writes a string to the shell's memory. Returns its address. */
uint64_t syscalls_text(struct syscalls_fixture *fixture, unsigned offset, const char *text);

/** Makes the page at USER_NOWHERE present, with that string at its start. */
void syscalls_page_in(struct syscalls_fixture *fixture, const char *text);

/** The address of the struct pt_regs of the task that runs on vCPU 0. */
uint64_t syscalls_regs(struct syscalls_fixture *fixture);

/** Puts a call into these registers, as the entry code does: number and arguments by position. */
void syscalls_set_regs(struct syscalls_fixture *fixture, bool compat, uint64_t number,
		       const uint64_t args[6]);

/** vCPU 0 calls that function of the kernel with its registers as the argument. */
void syscalls_enter(struct syscalls_fixture *fixture, const char *function, bool compat,
		    uint64_t number, const uint64_t args[6]);

/** A 64-bit call of a new kernel, from its entry to its dispatcher's return. */
void syscalls_make(struct syscalls_fixture *fixture, uint64_t number, const uint64_t args[6],
		   int64_t result);
#define MAKE(fixture, number, result, ...)                                                         \
	syscalls_make(fixture, number, (const uint64_t[6]){ __VA_ARGS__ }, result)

/**
 * What has been told since the last time is exactly this, with little of what all rows have:
 *
 *   getppid 12 #1: Syscall=110 NArgs=0          the method, the PID and the EventUID
 */
void syscalls_told(struct syscalls_fixture *fixture, const char *expected);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scenario "calls": very many different system calls with arguments of every kind, most of them
 * successful, some refused. It writes no facts but "broken": what was called, and with what result,
 * a tracer inside the guest says. Its areas are one file each.
 *
 * Calls are made by number where the C library has several names, or none, for one.
 */
#ifndef WV_GUEST_CALLS_H
#define WV_GUEST_CALLS_H

#include <errno.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "truth.h"

/* Where files are made; the scenario's working directory. */
#define WV_CALLS_DIR "/tmp/calls"

/* The areas. */
void wv_calls_files(void);
void wv_calls_io(void);
void wv_calls_paths(void);
void wv_calls_memory(void);
void wv_calls_sockets(void);
void wv_calls_net(void);
void wv_calls_pipes(void);
void wv_calls_ipc(void);
void wv_calls_time(void);
void wv_calls_system(void);
void wv_calls_tasks(void);
void wv_calls_threads(void);
void wv_calls_exec(void);
void wv_calls_signals(void);
void wv_calls_restart(void);
void wv_calls_seccomp(void);
void wv_calls_new(void);
void wv_calls_compat(void);

/* Holds unless the call failed otherwise than with this errno; result is what it returned. */
#define WV_FAILS(result, error)                                                                    \
	({                                                                                         \
		long wv_result = (result);                                                         \
		WV_EXPECT(wv_result == -1 && errno == (error));                                    \
	})

/* Holds if the call was successful, or does not exist in this kernel. */
#define WV_MAYBE(result)                                                                           \
	({                                                                                         \
		long wv_result = (result);                                                         \
		WV_EXPECT(wv_result >= 0 || errno == ENOSYS);                                      \
	})

/* A child that runs the function and ends with the code that it returns. */
pid_t wv_calls_child(int (*run)(void *), void *data);

/* Waits for a child's end; "broken" unless it is this wait status. */
void wv_calls_reap(pid_t child, int status);

/*
 * Waits until a thread has this state (proc(5)): 'S' when it waits in a call, 'Z' when it has
 * ended. What a thread is killed in the middle of, and so the end of its calls, is certain only
 * then. False if it has ended instead.
 */
bool wv_calls_await(pid_t tid, char state);

#endif

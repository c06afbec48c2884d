/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which thread runs: they take turns, on whatever CPU asks next. No thread is ever interrupted. */
#ifndef WV_NT_SCHEDULE_H
#define WV_NT_SCHEDULE_H

#include "nt.h"

void wv_make_ready(struct _ETHREAD *thread);
/* With the threads locked: lets one begin that is suspended; false: it is not. */
bool wv_resume(struct _ETHREAD *thread);
/* Lets the next thread that is ready run, if there is one. */
void wv_yield(void);
/* Held while a process's threads are looked at: none comes, goes, or runs on. */
void wv_lock_threads(void);
void wv_unlock_threads(void);
/* Ends the current thread, if another one has asked for that. */
void wv_end_if_told(void);
/* How many threads there are, idle ones aside. */
unsigned wv_threads_alive(void);
/* Ends the current thread. */
__attribute__((noreturn)) void wv_thread_exit(ntstatus status);
/* What an idle thread does: runs the others until the last of them has ended, then the machine. */
__attribute__((noreturn)) void wv_idle(void);
/* Called first thing on a new thread's stack. */
void wv_thread_begin(void);
/* Puts the current thread into another process's address space, and back with its own process. */
void wv_attach(struct _EPROCESS *process);

#endif

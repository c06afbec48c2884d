/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How threads and processes end, and what becomes of their objects. */
#ifndef WV_NT_END_H
#define WV_NT_END_H

#include "nt.h"

/* Ends the current thread, and with the last one the process. */
__attribute__((noreturn)) NTAPI void PspExitThread(ntstatus status);
NTAPI void MmCleanProcessAddressSpace(struct _EPROCESS *process);
NTAPI void PspProcessDelete(struct _EPROCESS *process);
NTAPI void PspThreadDelete(struct _ETHREAD *thread);

/* Tells the threads of a process to end, but not the current one. */
void wv_end_threads(struct _EPROCESS *process, ntstatus status);
/* Tells one thread; false: it has ended or is told already. */
bool wv_tell_to_end(struct _ETHREAD *thread, ntstatus status);
/* Ends a process that has no threads to do it. */
void wv_end_without_threads(struct _EPROCESS *process, ntstatus status);
/* An object may not be needed any more: of threads and processes, which are deleted then. */
void wv_reap_later(void *object);
/* A thread of System: deletes what is not needed, as long as other threads run. */
void wv_reaper(word argument);

#endif

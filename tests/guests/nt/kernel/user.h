/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user half of an address space: program, PEB, parameters, TEBs, stacks, pages that are away.
 */
#ifndef WV_NT_USER_H
#define WV_NT_USER_H

#include "process.h"
#include "../user/addresses.h"

void wv_user_memory(struct _EPROCESS *process, const struct wv_process_plan *plan);
/* A thread's TEB and stack; puts the stack pointer into the frame. Returns the TEB's address. */
word wv_user_thread_memory(struct _EPROCESS *process, struct _ETHREAD *thread, word first,
			   word second, struct _KTRAP_FRAME *frame);
/* Brings a page of the current process in; false when none can be. */
bool wv_page_in(struct _EPROCESS *process, word va);

#endif

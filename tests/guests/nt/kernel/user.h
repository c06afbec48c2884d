/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user half of an address space: program, PEB, parameters, TEBs, stacks, pages that are away.
 */
#ifndef WV_NT_USER_H
#define WV_NT_USER_H

#include "process.h"
#include "../user/addresses.h"

#if WV_POINTER == 4
/* Before any process: makes the page that the kernel shares with all programs. */
void wv_share_data(void);
#endif
void wv_user_memory(struct _EPROCESS *process, const struct wv_process_plan *plan);
/* A thread's TEB and stack; puts the stack pointer into the frame. Returns the TEB's address. */
word wv_user_thread_memory(struct _EPROCESS *process, struct _ETHREAD *thread, word first,
			   word second, struct _KTRAP_FRAME *frame);
/* The thread is deleted: the next one gets its place. */
void wv_user_thread_gone(struct _ETHREAD *thread);
/* New pages of a process at an address; where the kernel can fill them in. */
void *wv_user_pages(struct _EPROCESS *process, word va, unsigned count, u64 flags);
/* What wv_user_memory() does of it: the parameters; pages that are away. */
void wv_user_parameters(struct _EPROCESS *process, const struct wv_process_plan *plan);
void wv_user_missing_pages(struct _EPROCESS *process);
/* The list of loaded modules: the program, and ntdll. */
void wv_user_modules(struct _EPROCESS *process);
void wv_tell_modules(struct _EPROCESS *process);
/* Takes a page of the current process away; false when it is not there. */
bool wv_page_out(struct _EPROCESS *process, word va);
/* Brings a page of the current process in; false when none can be. */
bool wv_page_in(struct _EPROCESS *process, word va);

#endif

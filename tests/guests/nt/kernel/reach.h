/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a caller's arguments lead to: memory and handles, as its mode may reach them. */
#ifndef WV_NT_REACH_H
#define WV_NT_REACH_H

#include "nt.h"
#include "object.h"

/* Copies from and to a caller's memory: user mode reaches no memory of the kernel's. */
bool wv_fetch(u32 mode, void *to, word from, size_t size);
bool wv_store(u32 mode, word to, const void *from, size_t size);

/* The object of a handle of a process; NULL: none. */
void *wv_reach_object_of(struct _EPROCESS *process, word handle, u32 mode);
/* Of the process that the thread is in now. */
void *wv_reach_object(word handle, u32 mode);
/* The same of one type; WV_TYPES: of any. */
ntstatus wv_reach(word handle, enum wv_type type, u32 mode, void **object);
/* Gives the current process, or kernel, a handle; puts it into the caller's memory. */
ntstatus wv_give_handle(word where, void *object, u32 access, u32 attributes, u32 mode);

#endif

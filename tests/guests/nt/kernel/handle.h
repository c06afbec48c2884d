/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handle tables of one to three levels, and the table of process and thread ids. */
#ifndef WV_NT_HANDLE_H
#define WV_NT_HANDLE_H

#include "nt.h"

#define CURRENT_PROCESS ((word)-1)
#define CURRENT_THREAD	((word)-2)

struct _HANDLE_TABLE *wv_handle_table(struct _EPROCESS *owner);
/* Puts an object at a handle's place; the table grows to as many levels as that needs. */
void wv_handle_put(struct _HANDLE_TABLE *table, word handle, void *object, u32 access);
/* The lowest free handle, for an object; 0 when all of the lowest leaf are taken. */
word wv_handle_new(struct _HANDLE_TABLE *table, void *object, u32 access);
/* The object of a handle, or NULL. The two lowest bits are the user's. */
void *wv_handle_object(struct _HANDLE_TABLE *table, word handle);
void wv_handle_close(struct _HANDLE_TABLE *table, word handle);
/* Closes all. */
void wv_handles_close(struct _HANDLE_TABLE *table);

/* Process and thread ids: their table's entries point to bodies, not to headers. */
extern struct _HANDLE_TABLE *PspCidTable;
/*
 * One that nobody has: a new one, or that of a process or thread that has been gone for a while. As
 * readers take a process to be there from the call on that makes it, the id must have been free
 * before that call, by its sequence.
 */
word wv_id_next(u64 call);
#define ANY_CALL (~0ull)
void wv_id_put(word id, void *object);
/* In which call. */
void wv_id_remove(word id, u64 call);
/* NULL: none. */
void *wv_id_object(word id);

/* One fact for each handle of a process. */
void wv_tell_handles(struct _EPROCESS *process);

#endif

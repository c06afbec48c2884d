/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes and threads: Windows' objects, and behind each body what the guest itself keeps. */
#ifndef WV_NT_PROCESS_H
#define WV_NT_PROCESS_H

#include "nt.h"

/* What a process is started with. */
struct wv_parameters {
	struct _UNICODE_STRING command_line, image_path, dll_path, directory;
};

struct wv_process_info {
	long long session;
	struct _UNICODE_STRING path; /* as the truth tells it */
	u64 root;		     /* page tables, physical */
	word image_entry;	     /* where a user thread begins */
	word user_dispatcher;	     /* of exceptions; 0: none */
	char image[16];		     /* ImageFileName */
	bool is_32bit;
	bool listed;	  /* in the list of processes */
	unsigned threads; /* ever made */
	unsigned objects; /* threads that have not been deleted: these need the process */
	unsigned running; /* threads that have not begun to end */
	word heap;	  /* where the next memory that a program asks for begins */
	bool ended;	  /* its last thread has */
	u32 slots;	  /* of threads' user memory: bits of those that are taken */
};

struct wv_thread_info {
	word stack; /* its pointer while the thread does not run */
	word stack_top;
	word teb;
	unsigned slot;			 /* its place in user memory; of user threads */
	void (*function)(word argument); /* of a thread that stays in the kernel */
	word argument;
	struct _ETHREAD *next; /* in the queue of those that are ready */
	u64 root;	       /* the address space that it runs in */
	unsigned asked_for; /* by number and one: the service that a system call is about to call */
	word called_from;   /* and where it came from */
	struct wv_request *requests; /* services that have not returned, the last one first */
	bool told_to_end;	     /* it ends itself as soon as it runs in the kernel */
	bool suspended;		     /* it has not begun, and does not until it is resumed */
	ntstatus end_status;
	u64 storm_began; /* ticks */
};

/* What makes a process. */
struct wv_process_plan {
	const char *name; /* ImageFileName: at most 14 characters of it are kept */
	const u16 *path;  /* NULL: none */
	const char *command_line;
	const struct wv_parameters *parameters; /* NULL: made from the rest */
	word id, parent;
	int session; /* -1: none, and no user memory */
	bool is_32bit;
	bool unreadable_peb; /* its PEB's page is not present */
};

struct wv_process_info *wv_process_info(struct _EPROCESS *process);
struct wv_thread_info *wv_thread_info(struct _ETHREAD *thread);
struct _EPROCESS *wv_process_of(const struct _ETHREAD *thread);

struct _EPROCESS *wv_process_create(const struct wv_process_plan *plan);
/* Takes a process out of the lists, as at its end; its memory stays. */
void wv_process_forget(struct _EPROCESS *process);
/* A thread that stays in the kernel, ready to run. */
struct _ETHREAD *wv_thread_create(struct _EPROCESS *process, void (*function)(word), word argument);
/* A thread that goes to its process's program, with two arguments; not ready yet. */
struct _ETHREAD *wv_user_thread_create(struct _EPROCESS *process, word first, word second);
/* Fills in an object as a thread of a process: what both of the above begin with. */
void wv_thread_init(struct _ETHREAD *thread, struct _EPROCESS *process, word id);

/* Gives the memory of one that nobody needs any more to the next one that is made. */
void wv_process_recycle(struct _EPROCESS *process);
void wv_thread_recycle(struct _ETHREAD *thread);

/* What is known of a process that is made while the scenario runs; born: in which call. */
void wv_tell_new_process(struct _EPROCESS *process, u64 born);
void wv_tell_process(struct _EPROCESS *process, u64 born);

extern struct _LIST_ENTRY PsActiveProcessHead;
extern struct _EPROCESS *PsInitialSystemProcess;
extern struct _EPROCESS *wv_idle_process;

static inline struct _EPROCESS *wv_process_of_link(struct _LIST_ENTRY *link)
{
	return (struct _EPROCESS *)((u8 *)link - OFF__EPROCESS_ActiveProcessLinks);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System services: the table that system calls go through, and those that the guest has. */
#ifndef WV_NT_SERVICE_H
#define WV_NT_SERVICE_H

#include "json.h"
#include "truth.h"

struct wv_service {
	void *function; /* at the build's address */
	unsigned arguments;
	const char *name;
};

/* Generated: the build's services, by number. */
extern const struct wv_service wv_services[];
extern const unsigned wv_service_count;

/* A call of a service that has not returned: it is on the stack of the thread that makes it. */
struct wv_request {
	const struct wv_service *service;
	const struct wv_handler *handler; /* NULL: the guest does not have it */
	struct wv_call call;
	const word *arguments;
	word from;		  /* where the program goes on behind it; 0: the kernel called */
	struct wv_json in;	  /* what was behind its arguments as it began; may be of no room */
	struct wv_request *outer; /* the thread's call that it was made in */
};

/*
 * A service's work. Arguments that have fewer bits than a word may have anything in the others, as
 * in Windows.
 */
typedef ntstatus wv_serve_t(struct wv_request *request);

struct wv_handler {
	const char *name;
	wv_serve_t *serve;
	/*
	 * A letter for each argument that the truth is to tell more of than its number; the rest
	 * are dots. See capture.c.
	 */
	const char *behind;
};

/* Each file's, up to an entry without a name. */
extern const struct wv_handler wv_basic_handlers[], wv_exception_handlers[], wv_object_handlers[],
	wv_process_handlers[], wv_thread_handlers[], wv_token_handlers[], wv_memory_handlers[],
	wv_file_handlers[], wv_file_info_handlers[], wv_key_handlers[], wv_named_handlers[],
	wv_query_handlers[], wv_open_handlers[];

void wv_services_init(void);

/* Finds the handlers. */
void wv_serve_init(void);
/* What each service's function does: the handler's work, and the fact about it. */
word wv_serve(unsigned number, const word *arguments);
/* Tells the current thread's calls that will not return: it ends, or leaves them. */
void wv_serve_never_returns(void);
/* Goes on where the frame of the program's call says, all its registers those of the frame. */
__attribute__((noreturn)) void wv_service_leave(void);

#endif

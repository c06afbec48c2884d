/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the Windows files of this plugin share. */
#ifndef WV_PLUGINS_SYSCALLS_WINDOWS_H
#define WV_PLUGINS_SYSCALLS_WINDOWS_H

#include "guest/windows/windows.h"
#include "plugins/syscalls/nt.h"
#include "plugins/syscalls/syscalls.h"

/** The wants, by their index in windows.c's table. */
enum service_want {
	SYM_SERVICE_TABLE,
	THREAD_CALL_NUMBER,
	THREAD_PREVIOUS_MODE,
	THREAD_PROCESS,
	THREAD_TRAP_FRAME,
	FRAME_IP,
	SHARED_CALL_RETURN,
	SERVICE_WANT_COUNT
};

/** Services of the kernel are fewer: the bits above are the table's number. */
#define SERVICES_MAX 1024

/** One service of the kernel. */
struct service {
	uint64_t address;
	const char *name;			 /* lives as long as struct services */
	const struct wv_nt_prototype *prototype; /* NULL: nobody knows it */
	uint8_t n_args;
	bool wanted;	 /* not filtered out */
	bool trapped;	 /* the trap of its function is this one's */
	bool has_output; /* some argument is filled in by the call */
	bool shared;	 /* another number leads to the same code */
};

/** The program of the thread that has called last. */
struct known_program {
	uint64_t thread;  /* 0: nothing is known */
	uint64_t changes; /* wv_guest.changes before that */
	uint64_t root;	  /* the page table then */
	uint64_t process; /* the thread's own */
	bool attached;	  /* but it has another process's memory */
	bool is_wow64;
};

/** What was last found for calls from a page of a program's. */
struct known_module {
	uint64_t process;
	uint64_t page;
	uint64_t changes;
	struct wv_windows_module module;
};

#define KNOWN_MODULES 16 /* of each vCPU */

/** What prepare() makes. */
struct services {
	unsigned count;
	bool is_32;	      /* the kernel */
	uint32_t stub_return; /* of 32 bits: where SYSENTER's programs go on; 0: not known */
	GStringChunk *names;
	struct known_program programs[WV_VCPUS_MAX];
	struct known_module modules[WV_VCPUS_MAX][KNOWN_MODULES];
	struct service table[SERVICES_MAX];
};

/** What a call keeps until it returns. */
struct service_saved {
	uint64_t space; /* the page table then */
	uint64_t args[WV_NT_ARGS];
	uint32_t number;
	uint32_t unreadable; /* bit n: argument n leads to memory that was not there at entry */
	bool user;	     /* it comes from user mode */
	bool is_wow64;	     /* of a program of WoW64 */
};

/* windows_table.c: the services of this kernel, as its own table has them */
bool services_prepare(struct wv_call *call, void **data, GError **error);
void services_unprepare(void *data);

/* windows_module.c: what there is to say of a program that calls */
void services_find_stub(struct wv_call *call, struct services *services);
/** True for a program of WoW64. */
bool services_write_program(struct wv_call *call, struct wv_event *event);

/* windows.c: what is done at a service's entry and return */
extern const struct wv_trap_def service_trap;

/**
 * windows_capture.c: writes an argument with what it leads to. False when that is memory that is
 * not there.
 */
bool services_write_argument(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg,
			     const struct service_saved *saved);

#endif

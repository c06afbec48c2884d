/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What programs and the kernel agree on. */
#ifndef WV_NT_USER_SCENARIO_H
#define WV_NT_USER_SCENARIO_H

/* A program's first argument: what it does, in this order. */
#define DO_POOL	      1
#define DO_OBJECTS    2
#define DO_EXCEPTIONS 4
#define DO_STORM      8
#define DO_CRASH      16
#define DO_UNHANDLED  32 /* ends by an exception that nobody wants */
#define DO_PROCMON    64
#define DO_CHILD      128 /* of processes that are made while the scenario runs */
#define DO_SYSCALLS   256
#define DO_CALLSTORM  512
#define DO_KILLSTORM  1024
#define DO_FILES      2048

/* The first argument of wv_perform: which step of what the kernel does for a program. */
enum wv_perform {
	PERFORM_READY, /* 0 as long as the scenario has not begun */
	PERFORM_POOL,
	PERFORM_OBJECT,
	PERFORM_EXCEPTION,
	PERFORM_STORM,
	PERFORM_CRASH,
	PERFORM_STORM_BEGINS, /* gives the number of calls; none is told until it ends */
	PERFORM_STORM_ENDS,
	PERFORM_STORM_CALL,    /* which one it is of */
	PERFORM_STORM_GOES_ON, /* wanted at least every four seconds */
	PERFORM_PAGE_OUT, /* a page, by its address: what is in it comes back when it is touched */
	PERFORM_HANDLE,	  /* a handle of the caller's process: by number of what it is for */
	PERFORM_WAIT,	  /* for ever, in a call as deep on the kernel's stack as the step is */
	PERFORM_ATTACHED, /* calls of the kernel's while it is in another process */
	PERFORM_KERNEL_COPY,  /* of a block of parameters: by where its address is, and gets its */
	PERFORM_MODULES_LOST, /* the caller's list of modules leads nowhere from now on */
	PERFORM_FILE, /* a file that is there: by its row in the kernel, and above that the thread
		       */
};

/* The calls that a storm can be of. */
enum wv_storm_call { STORM_YIELD, STORM_WAIT, STORM_PROTECT };

#define NO_MORE_STEPS 0x8000001au

/* The handles that each process of a scenario has. */
enum wv_known_handle {
	HANDLE_OWN_PROCESS,
	HANDLE_OTHER_PROCESS,
	HANDLE_THREAD,
	HANDLE_EVENT,
	HANDLE_FILE,
	HANDLE_HIGH, /* as high as the table reaches */
	HANDLES
};

#endif

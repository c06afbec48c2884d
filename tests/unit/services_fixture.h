/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin syscalls watching a tiny Windows kernel with a table of services: what its tests begin
 * with. Include after cmocka.h.
 *
 * The layout's own Nt and Zw functions are taken out of its profile; the test's own are put there.
 */
#ifndef WV_TESTS_SERVICES_FIXTURE_H
#define WV_TESTS_SERVICES_FIXTURE_H

#include "observer.h"
#include "windows_fixture.h"

/** Pages of the process that runs; the page after them is not mapped. */
#define USER	  UINT64_C(0x30000)
#define USER_SIZE UINT64_C(0x3000)
#define USER_END  (USER + USER_SIZE)

/** Of 32 bits: where SYSENTER's way back goes, in ntdll.dll. */
#define SERVICES_STUB 0x77012344u

/** Above arguments of 32 bits in words of 64: not zero. */
#define RUBBISH UINT64_C(0xdeadbeef00000000)

#define STATUS_ACCESS_DENIED UINT64_C(0xc0000022)

/** A service; its number is its place in an array. */
struct service_row {
	const char *name;  /**< of its function. What does not begin with Nt has no stub */
	unsigned words;	   /**< of arguments */
	unsigned words_32; /**< the same on 32 bits; 0: as many */
	const char *code;  /**< it is the same function as that one's; NULL: its own */
};

/** The services of tests that do not bring their own. */
enum usual_service {
	CLOSE,
	OPEN_FILE,
	CREATE_FILE,
	OPEN_KEY,
	READ_FILE,
	WRITE_FILE,
	LOAD_DRIVER,
	ADJUST_PRIVILEGES,
	CREATE_USER_PROCESS,
	GET_PROCESSOR_NUMBER,
	DELAY_EXECUTION,
	ACCESS_CHECK, /* NtAccessCheckByTypeResultListAndAuditAlarmByHandle: 17 arguments */
	NAMELESS,     /* 5 words; no prototype has it */
	SET_LOW_EVENT_PAIR,
	SET_HIGH_EVENT_PAIR, /* the same function */
	CREATE_TOKEN,
	CHANGE_PROCESS_STATE, /* 6 arguments, of 7 words on 32 bits */
	INITIALIZE_REGISTRY,
	ALLOCATE_MEMORY,
	USUAL_SERVICES
};

extern const struct service_row usual_services[USUAL_SERVICES];

struct services_options {
	const char *layout;
	const struct service_row *rows; /**< NULL: the usual ones */
	unsigned n_rows;
	bool without_stubs; /**< the profile has no Zw functions */
	const char
		*no_service; /**< that row's function has no stub, and its number leads nowhere */
	bool stubs_fall;     /**< their order is the other way round */
	bool unmapped;	     /**< see struct nt_options */
};

struct services_fixture {
	struct nt_guest guest;
	struct observer observer;
	struct nt_process *process; /* PID 12 of 4, a.exe; vCPU 0 runs it; it calls from user mode,
				     * from no module */
	char *profile;		    /* a file of the fixture's own */
	uint64_t frame;		    /* the trap frame that services_call_from() notes */
	uint64_t table;		    /* where the services' addresses are */
	uint64_t n_arguments;	    /* of 32 bits: where the bytes of arguments are */
};

/** Makes a kernel, its table and a process. */
void services_make(struct services_fixture *fixture, const struct services_options *options);

/** Starts to watch it. Returns what that told, to be freed. */
char *services_watch(struct services_fixture *fixture, const char *settings);

/** Both, with the usual services; there is nothing to complain of. */
void services_start(struct services_fixture *fixture, const char *layout, const char *settings);
void services_stop(struct services_fixture *fixture);

/** A build of 64 bits, and one of 32. */
extern const char *const services_widths[2];

/** Runs a test's body on those two, or on all builds. */
void services_on_both(void (*body)(struct services_fixture *fixture));
void services_on_each(void (*body)(struct services_fixture *fixture));

/** What KeServiceDescriptorTable has, by the word. */
enum services_word { SERVICES_BASE, SERVICES_COUNT, SERVICES_LIMIT, SERVICES_ARGUMENTS };
void services_put_word(struct services_fixture *fixture, enum services_word word, uint64_t value);

/** Of 32 bits: the kernel tells where SYSENTER's way back goes; SERVICES_STUB before that. */
void services_put_stub(struct services_fixture *fixture, uint32_t address);

/** Lets a number lead to an address. */
void services_put_entry(struct services_fixture *fixture, unsigned number, uint64_t address,
			unsigned words);

/** The kernel has noted that number for the thread: _KTHREAD.SystemCallNumber. */
void services_note(struct services_fixture *fixture, uint64_t number);

/** The thread's calls come from user mode or from the kernel: _KTHREAD.PreviousMode. */
void services_put_mode(struct services_fixture *fixture, uint64_t mode);

/** vCPU 0 calls a service by its function; it must be trapped. */
void services_call(struct services_fixture *fixture, const char *name, const uint64_t *arguments,
		   unsigned n_arguments);
#define CALL(fixture, name, ...)                                                                   \
	services_call(fixture, name, (const uint64_t[]){ __VA_ARGS__ },                            \
		      sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

/** Its innermost call returns; that is awaited. */
void services_return(struct services_fixture *fixture, uint64_t result);

/** Writes to the process's memory: a word; a UNICODE_STRING, and its text at a place of its own. */
void services_write_word(struct services_fixture *fixture, uint64_t address, uint64_t value);
void services_write_string(struct services_fixture *fixture, uint64_t address, uint64_t text,
			   const char *utf8);

/** A word is so many bytes. */
unsigned services_word(const struct services_fixture *fixture);

/**
 * What has been told since the last time is exactly this, with little of what all rows have:
 *
 *   NtClose #1: Syscall=0 NArgs=1 PreviousMode="User" Handle="0x24"    the method and the EventUID
 */
void services_told(struct services_fixture *fixture, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** The same of the row of a service that was called from user mode: only its arguments. */
void services_told_arguments(struct services_fixture *fixture, const char *format, ...)
	G_GNUC_PRINTF(2, 3);

/** The same of what a service's return tells behind its status's name. */
void services_told_results(struct services_fixture *fixture, const char *format, ...)
	G_GNUC_PRINTF(2, 3);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tiny Windows kernel in a mock machine, laid out as a named build is: an image with a PE header
 * and an RSDS record, KPCR and IDT, processes with their threads, names, sessions and address
 * spaces, object types, objects and handle tables, and vCPUs that call the kernel's functions with
 * the build's own calling convention. Nothing is executed.
 *
 * Members and symbols are named as the build's profile has them ("_EPROCESS.UniqueProcessId"), so a
 * test is written once for all builds. To test a plugin:
 *
 *	struct nt_guest guest;
 *	struct observer observer;
 *	const uint64_t arguments[] = { 1, 0x40, 0x636f7250 };
 *
 *	nt_init(&guest, &(struct nt_options){ .layout = NT_WINDOWS_7 });
 *	nt_run(&guest, 0, nt_process(&guest, 12, 4, "\\Device\\HarddiskVolume1\\a.exe"));
 *	nt_watch(&guest, &observer, "plugin=poolmon;\n");	(windows_watch.c)
 *	g_free(observer_take(&observer));			(what the start tells)
 *	assert_true(nt_call(&guest, 0, "ExAllocatePoolWithTag", arguments, 3));
 *	nt_return(&guest, 0, 0xffff80001234);
 *	observer_told(&observer, "...");
 *	observer_stop(&observer);
 *	nt_deinit(&guest);
 */
#ifndef WV_TESTS_WINDOWS_FIXTURE_H
#define WV_TESTS_WINDOWS_FIXTURE_H

#include "guest/windows/windows.h"
#include "mock_machine.h"

/** The builds, as tests/guests/nt/layouts names them. */
#define NT_WINDOWS_7	 "nt-6.1.7601.24540-x64"
#define NT_WINDOWS_7_X86 "nt-6.1.7601.0-x86" /* 32 bits, PAE */
#define NT_SERVER_2019	 "nt-10.0.17763.379-x64"
#define NT_WINDOWS_10	 "nt-10.0.19041.3448-x64"
#define NT_WINDOWS_11	 "nt-10.0.22000.2295-x64"

/** Rows of a table of cmocka's: a test on one build, and on each. Setup finds the name in *state.
 */
#define NT_TEST(test, setup, teardown, build)                                                      \
	{                                                                                          \
#test " of " build, test, setup, teardown, (void *)build                           \
	}
#define NT_TESTS(test, setup, teardown)                                                            \
	NT_TEST(test, setup, teardown, NT_WINDOWS_7),                                              \
		NT_TEST(test, setup, teardown, NT_WINDOWS_7_X86),                                  \
		NT_TEST(test, setup, teardown, NT_SERVER_2019),                                    \
		NT_TEST(test, setup, teardown, NT_WINDOWS_10),                                     \
		NT_TEST(test, setup, teardown, NT_WINDOWS_11)

#define NT_PROCESSES_MAX 16
#define NT_DEPTH_MAX	 16

/** Where the image is; of a page that is not the image's first. */
#define NT_IMAGE_64 UINT64_C(0xfffff80312c3f000)
#define NT_IMAGE_32 UINT64_C(0x82613000)

/** Room for all symbols, in bytes and pages: no image is larger. */
#define NT_IMAGE_SIZE  UINT64_C(0x1800000)
#define NT_IMAGE_PAGES (NT_IMAGE_SIZE / MOCK_PAGE)

/** Where the pool is in physical memory; other pages are in the upper half of NT_RAM_SIZE. */
#define NT_POOL_PHYSICAL UINT64_C(0x100000)
#define NT_POOL_SIZE	 UINT64_C(0x400000)
#define NT_RAM_SIZE	 (16u << 20)

/** The index in ObTypeIndexTable of the first type that nt_type() makes. */
#define NT_FIRST_TYPE 2

struct nt_options {
	const char *layout;  /**< NULL: NT_WINDOWS_10 */
	const char *profile; /**< a profile file in the layout's place, of any form; or NULL */
	unsigned n_vcpus;    /**< 0: one */
	bool unmapped;	     /**< RAM is behind the machine's read slots; not with 32 bits */
};

/** A call that has not returned. */
struct nt_frame {
	uint64_t entry;	 /* the stack pointer at its entry */
	uint64_t before; /* and before the caller put anything there */
	unsigned popped; /* bytes that the callee takes off the stack, as stdcall does */
};

/** A process, and the one thread that it has. */
struct nt_process {
	uint64_t address; /**< EPROCESS */
	uint64_t thread;  /**< ETHREAD; its TID is the PID + 1 */
	uint64_t peb;	  /**< in its own address space; 0: System's */
	struct wv_paging paging;
	uint64_t stack; /**< its stack pointer while it does not run */
	unsigned depth;
	struct nt_frame frames[NT_DEPTH_MAX];
};

struct nt_guest {
	struct mock_machine mock; /* its machine is the first thing in it */
	char *profile_path;	  /* the profile that a monitor of it takes */
	struct wv_profile *profile;
	bool is_64;
	uint64_t image;			      /* its address */
	uint64_t pool;			      /* virtual address of what nt_object() gives out */
	uint64_t pool_used;		      /* bytes */
	uint64_t image_pages[NT_IMAGE_PAGES]; /* physical; 0: not there */
	struct wv_paging paging;
	uint64_t idt;
	uint64_t kpcr[MOCK_VCPUS_MAX];
	struct nt_process processes[NT_PROCESSES_MAX]; /* 0: System, PID 4 */
	unsigned n_processes;
	unsigned n_types;
	struct nt_process *running[MOCK_VCPUS_MAX];
};

/** The options may be NULL. Each vCPU runs System's thread, in kernel mode. */
void nt_init(struct nt_guest *guest, const struct nt_options *options);
void nt_deinit(struct nt_guest *guest);

/* Memory ----------------------------------------------------------------------------------------*/

/** A zeroed object in the pool, at a multiple of 16. */
uint64_t nt_object(struct nt_guest *guest, size_t size);

/** Zeroed pages of the pool that no other object is in; the page after them is not mapped. */
uint64_t nt_pages(struct nt_guest *guest, unsigned count);

/**
 * The mock's memory behind an address of the pool or the image, up to the page's end, whatever the
 * page tables say. Pages of the image are made where they lack.
 */
void *nt_at(struct nt_guest *guest, uint64_t address);

/** Writes kernel memory across pages. */
void nt_write(struct nt_guest *guest, uint64_t address, const void *data, size_t size);

/** Writes a pointer, as large as the build has it. */
void nt_write_pointer(struct nt_guest *guest, uint64_t address, uint64_t value);

/** Writes and reads a member or a bit field: "_EPROCESS.UniqueProcessId". */
void nt_put(struct nt_guest *guest, uint64_t object, const char *member, uint64_t value);
uint64_t nt_get(struct nt_guest *guest, uint64_t object, const char *member);

/** Whether the build has the member, and where it is in its structure. */
bool nt_has(const struct nt_guest *guest, const char *member);
uint64_t nt_offset(const struct nt_guest *guest, const char *member);
uint64_t nt_size(const struct nt_guest *guest, const char *structure);

/** The address of a symbol; the test ends where the build does not have it. */
uint64_t nt_symbol(const struct nt_guest *guest, const char *name);

/** Lets an interrupt's handler be at an address, on each vCPU. 0: it has none. */
void nt_put_handler(struct nt_guest *guest, unsigned vector, uint64_t handler);

/** Writes a UNICODE_STRING at an address, its text behind it somewhere in the pool. */
void nt_put_string(struct nt_guest *guest, uint64_t address, const char *utf8);

/** Likewise with code units of the test's own, and a Length of its own, in bytes. */
void nt_put_units(struct nt_guest *guest, uint64_t address, const uint16_t *units, size_t n_units,
		  uint16_t length);

/** A UNICODE_STRING in the pool. */
uint64_t nt_string(struct nt_guest *guest, const char *utf8);

/** The entry of a page in a table, upper tables being made where they lack. */
uint64_t *nt_entry(struct nt_guest *guest, const struct wv_paging *paging, uint64_t address);

/** A page of those tables is in transition: not present, and its content is there all the same. */
void nt_make_transition(struct nt_guest *guest, const struct wv_paging *paging, uint64_t address);

/** A page of those tables is gone. */
void nt_page_out(struct nt_guest *guest, const struct wv_paging *paging, uint64_t address);

/** Maps new zeroed pages into a process, and writes there. */
void nt_map_user(struct nt_guest *guest, const struct nt_process *process, uint64_t address,
		 size_t size);
void nt_write_user(struct nt_guest *guest, const struct nt_process *process, uint64_t address,
		   const void *data, size_t size);

/* Processes and calls ---------------------------------------------------------------------------*/

/**
 * A new process of session 1 at the end of the list, with one thread and a PEB.
 *
 * @path: what SeAudit has of its image, such as "\\Device\\HarddiskVolume2\\Windows\\a.exe"; its
 *        short name is the path's last part, cut to 14 characters.
 */
struct nt_process *nt_process(struct nt_guest *guest, uint32_t pid, uint32_t parent_pid,
			      const char *path);

/** Writes _EPROCESS.ImageFileName as it is: up to 15 characters, without NUL if there are 15. */
void nt_put_short_name(struct nt_guest *guest, const struct nt_process *process, const char *name);

/** Sets the session in the kernel's own structure and in the PEB. */
void nt_put_session(struct nt_guest *guest, const struct nt_process *process, uint32_t session);

/** Makes it one of WoW64. */
void nt_make_wow64(struct nt_guest *guest, const struct nt_process *process);

/** The process's thread is attached to another one: its ApcState has that, and CR3 if it runs. */
void nt_attach(struct nt_guest *guest, const struct nt_process *process,
	       const struct nt_process *to);

/** The vCPU runs that process's thread, in kernel mode and in its address space. */
void nt_run(struct nt_guest *guest, unsigned vcpu, struct nt_process *process);

/** The vCPU is in user mode, until nt_run(). */
void nt_user_mode(struct nt_guest *guest, unsigned vcpu);

/**
 * The vCPU's thread calls a function: the return address and the arguments are where the build's
 * calling convention has them. Reports the trap if there is one at the function's first
 * instruction.
 *
 * Returns whether it was trapped.
 */
bool nt_call(struct nt_guest *guest, unsigned vcpu, const char *function, const uint64_t *arguments,
	     unsigned n_arguments);

/** The thread's innermost call returns. Returns whether the place that it returns to was trapped.
 */
bool nt_return(struct nt_guest *guest, unsigned vcpu, uint64_t result);

/** The thread's innermost call is left in another way: its place on the stack is free. */
void nt_leave(struct nt_guest *guest, unsigned vcpu);

/* Objects and handles ---------------------------------------------------------------------------*/

/** A new object type (OBJECT_TYPE), with the next index. The key is its pool tag. */
uint64_t nt_type(struct nt_guest *guest, const char *name, const char key[4]);

/** The index of a type. */
unsigned nt_type_index(struct nt_guest *guest, uint64_t type);

/** An object of a type: the address of its body, behind a header. */
uint64_t nt_make_object(struct nt_guest *guest, uint64_t type, size_t body_size);

/** Likewise, with a name in its name information; other information may be before and behind it. */
uint64_t nt_make_named_object(struct nt_guest *guest, uint64_t type, size_t body_size,
			      const char *name, bool others);

/** An open file. @device: where it is; 0: it does not say. @path: in that. */
uint64_t nt_make_file(struct nt_guest *guest, uint64_t device, const char *path);

/** One level of the registry (CM_KEY_CONTROL_BLOCK), under another; 0: it is the root. */
uint64_t nt_key_level(struct nt_guest *guest, uint64_t parent, const char *name);

/** A key of the registry that is open: an object that leads to its level. */
uint64_t nt_make_key(struct nt_guest *guest, uint64_t level);

/** Gives a process an empty handle table of that many levels (1 to 3). Others have one level. */
void nt_make_handles(struct nt_guest *guest, const struct nt_process *process, unsigned levels);

/** Lets a process's handle lead to an object's body; tables that lack are made. 0: it is free. */
void nt_put_handle(struct nt_guest *guest, const struct nt_process *process, uint64_t handle,
		   uint64_t object);

/** Where the entry of a handle is. */
uint64_t nt_handle_entry(struct nt_guest *guest, const struct nt_process *process, uint64_t handle);

/* Looking at it ---------------------------------------------------------------------------------*/

/** Looks for the kernel from a vCPU as it is now. To be freed with wv_guest_destroy(). */
struct wv_guest *nt_find(struct nt_guest *guest, unsigned vcpu, GError **error);

/** An event begins on a vCPU: its thread's object, and the address space that it is in. */
uint64_t nt_enter(struct nt_guest *guest, struct wv_guest *found, unsigned vcpu,
		  struct wv_space *space);

/** Makes System and the types Type, Process and Thread. For nt_init() alone. */
void nt_start_system(struct nt_guest *guest);

/* Watching (windows_watch.c) --------------------------------------------------------------------*/

struct observer;

/** Makes a monitor with these settings (see observer.h) and lets vCPU 0 find the kernel. */
void nt_watch(struct nt_guest *guest, struct observer *observer, const char *settings);

/**
 * The same with one plugin, and with further settings or NULL. What is told at the start is taken;
 * a message among it fails the test.
 */
void nt_watch_plugin(struct nt_guest *guest, struct observer *observer, const char *plugin,
		     const char *settings);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this folder share. */
#ifndef WV_GUEST_WINDOWS_INTERNAL_H
#define WV_GUEST_WINDOWS_INTERNAL_H

#include "guest/windows/windows.h"
#include "profile/pe.h"

/** What is needed of every kernel, in the order of the table in wants.c. */
enum windows_want {
	SYM_ACTIVE_PROCESSES,
	SYM_TYPE_TABLE,
	SYM_HEADER_COOKIE,
	SYM_SYSTEM_PROCESS,
	SYM_FILE_TYPE,
	SYM_KEY_TYPE,
	SYM_PROCESS_TYPE,
	SYM_THREAD_TYPE,
	SYM_IDS,
	KPCR_PRCB,
	KPRCB_CURRENT_THREAD,
	KTHREAD_PROCESS,
	KTHREAD_OWNER,
	ETHREAD_TID,
	ETHREAD_PID,
	KPROCESS_TABLE,
	EPROCESS_PID,
	EPROCESS_PPID,
	EPROCESS_LINKS,
	EPROCESS_SHORT_NAME,
	EPROCESS_AUDIT_NAME,
	EPROCESS_SESSION,
	EPROCESS_PEB,
	EPROCESS_WOW64,
	EPROCESS_HANDLES,
	SESSION_ID,
	PEB_SESSION_ID,
	PARAMETERS_FLAGS,
	PARAMETERS_IMAGE_PATH,
	PARAMETERS_COMMAND_LINE,
	PARAMETERS_DLL_PATH,
	PARAMETERS_CURRENT_DIRECTORY,
	PARAMETERS_DIRECTORY_HANDLE,
	PEB_LOADER,
	LOADER_MODULES,
	MODULE_LINKS,
	MODULE_BASE,
	MODULE_SIZE,
	MODULE_NAME,
	NAME_INFORMATION_NAME,
	UNICODE_LENGTH,
	UNICODE_BUFFER,
	HANDLE_TABLE_CODE,
	HANDLE_ENTRY_OBJECT,
	HANDLE_ENTRY_BITS,
	SIZE_HANDLE_ENTRY,
	HEADER_BODY,
	HEADER_TYPE_INDEX,
	HEADER_INFO_MASK,
	HEADER_HANDLES,
	SIZE_CREATOR_INFO,
	SIZE_NAME_INFO,
	NAME_INFO_NAME,
	NAME_INFO_DIRECTORY,
	FILE_NAME,
	FILE_DEVICE,
	FILE_FLAGS,
	FILE_DELETE_PENDING,
	FILE_CONTEXT,
	FILE_SECTIONS,
	SECTIONS_DATA,
	SECTIONS_CACHE,
	SECTIONS_IMAGE,
	FCB_SIZE,
	FCB_VALID,
	CACHE_SIZE,
	CACHE_VALID,
	CACHE_SECTION_SIZE,
	CACHE_VACBS,
	VACB_BASE,
	VACB_CACHE,
	VACB_OFFSET,
	CONTROL_SEGMENT,
	SIZE_CONTROL,
	SEGMENT_CONTROL,
	SEGMENT_PTES,
	SEGMENT_SIZE,
	SUBSECTION_CONTROL,
	SUBSECTION_BASE,
	SUBSECTION_NEXT,
	SUBSECTION_PTES,
	SUBSECTION_SECTOR,
	SUBSECTION_FULL_SECTORS,
	SUBSECTION_LAST_BYTES,
	SIZE_PTE,
	PTE_VALID,
	PTE_PAGE,
	PTE_TRANSITION,
	PTE_PROTOTYPE,
	PTE_TRANSITION_PAGE,
	PTE_SWIZZLE,
	SYM_INVALID_PTE_MASK,
	SYM_MEMORY_STATE,
	STATE_INVALID_PTE_MASK,
	KEY_CONTROL,
	KEY_PARENT,
	KEY_NAME_BLOCK,
	NAME_BLOCK_COMPRESSED,
	NAME_BLOCK_LENGTH,
	NAME_BLOCK_NAME,
	TYPE_NAME,
	TYPE_KEY,
	WINDOWS_WANT_COUNT
};

extern const struct wv_want wv_windows_wants[WINDOWS_WANT_COUNT];

/** What events say of a process, as it was last read. */
struct known_process {
	uint64_t process;
	uint64_t changes; /* wv_guest.changes before that */
	int64_t session;
	uint32_t pid, ppid;
	uint16_t name_size;
	char name[126]; /* longer ones are read each time */
};

#define KNOWN_PROCESSES 16 /* of each vCPU */

struct wv_windows {
	struct wv_guest guest; /* first: a struct wv_guest * is a struct wv_windows * */
	struct wv_place places[WINDOWS_WANT_COUNT];
	uint64_t kpcr[WV_VCPUS_MAX]; /* 0: not known yet. The kernel never moves it */
	struct known_process known[WV_VCPUS_MAX][KNOWN_PROCESSES];
};

static inline struct wv_windows *to_windows(struct wv_guest *guest)
{
	return (struct wv_windows *)guest;
}

/** The kernel's image in the guest's memory. */
struct windows_image {
	struct wv_space space;
	uint64_t base;
	struct wv_pe pe;
	struct wv_pdb_id id;
	char pdb[WV_PE_PDB_NAME_SIZE];
	bool is_windows; /* there are a control region and handlers, if perhaps no image */
	bool again;	 /* it was not found from here, and may be from kernel mode */
};

/**
 * Finds the kernel's image: from the processor's control region to the interrupt handlers, and from
 * one of those down to the image's first page. Nothing of a profile is needed for that.
 */
bool wv_windows_find_image(const struct wv_guest_search *search, struct windows_image *image,
			   GError **error);

/** The processor's control region (KPCR), or 0: only in kernel mode where addresses have 32 bits.
 */
uint64_t wv_windows_kpcr(const struct wv_space *space, struct wv_cpu *cpu);

static inline bool windows_has(const struct wv_windows *kernel, enum windows_want want)
{
	return kernel->places[want].found;
}

/** Reads a pointer at an address, as wide as addresses are. */
static inline bool windows_read_word(const struct wv_space *space, uint64_t address,
				     uint64_t *value)
{
	uint32_t narrow;

	if (wv_paging_is_long(space->paging.mode))
		return wv_space_read_u64(space, address, value);
	if (!wv_space_read_u32(space, address, &narrow))
		return false;
	*value = narrow;
	return true;
}

/** Reads a member that is a pointer, or as large as one; false where there is none. */
static inline bool windows_read_pointer(const struct wv_windows *kernel,
					const struct wv_space *space, uint64_t object,
					enum windows_want want, uint64_t *value)
{
	const struct wv_place *place = &kernel->places[want];

	return place->found && object && windows_read_word(space, object + place->value, value);
}

static inline bool windows_read_u32(const struct wv_windows *kernel, const struct wv_space *space,
				    uint64_t object, enum windows_want want, uint32_t *value)
{
	const struct wv_place *place = &kernel->places[want];

	return place->found && object && wv_space_read_u32(space, object + place->value, value);
}

/** A number of 64 bits, such as a LARGE_INTEGER, that has no sign; false where it has one. */
static inline bool windows_read_large(const struct wv_windows *kernel, const struct wv_space *space,
				      uint64_t object, enum windows_want want, uint64_t *value)
{
	const struct wv_place *place = &kernel->places[want];

	return place->found && object && wv_space_read_u64(space, object + place->value, value) &&
	       *value <= INT64_MAX;
}

/** Whether a type (OBJECT_TYPE) is the one that a variable of the kernel has. */
static inline bool windows_is_type(const struct wv_windows *kernel, const struct wv_space *space,
				   uint64_t type, enum windows_want variable)
{
	const struct wv_place *place = &kernel->places[variable];
	uint64_t expected;

	return place->found && windows_read_word(space, place->value, &expected) &&
	       type == expected;
}

/** Like wv_windows_text(), of text whose characters have one byte: those up to U+00FF. */
bool wv_windows_narrow_text(const struct wv_space *space, uint64_t buffer, uint32_t length,
			    char *text, size_t *size, bool *truncated);

/**
 * What an entry of a handle table (HANDLE_TABLE) points to. False: it is free, or none.
 *
 * @handle: without the bits that say whose table it is of.
 */
bool wv_windows_table_entry(const struct wv_windows *kernel, const struct wv_space *space,
			    uint64_t table, uint64_t handle, uint64_t *pointer);

uint64_t wv_windows_enter(struct wv_guest *guest, struct wv_cpu *cpu, struct wv_space *space);
bool wv_windows_identify(struct wv_guest *guest, const struct wv_space *space, uint64_t thread,
			 struct wv_identity *identity);
unsigned wv_windows_processes(struct wv_guest *guest, const struct wv_space *space,
			      wv_process_fn each, void *owner, bool *whole);
void wv_windows_crash_text(struct wv_guest *guest, const struct wv_space *space,
			   const uint64_t *arguments, char *text, size_t size);

#endif

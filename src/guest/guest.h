/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an operating system looks like from outside: the kernel, the current thread, processes.
 *
 * A guest system is a constant struct wv_guest_ops and a structure that begins with a struct
 * wv_guest. To add one: a folder with its own find function, and a row in guest.c's table.
 */
#ifndef WV_GUEST_GUEST_H
#define WV_GUEST_GUEST_H

#include <glib.h>

#include "machine/cpu.h"
#include "memory/space.h"
#include "output/schema.h"
#include "profile/want.h"

/** The longest process name kept, in bytes: an image's name has 255, its path may have more. */
#define WV_NAME_MAX 1024

/** Who is calling. */
struct wv_identity {
	uint64_t thread; /**< the kernel's own object: address of task_struct or _ETHREAD */
	uint32_t pid, ppid, tid;
	int64_t user_id;    /**< uid, or session; -1: none */
	uint16_t name_size; /**< bytes of name that are used */
	bool name_truncated;
	bool incomplete;	/**< its name or its user could not be read */
	char name[WV_NAME_MAX]; /**< the image's short name or path, not NUL-terminated */
};

/** The size of what is used of an identity, for copies. */
static inline size_t wv_identity_size(const struct wv_identity *identity)
{
	return offsetof(struct wv_identity, name) + identity->name_size;
}

#define WV_CHANGES_MAX	   5
#define WV_DISPATCHERS_MAX 2
#define WV_CRASH_ARGUMENTS 5

struct wv_guest;

/** Called for each process of a list; returns false to end the walk. */
typedef bool (*wv_process_fn)(void *owner, const struct wv_identity *process, uint64_t cr3);

/**
 * A piece of a file that is in the guest's memory: where in the file, its guest-physical address,
 * and bytes, a page, several, or a part of one. Called at rising offsets. Returns false to end the
 * walk.
 */
typedef bool (*wv_page_fn)(void *owner, uint64_t offset, uint64_t physical, size_t size);

struct wv_guest_ops {
	const char *name;
	enum wv_os os;
	/**
	 * An event begins: the current thread's kernel object, or 0, and the address space that the
	 * vCPU is in. Hot: reading a register costs more than all else here.
	 */
	uint64_t (*enter)(struct wv_guest *guest, struct wv_cpu *cpu, struct wv_space *space);
	/** Fills in who a thread is. Hot. False when its object can not be read. */
	bool (*identify)(struct wv_guest *guest, const struct wv_space *space, uint64_t thread,
			 struct wv_identity *identity);
	/**
	 * Walks the list of processes, bounded. Returns how many were told.
	 *
	 * @whole: whether the list came back to its head; else it breaks off, or never ends.
	 */
	unsigned (*processes)(struct wv_guest *guest, const struct wv_space *space,
			      wv_process_fn each, void *owner, bool *whole);
	/**
	 * Called at one of process_exit_functions: how the process ends, as wait(2) tells it. False
	 * when it does not end.
	 */
	bool (*exit_status)(struct wv_guest *guest, const struct wv_space *space, uint64_t thread,
			    uint32_t *status);
	/**
	 * Called at one of crash_functions: the kernel's reason, ended by NUL. What can not be read
	 * is left out.
	 *
	 * @arguments: the function's first WV_CRASH_ARGUMENTS.
	 */
	void (*crash_text)(struct wv_guest *guest, const struct wv_space *space,
			   const uint64_t *arguments, char *text, size_t size);
	void (*destroy)(struct wv_guest *guest);
};

/** How the guest's kernel passes arguments to a function. */
enum wv_convention {
	WV_CONVENTION_SYSV64,	 /**< System V for x86-64 */
	WV_CONVENTION_WINDOWS64, /**< Microsoft's for x64 */
	WV_CONVENTION_STACK32,	 /**< all on the stack, in words of 32 bits: stdcall, cdecl */
};

/** A kernel that was found in a machine. */
struct wv_guest {
	const struct wv_guest_ops *ops;
	struct wv_machine *machine;
	struct wv_profile *profile; /**< owned */
	enum wv_convention convention;
	enum wv_paging_mode paging; /**< as it was when the kernel was found */
	bool transition; /**< pages in transition count as there (wv_paging.transition) */
	uint64_t hidden; /**< and their entries have these bits in addition (wv_paging.hidden) */
	struct wv_linear linear[WV_LINEAR_MAX];
	uint64_t text_start, text_end; /**< the kernel's code, virtual; the end not included */
	const char
		*thread_exit_functions[3]; /**< in order of preference: the current thread ends */
	/** Code that calls functions through a register, and so is no direct caller; ended by NULL.
	 */
	struct wv_dispatcher {
		const char *symbol; /**< where it begins */
		uint32_t size;	    /**< within so many bytes; at most WV_CALLERS_POINTER_MAX */
	} dispatchers[WV_DISPATCHERS_MAX + 1];
	const char *crash_functions[3]; /**< likewise: the kernel gives up */
	const char *exec_functions[3];	/**< likewise: the thread becomes another program */
	/** Likewise: the last thread of its process ends, so the process does; exit_status() is
	 * asked whether that is so. */
	const char *process_exit_functions[3];
	/** Functions that change who threads are: a new one starts, or another program, or a
	 * program's file gets another name. The first n_changes_needed of them say it all. */
	const char *change_functions[WV_CHANGES_MAX + 1];
	unsigned n_changes_needed;
	/** Atomic: rises before and after each such change; what was known until then may be wrong.
	 */
	uint64_t changes;
	bool knows_changes; /**< it does: names need not be read each time */
	bool full_paths;    /**< names are whole paths: --process-path */
	char *summary;	    /**< owned: one line for the user: version, symbols, types, time */
	char *banner;	    /**< owned: how the kernel names itself, or NULL */
};

/** How the finding of a kernel went on, for the user. */
typedef void (*wv_report_fn)(void *owner, const char *line);

/**
 * Gets the profile of a kernel that was found: the path of a file, to be freed with g_free(). May
 * take as long as a download.
 */
typedef char *(*wv_profile_wanted_fn)(void *owner, const char *pdb, const char *key,
				      GError **error);

/** What is needed to look for a kernel. */
struct wv_guest_search {
	struct wv_machine *machine;
	struct wv_cpu *cpu;	  /**< the vCPU whose event this is */
	const char *profile_path; /**< a profile that the user gave, or NULL */
	bool record;		  /**< record what is looked up in the profile (extract.h) */
	wv_report_fn report;	  /**< called with each thing that is missing */
	/** Asked when the user gave no profile and the kernel has none in itself; or NULL. */
	wv_profile_wanted_fn wanted;
	void *owner;	 /**< of both */
	bool is_windows; /**< out: the kernel that was found is Windows, whether it can be used or
			    not */
	bool again;	 /**< out: nothing can be read from here, but perhaps from kernel mode */
};

/** Looks for a kernel of any system. WV_ERROR_KERNEL or WV_ERROR_FORMAT when there is none. */
struct wv_guest *wv_guest_find(struct wv_guest_search *search, GError **error);
void wv_guest_destroy(struct wv_guest *guest);

/** The address space that the vCPU is in, with the kernel's linear ranges. In any mode. */
static inline struct wv_space wv_guest_space(struct wv_guest *guest, struct wv_cpu *cpu)
{
	return (struct wv_space){
		.machine = guest->machine,
		.vcpu = cpu->vcpu,
		.paging = { .mode = guest->paging,
			    .root = wv_cpu_register(cpu, WV_REG_CR3),
			    .transition = guest->transition,
			    .hidden = guest->hidden },
		.current = true,
		.linear = guest->linear,
	};
}

/** Reads an object's member that is a bit field, or an integer of up to 8 bytes. */
static inline bool wv_guest_read_bits(const struct wv_space *space, const struct wv_place *place,
				      uint64_t object, uint64_t *value)
{
	size_t size =
		place->bit_count ? (place->bit_shift + place->bit_count + 7u) / 8 : place->size;

	*value = 0;
	if (!place->found || !size || size > sizeof(*value) ||
	    !wv_space_read(space, object + place->value, value, size))
		return false;
	if (place->bit_count && place->bit_count < 64)
		*value = *value >> place->bit_shift & ((UINT64_C(1) << place->bit_count) - 1);
	return true;
}

/** Bytes of a pointer, and of what a call puts on the stack. */
static inline size_t wv_guest_word(const struct wv_guest *guest)
{
	return guest->convention == WV_CONVENTION_STACK32 ? sizeof(uint32_t) : sizeof(uint64_t);
}

#endif

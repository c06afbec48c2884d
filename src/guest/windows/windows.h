/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Windows on x86 and x86-64 as a guest. Plugins use this header for what only Windows has; the rest
 * is behind guest.h.
 *
 * Nothing tests a build number: members and symbols are looked up by name in the kernel's profile.
 */
#ifndef WV_GUEST_WINDOWS_WINDOWS_H
#define WV_GUEST_WINDOWS_WINDOWS_H

#include "guest/guest.h"

/** Where a call is from, or an exception: wdm.h, MODE. */
enum { WV_WINDOWS_KERNEL_MODE, WV_WINDOWS_USER_MODE };

/** A UNICODE_STRING holds at most so many bytes (its Length has 16 bits). */
#define WV_WINDOWS_STRING_MAX 65535u

/** What is needed of every kernel, whatever the plugins are. */
const struct wv_want *wv_windows_needs(unsigned *count);

/** See wv_guest_find(). */
struct wv_guest *wv_windows_find(struct wv_guest_search *search, GError **error);

/** Whether pointers have 64 bits. */
static inline bool wv_windows_is_64(const struct wv_guest *guest)
{
	return wv_paging_is_long(guest->paging);
}

/**
 * Reads a UNICODE_STRING as UTF-8; halves of surrogate pairs that stand alone become U+FFFD.
 *
 * @size: room in @text in bytes; then how many were stored. No NUL is stored.
 * @truncated: it is longer than the room, or its end can not be read.
 *
 * Returns false when nothing of it can be read.
 */
bool wv_windows_string(struct wv_guest *guest, const struct wv_space *space, uint64_t address,
		       char *text, size_t *size, bool *truncated);

/** Whether a text that is truncated fills its room: else its end could not be read, and may be
 * later. */
static inline bool wv_windows_is_full(size_t size, size_t room)
{
	return size + 4 > room; /* UTF-8's longest character */
}

/** The same of text whose place and length, in bytes, are known. */
bool wv_windows_text(const struct wv_space *space, uint64_t buffer, uint32_t length, char *text,
		     size_t *size, bool *truncated);

/** What a process is started with: texts of RTL_USER_PROCESS_PARAMETERS. */
enum wv_windows_parameter {
	WV_WINDOWS_IMAGE_PATH_NAME,
	WV_WINDOWS_COMMAND_LINE,
	WV_WINDOWS_DLL_PATH,
	WV_WINDOWS_CURRENT_DIRECTORY, /**< CurrentDirectory.DosPath */
	WV_WINDOWS_PARAMETERS
};

/**
 * Reads one of them; see wv_windows_string(). It is a program's own memory: where it says that a
 * text is in the kernel's half, that is not read.
 *
 * @parameters: address of the RTL_USER_PROCESS_PARAMETERS.
 */
bool wv_windows_process_parameter(struct wv_guest *guest, const struct wv_space *space,
				  uint64_t parameters, enum wv_windows_parameter which, char *text,
				  size_t *size, bool *truncated);

/** The handle of the current directory in the same place: CurrentDirectory.Handle. */
bool wv_windows_process_directory(struct wv_guest *guest, const struct wv_space *space,
				  uint64_t parameters, uint64_t *handle);

/**
 * The process object (EPROCESS) that a thread acts in; 0 when it can not be read. That is its own,
 * or while it is attached to another process (KeStackAttachProcess) that one, whose address space
 * and handles it has then.
 */
uint64_t wv_windows_thread_process(struct wv_guest *guest, const struct wv_space *space,
				   uint64_t thread);

/** The address space of a process, whatever the vCPU runs now. */
bool wv_windows_process_space(struct wv_guest *guest, const struct wv_space *space,
			      uint64_t process, struct wv_space *own);

/** Whether a process is of 32 bits: all are in a kernel of 32 bits, else those of WoW64. */
bool wv_windows_process_is_32(struct wv_guest *guest, const struct wv_space *space,
			      uint64_t process);

/** Fills in what is known of a process; the thread is left alone. */
bool wv_windows_identify_process(struct wv_guest *guest, const struct wv_space *space,
				 uint64_t process, struct wv_identity *identity);

/** The PID of a process object, and the PID and TID of a thread's (ETHREAD). */
bool wv_windows_process_pid(struct wv_guest *guest, const struct wv_space *space, uint64_t process,
			    uint32_t *pid);
bool wv_windows_thread_ids(struct wv_guest *guest, const struct wv_space *space, uint64_t thread,
			   uint32_t *pid, uint32_t *tid);

/**
 * The process or thread with an id, as the kernel itself looks it up: by its table of all ids.
 *
 * Returns false when there is none.
 */
bool wv_windows_find_process(struct wv_guest *guest, const struct wv_space *space, uint32_t pid,
			     uint64_t *process);
bool wv_windows_find_thread(struct wv_guest *guest, const struct wv_space *space, uint32_t tid,
			    uint64_t *thread);

/** What the list of a program's modules says of an address. */
enum wv_windows_module_state {
	WV_MODULE_UNREADABLE, /**< nothing: it, or the name in it, is not there, or not whole */
	WV_MODULE_NONE,	      /**< no module has the address */
	WV_MODULE_FOUND,
};

/** An entry of that list (LDR_DATA_TABLE_ENTRY), as it was read. All 0: it could not be. */
struct wv_windows_module_entry {
	uint64_t next, previous; /**< links */
	uint64_t start;		 /**< of the module, in the process's memory */
	uint32_t size;		 /**< bytes */
};

/** A module of a program, such as a DLL; or where the search for one has ended. */
struct wv_windows_module {
	bool name_truncated;
	uint16_t name_size;
	char name[128]; /**< the file's name without its path, not NUL-terminated */

	/* module.c's own, for the next search */
	enum wv_windows_module_state state; /* FOUND even if the name could not be read */
	uint64_t from; /* the link that led to the entry; 0: nothing is known */
	uint64_t link; /* of the entry */
	struct wv_windows_module_entry entry;
};

/**
 * Finds the module of a program that has an address, as the program's own loader has noted it
 * (PEB.Ldr). A program can forge that.
 *
 * The list need not be walked again while it is the same where an earlier search has ended: at the
 * module's entry, or at the last one. Two reads tell that.
 *
 * @space: the process's own.
 * @module: zeroed, or as a search has left it for an address in the same page of the process.
 */
enum wv_windows_module_state wv_windows_find_module(struct wv_guest *guest,
						    const struct wv_space *space, uint64_t process,
						    uint64_t address,
						    struct wv_windows_module *module);

/**
 * The object that a handle of the process leads to (its body), through tables of 1 to 3 levels.
 * Kernel handles are looked up in the system process; NtCurrentProcess() (-1) is the process.
 *
 * Returns false when there is no such handle.
 */
bool wv_windows_handle(struct wv_guest *guest, const struct wv_space *space, uint64_t process,
		       uint64_t handle, uint64_t *object);

/**
 * Whether a handle is one of the kernel's own table, which programs can not use; those that stand
 * for the current process and the like (-1 to -6) are in no table.
 */
bool wv_windows_is_kernel_handle(const struct wv_guest *guest, uint64_t handle);

/** The process or thread (ETHREAD) that such a handle leads to; false when it leads to none. */
bool wv_windows_handle_process(struct wv_guest *guest, const struct wv_space *space,
			       uint64_t process, uint64_t handle, uint64_t *object);
bool wv_windows_handle_thread(struct wv_guest *guest, const struct wv_space *space,
			      uint64_t process, uint64_t handle, uint64_t *object);

/**
 * An object's name. Bytes as wv_windows_string() stores them.
 *
 * - of an open file its volume's name, where it has one that can be read, and the path in it:
 *   "\\Device\\HarddiskVolume2\\Windows\\a.txt";
 * - of a key of the registry all its levels, as the kernel keeps them to look them up:
 *   "\\REGISTRY\\MACHINE\\SYSTEM";
 * - else the path through the folders of objects: "\\BaseNamedObjects\\name".
 *
 * @object: its body.
 *
 * Returns false when it has none, or when nothing of it can be read.
 */
bool wv_windows_object_name(struct wv_guest *guest, const struct wv_space *space, uint64_t object,
			    char *text, size_t *size, bool *truncated);

/** The name of an open file alone, whatever the object's header says that it is. */
bool wv_windows_file_name(struct wv_guest *guest, const struct wv_space *space, uint64_t file,
			  char *text, size_t *size, bool *truncated);

/**
 * What tells an object apart: its name; of a process, which has none, the PID and what events call
 * it, "348 csrss.exe"; of a thread its TID and its process, "3060 of 348 csrss.exe".
 */
bool wv_windows_object_label(struct wv_guest *guest, const struct wv_space *space, uint64_t object,
			     char *text, size_t *size, bool *truncated);

/** The type object (OBJECT_TYPE) of an object's body. */
bool wv_windows_object_type(struct wv_guest *guest, const struct wv_space *space, uint64_t object,
			    uint64_t *type);

/** The type's pool tag, such as "File". */
bool wv_windows_type_key(struct wv_guest *guest, const struct wv_space *space, uint64_t type,
			 uint32_t *key);

/** The type's name; see wv_windows_string(). */
bool wv_windows_type_name(struct wv_guest *guest, const struct wv_space *space, uint64_t type,
			  char *text, size_t *size, bool *truncated);

/** How many handles lead to an object, in all processes; false when that can not be read. */
bool wv_windows_handle_count(struct wv_guest *guest, const struct wv_space *space, uint64_t object,
			     uint64_t *count);

/** Whether an object is an open file (FILE_OBJECT). */
bool wv_windows_is_file(struct wv_guest *guest, const struct wv_space *space, uint64_t object);

/** Flags of a FILE_OBJECT (wdm.h). */
#define WV_WINDOWS_FO_FILE_MODIFIED    0x00001000u
#define WV_WINDOWS_FO_CLEANUP_COMPLETE 0x00004000u
#define WV_WINDOWS_FO_DELETE_ON_CLOSE  0x00010000u

/** An open file (FILE_OBJECT), as it was read. Several may be of one file. */
struct wv_windows_file {
	uint64_t address;
	uint32_t flags;	     /**< FO_... */
	bool delete_pending; /**< this FILE_OBJECT is what the file's deletion was asked for with */
	bool has_size;
	/**
	 * Bytes: as the cache has it (SHARED_CACHE_MAP.FileSize), else as the file system has it
	 * (FSRTL_ADVANCED_FCB_HEADER), else the section's, which are whole pages.
	 */
	uint64_t size;
	/** Bytes from the start that were ever written (ValidDataLength); all behind are zeros. At
	 *  most the size. */
	uint64_t valid;
	/* What SectionObjectPointer leads to, which all FILE_OBJECTs of a file share; 0: none. */
	uint64_t data;	/**< CONTROL_AREA: the file, as it is mapped and cached */
	uint64_t cache; /**< SHARED_CACHE_MAP: views of the same */
	uint64_t image; /**< CONTROL_AREA: the file, as it is mapped to be executed */
};

/**
 * Reads a FILE_OBJECT. What hangs on it is checked as far as it says of itself what it is.
 *
 * Returns false when it can not be read.
 */
bool wv_windows_file(struct wv_guest *guest, const struct wv_space *space, uint64_t object,
		     struct wv_windows_file *file);

/**
 * Tells what is of a file in memory, a page or a part of one at a time, each once.
 *
 * A page is where the file's section has it: its prototype PTEs say, of valid pages and of those in
 * transition; else where one of the cache's views maps it. Pages that are paged out, or were never
 * read, are left out.
 *
 * Where there is nothing of all this the image section is told: pages of a program as they were
 * loaded, so that those with relocations may differ from the file.
 *
 * @limit: no more than so many bytes from the file's start.
 *
 * Returns how many bytes were told. Bounded whatever the guest's memory says.
 */
uint64_t wv_windows_file_cached(struct wv_guest *guest, const struct wv_space *space,
				const struct wv_windows_file *file, uint64_t limit, wv_page_fn each,
				void *owner);

#endif

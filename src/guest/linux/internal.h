/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this folder share. */
#ifndef WV_GUEST_LINUX_INTERNAL_H
#define WV_GUEST_LINUX_INTERNAL_H

#include "guest/linux/linux.h"

/** What is needed of every kernel, in the order of the table in wants.c. */
enum linux_want {
	SYM_LINUX_BANNER,
	SYM_INIT_TASK,
	SYM_PAGE_OFFSET_BASE,
	SYM_PCPU_HOT,
	SYM_CURRENT_TASK,
	SYM_TEXT,
	SYM_ETEXT,
	PCPU_HOT_CURRENT_TASK,
	TASK_TASKS,
	TASK_PID,
	TASK_TGID,
	TASK_COMM,
	TASK_REAL_PARENT,
	TASK_CRED,
	TASK_MM,
	TASK_SIGNAL,
	TASK_FLAGS,
	TASK_EXIT_CODE,
	TASK_GROUP_LEADER,
	SIGNAL_FLAGS,
	SIGNAL_GROUP_EXIT_CODE,
	CRED_UID,
	CRED_SUID,
	CRED_EUID,
	MM_PGD,
	MM_EXE_FILE,
	FILE_PATH,
	PATH_DENTRY,
	PATH_MNT,
	DENTRY_NAME,
	DENTRY_NAME_LEN,
	DENTRY_PARENT,
	DENTRY_SB,
	SB_MAGIC,
	VFSMOUNT_ROOT,
	MOUNT_MNT,
	MOUNT_PARENT,
	MOUNT_MOUNTPOINT,
	SIGNAL_PIDS,
	PID_NUMBERS,
	UPID_NR,
	ENUM_PGID,
	TASK_FILES,
	TASK_FS,
	FS_PWD,
	FILES_FDT,
	FDTABLE_MAX_FDS,
	FDTABLE_FD,
	FILE_INODE,
	INODE_MODE,
	INODE_NUMBER,
	INODE_UID,
	INODE_GID,
	INODE_LINKS,
	INODE_COUNT,
	INODE_SIZE,
	INODE_MAPPING,
	INODE_SB,
	DENTRY_INODE,
	DENTRY_COUNT,
	SB_MOUNTS,
	SB_ROOT,
	VFSMOUNT_SB,
	MOUNT_INSTANCE,
	MOUNT_NEXT_FOR_SB,
	MOUNT_NS,
	TASK_NSPROXY,
	NSPROXY_MNT_NS,
	FS_ROOT,
	SYM_VMEMMAP_BASE,
	MAPPING_PAGES,
	XARRAY_HEAD,
	XA_NODE_SHIFT,
	XA_NODE_SLOTS,
	PAGE_SIZEOF,
	PAGE_FLAGS,
	PAGE_MAPPING,
	PAGE_INDEX,
	PAGE_PRIVATE,
	ENUM_PG_UPTODATE,
	INODE_BLOCK_BITS,
	BUFFER_STATE,
	BUFFER_NEXT,
	BUFFER_PAGE,
	BUFFER_SIZE,
	ENUM_BH_UPTODATE,
	IOMAP_FOLIO_STATE,
	IOMAP_PAGE_UPTODATE,
	LINUX_WANT_COUNT
};

extern const struct wv_want wv_linux_wants[LINUX_WANT_COUNT];

/** A program's name, as it was last read. */
struct known_name {
	uint64_t task, mm, file;
	uint64_t changes; /* wv_guest.changes before that */
	uint16_t size;
	char name[62]; /* longer ones are read each time */
};

#define KNOWN_NAMES 16 /* of each vCPU */

struct wv_linux {
	struct wv_guest guest; /* first: a struct wv_guest * is a struct wv_linux * */
	struct wv_place places[LINUX_WANT_COUNT];
	uint64_t current_offset; /* of the current task's pointer from the per-CPU base */
	bool has_pcid;		 /* CR3 has bits that are not the page table's (CR4.PCIDE) */
	struct known_name names[WV_VCPUS_MAX][KNOWN_NAMES];
	uint64_t percpu_base[WV_VCPUS_MAX]; /* 0: not known yet. The kernel never moves it */
};

/** The linear ranges, the most frequent one first. */
enum {
	LINEAR_DIRECT, /* the direct map of all physical memory */
	LINEAR_IMAGE,
};

static inline struct wv_linux *to_linux(struct wv_guest *guest)
{
	return (struct wv_linux *)guest;
}

/** The kernel's image as the page tables map it. */
struct kernel_mapping {
	uint64_t start, end; /* virtual */
	uint64_t physical;   /* of start; the whole image is in one piece; not known: UINT64_MAX */
	uint64_t root;	     /* the page table that maps it */
};

/** PTI_USER_PGTABLE_BIT (arch/x86/include/asm/pgtable.h): user mode has the table next door. */
#define CR3_PTI_USER UINT64_C(0x1000)

/**
 * Finds the kernel's image by walking the page tables from CR3. With page-table isolation the
 * tables of user mode map little; the kernel's own are tried as well.
 *
 * @mappings: room for two, the larger image first. Returns how many there are.
 */
unsigned wv_linux_find_mappings(const struct wv_guest_search *search, enum wv_paging_mode mode,
				struct kernel_mapping mappings[2]);

/** Reads a pointer-sized member; false when the want is missing or memory is not there. */
static inline bool linux_read_u64(const struct wv_linux *kernel, const struct wv_space *space,
				  uint64_t object, enum linux_want want, uint64_t *value)
{
	const struct wv_place *place = &kernel->places[want];

	return place->found && object && wv_space_read_u64(space, object + place->value, value);
}

static inline bool linux_read_u32(const struct wv_linux *kernel, const struct wv_space *space,
				  uint64_t object, enum linux_want want, uint32_t *value)
{
	const struct wv_place *place = &kernel->places[want];

	return place->found && object && wv_space_read_u32(space, object + place->value, value);
}

uint64_t wv_linux_enter(struct wv_guest *guest, struct wv_cpu *cpu, struct wv_space *space);
bool wv_linux_identify(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
		       struct wv_identity *identity);
bool wv_linux_exit_status(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
			  uint32_t *status);
unsigned wv_linux_processes(struct wv_guest *guest, const struct wv_space *space,
			    wv_process_fn each, void *owner, bool *whole);
void wv_linux_crash_text(struct wv_guest *guest, const struct wv_space *space,
			 const uint64_t *arguments, char *text, size_t size);

/** The directory entry of a file. */
bool wv_linux_file_entry(const struct wv_linux *kernel, const struct wv_space *space, uint64_t file,
			 uint64_t *dentry);

/** Parts of a path at the most: PATH_MAX holds no more. */
#define LINUX_PARTS_MAX (WV_LINUX_PATH_MAX / 2)

/**
 * The struct mount through which a task sees a directory entry; 0: none is found. See
 * wv_linux_entry_path().
 */
uint64_t wv_linux_entry_mount(const struct wv_linux *kernel, const struct wv_space *space,
			      uint64_t dentry, uint64_t preferred, uint64_t task);

/** The blocks of a file's pages: which of them are up to date (blocks.c). */
struct linux_blocks {
	const struct wv_linux *kernel;
	const struct wv_space *space;
	uint64_t size; /* of a block, bytes */
	unsigned left; /* blocks that may still be looked at; 0: nothing is known of any */
	bool is_bitmap;
	/* of the page, or folio, that is looked at */
	uint64_t page;
	uint64_t first, next; /* buffers; or @next is the bitmap, which is left where it is */
	uint64_t number;      /* of the bitmap's next bit */
};

void wv_linux_blocks_init(struct linux_blocks *blocks, const struct wv_linux *kernel,
			  const struct wv_space *space, const struct wv_linux_inode *inode);

/** Goes to the first block of a page, or of a folio, with its private data. */
void wv_linux_blocks_begin(struct linux_blocks *blocks, uint64_t page, uint64_t private);

/** Whether the next block is up to date. False where nothing is known of it and those behind. */
bool wv_linux_blocks_next(struct linux_blocks *blocks, bool *uptodate);

/** The last part of a file's path: the name of its directory entry. */
bool wv_linux_file_name(struct wv_guest *guest, const struct wv_space *space, uint64_t file,
			char *name, size_t *size);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the Linux files of this plugin share.
 *
 * Operations are tables: what a call is about, where its arguments are, which fields they become.
 * linux_call.c takes what a table names at the call's entry and tells it at the return; what only
 * one operation does is a function in its table. The operations are in linux_io.c, linux_names.c,
 * linux_rmdir.c, linux_attributes.c and linux_mount.c.
 */
#ifndef WV_PLUGINS_FILETRACER_LINUX_H
#define WV_PLUGINS_FILETRACER_LINUX_H

#include "guest/linux/linux.h"
#include "plugins/filetracer/filetracer.h"
#include "plugins/kept_text.h"
#include "plugins/linux_rename.h"
#include "plugins/open_flags.h"

/* What is read of the kernel --------------------------------------------------------------------*/

/**
 * Where an argument is: 0 to 5 are places that all kernels have it at, the others by what it is.
 * They have moved, or have another place in kernels that do not describe their functions.
 */
enum linux_argument {
	ARGUMENT_MOVED = 6,
	CREATE_ENTRY = ARGUMENT_MOVED,
	CREATE_MODE,
	MKNOD_ENTRY,
	MKNOD_MODE,
	MKNOD_DEVICE,
	MKDIR_ENTRY,
	MKDIR_MODE,
	RMDIR_ENTRY,
	UNLINK_ENTRY,
	LINK_NEW_ENTRY,
	SYMLINK_ENTRY,
	SYMLINK_TEXT,
	TRUNCATE_ENTRY,
	TRUNCATE_LENGTH,
	TRUNCATE_FILE,
	SETXATTR_ENTRY,
	SETXATTR_NAME,
	SETXATTR_VALUE,
	SETXATTR_SIZE,
	SETXATTR_FLAGS,
	REMOVEXATTR_ENTRY,
	REMOVEXATTR_NAME,
	SET_ACL_ENTRY,
	SET_ACL_NAME,
	REMOVE_ACL_ENTRY,
	REMOVE_ACL_NAME,
	ARGUMENT_COUNT,
	ARGUMENT_RESULT, /**< no argument: what the call returned; absent where it failed */
	ARGUMENT_FOUND,	 /**< no argument: what linux_operation.find has put there */
};

/** The wants: first the arguments that have moved, from ARGUMENT_MOVED on. */
enum linux_want {
	FILE_FLAGS = ARGUMENT_COUNT - ARGUMENT_MOVED,
	FILE_MODE,
	FILENAME_NAME,
	PATH_ENTRY,
	OPEN_FLAG,
	OPEN_ROOT_ENTRY,
	RENAME_FIRST, /**< see plugins/linux_rename.h */
	LINUX_WANT_COUNT = RENAME_FIRST + WV_RENAME_WANTS
};

/** What prepare() makes. */
struct linux_data {
	uint8_t arguments[ARGUMENT_COUNT]; /**< the registers' numbers, by enum above */
	struct wv_kept_texts *texts;
	struct linux_mounts *mounts;
};

/** Texts of a call that are kept from its entry: its path, and another one. */
enum linux_text { TEXT_PATH, TEXT_OTHER, LINUX_TEXTS };

/* Calls -----------------------------------------------------------------------------------------*/

#define LINUX_VALUES 5

/** The traps that make no event by themselves are behind those that do, which have its index. */
enum linux_trap {
	LINUX_TRAP_WANT_WRITE = FILETRACER_LINUX_COUNT,
	LINUX_TRAP_DO_RMDIR,
	LINUX_TRAP_PATH_RMDIR,
	LINUX_TRAP_COUNT
};

struct linux_subject;
struct linux_operation;

/** What a call keeps until it returns. */
struct linux_saved {
	const struct linux_subject *kind;
	uint64_t subject; /**< its address */
	uint64_t mount;	  /**< address of a struct vfsmount that it is seen through, or 0 */
	uint64_t values[LINUX_VALUES]; /**< by index in linux_operation.values */
	uint64_t other;		       /**< what the call's other path is of */
	uint64_t texts;		       /**< see wv_kept_keep(); 0: none are kept */
	int32_t folder;		       /**< descriptor that a name is relative to */
	uint32_t absent;	       /**< bits: values that there are not */
	uint32_t flags;		       /**< of the open file, if has_flags */
	uint32_t mode, uid, gid;       /**< of the inode, if has_inode */
	bool has_flags, has_inode;
};
G_STATIC_ASSERT(sizeof(struct linux_saved) <= WV_CALL_SAVED_MAX);

/** A kind of thing that calls are about. */
struct linux_subject {
	/** Address of its inode; 0: there is none. NULL: there never is. */
	uint64_t (*inode)(struct wv_call *call, const struct linux_saved *saved);
	/** Its path as it is now; see wv_text_fn. */
	bool (*path)(struct wv_call *call, const struct linux_saved *saved, struct wv_text *text);
	/** It is a struct file, and has flags. */
	bool is_file;
};

/* linux_subjects.c */
extern const struct linux_subject linux_file;  /**< struct file */
extern const struct linux_subject linux_path;  /**< struct path */
extern const struct linux_subject linux_entry; /**< struct dentry */
/** A struct filename of the kernel's, and saved.folder. */
extern const struct linux_subject linux_filename;
/** A string of the caller's, and saved.folder. */
extern const struct linux_subject linux_name;

/* Paths, appended as they are now: of a struct path, of a struct dentry (@mount: a struct vfsmount
 * or 0), of a string of the caller's. */
bool linux_read_path(struct wv_call *call, uint64_t address, struct wv_text *text);
bool linux_read_entry(struct wv_call *call, uint64_t dentry, uint64_t mount, struct wv_text *text);
bool linux_read_name(struct wv_call *call, int32_t folder, uint64_t address, struct wv_text *text);

/** For linux_operation.other: saved.other is a struct dentry. */
bool linux_other_entry(struct wv_call *call, const struct linux_saved *saved, struct wv_text *text);

/** A call that is told. */
struct linux_telling {
	struct wv_call *call;
	struct wv_event *event;
	const struct linux_operation *operation;
	const struct linux_saved *saved;
};

/** Writes one of the call's values into a field, or leaves it out. */
typedef void (*linux_put_fn)(const struct linux_telling *telling, unsigned field, uint64_t value);

/** A value of a call. */
struct linux_value {
	uint8_t field;	  /**< of the event type; FIELD_PERMISSIONS: the list ends */
	uint8_t argument; /**< enum linux_argument */
	bool pointer;	  /**< the argument leads to it, 64 bits; NULL: it is absent */
	linux_put_fn put;
};

/** What a function returns. */
enum linux_result {
	RESULT_INT,	/**< 0 or more, or an error: 32 bits */
	RESULT_LONG,	/**< likewise, 64 bits */
	RESULT_POINTER, /**< an address, told as 0, or an error */
	RESULT_ENTRY,	/**< int, or newer a pointer to the struct dentry */
	RESULT_NONE,	/**< nothing: the call is told at its entry */
};

struct linux_operation {
	struct wv_event_type type;
	const struct linux_subject *kind;
	uint8_t subject; /**< which argument it is: enum linux_argument */
	uint8_t result;	 /**< enum linux_result */
	/** Field of the other path, which is read by @other; 0: there is none. */
	uint8_t other_field;
	bool keeps; /**< paths change while the call runs: they are told as they were before */
	/** The type of what it makes, S_IFREG say, where its mode does not say so. */
	uint16_t makes;
	/** Bits of enum filetracer_event: inside of those it is the kernel's own doing. */
	uint64_t not_inside;
	/** Instead of the argument. False: the call is not told. */
	bool (*find)(struct wv_call *call, struct linux_saved *saved);
	/** At the return, before anything is told. */
	void (*returned)(struct wv_call *call, struct linux_saved *saved);
	bool (*other)(struct wv_call *call, const struct linux_saved *saved, struct wv_text *text);
	struct linux_value values[LINUX_VALUES + 1]; /**< in the order of the fields */
};

#define LINUX_BIT(name) (UINT64_C(1) << FILETRACER_LINUX_##name)
/** Overlayfs, say, does to its layers what is asked of it: within any call that is told. */
#define LINUX_ANY                                                                                  \
	(((UINT64_C(1) << FILETRACER_LINUX_COUNT) - 1) | UINT64_C(1) << LINUX_TRAP_DO_RMDIR)
G_STATIC_ASSERT(LINUX_TRAP_COUNT < 64);

/* linux_call.c */
enum wv_verdict linux_enter(struct wv_call *call);
void linux_leave(struct wv_call *call);
/** Of functions that are told at their entry. */
enum wv_verdict linux_enter_only(struct wv_call *call);
/** An argument of the call. At entry only. */
uint64_t linux_argument(struct wv_call *call, enum linux_argument argument);
/** Takes what is told of the inode, if there is one by now. False: it is none that is told. */
bool linux_take_inode(struct wv_call *call, struct linux_saved *saved);
/** Keeps the first @count paths (enum linux_text) as they are now. */
void linux_keep_texts(struct wv_call *call, struct linux_saved *saved, unsigned count);
/** Tells a call that returns, or RESULT_NONE. */
void linux_tell(struct wv_call *call, enum filetracer_event event, const struct linux_saved *saved);
/** Whether the number is one of the kernel's negative errors. */
bool linux_is_error(uint64_t result);

/* linux_io.c */
enum wv_verdict linux_enter_area(struct wv_call *call);

/* linux_rmdir.c */
enum wv_verdict linux_enter_do_rmdir(struct wv_call *call);
void linux_leave_do_rmdir(struct wv_call *call);
enum wv_verdict linux_enter_path_rmdir(struct wv_call *call);

/* linux_want_write.c: the mount that a thread is about to write to ------------------------------*/

struct linux_mounts *linux_mounts_new(void); /**< g_free() is the counterpart */
enum wv_verdict linux_enter_want_write(struct wv_call *call);
/** The struct vfsmount that this thread has asked to write to last; 0: not known. */
uint64_t linux_mount_of_thread(const struct wv_call *call);

/* linux_values.c --------------------------------------------------------------------------------*/

void linux_put_i64(const struct linux_telling *telling, unsigned field, uint64_t value);
void linux_put_u64(const struct linux_telling *telling, unsigned field, uint64_t value);
void linux_put_i32(const struct linux_telling *telling, unsigned field, uint64_t value);
void linux_put_u32(const struct linux_telling *telling, unsigned field, uint64_t value);
/** Flags: absent where there are none. */
void linux_put_any_u32(const struct linux_telling *telling, unsigned field, uint64_t value);
/** A user's or group's id; -1: absent. */
void linux_put_id(const struct linux_telling *telling, unsigned field, uint64_t value);
/** Pages, told in bytes. */
void linux_put_pages(const struct linux_telling *telling, unsigned field, uint64_t value);
/** Of a mode: the permissions; the type of the file. */
void linux_put_permissions(const struct linux_telling *telling, unsigned field, uint64_t value);
void linux_put_type(const struct linux_telling *telling, unsigned field, uint64_t value);
/** The type of the file itself, if it is there. */
void linux_put_own_type(const struct linux_telling *telling, unsigned field, uint64_t value);
/** A string of the kernel's; NULL: absent. */
void linux_put_string(const struct linux_telling *telling, unsigned field, uint64_t value);

/* linux_formats.c: format functions of fields ---------------------------------------------------*/

void linux_format_permissions(uint64_t value, char *text, size_t size);
void linux_format_type(uint64_t value, char *text, size_t size);
void linux_format_device(uint64_t value, char *text, size_t size);
void linux_format_memfd_flags(uint64_t value, char *text, size_t size);
void linux_format_direction(uint64_t value, char *text, size_t size);
void linux_format_whence(uint64_t value, char *text, size_t size);
void linux_format_mmap_flags(uint64_t value, char *text, size_t size);
void linux_format_protection(uint64_t value, char *text, size_t size);
void linux_format_fallocate_mode(uint64_t value, char *text, size_t size);
void linux_format_rename_flags(uint64_t value, char *text, size_t size);
void linux_format_access_mode(uint64_t value, char *text, size_t size);
void linux_format_xattr_flags(uint64_t value, char *text, size_t size);
void linux_format_mount_flags(uint64_t value, char *text, size_t size);
void linux_format_umount_flags(uint64_t value, char *text, size_t size);
/** Seconds, or one of the two below. */
void linux_format_time(uint64_t value, char *text, size_t size);

/** No seconds that a file system has: the time is now; it stays as it is. */
#define LINUX_TIME_NOW	((uint64_t)INT64_MIN)
#define LINUX_TIME_OMIT ((uint64_t)INT64_MIN + 1)

/* Fields ----------------------------------------------------------------------------------------*/

/** The fields that all events begin with. */
enum linux_field {
	FIELD_PERMISSIONS,
	FIELD_THREAD_NAME,
	FIELD_FILE_NAME,
	FIELD_MODE,
	FIELD_FLAG,
	FIELD_UID,
	FIELD_GID,
	FIELD_OWN, /**< the first one that is not common */
};

/**
 * Their declarations.
 *
 * @file_name_: the meaning of FileName; @flag_format_, @flag_: the format and the meaning of Flag.
 */
#define LINUX_COMMON_WITH(file_name_, flag_format_, flag_)                                         \
	[FIELD_PERMISSIONS] = { "Permissions", WV_KIND_NAME, linux_format_permissions,             \
				.optional = true,                                                  \
				.meaning = "The file's permissions, octal (644)." },               \
	[FIELD_THREAD_NAME] = { "ThreadName", WV_KIND_STRING,                                      \
				.meaning = "The name of the calling thread." },                    \
	[FIELD_FILE_NAME] = { "FileName", WV_KIND_STRING, .meaning = file_name_ },                 \
	[FIELD_MODE] = { "Mode", WV_KIND_NAME, linux_format_type, .optional = true,                \
			 .meaning = "The file's type (S_IFREG)." },                                \
	[FIELD_FLAG] = { "Flag", WV_KIND_FLAGS, flag_format_, .optional = true,                    \
			 .meaning = flag_ },                                                       \
	[FIELD_UID] = { "UID", WV_KIND_NUMBER, .optional = true,                                   \
			.meaning = "The user who owns the file." },                                \
	[FIELD_GID] = { "GID", WV_KIND_NUMBER, .optional = true,                                   \
			.meaning = "The group that owns the file." }

#define LINUX_COMMON(file_name_)                                                                   \
	LINUX_COMMON_WITH(file_name_, wv_format_open_flags,                                        \
			  "Of an open file: its flags (O_RDWR | O_APPEND).")

#define LINUX_PATH "The file's path."

#define LINUX_RESULT(meaning_)                                                                     \
	{                                                                                          \
		"Result", WV_KIND_RESULT, .meaning = meaning_                                      \
	}
#define LINUX_SUCCESS LINUX_RESULT("0, or the name of the error.")

/** An event type. */
#define LINUX_TYPE(fields_, meaning_, ...)                                                         \
	{                                                                                          \
		.plugin = "filetracer", .methods = { __VA_ARGS__ }, .os = WV_OS_LINUX,             \
		.fields = fields_, .n_fields = G_N_ELEMENTS(fields_), .meaning = meaning_,         \
	}

/* linux_io.c, linux_names.c, linux_attributes.c, linux_mount.c */
#define OPERATION(NAME, name) filetracer_linux_##name
extern const struct linux_operation FILETRACER_LINUX(OPERATION);
#undef OPERATION

#endif

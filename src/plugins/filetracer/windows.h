/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the Windows files of this plugin share. */
#ifndef WV_PLUGINS_FILETRACER_WINDOWS_H
#define WV_PLUGINS_FILETRACER_WINDOWS_H

#include <string.h>

#include "guest/windows/windows.h"
#include "output/names.h"
#include "plugins/filetracer/filetracer.h"
#include "plugins/kept_text.h"
#include "plugins/nt_call.h"

/** The wants, by their index in windows.c's table. */
enum filetracer_windows_want { THREAD_PREVIOUS_MODE, FILETRACER_WINDOWS_WANTS };

/** Texts that a call keeps from its entry to its return. */
enum filetracer_text {
	TEXT_NAME,  /* the file's */
	TEXT_OTHER, /* its new name, or its security descriptor */
	FILETRACER_TEXTS
};

/** What every call keeps until it returns; what else one keeps begins with it. */
struct filetracer_saved {
	uint64_t root;	/* the page table at its entry */
	uint64_t texts; /* see wv_kept_keep() */
	uint64_t status_block;
	bool of_user; /* a program calls */
};

/** An event type. */
#define WINDOWS_TYPE(method_, fields_, meaning_)                                                   \
	{                                                                                          \
		.plugin = "filetracer", .methods = { method_ }, .os = WV_OS_WINDOWS,               \
		.fields = fields_, .n_fields = G_N_ELEMENTS(fields_), .meaning = meaning_          \
	}

/** FILE_INFORMATION_CLASS (ntifs.h), as far as calls with it are told. */
enum filetracer_class {
	CLASS_BASIC = 4,
	CLASS_RENAME = 10,
	CLASS_DISPOSITION = 13,
	CLASS_ALL = 18,
	CLASS_END_OF_FILE = 20,
	CLASS_NETWORK_OPEN = 34,
	CLASS_DISPOSITION_EX = 64,
	CLASS_RENAME_EX = 65,
};

/* windows_memory.c: what a call's arguments lead to ---------------------------------------------*/

/** At the entry: fills in what does not depend on the call. */
void filetracer_begin(struct wv_call *call, struct filetracer_saved *saved);

/**
 * Reads where an argument leads, or what is found there. Not into the kernel's half for a program:
 * the kernel does not follow it there either; and not where another process's memory is at the
 * return.
 */
bool filetracer_read(struct wv_call *call, const struct filetracer_saved *saved, uint64_t address,
		     void *bytes, size_t size);

/** A word of a structure: what is as large as a pointer. @value: 0 where it can not be read. */
bool filetracer_read_word(struct wv_call *call, const struct filetracer_saved *saved,
			  uint64_t structure, unsigned index, uint64_t *value);

/** Appends UTF-16 that is found there. */
bool filetracer_append_utf16(struct wv_call *call, const struct filetracer_saved *saved,
			     uint64_t address, uint32_t length, struct wv_text *text);

/** Appends the name of the object that a handle of the caller's leads to. */
bool filetracer_append_handle(struct wv_call *call, const struct filetracer_saved *saved,
			      uint64_t handle, struct wv_text *text);

/** The same of a folder that a name is relative to, with a separator; nothing if it has no name. */
void filetracer_append_root(struct wv_call *call, const struct filetracer_saved *saved,
			    uint64_t handle, struct wv_text *text);

/* windows_object.c: OBJECT_ATTRIBUTES, what an object is opened by ------------------------------*/

/** What a call that has them keeps; what else it keeps begins with it. */
struct filetracer_object {
	struct filetracer_saved call;
	uint64_t attributes; /* where they are */
	uint32_t flags;
	bool flags_known;
	bool by_id; /* the name is the number of a file */
};

/** At the entry: keeps what they say. All but `by_id` is filled in. */
enum wv_verdict filetracer_keep_object(struct wv_call *call, struct filetracer_object *object,
				       uint64_t attributes);

/** At the return: writes it into fields. */
void filetracer_take_object(struct wv_call *call, struct filetracer_object *object,
			    struct wv_kept *kept);
void filetracer_put_object_flags(struct wv_call *call, struct filetracer_object *object,
				 struct wv_event *event, unsigned field);
void filetracer_put_object_security(const struct wv_kept *kept, struct wv_event *event,
				    unsigned field);

#define FILETRACER_FIELD_OBJECT_NAME                                                               \
	{                                                                                          \
		"FileName", WV_KIND_STRING,                                                        \
			.meaning = "The name as it was given, behind the name of the root that "   \
				   "it is relative to; the number of a file that is opened by "    \
				   "that."                                                         \
	}
#define FILETRACER_FIELD_OBJECT_FLAGS                                                              \
	{                                                                                          \
		"ObjectAttributes", WV_KIND_FLAGS, filetracer_format_object_flags,                 \
			.meaning = "Attributes of the handle and of the object."                   \
	}
#define FILETRACER_FIELD_SECURITY                                                                  \
	{                                                                                          \
		"SecurityDescriptor", WV_KIND_LIST,                                                \
			.optional = true,                                                          \
			.meaning = "The security descriptor that was given: Control, Owner, "      \
				   "Group, Sacl, Dacl, as far as it has them. Of each entry of "   \
				   "the last two: the type, the flags, the rights, and whose. A "  \
				   "list without entries is (); NO_ACCESS_CONTROL: there is none " \
				   "on purpose."                                                   \
	}

/* windows_file.c: open files --------------------------------------------------------------------*/

/** What a call that has a handle of one keeps; what else it keeps begins with it. */
struct filetracer_file {
	struct filetracer_saved call;
	uint64_t handle;
};

/** At the entry: keeps the file's name; at the return: writes it. */
enum wv_verdict filetracer_keep_file(struct wv_call *call, struct filetracer_file *file,
				     uint64_t handle);
void filetracer_put_file(struct wv_call *call, const struct filetracer_file *file,
			 struct wv_event *event, unsigned name);

/* windows_set.c, windows_rename.c: NtSetInformationFile -----------------------------------------*/

/** What it keeps. */
struct filetracer_set {
	struct filetracer_file file;
	uint64_t buffer;
	uint32_t length; /* the buffer's, as the caller says */
	uint32_t class;
	bool known;	   /* the value is */
	uint8_t value[40]; /* what the buffer begins with */
};

static inline uint32_t filetracer_set_u32(const struct filetracer_set *set)
{
	uint32_t value;

	memcpy(&value, set->value, sizeof(value));
	return value;
}

/** Writes a number that the value has, null where it could not be read. */
static inline void filetracer_put_set(struct wv_event *event, const struct filetracer_set *set,
				      unsigned field, uint64_t number)
{
	if (set->known)
		wv_event_unsigned(event, field, number);
	else
		wv_event_unreadable(event, field);
}

enum filetracer_rename_field {
	RENAME_OPERATION,
	RENAME_SOURCE,
	RENAME_TARGET,
	RENAME_HANDLE,
	RENAME_REPLACE,
	RENAME_FLAGS,
	RENAME_STATUS,
};

void filetracer_put_rename(const struct wv_kept *kept, struct wv_event *event,
			   const struct filetracer_set *set);

/** Appends a file's new name: its whole path as far as that is known. */
bool filetracer_append_target(struct wv_call *call, const struct filetracer_set *set,
			      struct wv_text *text);

/* windows_security.c, windows_acl.c, windows_sid.c: who may do what -----------------------------*/

/** Enough for the text of an identifier, with its NUL: "S-255-0x", 12 digits, 15 times "-" and 10
 *  digits. */
#define FILETRACER_SID_SIZE 192

/**
 * Writes the text of an identifier (SID), its name if it is well known.
 *
 * @room: bytes that it may take in the guest's memory.
 */
bool filetracer_read_sid(struct wv_call *call, const struct filetracer_saved *saved, uint64_t place,
			 uint32_t room, char text[FILETRACER_SID_SIZE]);

/**
 * Appends the entries of an access control list, each in parentheses: type, flags, rights, whose.
 */
bool filetracer_append_acl(struct wv_call *call, const struct filetracer_saved *saved, uint64_t acl,
			   struct wv_text *text);

/** What a security descriptor's text takes at the most. */
#define FILETRACER_SECURITY_SIZE 8192u

/** Appends what a security descriptor says, for filetracer_put_security(). */
bool filetracer_append_security(struct wv_call *call, const struct filetracer_saved *saved,
				uint64_t descriptor, struct wv_text *text);
void filetracer_put_security(struct wv_event *event, unsigned field, const struct wv_text *text);

/* windows_fields.c: what fields of several events have in common --------------------------------*/

void filetracer_format_access(uint64_t value, char *text, size_t size);
void filetracer_format_attributes(uint64_t value, char *text, size_t size);
void filetracer_format_disposition(uint64_t value, char *text, size_t size);
void filetracer_format_disposition_flags(uint64_t value, char *text, size_t size);
void filetracer_format_object_flags(uint64_t value, char *text, size_t size);
void filetracer_format_operation(uint64_t value, char *text, size_t size);
void filetracer_format_options(uint64_t value, char *text, size_t size);
void filetracer_format_rename_flags(uint64_t value, char *text, size_t size);
void filetracer_format_share(uint64_t value, char *text, size_t size);

/** Goes with the rights that are written where those of a folder are meant. */
#define FILETRACER_OF_FOLDER (UINT64_C(1) << 32)

/* Fields that several events have. */
#define FILETRACER_FIELD_STATUS                                                                    \
	{                                                                                          \
		"Status", WV_KIND_HEX, .meaning = "What the call returned."                        \
	}
#define FILETRACER_FIELD_HANDLE                                                                    \
	{                                                                                          \
		"FileHandle", WV_KIND_HEX, .meaning = "The caller's handle of the file."           \
	}
#define FILETRACER_FIELD_NAME                                                                      \
	{                                                                                          \
		"FileName", WV_KIND_STRING,                                                        \
			.meaning = "The path of the open file, with its volume, as it was when "   \
				   "the call began."                                               \
	}
#define FILETRACER_FIELD_OPERATION                                                                 \
	{                                                                                          \
		"Operation", WV_KIND_NAME, filetracer_format_operation,                            \
			.meaning = "What was asked for, or was to be done: a class of "            \
				   "information."                                                  \
	}
#define FILETRACER_FIELD_ATTRIBUTES                                                                \
	{                                                                                          \
		"FileAttributes", WV_KIND_FLAGS, filetracer_format_attributes,                     \
			.optional = true, .meaning = "The file's attributes."                      \
	}

/** Four fields: the times of a file. */
#define FILETRACER_TIMES 4
#define FILETRACER_FIELDS_TIMES                                                                    \
	{ "CreationTime", WV_KIND_NUMBER, .optional = true,                                        \
	  .meaning = "When the file was made, in seconds since 1970; each of these times is "      \
		     "absent where there is none, or it is to stay as it is." },                   \
		{ "LastAccessTime", WV_KIND_NUMBER, .optional = true,                              \
		  .meaning = "When it was read last." },                                           \
		{ "LastWriteTime", WV_KIND_NUMBER, .optional = true,                               \
		  .meaning = "When it was written last." },                                        \
	{                                                                                          \
		"ChangeTime", WV_KIND_NUMBER, .optional = true,                                    \
					      .meaning = "When anything of it was changed last."   \
	}

/** Two more: its sizes. */
#define FILETRACER_SIZES 2
#define FILETRACER_FIELDS_SIZES                                                                    \
	{ "AllocationSize", WV_KIND_HEX, .optional = true,                                         \
	  .meaning = "How many bytes it has on its volume." },                                     \
	{                                                                                          \
		"EndOfFile", WV_KIND_HEX, .optional = true, .meaning = "Its length in bytes."      \
	}

/** The largest structure that has all that, as far as it is read. */
#define FILETRACER_FACTS_SIZE 56

/** How many bytes of a structure say it; 0: those of this class do not. */
uint32_t filetracer_facts_size(uint32_t class);

/**
 * Writes what a structure says: the times, and the sizes if it has them, into fields from @first
 * on.
 *
 * @bytes: as many as filetracer_facts_size() says; NULL: they can not be read.
 * @attributes: the field of the attributes.
 */
void filetracer_put_facts(struct wv_event *event, uint32_t class, const uint8_t *bytes,
			  unsigned first, unsigned attributes);

/** The Information of the call's IO_STATUS_BLOCK; the field is left out where there is none. */
void filetracer_put_information(struct wv_call *call, const struct filetracer_saved *saved,
				struct wv_event *event, unsigned field);

void filetracer_put_status(struct wv_call *call, struct wv_event *event, unsigned field);

/* What the traps do; each file declares the event types of its own ------------------------------*/

enum wv_verdict filetracer_create_entry(struct wv_call *call);
void filetracer_create_return(struct wv_call *call);
enum wv_verdict filetracer_open_entry(struct wv_call *call);
void filetracer_open_return(struct wv_call *call);
enum wv_verdict filetracer_directory_entry(struct wv_call *call);
void filetracer_directory_return(struct wv_call *call);
enum wv_verdict filetracer_attributes_entry(struct wv_call *call);
void filetracer_attributes_return(struct wv_call *call);
void filetracer_full_attributes_return(struct wv_call *call);
enum wv_verdict filetracer_query_entry(struct wv_call *call);
void filetracer_query_return(struct wv_call *call);
enum wv_verdict filetracer_set_entry(struct wv_call *call);
void filetracer_set_return(struct wv_call *call);
enum wv_verdict filetracer_transfer_entry(struct wv_call *call);
void filetracer_read_return(struct wv_call *call);
void filetracer_write_return(struct wv_call *call);

#endif

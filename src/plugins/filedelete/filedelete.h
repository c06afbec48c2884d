/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this plugin share: the events, and how a file is told. */
#ifndef WV_PLUGINS_FILEDELETE_FILEDELETE_H
#define WV_PLUGINS_FILEDELETE_FILEDELETE_H

#include "monitor/plugin.h"

/** The event types, by their index in the plugin's table. */
enum filedelete_event {
	FILEDELETE_LINUX_UNLINK,
	FILEDELETE_LINUX_RENAME,
	FILEDELETE_LINUX_EVICT,
	FILEDELETE_LINUX_FPUT,
	FILEDELETE_WINDOWS_CLOSE,
	FILEDELETE_WINDOWS_SET,
	FILEDELETE_WINDOWS_CREATE,
	FILEDELETE_WINDOWS_OPEN,
	FILEDELETE_WINDOWS_DELETE,
	FILEDELETE_EVENT_COUNT
};

/** Fields of every event. */
enum filedelete_field {
	FILEDELETE_FILE_NAME,
	FILEDELETE_SIZE,
	FILEDELETE_FLAGS,
	FILEDELETE_FLAGS_EXPANDED,
	FILEDELETE_SEQ_NUM,
	FILEDELETE_REASON,
	FILEDELETE_FIELD_COUNT
};

/** Their declaration: systems differ in the flags alone. */
#define FILEDELETE_FIELDS(flags_format, flags_meaning, reason_meaning)                             \
	{                                                                                          \
		[FILEDELETE_FILE_NAME] = { "FileName", WV_KIND_STRING,                             \
					   .meaning = "The file's path." },                        \
		[FILEDELETE_SIZE] = { "Size", WV_KIND_NUMBER,                                      \
				      .meaning = "The file's length in bytes." },                  \
		[FILEDELETE_FLAGS] = { "Flags", WV_KIND_HEX, .optional = true,                     \
				       .meaning = flags_meaning },                                 \
		[FILEDELETE_FLAGS_EXPANDED] = { "FlagsExpanded", WV_KIND_FLAGS, flags_format,      \
						.optional = true,                                  \
						.meaning = "The names of these flags." },          \
		[FILEDELETE_SEQ_NUM] = { "SeqNum", WV_KIND_NUMBER,                                 \
					 .meaning = "The number of the content in the folder of "  \
						    "--dump; 0: none was taken." },                \
		[FILEDELETE_REASON] = { "Reason", WV_KIND_NAME, filedelete_format_reason,          \
					.meaning = reason_meaning },                               \
	}

/** Why a file is told. */
enum filedelete_reason {
	/* Windows */
	FILEDELETE_REASON_DELETE_FILE, /**< "DeleteFile": its last handle is closed */
	FILEDELETE_REASON_WRITE_FILE,  /**< "WriteFile": closed, and it was written */
	/* Linux */
	FILEDELETE_REASON_UNLINK, /**< "Unlink": its last name is removed */
	FILEDELETE_REASON_RENAME, /**< "Rename": another file takes its last name */
	FILEDELETE_REASON_CLOSE,  /**< "Close": it had no name, and nobody has it open any more */
	FILEDELETE_REASON_WRITE,  /**< "Write": closed, and it was written */
	FILEDELETE_REASON_COUNT
};

/** A wv_format_fn. */
void filedelete_format_reason(uint64_t value, char *text, size_t size);

/** What all systems tell of a file besides its name. */
struct filedelete_file {
	enum filedelete_reason reason;
	bool has_size, has_flags;
	uint64_t size;
	uint32_t flags;
	bool has_content; /**< there may be something of it to take */
};

/**
 * Writes all fields but the first, FileName, which the caller has written, and closes the event.
 *
 * Returns the content, to be told with wv_content_page() and to be closed with wv_content_close();
 * NULL: it is not wanted, or the file has none.
 */
struct wv_content *filedelete_tell(struct wv_call *call, struct wv_event *event,
				   const struct filedelete_file *file);

/** The plugin's configuration. */
struct filedelete_state {
	bool written; /**< files that were written are told as well: --dump-written */
};

/** Whether they are: see wv_trap_def.wanted. */
bool filedelete_wants_written(const void *state);

extern const struct wv_event_type filedelete_linux_unlink;
extern const struct wv_event_type filedelete_linux_rename;
extern const struct wv_event_type filedelete_linux_evict;
extern const struct wv_event_type filedelete_linux_fput;
extern const struct wv_event_type filedelete_windows_close;
extern const struct wv_event_type filedelete_windows_set;
extern const struct wv_event_type filedelete_windows_create;
extern const struct wv_event_type filedelete_windows_open;
extern const struct wv_event_type filedelete_windows_delete;

extern const struct wv_plugin_guest filedelete_on_linux;
extern const struct wv_plugin_guest filedelete_on_windows;

#endif

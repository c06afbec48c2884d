/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the Windows files of this plugin share. */
#ifndef WV_PLUGINS_FILEDELETE_WINDOWS_H
#define WV_PLUGINS_FILEDELETE_WINDOWS_H

#include "plugins/filedelete/filedelete.h"
#include "plugins/nt_call.h"

enum filedelete_trap {
	FILEDELETE_TRAP_CLOSE,
	FILEDELETE_TRAP_SET,
	FILEDELETE_TRAP_CREATE,
	FILEDELETE_TRAP_OPEN,
	FILEDELETE_TRAP_WRITE,
	FILEDELETE_TRAP_DELETE,
	FILEDELETE_TRAP_COUNT
};

enum filedelete_windows_want { FILEDELETE_ATTRIBUTES_NAME, FILEDELETE_WINDOWS_WANT_COUNT };

/** What can be known of a FILE_OBJECT: bits that its address does not have. */
enum filedelete_knowledge {
	FILEDELETE_PENDING = 1,	 /**< it was asked to be deleted */
	FILEDELETE_ON_CLOSE,	 /**< it was opened to be deleted when it is closed */
	FILEDELETE_NOT_ON_CLOSE, /**< the same was taken back */
	FILEDELETE_WRITTEN,
};

/** Notes it; false when there is no room for it. */
bool filedelete_know(struct wv_call *call, uint64_t object, enum filedelete_knowledge what);

/** It is no longer so. Returns whether it was known. */
bool filedelete_forget(struct wv_call *call, uint64_t object, enum filedelete_knowledge what);

/** The FILE_OBJECT that a handle of the caller's leads to; 0: none. */
uint64_t filedelete_find_file(struct wv_call *call, uint64_t handle);

bool filedelete_read_file(struct wv_call *call, uint64_t object, struct wv_windows_file *file);

/** Tells a file, with its content as it is in memory now. */
void filedelete_tell_open(struct wv_call *call, enum filedelete_event type,
			  enum filedelete_reason reason, const struct wv_windows_file *file);

/* What the traps do: windows_close.c, windows_wish.c --------------------------------------------*/

enum wv_verdict filedelete_close_entry(struct wv_call *call);
enum wv_verdict filedelete_delete_entry(struct wv_call *call);
void filedelete_delete_return(struct wv_call *call);
enum wv_verdict filedelete_set_entry(struct wv_call *call);
void filedelete_set_return(struct wv_call *call);
enum wv_verdict filedelete_create_entry(struct wv_call *call);
void filedelete_create_return(struct wv_call *call);
enum wv_verdict filedelete_open_entry(struct wv_call *call);
void filedelete_open_return(struct wv_call *call);
enum wv_verdict filedelete_write_entry(struct wv_call *call);
void filedelete_write_return(struct wv_call *call);

#endif

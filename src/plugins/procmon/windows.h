/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the Windows files of this plugin share. */
#ifndef WV_PLUGINS_PROCMON_WINDOWS_H
#define WV_PLUGINS_PROCMON_WINDOWS_H

#include "guest/windows/windows.h"
#include "output/names.h"
#include "plugins/kept_text.h"
#include "plugins/nt_call.h"
#include "plugins/procmon/procmon.h"

/* data/nt */
extern const struct wv_name_table wv_names_page_protection;
extern const struct wv_name_table wv_names_privilege_attributes;
extern const struct wv_name_table wv_names_privilege; /* by the number in their LUID */

/* windows_fields.c: what fields of several events have in common --------------------------------*/

/**
 * Writes the handle that the call has made and stored, null if there is none: it failed, or the
 * handle can not be read. At return only.
 *
 * @place: the argument that says where it is stored.
 */
bool procmon_put_new_handle(struct wv_call *call, struct wv_event *event, unsigned field,
			    uint64_t place, uint64_t *handle);

/** Likewise of a new process; returns the process object that it leads to, 0 if none. */
uint64_t procmon_put_new_process(struct wv_call *call, struct wv_event *event, unsigned field,
				 uint64_t place);

/** Writes a process's PID, or whether it is of 32 or 64 bits; null if the process is 0. */
void procmon_put_pid(struct wv_call *call, struct wv_event *event, unsigned field,
		     uint64_t process);
void procmon_put_bitness(struct wv_call *call, struct wv_event *event, unsigned field,
			 uint64_t process);

/* windows_texts.c: texts of RTL_USER_PROCESS_PARAMETERS, from a call's entry to its return ------*/

/** See wv_plugin_guest.prepare; g_free() is its counterpart. */
bool procmon_texts_prepare(struct wv_call *call, void **data, GError **error);

/** Keeps the texts as they are now. Returns what procmon_texts_put() needs to find them. */
uint64_t procmon_texts_keep(struct wv_call *call, uint64_t parameters);

/**
 * Writes the texts into WV_WINDOWS_PARAMETERS fields from @first on; see wv_kept_put().
 *
 * @order: which text each field is of.
 */
void procmon_texts_put(struct wv_call *call, struct wv_event *event, unsigned first,
		       const enum wv_windows_parameter order[WV_WINDOWS_PARAMETERS],
		       uint64_t parameters, uint64_t kept);

/* What the traps do; each file declares the event types of its own -----------------------------*/

enum wv_verdict procmon_create_user_entry(struct wv_call *call);
void procmon_create_user_return(struct wv_call *call);
enum wv_verdict procmon_create_ex_entry(struct wv_call *call);
void procmon_create_ex_return(struct wv_call *call);
enum wv_verdict procmon_open_entry(struct wv_call *call);
void procmon_open_process_return(struct wv_call *call);
void procmon_open_thread_return(struct wv_call *call);
enum wv_verdict procmon_privileges_entry(struct wv_call *call);
void procmon_privileges_return(struct wv_call *call);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* procmon on Windows: privileges of tokens that are switched on and off. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plugins/procmon/windows.h"

/** There are no more privileges than these (wdm.h: SE_MAX_WELL_KNOWN_PRIVILEGE): what a caller has
 *  beyond that is not told. */
#define PRIVILEGES_MAX 36

enum privileges_field { PRIVILEGES_TOKEN, PRIVILEGES_DISABLE_ALL, PRIVILEGES_NEW_STATE };

static const struct wv_field privileges_fields[] = {
	[PRIVILEGES_TOKEN] = { "ProcessHandle", WV_KIND_NUMBER,
			       .meaning = "The caller's handle of the token; -4 to -6 are the "
					  "tokens of its process and thread." },
	[PRIVILEGES_DISABLE_ALL] = { "DisableAll", WV_KIND_NUMBER,
				     .meaning = "1: all privileges are disabled, else 0." },
	[PRIVILEGES_NEW_STATE] = { "NewState", WV_KIND_LIST, .optional = true,
				   .meaning =
					   "The privileges with their new attributes, of which 0 "
					   "means disabled; not with DisableAll." },
};

const struct wv_event_type procmon_windows_privileges = {
	.plugin = "procmon",
	.methods = { "NtAdjustPrivilegesToken" },
	.os = WV_OS_WINDOWS,
	.fields = privileges_fields,
	.n_fields = G_N_ELEMENTS(privileges_fields),
	.meaning = "Privileges of a token are about to be changed; that may fail.",
};

/** LUID_AND_ATTRIBUTES (winnt.h), alike in all kernels. */
struct privilege {
	uint32_t low, high, attributes;
};

/** TOKEN_PRIVILEGES, as far as it could be read. */
struct privileges {
	uint32_t count; /* as the caller says */
	unsigned n_read;
	bool readable; /* the count was */
	struct privilege rows[PRIVILEGES_MAX];
};

struct privileges_saved {
	uint64_t token;
	uint64_t state; /* address of the TOKEN_PRIVILEGES */
	bool disable_all;
};

/** Reads them. False when there is one that can not be read. */
static bool read_privileges(struct wv_call *call, uint64_t state, struct privileges *privileges)
{
	const struct wv_space *space = wv_call_space(call);

	privileges->n_read = 0;
	privileges->readable = wv_space_read_u32(space, state, &privileges->count);
	if (!privileges->readable)
		return false;
	state += sizeof(privileges->count);
	while (privileges->n_read < MIN(privileges->count, PRIVILEGES_MAX)) {
		if (!wv_space_read(space, state, &privileges->rows[privileges->n_read],
				   sizeof(struct privilege)))
			return false;
		state += sizeof(struct privilege);
		privileges->n_read++;
	}
	return true;
}

static void put_privilege(struct wv_event *event, const struct privilege *privilege)
{
	uint64_t luid = (uint64_t)privilege->high << 32 | privilege->low;
	const char *name = wv_name_find(&wv_names_privilege, luid);
	char number[sizeof("0xffffffffffffffff")], attributes[256];

	snprintf(number, sizeof(number), "0x%" PRIx64, luid);
	wv_format_flags(&wv_names_privilege_attributes, privilege->attributes, attributes,
			sizeof(attributes));
	wv_event_list_item(event, name ? name : number, attributes, strlen(attributes));
}

static void put_new_state(struct wv_event *event, const struct privileges *privileges)
{
	if (!privileges->readable) {
		wv_event_unreadable(event, PRIVILEGES_NEW_STATE);
		return;
	}
	wv_event_list_begin(event, PRIVILEGES_NEW_STATE);
	for (unsigned i = 0; i < privileges->n_read; i++)
		put_privilege(event, &privileges->rows[i]);
	wv_event_list_end(event, privileges->n_read < privileges->count);
}

/** @privileges: NULL where the call has none. */
static void tell(struct wv_call *call, const struct privileges_saved *saved,
		 const struct privileges *privileges)
{
	bool is_64 = wv_windows_is_64(wv_call_guest(call));
	struct wv_event *event = wv_event_open(call, PROCMON_WINDOWS_PRIVILEGES);

	wv_event_number(event, PRIVILEGES_TOKEN,
			is_64 ? (int64_t)saved->token : (int32_t)saved->token);
	wv_event_unsigned(event, PRIVILEGES_DISABLE_ALL, saved->disable_all);
	if (privileges)
		put_new_state(event, privileges);
	wv_event_close(event);
}

/* NTSTATUS NtAdjustPrivilegesToken(HANDLE token, BOOLEAN disable all, PTOKEN_PRIVILEGES new, ...)
 */
enum wv_verdict procmon_privileges_entry(struct wv_call *call)
{
	struct privileges_saved *saved = wv_call_saved(call);
	struct privileges privileges;

	saved->token = wv_call_argument(call, 0);
	saved->disable_all = (uint8_t)wv_call_argument(call, 1) != 0;
	saved->state = wv_call_argument(call, 2);
	if (saved->disable_all || !saved->state) {
		tell(call, saved, NULL);
		return WV_DONE;
	}
	if (!read_privileges(call, saved->state, &privileges))
		return WV_AWAIT_RETURN; /* the kernel will touch it */
	tell(call, saved, &privileges);
	return WV_DONE;
}

void procmon_privileges_return(struct wv_call *call)
{
	const struct privileges_saved *saved = wv_call_saved(call);
	struct privileges privileges;

	read_privileges(call, saved->state, &privileges);
	tell(call, saved, &privileges);
}

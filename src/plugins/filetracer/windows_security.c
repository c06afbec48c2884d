/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: security descriptors. */
#include "plugins/filetracer/windows.h"

#include <string.h>

extern const struct wv_name_table wv_names_security_control; /* data */

/**
 * What a descriptor has behind its control (winnt.h, SECURITY_DESCRIPTOR): pointers, or in one that
 * is self-relative distances from it, of 32 bits.
 */
enum part { PART_OWNER, PART_GROUP, PART_SACL, PART_DACL, PARTS };

#define CONTROL_OFFSET	 2u
#define RELATIVE_PARTS	 4u /* where they begin */
#define SE_DACL_PRESENT	 0x4u
#define SE_SACL_PRESENT	 0x10u
#define SE_SELF_RELATIVE 0x8000u

/** What is told of it: texts in this order, each ended by a NUL; what it has not is empty. */
static const char *const names[] = { "Control", "Owner", "Group", "Sacl", "Dacl" };

/** A list that is there and is none allows everything to everybody: SDDL calls that so. */
#define NO_LIST "NO_ACCESS_CONTROL"

/** Where the parts are; 0: it does not have that one. */
static bool find_parts(struct wv_call *call, const struct filetracer_saved *saved,
		       uint64_t descriptor, uint16_t control, uint64_t parts[PARTS])
{
	uint32_t distances[PARTS];

	if (!(control & SE_SELF_RELATIVE)) {
		for (unsigned i = 0; i < PARTS; i++)
			if (!filetracer_read_word(call, saved, descriptor, 1 + i, &parts[i]))
				return false;
		return true;
	}
	if (!filetracer_read(call, saved, descriptor + RELATIVE_PARTS, distances,
			     sizeof(distances)))
		return false;
	for (unsigned i = 0; i < PARTS; i++)
		parts[i] = distances[i] ? descriptor + distances[i] : 0;
	return true;
}

static void end_text(struct wv_text *text)
{
	wv_text_append(text, "", 1);
}

static void append_control(uint16_t control, struct wv_text *text)
{
	char flags[WV_FORMAT_MAX];

	wv_format_set(&wv_names_security_control, control, " | ", "0", flags, sizeof(flags));
	wv_text_append(text, flags, strlen(flags));
	end_text(text);
}

static void append_sid(struct wv_call *call, const struct filetracer_saved *saved, uint64_t place,
		       struct wv_text *text)
{
	char sid[FILETRACER_SID_SIZE];

	if (place && filetracer_read_sid(call, saved, place, UINT32_MAX, sid))
		wv_text_append(text, sid, strlen(sid));
	else
		text->missing |= place != 0;
	end_text(text);
}

/** @share: 2: half of the room that is left. */
static void append_list(struct wv_call *call, const struct filetracer_saved *saved, uint64_t place,
			bool present, unsigned share, struct wv_text *text)
{
	size_t room = text->room;

	text->room = text->used + (room - text->used) / share;
	if (present && !place)
		wv_text_append(text, NO_LIST, strlen(NO_LIST));
	else if (present && !filetracer_append_acl(call, saved, place, text))
		text->missing = true;
	text->room = room;
	end_text(text);
}

bool filetracer_append_security(struct wv_call *call, const struct filetracer_saved *saved,
				uint64_t descriptor, struct wv_text *text)
{
	uint64_t parts[PARTS];
	uint16_t control;

	if (!filetracer_read(call, saved, descriptor + CONTROL_OFFSET, &control, sizeof(control)) ||
	    !find_parts(call, saved, descriptor, control, parts))
		return false;
	append_control(control, text);
	append_sid(call, saved, parts[PART_OWNER], text);
	append_sid(call, saved, parts[PART_GROUP], text);
	append_list(call, saved, parts[PART_SACL], control & SE_SACL_PRESENT, 2, text);
	append_list(call, saved, parts[PART_DACL], control & SE_DACL_PRESENT, 1, text);
	return true;
}

void filetracer_put_security(struct wv_event *event, unsigned field, const struct wv_text *text)
{
	const char *at = text->bytes, *end = text->bytes + text->used;

	wv_event_list_begin(event, field);
	for (unsigned i = 0; i < G_N_ELEMENTS(names) && at < end; i++) {
		size_t size = strnlen(at, (size_t)(end - at));

		if (size)
			wv_event_list_item(event, names[i], at, size);
		at += size + 1;
	}
	wv_event_list_end(event, text->truncated || text->missing);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: access control lists (ACL). */
#include "plugins/filetracer/windows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

extern const struct wv_name_table wv_names_ace_flags; /* data */
extern const struct wv_name_table wv_names_ace_types;

/** No more entries of a list are told. */
#define ENTRIES_MAX 64u

/** ACL (winnt.h); its entries follow. */
struct list {
	uint8_t revision, zero;
	uint16_t size, count, zero_2;
};

/** What each of an ACL's entries begins with: ACE_HEADER, and a mask of rights (winnt.h). */
struct entry {
	uint8_t type, flags;
	uint16_t size;
	uint32_t mask;
};

/* Of the types of entries (winnt.h). */
#define ACCESS_ALLOWED_COMPOUND_ACE_TYPE	4u
#define ACCESS_ALLOWED_OBJECT_ACE_TYPE		5u
#define SYSTEM_ALARM_OBJECT_ACE_TYPE		8u
#define ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE 11u
#define ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE	12u
#define SYSTEM_AUDIT_CALLBACK_OBJECT_ACE_TYPE	15u
#define SYSTEM_ALARM_CALLBACK_OBJECT_ACE_TYPE	16u
#define SYSTEM_MANDATORY_LABEL_ACE_TYPE		17u

/** In entries for a kind of object: which identifiers follow, 16 bytes each. */
#define OBJECT_TYPE_PRESENT	      1u
#define INHERITED_OBJECT_TYPE_PRESENT 2u
#define GUID_SIZE		      16u

static bool is_for_objects(uint8_t type)
{
	return (type >= ACCESS_ALLOWED_OBJECT_ACE_TYPE && type <= SYSTEM_ALARM_OBJECT_ACE_TYPE) ||
	       type == ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE ||
	       type == ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE ||
	       type == SYSTEM_AUDIT_CALLBACK_OBJECT_ACE_TYPE ||
	       type == SYSTEM_ALARM_CALLBACK_OBJECT_ACE_TYPE;
}

/** Where in an entry the identifier of a user or group is. */
static bool find_sid(struct wv_call *call, const struct filetracer_saved *saved, uint64_t place,
		     const struct entry *entry, uint32_t *offset)
{
	uint32_t present;

	*offset = sizeof(*entry);
	if (entry->type == ACCESS_ALLOWED_COMPOUND_ACE_TYPE)
		*offset += sizeof(uint32_t);
	if (!is_for_objects(entry->type))
		return true;
	if (!filetracer_read(call, saved, place + *offset, &present, sizeof(present)))
		return false;
	*offset += sizeof(present);
	if (present & OBJECT_TYPE_PRESENT)
		*offset += GUID_SIZE;
	if (present & INHERITED_OBJECT_TYPE_PRESENT)
		*offset += GUID_SIZE;
	return true;
}

static void format_type(uint8_t type, char *text, size_t size)
{
	const char *name = wv_name_find(&wv_names_ace_types, type);

	if (name)
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "0x%x", type);
}

/** From labels on there are no rights of files in it. */
static void format_mask(const struct entry *entry, char *text, size_t size)
{
	if (entry->type < SYSTEM_MANDATORY_LABEL_ACE_TYPE)
		filetracer_format_access(entry->mask, text, size);
	else
		snprintf(text, size, "0x%" PRIx32, entry->mask);
}

static void append_entry(struct wv_call *call, const struct filetracer_saved *saved, uint64_t place,
			 const struct entry *entry, struct wv_text *text)
{
	char type[64], flags[256], mask[WV_FORMAT_MAX], sid[FILETRACER_SID_SIZE] = "";
	char all[sizeof(type) + sizeof(flags) + sizeof(mask) + sizeof(sid) + 16];
	uint32_t offset;

	if (!find_sid(call, saved, place, entry, &offset) || offset > entry->size ||
	    !filetracer_read_sid(call, saved, place + offset, entry->size - offset, sid))
		text->missing = true;
	format_type(entry->type, type, sizeof(type));
	wv_format_set(&wv_names_ace_flags, entry->flags, " | ", "0", flags, sizeof(flags));
	format_mask(entry, mask, sizeof(mask));
	wv_text_append(
		text, all,
		(size_t)snprintf(all, sizeof(all), "(%s, %s, %s, %s)", type, flags, mask, sid));
}

/** Entries that say of themselves how long they are, up to the list's end. Returns how many. */
static unsigned append_entries(struct wv_call *call, const struct filetracer_saved *saved,
			       uint64_t acl, const struct list *list, struct wv_text *text)
{
	uint32_t at = sizeof(*list);
	unsigned count = 0;

	while (count < MIN(list->count, ENTRIES_MAX) && text->used < text->room) {
		struct entry entry;

		if (at + sizeof(entry) > list->size)
			break;
		if (!filetracer_read(call, saved, acl + at, &entry, sizeof(entry))) {
			text->missing = true;
			break;
		}
		if (entry.size < sizeof(entry) || at + entry.size > list->size)
			break;
		append_entry(call, saved, acl + at, &entry, text);
		at += entry.size;
		count++;
	}
	return count;
}

bool filetracer_append_acl(struct wv_call *call, const struct filetracer_saved *saved, uint64_t acl,
			   struct wv_text *text)
{
	struct list list;

	if (!filetracer_read(call, saved, acl, &list, sizeof(list)))
		return false;
	if (!list.count)
		wv_text_append(text, "()", 2);
	text->truncated |= append_entries(call, saved, acl, &list, text) < list.count;
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: what fields of several events have in common. */
#include "plugins/filetracer/windows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* data/nt */
extern const struct wv_name_table wv_names_create_disposition;
extern const struct wv_name_table wv_names_create_options;
extern const struct wv_name_table wv_names_file_access;
extern const struct wv_name_table wv_names_file_attributes;
extern const struct wv_name_table wv_names_object_attributes_flags;
extern const struct wv_name_table wv_names_share_access;
/* data */
extern const struct wv_name_table wv_names_disposition_flags;
extern const struct wv_name_table wv_names_file_operations;
extern const struct wv_name_table wv_names_folder_access;
extern const struct wv_name_table wv_names_rename_flags;

/* Names -----------------------------------------------------------------------------------------*/

/** As this plugin's readers know flags. */
static void format_flags(const struct wv_name_table *table, uint64_t value, char *text, size_t size)
{
	wv_format_set(table, value, " | ", "", text, size);
}

static void format_value(const struct wv_name_table *table, uint64_t value, char *text, size_t size)
{
	const char *name = wv_name_find(table, value);

	if (name)
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "0x%" PRIx64, value);
}

#define FORMAT(function_, how_, table_)                                                            \
	void function_(uint64_t value, char *text, size_t size)                                    \
	{                                                                                          \
		how_(&table_, value, text, size);                                                  \
	}

FORMAT(filetracer_format_attributes, format_flags, wv_names_file_attributes)
FORMAT(filetracer_format_disposition, format_value, wv_names_create_disposition)
FORMAT(filetracer_format_disposition_flags, format_flags, wv_names_disposition_flags)
FORMAT(filetracer_format_object_flags, format_flags, wv_names_object_attributes_flags)
FORMAT(filetracer_format_operation, format_value, wv_names_file_operations)
FORMAT(filetracer_format_options, format_flags, wv_names_create_options)
FORMAT(filetracer_format_rename_flags, format_flags, wv_names_rename_flags)
FORMAT(filetracer_format_share, format_flags, wv_names_share_access)

void filetracer_format_access(uint64_t value, char *text, size_t size)
{
	format_flags(value & FILETRACER_OF_FOLDER ? &wv_names_folder_access : &wv_names_file_access,
		     (uint32_t)value, text, size);
}

/* Times, attributes, sizes ----------------------------------------------------------------------*/

#define UNITS_PER_SECOND 10000000
/* From 1601 to 1970: 369 years with 89 leap days. */
#define SECONDS_TO_1970 INT64_C(11644473600)

/**
 * Where structures have them: FILE_BASIC_INFORMATION; FILE_ALL_INFORMATION, which begins with it,
 * FILE_STANDARD_INFORMATION behind it; FILE_NETWORK_OPEN_INFORMATION (wdm.h, ntifs.h). The times
 * are in front.
 */
static const struct facts {
	enum filetracer_class class;
	uint8_t size, attributes;
	uint8_t sizes; /* two numbers; 0: it has none */
} all_facts[] = {
	{ CLASS_BASIC, 36, 32, 0 },
	{ CLASS_ALL, FILETRACER_FACTS_SIZE, 32, 40 },
	{ CLASS_NETWORK_OPEN, 52, 48, 32 },
};

static const struct facts *find_facts(uint32_t class)
{
	for (const struct facts *facts = all_facts; facts < all_facts + G_N_ELEMENTS(all_facts);
	     facts++)
		if (facts->class == class)
			return facts;
	return NULL;
}

uint32_t filetracer_facts_size(uint32_t class)
{
	const struct facts *facts = find_facts(class);

	return facts ? facts->size : 0;
}

static void put_times(struct wv_event *event, unsigned field, const uint8_t *bytes)
{
	int64_t times[FILETRACER_TIMES];

	memcpy(times, bytes, sizeof(times));
	for (unsigned i = 0; i < FILETRACER_TIMES; i++)
		/* 0, and numbers below: there is none, or it stays as it is */
		if (times[i] > 0)
			wv_event_number(event, field + i,
					times[i] / UNITS_PER_SECOND - SECONDS_TO_1970);
}

static void put_sizes(struct wv_event *event, unsigned field, const uint8_t *bytes)
{
	uint64_t sizes[FILETRACER_SIZES];

	memcpy(sizes, bytes, sizeof(sizes));
	for (unsigned i = 0; i < FILETRACER_SIZES; i++)
		wv_event_unsigned(event, field + i, sizes[i]);
}

static void put_unreadable(struct wv_event *event, unsigned first, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		wv_event_unreadable(event, first + i);
}

void filetracer_put_facts(struct wv_event *event, uint32_t class, const uint8_t *bytes,
			  unsigned first, unsigned attributes)
{
	const struct facts *facts = find_facts(class);
	uint32_t flags;

	if (!bytes) {
		put_unreadable(event, first,
			       FILETRACER_TIMES + (facts->sizes ? FILETRACER_SIZES : 0));
		wv_event_unreadable(event, attributes);
		return;
	}
	put_times(event, first, bytes);
	if (facts->sizes)
		put_sizes(event, first + FILETRACER_TIMES, bytes + facts->sizes);
	memcpy(&flags, bytes + facts->attributes, sizeof(flags));
	wv_event_unsigned(event, attributes, flags);
}

/* The end of a call -----------------------------------------------------------------------------*/

/**
 * IO_STATUS_BLOCK: Status or a pointer, Information, a word each (wdm.h). Of a program of WoW64 the
 * kernel may fill in the block of 32 bits that the program itself has, whose address is in the
 * place of Status then.
 */
static bool read_information(struct wv_call *call, const struct filetracer_saved *saved,
			     uint64_t *information)
{
	uint32_t result = (uint32_t)wv_call_result(call), narrow[2];
	struct wv_guest *guest = wv_call_guest(call);
	uint64_t status;

	if (!filetracer_read_word(call, saved, saved->status_block, 0, &status))
		return false;
	if ((uint32_t)status == result)
		return filetracer_read_word(call, saved, saved->status_block, 1, information);
	if (!wv_windows_is_64(guest) || status > UINT32_MAX ||
	    !wv_windows_process_is_32(guest, wv_call_space(call), wv_nt_acting_process(call)) ||
	    !filetracer_read(call, saved, status, narrow, sizeof(narrow)) || narrow[0] != result)
		return false;
	*information = narrow[1];
	return true;
}

void filetracer_put_information(struct wv_call *call, const struct filetracer_saved *saved,
				struct wv_event *event, unsigned field)
{
	uint64_t information;

	if (wv_nt_filled_in((uint32_t)wv_call_result(call)) &&
	    read_information(call, saved, &information))
		wv_event_unsigned(event, field, information);
}

void filetracer_put_status(struct wv_call *call, struct wv_event *event, unsigned field)
{
	wv_event_unsigned(event, field, (uint32_t)wv_call_result(call));
}

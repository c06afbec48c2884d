/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * procmon on Windows: texts of RTL_USER_PROCESS_PARAMETERS, from a call's entry to its return.
 *
 * The kernel reads them when the call begins, and creating a process takes long: by its end another
 * thread may have written others over them. So they are read at the entry, into places that are
 * there from the start. Calls take the places in turns. One that takes very long may find its place
 * taken by a later one; then it tells what is there when it returns, as it does of texts that were
 * paged out.
 */
#include "plugins/procmon/windows.h"

/** Calls whose texts are kept at once. */
#define PLACES 16u

/** Of each text so much is told that all fit into a record, besides the other fields. */
#define TEXT_MAX (WV_RECORD_MAX / WV_WINDOWS_PARAMETERS - 1024)

/** Owners of a place that are no call. */
#define NOBODY UINT64_C(0)
#define BUSY   UINT64_MAX /* it is written or read just now */

struct text {
	bool whole; /* it could be read to its end, or as far as there is room */
	bool truncated;
	uint32_t size;
	char bytes[TEXT_MAX];
};

struct place {
	uint64_t owner; /* atomic: a call's number */
	struct text texts[WV_WINDOWS_PARAMETERS];
};

/** What is shared by all vCPUs. */
struct texts {
	uint64_t calls; /* atomic: the last call's number */
	struct place places[PLACES];
};

bool procmon_texts_prepare(struct wv_call *call, void **data, GError **error)
{
	(void)call;
	(void)error;
	/* pages of it that are never written take no memory */
	*data = g_new0(struct texts, 1);
	return true;
}

/** Reads a text as it is now. */
static bool read_text(struct wv_call *call, uint64_t parameters, enum wv_windows_parameter which,
		      char *text, size_t *size, bool *truncated)
{
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);
	size_t room = *size;
	uint64_t handle, directory;

	if (!wv_windows_process_parameter(guest, space, parameters, which, text, size, truncated))
		return false;
	if (*size || which != WV_WINDOWS_CURRENT_DIRECTORY ||
	    !wv_windows_process_directory(guest, space, parameters, &handle) ||
	    !wv_windows_handle(guest, space, procmon_acting_process(call), handle, &directory))
		return true;
	/* it has no path, and is open */
	*size = room;
	if (!wv_windows_object_name(guest, space, directory, text, size, truncated))
		*size = 0;
	return true;
}

static struct place *place_of(struct texts *texts, uint64_t number)
{
	return &texts->places[number % PLACES];
}

uint64_t procmon_texts_keep(struct wv_call *call, uint64_t parameters)
{
	struct texts *texts = wv_call_guest_data(call);
	uint64_t number = __atomic_add_fetch(&texts->calls, 1, __ATOMIC_RELAXED);
	struct place *place = place_of(texts, number);

	if (__atomic_exchange_n(&place->owner, BUSY, __ATOMIC_ACQUIRE) == BUSY)
		return NOBODY; /* who has it gives it back */
	for (unsigned i = 0; i < WV_WINDOWS_PARAMETERS; i++) {
		struct text *text = &place->texts[i];
		size_t size = sizeof(text->bytes);

		text->whole = read_text(call, parameters, (enum wv_windows_parameter)i, text->bytes,
					&size, &text->truncated) &&
			      (!text->truncated || wv_windows_is_full(size, sizeof(text->bytes)));
		text->size = (uint32_t)size;
	}
	__atomic_store_n(&place->owner, number, __ATOMIC_RELEASE);
	return number;
}

/** The place of a call, for reading: NULL if it has lost it. To be given back. */
static struct place *take(struct texts *texts, uint64_t number)
{
	struct place *place = place_of(texts, number);
	uint64_t owner = number;

	return number != NOBODY && __atomic_compare_exchange_n(&place->owner, &owner, BUSY, false,
							       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)
		       ? place
		       : NULL;
}

static void put_as_it_is(struct wv_call *call, struct wv_event *event, unsigned field,
			 uint64_t parameters, enum wv_windows_parameter which)
{
	size_t size = TEXT_MAX;
	char *text = wv_event_text_begin(event, field, &size);
	bool truncated;

	if (text && read_text(call, parameters, which, text, &size, &truncated))
		wv_event_text_end(event, size, truncated);
	else
		wv_event_unreadable(event, field);
}

void procmon_texts_put(struct wv_call *call, struct wv_event *event, unsigned first,
		       const enum wv_windows_parameter order[WV_WINDOWS_PARAMETERS],
		       uint64_t parameters, uint64_t kept)
{
	struct place *place = take(wv_call_guest_data(call), kept);

	for (unsigned i = 0; i < WV_WINDOWS_PARAMETERS; i++) {
		const struct text *text = place ? &place->texts[order[i]] : NULL;

		if (text && text->whole)
			wv_event_text(event, first + i, text->bytes, text->size, text->truncated);
		else
			put_as_it_is(call, event, first + i, parameters, order[i]);
	}
	if (place)
		__atomic_store_n(&place->owner, NOBODY, __ATOMIC_RELEASE);
}

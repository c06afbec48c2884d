/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts that a call is given, from its entry to its return. */
#include "plugins/kept_text.h"

#include <string.h>

#include "guest/windows/windows.h"

/** Owners of a place that are no call. */
#define NOBODY UINT64_C(0)
#define BUSY   UINT64_MAX /* it is written or read just now */

struct kept_text {
	struct wv_text text;
	bool known; /* it could be read to its end, or as far as there is room */
};

struct wv_kept_place {
	uint64_t owner; /* atomic: a call's number */
	struct kept_text texts[];
};

struct wv_kept_texts {
	uint64_t calls; /* atomic: the last call's number */
	unsigned n_places;
	size_t head, room; /* bytes of a place: before its texts' bytes, of each text */
	size_t place_size;
	uint64_t places[]; /* aligned for struct wv_kept_place */
};

/* A text ----------------------------------------------------------------------------------------*/

void wv_text_append(struct wv_text *text, const char *bytes, size_t size)
{
	size_t left = text->room - text->used;

	if (size > left) {
		text->truncated = true;
		size = left;
	}
	memcpy(text->bytes + text->used, bytes, size);
	text->used += size;
}

void wv_text_took(struct wv_text *text, size_t size, bool truncated)
{
	text->truncated |= truncated;
	text->missing |= truncated && !wv_windows_is_full(size, text->room - text->used);
	text->used += size;
}

/* Places ----------------------------------------------------------------------------------------*/

static size_t aligned(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

struct wv_kept_texts *wv_kept_texts_new(unsigned calls, unsigned texts, size_t room)
{
	size_t head = sizeof(struct wv_kept_place) + texts * sizeof(struct kept_text);
	size_t place_size = aligned(head + texts * room);
	/* pages of it that are never written take no memory */
	struct wv_kept_texts *kept = g_malloc0(sizeof(*kept) + calls * place_size);

	kept->n_places = calls;
	kept->head = head;
	kept->room = room;
	kept->place_size = place_size;
	return kept;
}

static struct wv_kept_place *place_of(struct wv_kept_texts *texts, uint64_t number)
{
	char *places = (char *)texts->places;

	return (struct wv_kept_place *)(places + number % texts->n_places * texts->place_size);
}

uint64_t wv_kept_keep(struct wv_kept_texts *texts, struct wv_call *call, wv_text_fn read,
		      const void *source, unsigned count)
{
	uint64_t number = __atomic_add_fetch(&texts->calls, 1, __ATOMIC_RELAXED);
	struct wv_kept_place *place = place_of(texts, number);

	if (__atomic_exchange_n(&place->owner, BUSY, __ATOMIC_ACQUIRE) == BUSY)
		return NOBODY; /* who has it gives it back */
	for (unsigned i = 0; i < count; i++) {
		struct kept_text *kept = &place->texts[i];

		kept->text =
			(struct wv_text){ .bytes = (char *)place + texts->head + i * texts->room,
					  .room = texts->room };
		kept->known = read(call, source, i, &kept->text) && !kept->text.missing;
	}
	__atomic_store_n(&place->owner, number, __ATOMIC_RELEASE);
	return number;
}

/* A call returns --------------------------------------------------------------------------------*/

void wv_kept_take(struct wv_kept *kept, struct wv_kept_texts *texts, uint64_t number,
		  struct wv_call *call, wv_text_fn read, const void *source)
{
	struct wv_kept_place *place = place_of(texts, number);
	uint64_t owner = number;
	bool own =
		number != NOBODY && __atomic_compare_exchange_n(&place->owner, &owner, BUSY, false,
								__ATOMIC_ACQUIRE, __ATOMIC_RELAXED);

	*kept = (struct wv_kept){ call, read, source, own ? place : NULL };
}

void wv_kept_give_back(struct wv_kept *kept)
{
	if (kept->place)
		__atomic_store_n(&kept->place->owner, NOBODY, __ATOMIC_RELEASE);
	kept->place = NULL;
}

const struct wv_text *wv_kept_text(const struct wv_kept *kept, unsigned which)
{
	return kept->place && kept->place->texts[which].known ? &kept->place->texts[which].text
							      : NULL;
}

static void put_as_it_is(const struct wv_kept *kept, unsigned which, struct wv_event *event,
			 unsigned field)
{
	struct wv_text text = { .room = WV_TEXT_MAX };

	text.bytes = wv_event_text_begin(event, field, &text.room);
	if (text.bytes && kept->read(kept->call, kept->source, which, &text))
		wv_event_text_end(event, text.used, text.truncated);
	else
		wv_event_unreadable(event, field);
}

void wv_kept_put(const struct wv_kept *kept, unsigned which, struct wv_event *event, unsigned field)
{
	const struct wv_text *text = wv_kept_text(kept, which);

	if (text)
		wv_event_text(event, field, text->bytes, text->used, text->truncated);
	else
		put_as_it_is(kept, which, event, field);
}

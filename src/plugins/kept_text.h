/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts that a call is given, from its entry to its return.
 *
 * A kernel reads them when the call begins; by its end another thread may have written others over
 * them, or what they name may have another name. So they are read at the entry, into places that
 * are there from the start. Calls take the places in turns. One that takes very long may find its
 * place taken by a later one; then it tells what is there when it returns, as it does of texts that
 * were paged out at its entry.
 *
 *	number = wv_kept_keep(texts, call, read, source, count);	at the entry
 *
 *	wv_kept_take(&kept, texts, number, call, read, source);		at the return
 *	wv_kept_put(&kept, 0, event, FIELD);
 *	wv_kept_give_back(&kept);
 */
#ifndef WV_PLUGINS_KEPT_TEXT_H
#define WV_PLUGINS_KEPT_TEXT_H

#include "monitor/plugin.h"

/** A text that is put together from what the guest has. */
struct wv_text {
	char *bytes;
	size_t room, used;
	bool truncated; /**< there is more of it */
	bool missing;	/**< which is not in memory, and may be later */
};

/** Appends bytes of our own, as far as there is room. */
void wv_text_append(struct wv_text *text, const char *bytes, size_t size);

/**
 * Takes in what a function of the guest layer has stored behind the used part.
 *
 * @size: bytes that it used, of all that there was room for.
 * @truncated: see wv_windows_string().
 */
void wv_text_took(struct wv_text *text, size_t size, bool truncated);

/**
 * Reads one of a call's texts as it is now. False: nothing of it can be read.
 *
 * @source: what the plugin needs to find it.
 */
typedef bool (*wv_text_fn)(struct wv_call *call, const void *source, unsigned which,
			   struct wv_text *text);

/** The places, for all vCPUs. */
struct wv_kept_texts;

/**
 * Makes them; g_free() is the counterpart. They take no memory before they are used.
 *
 * @calls: how many calls' texts are kept at once.
 * @texts: how many texts a call has at the most; @room: bytes of each.
 */
struct wv_kept_texts *wv_kept_texts_new(unsigned calls, unsigned texts, size_t room);

/** Keeps the first @count texts as they are now. Returns what wv_kept_take() finds them by. */
uint64_t wv_kept_keep(struct wv_kept_texts *texts, struct wv_call *call, wv_text_fn read,
		      const void *source, unsigned count);

/** The texts of a call that returns. */
struct wv_kept {
	struct wv_call *call;
	wv_text_fn read;
	const void *source;
	struct wv_kept_place *place; /**< NULL: others have it */
};

/** To be given back. */
void wv_kept_take(struct wv_kept *kept, struct wv_kept_texts *texts, uint64_t number,
		  struct wv_call *call, wv_text_fn read, const void *source);
void wv_kept_give_back(struct wv_kept *kept);

/** A text as it was kept; NULL: it could not be read to its end then, or is lost. */
const struct wv_text *wv_kept_text(const struct wv_kept *kept, unsigned which);

/** Writes it into a field: as it was kept, or else as it is now. */
void wv_kept_put(const struct wv_kept *kept, unsigned which, struct wv_event *event,
		 unsigned field);

#endif

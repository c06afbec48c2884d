/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of a process tree: given piece by piece, never more than a limit, freed at once. */
#include "sandbox/tree_room.h"

#include <string.h>

#define BLOCK_SIZE ((size_t)64 * 1024)
#define ALIGN	   (sizeof(void *) - 1)

void wv_tree_room_init(struct wv_tree_room *room, size_t limit)
{
	*room = (struct wv_tree_room){ .left = limit };
}

void wv_tree_room_deinit(struct wv_tree_room *room)
{
	g_slist_free_full(room->blocks, g_free);
	*room = (struct wv_tree_room){ 0 };
}

static void add_block(struct wv_tree_room *room, size_t size)
{
	room->next = g_malloc0(size);
	room->free = size;
	room->blocks = g_slist_prepend(room->blocks, room->next);
}

void *wv_tree_room_take(struct wv_tree_room *room, size_t size)
{
	void *piece;

	size = (size + ALIGN) & ~ALIGN;
	if (size > room->left)
		return NULL;
	room->left -= size;
	if (size > room->free)
		add_block(room, MAX(size, BLOCK_SIZE));
	piece = room->next;
	room->next += size;
	room->free -= size;
	return piece;
}

/** The most bytes of a text, up to @max, that do not end within a character. */
static size_t whole_characters(struct wv_bytes text, size_t max)
{
	size_t size = max;

	/* at most three bytes follow a character's first */
	while (size > 0 && max - size < 3 && ((uint8_t)text.data[size] & 0xc0) == 0x80)
		size--;
	return size;
}

GString *wv_tree_room_cut(struct wv_bytes text, size_t max)
{
	GString *out = g_string_new_len(text.data, (gssize)whole_characters(text, max));

	return g_string_append(out, "...");
}

bool wv_tree_room_keep(struct wv_tree_room *room, struct wv_bytes text, size_t max,
		       struct wv_bytes *copy)
{
	g_autoptr(GString) cut = NULL;
	char *data;

	*copy = (struct wv_bytes){ "", 0 };
	if (text.size > max) {
		cut = wv_tree_room_cut(text, max);
		text = (struct wv_bytes){ cut->str, cut->len };
	}
	data = wv_tree_room_take(room, MAX(text.size, 1));
	if (!data)
		return false;
	if (text.size > 0)
		memcpy(data, text.data, text.size);
	*copy = (struct wv_bytes){ data, text.size };
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest that the input changes. */
#include "hostile.h"

#include <glib.h>
#include <string.h>

/** What a hostile guest may cost, in microseconds: sanitizers included, and a busy machine. */
#define TIME_LIMIT_US (10 * G_USEC_PER_SEC)

static void run(struct hostile *hostile, const uint8_t *head, const uint8_t *data, size_t size,
		bool anew)
{
	static struct changes changes;
	uint64_t *registers = hostile->scope.mock->registers[0], before[WV_REG_COUNT];
	gint64 started = g_get_monotonic_time();

	memcpy(before, registers, sizeof(before));
	changes_make(&changes, &hostile->scope, data, size);
	if (anew)
		hostile->watch(hostile);
	/* the mock keeps its frames there: it must stay where it can write */
	registers[WV_REG_RSP] = before[WV_REG_RSP];
	hostile->settle(hostile);
	hostile->act(hostile, head);
	watcher_read(&hostile->watcher);
	changes_undo(&changes, &hostile->scope);
	memcpy(registers, before, sizeof(before));
	if (anew)
		watcher_stop(&hostile->watcher);
	stop_if(g_get_monotonic_time() - started > TIME_LIMIT_US, "that took too long");
}

void hostile_run(hostile_make_fn make, const uint8_t *data, size_t size, size_t head_size)
{
	static struct hostile *guests[HOSTILE_GUESTS];
	static bool made;
	bool anew;

	for (unsigned i = 0; !made && i < HOSTILE_GUESTS; i++)
		guests[i] = make(i);
	for (unsigned i = 0; !made && i < HOSTILE_GUESTS - 1; i++)
		guests[i]->watch(guests[i]);
	made = true;
	if (size < head_size)
		return;
	anew = data[0] == 255;
	run(guests[anew ? HOSTILE_GUESTS - 1 : data[0] & 1], data, data + head_size,
	    size - head_size, anew);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The job as it comes through the door: a buffer that the monitor fills again and again. */
#include <string.h>
#include <time.h>

#include "launcher/launcher.h"

#define PAGE	   4096
#define DATA_SIZE  (UINT64_C(1) << 20)
#define REPLY_SIZE (sizeof(struct wv_door_reply) + DATA_SIZE)

static uint8_t buffer[REPLY_SIZE] __attribute__((aligned(PAGE)));

static uint64_t taken; /* of the bytes in the buffer */
static uint64_t given; /* bytes in the buffer */
static bool last;      /* nothing comes after them */

/*
 * The buffer is written from outside, which makes no page present. Right before each knock, because
 * the kernel may be about to move one (mm/migrate.c): touching it waits for that.
 */
static void touch(void)
{
	for (size_t i = 0; i < sizeof(buffer); i += PAGE)
		((volatile uint8_t *)buffer)[i] = 0;
	((volatile uint8_t *)buffer)[sizeof(buffer) - 1] = 0;
}

/* Asks until something is there. A template waits here, for weeks perhaps. */
static bool fetch(struct wv_why *why)
{
	volatile struct wv_door_reply *reply = (volatile struct wv_door_reply *)buffer;
	const struct timespec pause = { .tv_nsec = 1000 * 1000 };
	uint64_t state;

	if (last)
		return wv_why(why, "the job ends too early");
	for (;;) {
		touch();
		reply->state = WV_DOOR_NOTHING;
		reply->size = 0;
		wv_knock(WV_DOOR_WAIT, buffer, REPLY_SIZE);
		state = reply->state;
		if (state != WV_DOOR_NOTHING)
			break;
		nanosleep(&pause, NULL);
	}
	taken = 0;
	given = reply->size;
	last = state == WV_DOOR_LAST;
	if ((state != WV_DOOR_MORE && !last) || given > DATA_SIZE)
		return wv_why(why, "the monitor's reply makes no sense");
	return true;
}

const uint8_t *wv_receive_some(size_t max, size_t *size, struct wv_why *why)
{
	const uint8_t *data;

	while (taken == given) {
		if (!fetch(why))
			return NULL;
	}
	data = buffer + offsetof(struct wv_door_reply, data) + taken;
	*size = given - taken < max ? (size_t)(given - taken) : max;
	taken += *size;
	return data;
}

bool wv_receive(void *to, size_t size, struct wv_why *why)
{
	uint8_t *out = to;

	while (size) {
		size_t some;
		const uint8_t *data = wv_receive_some(size, &some, why);

		if (!data)
			return false;
		memcpy(out, data, some);
		out += some;
		size -= some;
	}
	return true;
}

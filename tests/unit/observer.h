/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A monitor on a tiny kernel, and what its reader tells, as lines of text:
 *
 *   outer 12/13 of 1 uid 1000 "bash" #5: Result=7 Name="x"     an event: PID/TID of PPID, EventUID
 *   message 1: text                                            its enum wv_level
 *   status 0,0: text                                           its enum wv_status, and the detail
 *   content 1 of 5000                                          its number, and the file's length
 *   content at 0+4096: aaaaaaaa                                a piece of it, and how that begins
 *   content end
 *
 * How long the finding of a kernel took is cut off.
 */
#ifndef WV_TESTS_OBSERVER_H
#define WV_TESTS_OBSERVER_H

#include "monitor/monitor.h"
#include "output/reader.h"
#include "tiny_linux.h"

struct observer {
	struct tiny_linux *kernel;
	struct wv_session *session;
	struct wv_monitor *monitor;
	struct wv_reader *reader;
	GString *told; /* what was told and not yet compared; each line ends with a newline */
	uint64_t rows;
	bool quiet; /* count rows, and do not write lines of them */
	/** What is called for each row instead, where it is set. */
	void (*each)(void *owner, const struct wv_row *row);
	void *each_owner;
};

/**
 * Makes a monitor for a machine.
 *
 * @settings: what the user asked for, as a GKeyFile's group [wyvern]; NULL: nothing.
 *
 * The test fails where that is refused.
 */
void observer_watch(struct observer *observer, struct wv_machine *machine, const char *settings);
void observer_stop(struct observer *observer);

/** Makes a monitor for the machine of a tiny Linux kernel. (observer_linux.c) */
void observer_start(struct observer *observer, struct tiny_linux *kernel, const char *settings);

/** User mode runs for the first time on the vCPU: the monitor looks for its kernel.
 * (observer_linux.c) */
void observer_discover(struct observer *observer, unsigned vcpu);

/** What has been told since the last time is exactly this, line by line. */
void observer_told(struct observer *observer, const char *expected);

/** What has been told since the last time. Free with g_free(). */
char *observer_take(struct observer *observer);

/** Reads what is in the rings, without comparing it. */
void observer_read(struct observer *observer);

/** The sum of all vCPUs' counters of that member: offsetof(struct wv_counters, dropped), say. */
uint64_t observer_count(struct observer *observer, size_t counter);
#define OBSERVER_COUNT(observer, name) observer_count(observer, offsetof(struct wv_counters, name))

#endif

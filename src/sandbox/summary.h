/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * summary.json: what became of one analysis. Texts may hold any bytes (file names do): what is not
 * valid UTF-8 is replaced. A text that is NULL is null, and so is a number of seconds below 0.
 */
#ifndef WV_SANDBOX_SUMMARY_H
#define WV_SANDBOX_SUMMARY_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "output/dump.h"
#include "sandbox/end.h"

struct wv_summary_hashes {
	char md5[33], sha1[41], sha256[65]; /**< hexadecimal, lower case */
};

void wv_summary_hash(struct wv_summary_hashes *hashes, const void *data, size_t size);

/** Events of one value of the column Plugin. */
struct wv_summary_events {
	const char *plugin;
	uint64_t count;
};

struct wv_summary {
	struct {
		const char *path; /**< as it was given */
		const char *name;
		uint64_t size; /**< bytes */
		struct wv_summary_hashes hashes;
		char *const *arguments; /**< ended by NULL; NULL: none */
		const char *guest_path;
		const char *user;
	} sample;
	struct {
		const char *name;
		const char *kernel; /**< its release */
		uint64_t memory;    /**< bytes */
		unsigned vcpus;
		const char *created; /**< as in the template */
	} template;
	const char *wyvern_version, *qemu_version;
	const char *const *plugins; /**< in use, ended by NULL */
	const struct wv_summary_events *events;
	unsigned n_events; /**< how many of these there are */
	uint64_t dropped, suppressed, unpaired, overflowed, unreadable, incomplete, malformed;
	enum wv_end end;
	int exit_code;
	struct {
		bool known; /**< otherwise it is null */
		uint32_t pid;
		int status;
		const char *signal; /**< its name, if one ended it; the status is null then */
	} sample_exit;
	const char *error;
	struct {
		uint64_t bytes;
		bool truncated;
		char *const *tail; /**< ended by NULL; NULL: none */
	} console;
	const struct wv_dump
		*dump; /**< what was taken out of the guest; NULL: nothing was wanted */
	const char *network, *jail;
	uint64_t started_ns; /**< since 1970, UTC */
	struct {
		double clone, hand_in, arm, sample, total; /**< seconds */
	} durations;
};

/**
 * Writes it. The file is there whole or not at all; one that was there stays until then.
 * WV_ERROR_OUTPUT when it can not be written.
 */
bool wv_summary_write(const struct wv_summary *summary, const char *path, GError **error);

#endif

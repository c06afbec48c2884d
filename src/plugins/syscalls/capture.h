/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capturing bytes that an argument points to, on any guest: as many as its decoder says. */
#ifndef WV_PLUGINS_SYSCALLS_CAPTURE_H
#define WV_PLUGINS_SYSCALLS_CAPTURE_H

#include "plugins/syscalls/syscalls.h"

/** Structures and arrays: the rest of a long one is cut. */
#define SYSCALLS_BYTES_MAX 4096u

/**
 * Whether an address is in the kernel's half. The kernel does not follow a program's pointer that
 * leads there, so neither is that done here: what it would show is not what the call was given.
 */
bool syscalls_is_kernel(struct wv_call *call, uint64_t address);

/**
 * Writes an argument with the bytes that it points to, or with none where that is not there: then
 * the answer is false.
 *
 * @most: no more than so many bytes.
 */
bool syscalls_write_bytes(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg,
			  size_t most);

/** The same with the bytes that another pointer leads to: @at is the argument with its number. */
bool syscalls_write_bytes_at(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg,
			     const struct wv_arg *at, size_t most);

/** Writes an argument that points to data of the user's: with as much of it as he wants to see. */
bool syscalls_write_preview(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg);

#endif

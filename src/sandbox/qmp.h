/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of QEMU's machine protocol, over a socket that QEMU inherited: start QEMU with
 * `-chardev socket,id=ID,fd=N -mon chardev=ID,mode=control`.
 *
 * What comes from QEMU is hostile, since QEMU shares its process with the guest: lines and the
 * depth of what is in them are bounded, and texts are only ever used as text.
 *
 * Source: docs/interop/qmp-spec.rst of QEMU.
 */
#ifndef WV_SANDBOX_QMP_H
#define WV_SANDBOX_QMP_H

#include <glib.h>
#include <json-c/json.h>
#include <stdbool.h>

/** A line of QEMU's that is longer, in bytes, ends the connection. */
#define WV_QMP_LINE_MAX (1 << 20)

struct wv_qmp;

/** @fd: this process' end of the socket; it is taken, and closed by wv_qmp_free(). */
struct wv_qmp *wv_qmp_new(int fd);

/** NULL is let pass. */
void wv_qmp_free(struct wv_qmp *qmp);

/**
 * Has QEMU execute a command, and waits for its answer. The first call also waits for QEMU's
 * greeting and takes it up. Events are skipped.
 *
 * @arguments: taken, whatever happens; NULL for none.
 * @result: what the command returned, to be given back by json_object_put(); NULL when it is not
 *   wanted. It is as QEMU sent it: check types and ranges.
 * @timeout_s: for all of it, in seconds.
 *
 * Errors: WV_ERROR_INTERNAL when QEMU refused the command (with QEMU's own words), WV_ERROR_GUEST
 * when it did not answer in time or closed the connection, WV_ERROR_FORMAT when what it sent is
 * not the protocol. After a refusal, or an answer that was only late, calls are possible; after
 * all else each later one fails at once.
 */
bool wv_qmp_call(struct wv_qmp *qmp, const char *command, struct json_object *arguments,
		 struct json_object **result, double timeout_s, GError **error);

/**
 * Tells QEMU to quit, without waiting for anything: neither for the greeting, nor for an answer,
 * nor for room in the socket. Whether QEMU does it is to be seen from its process.
 */
void wv_qmp_send_quit(struct wv_qmp *qmp);

#endif

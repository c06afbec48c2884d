/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devices' state of a guest, to a file and from it. The guest's RAM is not in it: that is a
 * file by itself (QEMU's capability x-ignore-shared, docs/devel/migration/features.rst).
 */
#ifndef WV_SANDBOX_STATE_H
#define WV_SANDBOX_STATE_H

#include "sandbox/qmp.h"

/** Stops the guest and writes its devices' state. QEMU can only be ended then. */
bool wv_state_save(struct wv_qmp *qmp, const char *path, GError **error);

/** Loads the state into a QEMU that was started with `-incoming defer`, and lets the guest run. */
bool wv_state_load(struct wv_qmp *qmp, const char *path, GError **error);

#endif

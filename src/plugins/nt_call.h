/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What calls of Windows' services have in common: whose handles they mean, how they end. */
#ifndef WV_PLUGINS_NT_CALL_H
#define WV_PLUGINS_NT_CALL_H

#include "guest/windows/windows.h"
#include "monitor/plugin.h"
#include "plugins/nt_status.h"

/** The process that the call's thread acts in: whose handles are meant. */
uint64_t wv_nt_acting_process(struct wv_call *call);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From how an analysis went to its summary.json. */
#ifndef WV_SANDBOX_SUMMARIZE_H
#define WV_SANDBOX_SUMMARIZE_H

#include "sandbox/analysis.h"

/**
 * Writes the summary into the results' folder.
 *
 * @watched: how it ended; @fate: of the sample; @console: what the guest printed, NULL: nothing.
 */
bool wv_summarize(const struct wv_analysis *analysis, const struct wv_watched *watched,
		  const struct wv_fate *fate, const struct wv_collect *console, GError **error);

#endif

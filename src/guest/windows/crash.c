/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why the kernel gives up: the bug check's code and its parameters. */
#include <inttypes.h>

#include "guest/windows/internal.h"

void wv_windows_crash_text(struct wv_guest *guest, const struct wv_space *space,
			   const uint64_t *arguments, char *text, size_t size)
{
	(void)guest;
	(void)space;
	/* KeBugCheckEx(BugCheckCode, BugCheckParameter1 to 4); KeBugCheck2 begins alike */
	g_snprintf(text, size,
		   "bug check 0x%08" PRIx32 " (0x%" PRIx64 ", 0x%" PRIx64 ", 0x%" PRIx64
		   ", 0x%" PRIx64 ")",
		   (uint32_t)arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]);
}

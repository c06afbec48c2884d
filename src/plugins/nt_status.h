/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the status that a service of Windows returns says of what it was to do. */
#ifndef WV_PLUGINS_NT_STATUS_H
#define WV_PLUGINS_NT_STATUS_H

#include <stdbool.h>
#include <stdint.h>

/* ntstatus.h */
#define WV_STATUS_USER_APC UINT32_C(0xc0)
#define WV_STATUS_ALERTED  UINT32_C(0x101)
#define WV_STATUS_TIMEOUT  UINT32_C(0x102)
#define WV_STATUS_PENDING  UINT32_C(0x103)

/**
 * Whether a call that returned this has filled in what it is to fill in: not if it failed, if its
 * wait ended before anything came, or if it has not come to its end yet. Warnings (0x8...) do fill
 * in.
 */
static inline bool wv_nt_filled_in(uint32_t status)
{
	return status < 0xc0000000 && status != WV_STATUS_USER_APC && status != WV_STATUS_ALERTED &&
	       status != WV_STATUS_TIMEOUT && status != WV_STATUS_PENDING;
}

/** NT_SUCCESS() (ntdef.h): codes with the highest bit set are warnings and errors. */
static inline bool wv_nt_has_succeeded(uint32_t status)
{
	return (int32_t)status >= 0;
}

#endif

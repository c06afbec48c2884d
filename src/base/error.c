/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The error domain and its mapping to exit codes. */
#include "base/error.h"

GQuark wv_error_quark(void)
{
	return g_quark_from_static_string("wyvern");
}

enum wv_exit wv_error_exit_code(const GError *error)
{
	if (!error || error->domain != WV_ERROR)
		return WV_EXIT_INTERNAL;

	static const enum wv_exit codes[] = {
		[WV_ERROR_INTERNAL] = WV_EXIT_INTERNAL,	 [WV_ERROR_USAGE] = WV_EXIT_USAGE,
		[WV_ERROR_OUTPUT] = WV_EXIT_INTERNAL,	 [WV_ERROR_FORMAT] = WV_EXIT_NO_KERNEL,
		[WV_ERROR_KERNEL] = WV_EXIT_NO_KERNEL,	 [WV_ERROR_GUEST] = WV_EXIT_GUEST_DIED,
		[WV_ERROR_SAMPLE] = WV_EXIT_NOT_STARTED,
	};

	if (error->code < 0 || (size_t)error->code >= G_N_ELEMENTS(codes))
		return WV_EXIT_INTERNAL;
	return codes[error->code];
}

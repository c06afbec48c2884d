/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What callers hand over about files: who may do what with them, and what is to change. */
#ifndef WV_NT_CAPTURE_FILE_H
#define WV_NT_CAPTURE_FILE_H

#include "service.h"

/* SECURITY_DESCRIPTOR at an address: an object of its parts, whole or as far as they can be read.
 */
void wv_capture_descriptor(struct wv_json *json, u32 mode, word at);
/* What NtSetInformationFile is given. */
void wv_capture_change(struct wv_json *json, const struct wv_request *request);

#endif

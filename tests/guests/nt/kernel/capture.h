/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is behind a system service's arguments, for the truth. */
#ifndef WV_NT_CAPTURE_H
#define WV_NT_CAPTURE_H

#include "service.h"

enum wv_moment { WV_ENTRY, WV_RETURN };

/* Fills a new buffer with an object: for each argument of which there is more to tell, by number.
 */
void wv_capture(struct wv_json *json, const struct wv_request *request, enum wv_moment moment);

/* Members about an object: its type, and its name or ids. */
void wv_capture_object(struct wv_json *json, void *object);
/* A text's characters that can be read, and how long it says it is. */
void wv_capture_string(struct wv_json *json, u32 mode, const char *key,
		       const struct _UNICODE_STRING *string);

#endif

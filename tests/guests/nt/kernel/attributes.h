/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PS_ATTRIBUTE_LIST: what a new process is made of, and where to put what was made. */
#ifndef WV_NT_ATTRIBUTES_H
#define WV_NT_ATTRIBUTES_H

#include "service.h"

/* PS_ATTRIBUTE. */
struct wv_attribute {
	word number, size, value, returned;
};

#define ATTRIBUTES_MAX 16u

struct wv_attributes {
	struct _EPROCESS *parent;
	unsigned count;
	struct wv_attribute rows[ATTRIBUTES_MAX];
};

/* Reads a caller's list; without one there are none, and the parent is the caller. */
ntstatus wv_fetch_attributes(struct wv_request *request, word from, struct wv_attributes *to);
/* Reads it as far as that is possible. */
void wv_read_attributes(u32 mode, word from, struct wv_attributes *to);
/* Puts what the caller wants to know of a new thread where it said. */
void wv_give_attributes(struct wv_request *request, const struct wv_attributes *attributes,
			struct _ETHREAD *thread);

#endif

// SPDX-License-Identifier: GPL-2.0-or-later
/* PS_ATTRIBUTE_LIST: its size in bytes, and the attributes. */
#include "attributes.h"
#include "process.h"
#include "reach.h"

#define PARENT	  0x60000u
#define CLIENT_ID 0x10003u
#define TEB	  0x10004u

static word size_of(word from, u32 mode)
{
	word size;

	return wv_fetch(mode, &size, from, sizeof(size)) ? size : 0;
}

void wv_read_attributes(u32 mode, word from, struct wv_attributes *to)
{
	word size = size_of(from, mode), at = sizeof(size);

	to->count = 0;
	while (to->count < ATTRIBUTES_MAX && at + sizeof(to->rows[0]) <= size &&
	       wv_fetch(mode, &to->rows[to->count], from + at, sizeof(to->rows[0]))) {
		to->count++;
		at += sizeof(to->rows[0]);
	}
}

ntstatus wv_fetch_attributes(struct wv_request *request, word from, struct wv_attributes *to)
{
	u32 mode = request->call.mode;
	ntstatus status = STATUS_SUCCESS;
	void *parent = request->call.process;

	to->count = 0;
	if (from) {
		wv_read_attributes(mode, from, to);
		if (!to->count ||
		    size_of(from, mode) != sizeof(word) + to->count * sizeof(struct wv_attribute))
			return STATUS_INVALID_PARAMETER;
	}
	for (unsigned i = 0; i < to->count && !status; i++)
		if (to->rows[i].number == PARENT)
			status = wv_reach(to->rows[i].value, WV_PROCESS, mode, &parent);
	to->parent = parent;
	return status;
}

void wv_give_attributes(struct wv_request *request, const struct wv_attributes *attributes,
			struct _ETHREAD *thread)
{
	word teb = wv_thread_info(thread)->teb;

	for (unsigned i = 0; i < attributes->count; i++) {
		const struct wv_attribute *row = &attributes->rows[i];

		if (row->number == CLIENT_ID)
			wv_store(request->call.mode, row->value, &thread->Cid, sizeof(thread->Cid));
		if (row->number == TEB)
			wv_store(request->call.mode, row->value, &teb, sizeof(teb));
	}
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Object scenario, the kernel's part: an object of each type, and types that are none. */
#include "memory.h"
#include "object.h"
#include "scenario.h"
#include "user.h"

/* Addresses that no type is at. */
static void *bad_type(unsigned which)
{
	switch (which) {
	case 0:
		return NULL;
	case 1:
		return (void *)(word)0x10;
	case 2:
		return (void *)(word)USER_NOTHING;
	case 3:
		return (u8 *)wv_kernel_pages_fenced(1) + PAGE - 8;
	case 4:
		return (void *)(word)USER_TYPE_OUT;
	case 5:
		return (void *)(word)USER_TRANSITION;
	}
	return NULL;
}

/* A type that can be read, whose name can not. */
static struct _OBJECT_TYPE *bad_name(void)
{
	struct _OBJECT_TYPE *type = wv_kernel_pages(1);

	*type = *wv_types[WV_EVENT];
	type->Name.Length = type->Name.MaximumLength = 0x40;
	type->Name.Buffer = (void *)(word)USER_NOTHING;
	return type;
}

/*
 * One at a time, for what the first one finds paged out is there for the next: nobody brings it in
 * between the call and its look at it.
 */
static void create_of_bad_type(unsigned which, struct _OBJECT_ATTRIBUTES *attributes)
{
	static struct wv_lock lock;
	void *type = bad_type(which), *object;

	wv_take(&lock);
	ObCreateObject(KERNEL_MODE, type, attributes, KERNEL_MODE, NULL, 0x20, 0, 0, &object);
	wv_release(&lock);
}

bool wv_object_step(word step)
{
	static const u32 sizes[] = { 0x20, 0x400, 0x58, 1, 0 };
	struct _OBJECT_ATTRIBUTES attributes;
	void *object = NULL;

	memset(&attributes, 0, sizeof(attributes));
	attributes.Length = sizeof(attributes);
	attributes.Attributes = 0x40;
	if (step < WV_TYPES) {
		ObCreateObject(step % 2, wv_types[step], step % 3 ? &attributes : NULL, step % 2,
			       NULL, sizes[step % COUNT_OF(sizes)], 0, 0, &object);
		return true;
	}
	if (step < WV_TYPES + 6) {
		create_of_bad_type((unsigned)(step - WV_TYPES), &attributes);
		return true;
	}
	if (step == WV_TYPES + 6) {
		ObCreateObject(KERNEL_MODE, bad_name(), &attributes, KERNEL_MODE, NULL, 0x20, 0, 0,
			       &object);
		return true;
	}
	return false;
}

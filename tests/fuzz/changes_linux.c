/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a hostile guest changes of a tiny Linux kernel. */
#include "changes.h"
#include "tiny_linux.h"

/* Physical addresses of what is changed: see tiny_linux.c. */
#define INIT_TASK UINT64_C(0x482000)
#define OBJECTS	  UINT64_C(0x600000)
#define TABLES	  UINT64_C(0x800000)

struct changes_scope changes_of_linux(struct tiny_linux *kernel)
{
	uint64_t objects_size = kernel->next_object - OBJECTS;

	return (struct changes_scope){
		.mock = &kernel->mock,
		.ranges = { { OBJECTS, objects_size },
			    { INIT_TASK, 0x200 },
			    { TABLES, kernel->mock.next_page - TABLES } },
		.objects = TINY_DIRECT_MAP + OBJECTS,
		.objects_size = objects_size,
		.image = TINY_IMAGE,
		.image_size = TINY_IMAGE_SIZE,
	};
}

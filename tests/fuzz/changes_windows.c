/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a hostile guest changes of a tiny Windows kernel. */
#include "changes.h"
#include "windows_fixture.h"

struct changes_scope changes_of_windows(struct nt_guest *nt)
{
	uint64_t pages = NT_RAM_SIZE / 2;

	return (struct changes_scope){
		.mock = &nt->mock,
		.ranges = { { NT_POOL_PHYSICAL, nt->pool_used },
			    { pages, nt->mock.next_page - pages },
			    { nt->image_pages[0], MOCK_PAGE } },
		.objects = nt->pool,
		.objects_size = nt->pool_used,
		.image = nt->image,
		.image_size = NT_IMAGE_SIZE,
	};
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes and threads opened: by good ids, bad ones, and ones that can not be read. */
#include "structures.h"

static void open_by(bool thread, word id, u32 access, u32 attributes_of_handle, bool root)
{
	struct object_attributes attributes =
		attributes_of(NULL, root ? 0x24 : 0, attributes_of_handle);
	kernel_word handle = 0;
	u32 status;

	if (thread)
		status = CALL(NtOpenThread, (word)&handle, access, (word)&attributes, id);
	else
		status = CALL(NtOpenProcess, (word)&handle, access, (word)&attributes, id);
	if (!status)
		NtClose((word)handle);
}

void wv_open_all(word thread)
{
	static const u32 processes[] = { 4,    348,  872, 1504, 2004,  70004,
					 2308, 2400, 0,	  5,	99999, 0xfffffffc };
	static const u32 accesses[] = { 0x1fffff, 0x0410, 0x1000, 0x2000000, 0x80000000, 0 };
	struct client_id id = { .thread = 0 };
	struct object_attributes attributes = attributes_of(NULL, 0, 0);
	kernel_word handle;

	for (u32 i = 0; i < COUNT_OF(processes); i++) {
		id = (struct client_id){ .process = processes[i] };
		open_by(false, (word)&id, accesses[i % COUNT_OF(accesses)], i % 3 ? 0 : 2,
			i % 5 == 0);
		open_by(true, (word)&id, accesses[i % COUNT_OF(accesses)], 0, false);
	}
	/* Threads: the first ones have the numbers from 3004 on. */
	for (u32 i = 0; i < 8; i++) {
		id = (struct client_id){ .thread = 3004 + 4 * i };
		open_by(true, (word)&id, accesses[i % COUNT_OF(accesses)], 0x40, false);
		open_by(false, (word)&id, 0x400, 0x40, false);
		id.process = 1504;
		open_by(true, (word)&id, 0x1fffff, 0, false);
	}
	/* What can not be read: at all, and only by the kernel. */
	open_by(false, 0, 1, 0, false);
	open_by(false, USER_NOTHING, 1, 0, false);
	open_by(true, 0, 1, 0, false);
	open_by(true, (word)-8, 1, 0, false);
	wv_page_out(USER_PAGED_OUT, PAGE_SIZE);
	open_by(false, USER_PAGED_OUT + 0x100 * thread, 1, 0, false);
	id = (struct client_id){ .process = 872 };
	CALL(NtOpenProcess, USER_NOTHING, 1, (word)&attributes, (word)&id);
	CALL(NtOpenProcess, (word)&handle, 1, USER_NOTHING, (word)&id);
	CALL(NtOpenThread, 0, 1, 0, 0);
	/* By an instruction of the program's own. */
	CALL_DIRECTLY(NtOpenProcess, (word)&handle, 0x1000, (word)&attributes, (word)&id);
	NtClose((word)handle);
}

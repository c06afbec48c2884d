// SPDX-License-Identifier: GPL-2.0-or-later
/* Privileges of tokens changed: by lists that are good, too long, away, or none. */
#include "structures.h"

static void adjust(word token, u32 all, const void *state)
{
	u32 length = 0;

	CALL(NtAdjustPrivilegesToken, token, all, (word)state, 0, 0, (word)&length);
}

void wv_adjust_all(word thread)
{
	static const u32 counts[] = { 0x80000000, 0xffffffff, 0x15555556, 37, 1000 };
	struct privileges state = { .count = 1, .rows = { { 20, 0, 2 } } };
	kernel_word token = 0;
	struct privileges *far;

	CALL(NtOpenProcessToken, 0x7ffc, 0x28, (word)&token);
	CALL(NtOpenProcessToken, SELF, 0x28, USER_NOTHING);
	CALL(NtOpenProcessToken, SELF, 0x28, (word)&token);
	adjust((word)token, 0, &state);
	state = (struct privileges){
		4, { { 2, 0, 2 }, { 35, 0, 0 }, { 19, 0, 0x80000000 }, { 23, 0, 4 } }
	};
	adjust((word)token, 0, &state);
	state = (struct privileges){ 3, { { 36, 0, 3 }, { 0, 0, 2 }, { 20, 1, 0x80000007 } } };
	adjust((word)token, 0, &state);
	state.count = 0;
	adjust((word)token, 0, &state);
	adjust((word)token, 1, NULL);
	adjust((word)token, 0xffffff00, &state); /* a BOOLEAN is one byte */
	adjust((word)token, 0x101, &state);
	adjust((word)token, 0, NULL);
	adjust(0x7ffc, 0, &state);
	adjust((word)-1, 0, &state);
	for (u32 i = 0; i < COUNT_OF(counts); i++) {
		state.count = counts[i];
		adjust((word)token, 0, &state);
	}
	adjust((word)token, 0, (void *)USER_NOTHING);
	/* The first row is there, the second is not. */
	far = (void *)(wv_allocate(PAGE_SIZE) + PAGE_SIZE - 16);
	*(u32 *)far = 3;
	((u32 *)far)[1] = 20;
	((u32 *)far)[3] = 2;
	adjust((word)token, 0, far);
	/* All of it is away. */
	far = (void *)(word)(wv_allocate(PAGE_SIZE) + 0x80 * thread);
	far->count = 2;
	far->rows[0] = (struct privilege){ 20, 0, 2 };
	far->rows[1] = (struct privilege){ 8, 0, 2 };
	wv_page_out((word)far & ~(word)(PAGE_SIZE - 1), PAGE_SIZE);
	adjust((word)token, 0, far);
	NtClose((word)token);
}

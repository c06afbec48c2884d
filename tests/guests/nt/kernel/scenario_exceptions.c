// SPDX-License-Identifier: GPL-2.0-or-later
/* Exception scenario, the kernel's part: faults of its own, and on bad pointers. */
#include "exception.h"
#include "guarded.h"
#include "scenario.h"
#include "user.h"

static const word pointers[] = {
	0,
	8,
	USER_NOTHING,
	USER_PAGED_OUT + 0xfff, /* the second byte is on a page that is not there */
	USER_TRANSITION,
	0x7fffffff,
#if WV_POINTER == 8
	0x00007fffffffffff,
	0x0000800000000000,
	0x1234567890abcdef,
	0xffff800000000000,
#else
	0x80000000,
#endif
	(word)-1,
};

bool wv_exception_step(word step)
{
	static const u32 vectors[] = { 0, 3, 6, 13, 14 };
	u8 bytes[2];

	if (step < COUNT_OF(vectors)) {
		wv_raise_in_kernel(vectors[step]);
		return true;
	}
	step -= COUNT_OF(vectors);
	if (step < COUNT_OF(pointers)) {
		wv_copy_guarded(bytes, (void *)pointers[step], sizeof(bytes));
		return true;
	}
	step -= COUNT_OF(pointers);
	if (step < 3) {
		memset(bytes, 0, sizeof(bytes));
		wv_copy_guarded((void *)pointers[step], bytes, sizeof(bytes));
		return true;
	}
	return false;
}

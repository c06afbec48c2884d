// SPDX-License-Identifier: GPL-2.0-or-later
/* Exceptions of a program: each kind once, and some that the kernel settles by itself. */
#include "program.h"
#include "addresses.h"

static const struct {
	enum wv_fault fault;
	word address;
} rows[] = {
	{ FAULT_DIVIDE, 0 },
	{ FAULT_STEP, 0 },
	{ FAULT_BREAKPOINT, 0 },
	{ FAULT_OVERFLOW, 0 },
	{ FAULT_ILLEGAL, 0 },
	{ FAULT_PRIVILEGED, 0 },
	{ FAULT_READ, 0 },
	{ FAULT_READ, 0x41414141 },
	{ FAULT_READ, USER_NOTHING },
	{ FAULT_READ, (word)1 << (sizeof(word) * 8 - 1) },
	{ FAULT_READ, (word)-1 },
	{ FAULT_READ, USER_TRANSITION }, /* no exception: the page comes back */
	{ FAULT_READ, USER_PAGED_OUT },
	{ FAULT_WRITE, 0 },
	{ FAULT_WRITE, USER_PARAMETERS - 4 },
	{ FAULT_WRITE, USER_IMAGE },
	{ FAULT_EXECUTE, 0 },
	{ FAULT_EXECUTE, USER_SCRATCH },
	{ FAULT_EXECUTE, USER_NOTHING },
};

void wv_fault_all(void)
{
	for (u32 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		wv_fault(rows[i].fault, rows[i].address);
}

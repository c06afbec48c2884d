/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dies of a write to address 0. */
#include <stddef.h>

int main(void)
{
	*(volatile int *)NULL = 1;
	return 0;
}

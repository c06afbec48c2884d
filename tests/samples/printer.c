/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints 100 MB: lines of 100 bytes with their number, and what it is at the end. */
#include <stdio.h>

int main(void)
{
	for (unsigned i = 0; i < 1000000; i++)
		printf("%098u\n", i);
	puts("the end of 100 MB");
	return 0;
}

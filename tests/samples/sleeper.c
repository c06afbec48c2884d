/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sleeps for ever. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	puts("sleeping");
	fflush(stdout);
	for (;;)
		pause();
}

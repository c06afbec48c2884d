/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program that needs the C library of the root that it runs in. */
#include <stdio.h>

int main(void)
{
	puts("dynamically linked");
	return 9;
}

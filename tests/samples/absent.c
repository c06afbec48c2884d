/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The library that the sample lacking.c needs; it is thrown away when that is built. */
int absent(void);

int absent(void)
{
	return 0;
}

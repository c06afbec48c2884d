/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program that needs a library (absent.c) that no root has. */
int absent(void);

int main(void)
{
	return absent();
}

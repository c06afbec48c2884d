/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ends at once, with the status 7. */
int main(void)
{
	return 7;
}

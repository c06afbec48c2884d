/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forks without end, and so do all its children. */
#include <unistd.h>

#include "sample.h"

int main(int argc, char **argv)
{
	only_in_a_guest(argc, argv);
	for (;;)
		if (fork() < 0)
			usleep(1000);
}

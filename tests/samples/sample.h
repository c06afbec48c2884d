/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all samples share. */
#ifndef WV_TESTS_SAMPLES_SAMPLE_H
#define WV_TESTS_SAMPLES_SAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * Some samples harm the machine that they run on. They do nothing without this as their first
 * argument, so that nobody starts one by mistake outside a guest.
 */
#define ONLY_IN_A_GUEST "--in-a-guest"

static inline void only_in_a_guest(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], ONLY_IN_A_GUEST) == 0)
		return;
	fprintf(stderr, "%s does harm: it is for a guest of Wyvern only, with %s\n", argv[0],
		ONLY_IN_A_GUEST);
	exit(99);
}

#endif

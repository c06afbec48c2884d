// SPDX-License-Identifier: GPL-2.0-or-later
/* The scenario "several COUNT SCENARIO [ARGUMENT...]": COUNT processes run another one at once. */
#define _GNU_SOURCE
#include "scenarios.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "truth.h"

int wv_several_main(int argc, char **argv)
{
	int count = argc > 2 ? atoi(argv[1]) : 0, status, worst = 0;
	char path[256];

	if (count < 1) {
		fprintf(stderr, "usage: several COUNT SCENARIO [ARGUMENT...]\n");
		return 2;
	}
	snprintf(path, sizeof(path), "/scenarios/%s", argv[2]);
	argv[2] = path;
	for (int i = 0; i < count; i++) {
		pid_t child = fork();

		if (child == 0) {
			execv(path, argv + 2);
			_exit(127);
		}
		WV_EXPECT(child > 0);
	}
	while (wait(&status) > 0)
		if (status)
			worst = 1;
	return worst;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Work that is timed, for benchmarks:
 *   cpuloop ITERATIONS | SECONDSs   arithmetic only; a number with "s" is a time instead
 *   forkexec N                      fork, exec and wait, N times
 */
#define _GNU_SOURCE
#include "scenarios.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "truth.h"

#define TINY  "/bin/tiny"
#define BATCH 1000000

static void report(const char *what, long long count, long long elapsed)
{
	wv_fact("timing");
	wv_fact_text("what", what);
	wv_fact_int("count", count);
	wv_fact_int("elapsed_ns", elapsed);
	wv_fact_end();
}

static uint64_t mix(uint64_t state, long long iterations)
{
	for (long long i = 0; i < iterations; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
	}
	return state;
}

int wv_cpuloop_main(int argc, char **argv)
{
	const char *amount = argc > 1 ? argv[1] : "300000000";
	bool is_time = amount[0] && amount[strlen(amount) - 1] == 's';
	long long wanted = atoll(amount), done = 0;
	long long start = wv_clock_ns();
	uint64_t state = 88172645463325252ULL;

	if (is_time) {
		while (wv_clock_ns() - start < wanted * 1000000000LL) {
			state = mix(state, BATCH);
			done += BATCH;
		}
	} else {
		state = mix(state, wanted);
		done = wanted;
	}
	report("cpuloop", done, wv_clock_ns() - start);
	return state ? 0 : 1;
}

int wv_forkexec_main(int argc, char **argv)
{
	static char *const tiny[] = { (char *)"tiny", NULL };
	static char *const envp[] = { NULL };
	long long wanted = argc > 1 ? atoll(argv[1]) : 1000;
	long long start = wv_clock_ns();

	for (long long i = 0; i < wanted; i++) {
		int status = -1;
		pid_t child = fork();

		if (child == 0) {
			execve(TINY, tiny, envp);
			_exit(1);
		}
		if (!WV_EXPECT(child > 0) || !WV_EXPECT(waitpid(child, &status, 0) == child) ||
		    !WV_EXPECT(status == 0))
			return 1;
	}
	report("forkexec", wanted, wv_clock_ns() - start);
	return 0;
}

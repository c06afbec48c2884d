// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Work that is timed, for benchmarks:
 *   cpuloop ITERATIONS | SECONDSs   arithmetic only; a number with "s" is a time instead
 *   forkexec N                      fork, exec and wait, N times
 *   getppid N [int80]               the cheapest system call, N times; int80: as a 32-bit one
 *   compile N                       compile a file of this folder, N times
 */
#define _GNU_SOURCE
#include "scenarios.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "truth.h"

#define TINY  "/bin/tiny"
#define BATCH 1000000

/* The longest of the sources here that it compiles without a warning. */
#define COMPILER "/usr/bin/tcc"
#define SOURCE	 "/src/truth_exec.c"
#define OBJECT	 "/tmp/object.o"

/* getppid among the 32-bit calls */
#define NR32_GETPPID 64

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

/* Whether the program, run this often, ended well each time. */
static bool run_again(const char *path, const char *const *argv, long long times)
{
	static char *const envp[] = { NULL };

	for (long long i = 0; i < times; i++) {
		int status = -1;
		pid_t child = fork();

		if (child == 0) {
			execve(path, (char *const *)argv, envp);
			_exit(1);
		}
		if (!WV_EXPECT(child > 0) || !WV_EXPECT(waitpid(child, &status, 0) == child) ||
		    !WV_EXPECT(status == 0))
			return false;
	}
	return true;
}

int wv_forkexec_main(int argc, char **argv)
{
	static const char *const tiny[] = { "tiny", NULL };
	long long wanted = argc > 1 ? atoll(argv[1]) : 1000;
	long long start = wv_clock_ns();

	if (!run_again(TINY, tiny, wanted))
		return 1;
	report("forkexec", wanted, wv_clock_ns() - start);
	return 0;
}

int wv_compile_main(int argc, char **argv)
{
	static const char *const command[] = { "tcc", "-c", "-o", OBJECT, SOURCE, NULL };
	long long wanted = argc > 1 ? atoll(argv[1]) : 10;
	struct stat object = { 0 };
	long long start = wv_clock_ns();

	if (!run_again(COMPILER, command, wanted))
		return 1;
	report("compile", wanted, wv_clock_ns() - start);
	return WV_EXPECT(stat(OBJECT, &object) == 0 && object.st_size > 0) ? 0 : 1;
}

/* With nothing else between two calls than the loop itself. */
static long long call_getppid(long long times, long parent)
{
	long long good = 0;

	for (long long i = 0; i < times; i++) {
		long result = SYS_getppid;

		__asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
		good += result == parent;
	}
	return good;
}

static long long call_getppid32(long long times, long parent)
{
	long long good = 0;

	for (long long i = 0; i < times; i++) {
		long result = NR32_GETPPID;

		__asm__ volatile("int $0x80" : "+a"(result) : : "r8", "r9", "r10", "r11", "memory");
		good += result == parent;
	}
	return good;
}

int wv_getppid_main(int argc, char **argv)
{
	long long wanted = argc > 1 ? atoll(argv[1]) : 1000000;
	bool is_32 = argc > 2 && !strcmp(argv[2], "int80");
	long parent = getppid();
	long long start = wv_clock_ns(), good;

	good = (is_32 ? call_getppid32 : call_getppid)(wanted, parent);
	report(is_32 ? "getppid int80" : "getppid", wanted, wv_clock_ns() - start);
	return WV_EXPECT(good == wanted) ? 0 : 1;
}

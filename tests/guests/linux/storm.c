// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The scenario "storm FORKS EXECS JOBS": that many processes are made, that many of them execute a
 * program, as fast as JOBS workers at once can. Every success is counted, and the totals are
 * written at the end.
 */
#define _GNU_SOURCE
#include "scenarios.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "truth.h"

#define TINY "/bin/tiny"

struct counts {
	long clones;
	long execs;
	long exits;
};

static void count(long *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

static void reap(pid_t child, struct counts *counts)
{
	int status = -1;

	if (WV_EXPECT(waitpid(child, &status, 0) == child) && WV_EXPECT(status == 0))
		count(&counts->exits);
}

static void expect_child(pid_t child, struct counts *counts)
{
	if (!WV_EXPECT(child > 0))
		return;
	count(&counts->clones);
	reap(child, counts);
}

static void make_exec(struct counts *counts)
{
	static char *const argv[] = { (char *)"tiny", NULL };
	static char *const envp[] = { NULL };
	pid_t child = vfork();

	if (child == 0) {
		execve(TINY, argv, envp);
		_exit(1);
	}
	/* One whose exec failed ends with another code, and is said to be broken. */
	count(&counts->execs);
	expect_child(child, counts);
}

static void make_vfork(struct counts *counts)
{
	pid_t child = vfork();

	if (child == 0)
		_exit(0);
	expect_child(child, counts);
}

static void make_fork(struct counts *counts)
{
	pid_t child = syscall(SYS_fork);

	if (child == 0)
		_exit(0);
	expect_child(child, counts);
}

/*
 * Spreads the execs evenly among the forks. Most of the others are vforks, too: a copy of the
 * memory costs an emulated machine twenty times as much.
 */
static void work(long forks, long execs, struct counts *counts)
{
	for (long i = 0; i < forks; i++) {
		if ((i + 1) * execs / forks != i * execs / forks)
			make_exec(counts);
		else if (i % 8)
			make_vfork(counts);
		else
			make_fork(counts);
	}
}

int wv_storm_main(int argc, char **argv)
{
	long forks = argc > 1 ? atol(argv[1]) : 20000;
	long execs = argc > 2 ? atol(argv[2]) : 5000;
	long jobs = argc > 3 ? atol(argv[3]) : 2;
	struct counts *counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long long start, elapsed;
	pid_t workers[64];

	if (counts == MAP_FAILED || jobs < 1 || jobs > 64 || execs > forks) {
		fprintf(stderr, "usage: storm FORKS EXECS(<= FORKS) JOBS(1..64)\n");
		return 2;
	}
	start = wv_clock_ns();
	for (long i = 0; i < jobs; i++) {
		workers[i] = fork();
		if (workers[i] == 0) {
			work(forks * (i + 1) / jobs - forks * i / jobs,
			     execs * (i + 1) / jobs - execs * i / jobs, counts);
			_exit(0);
		}
		if (WV_EXPECT(workers[i] > 0))
			count(&counts->clones);
	}
	for (long i = 0; i < jobs; i++)
		if (workers[i] > 0)
			reap(workers[i], counts);
	elapsed = wv_clock_ns() - start;

	/* This process's own exec and exit belong to the tree, too. */
	wv_fact("totals");
	wv_fact_int("root", getpid());
	wv_fact_int("clones", counts->clones);
	wv_fact_int("execs", counts->execs + 1);
	wv_fact_int("exits", counts->exits + 1);
	wv_fact_int("elapsed_ns", elapsed);
	wv_fact_end();
	return 0;
}

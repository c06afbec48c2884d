// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The program that scenarios execute. It ends as its first argument says, whatever follows:
 *   exit:N       with the code N
 *   secure       with the code 40, or 41 if the kernel says that its rights differ from the
 * caller's args:N       with the code 44 if it has N arguments, its own name included, else 99
 *   crash        by SIGSEGV
 *   threads      with the code 0, after a thread of it has ended
 *   as-user COMMAND [ARGUMENT...]  does not end, but runs the command as an ordinary user
 * Without any argument: 50, and 51 even without a name.
 */
#define _GNU_SOURCE
#include <grp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "tasks.h"

static void *thread(void *data)
{
	usleep(10000);
	return data;
}

static int run_thread(void)
{
	pthread_t id;

	if (pthread_create(&id, NULL, thread, NULL) || pthread_join(id, NULL))
		return 98;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return argc ? 50 : 51;
	if (!strncmp(argv[1], "exit:", 5))
		return atoi(argv[1] + 5);
	if (!strcmp(argv[1], "secure"))
		return getauxval(AT_SECURE) ? 41 : 40;
	if (!strncmp(argv[1], "args:", 5))
		return atoi(argv[1] + 5) == argc ? 44 : 99;
	if (!strcmp(argv[1], "crash"))
		*(volatile int *)(long)(argc - 2) = 1;
	if (!strcmp(argv[1], "threads"))
		return run_thread();
	if (!strcmp(argv[1], "as-user") && argc > 2 && !setgroups(0, NULL) && !setgid(WV_USER) &&
	    !setuid(WV_USER))
		execv(argv[2], argv + 2);
	return 97;
}

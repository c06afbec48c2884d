/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ends at once, with the status 0, and leaves a process behind that goes on for a while: it makes
 * a file after the given number of milliseconds (default: 300), and ends with the status 4.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned milliseconds = argc > 1 ? (unsigned)atoi(argv[1]) : 300;

	if (fork() != 0)
		return 0;
	setsid();
	if (fork() != 0)
		_exit(0);
	usleep(milliseconds * 1000);
	close(open("/tmp/daemon-was-here", O_WRONLY | O_CREAT, 0600));
	_exit(4);
}

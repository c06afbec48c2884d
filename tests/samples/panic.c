/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Crashes the kernel. */
#include <fcntl.h>
#include <unistd.h>

#include "sample.h"

int main(int argc, char **argv)
{
	int fd;

	only_in_a_guest(argc, argv);
	fd = open("/proc/sysrq-trigger", O_WRONLY);
	if (fd < 0 || write(fd, "c", 1) != 1)
		perror("/proc/sysrq-trigger");
	return 1;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Powers off, or with the argument "restart" restarts, the machine. */
#include <sys/reboot.h>
#include <unistd.h>

#include "sample.h"

int main(int argc, char **argv)
{
	only_in_a_guest(argc, argv);
	sync();
	reboot(argc > 2 && strcmp(argv[2], "restart") == 0 ? RB_AUTOBOOT : RB_POWER_OFF);
	perror("reboot");
	return 1;
}

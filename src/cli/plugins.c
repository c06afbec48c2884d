/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"
enum wv_exit cli_plugins(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return WV_EXIT_INTERNAL;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Picks the program by the name that it was started under. */
#include "scenarios.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} programs[] = {
	{ "init", wv_init_main },	  { "truth", wv_truth_main },
	{ "storm", wv_storm_main },	  { "cpuloop", wv_cpuloop_main },
	{ "panic", wv_panic_main },	  { "reboot", wv_reboot_main },
	{ "forkexec", wv_forkexec_main }, { "spin", wv_spin_main },
	{ "hang", wv_hang_main },	  { "calls", wv_calls_main },
	{ "decoded", wv_decoded_main },	  { "several", wv_several_main },
	{ "straced", wv_straced_main },	  { "getppid", wv_getppid_main },
	{ "compile", wv_compile_main },	  { "files", wv_files_main },
	{ "deleted", wv_deleted_main },	  { "hostile", wv_hostile_main },
};

int main(int argc, char **argv)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc ? argv[0] : "";

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (!strcmp(name, programs[i].name))
			return programs[i].main(argc, argv);
	fprintf(stderr, "no program is called \"%s\"\n", name);
	return 127;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The scenario "files SYSTEM[=DEVICE]... [GROUP...]": does everything that can be done to a file,
 * on one file system after the other, in a process of its own each. What that process says is all
 * that it does.
 */
#define _GNU_SOURCE
#include "files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenarios.h"
#include "truth.h"

static const struct {
	const char *name;
	void (*run)(void);
} groups[] = {
	{ "open", wv_files_open },
	{ "data", wv_files_data },
	{ "transfers", wv_files_transfers },
	{ "ring", wv_files_ring },
	{ "compat", wv_files_compat },
	{ "names", wv_files_names },
	{ "attributes", wv_files_attributes },
	{ "tasks", wv_files_tasks },
	{ "mounts", wv_files_mounts },
	{ "layers", wv_files_layers },
};

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

static int find_group(const char *name)
{
	for (size_t i = 0; i < GROUPS; i++)
		if (strcmp(groups[i].name, name) == 0)
			return i;
	return -1;
}

static bool wanted(const char *group, const char *system, int argc, char **argv)
{
	bool any = false, named = false;

	if (strcmp(group, "layers") == 0 && strcmp(system, "overlay") != 0)
		return false;
	for (int i = 1; i < argc; i++) {
		any |= find_group(argv[i]) >= 0;
		named |= strcmp(argv[i], group) == 0;
	}
	return named || !any;
}

/* A folder for each group; the lower layer has the one for "layers". */
static void enter(const char *group)
{
	char path[64];

	snprintf(path, sizeof(path), WV_FILES_DIR "/%s", group);
	if (!wv_look_at(AT_FDCWD, path).st_mode)
		WV_EXPECT(wv_file_mkdir(AT_FDCWD, path, 0755) == 0);
	WV_EXPECT(wv_file_chdir(path) == 0);
}

static void work(const char *system, int argc, char **argv)
{
	wv_fact("files");
	wv_fact_text("system", system);
	wv_fact_int("pid", getpid());
	wv_fact_end();
	umask(0);
	for (size_t i = 0; i < GROUPS; i++) {
		if (!wanted(groups[i].name, system, argc, argv))
			continue;
		enter(groups[i].name);
		groups[i].run();
	}
	WV_EXPECT(wv_file_chdir("/") == 0);
}

static void work_on(const char *system, const char *device, int argc, char **argv)
{
	int status = -1;
	pid_t child;

	if (!wv_files_set_up(system, device))
		return;
	child = fork();
	if (child == 0) {
		work(system, argc, argv);
		_exit(0);
	}
	WV_EXPECT(waitpid(child, &status, 0) == child && status == 0);
	wv_files_take_down();
}

int wv_files_main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *system = strdup(argv[i]), *device = strchr(system, '=');

		if (device)
			*device++ = 0;
		if (find_group(system) < 0)
			work_on(system, device, argc, argv);
	}
	return 0;
}

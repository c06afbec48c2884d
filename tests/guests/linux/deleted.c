// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The scenario "deleted COUNT LARGE SYSTEM[=DEVICE]...": on one file system after the other, COUNT
 * files of many sizes are written, LARGE of them of 64 MB, and then removed at once by two
 * processes; after them come files that end in every other way.
 */
#define _GNU_SOURCE
#include "deleted.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "scenarios.h"
#include "truth.h"

#define JOBS 2

static const size_t small_sizes[] = { 0, 1, 4095, 4096, 4097 };

#define MIDDLE (1UL << 20)
#define LARGE  (64UL << 20)

static size_t size_of(int number, int large)
{
	if (number % 100 == 50 && number / 100 < large)
		return LARGE;
	if (number % 10 == 9)
		return MIDDLE;
	return small_sizes[number % 5];
}

/* Every seventh has the content of the others of its size. */
static unsigned long seed_of(int number)
{
	return number % 7 == 0 ? 7 : 1000 + number;
}

static struct wv_mortal write_one(int number, int large)
{
	char path[128];
	struct wv_mortal file;

	snprintf(path, sizeof(path), WV_FILES_DIR "/many/%d", number);
	file = wv_mortal(path, O_CREAT | O_EXCL);
	if (WV_EXPECT(file.fd >= 0)) {
		wv_put(&file, 0, size_of(number, large), seed_of(number));
		wv_close(&file);
	}
	return file;
}

static pid_t start_remover(const struct wv_mortal *files, int count, int job, const int gate[2])
{
	pid_t child = fork();
	char byte;

	if (child != 0)
		return child;
	close(gate[1]);
	/* Until it is closed. */
	if (read(gate[0], &byte, 1) != 0)
		_exit(1);
	for (int i = job; i < count; i += JOBS)
		WV_EXPECT(unlink(files[i].path) == 0);
	_exit(0);
}

static void remove_many(int count, int large)
{
	struct wv_mortal *files = calloc(count, sizeof(*files));
	pid_t removers[JOBS];
	int gate[2];

	WV_EXPECT(mkdir(WV_FILES_DIR "/many", 0755) == 0 && pipe(gate) == 0);
	for (int i = 0; i < count; i++)
		files[i] = write_one(i, large);
	for (int job = 0; job < JOBS; job++)
		removers[job] = start_remover(files, count, job, gate);
	for (int i = 0; i < count; i++)
		wv_ends(&files[i], "Unlink", NULL, removers[i % JOBS], true);
	close(gate[0]);
	close(gate[1]);
	for (int job = 0; job < JOBS; job++) {
		int status = -1;

		WV_EXPECT(waitpid(removers[job], &status, 0) == removers[job] && status == 0);
	}
	free(files);
}

/* A file of an overlay's lower layer stays there: what goes has no content of its own. */
static void hide_lower(void)
{
	struct wv_mortal file = { .path = WV_FILES_DIR "/layers/unlink", .fd = -1 };

	wv_ends_lost(&file, "Unlink");
	WV_EXPECT(unlink(file.path) == 0);
}

static void work_on(const char *system, const char *device, int count, int large)
{
	int status = -1;
	pid_t child;

	if (!wv_files_set_up(system, device))
		return;
	wv_fact("files");
	wv_fact_text("system", system);
	wv_fact_end();
	child = fork();
	if (child == 0) {
		remove_many(count, large);
		WV_EXPECT(mkdir(WV_FILES_DIR "/variants", 0755) == 0);
		wv_deleted_variants(WV_FILES_DIR "/variants");
		if (strcmp(system, "overlay") == 0)
			hide_lower();
		_exit(0);
	}
	WV_EXPECT(waitpid(child, &status, 0) == child && status == 0);
	wv_files_take_down();
}

int wv_deleted_main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 0, large = argc > 2 ? atoi(argv[2]) : 0;

	for (int i = 3; i < argc; i++) {
		char *system = strdup(argv[i]), *device = strchr(system, '=');

		if (device)
			*device++ = 0;
		work_on(system, device, count, large);
	}
	return 0;
}

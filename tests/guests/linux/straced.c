// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The scenario "straced raw|decoded SCENARIO [ARGUMENT...]": runs a scenario under strace, and
 * afterwards sends strace's whole output over the truth channel, a fact per line.
 *
 * raw: all arguments as numbers. decoded: strings and structures as strace reads them, but flags
 * still as numbers, and every byte of a string as two hexadecimal digits.
 */
#define _GNU_SOURCE
#include "scenarios.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "truth.h"

#define STRACE "/bin/strace"
#define OUTPUT "/tmp/strace"

/* Threads and children too; each call with its number; nothing on stderr. */
#define COMMON "strace", "-f", "-n", "-e", "quiet=attach,personality", "-o", OUTPUT

static const struct {
	const char *name;
	const char *options[16];
} modes[] = {
	{ "raw", { COMMON, "-e", "raw=all" } },
	{ "decoded", { COMMON, "-X", "raw", "-xx", "-v", "-s", "65536" } },
};

static void exec_strace(const char *const *options, int argc, char **argv)
{
	const char *command[64];
	char path[256];
	int count = 0;

	while (options[count]) {
		command[count] = options[count];
		count++;
	}
	snprintf(path, sizeof(path), "/scenarios/%s", argv[0]);
	command[count++] = path;
	for (int i = 1; i < argc && count < 63; i++)
		command[count++] = argv[i];
	command[count] = NULL;
	execv(STRACE, (char *const *)command);
	_exit(127);
}

static void send_output(void)
{
	FILE *file = fopen(OUTPUT, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	if (!WV_EXPECT(file))
		return;
	while ((length = getline(&line, &room, file)) > 0) {
		line[strcspn(line, "\n")] = 0;
		wv_fact("strace");
		wv_fact_text("line", line);
		wv_fact_end();
	}
	free(line);
	fclose(file);
}

int wv_straced_main(int argc, char **argv)
{
	int status = -1;
	pid_t child;

	for (size_t i = 0; argc > 2 && i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(argv[1], modes[i].name))
			continue;
		child = fork();
		if (child == 0)
			exec_strace(modes[i].options, argc - 2, argv + 2);
		WV_EXPECT(waitpid(child, &status, 0) == child);
		send_output();
		return WEXITSTATUS(status);
	}
	fprintf(stderr, "usage: straced raw|decoded SCENARIO [ARGUMENT...]\n");
	return 2;
}

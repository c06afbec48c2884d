// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kinds "exec" and "constants" of the scenario "decoded": programs, with arguments and
 * environment.
 */
#define _GNU_SOURCE
#include "decoded.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "truth.h"

#define HELPER "/bin/helper"

/* A child that executes it. Its mark is in memory that both share, and so is its result. */
static pid_t child;
static volatile long answer;

static void execute(const char *path, char *const *argv, char *const *envp)
{
	int status;

	answer = 0;
	child = vfork();
	if (child == 0) {
		answer = WV_CALL(SYS_execve, path, argv, envp);
		_exit(9);
	}
	WV_EXPECT(waitpid(child, &status, 0) == child);
}

static void execute_by_descriptor(char *const *argv, char *const *envp)
{
	int status, fd = wv_decoded_open(HELPER, O_PATH);
	const char *shown = wv_text_fd(fd);

	answer = 0;
	child = vfork();
	if (child == 0) {
		answer = WV_CALL(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
		_exit(9);
	}
	WV_EXPECT(waitpid(child, &status, 0) == child);
	wv_decoded_told_of(child, "execveat", answer, WV_IN("fd", shown), WV_IN("filename", ""),
			   WV_IN("argv", "[\"helper\", \"exit:3\"]"), WV_IN("envp", "[]"),
			   WV_IN("flags", "AT_EMPTY_PATH"), NULL);
	close(fd);
}

static void execute_with_many(void)
{
	static char *argv[] = { (char *)"helper", (char *)"exit:0", [2 ... 299] = (char *)"x",
				NULL };
	static char *envp[] = { NULL };
	char *text = (char *)"[\"helper\", \"exit:0\"";

	/* 256 are shown. */
	for (int i = 2; i < 256; i++)
		text = (char *)wv_text("%s, \"x\"", text);
	execute(HELPER, argv, envp);
	wv_decoded_told_of(child, "execve", answer, WV_IN("filename", HELPER),
			   WV_IN("argv", wv_text("%s, ...]", text)), WV_IN("envp", "[]"), NULL);
}

void wv_decoded_exec(void)
{
	static char *const plain[] = { (char *)"helper", (char *)"exit:3", NULL };
	static char *const strange[] = { (char *)"helper",	  (char *)"two words", (char *)"",
					 (char *)"a \"quote\"\n", (char *)"\\\xff",    NULL };
	static char *const variables[] = { (char *)"A=1", (char *)"B=two words", (char *)"=",
					   NULL };
	static char *const none[] = { NULL };
	char *const *bad = (char *const *)8;

	execute(HELPER, plain, variables);
	wv_decoded_told_of(child, "execve", answer, WV_IN("filename", HELPER),
			   WV_IN("argv", "[\"helper\", \"exit:3\"]"),
			   WV_IN("envp", "[\"A=1\", \"B=two words\", \"=\"]"), NULL);
	execute(HELPER, strange, none);
	wv_decoded_told_of(child, "execve", answer, WV_IN("filename", HELPER),
			   WV_IN("argv", "[\"helper\", \"two words\", \"\", "
					 "\"a \\\"quote\\\"\\n\", \"\\\\\\xff\"]"),
			   WV_IN("envp", "[]"), NULL);
	execute("/not/there", plain, NULL);
	wv_decoded_told_of(child, "execve", answer, WV_IN("filename", "/not/there"),
			   WV_IN("argv", "[\"helper\", \"exit:3\"]"), WV_IN("envp", "NULL"), NULL);
	WV_EXPECT(answer == -ENOENT);
	execute(HELPER, bad, none);
	wv_decoded_told_of(child, "execve", answer, WV_IN("filename", HELPER), WV_IN("argv", "0x8"),
			   WV_IN("envp", "[]"), WV_OUT("argv", "0x8"), NULL);
	WV_EXPECT(answer == -EFAULT);
	execute_with_many();
	execute_by_descriptor(plain, none);
}

/*
 * A child of fork() has none of the pages of its program's file until it touches them: what it
 * executes is named in memory that is not there when the call is entered, and that is another
 * program's when it returns.
 */
void wv_decoded_constants(void)
{
	static const char name[] __attribute__((aligned(4096))) = HELPER;
	static char *const argv[] = { (char *)"helper", (char *)"exit:4", NULL };
	char *const *none = argv + 2;
	int status;

	child = fork();
	if (child == 0) {
		WV_CALL(SYS_execve, name, argv, none);
		_exit(9);
	}
	wv_decoded_skip(SYS_execve);
	WV_EXPECT(waitpid(child, &status, 0) == child && status == 4 << 8);
	wv_decoded_told_of(child, "execve", 0, WV_IN("filename", HELPER),
			   WV_IN("argv", "[\"helper\", \"exit:4\"]"), WV_IN("envp", "[]"), NULL);
}

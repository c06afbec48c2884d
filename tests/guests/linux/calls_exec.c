// SPDX-License-Identifier: GPL-2.0-or-later
/* The area "exec" of the scenario "calls": programs executed, by processes and by their threads. */
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tasks.h"

#define HELPER "/bin/helper"

static char *const none[] = { NULL };

struct exec {
	const char *file;
	char *const *argv;
	char *const *envp;
};

/* Ends with the errno if it failed. */
static int run_exec(void *data)
{
	const struct exec *exec = data;

	syscall(SYS_execve, exec->file, exec->argv, exec->envp);
	return errno;
}

static int run_execveat(void *data)
{
	const struct exec *exec = data;
	int fd = open(exec->file, O_PATH);

	syscall(SYS_execveat, fd, "", exec->argv, exec->envp, AT_EMPTY_PATH);
	return errno;
}

static void execute(const char *file, char *const *argv, char *const *envp, int code)
{
	struct exec exec = { file, argv, envp };

	wv_calls_reap(wv_calls_child(run_exec, &exec), code << 8);
}

static void execute_with_strange_arguments(void)
{
	static char *const strange[] = {
		(char *)"a name",      (char *)"args:8",  (char *)"",
		(char *)"a \"quote\"", (char *)"a\nline", (char *)"\x80\xff",
		(char *)"\\",	       (char *)"last",	  NULL
	};
	static char *const variables[] = { (char *)"A=1", (char *)"B=two words", (char *)"=",
					   (char *)"no equals sign", NULL };
	static char *many[2002] = { (char *)"helper", (char *)"args:2001" };
	static char large[100001];

	execute(HELPER, strange, variables, 44);
	memset(large, 'l', sizeof(large) - 1);
	for (int i = 2; i < 2001; i++)
		many[i] = (char *)"x";
	many[2] = large;
	execute(HELPER, many, none, 44);
}

/* Newer kernels do not let a program be without a name. */
static void execute_without_arguments(void)
{
	struct exec exec = { HELPER, NULL, NULL };
	int status = -1;

	WV_EXPECT(waitpid(wv_calls_child(run_exec, &exec), &status, 0) > 0);
	WV_EXPECT(status == 50 << 8 || status == 51 << 8);
}

static void be_refused(void)
{
	static char *const argv[] = { (char *)"x", NULL };
	int fd = open("nonsense", O_CREAT | O_WRONLY, 0755);

	WV_EXPECT(write(fd, "nonsense\n", 9) == 9);
	close(fd);
	execute("/not/there", argv, none, ENOENT);
	execute("/etc/passwd", argv, none, EACCES);
	execute(".", argv, none, EACCES);
	execute("nonsense", argv, none, ENOEXEC);
	execute((const char *)1, argv, none, EFAULT);
	execute(HELPER, (char *const *)1, none, EFAULT);
}

static void execute_a_script(void)
{
	static char *const argv[] = { (char *)"script", (char *)"an argument", NULL };
	int fd = open("script", O_CREAT | O_WRONLY, 0755);

	WV_EXPECT(write(fd, "#!/bin/helper exit:21\n", 22) == 22);
	close(fd);
	execute(WV_CALLS_DIR "/script", argv, none, 21);
}

struct thread_exec {
	struct exec *exec;
	char state; /* of the first thread by then */
};

static void *exec_by_thread(void *data)
{
	struct thread_exec *how = data;

	WV_EXPECT(wv_calls_await(getpid(), how->state));
	run_exec(how->exec);
	_exit(99);
}

static volatile pid_t waiting;

static void *just_wait(void *data)
{
	(void)data;
	waiting = gettid();
	wv_sleep_forever();
}

/* The first thread waits, and so does another; both end, and the executing one becomes the first.
 */
static int exec_while_leader_waits(void *data)
{
	struct thread_exec how = { data, 'S' };
	pthread_t thread;

	waiting = 0;
	WV_EXPECT(pthread_create(&thread, NULL, just_wait, NULL) == 0);
	while (!waiting)
		usleep(1000);
	WV_EXPECT(wv_calls_await(waiting, 'S'));
	WV_EXPECT(pthread_create(&thread, NULL, exec_by_thread, &how) == 0);
	wv_sleep_forever();
}

static int exec_when_leader_has_ended(void *data)
{
	static struct thread_exec how = { .state = 'Z' };
	pthread_t thread;

	how.exec = data;
	WV_EXPECT(pthread_create(&thread, NULL, exec_by_thread, &how) == 0);
	syscall(SYS_exit, 0);
	return 99;
}

void wv_calls_exec(void)
{
	static char *const threads[] = { (char *)"helper", (char *)"threads", NULL };
	static char *const ends[] = { (char *)"helper", (char *)"exit:22", NULL };
	struct exec exec = { HELPER, ends, none };

	execute(HELPER, threads, none, 0);
	wv_calls_reap(wv_calls_child(run_execveat, &exec), 22 << 8);
	execute_with_strange_arguments();
	execute_without_arguments();
	be_refused();
	execute_a_script();
	wv_calls_reap(wv_calls_child(exec_while_leader_waits, &exec), 22 << 8);
	wv_calls_reap(wv_calls_child(exec_when_leader_has_ended, &exec), 22 << 8);
}

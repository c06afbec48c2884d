/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Becomes the sample: its user, folder, environment and descriptors, then execve(2). */
#define _GNU_SOURCE /* setresuid */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/launcher.h"

#define PATH_OF_ROOT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define PATH_OF_USER "/usr/local/bin:/usr/bin:/bin"

#define DEFAULTS     5
#define DEFAULT_SIZE (PATH_MAX + 16)

/* As a shell's: 127 where there is nothing to execute, 126 where it can not be. */
enum { NOT_FOUND = 127, NOT_EXECUTED = 126 };

static bool has(char **environment, const char *assignment)
{
	size_t length = strcspn(assignment, "=") + 1;

	for (; *environment; environment++) {
		if (strncmp(*environment, assignment, length) == 0)
			return true;
	}
	return false;
}

/* The job's own, and what every login has and the job does not set. */
static char **make_environment(const struct wv_order *order, const struct wv_user *user)
{
	static char defaults[DEFAULTS][DEFAULT_SIZE];
	uint32_t n = order->head.n_environment;
	char **all = calloc((size_t)n + DEFAULTS + 1, sizeof(char *));

	if (!all)
		return NULL;
	memcpy(all, order->environment, n * sizeof(char *));
	snprintf(defaults[0], DEFAULT_SIZE, "HOME=%s", user->home);
	snprintf(defaults[1], DEFAULT_SIZE, "USER=%s", user->name);
	snprintf(defaults[2], DEFAULT_SIZE, "LOGNAME=%s", user->name);
	snprintf(defaults[3], DEFAULT_SIZE, "SHELL=%s", user->shell);
	snprintf(defaults[4], DEFAULT_SIZE, "PATH=%s",
		 user->uid == 0 ? PATH_OF_ROOT : PATH_OF_USER);
	for (int i = 0; i < DEFAULTS; i++) {
		if (!has(order->environment, defaults[i]))
			all[n++] = defaults[i];
	}
	return all;
}

static bool enter_folder(const struct wv_order *order, const struct wv_user *user,
			 struct wv_why *why)
{
	if (*order->folder) {
		if (chdir(order->folder) != 0)
			return wv_why(why, "can not enter %s: %s", order->folder, strerror(errno));
	} else if (chdir(user->home) != 0 && chdir("/") != 0) {
		return wv_why(why, "can not enter /: %s", strerror(errno));
	}
	return true;
}

static bool become(const struct wv_user *user, struct wv_why *why)
{
	if (setgroups(user->n_groups, user->groups) != 0 ||
	    setresgid(user->gid, user->gid, user->gid) != 0 ||
	    setresuid(user->uid, user->uid, user->uid) != 0)
		return wv_why(why, "can not become the user %s: %s", user->name, strerror(errno));
	return true;
}

static void reset_process(void)
{
	sigset_t none;

	for (int number = 1; number <= SIGRTMAX; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
	if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, 0) != 0) {
		for (int fd = STDERR_FILENO + 1; fd < 1024; fd++)
			close(fd);
	}
}

/*
 * A shell takes what is not for this machine's processor, or for Windows, for a text too, and makes
 * commands of it: a program has zero bytes before its first line ends, or says what it is.
 */
static bool is_text(const char *path)
{
	char start[128];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length = fd >= 0 ? read(fd, start, sizeof(start)) : -1;
	const char *line;

	if (fd >= 0)
		close(fd);
	/* It need not be readable to its user. */
	if (length < 0)
		return true;
	line = memchr(start, '\n', (size_t)length);
	return !memchr(start, '\0', line ? (size_t)(line - start) : (size_t)length) &&
	       (length < SELFMAG || memcmp(start, ELFMAG, SELFMAG) != 0);
}

/* A text without a format of its own is the shell's, as for execvp(3). */
static void execute_by_shell(const struct wv_order *order, char **environment)
{
	static char shell[] = "/bin/sh";
	char **arguments = calloc((size_t)order->head.n_arguments + 3, sizeof(char *));

	if (!arguments)
		return;
	arguments[0] = shell;
	memcpy(arguments + 1, order->arguments,
	       ((size_t)order->head.n_arguments + 2) * sizeof(char *));
	wv_knock(WV_DOOR_START, (const void *)(uintptr_t)getpid(), 0);
	execve(shell, arguments, environment);
}

static int explain(const char *path, int error, struct wv_why *why)
{
	char interpreter[PATH_MAX];

	if (error == ENOENT && wv_interpreter_missing(path, interpreter, sizeof(interpreter)))
		wv_why(why, "%s: its interpreter %s is not there", path, interpreter);
	else
		wv_why(why, "%s: %s", path, strerror(error));
	return error == ENOENT ? NOT_FOUND : NOT_EXECUTED;
}

int wv_start(const struct wv_order *order, const struct wv_user *user, struct wv_why *why)
{
	char **environment = make_environment(order, user);
	int error;

	if (!environment) {
		wv_why(why, "no memory for the environment");
		return NOT_EXECUTED;
	}
	reset_process();
	if (!become(user, why) || !enter_folder(order, user, why))
		return NOT_EXECUTED;
	wv_knock(WV_DOOR_START, (const void *)(uintptr_t)getpid(), 0);
	execve(order->path, order->arguments, environment);
	error = errno;
	if (error == ENOEXEC && is_text(order->path))
		execute_by_shell(order, environment);
	return explain(order->path, error, why);
}

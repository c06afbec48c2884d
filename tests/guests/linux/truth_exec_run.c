// SPDX-License-Identifier: GPL-2.0-or-later
/* Does one exec that a struct wv_exec describes, and writes its facts. */
#define _GNU_SOURCE
#include "truth_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "truth.h"

/* How a child ends whose exec failed as it was meant to, or in another way. */
#define FAILED_AS_MEANT 0x4d
#define FAILED		0x4e

/* The variables that procmon shows unless told otherwise. */
static const char *const shown_variables[] = { "LD_PRELOAD=", "PWD=", "OLDPWD=" };

static void fact_environment(const char *const *envp)
{
	const char *shown[64];
	size_t n = 0;

	for (; envp && *envp && n < 63; envp++)
		for (size_t i = 0; i < sizeof(shown_variables) / sizeof(*shown_variables); i++)
			if (!strncmp(*envp, shown_variables[i], strlen(shown_variables[i])))
				shown[n++] = *envp;
	shown[n] = NULL;
	wv_fact_list("env", shown);
}

void wv_fact_exec(struct wv_ids who, pid_t pgid, const char *thread, const struct wv_exec *exec)
{
	const char *filename = exec->filename ? exec->filename : exec->file;
	const char *interp = exec->interp ? exec->interp : filename;
	bool by_fd = exec->by_fd && exec->file[0] != '/';

	wv_fact("exec");
	wv_fact_int("pid", who.pid);
	wv_fact_int("tid", who.tid);
	wv_fact_text("thread", thread);
	wv_fact_text("filename", filename);
	wv_fact_text("interp", interp);
	wv_fact_text("image", exec->image ? exec->image : interp);
	wv_fact_text("fdpath", by_fd ? filename : "");
	wv_fact_list("argv", exec->shown ? exec->shown : exec->argv);
	fact_environment(exec->envp);
	wv_fact_int("ouid", exec->ouid);
	wv_fact_int("osuid", exec->osuid);
	wv_fact_int("oeuid", exec->oeuid);
	wv_fact_int("suid", exec->suid);
	wv_fact_int("euid", exec->euid);
	wv_fact_int("pgid", pgid);
	wv_fact_bool("secure", exec->secure);
	if (exec->error)
		wv_fact_text("error", strerrorname_np(exec->error));
	wv_fact_end();
}

void wv_do_exec(const struct wv_exec *exec)
{
	static const char *const none[] = { NULL };
	const char *const *envp = exec->envp ? exec->envp : none;

	if (exec->by_fd)
		syscall(SYS_execveat, exec->dirfd, exec->file, exec->argv, envp, exec->flags);
	else
		syscall(SYS_execve, exec->file, exec->argv, envp);
}

static void run_child(const struct wv_exec *exec)
{
	if (exec->prepare && !exec->prepare())
		_exit(FAILED);
	wv_do_exec(exec);
	_exit(exec->error && errno == exec->error ? FAILED_AS_MEANT : FAILED);
}

void wv_run_exec(const struct wv_exec *exec)
{
	char old_name[64];
	pid_t child;

	wv_name_of(getpid(), old_name);
	if (exec->vfork) {
		child = vfork();
		if (child == 0)
			run_child(exec);
		/* CLONE_VFORK | CLONE_VM */
		wv_fact_clone(0x4100, SIGCHLD, child, child);
	} else {
		child = wv_fork();
		if (child == 0)
			run_child(exec);
	}
	if (child < 0 || !wv_wait_zombie(child))
		return;
	if (exec->error && !exec->inside)
		wv_fact_refused("exec", exec->file, exec->error);
	else
		wv_fact_exec((struct wv_ids){ child, child }, wv_group_of(child),
			     exec->thread ? exec->thread : old_name, exec);
	wv_reap_expect(child, exec->error ? FAILED_AS_MEANT << 8 : exec->status);
}

bool wv_make_file(const char *path, const void *data, size_t size, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	bool good = WV_EXPECT(fd >= 0) && WV_EXPECT(write(fd, data, size) == (ssize_t)size) &&
		    WV_EXPECT(fchmod(fd, mode) == 0);

	if (fd >= 0)
		close(fd);
	return good;
}

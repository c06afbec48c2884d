// SPDX-License-Identifier: GPL-2.0-or-later
/* Creates, signals and reaps tasks, and writes the facts about it. */
#define _GNU_SOURCE
#include "tasks.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "truth.h"

struct wv_ids wv_self(void)
{
	struct wv_ids ids = { 0, 0 };
	char link[64] = "";

	if (readlink("/proc/thread-self", link, sizeof(link) - 1) < 0 ||
	    sscanf(link, "%d/task/%d", &ids.pid, &ids.tid) != 2)
		wv_broken("/proc/thread-self says \"%s\" (errno %d)", link, errno);
	return ids;
}

static bool read_proc(pid_t tid, const char *file, char *text, size_t room)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", tid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, room - 1);
	close(fd);
	text[got > 0 ? got : 0] = 0;
	return got > 0;
}

struct stat_line {
	char state;
	pid_t parent;
	pid_t group;
};

/* "pid (name) state parent group ...", where the name may hold anything. */
static struct stat_line read_stat(pid_t tid)
{
	struct stat_line line = { 0 };
	char text[512];
	char *after;

	if (!read_proc(tid, "stat", text, sizeof(text)) || !(after = strrchr(text, ')')) ||
	    sscanf(after + 1, " %c %d %d", &line.state, &line.parent, &line.group) != 3)
		wv_broken("no stat of %d", tid);
	return line;
}

pid_t wv_parent_of(pid_t pid)
{
	return read_stat(pid).parent;
}

pid_t wv_group_of(pid_t pid)
{
	return read_stat(pid).group;
}

char wv_state_of(pid_t tid)
{
	return read_stat(tid).state;
}

const char *wv_name_of(pid_t tid, char name[64])
{
	size_t length;

	if (!read_proc(tid, "comm", name, 64)) {
		wv_broken("no name of %d", tid);
		name[0] = 0;
	}
	length = strlen(name);
	if (length && name[length - 1] == '\n')
		name[length - 1] = 0;
	return name;
}

void wv_fact_of_self(const char *kind)
{
	struct wv_ids self = wv_self();
	char name[64];
	char thread[64];

	wv_name_of(self.pid, name);
	wv_name_of(self.tid, thread);
	wv_fact(kind);
	wv_fact_int("pid", self.pid);
	wv_fact_int("tid", self.tid);
	wv_fact_text("name", name);
	wv_fact_text("thread", thread);
}

void wv_fact_clone(unsigned long long flags, int exit_signal, pid_t child, pid_t returned)
{
	wv_fact_of_self("clone");
	wv_fact_hex("flags", flags);
	wv_fact_int("exit_signal", exit_signal);
	wv_fact_int("child", child);
	wv_fact_int("returned", returned);
	wv_fact_end();
}

void wv_fact_clone_failed(unsigned long long flags, int exit_signal, int error)
{
	wv_fact_of_self("clone");
	wv_fact_hex("flags", flags);
	wv_fact_int("exit_signal", exit_signal);
	wv_fact_text("error", strerrorname_np(error));
	wv_fact_end();
}

void wv_fact_exit(struct wv_ids who, int status, const char *thread, const char *name)
{
	wv_fact("exit");
	wv_fact_int("pid", who.pid);
	wv_fact_int("tid", who.tid);
	wv_fact_text("name", name);
	wv_fact_text("thread", thread);
	wv_fact_int("status", status);
	wv_fact_int("code", status >> 8 & 0xff);
	wv_fact_int("signal", status & 0x7f);
	wv_fact_bool("core", status & 0x80);
	wv_fact_end();
}

void wv_fact_refused(const char *what, const char *detail, int error)
{
	wv_fact_of_self("refused");
	wv_fact_text("what", what);
	wv_fact_text("detail", detail);
	wv_fact_text("error", strerrorname_np(error));
	wv_fact_end();
}

pid_t wv_fork(void)
{
	pid_t child = fork();

	WV_EXPECT(child >= 0);
	if (child > 0)
		wv_fact_clone(WV_FORK_FLAGS, SIGCHLD, child, child);
	return child;
}

bool wv_wait_zombie(pid_t pid)
{
	siginfo_t info;

	return WV_EXPECT(waitid(P_PID, pid, &info, WEXITED | WNOWAIT | __WALL) == 0);
}

int wv_reap(pid_t pid)
{
	char name[64];
	int status = -1;

	if (!wv_wait_zombie(pid))
		return -1;
	wv_name_of(pid, name);
	if (!WV_EXPECT(waitpid(pid, &status, __WALL) == pid))
		return -1;
	wv_fact_exit((struct wv_ids){ pid, pid }, status, name, name);
	return status;
}

void wv_reap_expect(pid_t pid, int status)
{
	int ended = wv_reap(pid);

	if (ended != status)
		wv_broken("process %d ended with status 0x%x, not 0x%x", pid, ended, status);
}

pid_t wv_spawn(int (*run)(void *), void *data)
{
	pid_t child = wv_fork();

	if (child == 0)
		_exit(run(data));
	return child;
}

void wv_sleep_forever(void)
{
	for (;;)
		pause();
}

static int run_sleeper(void *data)
{
	(void)data;
	wv_sleep_forever();
}

pid_t wv_spawn_sleeper(bool block_signals)
{
	/* The C library's own functions keep 32 and 33 out of it. */
	uint64_t mask = block_signals ? ~0ULL : 0, before;
	pid_t child;

	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, &before, sizeof(mask));
	child = wv_spawn(run_sleeper, NULL);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof(mask));
	return child;
}

bool wv_become_user(void)
{
	return setgroups(0, NULL) == 0 && setresgid(WV_USER, WV_USER, WV_USER) == 0 &&
	       setresuid(WV_USER, WV_USER, WV_USER) == 0;
}

static int send_signal(enum wv_send how, struct wv_ids target, int sig)
{
	siginfo_t info = { .si_code = SI_QUEUE, .si_pid = getpid() };
	int result, fd;

	info.si_uid = getuid();
	info.si_signo = sig;
	switch (how) {
	case WV_KILL:
		return kill(target.pid, sig);
	case WV_TGKILL:
		return syscall(SYS_tgkill, target.pid, target.tid, sig);
	case WV_TKILL:
		return syscall(SYS_tkill, target.tid, sig);
	case WV_SIGQUEUE:
		return syscall(SYS_rt_sigqueueinfo, target.pid, sig, &info);
	case WV_TGQUEUE:
		return syscall(SYS_rt_tgsigqueueinfo, target.pid, target.tid, sig, &info);
	case WV_PIDFD:
		fd = syscall(SYS_pidfd_open, target.pid, 0);
		if (fd < 0)
			return -1;
		result = syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
		close(fd);
		return result;
	}
	return -1;
}

void wv_fact_signal(struct wv_ids target, pid_t parent, int sig)
{
	char name[64], thread[64];

	if (!target.tid)
		target.tid = target.pid;
	if (!parent)
		parent = wv_parent_of(target.pid);
	wv_name_of(target.pid, name);
	wv_name_of(target.tid, thread);
	wv_fact_of_self("signal");
	wv_fact_int("to_pid", target.pid);
	wv_fact_int("to_tid", target.tid);
	wv_fact_int("to_ppid", parent);
	wv_fact_text("to_name", name);
	wv_fact_text("to_thread", thread);
	wv_fact_int("signal", sig);
	wv_fact_end();
}

void wv_signal(enum wv_send how, struct wv_ids target, int sig)
{
	if (!target.pid)
		target = wv_self();
	if (!WV_EXPECT(send_signal(how, target, sig) == 0))
		return;
	/* Whoever it has killed is still there to be looked at: only its parent reaps it. */
	wv_fact_signal(target, 0, sig);
}

void wv_signal_refused(enum wv_send how, struct wv_ids target, int sig, int error)
{
	char detail[64];

	if (!WV_EXPECT(send_signal(how, target, sig) < 0 && errno == error))
		return;
	snprintf(detail, sizeof(detail), "pid %d signal %d", target.pid, sig);
	wv_fact_refused("signal", detail, error);
}

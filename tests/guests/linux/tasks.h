/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the scenario "truth" is made of: doing one thing to a task (create, replace, signal, end)
 * and writing the fact that says so. All but the raw calls write their fact once the thing has
 * been seen to have happened.
 */
#ifndef WV_GUEST_TASKS_H
#define WV_GUEST_TASKS_H

#include <stdbool.h>
#include <sys/types.h>

/* The clone flags of glibc's fork() and pthread_create(), which are part of its binary. */
#define WV_FORK_FLAGS	0x1200000ULL
#define WV_THREAD_FLAGS 0x3d0f00ULL

/* The user and group that stand for everyone who is not root. */
#define WV_USER 1000

/* The program that is executed, and its copies that belong to root and change the ids. */
#define WV_HELPER	 "/bin/helper"
#define WV_HELPER_SETUID "/bin/helper-setuid"
#define WV_HELPER_SETGID "/bin/helper-setgid"

/*
 * A thread. As the target of a signal, a thread id of 0 stands for the leader, and a process id
 * of 0 for the caller itself.
 */
struct wv_ids {
	pid_t pid;
	pid_t tid;
};

/* The caller's ids in the outermost pid namespace. Needs /proc of that namespace. */
struct wv_ids wv_self(void);

/*
 * A task's parent, process group, state letter, or name as the kernel keeps it, in the outermost
 * pid namespace; also of one that is not yet reaped.
 */
pid_t wv_parent_of(pid_t pid);
pid_t wv_group_of(pid_t pid);
char wv_state_of(pid_t tid);
const char *wv_name_of(pid_t tid, char name[64]);

/*
 * Facts about tasks that are created. flags: without the exit signal. returned: what the creator
 * was told, which differs from the child's id inside a pid namespace.
 */
void wv_fact_clone(unsigned long long flags, int exit_signal, pid_t child, pid_t returned);
void wv_fact_clone_failed(unsigned long long flags, int exit_signal, int error);

/* status: what do_exit was given, that is the wait status: code << 8, or signal, 0x80 for core. */
void wv_fact_exit(struct wv_ids who, int status, const char *thread, const char *name);

/* glibc's fork(), with its fact. The parent writes it. */
pid_t wv_fork(void);

/* Waits for a child's end and leaves it a zombie, whose name and groups can still be read. */
bool wv_wait_zombie(pid_t pid);

/*
 * Waits for the end of a child that has one thread left, writes the fact of its exit, and returns
 * the wait status.
 */
int wv_reap(pid_t pid);

/* The same, and "broken" unless it ended with this status. */
void wv_reap_expect(pid_t pid, int status);

/* wv_fork() a child that runs the function and exits with what it returns. */
pid_t wv_spawn(int (*run)(void *), void *data);

/* Does nothing until it is killed. */
void wv_sleep_forever(void) __attribute__((noreturn));

/* A child that does nothing until it is killed, with all signals blocked or none. */
pid_t wv_spawn_sleeper(bool block_signals);

/* Gives up root for good: all user and group ids become WV_USER. */
bool wv_become_user(void);

/* Kinds of calls that send a signal. */
enum wv_send {
	WV_KILL,     /* kill(pid) */
	WV_TGKILL,   /* tgkill(pid, tid) */
	WV_TKILL,    /* tkill(tid) */
	WV_SIGQUEUE, /* rt_sigqueueinfo(pid) */
	WV_TGQUEUE,  /* rt_tgsigqueueinfo(pid, tid) */
	WV_PIDFD,    /* pidfd_send_signal(a pidfd of pid) */
};

/* Sends, and writes the fact. */
void wv_signal(enum wv_send how, struct wv_ids target, int sig);

/* Sends what has to fail with this errno, and so reaches nobody. */
void wv_signal_refused(enum wv_send how, struct wv_ids target, int sig, int error);

/*
 * The fact alone, for a signal that was sent in another way. parent: the target's at that time,
 * or 0 if it is the one it has now.
 */
void wv_fact_signal(struct wv_ids target, pid_t parent, int sig);

/* Begins a fact about something that the caller does: kind, ids, names. */
void wv_fact_of_self(const char *kind);

/* The fact "refused", about a call that failed before it could do a thing that is traced. */
void wv_fact_refused(const char *what, const char *detail, int error);

#endif

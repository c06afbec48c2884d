// SPDX-License-Identifier: GPL-2.0-or-later
/* The group "tasks" of the scenario "files": whose operation it is, and from where a task sees. */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tasks.h"
#include "truth.h"

static void close_all(void)
{
	for (int fd = 3; fd < 64; fd++) {
		struct stat file = wv_look(fd);

		if (*wv_path_of(fd))
			wv_file_close_fact(fd, "exit", &file, fcntl(fd, F_GETFL));
	}
}

void wv_file_task(int (*run)(void *), void *data, int code)
{
	pid_t child = fork();
	int status = -1;

	WV_EXPECT(child >= 0);
	if (child == 0) {
		int ended = run(data);

		close_all();
		_exit(ended);
	}
	WV_EXPECT(waitpid(child, &status, 0) == child && status == code << 8);
}

static int inherit(void *data)
{
	int fd = *(int *)data;

	/* The position is shared with the parent. */
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, "child", 5, 0) == 5);
	return 21;
}

static int be_nobody(void *data)
{
	(void)data;
	if (!WV_EXPECT(wv_become_user()))
		return 99;
	WV_EXPECT(wv_file_open(AT_FDCWD, "secret", O_RDONLY, 0) == -EACCES);
	WV_EXPECT(wv_file_open(AT_FDCWD, "made", O_CREAT | O_RDWR, 0600) == -EACCES);
	WV_EXPECT(wv_file_access(AT_FDCWD, "secret", R_OK | W_OK) == -EACCES);
	WV_EXPECT(wv_file_access(AT_FDCWD, "shared", R_OK) == 0);
	WV_EXPECT(wv_file_chmod("shared", 0777) == -EPERM);
	WV_EXPECT(wv_file_chown("shared", 0, 0) == -EPERM);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "shared") == -EACCES);
	WV_EXPECT(wv_file_open(AT_FDCWD, "shared", O_RDONLY, 0) >= 0);
	return 22;
}

static int be_jailed(void *data)
{
	const char *inside = wv_here("jail/inside");
	int fd;

	(void)data;
	WV_EXPECT(wv_file_chroot("jail") == 0);
	fd = wv_file_open_as(inside, AT_FDCWD, "/inside", O_CREAT | O_RDWR, 0600);
	WV_EXPECT(fd >= 0);
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, "jailed", 6, 0) == 6);
	WV_EXPECT(wv_file_open_as(wv_here("jail/not there"), AT_FDCWD, "/not there", O_RDONLY, 0) ==
		  -ENOENT);
	/* What is outside can still be reached by where the task stands. */
	WV_EXPECT(wv_file_open(AT_FDCWD, "secret", O_RDONLY, 0) >= 0);
	return 23;
}

static void *run_thread(void *data)
{
	int fd;

	(void)data;
	prctl(PR_SET_NAME, "a \"thread\"\n");
	fd = wv_file_open(AT_FDCWD, "threads", O_CREAT | O_RDWR, 0600);
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, "thread", 6, 0) == 6);
	wv_file_close(fd);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "threads") == 0);
	return NULL;
}

static void be_threaded(void)
{
	pthread_t thread;

	if (WV_EXPECT(pthread_create(&thread, NULL, run_thread, NULL) == 0))
		pthread_join(thread, NULL);
}

static void go_around(void)
{
	int fd = wv_file_open(AT_FDCWD, "jail", O_RDONLY | O_DIRECTORY, 0);
	const char *start = strdup(wv_here(""));

	WV_EXPECT(wv_file_access(AT_FDCWD, "secret", F_OK) == 0);
	WV_EXPECT(wv_file_access(AT_FDCWD, "not there", X_OK) == -ENOENT);
	WV_EXPECT(wv_file_access(fd, "inside", R_OK) == 0);
	WV_EXPECT(wv_file_fchdir(fd) == 0);
	WV_EXPECT(wv_file_access(AT_FDCWD, "inside", W_OK) == 0);
	WV_EXPECT(wv_file_chdir(start) == 0);
	WV_EXPECT(chdir("not there") < 0 && errno == ENOENT);
	wv_file_close(fd);
}

void wv_files_tasks(void)
{
	int fd;

	fd = wv_file_open(AT_FDCWD, "shared", O_CREAT | O_RDWR, 0644);
	wv_file_task(inherit, &fd, 21);
	wv_set_position(fd, 5);
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, "parent", 6, 0) == 6);
	wv_file_close(fd);
	fd = wv_file_open(AT_FDCWD, "secret", O_CREAT | O_RDWR, 0600);
	wv_file_close(fd);
	WV_EXPECT(wv_file_mkdir(AT_FDCWD, "jail", 0755) == 0);
	wv_file_task(be_nobody, NULL, 22);
	wv_file_task(be_jailed, NULL, 23);
	be_threaded();
	go_around();
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's first process: mounts what is needed, opens the truth channel, loads the modules and
 * runs the scenario that the kernel's command line names (wyvern.modules=A,B wyvern.scenario=NAME
 * wyvern.args=A,B,C), and powers off.
 */
#define _GNU_SOURCE
#include "scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "truth.h"

#define MAX_ARGS 16

static void mount_all(void)
{
	static const char *const table[][2] = {
		{ "proc", "/proc" },
		{ "sysfs", "/sys" },
		{ "devtmpfs", "/dev" },
		{ "tmpfs", "/tmp" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		mkdir(table[i][1], 0755);
		if (mount(table[i][0], table[i][1], table[i][0], 0, NULL) < 0 && errno != EBUSY)
			printf("init: %s: %s\n", table[i][1], strerror(errno));
	}
	chmod("/tmp", 01777);
	/* Some kernels find a program that is executed by its descriptor through this. */
	symlink("/proc/self/fd", "/dev/fd");
}

static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	for (int i = 0; i < 3; i++)
		if (fd >= 0 && fd != i)
			dup2(fd, i);
	if (fd > 2)
		close(fd);
}

/*
 * /dev/truth is the second serial port, or the first where there is no second: opening an absent
 * one works, but asking for its settings does not. The port stays open, so that its settings stay.
 */
static int open_truth(void)
{
	static const char *const ports[] = { "/dev/ttyS1", "/dev/ttyS0" };

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		int fd = open(ports[i], O_RDWR | O_NOCTTY | O_CLOEXEC);
		struct termios settings;

		if (fd < 0)
			continue;
		if (tcgetattr(fd, &settings) == 0) {
			settings.c_oflag &= ~OPOST;
			tcsetattr(fd, TCSANOW, &settings);
			symlink(ports[i], "/dev/truth");
			chmod(ports[i], 0666);
			return fd;
		}
		close(fd);
	}
	symlink("/dev/console", "/dev/truth");
	return -1;
}

/* The value of "name=" in the command line, cut out of it, or NULL. */
static char *option(char *cmdline, const char *name)
{
	size_t length = strlen(name);

	for (char *word = cmdline; (word = strstr(word, name)); word += length) {
		if (word != cmdline && word[-1] != ' ')
			continue;
		return strndup(word + length, strcspn(word + length, " \n"));
	}
	return NULL;
}

/* In the order that they are named in: each finds there what it needs. */
static void load_modules(char *names)
{
	for (char *name = strtok(names, ","); name; name = strtok(NULL, ",")) {
		char path[256];
		int fd;

		snprintf(path, sizeof(path), "/modules/%s.ko", name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		WV_EXPECT(fd >= 0 && syscall(SYS_finit_module, fd, "", 0) == 0);
		close(fd);
	}
}

static void exec_scenario(const char *scenario, char *args)
{
	char *argv[MAX_ARGS + 2];
	char *envp[] = { "PATH=/bin:/scenarios", "HOME=/", "PWD=/", "TERM=linux", NULL };
	int argc = 1;

	if (asprintf(&argv[0], "/scenarios/%s", scenario) < 0)
		_exit(126);
	for (char *arg = args ? strtok(args, ",") : NULL; arg && argc <= MAX_ARGS;
	     arg = strtok(NULL, ","))
		argv[argc++] = arg;
	argv[argc] = NULL;

	setsid();
	wv_fact("start");
	wv_fact_text("scenario", scenario);
	wv_fact_int("root", getpid());
	wv_fact_end();
	execve(argv[0], argv, envp);
	printf("init: %s: %s\n", argv[0], strerror(errno));
	fflush(stdout);
	_exit(127);
}

int wv_init_main(int argc, char **argv)
{
	char cmdline[4096] = "";
	struct utsname system;
	char *scenario, *args, *modules;
	pid_t root, ended;
	int fd, truth, status = -1;

	(void)argc, (void)argv;
	mount_all();
	open_console();
	truth = open_truth();
	fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		ssize_t got = read(fd, cmdline, sizeof(cmdline) - 1);

		cmdline[got > 0 ? got : 0] = 0;
		close(fd);
	}
	scenario = option(cmdline, "wyvern.scenario=");
	args = option(cmdline, "wyvern.args=");
	modules = option(cmdline, "wyvern.modules=");

	uname(&system);
	wv_fact("boot");
	wv_fact_text("release", system.release);
	wv_fact_int("cpus", sysconf(_SC_NPROCESSORS_ONLN));
	wv_fact_end();

	if (modules)
		load_modules(modules);
	if (scenario) {
		root = fork();
		if (root == 0)
			exec_scenario(scenario, args);
		/* Orphans come here, too. */
		do {
			ended = wait(&status);
		} while (ended > 0 ? ended != root : errno == EINTR);
	} else {
		printf("init: no wyvern.scenario= on the kernel's command line\n");
	}

	wv_fact("end");
	wv_fact_text("scenario", scenario ? scenario : "");
	wv_fact_int("status", status);
	wv_fact_end();
	fflush(stdout);
	tcdrain(1);
	if (truth >= 0)
		tcdrain(truth);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

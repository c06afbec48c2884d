/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints what it was started with, one line each: its arguments, environment, user, groups, folder,
 * and its own path. Control characters and backslashes are printed as \HH. It ends with the status
 * that the variable STATUS says.
 */
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

static void print(const char *name, const char *text)
{
	printf("%s=", name);
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == '\\' || *text == 0x7f)
			printf("\\%02x", (unsigned char)*text);
		else
			putchar(*text);
	putchar('\n');
}

static void print_list(const char *name, char **list)
{
	for (unsigned i = 0; list[i]; i++) {
		char label[32];

		snprintf(label, sizeof(label), "%s[%u]", name, i);
		print(label, list[i]);
	}
}

int main(int argc, char **argv)
{
	const char *status = getenv("STATUS");
	char path[PATH_MAX] = "";
	gid_t groups[64];
	int n;

	printf("argc=%d\n", argc);
	print_list("argv", argv);
	print_list("env", environ);
	printf("uid=%u euid=%u gid=%u egid=%u\n", getuid(), geteuid(), getgid(), getegid());
	n = getgroups(64, groups);
	for (int i = 0; i < n; i++)
		printf("group[%d]=%u\n", i, groups[i]);
	print("cwd", getcwd(path, sizeof(path)) ? path : "?");
	n = (int)readlink("/proc/self/exe", path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	print("exe", path);
	printf("pid=%d pgid=%d sid=%d\n", getpid(), getpgrp(), getsid(0));
	return status ? atoi(status) : 0;
}

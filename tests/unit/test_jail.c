/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The jail: what bwrap is told, and what can be done inside. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/jail.h"

/** How soon what is killed is gone, in milliseconds: many times longer than it takes. */
#define PATIENCE_MS 10000

struct fixture {
	struct wv_jail jail;
	bool works;
	char *folder; /* a template's, with one file in it */
	char *link;   /* to it */
	char *path_variable;
};

static int setup(void **state)
{
	static struct fixture fixture;
	g_autofree char *why_not = NULL, *file = NULL;

	static bool said;

	fixture.works = wv_jail_find(&fixture.jail, &why_not);
	if (!fixture.works && !said)
		print_message("no jail here: %s\n", why_not);
	said |= !fixture.works;
	fixture.folder = g_dir_make_tmp("wyvern-jail-XXXXXX", NULL);
	fixture.link = g_strconcat(fixture.folder, ".link", NULL);
	fixture.path_variable = g_strdup(g_getenv("PATH"));
	file = g_build_filename(fixture.folder, "ram", NULL);
	if (!g_file_set_contents(file, "the template's", -1, NULL) || g_chmod(file, 0666) < 0 ||
	    g_chmod(fixture.folder, 0777) < 0 || symlink(fixture.folder, fixture.link) < 0)
		return -1;
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "ram", "bwrap" };
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *file = g_build_filename(fixture->folder, names[i], NULL);

		g_unlink(file);
	}
	g_setenv("PATH", fixture->path_variable, TRUE);
	g_unlink(fixture->link);
	if (g_rmdir(fixture->folder) < 0)
		return -1;
	g_free(fixture->folder);
	g_free(fixture->link);
	g_free(fixture->path_variable);
	wv_jail_clear(&fixture->jail);
	return 0;
}

/* What bwrap is told ----------------------------------------------------------------------------*/

static const struct wv_jail_needs nothing;
static char *const true_command[] = { (char *)"/bin/true", (char *)"--net", NULL };

/** Where the words follow one another, before the command; -1: nowhere. */
static int find_words(char **arguments, const char *first, const char *second, const char *third)
{
	for (int i = 0; arguments[i] && strcmp(arguments[i], "--") != 0; i++) {
		if (strcmp(arguments[i], first) != 0)
			continue;
		if (second && (!arguments[i + 1] || strcmp(arguments[i + 1], second) != 0))
			continue;
		if (third && (!arguments[i + 2] || strcmp(arguments[i + 2], third) != 0))
			continue;
		return i;
	}
	return -1;
}

#define assert_told(...)     assert_true(find_words(__VA_ARGS__) >= 0)
#define assert_not_told(...) assert_int_equal(find_words(__VA_ARGS__), -1)

static void test_arguments(void **state)
{
	static char *const environment[] = { (char *)"A=b=c", (char *)"EMPTY=", (char *)"none",
					     (char *)"=x", NULL };
	struct wv_jail jail = { .bwrap = (char *)"/opt/bwrap" };
	g_auto(GStrv) arguments = wv_jail_wrap(&jail, &nothing, true_command, environment);
	guint length = g_strv_length(arguments);

	(void)state;
	assert_string_equal(arguments[0], "/opt/bwrap");
	assert_told(arguments, "--unshare-user", NULL, NULL);
	assert_told(arguments, "--unshare-pid", NULL, NULL);
	assert_told(arguments, "--unshare-ipc", NULL, NULL);
	assert_told(arguments, "--unshare-uts", NULL, NULL);
	assert_told(arguments, "--unshare-cgroup-try", NULL, NULL);
	assert_told(arguments, "--unshare-net", NULL, NULL);
	assert_told(arguments, "--die-with-parent", NULL, NULL);
	assert_told(arguments, "--new-session", NULL, NULL);
	assert_told(arguments, "--cap-drop", "ALL", NULL);
	assert_told(arguments, "--uid", "65534", NULL);
	assert_told(arguments, "--gid", "65534", NULL);
	assert_told(arguments, "--ro-bind", "/usr", "/usr");
	assert_told(arguments, "--size", "16777216", "--tmpfs");
	assert_told(arguments, "--setenv", "A", "b=c");
	assert_told(arguments, "--setenv", "EMPTY", "");
	assert_not_told(arguments, "--setenv", "none", NULL);
	assert_not_told(arguments, "--setenv", "", NULL);
	/* the environment is emptied before it is filled */
	assert_true(find_words(arguments, "--clearenv", NULL, NULL) <
		    find_words(arguments, "--setenv", NULL, NULL));
	assert_not_told(arguments, "--bind", NULL, NULL);
	assert_not_told(arguments, "--dev-bind", NULL, NULL);
	assert_string_equal(arguments[length - 3], "--");
	assert_string_equal(arguments[length - 2], "/bin/true");
	assert_string_equal(arguments[length - 1], "--net");
}

static void test_arguments_with_network(void **state)
{
	struct wv_jail jail = { .bwrap = (char *)"bwrap" };
	struct wv_jail_needs needs = { .network = true };
	g_auto(GStrv) arguments = wv_jail_wrap(&jail, &needs, true_command, NULL);
	g_auto(GStrv) without = wv_jail_wrap(&jail, &nothing, true_command, NULL);

	(void)state;
	assert_not_told(arguments, "--unshare-net", NULL, NULL);
	assert_told(arguments, "--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf");
	assert_told(arguments, "--ro-bind-try", "/etc/hosts", "/etc/hosts");
	assert_not_told(without, "--ro-bind-try", "/etc/resolv.conf", NULL);
}

static void test_arguments_of_older_ones(void **state)
{
	struct wv_jail newest = { .bwrap = (char *)"bwrap" };
	struct wv_jail older = { .bwrap = (char *)"bwrap", .level = 1 };
	struct wv_jail oldest = { .bwrap = (char *)"bwrap", .level = 2 };
	g_auto(GStrv) of_newest = wv_jail_wrap(&newest, &nothing, true_command, NULL);
	g_auto(GStrv) of_older = wv_jail_wrap(&older, &nothing, true_command, NULL);
	g_auto(GStrv) of_oldest = wv_jail_wrap(&oldest, &nothing, true_command, NULL);

	(void)state;
	assert_told(of_newest, "--disable-userns", NULL, NULL);
	assert_not_told(of_older, "--disable-userns", NULL, NULL);
	assert_told(of_older, "--size", NULL, NULL);
	assert_not_told(of_oldest, "--size", NULL, NULL);
	assert_told(of_oldest, "--tmpfs", "/tmp", NULL);
}

static void test_arguments_of_needs(void **state)
{
	struct fixture *fixture = *state;
	const char *read_only[] = { fixture->link, "/usr/share", "/there/../not/there", NULL };
	struct wv_jail jail = { .bwrap = (char *)"bwrap" };
	struct wv_jail_needs needs = { .read_only = read_only };
	g_auto(GStrv) arguments = wv_jail_wrap(&jail, &needs, true_command, NULL);

	assert_told(arguments, "--ro-bind", fixture->folder, fixture->link);
	assert_told(arguments, "--ro-bind", fixture->folder, fixture->folder);
	assert_not_told(arguments, "--ro-bind", "/usr/share", NULL);
	assert_told(arguments, "--ro-bind", "/not/there", "/not/there");
	/* they may be below /tmp */
	assert_true(find_words(arguments, "--tmpfs", "/tmp", NULL) <
		    find_words(arguments, "--ro-bind", fixture->folder, NULL));
}

/* Finding it ------------------------------------------------------------------------------------*/

/** Puts a bwrap into PATH that is a script; without one there is none. */
static void become_bwrap(struct fixture *fixture, const char *script)
{
	g_autofree char *path = g_build_filename(fixture->folder, "bwrap", NULL);

	if (script) {
		assert_true(g_file_set_contents(path, script, -1, NULL));
		assert_int_equal(g_chmod(path, 0755), 0);
	}
	g_setenv("PATH", fixture->folder, TRUE);
}

static void assert_no_jail(const char *words)
{
	struct wv_jail jail;
	g_autofree char *why_not = NULL;

	assert_false(wv_jail_find(&jail, &why_not));
	assert_null(jail.bwrap);
	assert_non_null(why_not);
	if (!strstr(why_not, words) || strchr(why_not, '\n'))
		fail_msg("not the reason that was expected: %s", why_not);
}

static void test_not_installed(void **state)
{
	become_bwrap(*state, NULL);
	assert_no_jail("not installed");
}

static void test_not_permitted(void **state)
{
	become_bwrap(*state,
		     "#!/bin/sh\necho 'bwrap: No permissions' >&2\necho more >&2\nexit 1\n");
	assert_no_jail("can not be used here: No permissions");
}

static void test_fails_without_a_word(void **state)
{
	become_bwrap(*state, "#!/bin/sh\nexit 3\n");
	assert_no_jail("can not be used here: ");
}

static void check_level(struct fixture *fixture, const char *script, unsigned level)
{
	struct wv_jail jail;
	char *why_not = NULL;

	become_bwrap(fixture, script);
	assert_true(wv_jail_find(&jail, &why_not));
	assert_null(why_not);
	assert_int_equal(jail.level, level);
	assert_true(g_str_has_prefix(jail.bwrap, fixture->folder));
	wv_jail_clear(&jail);
	wv_jail_clear(&jail);
}

static void test_older_ones(void **state)
{
	check_level(*state, "#!/bin/sh\ncase \"$*\" in *--disable-userns*) exit 1;; esac\nexit 0\n",
		    1);
	check_level(*state, "#!/bin/sh\ncase \"$*\" in *--size*) exit 1;; esac\nexit 0\n", 2);
}

/* Inside ----------------------------------------------------------------------------------------*/

/** Runs a shell in the jail. Returns its wait status; @printed: what it printed. */
static int run(struct fixture *fixture, const struct wv_jail_needs *needs, const char *script,
	       char **printed)
{
	static char *const environment[] = { (char *)"PATH=/usr/bin:/bin", (char *)"MINE=1", NULL };
	char *const command[] = { (char *)"sh", (char *)"-c", (char *)script, NULL };
	g_auto(GStrv) arguments = wv_jail_wrap(&fixture->jail, needs, command, environment);
	g_autoptr(GError) error = NULL;
	int status;

	if (!g_spawn_sync("/", arguments, NULL, G_SPAWN_LEAVE_DESCRIPTORS_OPEN, NULL, NULL, printed,
			  NULL, &status, &error))
		fail_msg("%s", error->message);
	return status;
}

static void assert_prints(struct fixture *fixture, const struct wv_jail_needs *needs,
			  const char *script, const char *expected)
{
	g_autofree char *printed = NULL;

	run(fixture, needs, script, &printed);
	assert_string_equal(printed, expected);
}

#define NEEDS_JAIL(fixture)                                                                        \
	do {                                                                                       \
		if (!(fixture)->works)                                                             \
			skip();                                                                    \
	} while (0)

static void test_rights(void **state)
{
	struct fixture *fixture = *state;

	NEEDS_JAIL(fixture);
	assert_prints(fixture, &nothing, "id -u; id -g; hostname; pwd",
		      "65534\n65534\nwyvern\n/\n");
	assert_prints(fixture, &nothing, "grep -c '^Cap[A-Z][a-z]*:\t0*$' /proc/self/status",
		      "5\n");
	assert_prints(fixture, &nothing, "grep NoNewPrivs /proc/self/status", "NoNewPrivs:\t1\n");
}

static void test_environment(void **state)
{
	struct fixture *fixture = *state;

	NEEDS_JAIL(fixture);
	g_setenv("WYVERN_SECRET", "x", TRUE);
	assert_prints(fixture, &nothing, "env -u PWD -u _ -u SHLVL -u OLDPWD | sort",
		      "MINE=1\nPATH=/usr/bin:/bin\n");
	g_unsetenv("WYVERN_SECRET");
}

static void test_nothing_else_is_there(void **state)
{
	struct fixture *fixture = *state;

	NEEDS_JAIL(fixture);
	assert_prints(fixture, &nothing,
		      "cd /; for f in *; do case $f in bin|sbin|lib*) ;; *) echo $f;; esac; done",
		      "dev\netc\nproc\ntmp\nusr\n");
	assert_prints(fixture, &nothing,
		      "cd /etc; for f in *; do case $f in ld.so.*|alternatives) ;; *) echo $f;; "
		      "esac; done; ls -A /tmp",
		      "");
	assert_prints(fixture, &nothing,
		      "for f in /root /home /work /var /run /sys /etc/shadow /etc/passwd "
		      "/dev/mem /dev/kvm /dev/sda /dev/vda; do test -e $f && echo $f; done",
		      "");
}

static void test_other_processes(void **state)
{
	struct fixture *fixture = *state;

	NEEDS_JAIL(fixture);
	/* bwrap's own first process, and the shell; the numbers are the jail's own */
	assert_prints(fixture, &nothing, "cd /proc; echo [0-9]* $$", "1 2 2\n");
}

static void test_nothing_can_be_written(void **state)
{
	struct fixture *fixture = *state;

	NEEDS_JAIL(fixture);

	const char *read_only[] = { fixture->folder, NULL };
	struct wv_jail_needs needs = { .read_only = read_only };
	g_autofree char *script = g_strdup_printf(
		"for d in / /usr /usr/bin /bin /lib /etc /etc/alternatives /dev /dev/shm /proc %s; "
		"do (: > $d/x) 2>/dev/null && echo $d; done; "
		"for f in /etc/ld.so.cache %s/ram; do (: >> $f) 2>/dev/null && echo $f; done; "
		"chmod 777 %s 2>/dev/null && echo chmod; rm %s/ram 2>/dev/null && echo rm; "
		"cat %s/ram",
		fixture->folder, fixture->folder, fixture->folder, fixture->folder,
		fixture->folder);

	assert_prints(fixture, &needs, script, "the template's");
}

static void test_tmp(void **state)
{
	struct fixture *fixture = *state;

	NEEDS_JAIL(fixture);
	assert_prints(fixture, &nothing, "echo yes > /tmp/wyvern-jail-test; cat /tmp/*", "yes\n");
	assert_false(g_file_test("/tmp/wyvern-jail-test", G_FILE_TEST_EXISTS));
	if (fixture->jail.level < 2)
		assert_prints(fixture, &nothing,
			      "head -c 17000000 /dev/zero 2>/dev/null > /tmp/x; wc -c < /tmp/x",
			      G_STRINGIFY(16777216) "\n");
}

static void test_needs_by_both_paths(void **state)
{
	struct fixture *fixture = *state;

	NEEDS_JAIL(fixture);

	const char *read_only[] = { fixture->link, NULL };
	struct wv_jail_needs needs = { .read_only = read_only };
	g_autofree char *script =
		g_strdup_printf("cat %s/ram %s/ram", fixture->link, fixture->folder);

	assert_prints(fixture, &needs, script, "the template'sthe template's");
	assert_prints(fixture, &nothing, script, "");
}

static void test_network(void **state)
{
	static const char script[] = "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' ' | sort";
	struct fixture *fixture = *state;
	struct wv_jail_needs needs = { .network = true };
	char *const outside[] = { (char *)"sh", (char *)"-c", (char *)script, NULL };
	g_autofree char *interfaces = NULL;

	NEEDS_JAIL(fixture);
	assert_prints(fixture, &nothing, script, "lo\n");
	assert_true(g_spawn_sync(NULL, (char **)outside, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
				 &interfaces, NULL, NULL, NULL));
	assert_prints(fixture, &needs, script, interfaces);
}

static void test_no_more_namespaces(void **state)
{
	struct fixture *fixture = *state;

	NEEDS_JAIL(fixture);
	if (fixture->jail.level > 0)
		skip();
	assert_prints(fixture, &nothing, "unshare -U true 2>/dev/null || echo refused",
		      "refused\n");
}

static void test_descriptors_pass(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *script = NULL;
	char text[16] = "";
	int pipe_fds[2];

	NEEDS_JAIL(fixture);
	assert_int_equal(pipe(pipe_fds), 0);
	script = g_strdup_printf("echo hello >&%d", pipe_fds[1]);
	assert_int_equal(run(fixture, &nothing, script, NULL), 0);
	assert_int_equal(read(pipe_fds[0], text, sizeof(text) - 1), 6);
	assert_string_equal(text, "hello\n");
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static void test_exit_status(void **state)
{
	struct fixture *fixture = *state;
	int status;

	NEEDS_JAIL(fixture);
	status = run(fixture, &nothing, "exit 7", NULL);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	status = run(fixture, &nothing, "kill -SEGV $$", NULL);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 128 + SIGSEGV);
}

/** Starts what holds the descriptor as long as it lives: it says so, and then waits. */
static pid_t start_sleeper(struct fixture *fixture, int fd)
{
	g_autofree char *script = g_strdup_printf("echo >&%d; sleep 1000 & wait", fd);
	char *const command[] = { (char *)"/bin/sh", (char *)"-c", script, NULL };
	char *const environment[] = { (char *)"PATH=/usr/bin:/bin", NULL };
	g_auto(GStrv) arguments = wv_jail_wrap(&fixture->jail, &nothing, command, environment);
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execv(arguments[0], arguments);
		_exit(1);
	}
	return pid;
}

/** Waits until there is something to read, or the last writer is gone. */
static int wait_for_pipe(int fd)
{
	struct pollfd waiting = { .fd = fd, .events = POLLIN };
	char byte;

	assert_int_equal(poll(&waiting, 1, PATIENCE_MS), 1);
	return (int)read(fd, &byte, 1);
}

static void test_dies_with_bwrap(void **state)
{
	struct fixture *fixture = *state;
	int pipe_fds[2];
	pid_t pid;

	NEEDS_JAIL(fixture);
	assert_int_equal(pipe(pipe_fds), 0);
	pid = start_sleeper(fixture, pipe_fds[1]);
	close(pipe_fds[1]);
	assert_int_equal(wait_for_pipe(pipe_fds[0]), 1);
	kill(pid, SIGKILL);
	assert_int_equal(wait_for_pipe(pipe_fds[0]), 0);
	waitpid(pid, NULL, 0);
	close(pipe_fds[0]);
}

static void test_dies_with_the_parent_of_bwrap(void **state)
{
	struct fixture *fixture = *state;
	int pipe_fds[2];
	pid_t parent;

	NEEDS_JAIL(fixture);
	assert_int_equal(pipe(pipe_fds), 0);
	parent = fork();
	if (parent == 0) {
		start_sleeper(fixture, pipe_fds[1]);
		for (;;)
			pause();
	}
	close(pipe_fds[1]);
	assert_int_equal(wait_for_pipe(pipe_fds[0]), 1);
	kill(parent, SIGKILL);
	assert_int_equal(wait_for_pipe(pipe_fds[0]), 0);
	waitpid(parent, NULL, 0);
	close(pipe_fds[0]);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_arguments),
		WITH(test_arguments_with_network),
		WITH(test_arguments_of_older_ones),
		WITH(test_arguments_of_needs),
		WITH(test_not_installed),
		WITH(test_not_permitted),
		WITH(test_fails_without_a_word),
		WITH(test_older_ones),
		WITH(test_rights),
		WITH(test_environment),
		WITH(test_nothing_else_is_there),
		WITH(test_other_processes),
		WITH(test_nothing_can_be_written),
		WITH(test_tmp),
		WITH(test_needs_by_both_paths),
		WITH(test_network),
		WITH(test_no_more_namespaces),
		WITH(test_descriptors_pass),
		WITH(test_exit_status),
		WITH(test_dies_with_bwrap),
		WITH(test_dies_with_the_parent_of_bwrap),
	};

	return cmocka_run_group_tests_name("jail", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls: what is captured of an argument at the entry, at the return, and when it is not there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "syscalls_fixture.h"

/** A call up to its dispatcher's entry, and its return. */
#define ENTER(fixture, number, ...)                                                                \
	syscalls_enter(fixture, "x64_sys_call", false, number, (const uint64_t[6]){ __VA_ARGS__ })

static void leave(struct syscalls_fixture *fixture, int64_t result)
{
	tiny_return(&fixture->kernel, 0, (uint64_t)result);
}

/* Descriptors -----------------------------------------------------------------------------------*/

static void test_descriptors(void **state)
{
	struct syscalls_fixture *fixture = *state;
	uint64_t path = syscalls_text(fixture, 0, "data");

	syscalls_open(fixture, 3, "/tmp/file");
	MAKE(fixture, 3, 0, 3);
	MAKE(fixture, 3, -EBADF, 4);
	MAKE(fixture, 257, 5, AT_FDCWD, path, 02);
	MAKE(fixture, 257, 6, 3, path, 0);
	MAKE(fixture, 257, 7, (uint64_t)-100, path, 0); /* as wide as the register */
	syscalls_told(fixture, "close 12 #1: Syscall=3 NArgs=1 fd=\"3</tmp/file>\"\n"
			       "close 12 #1: Syscall=3 Ret=0\n"
			       "close 12 #2: Syscall=3 NArgs=1 fd=\"4\"\n"
			       "close 12 #2: Syscall=3 Ret=-9 Info=\"EBADF\"\n"
			       "openat 12 #3: Syscall=257 NArgs=4 dfd=\"AT_FDCWD</root>\" "
			       "filename=\"data\" flags=\"O_RDWR\" mode=\"0\"\n"
			       "openat 12 #3: Syscall=257 Ret=5\n"
			       "openat 12 #4: Syscall=257 NArgs=4 dfd=\"3</tmp/file>\" "
			       "filename=\"data\" flags=\"O_RDONLY\" mode=\"0\"\n"
			       "openat 12 #4: Syscall=257 Ret=6\n"
			       "openat 12 #5: Syscall=257 NArgs=4 dfd=\"AT_FDCWD</root>\" "
			       "filename=\"data\" flags=\"O_RDONLY\" mode=\"0\"\n"
			       "openat 12 #5: Syscall=257 Ret=7\n");
}

/* Strings ---------------------------------------------------------------------------------------*/

static void test_strings(void **state)
{
	struct syscalls_fixture *fixture = *state;

	MAKE(fixture, BRAND_NEW, 0, syscalls_text(fixture, 0, ""));
	MAKE(fixture, BRAND_NEW, 0, syscalls_text(fixture, 0, "a \"b\"\n\xff"));
	MAKE(fixture, BRAND_NEW, 0, 0);
#define REST "flavour=\"0\" a=\"NULL\" b=\"0x0\" c=\"0\" d=\"0\"\n"
	syscalls_told(fixture,
		      "brand_new 12 #1: Syscall=700 NArgs=6 pathname=\"\" " REST
		      "brand_new 12 #1: Syscall=700 Ret=0\n"
		      "brand_new 12 #2: Syscall=700 NArgs=6 pathname=\"a \\\"b\\\"\\n\\xff\" " REST
		      "brand_new 12 #2: Syscall=700 Ret=0\n"
		      "brand_new 12 #3: Syscall=700 NArgs=6 pathname=\"NULL\" " REST
		      "brand_new 12 #3: Syscall=700 Ret=0\n");
}

static void test_long_string(void **state)
{
	struct syscalls_fixture *fixture = *state;
	g_autofree char *text = g_strnfill(3 * MOCK_PAGE, 'x');
	g_autofree char *told = NULL;

	ENTER(fixture, BRAND_NEW, syscalls_text(fixture, 0, text));
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, "xxx...\" flavour="));
	assert_in_range(strlen(told), 4096, 4096 + 400);
}

/** A page that is not present at the entry is read again when the kernel has touched it. */
static void test_page_that_comes_later(void **state)
{
	struct syscalls_fixture *fixture = *state;

	ENTER(fixture, 257, AT_FDCWD, USER_NOWHERE, 0);
	syscalls_page_in(fixture, "/late");
	leave(fixture, 4);
	syscalls_told(fixture, "openat 12 #1: Syscall=257 NArgs=4 dfd=\"AT_FDCWD</root>\" "
			       "filename=\"0x7ffd00004000\" flags=\"O_RDONLY\" mode=\"0\"\n"
			       "openat 12 #1: Syscall=257 Ret=4 filename=\"/late\"\n");
}

/** The same of a string whose beginning is there. */
static void test_page_that_comes_later_in_the_middle(void **state)
{
	struct syscalls_fixture *fixture = *state;
	char half[] = "/half-";

	tiny_write_user(&fixture->kernel, fixture->bash->mm, USER_NOWHERE - 6, half, 6);
	ENTER(fixture, 257, AT_FDCWD, USER_NOWHERE - 6, 0);
	syscalls_page_in(fixture, "and-half");
	leave(fixture, 4);
	syscalls_told(fixture, "openat 12 #1: Syscall=257 NArgs=4 dfd=\"AT_FDCWD</root>\" "
			       "filename=\"0x7ffd00003ffa\" flags=\"O_RDONLY\" mode=\"0\"\n"
			       "openat 12 #1: Syscall=257 Ret=4 filename=\"/half-and-half\"\n");
}

/** It may have been there for a call that failed, and it may never come. */
static void test_page_that_never_comes(void **state)
{
	struct syscalls_fixture *fixture = *state;

	MAKE(fixture, 257, -EFAULT, AT_FDCWD, USER_NOWHERE, 0);
	syscalls_told(fixture, "openat 12 #1: Syscall=257 NArgs=4 dfd=\"AT_FDCWD</root>\" "
			       "filename=\"0x7ffd00004000\" flags=\"O_RDONLY\" mode=\"0\"\n"
			       "openat 12 #1: Syscall=257 Ret=-14 Info=\"EFAULT\" "
			       "filename=\"0x7ffd00004000\"\n");
	ENTER(fixture, 257, AT_FDCWD, USER_NOWHERE, 0);
	syscalls_page_in(fixture, "/none");
	leave(fixture, -ENOENT);
	syscalls_told(fixture,
		      "openat 12 #2: Syscall=257 NArgs=4 dfd=\"AT_FDCWD</root>\" "
		      "filename=\"0x7ffd00004000\" flags=\"O_RDONLY\" mode=\"0\"\n"
		      "openat 12 #2: Syscall=257 Ret=-2 Info=\"ENOENT\" filename=\"/none\"\n");
}

/* What the call fills in ------------------------------------------------------------------------*/

static void test_output(void **state)
{
	struct syscalls_fixture *fixture = *state;
	const int32_t ends[2] = { 3, 4 };

	ENTER(fixture, 79, USER, 100); /* getcwd */
	syscalls_text(fixture, 0, "/the/directory");
	leave(fixture, 15);
	ENTER(fixture, 22, USER); /* pipe */
	tiny_write_user(&fixture->kernel, fixture->bash->mm, USER, ends, sizeof(ends));
	leave(fixture, 0);
	/* of no meaning when the call fails */
	MAKE(fixture, 79, -ERANGE, USER, 1);
	syscalls_told(fixture,
		      "getcwd 12 #1: Syscall=79 NArgs=2 buf=\"0x7ffd00000000\" size=\"100\"\n"
		      "getcwd 12 #1: Syscall=79 Ret=15 buf=\"/the/directory\"\n"
		      "pipe 12 #2: Syscall=22 NArgs=1 fildes=\"0x7ffd00000000\"\n"
		      "pipe 12 #2: Syscall=22 Ret=0 fildes=\"[3, 4]\"\n"
		      "getcwd 12 #3: Syscall=79 NArgs=2 buf=\"0x7ffd00000000\" size=\"1\"\n"
		      "getcwd 12 #3: Syscall=79 Ret=-34 Info=\"ERANGE\"\n");
}

/* Arrays that are longer than is told
 * -------------------------------------------------------------*/

/** "[7, 7, 7]"; @cut: there are more. */
static char *sevens(unsigned count, bool cut)
{
	GString *text = g_string_new("[");

	for (unsigned i = 0; i < count; i++)
		g_string_append(text, i ? ", 7" : "7");
	g_string_append(text, cut ? ", ...]" : "]");
	return g_string_free(text, FALSE);
}

static void told_suffix(struct syscalls_fixture *fixture, const char *name, const char *text)
{
	g_autofree char *told = observer_take(&fixture->observer);
	g_autofree char *suffix = g_strdup_printf(" %s=\"%s\"\n", name, text);

	if (!g_str_has_suffix(told, suffix))
		fail_msg("not%s at the end of: %s", suffix, told);
}

/** Groups that are set, and those that are read: no more than so many are told. */
#define GROUPS_MAX 256

static void test_arrays_that_are_cut(void **state)
{
	static const int64_t counts[] = { 1, GROUPS_MAX, GROUPS_MAX + 1, 0x7fffffff };
	struct syscalls_fixture *fixture = *state;
	uint32_t groups[GROUPS_MAX + 1];

	for (unsigned i = 0; i < G_N_ELEMENTS(groups); i++)
		groups[i] = 7;
	tiny_write_user(&fixture->kernel, fixture->bash->mm, USER, groups, sizeof(groups));
	for (unsigned i = 0; i < G_N_ELEMENTS(counts); i++) {
		bool cut = counts[i] > GROUPS_MAX;
		g_autofree char *text = sevens((unsigned)MIN(counts[i], GROUPS_MAX), cut);

		ENTER(fixture, 116, (uint64_t)counts[i], USER); /* setgroups */
		told_suffix(fixture, "grouplist", text);
		leave(fixture, 0);
		g_free(observer_take(&fixture->observer));
		ENTER(fixture, 115, 0x10000, USER); /* getgroups */
		g_free(observer_take(&fixture->observer));
		leave(fixture, counts[i]);
		told_suffix(fixture, "grouplist", text);
	}
}

/** A structure of the future: there is more in it than is known. */
static void test_structure_that_is_cut(void **state)
{
	struct syscalls_fixture *fixture = *state;
	const uint64_t how[4] = { 2, 0, 8, 1 };

	tiny_write_user(&fixture->kernel, fixture->bash->mm, USER, how, sizeof(how));
	for (unsigned size = 24; size <= 32; size += 8) {
		g_autofree char *told = NULL;

		ENTER(fixture, 437, AT_FDCWD, 0, USER, size); /* openat2 */
		told = observer_take(&fixture->observer);
		assert_non_null(strstr(told, size == 24 ? " how=\"{flags=O_RDWR, "
							  "resolve=RESOLVE_BENEATH}\" "
							: " how=\"{flags=O_RDWR, "
							  "resolve=RESOLVE_BENEATH, ...}\" "));
		leave(fixture, -ENOENT);
		g_free(observer_take(&fixture->observer));
	}
}

/* The kernel's memory ---------------------------------------------------------------------------*/

/** Pointers into the kernel's half are told as they are: no call gets what is there. */
static void test_pointers_into_the_kernel(void **state)
{
	struct syscalls_fixture *fixture = *state;
	uint64_t secret = tiny_string(&fixture->kernel, "secret");
	g_autofree char *expected = g_strdup_printf(
		"openat 12 #1: Syscall=257 NArgs=4 dfd=\"AT_FDCWD</root>\" "
		"filename=\"0x%" G_GINT64_MODIFIER "x\" flags=\"O_RDONLY\" mode=\"0\"\n"
		"openat 12 #1: Syscall=257 Ret=-14 Info=\"EFAULT\"\n"
		"pipe 12 #2: Syscall=22 NArgs=1 fildes=\"0x%" G_GINT64_MODIFIER "x\"\n"
		"pipe 12 #2: Syscall=22 Ret=0 fildes=\"0x%" G_GINT64_MODIFIER "x\"\n",
		secret, secret, secret);

	MAKE(fixture, 257, -EFAULT, AT_FDCWD, secret, 0);
	MAKE(fixture, 22, 0, secret); /* pipe: if it claims to have filled it in */
	syscalls_told(fixture, expected);
}

/* Arrays of strings -----------------------------------------------------------------------------*/

/** Writes pointers to memory of the shell's, with a NULL after them. */
static uint64_t pointers(struct syscalls_fixture *fixture, unsigned offset, const uint64_t *values,
			 unsigned count)
{
	const uint64_t end = 0;

	tiny_write_user(&fixture->kernel, fixture->bash->mm, USER + offset, values, count * 8);
	tiny_write_user(&fixture->kernel, fixture->bash->mm, USER + offset + count * 8, &end, 8);
	return USER + offset;
}

static void test_argv(void **state)
{
	struct syscalls_fixture *fixture = *state;
	uint64_t path = syscalls_text(fixture, 0, "/bin/ls");
	const uint64_t argv[] = { syscalls_text(fixture, 0x10, "ls"),
				  syscalls_text(fixture, 0x20, "-l \"x\"") };
	const uint64_t envp[] = { syscalls_text(fixture, 0x30, "A=1") };

	ENTER(fixture, 59, path, pointers(fixture, 0x100, argv, 2),
	      pointers(fixture, 0x200, envp, 1));
	leave(fixture, 0);
	ENTER(fixture, 59, path, 0, pointers(fixture, 0x200, envp, 0));
	syscalls_told(fixture, "execve 12 #1: Syscall=59 NArgs=3 filename=\"/bin/ls\" "
			       "argv=\"[\\\"ls\\\", \\\"-l \\\\\\\"x\\\\\\\"\\\"]\" "
			       "envp=\"[\\\"A=1\\\"]\"\n"
			       "execve 12 #1: Syscall=59 Ret=0\n"
			       "execve 12 #2: Syscall=59 NArgs=3 filename=\"/bin/ls\" "
			       "argv=\"NULL\" envp=\"[]\"\n");
}

/** Pointers without an end, and to nowhere: bounded, and what is missing is marked. */
static void test_argv_that_is_hostile(void **state)
{
	struct syscalls_fixture *fixture = *state;
	uint64_t path = syscalls_text(fixture, 0, "/bin/ls");
	uint64_t text = syscalls_text(fixture, 0x10, "a long argument, again and again and again");
	g_autofree uint64_t *many = g_new(uint64_t, 1500);
	g_autofree char *told = NULL;

	for (unsigned i = 0; i < 1500; i++)
		many[i] = text;
	ENTER(fixture, 59, path, pointers(fixture, 0x100, many, 1500));
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, ", ...]\" envp="));
	assert_in_range(strlen(told), 8000, 20000);
	leave(fixture, -E2BIG);
	g_free(observer_take(&fixture->observer));

	many[0] = text;
	many[1] = 0x1000; /* nowhere */
	ENTER(fixture, 59, path, pointers(fixture, 0x100, many, 2));
	syscalls_told(fixture, ""); /* put off until the kernel has read it, or failed to */
	leave(fixture, -EFAULT);
	syscalls_told(fixture, "execve 12 #2: Syscall=59 NArgs=3 filename=\"/bin/ls\" "
			       "argv=\"[\\\"a long argument, again and again and again\\\", "
			       "\\\"\\\", ...]\" envp=\"NULL\"\n"
			       "execve 12 #2: Syscall=59 Ret=-14 Info=\"EFAULT\"\n");
}

/** An array in the kernel's half is not followed, nor is a pointer that leads there. */
static void test_argv_of_the_kernel(void **state)
{
	struct syscalls_fixture *fixture = *state;
	uint64_t path = syscalls_text(fixture, 0, "/bin/ls"),
		 text = syscalls_text(fixture, 8, "ls");
	uint64_t secret = tiny_string(&fixture->kernel, "secret");
	const uint64_t argv[] = { text, secret, text };
	g_autofree char *expected =
		g_strdup_printf("execve 12 #1: Syscall=59 NArgs=3 filename=\"/bin/ls\" "
				"argv=\"[\\\"ls\\\", \\\"\\\", \\\"ls\\\", ...]\" "
				"envp=\"0x%" G_GINT64_MODIFIER "x\"\n"
				"execve 12 #1: Syscall=59 Ret=-14 Info=\"EFAULT\"\n",
				secret);

	MAKE(fixture, 59, -EFAULT, path, pointers(fixture, 0x100, argv, 3), secret);
	syscalls_told(fixture, expected);
}

/** The array itself goes on where nothing is: that is not its end. */
static void test_argv_that_is_cut(void **state)
{
	struct syscalls_fixture *fixture = *state;
	uint64_t text = syscalls_text(fixture, 0x10, "ls");

	tiny_write_user(&fixture->kernel, fixture->bash->mm, USER_NOWHERE - 8, &text, 8);
	ENTER(fixture, 59, syscalls_text(fixture, 0, "/bin/ls"), USER_NOWHERE - 8);
	syscalls_told(fixture, "");
	leave(fixture, -EFAULT);
	syscalls_told(fixture, "execve 12 #1: Syscall=59 NArgs=3 filename=\"/bin/ls\" "
			       "argv=\"[\\\"ls\\\", ...]\" envp=\"NULL\"\n"
			       "execve 12 #1: Syscall=59 Ret=-14 Info=\"EFAULT\"\n");
}

/** An exec's arguments are told once the kernel has read them; then their memory is gone. */
static void test_exec_brings_pages_in(void **state)
{
	struct syscalls_fixture *fixture = *state;

	ENTER(fixture, 59, USER_NOWHERE, 0, 0);
	syscalls_told(fixture, "");
	syscalls_page_in(fixture, "/bin/ls");
	tiny_call(&fixture->kernel, 0, "begin_new_exec", 0, (const uint64_t[6]){ 0 });
	syscalls_told(fixture, "execve 12 #1: Syscall=59 NArgs=3 filename=\"/bin/ls\" "
			       "argv=\"NULL\" envp=\"NULL\"\n");
	tiny_return(&fixture->kernel, 0, 0);
	leave(fixture, 0);
	syscalls_told(fixture, "execve 12 #1: Syscall=59 Ret=0\n");
}

/** A thread that dies in its exec has made the call all the same. */
static void test_exec_that_ends(void **state)
{
	struct syscalls_fixture *fixture = *state;

	ENTER(fixture, 59, USER_NOWHERE, 0, 0);
	tiny_call(&fixture->kernel, 0, "do_exit", 0, (const uint64_t[6]){ 9 });
	syscalls_told(fixture, "execve 12 #1: Syscall=59 NArgs=3 "
			       "filename=\"0x7ffd00004000\" argv=\"NULL\" envp=\"NULL\"\n");
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, syscalls_setup, syscalls_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_descriptors),
		WITH(test_strings),
		WITH(test_long_string),
		WITH(test_page_that_comes_later),
		WITH(test_page_that_comes_later_in_the_middle),
		WITH(test_page_that_never_comes),
		WITH(test_output),
		WITH(test_arrays_that_are_cut),
		WITH(test_structure_that_is_cut),
		WITH(test_pointers_into_the_kernel),
		WITH(test_argv),
		WITH(test_argv_that_is_hostile),
		WITH(test_argv_of_the_kernel),
		WITH(test_argv_that_is_cut),
		WITH(test_exec_brings_pages_in),
		WITH(test_exec_that_ends),
	};

	return cmocka_run_group_tests_name("syscalls_arguments", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin syscalls watching a tiny Linux kernel: what its tests begin with. */
#include "syscalls_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

struct tiny_task *syscalls_task(struct syscalls_fixture *fixture, uint32_t pid, const char *path)
{
	struct tiny_task *task = tiny_task(&fixture->kernel, pid, 0, path, NULL);

	task->stack -= 0x100; /* the registers of user mode are above */
	return task;
}

char *syscalls_start(struct syscalls_fixture *fixture, const struct syscalls_options *options)
{
	const struct tiny_options kernel = {
		.functions = options->functions ? options->functions : syscalls_new_kernel,
		.data = syscalls_data,
		.without_symbols = options->without,
	};
	g_autofree char *settings = g_strconcat("plugin=syscalls;\n", options->settings, NULL);

	tiny_init(&fixture->kernel, &kernel);
	syscalls_make_table(&fixture->kernel);
	fixture->bash = syscalls_task(fixture, 12, "/usr/bin/bash");
	fixture->descriptors = syscalls_make_files(&fixture->kernel, fixture->bash);
	tiny_run(&fixture->kernel, 0, fixture->bash);
	observer_start(&fixture->observer, &fixture->kernel, settings);
	observer_discover(&fixture->observer, 0);
	return observer_take(&fixture->observer);
}

int syscalls_setup_empty(void **state)
{
	static struct syscalls_fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	*state = &fixture;
	return 0;
}

int syscalls_setup(void **state)
{
	const struct syscalls_options options = { 0 };
	g_autofree char *told = NULL;

	syscalls_setup_empty(state);
	told = syscalls_start(*state, &options);
	assert_non_null(strstr(told, "status 0,1: "));
	return 0;
}

int syscalls_teardown(void **state)
{
	struct syscalls_fixture *fixture = *state;

	observer_stop(&fixture->observer);
	if (fixture->kernel.mock.ram)
		tiny_deinit(&fixture->kernel);
	return 0;
}

/* The guest -------------------------------------------------------------------------------------*/

void syscalls_open(struct syscalls_fixture *fixture, unsigned fd, const char *path)
{
	uint64_t file = tiny_file(&fixture->kernel, path);

	memcpy(tiny_at(&fixture->kernel, fixture->descriptors + fd * 8), &file, sizeof(file));
}

uint64_t syscalls_text(struct syscalls_fixture *fixture, unsigned offset, const char *text)
{
	tiny_write_user(&fixture->kernel, fixture->bash->mm, USER + offset, text, strlen(text) + 1);
	return USER + offset;
}

void syscalls_page_in(struct syscalls_fixture *fixture, const char *text)
{
	struct tiny_linux *kernel = &fixture->kernel;
	struct wv_paging paging = { .mode = kernel->paging.mode,
				    .root = tiny_get(kernel, fixture->bash->mm, "mm_struct.pgd") -
					    TINY_DIRECT_MAP };

	mock_map(&kernel->mock, &paging, USER_NOWHERE, mock_page(&kernel->mock), MOCK_PAGE);
	tiny_write_user(kernel, fixture->bash->mm, USER_NOWHERE, text, strlen(text) + 1);
}

uint64_t syscalls_regs(struct syscalls_fixture *fixture)
{
	return syscalls_regs_of(&fixture->kernel);
}

void syscalls_set_regs(struct syscalls_fixture *fixture, bool compat, uint64_t number,
		       const uint64_t args[6])
{
	syscalls_fill_regs(&fixture->kernel, compat, number, args);
}

void syscalls_enter(struct syscalls_fixture *fixture, const char *function, bool compat,
		    uint64_t number, const uint64_t args[6])
{
	const uint64_t arguments[6] = { syscalls_regs(fixture), number };

	syscalls_set_regs(fixture, compat, number, args);
	tiny_call(&fixture->kernel, 0, function, 0, arguments);
}

void syscalls_make(struct syscalls_fixture *fixture, uint64_t number, const uint64_t args[6],
		   int64_t result)
{
	syscalls_enter(fixture, "x64_sys_call", false, number, args);
	tiny_return(&fixture->kernel, 0, (uint64_t)result);
}

void syscalls_told(struct syscalls_fixture *fixture, const char *expected)
{
	g_autofree char *told = observer_take(&fixture->observer), *short_told = NULL;
	g_autoptr(GRegex) common =
		g_regex_new(" ([0-9]+)/[0-9]+ of [0-9]+ uid [-0-9]+ \"[^\"\n]*\" (#[0-9]+:)"
			    " Module=\"linux\" vCPU=0 CR3=0x[0-9a-f]+",
			    (GRegexCompileFlags)0, (GRegexMatchFlags)0, NULL);

	short_told = g_regex_replace(common, told, -1, 0, " \\1 \\2", (GRegexMatchFlags)0, NULL);
	assert_string_equal(short_told, expected);
}

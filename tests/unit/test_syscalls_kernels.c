/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on kernels with and without dispatchers: 32-bit calls, seccomp, numbers of no call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "syscalls_fixture.h"

static void start(struct syscalls_fixture *fixture, const char *const *functions)
{
	const struct syscalls_options options = { .functions = functions };
	g_autofree char *told = syscalls_start(fixture, &options);

	assert_non_null(strstr(told, "status 0,1: "));
	assert_null(strstr(told, "missing")); /* a kernel of either age lacks nothing */
}

#define ARGS(...) ((const uint64_t[6]){ __VA_ARGS__ })

static bool leave(struct syscalls_fixture *fixture, int64_t result)
{
	return tiny_return(&fixture->kernel, 0, (uint64_t)result);
}

static void set_result(struct syscalls_fixture *fixture, int64_t result)
{
	tiny_put(&fixture->kernel, syscalls_regs(fixture), "pt_regs.ax", (uint64_t)result);
}

/* 32-bit calls ----------------------------------------------------------------------------------*/

/** Numbers and registers of their own: ebx, ecx, edx, esi, edi, ebp; only the low halves count. */
static void test_32_bit(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, syscalls_new_kernel);
	syscalls_open(fixture, 3, "/tmp/file");
	syscalls_enter(fixture, "ia32_sys_call", true, 6, ARGS(UINT64_C(0xdead00000003)));
	leave(fixture, 0);
	syscalls_enter(fixture, "ia32_sys_call", true, 64, ARGS(0)); /* getppid */
	leave(fixture, 12);
	syscalls_told(fixture, "close 12 #1: Syscall=6 Type=\"ia32\" NArgs=1 fd=\"3</tmp/file>\"\n"
			       "close 12 #1: Syscall=6 Type=\"ia32\" Ret=0\n"
			       "getppid 12 #2: Syscall=64 Type=\"ia32\" NArgs=0\n"
			       "getppid 12 #2: Syscall=64 Type=\"ia32\" Ret=12\n");
}

/** An error is negative, whatever is above its 32 bits; an address from 2 GiB up is not. */
static void test_32_bit_results(void **state)
{
	static const struct {
		uint64_t result;
		const char *told;
	} results[] = {
		{ UINT32_MAX, "-1 Info=\"EPERM\"" },
		{ UINT64_MAX, "-1 Info=\"EPERM\"" },
		{ 0xfffff001, "-4095 Info=\"-4095\"" },
		{ 0xfffff000, "4294963200" },
		{ UINT64_C(0xfffffffff7fc0000), "4160487424" },
		{ 0x80000000, "2147483648" },
		{ 0x7fffffff, "2147483647" },
		{ UINT64_C(0x100000005), "5" },
	};
	struct syscalls_fixture *fixture = *state;

	start(fixture, syscalls_new_kernel);
	for (unsigned i = 0; i < G_N_ELEMENTS(results); i++) {
		g_autofree char *expected = NULL;

		syscalls_enter(fixture, "ia32_sys_call", true, 64, ARGS(0));
		leave(fixture, (int64_t)results[i].result);
		expected = g_strdup_printf("getppid 12 #%u: Syscall=64 Type=\"ia32\" NArgs=0\n"
					   "getppid 12 #%u: Syscall=64 Type=\"ia32\" Ret=%s\n",
					   i + 1, i + 1, results[i].told);
		syscalls_told(fixture, expected);
	}
}

/** What a 32-bit caller's pointers point to has 32-bit words. */
static void test_32_bit_pointers(void **state)
{
	struct syscalls_fixture *fixture = *state;
	struct tiny_linux *kernel;
	struct wv_paging paging;
	uint32_t argv[3] = { 0x8000100, 0x8000108, 0 };

	start(fixture, syscalls_new_kernel);
	kernel = &fixture->kernel;
	paging = (struct wv_paging){ .mode = kernel->paging.mode,
				     .root = tiny_get(kernel, fixture->bash->mm, "mm_struct.pgd") -
					     TINY_DIRECT_MAP };
	mock_map(&kernel->mock, &paging, 0x8000000, mock_page(&kernel->mock), MOCK_PAGE);
	tiny_write_user(kernel, fixture->bash->mm, 0x8000000, argv, sizeof(argv));
	tiny_write_user(kernel, fixture->bash->mm, 0x8000100, "ls\0\0\0\0\0\0-l", 11);
	syscalls_enter(fixture, "ia32_sys_call", true, 11, ARGS(0x8000100, 0x8000000, 0));
	syscalls_told(fixture, "execve 12 #1: Syscall=11 Type=\"ia32\" NArgs=3 "
			       "filename=\"ls\" argv=\"[\\\"ls\\\", \\\"-l\\\"]\" "
			       "envp=\"NULL\"\n");
}

/** Where a 32-bit call's structures are its own, they are not those of the 64-bit call's name. */
static void test_32_bit_structures(void **state)
{
	struct syscalls_fixture *fixture = *state;
	const int32_t time32[2] = { 5, 250 };
	const int64_t time64[2] = { 6, 500 };
	uint32_t at = 0x8000000;
	struct tiny_linux *kernel;
	struct wv_paging paging;

	start(fixture, syscalls_new_kernel);
	kernel = &fixture->kernel;
	paging = (struct wv_paging){ .mode = kernel->paging.mode,
				     .root = tiny_get(kernel, fixture->bash->mm, "mm_struct.pgd") -
					     TINY_DIRECT_MAP };
	mock_map(&kernel->mock, &paging, at, mock_page(&kernel->mock), MOCK_PAGE);
	tiny_write_user(kernel, fixture->bash->mm, at, time32, sizeof(time32));
	tiny_write_user(kernel, fixture->bash->mm, at + 16, time64, sizeof(time64));
	syscalls_enter(fixture, "ia32_sys_call", true, 265, ARGS(0, at)); /* clock_gettime */
	leave(fixture, 0);
	syscalls_enter(fixture, "ia32_sys_call", true, 403, ARGS(0, at + 16)); /* and ...64 */
	leave(fixture, 0);
	syscalls_told(fixture, "clock_gettime 12 #1: Syscall=265 Type=\"ia32\" NArgs=2 "
			       "which_clock=\"CLOCK_REALTIME\" tp=\"0x8000000\"\n"
			       "clock_gettime 12 #1: Syscall=265 Type=\"ia32\" Ret=0 "
			       "tp=\"{5.000000250}\"\n"
			       "clock_gettime64 12 #2: Syscall=403 Type=\"ia32\" NArgs=2 "
			       "which_clock=\"CLOCK_REALTIME\" tp=\"0x8000010\"\n"
			       "clock_gettime64 12 #2: Syscall=403 Type=\"ia32\" Ret=0 "
			       "tp=\"{6.000000500}\"\n");
}

/** x32: a bit of the number tells, and the table is the 64-bit one. */
static void test_x32(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, syscalls_old_kernel);
	syscalls_enter(fixture, "do_syscall_64", false, 0x40000000 | 3, ARGS(7));
	set_result(fixture, -EBADF);
	leave(fixture, 0);
	syscalls_enter(fixture, "do_syscall_64", false, UINT32_MAX,
		       ARGS(0)); /* no call at all: -1 */
	syscalls_told(fixture, "close 12 #1: Syscall=3 Type=\"x32\" NArgs=1 fd=\"7\"\n"
			       "close 12 #1: Syscall=3 Type=\"x32\" Ret=-9 Info=\"EBADF\"\n");
}

/* Numbers that are not dispatched ---------------------------------------------------------------*/

static void test_not_dispatched(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, syscalls_new_kernel);
	syscalls_enter(fixture, "__x64_sys_ni_syscall", false, NO_CALL, ARGS(1));
	leave(fixture, -ENOSYS);
	syscalls_told(
		fixture,
		"syscall_999 12 #1: Syscall=999 NArgs=6 arg0=\"0x1\" arg1=\"0x0\" arg2=\"0x0\" "
		"arg3=\"0x0\" arg4=\"0x0\" arg5=\"0x0\"\n"
		"syscall_999 12 #1: Syscall=999 Ret=-38 Info=\"ENOSYS\"\n");
	/* a dispatcher calls it for numbers that have no function: that is one call, not two */
	syscalls_enter(fixture, "x64_sys_call", false, 180, ARGS(0));
	tiny_call(&fixture->kernel, 0, "__x64_sys_ni_syscall", 0, ARGS(syscalls_regs(fixture)));
	leave(fixture, -ENOSYS);
	leave(fixture, -ENOSYS);
	syscalls_told(fixture, "nfsservctl 12 #2: Syscall=180 NArgs=0\n"
			       "nfsservctl 12 #2: Syscall=180 Ret=-38 Info=\"ENOSYS\"\n");
}

/* seccomp ---------------------------------------------------------------------------------------*/

/** The filter runs before the call is dispatched; 0: it may be made. */
static void test_seccomp_allows(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, syscalls_new_kernel);
	syscalls_set_regs(fixture, false, 110, ARGS(0));
	tiny_call(&fixture->kernel, 0, "__secure_computing", 0, NULL);
	leave(fixture, 0);
	syscalls_told(fixture, "");
	tiny_call(&fixture->kernel, 0, "x64_sys_call", 0, ARGS(syscalls_regs(fixture), 110));
	leave(fixture, 1);
	syscalls_told(fixture, "getppid 12 #2: Syscall=110 NArgs=0\n"
			       "getppid 12 #2: Syscall=110 Ret=1\n");
}

/** -1: the result that the filter chose is in the registers. */
static void test_seccomp_denies(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, syscalls_new_kernel);
	syscalls_set_regs(fixture, false, 3, ARGS(7));
	tiny_call(&fixture->kernel, 0, "__secure_computing", 0, NULL);
	set_result(fixture, -EACCES);
	leave(fixture, -1);
	syscalls_told(fixture, "close 12 #1: Syscall=3 NArgs=1 fd=\"7\"\n"
			       "close 12 #1: Syscall=3 Ret=-13 Info=\"EACCES\"\n");
	/* of a 32-bit caller */
	syscalls_set_regs(fixture, true, 6, ARGS(7));
	tiny_call(&fixture->kernel, 0, "__secure_computing", 0, NULL);
	set_result(fixture, 0xfffffff3); /* -13 */
	leave(fixture, UINT32_MAX);
	syscalls_told(fixture, "close 12 #2: Syscall=6 Type=\"ia32\" NArgs=1 fd=\"7\"\n"
			       "close 12 #2: Syscall=6 Type=\"ia32\" Ret=-13 Info=\"EACCES\"\n");
}

static void test_seccomp_kills(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, syscalls_new_kernel);
	syscalls_set_regs(fixture, false, 3, ARGS(7));
	tiny_call(&fixture->kernel, 0, "__secure_computing", 0, NULL);
	tiny_call(&fixture->kernel, 0, "do_exit", 0, NULL);
	syscalls_told(fixture, "close 12 #1: Syscall=3 NArgs=1 fd=\"7\"\n");
}

/* Kernels that jump through a table -------------------------------------------------------------*/

/** The result is in the registers when the old functions return, or leave to user mode. */
static void test_old_kernel(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, syscalls_old_kernel);
	syscalls_enter(fixture, "do_syscall_64", false, 110, ARGS(0));
	syscalls_told(fixture, "getppid 12 #1: Syscall=110 NArgs=0\n");
	set_result(fixture, 7);
	tiny_call(&fixture->kernel, 0, "syscall_exit_to_user_mode", 0,
		  ARGS(syscalls_regs(fixture)));
	syscalls_told(fixture, "getppid 12 #1: Syscall=110 Ret=7\n");
	set_result(fixture, -EINTR); /* signals are handled, and change the registers */
	leave(fixture, 0);
	leave(fixture, 0);
	syscalls_told(fixture, ""); /* told once */
}

/** 5.10 and older call do_syscall_64(nr, regs): the other way around. */
static void test_old_order_of_arguments(void **state)
{
	struct syscalls_fixture *fixture = *state;

	start(fixture, syscalls_old_kernel);
	syscalls_set_regs(fixture, false, 3, ARGS(5));
	tiny_call(&fixture->kernel, 0, "do_syscall_64", 0, ARGS(3, syscalls_regs(fixture)));
	set_result(fixture, -EBADF);
	leave(fixture, 0);
	syscalls_told(fixture, "close 12 #1: Syscall=3 NArgs=1 fd=\"5\"\n"
			       "close 12 #1: Syscall=3 Ret=-9 Info=\"EBADF\"\n");
}

static void test_old_32_bit(void **state)
{
	static const char *const ways[] = { "do_int80_syscall_32", "__do_fast_syscall_32" };
	struct syscalls_fixture *fixture = *state;

	start(fixture, syscalls_old_kernel);
	for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_autofree char *expected =
			g_strdup_printf("getppid 12 #%u: Syscall=64 Type=\"ia32\" NArgs=0\n"
					"getppid 12 #%u: Syscall=64 Type=\"ia32\" Ret=4160487424\n",
					i + 1, i + 1);

		syscalls_enter(fixture, ways[i], true, 64, ARGS(0));
		set_result(fixture, 0xf7fc0000);
		leave(fixture, 1); /* __do_fast_syscall_32() tells how to return, not what */
		syscalls_told(fixture, expected);
	}
}

static void test_nothing_to_trap(void **state)
{
	static const char *const none[] = { "__secure_computing", NULL };
	struct syscalls_fixture *fixture = *state;
	const struct syscalls_options options = { .functions = none };
	g_autofree char *told = syscalls_start(fixture, &options);

	assert_non_null(strstr(told, "syscalls: missing in the guest's kernel: function "
				     "x64_sys_call or do_syscall_64 (costs the plugin)\n"));
	assert_non_null(strstr(told, "no plugin can work with this guest"));
}

/** Without metadata all is from our own table. */
static void test_no_metadata(void **state)
{
	static const char *const without[] = { "syscalls_metadata", NULL };
	struct syscalls_fixture *fixture = *state;
	const struct syscalls_options options = { .without = without };
	g_autofree char *told = syscalls_start(fixture, &options);

	assert_null(strstr(told, "missing"));
	MAKE(fixture, 257, 4, AT_FDCWD, syscalls_text(fixture, 0, "/x"), 0101, 0644);
	MAKE(fixture, BRAND_NEW, 0, 1);
	syscalls_told(
		fixture,
		"openat 12 #1: Syscall=257 NArgs=4 dfd=\"AT_FDCWD</root>\" "
		"filename=\"/x\" flags=\"O_WRONLY|O_CREAT\" mode=\"0644\"\n"
		"openat 12 #1: Syscall=257 Ret=4\n"
		"syscall_700 12 #2: Syscall=700 NArgs=6 arg0=\"0x1\" arg1=\"0x0\" arg2=\"0x0\" "
		"arg3=\"0x0\" arg4=\"0x0\" arg5=\"0x0\"\n"
		"syscall_700 12 #2: Syscall=700 Ret=0\n");
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, syscalls_setup_empty, syscalls_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_32_bit),
		WITH(test_32_bit_results),
		WITH(test_32_bit_pointers),
		WITH(test_32_bit_structures),
		WITH(test_x32),
		WITH(test_not_dispatched),
		WITH(test_seccomp_allows),
		WITH(test_seccomp_denies),
		WITH(test_seccomp_kills),
		WITH(test_old_kernel),
		WITH(test_old_order_of_arguments),
		WITH(test_old_32_bit),
		WITH(test_nothing_to_trap),
		WITH(test_no_metadata),
	};

	return cmocka_run_group_tests_name("syscalls_kernels", tests, NULL, NULL);
}

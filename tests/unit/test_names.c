/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of numbers: the tables against this machine's headers, the rules against their examples. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strerrorname_np(), sigabbrev_np() */
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "format_value.h"
#include "output/names.h"
#include "output/schema.h"

#define assert_format(function, value, expected)                                                   \
	assert_string_equal(format_value(function, (uint64_t)(value)), expected)

static void test_tables_rise(void **state)
{
	const struct wv_name_table *tables[] = { &wv_names_signals, &wv_names_errno,
						 &wv_names_clone_flags, &wv_names_exit_status };

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		assert_true(tables[i]->count > 0);
		for (size_t j = 0; j < tables[i]->count; j++) {
			const struct wv_name *name = &tables[i]->names[j];

			if (j > 0)
				assert_true(name->value > name[-1].value);
			assert_ptr_equal(wv_name_find(tables[i], name->value), name->name);
		}
		assert_null(wv_name_find(tables[i], UINT64_MAX));
	}
}

/* glibc knows each errno's name by itself; what it knows must be ours too. */
/** EHWPOISON: the last one of Linux for fifteen years. */
#define ERRNO_LAST_OF_BOTH 133

static void test_errno_as_the_c_library(void **state)
{
	unsigned known = 0;

	(void)state;
	for (int number = 0; number < 512; number++) {
		const char *name = strerrorname_np(number);
		const char *ours = wv_errno_name((uint64_t)number);

		/* ENOTSUP is the C library's name; the kernel says EOPNOTSUPP. */
		if (name && strcmp(name, "ENOTSUP") == 0)
			name = "EOPNOTSUPP";
		/* either may be the newer one, and know more above the other's last */
		if (name && ours) {
			assert_string_equal(ours, name);
			known++;
		} else if (number <= ERRNO_LAST_OF_BOTH) {
			assert_true(!ours && (!name || number == 0));
		}
	}
	assert_true(known >= 131);
}

static void test_errno(void **state)
{
	(void)state;
	assert_format(wv_format_errno, EAGAIN, "EAGAIN");
	assert_format(wv_format_errno, -EAGAIN, "EAGAIN");
	assert_format(wv_format_errno, -133, "EHWPOISON");
	assert_format(wv_format_errno, 512, "ERESTARTSYS");
	assert_format(wv_format_errno, 516, "ERESTART_RESTARTBLOCK");
	assert_format(wv_format_errno, 531, "ENOGRACE");
	assert_format(wv_format_errno, 0, "0");
	assert_format(wv_format_errno, 41, "41");
	assert_format(wv_format_errno, 58, "58");
	assert_format(wv_format_errno, 520, "520");
	assert_format(wv_format_errno, -4096, "-4096");
	assert_format(wv_format_errno, INT64_MIN, "-9223372036854775808");
}

static void test_signals_as_the_c_library(void **state)
{
	char name[32];

	(void)state;
	for (int number = 1; number <= 31; number++) {
		const char *abbreviation = sigabbrev_np(number);

		assert_non_null(abbreviation);
		/* glibc says SIGPOLL for 29; `kill -l` says SIGIO. */
		snprintf(name, sizeof(name), "SIG%s", number == SIGIO ? "IO" : abbreviation);
		assert_format(wv_format_signal, number, name);
	}
	assert_int_equal(SIGRTMIN, 34);
	assert_int_equal(SIGRTMAX, 64);
}

static void test_signals_beyond(void **state)
{
	(void)state;
	assert_format(wv_format_signal, 0, "0");
	assert_format(wv_format_signal, 32, "SIG32");
	assert_format(wv_format_signal, 33, "SIG33");
	assert_format(wv_format_signal, 34, "SIGRTMIN");
	assert_format(wv_format_signal, 35, "SIGRTMIN+1");
	assert_format(wv_format_signal, 49, "SIGRTMIN+15");
	assert_format(wv_format_signal, 50, "SIGRTMAX-14");
	assert_format(wv_format_signal, 63, "SIGRTMAX-1");
	assert_format(wv_format_signal, 64, "SIGRTMAX");
	assert_format(wv_format_signal, 65, "65");
	assert_format(wv_format_signal, (1ULL << 32) + 9, "4294967305");
	assert_format(wv_format_signal, UINT64_MAX, "18446744073709551615");
}

static void test_clone_flags(void **state)
{
	(void)state;
	assert_format(wv_format_clone_flags, CLONE_VM | CLONE_THREAD, "CLONE_VM|CLONE_THREAD");
	assert_format(wv_format_clone_flags, 0, "0");
	assert_format(wv_format_clone_flags, CLONE_NEWTIME, "CLONE_NEWTIME");
	assert_format(wv_format_clone_flags, CLONE_PIDFD | CLONE_IO, "CLONE_PIDFD|CLONE_IO");
	assert_format(wv_format_clone_flags, CLONE_INTO_CGROUP | CLONE_CLEAR_SIGHAND,
		      "CLONE_CLEAR_SIGHAND|CLONE_INTO_CGROUP");
	assert_format(wv_format_clone_flags, 0x11, "0x11");
	assert_format(wv_format_clone_flags, CLONE_FS | (1ULL << 63) | 1,
		      "CLONE_FS|0x8000000000000001");
	assert_true(strlen(format_value(wv_format_clone_flags, UINT64_MAX)) < WV_FORMAT_MAX - 1);
	assert_null(strstr(format_value(wv_format_clone_flags, UINT64_MAX), "..."));
}

static void test_clone_flags_are_single_bits(void **state)
{
	uint64_t all = 0;

	(void)state;
	for (size_t i = 0; i < wv_names_clone_flags.count; i++) {
		uint64_t value = wv_names_clone_flags.names[i].value;

		assert_int_equal(value & (value - 1), 0);
		all |= value;
	}
	/* From CLONE_VM up to CLONE_EMPTY_MNTNS there is no bit without a name. */
	assert_int_equal(all, 0x3fffffff80ULL);
}

static void test_flags_that_do_not_fit(void **state)
{
	char text[16];
	const uint64_t value = CLONE_VM | CLONE_THREAD;

	(void)state;
	for (size_t size = 0; size <= sizeof(text); size++) {
		memset(text, '#', sizeof(text));
		wv_format_flags(&wv_names_clone_flags, value, text, size);
		if (size > 0)
			assert_int_equal(strlen(text), size - 1);
		if (size >= 4)
			assert_string_equal(text + size - 4, "...");
		for (size_t i = size; i < sizeof(text); i++)
			assert_int_equal(text[i], '#');
	}
	wv_format_flags(&wv_names_clone_flags, value, text, sizeof(text));
	assert_string_equal(text, "CLONE_VM|CLO...");
	wv_format_flags(&wv_names_clone_flags, CLONE_VM, text, sizeof("CLONE_VM"));
	assert_string_equal(text, "CLONE_VM");
}

static void test_set_separators(void **state)
{
	const uint64_t value = CLONE_VM | CLONE_THREAD;
	char text[64];

	(void)state;
	wv_format_set(&wv_names_clone_flags, value, " | ", "none", text, sizeof(text));
	assert_string_equal(text, "CLONE_VM | CLONE_THREAD");
	wv_format_set(&wv_names_clone_flags, value | 1, ";", "none", text, sizeof(text));
	assert_string_equal(text, "CLONE_VM;CLONE_THREAD;0x1");
	wv_format_set(&wv_names_clone_flags, 0, " | ", "", text, sizeof(text));
	assert_string_equal(text, "");
	wv_format_set(&wv_names_clone_flags, 0, " | ", "none", text, sizeof(text));
	assert_string_equal(text, "none");
}

static void test_exit_status_of_exit(void **state)
{
	(void)state;
	assert_format(wv_format_exit_status, W_EXITCODE(0, 0), "EX_OK");
	assert_format(wv_format_exit_status, W_EXITCODE(1, 0), "EXIT_FAILURE");
	assert_format(wv_format_exit_status, W_EXITCODE(2, 0), "incorrect usage");
	assert_format(wv_format_exit_status, W_EXITCODE(3, 0), "3");
	assert_format(wv_format_exit_status, W_EXITCODE(42, 0), "42");
	assert_format(wv_format_exit_status, W_EXITCODE(EX_USAGE, 0), "EX_USAGE");
	assert_format(wv_format_exit_status, W_EXITCODE(EX_CANTCREAT, 0), "EX_CANTCREAT");
	assert_format(wv_format_exit_status, W_EXITCODE(EX_CONFIG, 0), "EX_CONFIG");
	assert_format(wv_format_exit_status, W_EXITCODE(79, 0), "79");
	assert_format(wv_format_exit_status, W_EXITCODE(126, 0), "not executable");
	assert_format(wv_format_exit_status, W_EXITCODE(127, 0), "command not found");
	assert_format(wv_format_exit_status, W_EXITCODE(128, 0), "128");
	assert_format(wv_format_exit_status, W_EXITCODE(128 + SIGTERM, 0), "128+SIGTERM");
	assert_format(wv_format_exit_status, W_EXITCODE(128 + 49, 0), "128+SIGRTMIN+15");
	assert_format(wv_format_exit_status, W_EXITCODE(192, 0), "128+SIGRTMAX");
	assert_format(wv_format_exit_status, W_EXITCODE(193, 0), "193");
	assert_format(wv_format_exit_status, W_EXITCODE(255, 0), "255");
}

static void test_exit_status_of_death(void **state)
{
	(void)state;
	assert_format(wv_format_exit_status, W_EXITCODE(0, SIGSEGV), "SIGSEGV");
	assert_format(wv_format_exit_status, W_EXITCODE(0, SIGSEGV | WCOREFLAG),
		      "SIGSEGV (core dumped)");
	assert_format(wv_format_exit_status, W_EXITCODE(0, SIGKILL), "SIGKILL");
	assert_format(wv_format_exit_status, W_EXITCODE(0, 49 | WCOREFLAG),
		      "SIGRTMIN+15 (core dumped)");
	assert_format(wv_format_exit_status, W_EXITCODE(0, 64), "SIGRTMAX");
}

static void test_exit_status_that_is_neither(void **state)
{
	(void)state;
	assert_format(wv_format_exit_status, -EINTR, "EINTR");
	assert_format(wv_format_exit_status, (uint32_t)-EINTR, "EINTR");
	assert_format(wv_format_exit_status, -4000, "-4000");
	assert_format(wv_format_exit_status, 0x80, "0x80");
	assert_format(wv_format_exit_status, 0x7f, "0x7f");
	assert_format(wv_format_exit_status, 0x41, "0x41");
	assert_format(wv_format_exit_status, 0x10b, "0x10b");
	assert_format(wv_format_exit_status, 0x10000, "0x10000");
	assert_format(wv_format_exit_status, 0x80000000, "0x80000000");
	assert_format(wv_format_exit_status, INT64_MIN | (7 << 8), "7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables_rise),
		cmocka_unit_test(test_errno_as_the_c_library),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_signals_as_the_c_library),
		cmocka_unit_test(test_signals_beyond),
		cmocka_unit_test(test_clone_flags),
		cmocka_unit_test(test_clone_flags_are_single_bits),
		cmocka_unit_test(test_flags_that_do_not_fit),
		cmocka_unit_test(test_set_separators),
		cmocka_unit_test(test_exit_status_of_exit),
		cmocka_unit_test(test_exit_status_of_death),
		cmocka_unit_test(test_exit_status_that_is_neither),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

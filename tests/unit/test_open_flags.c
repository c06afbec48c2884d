/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flags of open files as text, against this machine's headers. */
#define _GNU_SOURCE /* O_TMPFILE, O_PATH */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>

#include "format_value.h"
#include "plugins/open_flags.h"

/** Of the kernel: the C library has the first as 0, and does not have the second. */
#define KERNEL_LARGEFILE 0x8000
#define KERNEL_EXEC	 0x20

static void assert_text(uint64_t flags, const char *expected)
{
	assert_string_equal(format_value(wv_format_open_flags, flags), expected);
}

static void test_flags(void **state)
{
	(void)state;
	assert_text(O_RDONLY, "O_RDONLY");
	assert_text(O_WRONLY | O_CREAT | O_TRUNC, "O_WRONLY | O_CREAT | O_TRUNC");
	assert_text(O_RDWR | O_EXCL | O_NOCTTY | O_APPEND | O_NONBLOCK,
		    "O_RDWR | O_EXCL | O_NOCTTY | O_APPEND | O_NONBLOCK");
	assert_text(O_RDWR | KERNEL_LARGEFILE, "O_RDWR | O_LARGEFILE");
	assert_text(O_DIRECT | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH,
		    "O_RDONLY | O_DIRECTORY | O_DIRECT | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | "
		    "O_PATH");
}

/** Some contain others. */
static void test_flags_of_several_bits(void **state)
{
	(void)state;
	assert_text(O_RDWR | O_TMPFILE, "O_RDWR | O_TMPFILE");
	assert_text(O_WRONLY | O_SYNC, "O_WRONLY | O_SYNC");
	assert_text(O_WRONLY | O_DSYNC, "O_WRONLY | O_DSYNC");
}

static void test_flags_of_the_kernel(void **state)
{
	(void)state;
	assert_text(KERNEL_EXEC, "O_RDONLY | __FMODE_EXEC");
	assert_text(O_ACCMODE, "0x3");
	assert_text(UINT64_C(1) << 40, "O_RDONLY | 0x10000000000");
}

static void test_little_room(void **state)
{
	char text[6] = "xxxxx";

	(void)state;
	wv_format_open_flags(O_RDWR | O_APPEND, text, sizeof(text));
	assert_string_equal(text, "O_RDW");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_flags_of_several_bits),
		cmocka_unit_test(test_flags_of_the_kernel),
		cmocka_unit_test(test_little_room),
	};

	return cmocka_run_group_tests_name("open flags", tests, NULL, NULL);
}

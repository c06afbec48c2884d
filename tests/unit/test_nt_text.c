/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader's side of Windows' services: definitions get their decoders, arguments their texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "output/definition.h"
#include "plugins/syscalls/nt.h"
#include "plugins/syscalls/syscalls.h"

static void test_definition(void **state)
{
	struct wv_definition definition = { .name = (char *)"NtWriteFile", .n_arguments = 9 };
	const uint64_t numbers[9] = { 0x1c, 0, 0, 0, 0x1000, 0x2000, 4 };
	struct wv_raw raw = {
		.number = 0x1c, .numbers = numbers, .captured = true, .bytes = { "File\0\\a", 7 }
	};
	g_autoptr(GString) text = g_string_new("");

	(void)state;
	syscalls_resolve_nt(&definition);
	assert_int_equal(definition.bits[6], 32);
	syscalls_raw_text(&definition, 0, &raw, text);
	assert_string_equal(text->str, "0x1c<File:\\a>");
	definition = (struct wv_definition){ .name = (char *)"syscall_7",
					     .n_arguments = WV_DEFINITION_ARGS,
					     .flags = SYSCALLS_COMPAT };
	syscalls_resolve_nt(&definition);
	for (unsigned i = 0; i < WV_DEFINITION_ARGS; i++) {
		assert_ptr_equal(definition.decoders[i], wv_nt_unknown.arguments[0].decoder);
		assert_int_equal(definition.bits[i], 32);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_definition) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

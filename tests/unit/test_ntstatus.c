/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of Windows' status codes and exceptions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib.h>
#include <string.h>

#include "format_value.h"
#include "output/names.h"
#include "output/schema.h"

struct code {
	uint64_t value;
	const char *name;
};

/* [MS-ERREF], section 2.3.1, and winnt.h; of each severity and of the first and last facilities. */
static const struct code statuses[] = {
	{ 0x00000000, "STATUS_SUCCESS" },
	{ 0x00000103, "STATUS_PENDING" },
	{ 0x00010002, "DBG_CONTINUE" },
	{ 0x40000000, "STATUS_OBJECT_NAME_EXISTS" },
	{ 0x40000003, "STATUS_IMAGE_NOT_AT_BASE" },
	{ 0x40010006, "DBG_PRINTEXCEPTION_C" },
	{ 0x80000001, "STATUS_GUARD_PAGE_VIOLATION" },
	{ 0x80000003, "STATUS_BREAKPOINT" },
	{ 0x80000004, "STATUS_SINGLE_STEP" },
	{ 0x80000005, "STATUS_BUFFER_OVERFLOW" },
	{ 0x80000006, "STATUS_NO_MORE_FILES" },
	{ 0x8000001a, "STATUS_NO_MORE_ENTRIES" },
	{ 0xc0000001, "STATUS_UNSUCCESSFUL" },
	{ 0xc0000004, "STATUS_INFO_LENGTH_MISMATCH" },
	{ 0xc0000005, "STATUS_ACCESS_VIOLATION" },
	{ 0xc0000008, "STATUS_INVALID_HANDLE" },
	{ 0xc000000d, "STATUS_INVALID_PARAMETER" },
	{ 0xc0000022, "STATUS_ACCESS_DENIED" },
	{ 0xc0000023, "STATUS_BUFFER_TOO_SMALL" },
	{ 0xc0000034, "STATUS_OBJECT_NAME_NOT_FOUND" },
	{ 0xc0000043, "STATUS_SHARING_VIOLATION" },
	{ 0xc000008c, "STATUS_ARRAY_BOUNDS_EXCEEDED" },
	{ 0xc0000094, "STATUS_INTEGER_DIVIDE_BY_ZERO" },
	{ 0xc00000fd, "STATUS_STACK_OVERFLOW" },
	{ 0xc000010a, "STATUS_PROCESS_IS_TERMINATING" },
	{ 0xc0000135, "STATUS_DLL_NOT_FOUND" },
	{ 0xc0000374, "STATUS_HEAP_CORRUPTION" },
	{ 0xc0000409, "STATUS_STACK_BUFFER_OVERRUN" },
	{ 0xc0000420, "STATUS_ASSERTION_FAILURE" },
	{ 0xc000042f, "STATUS_PKU2U_CERT_FAILURE" },
	{ 0xc0020017, "RPC_NT_SERVER_UNAVAILABLE" },
	{ 0xc0020035, "EPT_NT_CANT_PERFORM_OP" },
	{ 0xc015000f, "STATUS_SXS_EARLY_DEACTIVATION" },
	{ 0xc0190001, "STATUS_TRANSACTIONAL_CONFLICT" },
	{ 0xc01e0009, "STATUS_GRAPHICS_DRIVER_MISMATCH" },
	{ 0xc0220001, "STATUS_FWP_CALLOUT_NOT_FOUND" },
};

static void test_statuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++) {
		assert_string_equal(format_value(wv_format_ntstatus, statuses[i].value),
				    statuses[i].name);
		/* exceptions are named so too, and a register has more than 32 bits */
		assert_string_equal(format_value(wv_format_exception,
						 statuses[i].value | UINT64_C(0xffffffff00000000)),
				    statuses[i].name);
	}
}

static void test_unknown_statuses(void **state)
{
	(void)state;
	assert_string_equal(format_value(wv_format_ntstatus, 0xc0001234), "0xc0001234");
	assert_string_equal(format_value(wv_format_ntstatus, 0x42), "0x42");
	assert_string_equal(format_value(wv_format_ntstatus, UINT64_C(0x1e0000001)), "0xe0000001");
	assert_string_equal(format_value(wv_format_ntstatus, UINT64_MAX), "0xffffffff");
	assert_string_equal(format_value(wv_format_ntstatus, 0xe06d7363), "0xe06d7363");
}

static void test_exceptions(void **state)
{
	static const struct code codes[] = {
		{ 0x0eedfade, "DELPHI_EXCEPTION" },
		{ 0x10000001, "KI_EXCEPTION_GP_FAULT" },
		{ 0x10000004, "KI_EXCEPTION_ACCESS_VIOLATION" },
		{ 0x20474343, "STATUS_GCC_THROW" },
		{ 0x406d1388, "MS_VC_EXCEPTION" },
		{ 0xe0434352, "EXCEPTION_COMPLUS" },
		{ 0xe06d7363, "EXCEPTION_MSVC" },
		{ 0xe0000001, "0xe0000001" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
		assert_string_equal(format_value(wv_format_exception, codes[i].value),
				    codes[i].name);
}

/** How many of MS-ERREF's codes there were when it had the fewest. */
#define STATUSES_MIN 1780

static void test_status_table(void **state)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

	(void)state;
	assert_true(wv_names_ntstatus.count >= STATUSES_MIN);
	for (size_t i = 0; i < wv_names_ntstatus.count; i++) {
		const struct wv_name *status = &wv_names_ntstatus.names[i];

		/* section 2.3: the bits N and C are clear in all that are Microsoft's */
		assert_int_equal(status->value & ~UINT64_C(0xcfffffff), 0);
		assert_true(i == 0 || status->value > status[-1].value);
		if (!g_hash_table_add(names, (gpointer)status->name))
			fail_msg("%s is there twice", status->name);
		if (!g_regex_match_simple("^(STATUS|DBG|RPC_NT|EPT_NT)_[A-Z0-9_]+$", status->name,
					  0, 0))
			fail_msg("%s is no status", status->name);
		assert_ptr_equal(wv_name_find(&wv_names_ntstatus, status->value), status->name);
	}
}

static void test_exceptions_are_no_statuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < wv_names_exception_codes.count; i++)
		assert_null(
			wv_name_find(&wv_names_ntstatus, wv_names_exception_codes.names[i].value));
}

static void test_names_that_do_not_fit(void **state)
{
	char text[8];

	(void)state;
	memset(text, '#', sizeof(text));
	wv_format_ntstatus(0xc0000022, text, sizeof(text) - 1);
	assert_memory_equal(text, "STATUS\0#", sizeof(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_unknown_statuses),
		cmocka_unit_test(test_exceptions),
		cmocka_unit_test(test_status_table),
		cmocka_unit_test(test_exceptions_are_no_statuses),
		cmocka_unit_test(test_names_that_do_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

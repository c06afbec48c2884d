/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The prototypes of Windows' services, their arguments, and all names that they are told by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "plugins/syscalls/nt_format.h"
#include "syscall_text.h"

static void test_lookup(void **state)
{
	const struct wv_nt_prototype *prototype = wv_nt_prototype_find("NtCreateFile");

	(void)state;
	assert_text(prototype->name, "NtCreateFile");
	assert_int_equal(prototype->n_arguments, 11);
	assert_int_equal(prototype->status_block, 3);
	assert_true(prototype->returns_status);
	assert_text(wv_nt_argument_at(prototype, 2)->name, "ObjectAttributes");
	assert_text(wv_nt_argument_at(prototype, 2)->type, "POBJECT_ATTRIBUTES");
	assert_false(wv_nt_prototype_find("NtGetCurrentProcessorNumber")->returns_status);
	assert_false(prototype->leaves);
	assert_true(wv_nt_prototype_find("NtContinue")->leaves);
	assert_true(wv_nt_prototype_find("NtContinue")->returns_status);
	assert_int_equal(wv_nt_prototype_find("NtClose")->status_block, WV_NT_ARGS);
	assert_null(wv_nt_prototype_find("ZwCreateFile"));
	assert_null(wv_nt_prototype_find("NtCreateFil"));
	assert_null(wv_nt_prototype_find(""));
}

static void test_unknown(void **state)
{
	const struct wv_nt_prototype *prototype = wv_nt_prototype_find("NtClose");

	(void)state;
	assert_text(wv_nt_argument_at(NULL, 0)->name, "Arg0");
	assert_text(wv_nt_argument_at(prototype, 1)->name, "Arg1");
	assert_text(wv_nt_argument_at(&wv_nt_unknown, WV_NT_ARGS - 1)->name, "Arg16");
	assert_ptr_equal(wv_nt_argument_at(NULL, UINT_MAX),
			 wv_nt_argument_at(NULL, WV_NT_ARGS - 1));
	assert_int_equal(wv_nt_argument_at(NULL, 0)->bits, 64);
	assert_int_equal(wv_nt_argument_at(NULL, 0)->bits_compat, 32);
	assert_int_equal(wv_nt_argument_at(NULL, 0)->decoder->capture, WV_CAPTURE_NONE);
}

static void test_times(void **state)
{
	static const struct {
		const char *service, *name;
		unsigned when;
	} rows[] = {
		{ "NtCreateFile", "FileHandle", WV_ON_RETURN },
		{ "NtCreateFile", "DesiredAccess", 0 },
		{ "NtCreateFile", "ObjectAttributes", WV_ON_ENTRY },
		{ "NtCreateFile", "AllocationSize", WV_ON_ENTRY },
		{ "NtAllocateVirtualMemory", "BaseAddress", WV_ON_ENTRY | WV_ON_RETURN },
		{ "NtAllocateVirtualMemory", "ProcessHandle", WV_ON_ENTRY },
		{ "NtQuerySymbolicLinkObject", "LinkTarget", WV_ON_RETURN },
		{ "NtReadFile", "Buffer", WV_ON_RETURN },
		{ "NtWriteFile", "Buffer", WV_ON_ENTRY },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct wv_arg arg = nt_argument(rows[i].service, rows[i].name, 0);

		assert_int_equal(
			wv_nt_argument_at(wv_nt_prototype_find(rows[i].service), arg.index)->when,
			rows[i].when);
	}
}

static void check_argument(const struct wv_nt_argument *argument)
{
	const struct wv_decoder *decoder = argument->decoder;

	assert_non_null(decoder->format);
	assert_true(argument->bits == 8 || argument->bits == 16 || argument->bits == 32 ||
		    argument->bits == 64);
	assert_true(argument->bits_compat == argument->bits || argument->bits_compat == 32);
	assert_int_equal(decoder->capture == WV_CAPTURE_NONE, argument->when == 0);
	assert_int_equal(argument->when & ~decoder->when, 0);
	assert_true(argument->when <= (WV_ON_ENTRY | WV_ON_RETURN));
}

static void test_all(void **state)
{
	size_t count;
	const struct wv_nt_prototype *rows = wv_nt_prototypes(&count);

	(void)state;
	assert_true(count > 480);
	for (size_t i = 0; i < count; i++) {
		assert_ptr_equal(wv_nt_prototype_find(rows[i].name), &rows[i]);
		assert_true(rows[i].n_arguments <= WV_NT_ARGS);
		assert_true(rows[i].status_block < rows[i].n_arguments ||
			    rows[i].status_block == WV_NT_ARGS);
		for (unsigned j = 0; j < rows[i].n_arguments; j++)
			check_argument(&rows[i].arguments[j]);
	}
}

/* Each name of each set that an argument's number, or the number behind it, is told by. */
static void check_names(const char *service, const char *name)
{
	struct wv_arg arg = nt_argument(service, name, 0x1000);
	const struct wv_constants *names = arg.decoder->names;
	bool behind = arg.decoder->format == wv_decode_flags_at ||
		      arg.decoder->format == wv_decode_value_at;

	for (unsigned i = 0; i < names->count; i++) {
		if (behind)
			set_bytes(&arg, &names->rows[i].value, arg.decoder->size);
		else
			arg.number = names->rows[i].value;

		/* of flags a field's value that is 0 may be told as well */
		g_auto(GStrv) told = g_strsplit(text_of(&arg), "|", 0);

		assert_true(g_strv_contains((const char *const *)told, names->rows[i].name));
		assert_true(names->flags || g_strv_length(told) == 1);
	}
}

static void test_names(void **state)
{
	static const wv_format_arg_fn formats[] = { wv_decode_flags, wv_decode_value,
						    wv_decode_flags_at, wv_decode_value_at,
						    wv_decode_control_code };
	size_t count;
	const struct wv_nt_prototype *rows = wv_nt_prototypes(&count);
	g_autoptr(GHashTable) sets = g_hash_table_new(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		for (unsigned j = 0; j < rows[i].n_arguments; j++) {
			const struct wv_decoder *decoder = rows[i].arguments[j].decoder;

			for (size_t k = 0; k < G_N_ELEMENTS(formats); k++)
				if (decoder->format == formats[k] &&
				    g_hash_table_add(sets, (gpointer)decoder->names))
					check_names(rows[i].name, rows[i].arguments[j].name);
		}
	}
	assert_true(g_hash_table_size(sets) > 140);
}

static void test_cut(void **state)
{
	const struct wv_nt_prototype *prototype = wv_nt_prototype_find("NtCreateEvent");

	(void)state;
	assert_int_equal(wv_nt_cut(wv_nt_argument_at(prototype, 0), false, UINT64_MAX), UINT64_MAX);
	assert_int_equal(wv_nt_cut(wv_nt_argument_at(prototype, 0), true, UINT64_MAX), UINT32_MAX);
	assert_int_equal(wv_nt_cut(wv_nt_argument_at(prototype, 1), false, UINT64_MAX), UINT32_MAX);
	assert_int_equal(wv_nt_cut(wv_nt_argument_at(prototype, 4), false, UINT64_MAX), UINT8_MAX);
}

static void test_filled_in(void **state)
{
	(void)state;
	assert_true(wv_nt_filled_in(0));
	assert_true(wv_nt_filled_in(0x3f));   /* STATUS_WAIT_63 */
	assert_false(wv_nt_filled_in(0xc0));  /* STATUS_USER_APC */
	assert_false(wv_nt_filled_in(0x101)); /* STATUS_ALERTED */
	assert_false(wv_nt_filled_in(0x102)); /* STATUS_TIMEOUT */
	assert_false(wv_nt_filled_in(0x103)); /* STATUS_PENDING */
	assert_true(wv_nt_filled_in(0x40000003));
	assert_true(wv_nt_filled_in(0x80000005)); /* STATUS_BUFFER_OVERFLOW */
	assert_false(wv_nt_filled_in(0xc0000005));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookup),	  cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_times),	  cmocka_unit_test(test_all),
		cmocka_unit_test(test_names),	  cmocka_unit_test(test_cut),
		cmocka_unit_test(test_filled_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A monitor with one plugin on a tiny Windows kernel whose one process calls functions. */
#include "windows_calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#define CALLER " 12/13 of 4 uid 1 \"a.exe\" #"

void put_id(struct windows_calls *fixture, uint64_t id, uint64_t object)
{
	struct nt_guest *guest = &fixture->guest;

	/* entries of handles point to headers, those of ids to what is behind them */
	nt_put_handle(guest, &fixture->ids, id, object + nt_offset(guest, "_OBJECT_HEADER.Body"));
}

static void make_ids(struct windows_calls *fixture)
{
	struct nt_guest *guest = &fixture->guest;

	fixture->ids.address = nt_object(guest, nt_size(guest, "_EPROCESS"));
	nt_make_handles(guest, &fixture->ids, 1);
	nt_write_pointer(guest, nt_symbol(guest, "PspCidTable"),
			 nt_get(guest, fixture->ids.address, "_EPROCESS.ObjectTable"));
	put_id(fixture, 12, fixture->process->address);
	put_id(fixture, 0x50, fixture->other->address);
	put_id(fixture, OTHER_TID, fixture->other->thread);
}

void windows_calls_make(struct windows_calls *fixture, const struct nt_options *options)
{
	struct nt_guest *guest = &fixture->guest;

	memset(fixture, 0, sizeof(*fixture));
	nt_init(guest, options);
	fixture->process = nt_process(guest, 12, 4, "\\Device\\HarddiskVolume2\\Windows\\a.exe");
	fixture->other = nt_process(guest, 0x50, 12, "\\Device\\HarddiskVolume2\\Windows\\b.exe");
	nt_put(guest, fixture->other->thread, "_ETHREAD.Cid.UniqueThread", OTHER_TID);
	make_ids(fixture);
	nt_put_handle(guest, fixture->process, OTHER_HANDLE, fixture->other->address);
	nt_put_handle(guest, fixture->process, THREAD_HANDLE, fixture->other->thread);
	nt_map_user(guest, fixture->process, USER, USER_SIZE);
	nt_run(guest, 0, fixture->process);
}

void windows_calls_watch(struct windows_calls *fixture, const char *plugin, const char *settings)
{
	g_autofree char *all = g_strconcat("plugin=", plugin, ";\n", settings, NULL);

	nt_watch(&fixture->guest, &fixture->observer, all);
}

int windows_calls_teardown(void **state)
{
	struct windows_calls *fixture = *state;

	observer_stop(&fixture->observer);
	nt_deinit(&fixture->guest);
	return 0;
}

void write_word(struct windows_calls *fixture, uint64_t address, uint64_t value)
{
	nt_write_user(&fixture->guest, fixture->process, address, &value,
		      fixture->guest.is_64 ? 8 : 4);
}

void write_u32(struct windows_calls *fixture, uint64_t address, uint32_t value)
{
	nt_write_user(&fixture->guest, fixture->process, address, &value, sizeof(value));
}

uint16_t write_utf16(struct windows_calls *fixture, uint64_t address, const char *utf8)
{
	glong n_units;
	g_autofree gunichar2 *units = g_utf8_to_utf16(utf8, -1, NULL, &n_units, NULL);

	assert_non_null(units);
	nt_write_user(&fixture->guest, fixture->process, address, units, (size_t)n_units * 2);
	return (uint16_t)(n_units * 2);
}

void call(struct windows_calls *fixture, const char *function, const uint64_t *arguments,
	  unsigned n_arguments)
{
	assert_true(nt_call(&fixture->guest, 0, function, arguments, n_arguments));
}

void told(struct windows_calls *fixture, const char *method, const char *format, ...)
{
	g_autofree char *line = observer_take(&fixture->observer);
	g_autofree char *begin = g_strconcat(method, CALLER, NULL);
	g_autofree char *fields = NULL;
	const char *got = strstr(line, ": ");
	va_list args;

	va_start(args, format);
	fields = g_strdup_vprintf(format, args);
	va_end(args);
	if (!got || !g_str_has_prefix(line, begin))
		fail_msg("not %s: %s", begin, line);
	assert_true(g_str_has_suffix(got, "\n"));
	line[strlen(line) - 1] = '\0';
	assert_string_equal(got + 2, fields);
}

void told_nothing(struct windows_calls *fixture)
{
	observer_told(&fixture->observer, "");
}

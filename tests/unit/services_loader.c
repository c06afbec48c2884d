/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program's loader has noted of its modules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "services_loader.h"

#include <string.h>

void services_put_pointer(struct services_fixture *fixture, uint64_t object, const char *member,
			  uint64_t value)
{
	services_write_word(fixture, object + nt_offset(&fixture->guest, member), value);
}

uint64_t services_head(struct services_fixture *fixture)
{
	return LOADER + nt_offset(&fixture->guest, "_PEB_LDR_DATA.InLoadOrderModuleList");
}

uint64_t services_links(struct services_fixture *fixture, uint64_t module)
{
	return module + nt_offset(&fixture->guest, "_LDR_DATA_TABLE_ENTRY.InLoadOrderLinks");
}

void services_put_link(struct services_fixture *fixture, uint64_t from, uint64_t to)
{
	services_write_word(fixture, from, to);
	services_write_word(fixture, to + services_word(fixture), from);
}

void services_put_module(struct services_fixture *fixture, uint64_t module, uint64_t start,
			 uint32_t size)
{
	services_put_pointer(fixture, module, "_LDR_DATA_TABLE_ENTRY.DllBase", start);
	nt_write_user(&fixture->guest, fixture->process,
		      module + nt_offset(&fixture->guest, "_LDR_DATA_TABLE_ENTRY.SizeOfImage"),
		      &size, sizeof(size));
}

void services_put_name(struct services_fixture *fixture, uint64_t module, const char *name,
		       uint64_t text)
{
	services_write_string(
		fixture, module + nt_offset(&fixture->guest, "_LDR_DATA_TABLE_ENTRY.BaseDllName"),
		text, name);
}

void services_make_loader(struct services_fixture *fixture)
{
	nt_map_user(&fixture->guest, fixture->process, LOADER, MOCK_PAGE);
	services_put_pointer(fixture, fixture->process->peb, "_PEB.Ldr", LOADER);
	services_put_link(fixture, services_head(fixture), services_links(fixture, MODULE_1));
	services_put_link(fixture, services_links(fixture, MODULE_1),
			  services_links(fixture, MODULE_2));
	services_put_link(fixture, services_links(fixture, MODULE_2), services_head(fixture));
	services_put_module(fixture, MODULE_1, A_START, A_SIZE);
	services_put_module(fixture, MODULE_2, DLL_START, DLL_SIZE);
	services_put_name(fixture, MODULE_1, "a.exe", TEXT_1);
	services_put_name(fixture, MODULE_2, "ntdll.dll", TEXT_2);
}

void services_call_from(struct services_fixture *fixture, uint64_t address)
{
	struct nt_guest *guest = &fixture->guest;

	nt_put(guest, fixture->process->thread, "_KTHREAD.TrapFrame", fixture->frame);
	nt_put(guest, fixture->frame, guest->is_64 ? "_KTRAP_FRAME.Rip" : "_KTRAP_FRAME.Eip",
	       address);
	assert_true(nt_call(guest, 0, "NtClose", (const uint64_t[]){ 4 }, 1));
	assert_true(nt_return(guest, 0, 0));
}

void services_told_from(struct services_fixture *fixture, uint64_t address, const char *expected)
{
	g_autofree char *told = NULL, *part = NULL;
	const char *start, *end;

	services_call_from(fixture, address);
	told = observer_take(&fixture->observer);
	start = strstr(told, "PreviousMode=");
	end = strstr(told, " Handle=\"0x4\"\n");
	assert_true(start && end);
	start += strcspn(start, " \n");
	part = g_strndup(start, (gsize)(end - start));
	assert_string_equal(part, expected);
}

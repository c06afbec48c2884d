// SPDX-License-Identifier: GPL-2.0-or-later
/* The processes that there are from the start, and the handles that each of them has. */
#include "cast.h"
#include "handle.h"
#include "memory.h"
#include "object.h"
#include "process.h"
#include "user.h"

#define NTH_LEAF (PAGE / SIZE__HANDLE_TABLE_ENTRY * 4)

struct _EPROCESS *wv_cast[ROLES];
static word known[ROLES][HANDLES];

static const struct wv_process_plan plans[] = {
	{ .name = "System", .id = 4, .session = -1 },
	{ .name = "smss.exe",
	  .path = u"\\Device\\HarddiskVolume2\\Windows\\System32\\smss.exe",
	  .command_line = "\\SystemRoot\\System32\\smss.exe",
	  .id = 272,
	  .parent = 4 },
	{ .name = "csrss.exe",
	  .path = u"\\Device\\HarddiskVolume2\\Windows\\System32\\csrss.exe",
	  .command_line = "csrss.exe ObjectDirectory=\\Windows",
	  .id = 348,
	  .parent = 272,
	  .unreadable_peb = true },
	{ .name = "svchost.exe",
	  .path = u"\\Device\\HarddiskVolume2\\Windows\\System32\\svchost.exe",
	  .command_line = "svchost.exe -k netsvcs",
	  .id = 872,
	  .parent = 348 },
	{ .name = "explorer.exe",
	  .path = u"\\Device\\HarddiskVolume2\\Windows\\explorer.exe",
	  .command_line = "C:\\Windows\\Explorer.EXE",
	  .id = 1504,
	  .parent = 1420,
	  .session = 1 },
	{ .name = "WINWORD.EXE and more than 15 characters.exe",
	  .path = u"\\Device\\HarddiskVolume2\\Program Files\\WINWORD.EXE and more than 15 "
		  u"characters.exe",
	  .command_line = "WINWORD /n \"C:\\a b.doc\"",
	  .id = 2004,
	  .parent = 1504,
	  .session = 1 },
	{ .name = "?????"
		  "-?ffnen.ex",
	  .path = u"\\Device\\HarddiskVolume2\\\u041f\u0430\u043f\u043a\u0430\\"
		  u"\u043f\u043e\u0438\u0441\u043a-\u00f6ffnen\U0001f40d.exe",
	  .command_line = "x",
	  .id = 70004,
	  .parent = 2004,
	  .session = 2 },
	{ .name = "calc32.exe",
	  .path = u"\\Device\\HarddiskVolume2\\Windows\\SysWOW64\\calc32.exe",
	  .command_line = "calc32.exe",
	  .id = 2308,
	  .parent = 1504,
	  .session = 1,
	  .is_32bit = true },
	{ .name = "gone.exe",
	  .path = u"\\Device\\HarddiskVolume2\\Temp\\gone.exe",
	  .command_line = "gone.exe",
	  .id = 2400,
	  .parent = 1504,
	  .session = 1 },
};

static void give_handles(unsigned number)
{
	struct _HANDLE_TABLE *table = wv_cast[number]->ObjectTable;
	word *handles = known[number];
	/* Tables of one, two and three levels: as high as the last handle is. */
	static const word highest[] = { 0x7c, NTH_LEAF * 3 + 8,
					(word)NTH_LEAF * (PAGE / WV_POINTER) + 0x1c };

	handles[HANDLE_OWN_PROCESS] = wv_handle_new(table, wv_cast[number], 0x1fffff);
	handles[HANDLE_OTHER_PROCESS] =
		wv_handle_new(table, wv_cast[number == EXPLORER ? SVCHOST : EXPLORER], 0x40);
	handles[HANDLE_EVENT] =
		wv_handle_new(table, wv_object_create(WV_EVENT, 0x18, "WyvernEvent"), 2);
	handles[HANDLE_FILE] =
		wv_handle_new(table, wv_object_create(WV_FILE, SIZE__FILE_OBJECT, NULL), 0x120089);
	handles[HANDLE_HIGH] = highest[number % 3];
	wv_handle_put(table, handles[HANDLE_HIGH], wv_object_create(WV_MUTANT, 0x38, NULL),
		      0x1f0001);
}

void wv_cast_create(void)
{
	for (unsigned i = 0; i < ROLES; i++)
		wv_cast[i] = wv_process_create(&plans[i]);
	for (unsigned i = 0; i < ROLES; i++)
		give_handles(i);
	wv_process_forget(wv_cast[GONE]);
}

void wv_cast_know_thread(enum wv_role role, struct _ETHREAD *thread)
{
	known[role][HANDLE_THREAD] =
		wv_handle_new((void *)wv_cast[role]->ObjectTable, thread, 0x1fffff);
}

word wv_cast_handle(const struct _EPROCESS *process, word which)
{
	for (unsigned i = 0; i < ROLES; i++)
		if (wv_cast[i] == process && which < HANDLES)
			return known[i][which];
	return 0;
}

void wv_cast_tell(bool with_handles)
{
	for (unsigned i = 0; i < ROLES; i++)
		wv_tell_process(wv_cast[i], 0);
	for (unsigned i = 0; i < ROLES; i++)
		wv_tell_modules(wv_cast[i]);
	for (unsigned i = 0; i < ROLES && with_handles; i++)
		wv_tell_handles(wv_cast[i]);
}

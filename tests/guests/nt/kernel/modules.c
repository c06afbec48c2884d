// SPDX-License-Identifier: GPL-2.0-or-later
/* The loaded modules of a process, as its PEB lists them. */
#include "boot_info.h"
#include "memory.h"
#include "truth.h"
#include "user.h"

#define DATA	    (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_NX)
#define ENTRY_ROOM  0x200u /* of one module: the entry, and its texts behind it */
#define TEXTS	    0x140u
#define MODULES_MAX 3

struct module {
	word base;
	unsigned program; /* of the boot information */
	const char *path, *name;
};

/* Which modules a process has, in the order in which they were loaded. */
static unsigned modules_of(struct _EPROCESS *process, struct module *modules)
{
	struct wv_process_info *info = wv_process_info(process);
	bool wow64 = info->is_32bit && WV_POINTER == 8;
	unsigned count = 0;

	modules[count++] = (struct module){ wow64 ? USER_IMAGE_32 : USER_IMAGE,
					    wow64 ? WV_PROGRAM_32 : WV_PROGRAM, NULL, info->image };
	modules[count++] =
		(struct module){ USER_NTDLL, WV_NTDLL, "C:\\Windows\\SYSTEM32\\", "ntdll.dll" };
	if (wow64)
		modules[count++] = (struct module){ USER_IMAGE, WV_PROGRAM,
						    "C:\\Windows\\SYSTEM32\\", "wow64.dll" };
	return count;
}

static void put(u8 *page, unsigned *at, struct _UNICODE_STRING *string, const char *path,
		const char *name)
{
	u16 *text = (u16 *)(page + *at);
	unsigned length = 0;

	string->Buffer = (void *)(word)(USER_LDR + *at);
	while (path && *path)
		text[length++] = (u8)*path++;
	while (*name)
		text[length++] = (u8)*name++;
	string->Length = (u16)(length * 2);
	string->MaximumLength = (u16)(length * 2 + 2);
	*at += length * 2 + 2;
}

/* A link of one of the three lists: its place in the page is where the user has it. */
static void link(u8 *page, unsigned head, unsigned link)
{
	struct _LIST_ENTRY *first = (void *)(page + head), *entry = (void *)(page + link);
	struct _LIST_ENTRY *last = (void *)(page + ((word)first->Blink - USER_LDR));

	entry->Flink = (void *)(word)(USER_LDR + head);
	entry->Blink = first->Blink;
	last->Flink = (void *)(word)(USER_LDR + link);
	first->Blink = (void *)(word)(USER_LDR + link);
}

void wv_user_modules(struct _EPROCESS *process)
{
	static const struct {
		unsigned head, link;
	} lists[] = {
		{ OFF__PEB_LDR_DATA_InLoadOrderModuleList,
		  OFF__LDR_DATA_TABLE_ENTRY_InLoadOrderLinks },
		{ OFF__PEB_LDR_DATA_InMemoryOrderModuleList,
		  OFF__LDR_DATA_TABLE_ENTRY_InMemoryOrderLinks },
	};
	u8 *page = wv_user_pages(process, USER_LDR, 1, DATA);
	struct _PEB_LDR_DATA *head = (void *)page;
	struct module modules[MODULES_MAX];
	unsigned count = modules_of(process, modules);

	head->Length = sizeof(*head);
	head->Initialized = 1;
	for (unsigned i = 0; i < COUNT_OF(lists); i++) {
		struct _LIST_ENTRY *list = (void *)(page + lists[i].head);

		list->Flink = list->Blink = (void *)(word)(USER_LDR + lists[i].head);
	}
	for (unsigned i = 0; i < count; i++) {
		unsigned at = ENTRY_ROOM * (i + 1), texts = at + TEXTS;
		struct _LDR_DATA_TABLE_ENTRY *entry = (void *)(page + at);

		entry->DllBase = (void *)modules[i].base;
		entry->SizeOfImage = (u32)wv_boot.user_size[modules[i].program];
		entry->EntryPoint =
			(void *)(modules[i].base + (word)wv_boot.user_entry[modules[i].program]);
		put(page, &texts, (void *)&entry->FullDllName,
		    modules[i].path ? modules[i].path : "C:\\Windows\\", modules[i].name);
		put(page, &texts, (void *)&entry->BaseDllName, NULL, modules[i].name);
		for (unsigned j = 0; j < COUNT_OF(lists); j++)
			link(page, lists[j].head, at + lists[j].link);
	}
}

void wv_tell_modules(struct _EPROCESS *process)
{
	struct module modules[MODULES_MAX];
	unsigned count = process->Peb ? modules_of(process, modules) : 0;

	for (unsigned i = 0; i < count; i++) {
		wv_fact("module");
		wv_fact_int("pid", (long long)(word)process->UniqueProcessId);
		wv_fact_hex("base", modules[i].base);
		wv_fact_hex("size", wv_boot.user_size[modules[i].program]);
		wv_fact_text("name", modules[i].name);
		wv_fact_end();
	}
}

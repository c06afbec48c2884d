// SPDX-License-Identifier: GPL-2.0-or-later
/* Services that want names: of objects of every kind, files, keys; and names that are none. */
#include "structures.h"

/* Named objects --------------------------------------------------------------------------------*/

struct named {
	struct unicode_string string;
	struct object_attributes attributes;
};

/* Points into itself: must stay where it is. */
static word name_it(struct named *named, const u16 *name, kernel_word root, u32 attributes)
{
	named->string = string_of(name);
	named->attributes = attributes_of(&named->string, root, attributes);
	return (word)&named->attributes;
}

static kernel_word folder(const u16 *name)
{
	struct named named;
	kernel_word handle = 0;

	CALL(NtOpenDirectoryObject, (word)&handle, 0xf, name_it(&named, name, 0, 0x40));
	return handle;
}

static void named_objects(void)
{
	static const u16 *const names[] = {
		u"\\BaseNamedObjects\\wyvern",
		u"\\BaseNamedObjects\\\u041f\u0430\u043f\u043a\u0430 \u00f6 \U0001f40d \xdc00",
		u"\\BaseNamedObjects\\nowhere\\wyvern",
		u"BaseNamedObjects",
		u"\\Device",
		u"\\KernelObjects\\a,\"b\" 'c' = d\\",
		u"",
	};
	kernel_word root = folder(u"\\BaseNamedObjects"), handle = 0, size = 0x12345;
	struct named named;

	for (u32 i = 0; i < COUNT_OF(names); i++) {
		if (CALL(NtCreateEvent, (word)&handle, 0x1f0003,
			 name_it(&named, names[i], 0, i % 2 ? OPEN_IF : 0x40), i % 3,
			 1) < 0x80000000)
			NtClose((word)handle);
		if (CALL(NtOpenEvent, (word)&handle, 0x100000, name_it(&named, names[i], 0, 0)) <
		    0x80000000)
			NtClose((word)handle);
	}
	CALL(NtCreateMutant, (word)&handle, 0x1f0001, name_it(&named, u"below a root", root, 0x42),
	     1);
	NtClose((word)handle);
	CALL(NtCreateMutant, (word)&handle, 0x80000000,
	     name_it(&named, u"below no folder", 0x7ffc, 0), 0xffffff00);
	CALL(NtCreateMutant, (word)&handle, 0, 0, 0);
	NtClose((word)handle);
	CALL(NtCreateSection, (word)&handle, 0xf001f, name_it(&named, u"section", root, OPEN_IF),
	     (word)&size, 4, 0x8000000, 0);
	size = 0;
	{
		kernel_word base = 0;

		CALL(NtMapViewOfSection, (word)handle, SELF, (word)&base, 0, 0x1000, 0, (word)&size,
		     2, 0, 2);
		CALL(NtMapViewOfSection, (word)root, SELF, (word)&base, 0, 0x1000, 0, (word)&size,
		     1, 0, 4);
		CALL(NtMapViewOfSection, (word)handle, SELF, USER_NOTHING, 0, 0, 0, (word)&size, 1,
		     0, 2);
	}
	NtClose((word)handle);
	NtClose((word)root);
}

/* Files and keys -------------------------------------------------------------------------------*/

static void files(void)
{
	static const u16 *const names[] = {
		u"\\??\\C:\\Windows\\System32\\drivers\\etc\\hosts",
		u"\\Device\\HarddiskVolume2\\\u041f\u0430\u043f\u043a\u0430\\\u00f6\U0001f40d.txt",
		u"\\??\\C:\\missing",
		u"\\??\\X:\\x",
		u"hosts",
		u"\\??\\C:\\stream.txt:hidden:$DATA",
	};
	kernel_word folder_handle = 0, handle = 0;
	struct io_status block = { 0xcccccccc, 0x77 };
	long long offset = 0x100000001;
	u8 bytes[32] = "\x01 some \"bytes\" \\ \xff";
	struct named named;

	for (u32 i = 0; i < COUNT_OF(names); i++) {
		if (!CALL(NtCreateFile, (word)&handle, 0x120196, name_it(&named, names[i], 0, 0x40),
			  (word)&block, (word)&offset, 0x80, i % 8, i % 6, 0x20 | 1 << i, 0, 0))
			NtClose((word)handle);
		if (!CALL(NtOpenFile, (word)&handle, 0x80100080, name_it(&named, names[i], 0, 0x42),
			  (word)&block, 7, 0x4020 + i))
			NtClose((word)handle);
	}
	CALL(NtOpenFile, (word)&folder_handle, 0x100001,
	     name_it(&named, u"\\??\\C:\\Users\\w", 0, 0x40), (word)&block, 7, 0x21);
	CALL(NtCreateFile, (word)&handle, 0x40000000,
	     name_it(&named, u"below\\it.txt", folder_handle, 0x40), (word)&block, 0, 0, 0, 2, 0x60,
	     0, 0);
	CALL(NtWriteFile, (word)handle, 0, 0, 0, (word)&block, (word)bytes, sizeof(bytes),
	     (word)&offset, 0);
	CALL(NtReadFile, (word)handle, 0, 0, 0, (word)&block, (word)bytes, 5, 0, 0);
	CALL(NtReadFile, (word)handle, 0, 0, 0, (word)&block, USER_NOTHING, 5, 0, 0);
	CALL(NtWriteFile, (word)handle, 0, 0, 0, (word)&block, (word)bytes, 0xffffffff, 0, 0);
	CALL(NtWriteFile, SELF, 0, 0, 0, (word)&block, (word)bytes, 4, 0, 0);
	NtClose((word)handle);
	/* A file is no folder of objects, nor is what is closed. */
	CALL(NtCreateEvent, (word)&handle, 0, name_it(&named, u"x", folder_handle, 0), 0, 0);
	NtClose((word)folder_handle);
	CALL(NtOpenFile, (word)&handle, 1, name_it(&named, u"x", folder_handle, 0), (word)&block, 0,
	     0);
}

static void keys(void)
{
	static const u16 *const names[] = {
		u"\\REGISTRY\\MACHINE\\Software\\Wyvern",
		u"\\Registry\\Machine",
		u"\\REGISTRY\\USER\\\u041f\u0430\u043f\u043a\u0430",
		u"\\REGISTRY\\MACHINE\\missing\\x",
	};
	kernel_word handle = 0, below = 0;
	struct unicode_string value = string_of(u"A value"), empty = { 0, 0, 0 };
	struct named named;
	u32 data[4] = { 1, 2, 3, 4 }, size = 0;

	for (u32 i = 0; i < COUNT_OF(names); i++)
		if (!CALL(NtOpenKey, (word)&handle, 0x20019, name_it(&named, names[i], 0, 0x40)))
			NtClose((word)handle);
	CALL(NtOpenKey, (word)&handle, 0xf003f, name_it(&named, names[0], 0, 0x40));
	CALL(NtCreateKey, (word)&below, 0x2000000, name_it(&named, u"below", handle, 0x40), 0, 0, 1,
	     (word)&size);
	CALL(NtSetValueKey, (word)below, (word)&value, 0, 4, (word)data, 4);
	CALL(NtSetValueKey, (word)below, (word)&empty, 0, 3, (word)data, 16);
	CALL(NtSetValueKey, 0x7ffc, USER_NOTHING, 0, 99, 0, 0);
	CALL(NtQueryValueKey, (word)below, (word)&value, 2, (word)data, sizeof(data), (word)&size);
	CALL(NtQueryValueKey, (word)below, (word)&value, 2, (word)data, 12, (word)&size);
	CALL(NtQueryValueKey, (word)below, (word)&value, 2, (word)data, 1, (word)&size);
	CALL(NtQueryValueKey, (word)below, (word)&value, 77, (word)data, 1, (word)&size);
	NtClose((word)below);
	NtClose((word)handle);
}

/* Objects of all other kinds -------------------------------------------------------------------*/

/* Makes an object and lets go of it. The handle's place is the first argument. */
static void make(u32 number, word access, word attributes, word first, word second)
{
	kernel_word handle = 0;
	word all[] = { (word)&handle, access, attributes, first, second };

	if (wv_invoke(number, false, all, COUNT_OF(all)) < 0x80000000)
		NtClose((word)handle);
}

static void every_kind(void)
{
	static const struct {
		u32 number;
		const u16 *name;
		word access, first, second;
	} rows[] = {
		{ SYS_NtCreateSemaphore, u"a semaphore", 0x1f0003, 1, 5 },
		{ SYS_NtCreateTimer, u"a timer", 0x1f0003, 1, 0 },
		{ SYS_NtCreateJobObject, u"a job", 0x1f001f, 0, 0 },
		{ SYS_NtCreateIoCompletion, u"a completion", 0x1f0003, 0, 0 },
		{ SYS_NtCreateKeyedEvent, u"a keyed event", 0xf0003, 0, 0 },
		{ SYS_NtCreateDirectoryObject, u"a folder", 0xf000f, 0, 0 },
	};
	kernel_word root = folder(u"\\BaseNamedObjects");
	struct unicode_string target = string_of(u"\\Device\\HarddiskVolume2");
	struct named named;

	for (u32 i = 0; i < COUNT_OF(rows); i++) {
		make(rows[i].number, rows[i].access, name_it(&named, rows[i].name, root, OPEN_IF),
		     rows[i].first, rows[i].second);
		make(rows[i].number, rows[i].access, 0, rows[i].first, rows[i].second);
	}
	make(SYS_NtCreateSymbolicLinkObject, 0xf0001, name_it(&named, u"a link", root, OPEN_IF),
	     (word)&target, 0);
	make(SYS_NtOpenSymbolicLinkObject, 1, name_it(&named, u"a link", root, 0), 0, 0);
	make(SYS_NtOpenSymbolicLinkObject, 1, name_it(&named, u"a timer", root, 0), 0, 0);
	make(SYS_NtAlpcCreatePort, name_it(&named, u"\\RPC Control\\a port", 0, OPEN_IF), 0, 0, 0);
	make(SYS_NtCreatePort, name_it(&named, u"an older port", root, OPEN_IF), 0x100, 0x100, 0);
	NtClose((word)root);
}

/* Names that are none --------------------------------------------------------------------------*/

static void open_by(const struct object_attributes *attributes)
{
	struct io_status block;
	kernel_word handle;

	CALL(NtOpenFile, (word)&handle, 1, (word)attributes, (word)&block, 0, 0);
	CALL(NtOpenEvent, (word)&handle, 1, (word)attributes);
	CALL(NtOpenKey, (word)&handle, 1, (word)attributes);
}

static void hostile_names(void)
{
	struct unicode_string name = string_of(u"\\x");
	const struct unicode_string names[] = {
		{ 3, 3, name.buffer },
		{ 0xfffe, 0xffff, at(&name) }, /* its own text */
		{ 0x20, 0x20, (kernel_word)-8 },
		{ 0x400, 0x400, USER_NOTHING - 0x100 }, /* longer than what is there */
		{ 0xfffe, 0xfffe, USER_NOTHING },
	};
	const word nowhere[] = { 8, USER_NOTHING, USER_NOTHING - 8, (word)-8 };
	struct object_attributes attributes = attributes_of(&name, 0, CASE_INSENSITIVE);
	kernel_word key = 0;

	for (u32 i = 0; i < COUNT_OF(names); i++) {
		name = names[i];
		open_by(&attributes);
		CALL(NtSetValueKey, (word)key, (word)&name, 0, 1, 0, 0);
	}
	for (u32 i = 0; i < COUNT_OF(nowhere); i++) {
		attributes.name = nowhere[i];
		open_by(&attributes);
		open_by((void *)nowhere[i]);
	}
	attributes.name = at(&attributes);
	open_by(&attributes);
	attributes.length = 0xffffffff;
	open_by(&attributes);
}

void wv_named_all(void)
{
	named_objects();
	every_kind();
	files();
	keys();
	hostile_names();
}

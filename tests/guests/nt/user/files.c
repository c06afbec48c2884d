// SPDX-License-Identifier: GPL-2.0-or-later
/* Files opened, read, written, asked about and changed: as programs do it. */
#include "files.h"

/* Calls ----------------------------------------------------------------------------------------*/

word wv_name_whole(struct desk *desk, const u16 *name, kernel_word root)
{
	desk->name = string_of(name);
	desk->attributes = attributes_of(&desk->name, root, CASE_INSENSITIVE);
	return (word)&desk->attributes;
}

word wv_name_own(struct desk *desk, const u16 *name)
{
	static const u16 before[] = u"\\??\\C:\\files\\?\\";
	u32 length = COUNT_OF(before) - 1;

	for (u32 i = 0; i < length; i++)
		desk->path[i] = before[i] == '?' && i > 4 ? (u16)('0' + desk->thread) : before[i];
	while (*name && length + 1 < COUNT_OF(desk->path))
		desk->path[length++] = *name++;
	desk->path[length] = 0;
	return wv_name_whole(desk, desk->path, 0);
}

kernel_word wv_create(struct desk *desk, const u16 *name, u32 access, u32 disposition, u32 options)
{
	kernel_word handle = 0;
	u32 status = CALL(NtCreateFile, (word)&handle, access, wv_name_own(desk, name),
			  (word)&desk->block, 0, 0x80, 7, disposition, options, 0, 0);

	return status ? 0 : handle;
}

kernel_word wv_open(struct desk *desk, const u16 *name, u32 access, u32 options)
{
	kernel_word handle = 0;
	u32 status = CALL(NtOpenFile, (word)&handle, access, wv_name_own(desk, name),
			  (word)&desk->block, 7, options);

	return status ? 0 : handle;
}

u32 wv_write(struct desk *desk, kernel_word file, long long offset, u32 size)
{
	for (u32 i = 0; i < size; i++)
		desk->buffer[i] = (u8)((u32)offset * 31 + i * 7 + (i >> 8) + desk->thread);
	desk->offset = offset;
	return CALL(NtWriteFile, (word)file, 0, 0, 0, (word)&desk->block, (word)desk->buffer, size,
		    (word)&desk->offset, 0);
}

u32 wv_read(struct desk *desk, kernel_word file, long long offset, u32 size)
{
	desk->offset = offset;
	return CALL(NtReadFile, (word)file, 0, 0, 0, (word)&desk->block, (word)desk->buffer, size,
		    (word)&desk->offset, 0);
}

u32 wv_set(struct desk *desk, kernel_word file, u32 kind, u32 size)
{
	return CALL(NtSetInformationFile, (word)file, (word)&desk->block, (word)desk->information,
		    size, kind);
}

u32 wv_query(struct desk *desk, kernel_word file, u32 kind, u32 size)
{
	return CALL(NtQueryInformationFile, (word)file, (word)&desk->block, (word)desk->information,
		    size, kind);
}

u32 wv_dispose(struct desk *desk, kernel_word file, bool goes)
{
	desk->information[0] = goes;
	return wv_set(desk, file, DISPOSITION, 1);
}

u32 wv_set_end(struct desk *desk, kernel_word file, u64 size)
{
	*(u64 *)desk->information = size;
	return wv_set(desk, file, END_OF_FILE, sizeof(size));
}

#define RENAME_PADDING (WV_POINTER - 4) /* behind FILE_RENAME_INFORMATION's flags */

u32 wv_rename(struct desk *desk, kernel_word file, u32 kind, u32 flags, const u16 *name,
	      kernel_word root)
{
	u8 *at = desk->information;
	struct unicode_string string = string_of(name);

	*(u32 *)at = flags;
	at += 4 + RENAME_PADDING;
	*(kernel_word *)at = root;
	at += sizeof(root);
	*(u32 *)at = string.length;
	at += 4;
	for (u32 i = 0; i < string.length; i++)
		at[i] = ((const u8 *)name)[i];
	return wv_set(desk, file, kind, (u32)(at - desk->information) + string.length);
}

/* What a thread does --------------------------------------------------------------------------*/

static void close(kernel_word file)
{
	if (file)
		NtClose((word)file);
}

static void make_folders(struct desk *desk)
{
	close(wv_create(desk, u"", EVERYTHING, CREATE, DIRECTORY));
	wv_name_whole(desk, u"", 0);
	desk->name.length = 0;
	/* Its own folder, without the separator behind it. */
	wv_name_own(desk, u"");
	desk->name.length -= 2;
	CALL(NtCreateFile, (word)&desk->folder, READ | SYNCHRONIZE, (word)&desk->attributes,
	     (word)&desk->block, 0, 0x10, 7, CREATE, DIRECTORY | SYNCHRONOUS, 0, 0);
	close(wv_create(desk, u"below", READ, CREATE, DIRECTORY));
	close(wv_create(desk, u"below", READ, CREATE, DIRECTORY));
	close(wv_create(desk, u"below", READ, OPEN, NO_DIRECTORY));
	close(wv_create(desk, u"below", READ, OVERWRITE, 0));
	close(wv_open(desk, u"below", READ, DIRECTORY));
}

static void use_dispositions(struct desk *desk)
{
	static const u16 *const names[] = { u"supersede", u"open",	u"create",
					    u"open-if",	  u"overwrite", u"overwrite-if" };
	static const u32 dispositions[] = { SUPERSEDE,	 OPEN,	    CREATE,
					    OPEN_ALWAYS, OVERWRITE, OVERWRITE_ALWAYS };

	for (u32 round = 0; round < 2; round++)
		for (u32 i = 0; i < COUNT_OF(names); i++)
			close(wv_create(desk, names[i], EVERYTHING, dispositions[i],
					NO_DIRECTORY | 0x2 << i));
	close(wv_create(desk, u"create", EVERYTHING, 6, 0));
	close(wv_create(desk, u"create", EVERYTHING, 0xffffffff, 0));
	close(wv_create(desk, u"create", EVERYTHING, OPEN, DIRECTORY | NO_DIRECTORY));
	close(wv_create(desk, u"create", EVERYTHING, OPEN, DIRECTORY));
	close(wv_create(desk, u"CREATE", EVERYTHING, OPEN, 0x4000));
	close(wv_create(desk, u"no\\where", EVERYTHING, OPEN_ALWAYS, 0));
	close(wv_open(desk, u"nothing", READ, 0));
}

/* Below its folder's handle, and with an attribute that says how it is closed. */
static void use_roots(struct desk *desk)
{
	kernel_word handle = 0;

	CALL(NtCreateFile, (word)&handle, 0x120196,
	     wv_name_whole(desk, u"below\\a root \u00e9\U0001f40d.txt", desk->folder),
	     (word)&desk->block, 0, 0x100, 0, CREATE, 0x60, 0, 0);
	close(handle);
	handle = 0;
	CALL(NtOpenFile, (word)&handle, 1, wv_name_whole(desk, u"below", desk->folder),
	     (word)&desk->block, 3, DIRECTORY | SYNCHRONOUS);
	close(handle);
	CALL(NtOpenFile, (word)&handle, 1, wv_name_whole(desk, u"below", 0x7ffc),
	     (word)&desk->block, 3, DIRECTORY);
	CALL(NtOpenFile, (word)&handle, 1,
	     wv_name_whole(desk, u"\\Device\\HarddiskVolume2\\Windows", 0), (word)&desk->block, 3,
	     0);
	close(handle);
}

static void transfer_at_position(struct desk *desk)
{
	kernel_word file = wv_create(desk, u"position", EVERYTHING, CREATE, SYNCHRONOUS);

	wv_write(desk, file, AT_POSITION, 100);
	wv_write(desk, file, AT_POSITION, 5000);
	wv_write(desk, file, 3, 10);
	wv_write(desk, file, AT_END, 50);
	wv_read(desk, file, 0, 60);
	CALL(NtReadFile, (word)file, 0, 0, 0, (word)&desk->block, (word)desk->buffer, 40, 0, 0);
	CALL(NtReadFile, (word)file, 0, 0, 0, (word)&desk->block, (word)desk->buffer, 40, 0, 0);
	wv_read(desk, file, 5140, 60);
	wv_read(desk, file, 5150, 60);
	wv_read(desk, file, AT_END, 60);
	wv_read(desk, file, -3, 60);
	wv_write(desk, file, 0x7fffffffffffffffll, 0);
	close(file);
}

static void transfer_in_vain(struct desk *desk)
{
	kernel_word file = wv_create(desk, u"position", READ, OPEN, 0);

	/* No rights, no position, no file, no bytes, nowhere to put them. */
	wv_write(desk, file, 0, 10);
	wv_read(desk, file, AT_POSITION, 10);
	CALL(NtReadFile, (word)file, 0, 0, 0, (word)&desk->block, (word)desk->buffer, 40, 0, 0);
	wv_read(desk, file, 0, 0);
	wv_read(desk, file, 0, 0xffffffff);
	wv_read(desk, desk->folder, 0, 10);
	wv_read(desk, 0x7ffc, 0, 10);
	wv_read(desk, (kernel_word)-1, 0, 10);
	wv_read(desk, 0, 0, 10);
	CALL(NtReadFile, (word)file, 0, 0, 0, (word)&desk->block, USER_NOTHING, 5, 0, 0);
	desk->offset = 0;
	CALL(NtReadFile, (word)file, 0, 0, 0, (word)&desk->block, USER_NOTHING, 5,
	     (word)&desk->offset, 0);
	CALL(NtReadFile, (word)file, 0, 0, 0, USER_NOTHING, (word)desk->buffer, 5,
	     (word)&desk->offset, 0);
	CALL(NtReadFile, (word)file, 0, 0, 0, (word)&desk->block, (word)desk->buffer, 5,
	     USER_NOTHING, 0);
	close(file);
	file = wv_create(desk, u"position", WRITE, OPEN, 0);
	wv_read(desk, file, 0, 10);
	CALL(NtWriteFile, (word)file, 0, 0, 0, (word)&desk->block, USER_NOTHING, 5,
	     (word)&desk->offset, 0);
	close(file);
}

static void ask(struct desk *desk)
{
	static const struct {
		u32 kind, size;
	} questions[] = {
		{ BASIC, 40 },	{ BASIC, 39 }, { STANDARD, 24 },   { ALL, 256 },
		{ ALL, 104 },	{ ALL, 99 },   { NETWORK, 56 },	   { NETWORK, 1024 },
		{ NETWORK, 0 }, { 0, 8 },      { 0xffffffff, 40 },
	};
	kernel_word file = wv_create(desk, u"position", READ, OPEN, 0);

	for (u32 i = 0; i < COUNT_OF(questions); i++) {
		wv_query(desk, file, questions[i].kind, questions[i].size);
		wv_query(desk, desk->folder, questions[i].kind, questions[i].size);
		wv_query(desk, 0x7ffc, questions[i].kind, questions[i].size);
		wv_query(desk, SELF, questions[i].kind, questions[i].size);
	}
	CALL(NtQueryInformationFile, (word)file, (word)&desk->block, USER_NOTHING, 40, BASIC);
	CALL(NtQueryInformationFile, (word)file, USER_NOTHING, (word)desk->information, 56,
	     NETWORK);
	close(file);
}

static void ask_by_name(struct desk *desk)
{
	static const u16 *const names[] = { u"position", u"below", u"nothing", u"no\\where" };

	for (u32 i = 0; i < COUNT_OF(names); i++) {
		CALL(NtQueryAttributesFile, wv_name_own(desk, names[i]), (word)desk->information);
		CALL(NtQueryFullAttributesFile, wv_name_own(desk, names[i]),
		     (word)desk->information);
	}
	CALL(NtQueryAttributesFile, wv_name_own(desk, u"position"), USER_NOTHING);
	CALL(NtQueryFullAttributesFile, wv_name_own(desk, u"position"), 0);
	CALL(NtQueryFullAttributesFile, wv_name_whole(desk, u"below", desk->folder),
	     (word)desk->information);
}

/* Four times, and attributes. */
static void set_basic(struct desk *desk, kernel_word file, long long time, u32 attributes)
{
	long long *times = (long long *)desk->information;

	for (u32 i = 0; i < 4; i++)
		times[i] = time > 0 ? time + i * 10000000ll : time;
	times[4] = attributes;
	wv_set(desk, file, BASIC, 40);
}

static void change(struct desk *desk)
{
	static const u64 sizes[] = { 10000, 300000, 4095, 0, 70000, 1ull << 63 };
	kernel_word file = wv_create(desk, u"change", EVERYTHING, CREATE, SYNCHRONOUS);

	set_basic(desk, file, 130000000000000000ll, 0x21);
	set_basic(desk, file, 0, 0x80);
	set_basic(desk, file, -1, 0x2026);
	set_basic(desk, file, -1, 0x80);
	set_basic(desk, file, -2, 0);
	set_basic(desk, file, 1, 0x80);
	wv_write(desk, file, 0, 20000);
	for (u32 i = 0; i < COUNT_OF(sizes); i++)
		wv_set_end(desk, file, sizes[i]);
	wv_set(desk, file, END_OF_FILE, 7);
	wv_set(desk, file, 0x7fffffff, 7);
	wv_set(desk, 0x7ffc, BASIC, 40);
	CALL(NtSetInformationFile, (word)file, (word)&desk->block, USER_NOTHING, 40, BASIC);
	CALL(NtSetInformationFile, (word)file, (word)&desk->block, USER_NOTHING, 1, DISPOSITION);
	CALL(NtSetInformationFile, (word)file, USER_NOTHING, (word)desk->information, 8,
	     END_OF_FILE);
	close(file);
	file = wv_open(desk, u"change", READ, 0);
	wv_set_end(desk, file, 5);
	wv_dispose(desk, file, true);
	wv_rename(desk, file, RENAME, 0, u"no right", 0);
	close(file);
}

static void rename_all(struct desk *desk)
{
	kernel_word file = wv_create(desk, u"old name", EVERYTHING, CREATE, 0), other;

	close(wv_create(desk, u"taken", EVERYTHING, CREATE, 0));
	wv_rename(desk, file, RENAME, 0, u"new name", 0);
	wv_rename(desk, file, RENAME, 0, u"below\\it", desk->folder);
	wv_rename(desk, file, RENAME, 0, u"taken", desk->folder);
	wv_rename(desk, file, RENAME, 1, u"taken", desk->folder);
	wv_rename(desk, file, RENAME, 0, u"\\??\\C:\\nowhere\\it", 0);
	wv_rename(desk, file, RENAME, 0, u"\\??\\X:\\it", 0);
	wv_rename(desk, file, RENAME, 0, u"it", 0x7ffc);
	wv_rename(desk, file, RENAME, 0, u"", 0);
	wv_rename(desk, file, RENAME_FLAGS, 0, u"with flags", 0);
	other = wv_create(desk, u"in use", EVERYTHING, CREATE, 0);
	wv_rename(desk, file, RENAME_FLAGS, 3, u"in use", desk->folder);
	wv_rename(desk, file, RENAME_FLAGS, 0x43, u"\u041f\u0430\U0001f40d \"x\"\n", 0);
	wv_name_own(desk, u"a whole name");
	wv_rename(desk, file, RENAME, 0, desk->path, 0);
	wv_rename(desk, 0x7ffc, RENAME, 0, u"x", 0);
	wv_set(desk, file, RENAME, 11);
	*(u32 *)(desk->information + WV_POINTER * 2) = 0x10000000;
	wv_set(desk, file, RENAME, 64);
	CALL(NtSetInformationFile, (word)file, (word)&desk->block, USER_NOTHING, 64, RENAME);
	close(other);
	close(file);
}

static void open_folders_of_objects(struct desk *desk)
{
	static const u16 *const names[] = { u"\\BaseNamedObjects", u"\\", u"\\nowhere",
					    u"\\Device\\HarddiskVolume2", u"" };
	kernel_word handle;

	for (u32 i = 0; i < COUNT_OF(names); i++) {
		handle = 0;
		if (!CALL(NtOpenDirectoryObject, (word)&handle, 0x3,
			  wv_name_whole(desk, names[i], 0)))
			close(handle);
	}
	CALL(NtOpenDirectoryObject, (word)&handle, 0x3, wv_name_whole(desk, u"x", desk->folder));
	CALL(NtOpenDirectoryObject, USER_NOTHING, 0x3, wv_name_whole(desk, names[0], 0));
	CALL(NtOpenDirectoryObject, (word)&handle, 0x3, USER_NOTHING);
	CALL(NtOpenDirectoryObject, (word)&handle, 0x3, 0);
}

void wv_files_use(struct desk *desk)
{
	make_folders(desk);
	use_dispositions(desk);
	use_roots(desk);
	transfer_at_position(desk);
	transfer_in_vain(desk);
	ask(desk);
	ask_by_name(desk);
	change(desk);
	rename_all(desk);
	open_folders_of_objects(desk);
}

void wv_files_all(word thread)
{
	struct desk *desk = (struct desk *)wv_allocate(sizeof(*desk));

	desk->thread = thread;
	wv_files_use(desk);
	/* One of each width. */
	if (thread % 5 == 0)
		wv_files_hostile(desk);
	wv_files_delete(desk);
}

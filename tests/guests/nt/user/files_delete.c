// SPDX-License-Identifier: GPL-2.0-or-later
/* Files deleted in every way that there is: with one handle, with several, by a process's end. */
#include "files.h"

static kernel_word known(enum wv_known_handle which)
{
	return wv_perform(PERFORM_HANDLE, which, 0, 0);
}

static kernel_word duplicate(kernel_word from, kernel_word file, kernel_word to, u32 options)
{
	kernel_word handle = 0;

	CALL(NtDuplicateObject, (word)from, (word)file, (word)to, to ? (word)&handle : 0, 0, 0,
	     options);
	return handle;
}

/* Written files --------------------------------------------------------------------------------*/

static void write_all(struct desk *desk, kernel_word file, u32 size)
{
	for (u32 at = 0; at < size; at += BUFFER_SIZE)
		wv_write(desk, file, at, size - at < BUFFER_SIZE ? size - at : BUFFER_SIZE);
}

static void delete_written(struct desk *desk)
{
	static const u32 sizes[] = { 0, 1, 4095, 4096, 4097, 70000, 1 << 20 };
	u32 count = COUNT_OF(sizes) - (desk->thread % 3 != 0);

	for (u32 i = 0; i < count; i++) {
		kernel_word file = wv_create(desk, u"written", EVERYTHING, CREATE,
					     i % 2 ? DELETE_ON_CLOSE : SYNCHRONOUS);

		write_all(desk, file, sizes[i]);
		if (i % 2 == 0)
			wv_dispose(desk, file, true);
		NtClose((word)file);
	}
}

/* Bytes that are in no memory, or were never written. */
static void delete_with_holes(struct desk *desk)
{
	kernel_word file = wv_create(desk, u"sparse", EVERYTHING, CREATE, DELETE_ON_CLOSE);

	wv_write(desk, file, 0, 10);
	wv_write(desk, file, 300000, 5000);
	wv_write(desk, file, 2000000, 100);
	NtClose((word)file);
	file = wv_create(desk, u"grown", EVERYTHING, CREATE, DELETE_ON_CLOSE);
	wv_write(desk, file, 0, 3000);
	wv_set_end(desk, file, 100000);
	NtClose((word)file);
	file = wv_create(desk, u"cut", EVERYTHING, CREATE, DELETE_ON_CLOSE);
	wv_write(desk, file, 0, 30000);
	wv_set_end(desk, file, 20001);
	NtClose((word)file);
	file = wv_create(desk, u"emptied", EVERYTHING, CREATE, DELETE_ON_CLOSE);
	wv_write(desk, file, 0, 30000);
	wv_set_end(desk, file, 0);
	NtClose((word)file);
	file = wv_create(desk, u"unbuffered", EVERYTHING, CREATE, DELETE_ON_CLOSE | UNBUFFERED);
	wv_write(desk, file, 0, 8192);
	NtClose((word)file);
	/* Twice the same bytes, of which one content is kept. */
	for (u32 i = 0; i < 2; i++) {
		file = wv_create(desk, i ? u"twin" : u"other twin", EVERYTHING, CREATE,
				 DELETE_ON_CLOSE);
		wv_write(desk, file, 0, 777);
		NtClose((word)file);
	}
}

/* Files that were there before, with only some of them in memory. */
static void delete_planned(struct desk *desk)
{
	for (u32 row = 0; wv_perform(PERFORM_FILE, row | desk->thread << 8, 0, 0) == 0; row++) {
		kernel_word file = wv_open(desk, u"planned", EVERYTHING,
					   row % 2 ? SYNCHRONOUS : DELETE_ON_CLOSE);

		if (!file)
			continue;
		if (row % 2)
			wv_dispose(desk, file, true);
		NtClose((word)file);
	}
}

/* How a file goes ------------------------------------------------------------------------------*/

static kernel_word write_one(struct desk *desk, const u16 *name, u32 options)
{
	kernel_word file = wv_create(desk, name, EVERYTHING, OPEN_ALWAYS, options);

	wv_write(desk, file, 0, 1000);
	return file;
}

static void delete_by_flags(struct desk *desk)
{
	static const u32 flags[] = { 0, 1, 3, 0x10, 0x19, 8 };

	for (u32 i = 0; i < COUNT_OF(flags); i++) {
		/* The last ones say what is to be at the end, which may be what it was before. */
		kernel_word file = write_one(desk, u"by flags", i % 2 ? DELETE_ON_CLOSE : 0);

		*(u32 *)desk->information = flags[i];
		wv_set(desk, file, DISPOSITION_FLAGS, 4);
		NtClose((word)file);
	}
}

static void delete_by_name(struct desk *desk)
{
	kernel_word file = write_one(desk, u"by name", 0), other;

	NtClose((word)file);
	CALL(NtDeleteFile, wv_name_own(desk, u"by name"));
	CALL(NtDeleteFile, wv_name_own(desk, u"by name"));
	CALL(NtDeleteFile, USER_NOTHING);
	/* It goes when others have closed it. */
	other = write_one(desk, u"by name, later", 0);
	CALL(NtDeleteFile, wv_name_own(desk, u"by name, later"));
	NtClose((word)other);
}

static void change_its_mind(struct desk *desk)
{
	kernel_word file = write_one(desk, u"kept", 0);

	wv_dispose(desk, file, true);
	wv_dispose(desk, file, false);
	NtClose((word)file);
	file = wv_open(desk, u"kept", EVERYTHING, 0);
	wv_dispose(desk, file, true);
	wv_dispose(desk, file, true);
	NtClose((word)file);
	wv_open(desk, u"kept", EVERYTHING, 0);
}

static void delete_in_vain(struct desk *desk)
{
	kernel_word file = wv_create(desk, u"in vain", EVERYTHING, CREATE, 0);

	*(u32 *)(desk->information + 32) = 1; /* read only */
	for (u32 i = 0; i < 8; i++)
		((u32 *)desk->information)[i] = 0;
	wv_set(desk, file, BASIC, 40);
	wv_dispose(desk, file, true);
	NtClose((word)file);
	wv_open(desk, u"in vain", DELETE, DELETE_ON_CLOSE);
	wv_open(desk, u"kept", READ, DELETE_ON_CLOSE);
	wv_dispose(desk, desk->folder, true);
	wv_dispose(desk, 0x7ffc, true);
	wv_dispose(desk, SELF, true);
	file = wv_create(desk, u"", EVERYTHING, OPEN, DIRECTORY);
	if (file)
		NtClose((word)file);
	file = wv_open(desk, u"..\\", EVERYTHING, DIRECTORY);
	if (file)
		NtClose((word)file);
}

static void delete_folder(struct desk *desk)
{
	kernel_word file = wv_create(desk, u"empty", EVERYTHING, CREATE, DIRECTORY);

	wv_dispose(desk, file, true);
	NtClose((word)file);
}

/* Two FILE_OBJECTs of one file, closed in both orders; asked for by one of them. */
static void delete_while_open(struct desk *desk)
{
	for (u32 order = 0; order < 4; order++) {
		kernel_word first = write_one(desk, u"twice", order < 2 ? 0 : DELETE_ON_CLOSE);
		kernel_word second = wv_open(desk, u"twice", READ, 0);

		if (order < 2)
			wv_dispose(desk, first, true);
		wv_open(desk, u"twice", READ, 0);
		NtClose((word)(order % 2 ? second : first));
		wv_open(desk, u"twice", DELETE, DELETE_ON_CLOSE | 0x1);
		NtClose((word)(order % 2 ? first : second));
	}
}

/* One FILE_OBJECT with several handles, of this process and another one. */
static void delete_duplicated(struct desk *desk)
{
	kernel_word other = known(HANDLE_OTHER_PROCESS);
	kernel_word file = write_one(desk, u"duplicated", DELETE_ON_CLOSE);
	kernel_word second = duplicate(SELF, file, SELF, 2), there;

	NtClose((word)file);
	wv_write(desk, second, 2000, 50);
	NtClose((word)second);
	file = write_one(desk, u"given away", 0);
	wv_dispose(desk, file, true);
	there = duplicate(SELF, file, other, 2 | 1);
	duplicate(other, there, 0, 1);
	/* Taken back, to be closed here. */
	file = write_one(desk, u"taken back", DELETE_ON_CLOSE);
	there = duplicate(SELF, file, other, 2);
	NtClose((word)file);
	file = duplicate(other, there, SELF, 2 | 1);
	wv_read(desk, file, 0, 100);
	NtClose((word)file);
}

/* Nobody closes these but the process's end. */
static void leave_open(struct desk *desk)
{
	kernel_word file = write_one(desk, u"left, to be deleted", DELETE_ON_CLOSE);

	duplicate(SELF, file, SELF, 2);
	file = write_one(desk, u"left and disposed of", 0);
	wv_dispose(desk, file, true);
	write_one(desk, u"left", 0);
}

void wv_files_delete(struct desk *desk)
{
	delete_written(desk);
	delete_with_holes(desk);
	delete_planned(desk);
	delete_by_flags(desk);
	delete_by_name(desk);
	change_its_mind(desk);
	delete_in_vain(desk);
	delete_folder(desk);
	delete_while_open(desk);
	delete_duplicated(desk);
	leave_open(desk);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Files by names and attributes that only hostile programs have. */
#include "files.h"

#define CONTROL_RELATIVE 0x8004u

struct sid {
	u8 revision, count, authority[6];
	u32 sub[15];
};

struct acl {
	u8 revision, unused;
	u16 size, count, unused_too;
	struct {
		u8 type, flags;
		u16 size;
		u32 mask;
		struct sid sid;
	} entries[2];
};

struct descriptor {
	u8 revision, unused;
	u16 control;
	kernel_word owner, group, sacl, dacl;
};

struct relative_descriptor {
	u8 revision, unused;
	u16 control;
	u32 owner, group, sacl, dacl;
	struct sid sids[2];
	struct acl list;
};

static const struct sid sids[] = {
	{ 1, 1, { 0, 0, 0, 0, 0, 5 }, { 18 } },
	{ 1, 5, { 0, 0, 0, 0, 0, 5 }, { 21, 0x89abcdef, 4294967295u, 1000, 500 } },
	{ 1, 1, { 0, 0, 0, 0, 0, 1 }, { 0 } },
	{ 1, 2, { 1, 2, 3, 4, 5, 6 }, { 7, 8 } },
	{ 1, 2, { 0, 0, 0, 0, 0, 5 }, { 32, 544 } },
};

static struct acl list_of(u32 first, u32 second)
{
	struct acl list = { .revision = 2, .size = sizeof(list), .count = 2 };
	u32 chosen[] = { first, second };

	for (u32 i = 0; i < 2; i++) {
		list.entries[i].type = (u8)i;
		list.entries[i].flags = 0x13;
		list.entries[i].size = sizeof(list.entries[i]);
		list.entries[i].mask = 0x1f01ff >> i;
		list.entries[i].sid = sids[chosen[i]];
	}
	return list;
}

static void create_with(struct desk *desk, kernel_word descriptor)
{
	kernel_word handle = 0;
	word attributes = wv_name_own(desk, u"secured");

	desk->attributes.descriptor = descriptor;
	if (!CALL(NtCreateFile, (word)&handle, EVERYTHING, attributes, (word)&desk->block, 0, 0x80,
		  7, OPEN_ALWAYS, SYNCHRONOUS, 0, 0))
		NtClose((word)handle);
	CALL(NtQueryAttributesFile, attributes, (word)desk->information);
	desk->attributes.name = at(&desk->name);
	desk->name = string_of(u"\\BaseNamedObjects");
	if (!CALL(NtOpenDirectoryObject, (word)&handle, 1, attributes))
		NtClose((word)handle);
}

static void use_descriptors(struct desk *desk)
{
	struct acl list = list_of(0, 1), other = list_of(2, 4);
	struct descriptor descriptor = { .revision = 1, .control = 4 };
	struct relative_descriptor relative = {
		.revision = 1,
		.control = CONTROL_RELATIVE,
		.owner = offsetof(struct relative_descriptor, sids),
		.group = offsetof(struct relative_descriptor, sids) + sizeof(struct sid),
		.dacl = offsetof(struct relative_descriptor, list),
		.sids = { sids[4], sids[3] },
		.list = list,
	};

	create_with(desk, at(&descriptor));
	descriptor.owner = at(&sids[1]);
	create_with(desk, at(&descriptor));
	descriptor.group = at(&sids[0]);
	descriptor.dacl = at(&list);
	descriptor.sacl = at(&other);
	descriptor.control = 0x14;
	create_with(desk, at(&descriptor));
	create_with(desk, at(&relative));
}

/* Parts that are nowhere, that have no end, and that are their own. */
static void use_bad_descriptors(struct desk *desk)
{
	static const kernel_word nowhere[] = { 8, USER_NOTHING, USER_NOTHING - 4,
					       (kernel_word)-16 };
	struct sid endless = { 1, 255, { 0, 0, 0, 0, 0, 5 }, { 1 } };
	struct acl list = list_of(0, 1);
	struct descriptor descriptor = { .revision = 1, .control = 0x14 };
	struct relative_descriptor relative = { .revision = 1,
						.control = CONTROL_RELATIVE,
						.owner = 0x7fffff00,
						.group = 1,
						.sacl = 0x7fffffff,
						.dacl = 0 };

	for (u32 i = 0; i < COUNT_OF(nowhere); i++) {
		create_with(desk, nowhere[i]);
		descriptor.owner = descriptor.sacl = nowhere[i];
		descriptor.dacl = nowhere[COUNT_OF(nowhere) - 1 - i];
		create_with(desk, at(&descriptor));
	}
	descriptor = (struct descriptor){ 1, 0, 0x14, at(&endless), at(&endless), 0, at(&list) };
	list.size = 0xffff;
	list.count = 0xffff;
	create_with(desk, at(&descriptor));
	list.size = 0;
	create_with(desk, at(&descriptor));
	list.size = 8;
	create_with(desk, at(&descriptor));
	list = list_of(0, 1);
	list.entries[0].size = 0;
	list.entries[1].size = 0xfffc;
	create_with(desk, at(&descriptor));
	create_with(desk, at(&relative));
}

/* Names that a host's files better do not get. */
static void use_names(struct desk *desk)
{
	static const u16 *const names[] = {
		u"..",
		u"a/../../../etc/passwd",
		u"line\nof \"two\" \\lines",
		u"tab\tand \x1b[31m and \x7f",
		u"half \xd83d of a pair",
		u"\xdc0d",
		u"\u202efdp.exe",
		u"stream:hidden:$DATA",
		u"con",
		u" ",
		u"%s%n%x",
	};

	for (u32 i = 0; i < COUNT_OF(names); i++) {
		kernel_word file =
			wv_create(desk, names[i], EVERYTHING, OPEN_ALWAYS, DELETE_ON_CLOSE);

		if (!file)
			continue;
		wv_write(desk, file, 0, 100 + i);
		NtClose((word)file);
	}
}

static void use_long_names(struct desk *desk)
{
	static const u32 lengths[] = { 300, 2000, 5000, 8000 };
	u16 *name = (u16 *)desk->buffer;

	for (u32 i = 0; i < COUNT_OF(lengths); i++) {
		kernel_word file;

		for (u32 j = 0; j < lengths[i]; j++)
			name[j] = (u16)(j % 5 ? 'a' + j % 26 : 0x4e00 + j);
		name[lengths[i]] = 0;
		file = wv_create(desk, name, EVERYTHING, CREATE, DELETE_ON_CLOSE);
		if (file)
			NtClose((word)file);
		CALL(NtQueryAttributesFile, (word)&desk->attributes, (word)desk->information);
	}
}

static void call_all(struct desk *desk, word attributes)
{
	kernel_word handle = 0;

	if (!CALL(NtCreateFile, (word)&handle, 0xffffffff, attributes, (word)&desk->block, 0,
		  0xffffffff, 0xffffffff, OPEN, 0x20, 0, 0))
		NtClose((word)handle);
	CALL(NtCreateFile, (word)&handle, 0, attributes, (word)&desk->block, 0, 0, 0, 0xffffffff,
	     0xffffffff, 0, 0);
	CALL(NtOpenFile, (word)&handle, 0x1f01ff, attributes, (word)&desk->block, 0, 0xffffffff);
	CALL(NtOpenFile, USER_NOTHING, 1, attributes, (word)&desk->block, 0, 0);
	CALL(NtOpenFile, (word)&handle, 1, attributes, USER_NOTHING, 0, 0);
	CALL(NtQueryAttributesFile, attributes, (word)desk->information);
	CALL(NtQueryFullAttributesFile, attributes, (word)desk->information);
	CALL(NtOpenDirectoryObject, (word)&handle, 0, attributes);
}

static void use_bad_attributes(struct desk *desk)
{
	static const word nowhere[] = { 0, 8, USER_NOTHING, USER_NOTHING - 8, (word)-8 };
	const struct unicode_string names[] = {
		{ 3, 3, USER_SCRATCH },		  { 0xfffe, 0xffff, at(&desk->name) },
		{ 0x20, 0x20, (kernel_word)-8 },  { 0x400, 0x400, USER_NOTHING - 0x100 },
		{ 0xfffe, 0xfffe, USER_NOTHING }, { 0, 0, 0 },
	};

	for (u32 i = 0; i < COUNT_OF(nowhere); i++) {
		word attributes = wv_name_own(desk, u"x");

		call_all(desk, nowhere[i]);
		desk->attributes.name = nowhere[i];
		call_all(desk, attributes);
	}
	for (u32 i = 0; i < COUNT_OF(names); i++) {
		word attributes = wv_name_own(desk, u"x");

		desk->name = names[i];
		call_all(desk, attributes);
		desk->attributes.root = desk->folder;
		call_all(desk, attributes);
	}
	/* A name that comes in only when it is touched. */
	wv_page_out(USER_PAGED_OUT, PAGE_SIZE);
	wv_name_own(desk, u"x");
	desk->name = (struct unicode_string){ 16, 16, USER_PAGED_OUT + 0x800 + desk->thread * 16 };
	call_all(desk, (word)&desk->attributes);
}

void wv_files_hostile(struct desk *desk)
{
	use_descriptors(desk);
	use_bad_descriptors(desk);
	use_names(desk);
	use_long_names(desk);
	use_bad_attributes(desk);
}

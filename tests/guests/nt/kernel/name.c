// SPDX-License-Identifier: GPL-2.0-or-later
/* Puts names of objects together. */
#include "name.h"
#include "object.h"

struct text {
	u16 *to;
	unsigned length, most;
};

static void add(struct text *text, const u16 *from, unsigned count)
{
	for (unsigned i = 0; i < count && text->length < text->most; i++)
		text->to[text->length++] = from[i];
}

static void add_string(struct text *text, const struct _UNICODE_STRING *string)
{
	add(text, (const u16 *)string->Buffer, string->Length / 2u);
}

static void add_separator(struct text *text)
{
	if (!text->length || text->to[text->length - 1] != '\\')
		add(text, u"\\", 1);
}

/* The folders' names, and behind them the object's own. */
static void add_path(struct text *text, void *object)
{
	struct _OBJECT_HEADER_NAME_INFO *info = wv_name_info(object);

	if (!info)
		return;
	if (info->Directory) {
		add_path(text, (void *)info->Directory);
		add_separator(text);
	}
	add_string(text, &info->Name);
}

/* The path in a volume, behind that one's own name. */
static void add_file(struct text *text, const struct _FILE_OBJECT *file)
{
	if (file->DeviceObject)
		add_path(text, (void *)file->DeviceObject);
	add_string(text, (const void *)&file->FileName);
}

/* Keys have no names in their headers, but in blocks that a control block leads to. */
static void add_key(struct text *text, const struct _CM_KEY_CONTROL_BLOCK *key)
{
	const struct _CM_NAME_CONTROL_BLOCK *name = (void *)key->NameBlock;
	const u8 *bytes = (const u8 *)name + OFF__CM_NAME_CONTROL_BLOCK_Name;

	if (key->ParentKcb)
		add_key(text, (void *)key->ParentKcb);
	add_separator(text);
	if (!name->Compressed)
		add(text, (const u16 *)bytes, name->NameLength / 2u);
	for (unsigned i = 0; name->Compressed && i < name->NameLength; i++)
		add(text, (u16[]){ bytes[i] }, 1);
}

unsigned wv_object_name(void *object, u16 *to, unsigned most)
{
	struct text text = { .to = to, .most = most };

	if (wv_type_of(object) == wv_types[WV_FILE])
		add_file(&text, object);
	else if (wv_type_of(object) == wv_types[WV_KEY])
		add_key(&text, (void *)((struct _CM_KEY_BODY *)object)->KeyControlBlock);
	else
		add_path(&text, object);
	return text.length;
}

unsigned wv_file_name(const struct _FILE_OBJECT *file, u16 *to, unsigned most)
{
	struct text text = { .to = to, .most = most };

	add_file(&text, file);
	return text.length;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Paths of files: what of a name is the volume's, and what the folder's that it begins in. */
#include "file_path.h"
#include "pool.h"

#define NAME_MAX 0xfffeu /* bytes */

static const u16 dos_volume[] = u"\\??\\C:", device[] = u"\\Device\\HarddiskVolume2";

static unsigned begins_with(const struct wv_path *path, const u16 *prefix)
{
	unsigned i = 0;

	while (prefix[i] && i < path->length && path->name[i] == prefix[i])
		i++;
	return prefix[i] ? 0 : i;
}

/* folder: NULL, or what the name is below of; from: where in the name the path begins. */
static ntstatus join(const struct _UNICODE_STRING *folder, const struct wv_path *path,
		     unsigned from, struct _UNICODE_STRING *name)
{
	const u16 *above = folder ? (const u16 *)folder->Buffer : NULL;
	unsigned before = folder ? folder->Length / 2u : 0, count = path->length - from;
	bool separated = !before || !count || above[before - 1] == '\\';
	unsigned length = before + !separated + count;
	u16 *text;

	if (length * 2 > NAME_MAX)
		return STATUS_OBJECT_NAME_INVALID;
	text = wv_pool_take(POOL_PAGED, length * 2 + 2, TAG('I', 'o', 'N', 'm'));
	memcpy(text, above, before * 2);
	if (!separated)
		text[before] = '\\';
	memcpy(text + length - count, path->name + from, count * 2);
	text[length] = 0;
	name->Buffer = (void *)text;
	name->Length = (u16)(length * 2);
	name->MaximumLength = name->Length + (name->Length < NAME_MAX ? 2 : 0);
	return STATUS_SUCCESS;
}

ntstatus wv_name_file(const struct wv_path *path, struct _UNICODE_STRING *name)
{
	unsigned from;

	if (!path->name)
		return STATUS_OBJECT_NAME_INVALID;
	if (path->root) {
		if (wv_type_of(path->root) != wv_types[WV_FILE])
			return STATUS_OBJECT_TYPE_MISMATCH;
		return join((const void *)&((struct _FILE_OBJECT *)path->root)->FileName, path, 0,
			    name);
	}
	from = begins_with(path, dos_volume);
	if (!from)
		from = begins_with(path, device);
	return from ? join(NULL, path, from, name) : STATUS_OBJECT_PATH_NOT_FOUND;
}

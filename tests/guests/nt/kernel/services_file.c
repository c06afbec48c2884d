// SPDX-License-Identifier: GPL-2.0-or-later
/* Files: opened by name, read and written. What is in them does not matter: it is all the same. */
#include "directory.h"
#include "pool.h"
#include "reach.h"
#include "service.h"

#define IO_FILE	     5 /* the I/O manager's own types of objects */
#define FILE_OPENED  1u
#define FILE_CREATED 2u
#define TRANSFER_MAX 0x1000u

static const u16 dos_volume[] = u"\\??\\C:", device[] = u"\\Device\\HarddiskVolume2";

static unsigned begins_with(const struct wv_path *path, const u16 *prefix)
{
	unsigned i = 0;

	while (prefix[i] && i < path->length && path->name[i] == prefix[i])
		i++;
	return prefix[i] ? 0 : i;
}

static bool is_missing(const struct wv_path *path)
{
	static const u16 mark[] = u"missing";

	for (unsigned i = 0; i + 7 <= path->length; i++) {
		unsigned same = 0;

		while (mark[same] && path->name[i + same] == mark[same])
			same++;
		if (!mark[same])
			return true;
	}
	return false;
}

/* The path in the volume, in pool memory: behind a folder's own when that is where it begins. */
static ntstatus name_file(const struct wv_path *path, struct _UNICODE_STRING *name)
{
	unsigned from, before = 0, count;
	const struct _UNICODE_STRING *folder = NULL;
	u16 *text;

	if (!path->name)
		return STATUS_OBJECT_NAME_INVALID;
	from = begins_with(path, dos_volume);
	if (!from)
		from = begins_with(path, device);
	if (path->root) {
		if (wv_type_of(path->root) != wv_types[WV_FILE])
			return STATUS_OBJECT_TYPE_MISMATCH;
		folder = (void *)&((struct _FILE_OBJECT *)path->root)->FileName;
		before = folder->Length / 2u + 1;
	} else if (!from) {
		return STATUS_OBJECT_PATH_NOT_FOUND;
	}
	count = path->length - from;
	if ((before + count) * 2 > 0xfffe)
		return STATUS_OBJECT_NAME_INVALID;
	text = wv_pool_take(POOL_PAGED, (before + count) * 2 + 2, TAG('I', 'o', 'N', 'm'));
	if (folder) {
		memcpy(text, (const void *)folder->Buffer, folder->Length);
		text[before - 1] = '\\';
	}
	memcpy(text + before, path->name + from, count * 2);
	name->Buffer = (void *)text;
	name->Length = (u16)((before + count) * 2);
	name->MaximumLength = name->Length + 2;
	return STATUS_SUCCESS;
}

/* The arguments that both ways to open a file begin with. */
static ntstatus open(struct wv_request *request, u32 result)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode;
	struct _UNICODE_STRING name;
	struct _FILE_OBJECT *file;
	struct wv_path path;
	word none = 0, block[2] = { STATUS_SUCCESS, result };
	ntstatus status;

	if (!wv_store(mode, arguments[0], &none, sizeof(none)) ||
	    !wv_store(mode, arguments[3], block, sizeof(block)))
		return STATUS_ACCESS_VIOLATION;
	status = wv_fetch_path(mode, arguments[2], &path);
	if (status)
		return status;
	status = is_missing(&path) ? STATUS_OBJECT_NAME_NOT_FOUND : name_file(&path, &name);
	wv_free_path(&path);
	if (status)
		return status;
	file = wv_object_create(WV_FILE, SIZE__FILE_OBJECT, NULL);
	file->Type = IO_FILE;
	file->Size = SIZE__FILE_OBJECT;
	file->DeviceObject = wv_volume;
	memcpy((void *)&file->FileName, &name, sizeof(name));
	return wv_give_handle(arguments[0], file, (u32)arguments[1], path.attributes, mode);
}

static ntstatus create_file(struct wv_request *request)
{
	return open(request, (u32)request->arguments[7] == 2 ? FILE_CREATED : FILE_OPENED);
}

static ntstatus open_file(struct wv_request *request)
{
	return open(request, FILE_OPENED);
}

enum { FILE, EVENT, ROUTINE, ROUTINE_CONTEXT, STATUS_BLOCK, BUFFER, SIZE, OFFSET, KEY };

static ntstatus transfer(struct wv_request *request, bool write)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode, size = (u32)arguments[SIZE];
	word block[2] = { STATUS_SUCCESS, size };
	ntstatus status;
	void *file;
	u8 *buffer;
	bool ok;

	status = wv_reach(arguments[FILE], WV_FILE, mode, &file);
	if (status)
		return status;
	if (size > TRANSFER_MAX)
		return STATUS_INVALID_PARAMETER;
	buffer = wv_pool_take(POOL_PAGED, size + 1, TAG('I', 'o', 'B', 'f'));
	memset(buffer, '*', size);
	ok = write ? wv_fetch(mode, buffer, arguments[BUFFER], size)
		   : wv_store(mode, arguments[BUFFER], buffer, size);
	wv_pool_give(buffer);
	if (!ok || !wv_store(mode, arguments[STATUS_BLOCK], block, sizeof(block)))
		return STATUS_ACCESS_VIOLATION;
	return STATUS_SUCCESS;
}

static ntstatus read_file(struct wv_request *request)
{
	return transfer(request, false);
}

static ntstatus write_file(struct wv_request *request)
{
	return transfer(request, true);
}

const struct wv_handler wv_file_handlers[] = {
	{ "NtCreateFile", create_file, "h.osq......" },
	{ "NtOpenFile", open_file, "h.os.." },
	{ "NtReadFile", read_file, "HH..sB.qd" },
	{ "NtWriteFile", write_file, "HH..sb.qd" },
	{ .name = NULL },
};

// SPDX-License-Identifier: GPL-2.0-or-later
/* What callers ask about files, and what they change: times, names, sizes, and that files go. */
#include "file_path.h"
#include "pool.h"
#include "reach.h"
#include "service.h"

enum { HANDLE, STATUS_BLOCK, BUFFER, LENGTH, CLASS };

#define LARGEST	     256u /* of what is behind a buffer, but for a name */
#define LARGEST_FILE (1ull << 40)
#define NAMELESS     100u			   /* FILE_ALL_INFORMATION up to its name */
#define RENAME_NAME  (WV_POINTER == 8 ? 20u : 12u) /* FILE_RENAME_INFORMATION's name */
#define REPLACE	     1u
#define DISPOSE	     1u /* flags of a disposition */
#define ON_CLOSE     8u
#define NEW_CLASSES  14393u /* the build from which on there are classes with flags */

/* FILE_RENAME_INFORMATION up to its name; the first byte is ReplaceIfExists, or all are flags. */
struct rename {
	u32 flags;
	word root;
	u32 length;
} __attribute__((packed, aligned(WV_POINTER)));

/* Answers --------------------------------------------------------------------------------------*/

static void fill_basic(const struct wv_file *file, struct _FILE_BASIC_INFORMATION *to)
{
	to->CreationTime.QuadPart = file->times[0];
	to->LastAccessTime.QuadPart = file->times[1];
	to->LastWriteTime.QuadPart = file->times[2];
	to->ChangeTime.QuadPart = file->times[3];
	to->FileAttributes = file->attributes;
}

static void fill_standard(const struct wv_file *file, struct _FILE_STANDARD_INFORMATION *to)
{
	to->AllocationSize.QuadPart = file->header.AllocationSize.QuadPart;
	to->EndOfFile.QuadPart = file->header.FileSize.QuadPart;
	to->NumberOfLinks = !file->delete_pending;
	to->DeletePending = file->delete_pending;
	to->Directory = wv_is_folder(file);
}

static void fill_network(const struct wv_file *file, struct _FILE_NETWORK_OPEN_INFORMATION *to)
{
	to->CreationTime.QuadPart = file->times[0];
	to->LastAccessTime.QuadPart = file->times[1];
	to->LastWriteTime.QuadPart = file->times[2];
	to->ChangeTime.QuadPart = file->times[3];
	to->AllocationSize.QuadPart = file->header.AllocationSize.QuadPart;
	to->EndOfFile.QuadPart = file->header.FileSize.QuadPart;
	to->FileAttributes = file->attributes;
}

static u32 answer_basic(const struct wv_file *file, u8 *to)
{
	fill_basic(file, (void *)to);
	return sizeof(struct _FILE_BASIC_INFORMATION);
}

static u32 answer_standard(const struct wv_file *file, u8 *to)
{
	fill_standard(file, (void *)to);
	return sizeof(struct _FILE_STANDARD_INFORMATION);
}

static u32 answer_network(const struct wv_file *file, u8 *to)
{
	fill_network(file, (void *)to);
	return sizeof(struct _FILE_NETWORK_OPEN_INFORMATION);
}

/* The name's beginning is all that there is room for. */
static u32 answer_all(const struct wv_file *file, u8 *to)
{
	u32 length = file->path.Length;

	fill_basic(file, (void *)to);
	fill_standard(file, (void *)(to + sizeof(struct _FILE_BASIC_INFORMATION)));
	memcpy(to + NAMELESS - 4, &length, sizeof(length));
	if (length > LARGEST - NAMELESS)
		length = LARGEST - NAMELESS;
	memcpy(to + NAMELESS, (const void *)file->path.Buffer, length);
	return NAMELESS + length;
}

static const struct {
	u32 class, least;
	u32 (*answer)(const struct wv_file *file, u8 *to);
} questions[] = {
	{ 4, sizeof(struct _FILE_BASIC_INFORMATION), answer_basic },
	{ 5, sizeof(struct _FILE_STANDARD_INFORMATION), answer_standard },
	{ 18, NAMELESS + 4, answer_all },
	{ 34, sizeof(struct _FILE_NETWORK_OPEN_INFORMATION), answer_network },
};

/* The file of a handle, with the lock held; NULL: none, with nothing held. */
static struct wv_file *lock_file(const struct _FILE_OBJECT *object)
{
	struct wv_file *file;

	wv_take(&wv_files_lock);
	file = wv_file_of(object);
	if (!file)
		wv_release(&wv_files_lock);
	return file;
}

static ntstatus finish(struct wv_request *request, ntstatus status, u32 information)
{
	word block[2] = { status, information };

	return wv_store(request->call.mode, request->arguments[STATUS_BLOCK], block, sizeof(block))
		       ? status
		       : STATUS_ACCESS_VIOLATION;
}

static ntstatus query(struct wv_request *request)
{
	const word *arguments = request->arguments;
	u32 room = (u32)arguments[LENGTH], size;
	u8 answer[LARGEST] = { 0 };
	struct wv_file *file;
	void *object;
	unsigned i = 0;
	ntstatus status;

	while (i < COUNT_OF(questions) && questions[i].class != (u32)arguments[CLASS])
		i++;
	if (i == COUNT_OF(questions))
		return STATUS_INVALID_INFO_CLASS;
	if (room < questions[i].least)
		return STATUS_INFO_LENGTH_MISMATCH;
	status = wv_reach(arguments[HANDLE], WV_FILE, request->call.mode, &object);
	if (status)
		return status;
	file = lock_file(object);
	if (!file)
		return STATUS_INVALID_DEVICE_REQUEST;
	size = questions[i].answer(file, answer);
	wv_release(&wv_files_lock);
	if (size > room) {
		size = room;
		status = STATUS_BUFFER_OVERFLOW;
	}
	if (!wv_store(request->call.mode, arguments[BUFFER], answer, size))
		return STATUS_ACCESS_VIOLATION;
	return finish(request, status, size);
}

/* The path that the first argument names. */
static ntstatus fetch_argument(struct wv_request *request, struct _UNICODE_STRING *name)
{
	struct wv_path path;
	ntstatus status = wv_fetch_path(request->call.mode, request->arguments[0], &path);

	if (status)
		return status;
	status = wv_name_file(&path, name);
	wv_free_path(&path);
	return status;
}

/* By name: OBJECT_ATTRIBUTES, and where the answer goes. */
static ntstatus query_name(struct wv_request *request,
			   u32 (*answer)(const struct wv_file *file, u8 *to))
{
	struct _UNICODE_STRING name;
	struct wv_file *file;
	u8 bytes[LARGEST] = { 0 };
	u32 size = 0;
	ntstatus status = fetch_argument(request, &name);

	if (status)
		return status;
	wv_take(&wv_files_lock);
	file = wv_file_find(wv_text_of(&name));
	if (file)
		size = answer(file, bytes);
	wv_release(&wv_files_lock);
	wv_pool_give((void *)name.Buffer);
	if (!file)
		return STATUS_OBJECT_NAME_NOT_FOUND;
	return wv_store(request->call.mode, request->arguments[1], bytes, size)
		       ? STATUS_SUCCESS
		       : STATUS_ACCESS_VIOLATION;
}

static ntstatus query_attributes(struct wv_request *request)
{
	return query_name(request, answer_basic);
}

static ntstatus query_full_attributes(struct wv_request *request)
{
	return query_name(request, answer_network);
}

/* Changes --------------------------------------------------------------------------------------*/

/* What is to change: the FILE_OBJECT, its file, and what the caller has handed over. */
struct change {
	struct wv_request *request;
	struct _FILE_OBJECT *object;
	struct wv_file *file;
	u8 bytes[LARGEST];
	struct _UNICODE_STRING name; /* of a file that is renamed */
};

/* Of times and attributes 0 stays as it is; so do times of -1. */
static ntstatus set_basic(struct change *change)
{
	const struct _FILE_BASIC_INFORMATION *to = (void *)change->bytes;
	const long long times[] = { to->CreationTime.QuadPart, to->LastAccessTime.QuadPart,
				    to->LastWriteTime.QuadPart, to->ChangeTime.QuadPart };
	u32 kept = change->file->attributes & ATTRIBUTE_DIRECTORY;

	for (unsigned i = 0; i < COUNT_OF(times); i++) {
		if (times[i] < -1)
			return STATUS_INVALID_PARAMETER;
		if (times[i] > 0)
			change->file->times[i] = times[i];
	}
	if (to->FileAttributes)
		change->file->attributes = (to->FileAttributes & ~ATTRIBUTE_DIRECTORY) | kept;
	return STATUS_SUCCESS;
}

static ntstatus dispose(struct change *change, bool goes)
{
	ntstatus status = goes ? wv_file_may_go(change->file) : STATUS_SUCCESS;

	if (!change->object->DeleteAccess)
		return STATUS_ACCESS_DENIED;
	if (status)
		return status;
	change->file->delete_pending = goes;
	change->object->DeletePending = goes;
	return STATUS_SUCCESS;
}

static ntstatus set_disposition(struct change *change)
{
	return dispose(change, change->bytes[0]);
}

static ntstatus set_disposition_flags(struct change *change)
{
	u32 flags;

	memcpy(&flags, change->bytes, sizeof(flags));
	if (!(flags & ON_CLOSE))
		return dispose(change, flags & DISPOSE);
	if (!change->object->DeleteAccess)
		return STATUS_ACCESS_DENIED;
	wv_file_object_on_close(change->object, flags & DISPOSE);
	return STATUS_SUCCESS;
}

static ntstatus set_end(struct change *change)
{
	u64 size;

	memcpy(&size, change->bytes, sizeof(size));
	if (size > LARGEST_FILE)
		return STATUS_INVALID_PARAMETER;
	if (!change->object->WriteAccess || wv_is_folder(change->file))
		return STATUS_ACCESS_DENIED;
	wv_file_resize(change->file, size);
	change->file->touched = true;
	change->object->Flags |= FO_FILE_SIZE_CHANGED;
	return STATUS_SUCCESS;
}

/* A file that is replaced goes at once, if nobody has it open. */
static ntstatus make_room(struct wv_file *there, bool replace)
{
	if (!replace)
		return STATUS_OBJECT_NAME_COLLISION;
	if (there->opens || wv_is_folder(there))
		return STATUS_ACCESS_DENIED;
	wv_file_take_out(there);
	wv_file_drop(there);
	wv_pool_give((void *)there->path.Buffer);
	wv_pool_give(there);
	return STATUS_SUCCESS;
}

static ntstatus set_name(struct change *change)
{
	struct wv_path_text path = wv_text_of(&change->name);
	struct wv_file *there = wv_file_find(path);
	ntstatus status = STATUS_SUCCESS;

	if (!change->object->DeleteAccess)
		return STATUS_ACCESS_DENIED;
	if (!wv_file_parent(path))
		return STATUS_OBJECT_PATH_NOT_FOUND;
	if (there && there != change->file)
		status = make_room(there, change->bytes[0] & REPLACE);
	if (!status)
		wv_file_rename(change->file, path);
	return status;
}

static const struct {
	u32 class, least, since;
	ntstatus (*change)(struct change *change);
} changes[] = {
	{ 4, sizeof(struct _FILE_BASIC_INFORMATION), 0, set_basic },
	{ 10, sizeof(struct rename), 0, set_name },
	{ 13, 1, 0, set_disposition },
	{ 20, 8, 0, set_end },
	{ 64, 4, NEW_CLASSES, set_disposition_flags },
	{ 65, sizeof(struct rename), NEW_CLASSES, set_name },
};

/* The folder that a file is in, for a new name without one. */
static void name_beside(const struct _FILE_OBJECT *object, struct wv_path *path, u32 *used)
{
	const u16 *own = (const u16 *)object->FileName.Buffer;
	u32 length = object->FileName.Length / 2u;

	while (length && own[length - 1] != '\\')
		length--;
	memcpy(path->name, u"\\??\\C:", 12);
	memcpy(path->name + 6, own, length * 2);
	*used = 6 + length;
}

/* The new name: a whole one, one below a root, or one in the folder where the file is. */
static ntstatus fetch_name(struct change *change)
{
	struct wv_request *request = change->request;
	u32 mode = request->call.mode, used = 0;
	struct wv_path path = { .root = NULL };
	struct rename rename;
	ntstatus status;
	u16 first = 0;
	word from = request->arguments[BUFFER] + RENAME_NAME;

	memcpy(&rename, change->bytes, sizeof(rename));
	if (rename.length > (u32)request->arguments[LENGTH] - RENAME_NAME || rename.length & 1 ||
	    !rename.length)
		return STATUS_INVALID_PARAMETER;
	if (!wv_fetch(mode, &first, from, sizeof(first)))
		return STATUS_ACCESS_VIOLATION;
	if (rename.root)
		status = wv_reach(rename.root, WV_FILE, mode, &path.root);
	else
		status = STATUS_SUCCESS;
	if (status)
		return status;
	path.name = wv_pool_take(POOL_PAGED, change->object->FileName.Length + 16u + rename.length,
				 TAG('I', 'o', 'N', 'm'));
	if (!rename.root && first != '\\')
		name_beside(change->object, &path, &used);
	path.length = used + rename.length / 2;
	status = wv_fetch(mode, path.name + used, from, rename.length)
			 ? wv_name_file(&path, &change->name)
			 : STATUS_ACCESS_VIOLATION;
	wv_free_path(&path);
	return status;
}

static ntstatus do_change(struct change *change, ntstatus (*work)(struct change *change))
{
	ntstatus status = STATUS_INVALID_DEVICE_REQUEST;

	if (work == set_name)
		status = fetch_name(change);
	if (work == set_name && status)
		return status;
	change->file = lock_file(change->object);
	if (change->file) {
		status = work(change);
		wv_release(&wv_files_lock);
	}
	if (work == set_name)
		wv_pool_give((void *)change->name.Buffer);
	return status;
}

static ntstatus set(struct wv_request *request)
{
	const word *arguments = request->arguments;
	u32 room = (u32)arguments[LENGTH], mode = request->call.mode;
	struct change change = { .request = request };
	void *object;
	unsigned i = 0;
	ntstatus status;

	while (i < COUNT_OF(changes) &&
	       (changes[i].class != (u32)arguments[CLASS] || changes[i].since > WV_OS_BUILD))
		i++;
	if (i == COUNT_OF(changes))
		return STATUS_INVALID_INFO_CLASS;
	if (room < changes[i].least)
		return STATUS_INFO_LENGTH_MISMATCH;
	if (!wv_fetch(mode, change.bytes, arguments[BUFFER], changes[i].least))
		return STATUS_ACCESS_VIOLATION;
	status = wv_reach(arguments[HANDLE], WV_FILE, mode, &object);
	if (status)
		return status;
	change.object = object;
	return finish(request, do_change(&change, changes[i].change), 0);
}

static ntstatus delete_file(struct wv_request *request)
{
	struct _UNICODE_STRING name;
	struct wv_file *file;
	ntstatus status = fetch_argument(request, &name);

	if (status)
		return status;
	wv_take(&wv_files_lock);
	file = wv_file_find(wv_text_of(&name));
	status = !file			? STATUS_OBJECT_NAME_NOT_FOUND
		 : file->delete_pending ? STATUS_DELETE_PENDING
					: wv_file_may_go(file);
	if (status)
		wv_pool_give((void *)name.Buffer);
	else
		wv_file_delete(file, &name);
	wv_release(&wv_files_lock);
	return status;
}

const struct wv_handler wv_file_info_handlers[] = {
	{ "NtQueryInformationFile", query, "HsB.." },
	{ "NtSetInformationFile", set, "Hsi.." },
	{ "NtDeleteFile", delete_file, "o" },
	{ "NtQueryAttributesFile", query_attributes, "on" },
	{ "NtQueryFullAttributesFile", query_full_attributes, "oN" },
	{ .name = NULL },
};

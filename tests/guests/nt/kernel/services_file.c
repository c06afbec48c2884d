// SPDX-License-Identifier: GPL-2.0-or-later
/* Files: opened by name, read and written. */
#include "directory.h"
#include "file_path.h"
#include "pool.h"
#include "reach.h"
#include "service.h"

#define TRANSFER_MAX 0x10000u

#define FILE_READ_DATA	 1u /* rights */
#define FILE_WRITE_DATA	 2u
#define FILE_APPEND_DATA 4u
#define DELETE		 0x10000u
#define MAXIMUM_ALLOWED	 0x2000000u
#define GENERIC_ALL	 0x10000000u
#define GENERIC_WRITE	 0x40000000u
#define GENERIC_READ	 0x80000000u

#define FILE_DIRECTORY_FILE	1u /* options */
#define FILE_NON_DIRECTORY_FILE 0x40u
#define FILE_SYNCHRONOUS	0x30u
#define FILE_DELETE_ON_CLOSE	0x1000u

#define OBJ_CASE_INSENSITIVE 0x40u

/* What becomes of a name: what the caller is told of it, or 0 and that it can not be. */
enum { SUPERSEDED, OPENED, CREATED, OVERWRITTEN, NOTHING };

static const struct {
	u8 there, missing;
} dispositions[] = {
	{ SUPERSEDED, CREATED },  /* FILE_SUPERSEDE */
	{ OPENED, NOTHING },	  /* FILE_OPEN */
	{ NOTHING, CREATED },	  /* FILE_CREATE */
	{ OPENED, CREATED },	  /* FILE_OPEN_IF */
	{ OVERWRITTEN, NOTHING }, /* FILE_OVERWRITE */
	{ OVERWRITTEN, CREATED }, /* FILE_OVERWRITE_IF */
};

#define FILE_OPEN 1u

/* How a file is to be opened. */
struct how {
	u32 access, attributes, disposition, options;
	bool case_sensitive;
};

static bool wants(const struct how *how, u32 right, u32 generic)
{
	return how->access & (right | generic | GENERIC_ALL | MAXIMUM_ALLOWED);
}

static ntstatus check(const struct how *how)
{
	u32 kinds = FILE_DIRECTORY_FILE | FILE_NON_DIRECTORY_FILE;

	if (how->disposition >= COUNT_OF(dispositions) || (how->options & kinds) == kinds)
		return STATUS_INVALID_PARAMETER;
	if (how->options & FILE_DELETE_ON_CLOSE && !wants(how, DELETE, 0))
		return STATUS_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

static ntstatus check_kind(const struct wv_file *file, const struct how *how)
{
	if (file->delete_pending)
		return STATUS_DELETE_PENDING;
	if (how->options & FILE_DIRECTORY_FILE && !wv_is_folder(file))
		return STATUS_NOT_A_DIRECTORY;
	if (how->options & FILE_NON_DIRECTORY_FILE && wv_is_folder(file))
		return STATUS_FILE_IS_A_DIRECTORY;
	return how->options & FILE_DELETE_ON_CLOSE ? wv_file_may_go(file) : STATUS_SUCCESS;
}

static ntstatus open_existing(struct wv_file *file, const struct how *how, u8 *result)
{
	ntstatus status = check_kind(file, how);

	*result = dispositions[how->disposition].there;
	if (status)
		return status;
	if (*result == NOTHING)
		return STATUS_OBJECT_NAME_COLLISION;
	if (*result == OPENED)
		return STATUS_SUCCESS;
	if (wv_is_folder(file) || file->attributes & ATTRIBUTE_READONLY)
		return STATUS_ACCESS_DENIED;
	wv_file_resize(file, 0);
	file->touched = true;
	return STATUS_SUCCESS;
}

static ntstatus make_new(struct wv_path_text path, const struct how *how, struct wv_file **file,
			 u8 *result)
{
	u32 attributes = how->attributes & (ATTRIBUTE_READONLY | ATTRIBUTE_TEMPORARY);

	*result = dispositions[how->disposition].missing;
	if (!wv_file_parent(path))
		return STATUS_OBJECT_PATH_NOT_FOUND;
	if (*result == NOTHING)
		return STATUS_OBJECT_NAME_NOT_FOUND;
	if (how->options & FILE_DIRECTORY_FILE)
		attributes = ATTRIBUTE_DIRECTORY;
	*file = wv_file_make(path, attributes ? attributes : ATTRIBUTE_NORMAL);
	return STATUS_SUCCESS;
}

/* FO_...: of which options, or bits of anything else, each is made. */
static u32 object_flags(const struct how *how)
{
	static const struct {
		u32 option, flag;
	} rows[] = {
		{ 0x2, 0x10 }, /* FILE_WRITE_THROUGH */
		{ 0x4, 0x20 }, /* FILE_SEQUENTIAL_ONLY */
		{ 0x8, FO_NO_INTERMEDIATE_BUFFERING },
		{ 0x10, 0x4 | FO_SYNCHRONOUS_IO }, /* FILE_SYNCHRONOUS_IO_ALERT */
		{ 0x20, FO_SYNCHRONOUS_IO },
		{ 0x800, 0x100000 }, /* FILE_RANDOM_ACCESS */
		{ FILE_DELETE_ON_CLOSE, FO_DELETE_ON_CLOSE },
	};
	u32 flags = 0x40000; /* FO_HANDLE_CREATED */

	for (unsigned i = 0; i < COUNT_OF(rows); i++)
		if (how->options & rows[i].option)
			flags |= rows[i].flag;
	if (!(flags & FO_NO_INTERMEDIATE_BUFFERING))
		flags |= 0x40; /* FO_CACHE_SUPPORTED */
	if (how->attributes & ATTRIBUTE_TEMPORARY)
		flags |= 0x8000;			    /* FO_TEMPORARY_FILE */
	return flags | (how->case_sensitive ? 0x20000 : 0); /* FO_OPENED_CASE_SENSITIVE */
}

/* With the lock held. */
static ntstatus open_named(const struct _UNICODE_STRING *name, const struct how *how,
			   struct _FILE_OBJECT **object, u8 *result)
{
	struct wv_path_text path = wv_text_of(name);
	struct wv_file *file = wv_file_find(path);
	ntstatus status =
		file ? open_existing(file, how, result) : make_new(path, how, &file, result);

	if (status)
		return status;
	*object = wv_file_object(file, name, object_flags(how));
	(*object)->ReadAccess = wants(how, FILE_READ_DATA, GENERIC_READ);
	(*object)->WriteAccess = wants(how, FILE_WRITE_DATA | FILE_APPEND_DATA, GENERIC_WRITE);
	(*object)->DeleteAccess = wants(how, DELETE, 0);
	return STATUS_SUCCESS;
}

/* Whether the two places that something is put can be written; what is in them stays. */
static bool probe(u32 mode, word handle, word block)
{
	word none = 0, before[2];

	return wv_store(mode, handle, &none, sizeof(none)) &&
	       wv_fetch(mode, before, block, sizeof(before)) &&
	       wv_store(mode, block, before, sizeof(before));
}

/* The arguments that both ways to open a file begin with. */
static ntstatus open(struct wv_request *request, struct how how)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode;
	struct _FILE_OBJECT *object;
	struct _UNICODE_STRING name;
	word block[2] = { STATUS_SUCCESS };
	struct wv_path path;
	ntstatus status;
	u8 result;

	if (!probe(mode, arguments[0], arguments[3]))
		return STATUS_ACCESS_VIOLATION;
	how.access = (u32)arguments[1];
	status = check(&how);
	if (!status)
		status = wv_fetch_path(mode, arguments[2], &path);
	if (status)
		return status;
	how.case_sensitive = !(path.attributes & OBJ_CASE_INSENSITIVE);
	status = wv_name_file(&path, &name);
	wv_free_path(&path);
	if (status)
		return status;
	wv_take(&wv_files_lock);
	status = open_named(&name, &how, &object, &result);
	wv_release(&wv_files_lock);
	if (status) {
		wv_pool_give((void *)name.Buffer);
		return status;
	}
	status = wv_give_handle(arguments[0], object, how.access, path.attributes, mode);
	if (status == STATUS_INSUFFICIENT_RESOURCES) {
		wv_take(&wv_files_lock);
		wv_file_object_cancel(object);
		wv_release(&wv_files_lock);
	}
	block[1] = result;
	if (!status && !wv_store(mode, arguments[3], block, sizeof(block)))
		return STATUS_ACCESS_VIOLATION;
	return status;
}

static ntstatus create_file(struct wv_request *request)
{
	const word *arguments = request->arguments;

	return open(request, (struct how){ .attributes = (u32)arguments[5],
					   .disposition = (u32)arguments[7],
					   .options = (u32)arguments[8] });
}

static ntstatus open_file(struct wv_request *request)
{
	return open(request, (struct how){ .disposition = FILE_OPEN,
					   .options = (u32)request->arguments[5] });
}

/* Bytes ----------------------------------------------------------------------------------------*/

enum { FILE, EVENT, ROUTINE, ROUTINE_CONTEXT, STATUS_BLOCK, BUFFER, SIZE, OFFSET, KEY };

#define AT_POSITION (-2ll)
#define AT_END	    (-1ll)

/* What is to be done, once all that a caller has handed over is known. */
struct transfer {
	struct _FILE_OBJECT *object;
	u8 *buffer;
	long long offset;
	u32 size, done;
};

/* Where it begins: NULL, or a special offset, is where the last one of this FILE_OBJECT ended. */
static ntstatus find_offset(struct wv_request *request, struct transfer *transfer)
{
	word at = request->arguments[OFFSET];

	transfer->offset = AT_POSITION;
	if (at && !wv_fetch(request->call.mode, &transfer->offset, at, sizeof(transfer->offset)))
		return STATUS_ACCESS_VIOLATION;
	if (transfer->offset == AT_POSITION && transfer->object->Flags & FO_SYNCHRONOUS_IO)
		transfer->offset = transfer->object->CurrentByteOffset.QuadPart;
	return transfer->offset < AT_END ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

static ntstatus get(struct wv_file *file, struct transfer *transfer)
{
	u64 size = wv_file_size(file), offset = (u64)transfer->offset;

	if (!transfer->object->ReadAccess)
		return STATUS_ACCESS_DENIED;
	if (transfer->offset == AT_END)
		return STATUS_INVALID_PARAMETER;
	if (!transfer->size)
		return STATUS_SUCCESS;
	if (offset >= size)
		return STATUS_END_OF_FILE;
	transfer->done = size - offset < transfer->size ? (u32)(size - offset) : transfer->size;
	wv_file_get(file, offset, transfer->buffer, transfer->done);
	return STATUS_SUCCESS;
}

static ntstatus put(struct wv_file *file, struct transfer *transfer)
{
	struct _FILE_OBJECT *object = transfer->object;

	if (!object->WriteAccess)
		return STATUS_ACCESS_DENIED;
	if (transfer->offset == AT_END)
		transfer->offset = (long long)wv_file_size(file);
	if (!transfer->size)
		return STATUS_SUCCESS;
	if ((u64)transfer->offset + transfer->size > wv_file_size(file)) {
		wv_file_resize(file, (u64)transfer->offset + transfer->size);
		object->Flags |= FO_FILE_SIZE_CHANGED;
	}
	transfer->done = transfer->size;
	if (object->Flags & FO_NO_INTERMEDIATE_BUFFERING)
		wv_file_put_on_disk(file, (u64)transfer->offset, transfer->size);
	else
		wv_file_put(file, (u64)transfer->offset, transfer->buffer, transfer->size);
	wv_file_object_written(object);
	return STATUS_SUCCESS;
}

static ntstatus do_transfer(struct transfer *transfer,
			    ntstatus (*work)(struct wv_file *file, struct transfer *transfer))
{
	ntstatus status = STATUS_INVALID_DEVICE_REQUEST;
	struct wv_file *file;

	wv_take(&wv_files_lock);
	file = wv_file_of(transfer->object);
	if (file && !wv_is_folder(file))
		status = work(file, transfer);
	if (!status && transfer->object->Flags & FO_SYNCHRONOUS_IO)
		transfer->object->CurrentByteOffset.QuadPart = transfer->offset + transfer->done;
	wv_release(&wv_files_lock);
	return status;
}

static ntstatus transfer(struct wv_request *request, bool write)
{
	const word *arguments = request->arguments;
	struct transfer transfer = { .size = (u32)arguments[SIZE] };
	u32 mode = request->call.mode;
	word block[2];
	ntstatus status;
	void *object;
	bool ok;

	status = wv_reach(arguments[FILE], WV_FILE, mode, &object);
	transfer.object = object;
	if (!status)
		status = find_offset(request, &transfer);
	if (status)
		return status;
	if (transfer.size > TRANSFER_MAX)
		return STATUS_INVALID_PARAMETER;
	transfer.buffer = wv_pool_take(POOL_PAGED, transfer.size + 1, TAG('I', 'o', 'B', 'f'));
	ok = !write || wv_fetch(mode, transfer.buffer, arguments[BUFFER], transfer.size);
	if (ok)
		status = do_transfer(&transfer, write ? put : get);
	if (!write && !status)
		ok = wv_store(mode, arguments[BUFFER], transfer.buffer, transfer.done);
	wv_pool_give(transfer.buffer);
	block[0] = status;
	block[1] = transfer.done;
	if (!ok || !wv_store(mode, arguments[STATUS_BLOCK], block, sizeof(block)))
		return STATUS_ACCESS_VIOLATION;
	return status;
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

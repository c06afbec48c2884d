// SPDX-License-Identifier: GPL-2.0-or-later
/* Open files: FILE_OBJECTs, from the first handle to the end of the last one. */
#include "directory.h"
#include "file.h"
#include "name.h"
#include "pool.h"
#include "truth.h"

#define IO_FILE	  5  /* the I/O manager's own types of objects */
#define GONE	  64 /* so many are gone before the first one's memory is used again */
#define TEXT_MAX  5100u
#define RUNS_ROOM (64u << 10)

/* What a FILE_OBJECT's FsContext2 leads to. */
struct opened {
	unsigned needed; /* by its handles, all of them one; by section and cache */
	bool on_close;	 /* the file goes when the last handle is closed */
	bool written;
};

static struct opened *opened_of(const struct _FILE_OBJECT *object)
{
	return (struct opened *)object->FsContext2;
}

/* Who holds one of these for a moment, on another CPU, does not hold something else. */
static void *gone[GONE];
static unsigned gone_count;

static void take_apart(struct _FILE_OBJECT *object)
{
	wv_pool_give((void *)object->FileName.Buffer);
	wv_pool_give((void *)object->FsContext2);
}

static void free_later(struct _FILE_OBJECT *object)
{
	void **place = &gone[gone_count++ % GONE];
	struct _FILE_OBJECT *first = *place;

	object->FsContext = NULL;
	*place = object;
	if (!first)
		return;
	take_apart(first);
	wv_object_free(first);
}

static void fill_in(struct _FILE_OBJECT *object, struct wv_file *file,
		    const struct _UNICODE_STRING *name, u32 flags)
{
	struct opened *opened = wv_pool_take(POOL_PAGED, sizeof(*opened), TAG('N', 't', 'f', 'c'));

	opened->needed = 1;
	opened->on_close = flags & FO_DELETE_ON_CLOSE;
	object->Type = IO_FILE;
	object->Size = SIZE__FILE_OBJECT;
	object->DeviceObject = wv_volume;
	object->Flags = flags;
	object->FsContext = file;
	object->FsContext2 = opened;
	object->SectionObjectPointer = &file->pointers;
	memcpy((void *)&object->FileName, name, sizeof(*name));
	file->opens++;
}

struct _FILE_OBJECT *wv_file_object(struct wv_file *file, const struct _UNICODE_STRING *name,
				    u32 flags)
{
	struct _FILE_OBJECT *object = wv_object_create(WV_FILE, SIZE__FILE_OBJECT, NULL);

	fill_in(object, file, name, flags);
	if (!file->owner) {
		file->owner = object;
		wv_file_object_keep(object);
	}
	return object;
}

void wv_file_object_keep(struct _FILE_OBJECT *object)
{
	opened_of(object)->needed++;
}

void wv_file_object_let_go(struct _FILE_OBJECT *object)
{
	if (!--opened_of(object)->needed)
		free_later(object);
}

void wv_file_object_written(struct _FILE_OBJECT *object)
{
	object->Flags |= FO_FILE_MODIFIED;
	opened_of(object)->written = true;
}

void wv_file_object_on_close(struct _FILE_OBJECT *object, bool goes)
{
	opened_of(object)->on_close = goes;
}

void wv_file_object_cancel(struct _FILE_OBJECT *object)
{
	wv_file_of(object)->opens--;
	wv_file_object_let_go(object);
}

ntstatus wv_file_may_go(const struct wv_file *file)
{
	if (file->attributes & ATTRIBUTE_READONLY)
		return STATUS_CANNOT_DELETE;
	return wv_is_folder(file) && !wv_folder_is_empty(file) ? STATUS_DIRECTORY_NOT_EMPTY
							       : STATUS_SUCCESS;
}

/* Whether the file goes with this FILE_OBJECT's last handle. */
static bool is_end_of(struct wv_file *file, const struct _FILE_OBJECT *object)
{
	if (opened_of(object)->on_close && !wv_file_may_go(file))
		file->delete_pending = true;
	return !--file->opens && file->delete_pending && !file->removed;
}

static void tell(const struct wv_call *call, const struct _FILE_OBJECT *object, bool removed)
{
	const struct wv_file *file = wv_file_of(object);
	const struct opened *opened = opened_of(object);
	bool asked = opened->on_close || object->DeletePending;
	struct wv_json runs = { .room = RUNS_ROOM };
	u16 *name = wv_pool_take(POOL_PAGED, TEXT_MAX * 2, TAG('W', 'v', 'T', 'x'));
	unsigned length = wv_file_name(object, name, TEXT_MAX);

	runs.text = wv_pool_take(POOL_PAGED, runs.room, TAG('W', 'v', 'R', 'u'));
	wv_json_open(&runs, NULL, '[');
	if (asked || opened->written)
		wv_file_tell(file, &runs);
	wv_json_close(&runs, ']');
	if (wv_fact_call(call)) {
		wv_fact_hex("object", (word)object);
		wv_json_wide(wv_fact_json(), "name", name, length);
		wv_fact_hex("flags", object->Flags);
		wv_fact_bool("folder", wv_is_folder(file));
		wv_fact_bool("asked", asked);
		wv_fact_bool("removed", removed);
		wv_fact_bool("written", opened->written);
		wv_fact_int("opens", file->opens);
		wv_fact_int("size", (long long)wv_file_size(file));
		wv_fact_hex("number", file->number);
		wv_fact_bool("touched", file->touched);
		wv_json_value(wv_fact_json(), "runs", &runs);
		wv_fact_end();
	}
	wv_pool_give(runs.text);
	wv_pool_give(name);
}

static void remove(struct wv_file *file)
{
	wv_file_drop(file);
	wv_pool_give((void *)file->path.Buffer);
	wv_pool_give(file);
}

NTAPI void wv_IopCloseFile(struct _EPROCESS *process, void *closed, word of_process, word of_all)
{
	struct _FILE_OBJECT *object = closed;
	struct wv_file *file = wv_file_of(object);
	struct wv_call call;
	bool removed;

	(void)of_process;
	if (of_all != 1 || !file)
		return;
	call = wv_enter("IopCloseFile");
	wv_take(&wv_files_lock);
	removed = is_end_of(file, object);
	if (removed) {
		wv_file_take_out(file);
		file->removed = true;
	}
	wv_release(&wv_files_lock);
	tell(&call, object, removed);
	wv_take(&wv_files_lock);
	object->Flags |= FO_CLEANUP_COMPLETE;
	if (removed)
		remove(file);
	if (process)
		wv_file_object_let_go(object);
	wv_release(&wv_files_lock);
}

void wv_file_delete(struct wv_file *file, const struct _UNICODE_STRING *name)
{
	struct _FILE_OBJECT object;

	memset(&object, 0, sizeof(object));
	fill_in(&object, file, name, FO_DELETE_ON_CLOSE);
	wv_release(&wv_files_lock);
	IopCloseFile(NULL, &object, 0, 1);
	take_apart(&object);
	wv_take(&wv_files_lock);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Handle tables, with the entries that the build has: whole pointers, or 44 bits of them. */
#include "handle.h"
#include "end.h"
#include "file.h"
#include "memory.h"
#include "object.h"
#include "pool.h"
#include "truth.h"

#define PER_LEAF  (PAGE / SIZE__HANDLE_TABLE_ENTRY)
#define PER_TABLE (PAGE / WV_POINTER)
#define LEVELS	  3
#define FIRST_ID  3004u
#define IDS_FREE  8u /* so many others become free before an id is used again */

static struct wv_lock lock; /* of all entries, and of the counts in the objects' headers */

struct _HANDLE_TABLE *wv_handle_table(struct _EPROCESS *owner)
{
	struct _HANDLE_TABLE *table =
		wv_pool_take(POOL_PAGED, sizeof(*table), TAG('O', 'b', 't', 'b'));

	table->TableCode = (word)wv_kernel_pages(1);
	table->QuotaProcess = owner;
	wv_list_init(&table->HandleTableList);
	return table;
}

/* The entry of a handle; NULL where there is none and none is to be made. */
static HANDLE_TABLE_ENTRY *entry_of(struct _HANDLE_TABLE *table, word handle, bool make)
{
	word index = (handle & 0x7fffffff) / 4, reach = PER_LEAF;
	unsigned level = (unsigned)(table->TableCode & 3);
	word *node = (word *)(word)(table->TableCode & ~(word)3);

	for (unsigned i = 0; i < level; i++)
		reach *= PER_TABLE;
	while (index >= reach && make && level + 1 < LEVELS) {
		word *above = wv_kernel_pages(1);

		above[0] = (word)node;
		node = above;
		table->TableCode = (word)node | ++level;
		reach *= PER_TABLE;
	}
	if (index >= reach)
		return NULL;
	for (; level; level--) {
		reach /= PER_TABLE;
		if (!node[index / reach] && make)
			node[index / reach] = (word)wv_kernel_pages(1);
		node = (word *)node[index / reach];
		if (!node)
			return NULL;
		index %= reach;
	}
	return (void *)((u8 *)node + index * SIZE__HANDLE_TABLE_ENTRY);
}

static void set(HANDLE_TABLE_ENTRY *entry, void *pointer, u32 access)
{
#ifdef OFF__HANDLE_TABLE_ENTRY_ObjectPointerBits
	entry->RefCnt = 0x7ff0 + wv_draw(16);
	entry->Attributes = wv_draw(8);
	entry->ObjectPointerBits = (word)pointer >> 4;
	entry->GrantedAccessBits = access;
	entry->Unlocked = 1;
#else
	/* The lock, and attributes. */
	entry->Object = (void *)((word)pointer | 1 | wv_draw(2) << 1);
	entry->GrantedAccess = access;
#endif
}

static void *get(const HANDLE_TABLE_ENTRY *entry)
{
#ifdef OFF__HANDLE_TABLE_ENTRY_ObjectPointerBits
	return entry->ObjectPointerBits
		       ? (void *)((word)entry->ObjectPointerBits << 4 | 0xffff000000000000)
		       : NULL;
#else
	return (void *)((word)entry->Object & ~(word)7);
#endif
}

void wv_handle_put(struct _HANDLE_TABLE *table, word handle, void *object, u32 access)
{
	set(entry_of(table, handle, true), wv_header_of(object), access);
	wv_header_of(object)->PointerCount++;
	wv_header_of(object)->HandleCount++;
#ifdef OFF__HANDLE_TABLE_HandleCount
	table->HandleCount++;
#endif
	if (table->NextHandleNeedingPool < handle + 4)
		table->NextHandleNeedingPool = (u32)((handle / 4 / PER_LEAF + 1) * PER_LEAF * 4);
}

word wv_handle_new(struct _HANDLE_TABLE *table, void *object, u32 access)
{
	word handle;

	wv_take(&lock);
	for (handle = 4; handle < PER_LEAF * 4; handle += 4)
		if (!get(entry_of(table, handle, true)))
			break;
	if (handle < PER_LEAF * 4)
		wv_handle_put(table, handle, object, access);
	else
		handle = 0;
	wv_release(&lock);
	return handle;
}

void *wv_handle_object(struct _HANDLE_TABLE *table, word handle)
{
	HANDLE_TABLE_ENTRY *entry = entry_of(table, handle, false);
	u8 *header = entry ? get(entry) : NULL;

	return header ? header + OFF__OBJECT_HEADER_Body : NULL;
}

void wv_handle_close(struct _HANDLE_TABLE *table, word handle)
{
	word left = 0;
	void *object;

	wv_take(&lock);
	object = wv_handle_object(table, handle);
	if (object) {
		memset(entry_of(table, handle, false), 0, SIZE__HANDLE_TABLE_ENTRY);
		wv_header_of(object)->PointerCount--;
		left = (word)--wv_header_of(object)->HandleCount;
	}
	wv_release(&lock);
	if (!object)
		return;
	/* The type's CloseProcedure: of one process's handles this guest keeps no count. */
	if (wv_type_of(object) == wv_types[WV_FILE])
		IopCloseFile((void *)table->QuotaProcess, object, 1, left + 1);
	if (!left)
		wv_reap_later(object);
}

void wv_handles_close(struct _HANDLE_TABLE *table)
{
	word most = PER_LEAF;

	for (unsigned i = 0; i < (table->TableCode & 3); i++)
		most *= PER_TABLE;
	for (word index = 1; index < most; index++) {
		if (!entry_of(table, index * 4, false))
			index |= PER_LEAF - 1;
		else
			wv_handle_close(table, index * 4);
	}
}

/* Ids that were removed: as in Windows, the one that has been free for longest is used first. */
static struct {
	struct wv_lock lock;
	word next;		 /* that nobody has had */
	unsigned taken, removed; /* ever */
	struct {
		word id;
		u64 since; /* the call in which it was removed */
	} free[256];
} ids = { .next = FIRST_ID };

static bool may_take(u64 call)
{
	return ids.removed - ids.taken > IDS_FREE &&
	       ids.free[ids.taken % COUNT_OF(ids.free)].since < call;
}

word wv_id_next(u64 call)
{
	word id;

	wv_take(&ids.lock);
	if (may_take(call)) {
		id = ids.free[ids.taken++ % COUNT_OF(ids.free)].id;
	} else {
		/* those that are there from the start have some of their own */
		while (wv_id_object(ids.next))
			ids.next += 4;
		id = ids.next;
		ids.next += 4;
	}
	wv_release(&ids.lock);
	return id;
}

void wv_id_remove(word id, u64 call)
{
	unsigned at;

	memset(entry_of(PspCidTable, id, true), 0, SIZE__HANDLE_TABLE_ENTRY);
	wv_take(&ids.lock);
	at = ids.removed % COUNT_OF(ids.free);
	/* of more than there is room for, nobody gets this one again */
	if (ids.removed - ids.taken < COUNT_OF(ids.free)) {
		ids.free[at].id = id;
		ids.free[at].since = call;
		ids.removed++;
	}
	wv_release(&ids.lock);
}

void *wv_id_object(word id)
{
	HANDLE_TABLE_ENTRY *entry = entry_of(PspCidTable, id, false);

	return entry ? get(entry) : NULL;
}

void wv_id_put(word id, void *object)
{
	if (!PspCidTable)
		PspCidTable = wv_handle_table(NULL);
	set(entry_of(PspCidTable, id, true), object, 0);
}

void wv_tell_handles(struct _EPROCESS *process)
{
	struct _HANDLE_TABLE *table = process->ObjectTable;
	word most = PER_LEAF;

	for (unsigned i = 0; table && i < (table->TableCode & 3); i++)
		most *= PER_TABLE;
	for (word index = 1; table && index < most; index++) {
		void *object = wv_handle_object(table, index * 4);

		/* Whole leaves that are not there are left out at once. */
		if (!entry_of(table, index * 4, false)) {
			index |= PER_LEAF - 1;
			continue;
		}
		if (!object)
			continue;
		wv_fact("handle");
		wv_fact_int("pid", (long long)(word)process->UniqueProcessId);
		wv_fact_hex("handle", index * 4);
		wv_fact_int("levels", (long long)(table->TableCode & 3) + 1);
		wv_fact_hex("object", (word)object);
		wv_fact_wide("type_name", &wv_type_of(object)->Name);
		wv_fact_end();
	}
}

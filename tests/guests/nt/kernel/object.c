// SPDX-License-Identifier: GPL-2.0-or-later
/* Objects and their types, with the optional headers that Windows puts before _OBJECT_HEADER. */
#include "object.h"
#include "guarded.h"
#include "memory.h"
#include "pool.h"
#include "process.h"
#include "truth.h"

#define INFO_CREATOR 1u /* bits of InfoMask: which optional headers are there */
#define INFO_NAME    2u
#define INFO_HANDLE  4u
#define INFO_QUOTA   8u

#define FIRST_INDEX 2 /* the table of types begins with two entries that are none */

struct _OBJECT_TYPE *wv_types[WV_TYPES];

static const struct {
	const char *name, *key;
} types[WV_TYPES] = {
	[WV_TYPE] = { "Type", "ObjT" },
	[WV_DIRECTORY] = { "Directory", "Dire" },
	[WV_SYMBOLIC_LINK] = { "SymbolicLink", "Symb" },
	[WV_TOKEN] = { "Token", "Toke" },
	[WV_JOB] = { "Job", "Job " },
	[WV_PROCESS] = { "Process", "Proc" },
	[WV_THREAD] = { "Thread", "Thre" },
	[WV_EVENT] = { "Event", "Even" },
	[WV_MUTANT] = { "Mutant", "Muta" },
	[WV_SEMAPHORE] = { "Semaphore", "Sema" },
	[WV_TIMER] = { "Timer", "Time" },
	[WV_KEY] = { "Key", "Key " },
	[WV_FILE] = { "File", "File" },
	[WV_SECTION] = { "Section", "Sect" },
	[WV_DEVICE] = { "Device", "Devi" },
	[WV_DRIVER] = { "Driver", "Driv" },
	[WV_DESKTOP] = { "Desktop", "Desk" },
	[WV_PORT] = { "ALPC Port", "ALPC" },
	[WV_IO_COMPLETION] = { "IoCompletion", "IoCo" },
	[WV_KEYED_EVENT] = { "KeyedEvent", "Keye" },
	[WV_ODD] = { "W\xffvern \"\\", "W\xff\x01\0" },
};

extern void *ObTypeIndexTable[];
#ifdef HAS_ObHeaderCookie
extern u8 ObHeaderCookie;
#endif
#ifdef HAS_ObpInfoMaskToOffset
extern u8 ObpInfoMaskToOffset[];
#endif
#ifdef HAS_ObpRootDirectoryObject
extern void *ObpRootDirectoryObject;
#endif
#ifdef HAS_ObpTypeObjectType
extern struct _OBJECT_TYPE *ObpTypeObjectType;
#endif
#ifdef HAS_ObpKernelHandleTable
extern struct _HANDLE_TABLE *ObpKernelHandleTable;
#endif
extern struct _OBJECT_TYPE *PsProcessType, *PsThreadType, *IoFileObjectType, *CmKeyObjectType;

static const unsigned info_sizes[] = {
	SIZE__OBJECT_HEADER_CREATOR_INFO,
	SIZE__OBJECT_HEADER_NAME_INFO,
	SIZE__OBJECT_HEADER_HANDLE_INFO,
	SIZE__OBJECT_HEADER_QUOTA_INFO,
};

/* How far before the header the optional headers of a mask begin. */
static unsigned info_size(unsigned mask)
{
	unsigned size = 0;

	for (unsigned bit = 0; bit < COUNT_OF(info_sizes); bit++)
		if (mask & 1u << bit)
			size += info_sizes[bit];
	return size;
}

struct _OBJECT_HEADER *wv_header_of(void *object)
{
	return (struct _OBJECT_HEADER *)((u8 *)object - OFF__OBJECT_HEADER_Body);
}

static u8 hidden_index(const struct _OBJECT_HEADER *header, u8 index)
{
#ifdef HAS_ObHeaderCookie
	return index ^ ObHeaderCookie ^ (u8)((word)header >> 8);
#else
	(void)header;
	return index;
#endif
}

struct _OBJECT_TYPE *wv_type_of(void *object)
{
	struct _OBJECT_HEADER *header = wv_header_of(object);

	return ObTypeIndexTable[hidden_index(header, header->TypeIndex)];
}

void wv_string_wide(struct _UNICODE_STRING *string, const u16 *text)
{
	u16 length = 0;

	while (text[length])
		length++;
	string->Length = length * 2;
	string->MaximumLength = length * 2 + 2;
	string->Buffer = wv_pool_take(POOL_PAGED, string->MaximumLength, TAG('O', 'b', 'N', 'm'));
	memcpy((void *)string->Buffer, text, string->MaximumLength);
}

void wv_string(struct _UNICODE_STRING *string, const char *text)
{
	u16 wide[128];
	unsigned i;

	for (i = 0; text[i] && i + 1 < COUNT_OF(wide); i++)
		wide[i] = (u8)text[i];
	wide[i] = 0;
	wv_string_wide(string, wide);
}

/* Lays out an object in a block that has room for it. */
static void *place(u8 *block, unsigned mask, u8 index)
{
	struct _OBJECT_HEADER *header = (void *)(block + info_size(mask));

	header->PointerCount = 1;
	header->TypeIndex = hidden_index(header, index);
	header->InfoMask = (u8)mask;
	header->Flags = 2; /* made by the kernel */
	return (u8 *)header + OFF__OBJECT_HEADER_Body;
}

struct _OBJECT_HEADER_NAME_INFO *wv_name_info(void *object)
{
	struct _OBJECT_HEADER *header = wv_header_of(object);

	if (!(header->InfoMask & INFO_NAME))
		return NULL;
	return (void *)((u8 *)header - info_size(INFO_NAME) -
			(header->InfoMask & INFO_CREATOR ? info_sizes[0] : 0));
}

static void *create(enum wv_type type, size_t size, bool named)
{
	unsigned mask =
		INFO_HANDLE | (named ? INFO_NAME : 0) | (type == WV_TYPE ? INFO_CREATOR : 0);
	u8 *block = wv_pool_take(POOL_NON_PAGED, info_size(mask) + SIZE__OBJECT_HEADER + size,
				 wv_types[type] ? wv_types[type]->Key : TAG('O', 'b', 'j', 'T'));
	void *object = place(block, mask, (u8)(FIRST_INDEX + type));

	memset(object, 0, size);
	return object;
}

void *wv_object_create(enum wv_type type, size_t size, const char *name)
{
	void *object = create(type, size, name);

	if (name)
		wv_string(&wv_name_info(object)->Name, name);
	return object;
}

void *wv_object_create_in(enum wv_type type, size_t size, struct _OBJECT_DIRECTORY *directory,
			  const u16 *name)
{
	void *object = create(type, size, true);

	wv_string_wide(&wv_name_info(object)->Name, name);
	wv_name_info(object)->Directory = directory;
	return object;
}

void wv_object_free(void *object)
{
	struct _OBJECT_HEADER *header = wv_header_of(object);

	wv_pool_give((u8 *)header - info_size(header->InfoMask));
}

void wv_spare_put(struct wv_spares *spares, void *object)
{
	wv_take(&spares->lock);
	*(void **)object = spares->first;
	spares->first = object;
	wv_release(&spares->lock);
}

void *wv_spare_take(struct wv_spares *spares)
{
	void *object;

	wv_take(&spares->lock);
	object = spares->first;
	if (object)
		spares->first = *(void **)object;
	wv_release(&spares->lock);
	if (object)
		wv_header_of(object)->PointerCount = 1;
	return object;
}

static void make_type(enum wv_type number)
{
	struct _OBJECT_TYPE *type =
		wv_object_create(WV_TYPE, SIZE__OBJECT_TYPE, types[number].name);

	wv_types[number] = type;
	wv_list_init(&type->TypeList);
	wv_string(&type->Name, types[number].name);
	type->Index = FIRST_INDEX + number;
	memcpy(&type->Key, types[number].key, 4);
	type->TypeInfo.Length = SIZE__OBJECT_TYPE_INITIALIZER;
	type->TypeInfo.PoolType = number == WV_KEY || number == WV_DIRECTORY ? POOL_PAGED
				  : WV_OS_BUILD < 9200			     ? POOL_NON_PAGED
									     : POOL_NX;
	type->TypeInfo.ValidAccessMask = 0x1f0fff;
	ObTypeIndexTable[FIRST_INDEX + number] = type;
}

void wv_objects_init(void)
{
#ifdef HAS_ObHeaderCookie
	ObHeaderCookie = (u8)wv_draw(256);
#endif
#ifdef HAS_ObpInfoMaskToOffset
	for (unsigned mask = 0; mask < 16; mask++)
		ObpInfoMaskToOffset[mask] = (u8)info_size(mask);
#endif
	ObTypeIndexTable[1] = (void *)(word)0xbad0b0b0;
	for (unsigned i = 0; i < WV_TYPES; i++)
		make_type(i);
#ifdef HAS_ObpTypeObjectType
	ObpTypeObjectType = wv_types[WV_TYPE];
#endif
	PsProcessType = wv_types[WV_PROCESS];
	PsThreadType = wv_types[WV_THREAD];
	IoFileObjectType = wv_types[WV_FILE];
	CmKeyObjectType = wv_types[WV_KEY];
#ifdef HAS_ObpRootDirectoryObject
	ObpRootDirectoryObject = wv_object_create(WV_DIRECTORY, SIZE__OBJECT_DIRECTORY, "\\");
#endif
}

/* A type's name as it can be read now; false when it can not. */
static bool read_name(const struct _OBJECT_TYPE *type, struct _UNICODE_STRING *name, u16 *room,
		      size_t size)
{
	*name = type->Name;
	name->Buffer = (void *)room;
	return type->Name.Length <= size &&
	       !wv_copy_guarded(room, (const void *)type->Name.Buffer, type->Name.Length);
}

NTAPI ntstatus wv_ObCreateObject(u8 probe_mode, struct _OBJECT_TYPE *type,
				 struct _OBJECT_ATTRIBUTES *attributes, u8 owner_mode,
				 void *context, u32 size, u32 paged, u32 non_paged, void **object)
{
	struct wv_call call = wv_enter("ObCreateObject");
	const char *memory = wv_memory_state(wv_process_info(call.process)->root, (word)type);
	struct _OBJECT_TYPE copy;
	bool readable = !wv_copy_guarded(&copy, type, sizeof(copy));
	ntstatus status = STATUS_ACCESS_VIOLATION;
	struct _UNICODE_STRING name;
	bool named = false;
	void *made = NULL;
	u16 room[64];

	if (readable)
		named = read_name(&copy, &name, room, sizeof(room));
	if (readable && copy.Index) {
		u8 *block = ExAllocatePoolWithTag(
			copy.TypeInfo.PoolType, info_size(INFO_QUOTA) + SIZE__OBJECT_HEADER + size,
			copy.Key | POOL_PROTECTED);

		status = block ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
		if (block)
			made = place(block, INFO_QUOTA, (u8)copy.Index);
	}
	*object = made;
	if (!wv_fact_call(&call))
		return status;
	wv_fact_hex("probe_mode", probe_mode);
	wv_fact_hex("type", (word)type);
	wv_fact_text("type_memory", memory);
	if (readable)
		wv_fact_bytes("key", &copy.Key, 4);
	else
		wv_fact_null("key");
	if (named)
		wv_fact_wide("type_name", &name);
	else
		wv_fact_null("type_name");
	wv_fact_hex("attributes", (word)attributes);
	wv_fact_hex("owner_mode", owner_mode);
	wv_fact_hex("context", (word)context);
	wv_fact_hex("size", size);
	wv_fact_hex("paged", paged);
	wv_fact_hex("non_paged", non_paged);
	wv_fact_hex("object", (word)made);
	wv_fact_hex("result", status);
	wv_fact_end();
	return status;
}

void wv_tell_types(void)
{
	for (unsigned i = 0; i < WV_TYPES; i++) {
		wv_fact("type");
		wv_fact_int("index", wv_types[i]->Index);
		wv_fact_wide("name", &wv_types[i]->Name);
		wv_fact_bytes("key", &wv_types[i]->Key, 4);
		wv_fact_hex("address", (word)wv_types[i]);
		wv_fact_end();
	}
}

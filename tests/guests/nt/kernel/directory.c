// SPDX-License-Identifier: GPL-2.0-or-later
/* The tree of named objects: OBJECT_DIRECTORY, with its buckets. */
#include "directory.h"
#include "file.h"
#include "pool.h"
#include "reach.h"

#define BUCKETS	 37u
#define NAME_MAX 32766u /* bytes */

struct _DEVICE_OBJECT *wv_volume;
static struct wv_lock lock;
static struct _OBJECT_DIRECTORY *root;
#ifdef HAS_ObpRootDirectoryObject
extern void *ObpRootDirectoryObject;
#endif

static u16 upper(u16 character)
{
	return character >= 'a' && character <= 'z' ? character - 32 : character;
}

static u32 hash_of(const u16 *name, unsigned length)
{
	u32 hash = 0;

	for (unsigned i = 0; i < length; i++)
		hash += (hash << 1) + (hash >> 1) + upper(name[i]);
	return hash;
}

static bool is_named(void *object, const u16 *name, unsigned length)
{
	const struct _UNICODE_STRING *own = (void *)&wv_name_info(object)->Name;

	if (own->Length != length * 2)
		return false;
	for (unsigned i = 0; i < length; i++)
		if (upper(((const u16 *)own->Buffer)[i]) != upper(name[i]))
			return false;
	return true;
}

static struct _OBJECT_DIRECTORY_ENTRY **bucket_of(struct _OBJECT_DIRECTORY *folder, u32 hash)
{
	return (struct _OBJECT_DIRECTORY_ENTRY **)(void *)&folder->HashBuckets[hash % BUCKETS];
}

void wv_insert_object(struct _OBJECT_DIRECTORY *folder, void *object)
{
	const struct _UNICODE_STRING *name = (void *)&wv_name_info(object)->Name;
	u32 hash = hash_of((const u16 *)name->Buffer, name->Length / 2u);
	struct _OBJECT_DIRECTORY_ENTRY *entry =
		wv_pool_take(POOL_PAGED, sizeof(*entry), TAG('O', 'b', 'D', 'i'));
	struct _OBJECT_DIRECTORY_ENTRY **bucket = bucket_of(folder, hash);

	entry->Object = object;
	entry->HashValue = hash;
	wv_take(&lock);
	entry->ChainLink = *bucket;
	*bucket = entry;
	wv_release(&lock);
}

static void *find_in(struct _OBJECT_DIRECTORY *folder, const u16 *name, unsigned length)
{
	struct _OBJECT_DIRECTORY_ENTRY *entry;

	wv_take(&lock);
	entry = *bucket_of(folder, hash_of(name, length));
	while (entry && !is_named((void *)entry->Object, name, length))
		entry = (void *)entry->ChainLink;
	wv_release(&lock);
	return entry ? (void *)entry->Object : NULL;
}

ntstatus wv_fetch_path(u32 mode, word from, struct wv_path *path)
{
	struct _OBJECT_ATTRIBUTES attributes;
	struct _UNICODE_STRING name;
	ntstatus status = STATUS_SUCCESS;

	*path = (struct wv_path){ .root = NULL };
	if (!from)
		return STATUS_SUCCESS;
	if (!wv_fetch(mode, &attributes, from, sizeof(attributes)))
		return STATUS_ACCESS_VIOLATION;
	if (attributes.Length != sizeof(attributes))
		return STATUS_INVALID_PARAMETER;
	path->attributes = attributes.Attributes;
	if (attributes.RootDirectory)
		status = wv_reach((word)attributes.RootDirectory, WV_TYPES, mode, &path->root);
	if (status || !attributes.ObjectName)
		return status;
	if (!wv_fetch(mode, &name, (word)attributes.ObjectName, sizeof(name)))
		return STATUS_ACCESS_VIOLATION;
	if (name.Length & 1 || name.Length > NAME_MAX)
		return STATUS_OBJECT_NAME_INVALID;
	path->length = name.Length / 2u;
	path->name = wv_pool_take(POOL_PAGED, name.Length + 2u, TAG('O', 'b', 'N', 'm'));
	if (wv_fetch(mode, path->name, (word)name.Buffer, name.Length))
		return STATUS_SUCCESS;
	wv_free_path(path);
	return STATUS_ACCESS_VIOLATION;
}

void wv_free_path(struct wv_path *path)
{
	if (path->name)
		wv_pool_give(path->name);
	path->name = NULL;
}

ntstatus wv_find_object(const struct wv_path *path, void **object,
			struct _OBJECT_DIRECTORY **folder, const u16 **last)
{
	const u16 *at = path->name;
	unsigned length;

	*object = NULL;
	*folder = path->root ? path->root : root;
	if (!at || !path->length || wv_type_of(*folder) != wv_types[WV_DIRECTORY])
		return path->root && at ? STATUS_OBJECT_TYPE_MISMATCH : STATUS_OBJECT_NAME_INVALID;
	if (!path->root && *at++ != '\\')
		return STATUS_OBJECT_PATH_NOT_FOUND;
	for (;;) {
		*last = at;
		for (length = 0; at[length] && at[length] != '\\'; length++)
			;
		*object = find_in(*folder, at, length);
		at += length;
		if (!*at)
			return *object ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
		if (!*object || wv_type_of(*object) != wv_types[WV_DIRECTORY])
			return STATUS_OBJECT_PATH_NOT_FOUND;
		*folder = *object;
		at++;
	}
}

static struct _OBJECT_DIRECTORY *make_folder(const u16 *name)
{
	void *folder = wv_object_create_in(WV_DIRECTORY, SIZE__OBJECT_DIRECTORY, root, name);

	wv_insert_object(root, folder);
	return folder;
}

void wv_directories_init(void)
{
	static const u16 *const names[] = { u"BaseNamedObjects", u"KernelObjects", u"Windows",
					    u"RPC Control" };
	struct _OBJECT_DIRECTORY *devices;

#ifdef HAS_ObpRootDirectoryObject
	root = ObpRootDirectoryObject;
#else
	root = wv_object_create(WV_DIRECTORY, SIZE__OBJECT_DIRECTORY, "\\");
#endif
	for (unsigned i = 0; i < COUNT_OF(names); i++)
		make_folder(names[i]);
	devices = make_folder(u"Device");
	wv_volume =
		wv_object_create_in(WV_DEVICE, SIZE__DEVICE_OBJECT, devices, u"HarddiskVolume2");
	wv_insert_object(devices, wv_volume);
	wv_volume_init();
}

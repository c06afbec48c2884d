// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys of the registry: opened by name, under \REGISTRY or another key. There is one value in all.
 */
#include "directory.h"
#include "pool.h"
#include "process.h"
#include "reach.h"
#include "service.h"

#define KEY_BODY    0x6b793032u /* CM_KEY_BODY's mark */
#define CREATED_NEW 1u
#define PARTIAL	    2u /* KeyValuePartialInformation */
#define REG_DWORD   4u

/* One part of a path: its control block leads to that of the part before it. */
static struct _CM_KEY_CONTROL_BLOCK *make_part(struct _CM_KEY_CONTROL_BLOCK *parent,
					       const u16 *text, unsigned length, bool compressed)
{
	struct _CM_KEY_CONTROL_BLOCK *key =
		wv_pool_take(POOL_PAGED, SIZE__CM_KEY_CONTROL_BLOCK, TAG('C', 'M', 'k', 'b'));
	struct _CM_NAME_CONTROL_BLOCK *name = wv_pool_take(
		POOL_PAGED, SIZE__CM_NAME_CONTROL_BLOCK + length * 2, TAG('C', 'M', 'n', 'b'));
	u8 *bytes = (u8 *)name + OFF__CM_NAME_CONTROL_BLOCK_Name;

	key->RefCount = 1;
	key->ParentKcb = parent;
	key->NameBlock = name;
	name->Compressed = compressed;
	name->NameLength = (u16)(compressed ? length : length * 2);
	for (unsigned i = 0; compressed && i < length; i++)
		bytes[i] = (u8)text[i];
	if (!compressed)
		memcpy(bytes, text, length * 2);
	return key;
}

static ntstatus open_path(const struct wv_path *path, struct _CM_KEY_CONTROL_BLOCK **key)
{
	static const u16 registry[] = u"\\REGISTRY";
	const u16 *at = path->name;

	*key = NULL;
	if (!at)
		return STATUS_OBJECT_NAME_INVALID;
	if (path->root && wv_type_of(path->root) != wv_types[WV_KEY])
		return STATUS_OBJECT_TYPE_MISMATCH;
	if (path->root)
		*key = (void *)((struct _CM_KEY_BODY *)path->root)->KeyControlBlock;
	for (unsigned i = 0; !path->root && registry[i]; i++)
		if (at[i] != registry[i])
			return STATUS_OBJECT_PATH_NOT_FOUND;
	while (*at) {
		unsigned length = 0;
		bool compressed = true;

		while (*at == '\\')
			at++;
		while (at[length] && at[length] != '\\')
			compressed &= at[length++] < 0x100;
		if (length == 7 && at[0] == 'm' && at[6] == 'g')
			return STATUS_OBJECT_NAME_NOT_FOUND; /* "missing" */
		if (length)
			*key = make_part(*key, at, length, compressed);
		at += length;
	}
	return STATUS_SUCCESS;
}

static ntstatus open_key(struct wv_request *request)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode;
	struct _CM_KEY_CONTROL_BLOCK *block;
	struct _CM_KEY_BODY *body;
	struct wv_path path;
	word none = 0;
	ntstatus status;

	if (!wv_store(mode, arguments[0], &none, sizeof(none)))
		return STATUS_ACCESS_VIOLATION;
	status = wv_fetch_path(mode, arguments[2], &path);
	if (status)
		return status;
	status = open_path(&path, &block);
	wv_free_path(&path);
	if (status)
		return status;
	body = wv_object_create(WV_KEY, SIZE__CM_KEY_BODY, NULL);
	body->Type = KEY_BODY;
	body->KeyControlBlock = block;
	body->ProcessID = request->call.process->UniqueProcessId;
	return wv_give_handle(arguments[0], body, (u32)arguments[1], path.attributes, mode);
}

static ntstatus create_key(struct wv_request *request)
{
	u32 disposition = CREATED_NEW;
	ntstatus status = open_key(request);

	if (!status && request->arguments[6] &&
	    !wv_store(request->call.mode, request->arguments[6], &disposition, 4))
		return STATUS_ACCESS_VIOLATION;
	return status;
}

static ntstatus set_value(struct wv_request *request)
{
	void *key;

	return wv_reach(request->arguments[0], WV_KEY, request->call.mode, &key);
}

static ntstatus query_value(struct wv_request *request)
{
	const word *arguments = request->arguments;
	u32 mode = request->call.mode, value[4] = { 0, REG_DWORD, 4, 42 }, size = sizeof(value);
	ntstatus status;
	void *key;

	status = wv_reach(arguments[0], WV_KEY, mode, &key);
	if (status)
		return status;
	if ((u32)arguments[2] != PARTIAL)
		return STATUS_INVALID_PARAMETER;
	if (!wv_store(mode, arguments[5], &size, sizeof(size)))
		return STATUS_ACCESS_VIOLATION;
	if ((u32)arguments[4] < size)
		return (u32)arguments[4] < 12 ? STATUS_BUFFER_TOO_SMALL : STATUS_BUFFER_OVERFLOW;
	return wv_store(mode, arguments[3], value, size) ? STATUS_SUCCESS : STATUS_ACCESS_VIOLATION;
}

const struct wv_handler wv_key_handlers[] = {
	{ "NtOpenKey", open_key, "h.o" },
	{ "NtCreateKey", create_key, "h.o.u.d" },
	{ "NtSetValueKey", set_value, "Hu..b." },
	{ "NtQueryValueKey", query_value, "Hu.B.d" },
	{ .name = NULL },
};

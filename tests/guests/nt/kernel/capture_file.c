// SPDX-License-Identifier: GPL-2.0-or-later
/* What callers hand over about files. */
#include "capture_file.h"
#include "capture.h"
#include "pool.h"
#include "reach.h"

#define SELF_RELATIVE 0x8000u
#define ACL_MAX	      1024u
#define BYTES_MAX     40u
#define RENAMES(kind) ((kind) == 10 || (kind) == 65)
#define ROOT_AT	      (WV_POINTER == 8 ? 8u : 4u) /* FILE_RENAME_INFORMATION's members */
#define LENGTH_AT     (WV_POINTER == 8 ? 16u : 8u)
#define NAME_AT	      (WV_POINTER == 8 ? 20u : 12u)

/* Bytes whose number is in their head; null: they can not be read. */
static void tell_sized(struct wv_json *json, u32 mode, const char *key, word at,
		       u32 (*size_of)(const u8 *head))
{
	u8 head[8], bytes[ACL_MAX];
	u32 size;

	if (!at)
		return;
	if (wv_fetch(mode, head, at, sizeof(head))) {
		size = size_of(head);
		if (size > sizeof(bytes))
			size = sizeof(bytes);
		if (wv_fetch(mode, bytes, at, size)) {
			wv_json_bytes(json, key, bytes, size);
			return;
		}
	}
	wv_json_null(json, key);
}

static u32 sid_size(const u8 *head)
{
	return sizeof(struct _SID) - 4 + head[1] * 4u;
}

static u32 acl_size(const u8 *head)
{
	return ((const struct _ACL *)head)->AclSize;
}

void wv_capture_descriptor(struct wv_json *json, u32 mode, word at)
{
	struct _SECURITY_DESCRIPTOR whole;
	struct _SECURITY_DESCRIPTOR_RELATIVE relative;
	word owner, group, sacl, dacl;

	if (!wv_fetch(mode, &relative, at, sizeof(relative)))
		return;
	if (relative.Control & SELF_RELATIVE) {
		owner = relative.Owner ? at + relative.Owner : 0;
		group = relative.Group ? at + relative.Group : 0;
		sacl = relative.Sacl ? at + relative.Sacl : 0;
		dacl = relative.Dacl ? at + relative.Dacl : 0;
	} else {
		if (!wv_fetch(mode, &whole, at, sizeof(whole)))
			return;
		owner = (word)whole.Owner;
		group = (word)whole.Group;
		sacl = (word)whole.Sacl;
		dacl = (word)whole.Dacl;
	}
	wv_json_open(json, "descriptor", '{');
	wv_json_hex(json, "control", relative.Control);
	tell_sized(json, mode, "owner", owner, sid_size);
	tell_sized(json, mode, "group", group, sid_size);
	tell_sized(json, mode, "sacl", sacl, acl_size);
	tell_sized(json, mode, "dacl", dacl, acl_size);
	wv_json_close(json, '}');
}

static void tell_rename(struct wv_json *json, const struct wv_request *request)
{
	u32 mode = request->call.mode, length;
	word at = request->arguments[2], root;
	struct _UNICODE_STRING name;
	void *object;

	if (!wv_fetch(mode, &root, at + ROOT_AT, sizeof(root)) ||
	    !wv_fetch(mode, &length, at + LENGTH_AT, sizeof(length)))
		return;
	wv_json_hex(json, "root", root);
	object = root ? wv_reach_object(root, mode) : NULL;
	if (object) {
		wv_json_open(json, "root_object", '{');
		wv_capture_object(json, object);
		wv_json_close(json, '}');
	}
	name.Length = name.MaximumLength = (u16)(length > 0xfffe ? 0xfffe : length);
	name.Buffer = (void *)(at + NAME_AT);
	wv_json_int(json, "name_length", length);
	wv_capture_string(json, mode, "name", &name);
}

void wv_capture_change(struct wv_json *json, const struct wv_request *request)
{
	u32 size = (u32)request->arguments[3], mode = request->call.mode;
	u8 bytes[BYTES_MAX];

	if (size > sizeof(bytes))
		size = sizeof(bytes);
	if (wv_fetch(mode, bytes, request->arguments[2], size))
		wv_json_bytes(json, "bytes", bytes, size);
	if (RENAMES((u32)request->arguments[4]))
		tell_rename(json, request);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Captures what service arguments lead to, as far as it can be read. Letters in a handler's
 * "behind":
 *
 *	H h	a handle: its object; where one is put
 *	F f	the same, of the process that the argument before is a handle of
 *	o	OBJECT_ATTRIBUTES
 *	u	UNICODE_STRING
 *	c C	CLIENT_ID; one that is to be filled in
 *	d q w	a number of 32 bits, 64, or a pointer's
 *	s	IO_STATUS_BLOCK
 *	P	RTL_USER_PROCESS_PARAMETERS
 *	A	PS_ATTRIBUTE_LIST
 *	T	TOKEN_PRIVILEGES
 *	b B	bytes that are read, or written; the next argument is their number
 *	n N	FILE_BASIC_INFORMATION, FILE_NETWORK_OPEN_INFORMATION that is to be filled in
 *	i	what is to change of a file
 */
#include "capture.h"
#include "attributes.h"
#include "capture_file.h"
#include "guarded.h"
#include "handle.h"
#include "memory.h"
#include "name.h"
#include "object.h"
#include "pool.h"
#include "process.h"
#include "reach.h"

#define ROOM	       (128u << 10)
#define TEXT_MAX       5100u /* characters that are told of a text */
#define BYTES_MAX      64u
#define PRIVILEGES_MAX 40u

struct capture {
	struct wv_json *json;
	const struct wv_request *request;
	word value;
	unsigned number;
};

static bool fetch(const struct capture *capture, void *to, word from, size_t size)
{
	return wv_fetch(capture->request->call.mode, to, from, size);
}

void wv_capture_object(struct wv_json *json, void *object)
{
	static u16 text[TEXT_MAX];
	static struct wv_lock lock;
	struct _OBJECT_TYPE *type = wv_type_of(object);
	unsigned length;

	if (type == wv_types[WV_PROCESS])
		wv_json_int(json, "pid",
			    (long long)(word)((struct _EPROCESS *)object)->UniqueProcessId);
	if (type == wv_types[WV_THREAD]) {
		struct _CLIENT_ID *id = (void *)&((struct _ETHREAD *)object)->Cid;

		wv_json_int(json, "pid", (long long)(word)id->UniqueProcess);
		wv_json_int(json, "tid", (long long)(word)id->UniqueThread);
	}

	wv_json_wide(json, "type", (const u16 *)wv_type_of(object)->Name.Buffer,
		     wv_type_of(object)->Name.Length / 2u);
	wv_take(&lock);
	length = wv_object_name(object, text, TEXT_MAX);
	if (length)
		wv_json_wide(json, "name", text, length);
	wv_release(&lock);
}

/* owner: whose handle it is; NULL: nobody's. */
static void tell_handle(const struct capture *capture, struct _EPROCESS *owner, word handle)
{
	void *object =
		owner ? wv_reach_object_of(owner, handle, capture->request->call.mode) : NULL;

	wv_json_hex(capture->json, "value", handle);
	if (object)
		wv_capture_object(capture->json, object);
}

static void tell_handle_at(const struct capture *capture, struct _EPROCESS *owner)
{
	word value;

	if (fetch(capture, &value, capture->value, sizeof(value)))
		tell_handle(capture, owner, value);
}

static void handle(const struct capture *capture)
{
	tell_handle(capture, capture->request->call.process, capture->value);
}

static void handle_at(const struct capture *capture)
{
	tell_handle_at(capture, capture->request->call.process);
}

/* The process that the argument before is a handle of. */
static struct _EPROCESS *other_process(const struct capture *capture)
{
	void *object;

	return wv_reach(capture->request->arguments[capture->number - 1], WV_PROCESS,
			capture->request->call.mode, &object)
		       ? NULL
		       : object;
}

static void foreign_handle(const struct capture *capture)
{
	tell_handle(capture, other_process(capture), capture->value);
}

static void foreign_handle_at(const struct capture *capture)
{
	tell_handle_at(capture, other_process(capture));
}

static void number_of(const struct capture *capture, size_t size)
{
	u64 value = 0;

	if (fetch(capture, &value, capture->value, size))
		wv_json_hex(capture->json, "value", value);
}

static void number_32(const struct capture *capture)
{
	number_of(capture, 4);
}

static void number_64(const struct capture *capture)
{
	number_of(capture, 8);
}

static void number_of_word(const struct capture *capture)
{
	number_of(capture, sizeof(word));
}

void wv_capture_string(struct wv_json *json, u32 mode, const char *key,
		       const struct _UNICODE_STRING *string)
{
	u16 *text = wv_pool_take(POOL_PAGED, TEXT_MAX * 2, TAG('W', 'v', 'T', 'x'));
	unsigned readable = 0, most = string->Length / 2u;

	if (most > TEXT_MAX)
		most = TEXT_MAX;
	if (wv_fetch(mode, text, (word)string->Buffer, most * 2))
		readable = most;
	while (readable < most &&
	       wv_fetch(mode, text + readable, (word)string->Buffer + readable * 2, 2))
		readable++;
	wv_json_open(json, key, '{');
	wv_json_int(json, "length", string->Length);
	wv_json_wide(json, "text", text, readable);
	wv_json_bool(json, "whole", readable == string->Length / 2u);
	wv_json_close(json, '}');
	wv_pool_give(text);
}

static void tell_string(const struct capture *capture, const char *key,
			const struct _UNICODE_STRING *string)
{
	wv_capture_string(capture->json, capture->request->call.mode, key, string);
}

static void tell_string_at(const struct capture *capture, const char *key, word at)
{
	struct _UNICODE_STRING string;

	if (fetch(capture, &string, at, sizeof(string)))
		tell_string(capture, key, &string);
	else
		wv_json_null(capture->json, key);
}

static void string(const struct capture *capture)
{
	tell_string_at(capture, "text", capture->value);
}

static void attributes(const struct capture *capture)
{
	struct _OBJECT_ATTRIBUTES attributes;
	void *root;

	if (!fetch(capture, &attributes, capture->value, sizeof(attributes)))
		return;
	wv_json_hex(capture->json, "attributes", attributes.Attributes);
	wv_json_hex(capture->json, "root", (word)attributes.RootDirectory);
	root = attributes.RootDirectory ? wv_reach_object((word)attributes.RootDirectory,
							  capture->request->call.mode)
					: NULL;
	if (root) {
		wv_json_open(capture->json, "root_object", '{');
		wv_capture_object(capture->json, root);
		wv_json_close(capture->json, '}');
	}
	if (attributes.ObjectName)
		tell_string_at(capture, "object_name", (word)attributes.ObjectName);
	if (attributes.SecurityDescriptor) {
		wv_json_hex(capture->json, "descriptor_at", (word)attributes.SecurityDescriptor);
		wv_capture_descriptor(capture->json, capture->request->call.mode,
				      (word)attributes.SecurityDescriptor);
	}
}

static void client_id(const struct capture *capture)
{
	struct _CLIENT_ID id;
	void *object;

	if (!fetch(capture, &id, capture->value, sizeof(id)))
		return;
	wv_json_hex(capture->json, "process", (word)id.UniqueProcess);
	wv_json_hex(capture->json, "thread", (word)id.UniqueThread);
	object = wv_id_object((word)id.UniqueThread);
	if (object && wv_type_of(object) == wv_types[WV_THREAD])
		wv_json_int(capture->json, "owner",
			    (long long)(word)((struct _ETHREAD *)object)->Cid.UniqueProcess);
}

static void io_status(const struct capture *capture)
{
	word block[2];

	if (!fetch(capture, block, capture->value, sizeof(block)))
		return;
	wv_json_hex(capture->json, "status", (u32)block[0]);
	wv_json_hex(capture->json, "information", block[1]);
}

static void parameters(const struct capture *capture)
{
	struct _RTL_USER_PROCESS_PARAMETERS *block =
		wv_pool_take(POOL_PAGED, sizeof(*block), TAG('W', 'v', 'P', 'p'));

	bool reachable = fetch(capture, block, capture->value, sizeof(*block));

	/* what a program may not reach is there nevertheless, for who looks */
	if (reachable || wv_fetch(KERNEL_MODE, block, capture->value, sizeof(*block))) {
		wv_json_bool(capture->json, "reachable", reachable);
		wv_json_hex(capture->json, "flags", block->Flags);
		tell_string(capture, "command_line", &block->CommandLine);
		tell_string(capture, "image_path", &block->ImagePathName);
		tell_string(capture, "dll_path", &block->DllPath);
		tell_string(capture, "directory", &block->CurrentDirectory.DosPath);
		wv_json_hex(capture->json, "directory_handle",
			    (word)block->CurrentDirectory.Handle);
	}
	wv_pool_give(block);
}

static void privileges(const struct capture *capture)
{
	u32 count, row[3];

	if (!fetch(capture, &count, capture->value, sizeof(count)))
		return;
	wv_json_int(capture->json, "count", count);
	wv_json_open(capture->json, "privileges", '[');
	for (u32 i = 0; i < count && i < PRIVILEGES_MAX; i++) {
		if (!fetch(capture, row, capture->value + 4 + i * sizeof(row), sizeof(row)))
			break;
		wv_json_open(capture->json, NULL, '{');
		wv_json_hex(capture->json, "luid", row[0] | (u64)row[1] << 32);
		wv_json_hex(capture->json, "attributes", row[2]);
		wv_json_close(capture->json, '}');
	}
	wv_json_close(capture->json, ']');
}

static void attribute_list(const struct capture *capture)
{
	struct wv_attributes *list =
		wv_pool_take(POOL_PAGED, sizeof(*list), TAG('W', 'v', 'A', 't'));

	wv_read_attributes(capture->request->call.mode, capture->value, list);
	wv_json_open(capture->json, "attribute_list", '[');
	for (unsigned i = 0; i < list->count; i++) {
		wv_json_open(capture->json, NULL, '{');
		wv_json_int(capture->json, "number", list->rows[i].number & 0xffff);
		wv_json_int(capture->json, "size", (long long)list->rows[i].size);
		wv_json_hex(capture->json, "value", list->rows[i].value);
		wv_json_close(capture->json, '}');
	}
	wv_json_close(capture->json, ']');
	wv_pool_give(list);
}

static void bytes_of(const struct capture *capture, u32 size)
{
	u8 copy[BYTES_MAX];

	if (size > BYTES_MAX)
		size = BYTES_MAX;
	if (fetch(capture, copy, capture->value, size))
		wv_json_bytes(capture->json, "bytes", copy, size);
}

static void bytes(const struct capture *capture)
{
	bytes_of(capture, (u32)capture->request->arguments[capture->number + 1]);
}

static void basic_information(const struct capture *capture)
{
	bytes_of(capture, sizeof(struct _FILE_BASIC_INFORMATION));
}

static void network_information(const struct capture *capture)
{
	bytes_of(capture, sizeof(struct _FILE_NETWORK_OPEN_INFORMATION));
}

static void file_change(const struct capture *capture)
{
	wv_capture_change(capture->json, capture->request);
}

static const struct {
	char letter;
	bool is_pointer, at_entry, at_return;
	void (*tell)(const struct capture *capture);
} kinds[] = {
	{ 'H', false, true, false, handle },
	{ 'h', true, true, true, handle_at },
	{ 'o', true, true, false, attributes },
	{ 'u', true, true, false, string },
	{ 'c', true, true, false, client_id },
	{ 'd', true, true, true, number_32 },
	{ 'q', true, true, true, number_64 },
	{ 'w', true, true, true, number_of_word },
	{ 's', true, false, true, io_status },
	{ 'P', true, true, false, parameters },
	{ 'T', true, true, true, privileges },
	{ 'b', true, true, false, bytes },
	{ 'B', true, false, true, bytes },
	{ 'C', true, false, true, client_id },
	{ 'A', true, true, false, attribute_list },
	{ 'F', false, true, false, foreign_handle },
	{ 'f', true, true, true, foreign_handle_at },
	{ 'n', true, false, true, basic_information },
	{ 'N', true, false, true, network_information },
	{ 'i', true, true, false, file_change },
};

static void tell_argument(struct capture *capture, unsigned kind)
{
	static const char *const keys[] = { "0", "1",  "2",  "3",  "4",	 "5",  "6",  "7",  "8",
					    "9", "10", "11", "12", "13", "14", "15", "16", "17" };
	u64 root = wv_process_info(capture->request->call.process)->root;

	if (kinds[kind].is_pointer && !capture->value)
		return;
	wv_json_open(capture->json, keys[capture->number], '{');
	if (kinds[kind].is_pointer)
		wv_json_text(capture->json, "memory", wv_memory_state(root, capture->value));
	kinds[kind].tell(capture);
	wv_json_close(capture->json, '}');
}

void wv_capture(struct wv_json *json, const struct wv_request *request, enum wv_moment moment)
{
	const char *behind = request->handler ? request->handler->behind : "";
	struct capture capture = { .json = json, .request = request };

	json->text = wv_pool_take(POOL_PAGED, ROOM, TAG('W', 'v', 'C', 'a'));
	json->room = ROOM;
	json->length = 0;
	wv_json_open(json, NULL, '{');
	for (; behind[capture.number]; capture.number++) {
		capture.value = request->arguments[capture.number];
		for (unsigned i = 0; i < COUNT_OF(kinds); i++)
			if (kinds[i].letter == behind[capture.number] &&
			    (moment == WV_ENTRY ? kinds[i].at_entry : kinds[i].at_return))
				tell_argument(&capture, i);
	}
	wv_json_close(json, '}');
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capturing what an argument of a service leads to; nt.h says how it lies in the record. */
#include "plugins/syscalls/windows.h"

#include <string.h>

#include "plugins/syscalls/capture.h"

/** What of an argument's place in the record is used. */
struct capture {
	char *bytes;
	size_t room, used;
	bool truncated;
	bool missing; /* some of a text is not in memory: the call's return may have it */
};

/** False where the record has no more room: then the number alone is in it. */
static bool begin(struct wv_event *event, const struct wv_arg *arg, struct capture *capture)
{
	size_t size = arg->decoder->limit;

	capture->bytes = wv_event_raw_begin(event, arg->index, arg->number, &size);
	capture->room = capture->bytes ? size : 0;
	capture->used = 0;
	capture->truncated = false;
	capture->missing = false;
	if (!capture->bytes)
		wv_event_raw(event, arg->index, arg->number);
	return capture->bytes;
}

/** The number is all that there is to tell, now and later. */
static bool write_number(struct wv_event *event, const struct wv_arg *arg)
{
	wv_event_raw(event, arg->index, arg->number);
	return true;
}

/**
 * Ends an argument with what was captured; nothing at all if it failed. False when all of it is
 * worth another look.
 */
static bool end(struct wv_event *event, const struct wv_arg *arg, const struct capture *capture,
		bool good)
{
	if (good)
		wv_event_raw_end(event, capture->used, capture->truncated);
	else
		wv_event_raw(event, arg->index, arg->number);
	return good && !capture->missing;
}

static void put(struct capture *capture, const void *bytes, size_t size)
{
	size = MIN(size, capture->room - capture->used);
	memcpy(capture->bytes + capture->used, bytes, size);
	capture->used += size;
}

/** Appends a name of the kernel's that one of the guest layer's functions reads; not all have one.
 */
typedef bool (*read_name_fn)(struct wv_guest *guest, const struct wv_space *space, uint64_t address,
			     char *text, size_t *size, bool *truncated);

/** @share: 1: it may take all the room that is left; 2: half of it, the rest is for others. */
static bool put_name(struct wv_call *call, struct capture *capture, read_name_fn read,
		     uint64_t address, unsigned share)
{
	size_t size = (capture->room - capture->used) / share;
	bool truncated = false;

	if (!read(wv_call_guest(call), wv_call_space(call), address, capture->bytes + capture->used,
		  &size, &truncated))
		return false;
	capture->used += size;
	capture->truncated |= truncated;
	return true;
}

/* Handles ---------------------------------------------------------------------------------------*/

/** With its sign. */
static int64_t handle_number(const struct wv_guest *guest, uint64_t handle)
{
	return wv_windows_is_64(guest) ? (int64_t)handle : (int32_t)handle;
}

/** The process whose handle an argument is, or leads to; 0: not known. */
static uint64_t owner_of(struct wv_call *call, const struct wv_arg *arg, bool user)
{
	struct wv_guest *guest = wv_call_guest(call);
	const struct wv_space *space = wv_call_space(call);
	uint64_t own = wv_windows_thread_process(guest, space, wv_call_thread(call));
	uint64_t handle, owner;

	if (arg->decoder->capture != WV_CAPTURE_FOREIGN_HANDLE &&
	    arg->decoder->capture != WV_CAPTURE_FOREIGN_HANDLE_AT)
		return own;
	handle = wv_sibling(arg, arg->index - 1u, 0);
	if ((user && wv_windows_is_kernel_handle(guest, handle)) ||
	    !wv_windows_handle_process(guest, space, own, handle, &owner))
		return 0;
	return owner;
}

/** The object behind a handle that an argument is, or leads to. */
static bool find_object(struct wv_call *call, const struct wv_arg *arg, uint64_t handle, bool user,
			uint64_t *object)
{
	struct wv_guest *guest = wv_call_guest(call);
	uint64_t owner;

	if (!handle || wv_nt_is_pseudo_handle(handle_number(guest, handle)) ||
	    (user && wv_windows_is_kernel_handle(guest, handle)))
		return false;
	owner = owner_of(call, arg, user);
	return owner && wv_windows_handle(guest, wv_call_space(call), owner, handle, object);
}

static void put_object(struct wv_call *call, struct capture *capture, uint64_t object)
{
	uint64_t type;

	if (wv_windows_object_type(wv_call_guest(call), wv_call_space(call), object, &type))
		put_name(call, capture, wv_windows_type_name, type, 2);
	put(capture, "", 1);
	put_name(call, capture, wv_windows_object_label, object, 1);
}

static bool write_handle(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg,
			 bool user)
{
	struct capture capture;
	uint64_t object;

	if (!find_object(call, arg, arg->number, user, &object))
		return write_number(event, arg);
	if (!begin(event, arg, &capture))
		return true;
	put_object(call, &capture, object);
	return end(event, arg, &capture, true);
}

static bool write_handle_at(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg,
			    bool user)
{
	uint64_t handle = 0, object;
	struct capture capture;

	if (!begin(event, arg, &capture))
		return true;
	if (!wv_space_read(wv_call_space(call), arg->number, &handle,
			   wv_guest_word(wv_call_guest(call))))
		return end(event, arg, &capture, false);
	put(&capture, &handle, sizeof(handle));
	if (find_object(call, arg, handle, user, &object))
		put_object(call, &capture, object);
	return end(event, arg, &capture, true);
}

/* Texts -----------------------------------------------------------------------------------------*/

/** UNICODE_STRING, in words: both lengths, Buffer (ntdef.h). */
enum string_word { STRING_LENGTHS, STRING_BUFFER };

/** OBJECT_ATTRIBUTES, in words: Length, RootDirectory, ObjectName, Attributes (ntdef.h). */
enum attributes_word { ATTRIBUTES_LENGTH, ATTRIBUTES_ROOT, ATTRIBUTES_NAME, ATTRIBUTES_FLAGS };

static bool read_word(struct wv_call *call, uint64_t structure, unsigned word, uint64_t *value)
{
	size_t size = wv_guest_word(wv_call_guest(call));

	*value = 0;
	return wv_space_read(wv_call_space(call), structure + word * size, value, size);
}

/** Keeps a text that was read to where the used room ends. */
static void keep_text(struct capture *capture, size_t room, size_t size, bool truncated)
{
	capture->used += size;
	capture->truncated |= truncated;
	capture->missing |= truncated && !wv_windows_is_full(size, room);
}

/** Appends the text of a UNICODE_STRING of the caller's. */
static bool put_string(struct wv_call *call, struct capture *capture, uint64_t string, bool user)
{
	size_t room = capture->room - capture->used, size = room;
	uint64_t lengths, buffer;
	bool truncated;

	/* each is read once: the program may change it meanwhile */
	if (!string || (user && syscalls_is_kernel(call, string)) ||
	    !read_word(call, string, STRING_LENGTHS, &lengths) ||
	    !read_word(call, string, STRING_BUFFER, &buffer) ||
	    (user && (uint16_t)lengths && syscalls_is_kernel(call, buffer)) ||
	    !wv_windows_text(wv_call_space(call), buffer, (uint16_t)lengths,
			     capture->bytes + capture->used, &size, &truncated))
		return false;
	keep_text(capture, room, size, truncated);
	return true;
}

static bool write_unicode_string(struct wv_call *call, struct wv_event *event,
				 const struct wv_arg *arg, bool user)
{
	struct capture capture;

	return !begin(event, arg, &capture) ||
	       end(event, arg, &capture, put_string(call, &capture, arg->number, user));
}

static bool write_object_attributes(struct wv_call *call, struct wv_event *event,
				    const struct wv_arg *arg, bool user)
{
	struct wv_nt_object_attributes head = { 0 };
	struct capture capture;
	uint64_t name, flags, object;

	if (!begin(event, arg, &capture))
		return true;
	if (capture.room < sizeof(head) ||
	    !read_word(call, arg->number, ATTRIBUTES_ROOT, &head.root) ||
	    !read_word(call, arg->number, ATTRIBUTES_NAME, &name) ||
	    !read_word(call, arg->number, ATTRIBUTES_FLAGS, &flags))
		return end(event, arg, &capture, false);
	head.attributes = (uint32_t)flags;
	capture.used = sizeof(head);
	if (find_object(call, arg, head.root, user, &object))
		put_name(call, &capture, wv_windows_object_name, object, 2);
	head.root_size = (uint16_t)(capture.used - sizeof(head));
	memcpy(capture.bytes, &head, sizeof(head));
	return end(event, arg, &capture, !name || put_string(call, &capture, name, user));
}

static bool write_process_parameters(struct wv_call *call, struct wv_event *event,
				     const struct wv_arg *arg)
{
	static const enum wv_windows_parameter parameters[WV_NT_PARAMETER_COUNT] = {
		[WV_NT_IMAGE_PATH_NAME] = WV_WINDOWS_IMAGE_PATH_NAME,
		[WV_NT_COMMAND_LINE] = WV_WINDOWS_COMMAND_LINE,
		[WV_NT_DLL_PATH] = WV_WINDOWS_DLL_PATH,
		[WV_NT_CURRENT_DIRECTORY] = WV_WINDOWS_CURRENT_DIRECTORY,
	};
	struct capture capture;
	bool any = false;

	if (!begin(event, arg, &capture))
		return true;
	for (unsigned i = 0; i < WV_NT_PARAMETER_COUNT; i++) {
		size_t place = capture.used;
		/* each gets its share of the room */
		size_t room = (capture.room - place) / (WV_NT_PARAMETER_COUNT - i), size;
		uint16_t text_size = WV_NT_NO_TEXT;
		bool truncated = false;

		if (room < sizeof(text_size))
			break;
		room -= sizeof(text_size);
		size = room;
		capture.used += sizeof(text_size);
		if (wv_windows_process_parameter(wv_call_guest(call), wv_call_space(call),
						 arg->number, parameters[i],
						 capture.bytes + capture.used, &size, &truncated)) {
			text_size = (uint16_t)size;
			keep_text(&capture, room, size, truncated);
			any = true;
		} else {
			capture.missing = true;
		}
		memcpy(capture.bytes + place, &text_size, sizeof(text_size));
	}
	return end(event, arg, &capture, any);
}

/** A SID: bytes at the pointer that is found at the pointer. */
static bool write_sid_at(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg,
			 bool user)
{
	struct wv_arg sid = *arg;

	if (!read_word(call, arg->number, 0, &sid.number)) {
		wv_event_raw(event, arg->index, arg->number);
		return false;
	}
	if (!sid.number || (user && syscalls_is_kernel(call, sid.number)))
		return write_number(event, arg);
	return syscalls_write_bytes_at(call, event, arg, &sid, SYSCALLS_BYTES_MAX);
}

/* All together ----------------------------------------------------------------------------------*/

static bool write_capture(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg,
			  bool user)
{
	switch ((enum wv_capture)arg->decoder->capture) {
	case WV_CAPTURE_BYTES:
		return syscalls_write_bytes(call, event, arg, SYSCALLS_BYTES_MAX);
	case WV_CAPTURE_BUFFER:
		return syscalls_write_preview(call, event, arg);
	case WV_CAPTURE_HANDLE:
	case WV_CAPTURE_FOREIGN_HANDLE:
		return write_handle(call, event, arg, user);
	case WV_CAPTURE_HANDLE_AT:
	case WV_CAPTURE_FOREIGN_HANDLE_AT:
		return write_handle_at(call, event, arg, user);
	case WV_CAPTURE_UNICODE_STRING:
		return write_unicode_string(call, event, arg, user);
	case WV_CAPTURE_OBJECT_ATTRIBUTES:
		return write_object_attributes(call, event, arg, user);
	case WV_CAPTURE_SID_AT:
		return write_sid_at(call, event, arg, user);
	case WV_CAPTURE_PROCESS_PARAMETERS:
		return write_process_parameters(call, event, arg);
	default: /* nothing, and what only Linux has */
		return write_number(event, arg);
	}
}

/**
 * Whether a call has an IO_STATUS_BLOCK and has not filled it in. The kernel may fill in the one of
 * 32 bits that a WoW64 program has given, and not that of 64 bits which has its address in the
 * place of Status: what else is in the latter is old.
 */
static bool is_stale_block(struct wv_call *call, const struct wv_arg *arg)
{
	uint64_t block = wv_sibling(arg, arg->status_block, 0);
	uint32_t status;

	return block && (!wv_space_read_u32(wv_call_space(call), block, &status) ||
			 status != (uint32_t)wv_call_result(call));
}

bool services_write_argument(struct wv_call *call, struct wv_event *event, const struct wv_arg *arg,
			     const struct service_saved *saved)
{
	struct wv_arg known = *arg;

	/* a null pointer and no handle lead nowhere, nor what a program has of the kernel's half */
	if (!arg->number || (saved->user && syscalls_is_kernel(call, arg->number)))
		return write_number(event, arg);
	if (arg->returned && saved->is_wow64 && is_stale_block(call, arg)) {
		if (arg->index == arg->status_block)
			return write_number(event, arg);
		known.status_block = WV_NT_ARGS; /* it does not tell how much there is */
	}
	return write_capture(call, event, &known, saved->user);
}

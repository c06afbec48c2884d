/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Linux: a call is taken as its table says, and told when it returns. */
#include "plugins/filetracer/linux.h"

/** MAX_ERRNO (include/linux/err.h) */
#define ERROR_MAX 4095

/* include/uapi/linux/magic.h: what is not in any folder */
#define MAGIC_SOCKETS UINT64_C(0x534f434b)
#define MAGIC_PIPES   UINT64_C(0x50495045)
#define MAGIC_ANON    UINT64_C(0x09041934)
#define MAGIC_PIDS    UINT64_C(0x50494446)

static const struct linux_operation *const operations[FILETRACER_LINUX_COUNT] = {
#define OPERATION(NAME, name) [FILETRACER_LINUX_##NAME] = &filetracer_linux_##name
	FILETRACER_LINUX(OPERATION),
#undef OPERATION
};

/* Entry -----------------------------------------------------------------------------------------*/

bool linux_is_error(uint64_t result)
{
	return result >= (uint64_t)-ERROR_MAX;
}

uint64_t linux_argument(struct wv_call *call, enum linux_argument argument)
{
	const struct linux_data *own = wv_call_guest_data(call);

	return wv_call_argument(call, own->arguments[argument]);
}

/** Whether there is a path to tell: sockets, pipes and the like have none. */
static bool has_path(const struct wv_linux_inode *inode)
{
	return inode->magic != MAGIC_SOCKETS && inode->magic != MAGIC_PIPES &&
	       inode->magic != MAGIC_ANON && inode->magic != MAGIC_PIDS;
}

bool linux_take_inode(struct wv_call *call, struct linux_saved *saved)
{
	struct wv_linux_inode inode;

	if (!saved->kind->inode || !wv_linux_inode(wv_call_guest(call), wv_call_space(call),
						   saved->kind->inode(call, saved), &inode))
		return true;
	saved->mode = inode.mode;
	saved->uid = inode.uid;
	saved->gid = inode.gid;
	saved->has_inode = true;
	return has_path(&inode);
}

/** Whether this thread is inside of a call that this one is a part of. */
static bool is_inside(struct wv_call *call, uint64_t operations_inside)
{
	if (!wv_call_has_outer(call))
		return false;
	for (; operations_inside; operations_inside &= operations_inside - 1)
		if (wv_call_outer(call, (unsigned)__builtin_ctzll(operations_inside)))
			return true;
	return false;
}

/** A number in the kernel's memory, on its stack most likely. */
static bool read_number(struct wv_call *call, uint64_t address, uint64_t *number)
{
	uint64_t buffer;
	const void *place = address ? wv_call_stack(call, address, sizeof(buffer), &buffer) : NULL;

	if (place)
		memcpy(number, place, sizeof(*number));
	return place != NULL;
}

static void take_value(struct wv_call *call, struct linux_saved *saved, unsigned index,
		       const struct linux_value *value)
{
	uint64_t argument;

	if (value->argument >= ARGUMENT_COUNT)
		return;
	argument = linux_argument(call, value->argument);
	if (!value->pointer)
		saved->values[index] = argument;
	else if (!read_number(call, argument, &saved->values[index]))
		saved->absent |= 1u << index;
}

/** Finds what the call is about. */
static bool find(struct wv_call *call, const struct linux_operation *operation,
		 struct linux_saved *saved)
{
	saved->kind = operation->kind;
	saved->mount = linux_mount_of_thread(call);
	if (operation->find)
		return operation->find(call, saved);
	saved->subject = linux_argument(call, operation->subject);
	return saved->subject != 0;
}

/* Return ----------------------------------------------------------------------------------------*/

static bool read_text(struct wv_call *call, const void *source, unsigned which,
		      struct wv_text *text)
{
	const struct linux_saved *saved = source;

	if (which == TEXT_PATH)
		return saved->kind->path(call, saved, text);
	return operations[wv_call_index(call)]->other(call, saved, text);
}

static void write_thread_name(struct wv_call *call, struct wv_event *event)
{
	char comm[WV_LINUX_COMM_SIZE];
	size_t size =
		wv_linux_comm(wv_call_guest(call), wv_call_space(call), wv_call_thread(call), comm);

	wv_event_text(event, FIELD_THREAD_NAME, comm, size, false);
}

static void write_common(const struct linux_telling *telling, const struct wv_kept *kept)
{
	const struct linux_saved *saved = telling->saved;
	struct wv_event *event = telling->event;

	if (saved->has_inode)
		wv_event_unsigned(event, FIELD_PERMISSIONS, saved->mode);
	write_thread_name(telling->call, event);
	wv_kept_put(kept, TEXT_PATH, event, FIELD_FILE_NAME);
	if (saved->has_inode)
		wv_event_unsigned(event, FIELD_MODE, saved->mode);
	if (saved->has_flags)
		wv_event_unsigned(event, FIELD_FLAG, saved->flags);
	if (saved->has_inode) {
		wv_event_unsigned(event, FIELD_UID, saved->uid);
		wv_event_unsigned(event, FIELD_GID, saved->gid);
	}
}

static void write_values(const struct linux_telling *telling)
{
	const struct linux_value *value = telling->operation->values;

	for (unsigned i = 0; value->field; i++, value++) {
		if (telling->saved->absent & 1u << i)
			continue;
		if (value->argument != ARGUMENT_RESULT)
			value->put(telling, value->field, telling->saved->values[i]);
		else if (!linux_is_error(wv_call_result(telling->call)))
			value->put(telling, value->field, wv_call_result(telling->call));
	}
}

static int64_t result_of(struct wv_call *call, enum linux_result kind)
{
	uint64_t result = wv_call_result(call);
	uint32_t upper = (uint32_t)(result >> 32);

	switch (kind) {
	case RESULT_LONG:
		return (int64_t)result;
	case RESULT_POINTER:
		return linux_is_error(result) ? (int64_t)result : 0;
	case RESULT_ENTRY: /* the kernel's addresses begin neither with 0 nor with 0xffffffff */
		if (upper && upper != UINT32_MAX)
			return 0;
		return (int32_t)result;
	default:
		return (int32_t)result;
	}
}

void linux_tell(struct wv_call *call, enum filetracer_event index, const struct linux_saved *saved)
{
	const struct linux_data *own = wv_call_guest_data(call);
	const struct linux_operation *operation = operations[index];
	struct linux_telling telling = { call, wv_event_open(call, index), operation, saved };
	struct wv_kept kept;

	wv_kept_take(&kept, own->texts, saved->texts, call, read_text, saved);
	write_common(&telling, &kept);
	write_values(&telling);
	if (operation->other_field)
		wv_kept_put(&kept, TEXT_OTHER, telling.event, operation->other_field);
	wv_kept_give_back(&kept);
	if (operation->result != RESULT_NONE)
		wv_event_number(telling.event, operation->type.n_fields - 1,
				result_of(call, (enum linux_result)operation->result));
	wv_event_close(telling.event);
}

static void take_flags(struct wv_call *call, struct linux_saved *saved)
{
	if (saved->kind->is_file && !saved->has_flags)
		saved->has_flags =
			wv_call_read_u32(call, saved->subject, FILE_FLAGS, &saved->flags);
}

void linux_leave(struct wv_call *call)
{
	unsigned index = wv_call_index(call);
	struct linux_saved *saved = wv_call_saved(call);

	if (operations[index]->returned)
		operations[index]->returned(call, saved);
	/* of what the call has made */
	if (!saved->has_inode && !linux_take_inode(call, saved))
		return;
	take_flags(call, saved);
	linux_tell(call, index, saved);
}

void linux_keep_texts(struct wv_call *call, struct linux_saved *saved, unsigned count)
{
	const struct linux_data *own = wv_call_guest_data(call);

	saved->texts = wv_kept_keep(own->texts, call, read_text, saved, count);
}

/** Takes all that is told of a call. False: it is not told. */
static bool take(struct wv_call *call, unsigned index, struct linux_saved *saved)
{
	const struct linux_operation *operation = operations[index];

	if (!find(call, operation, saved) || !linux_take_inode(call, saved) ||
	    is_inside(call, operation->not_inside))
		return false;
	for (unsigned i = 0; operation->values[i].field; i++)
		take_value(call, saved, i, &operation->values[i]);
	if (operation->keeps)
		linux_keep_texts(call, saved, operation->other ? LINUX_TEXTS : TEXT_OTHER);
	return true;
}

enum wv_verdict linux_enter(struct wv_call *call)
{
	return take(call, wv_call_index(call), wv_call_saved(call)) ? WV_AWAIT_RETURN : WV_DONE;
}

enum wv_verdict linux_enter_only(struct wv_call *call)
{
	unsigned index = wv_call_index(call);
	struct linux_saved saved = { 0 };

	if (take(call, index, &saved)) {
		take_flags(call, &saved);
		linux_tell(call, index, &saved);
	}
	return WV_DONE;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on Linux: the rows of a call that is entered, and of one that returns. */
#include "plugins/syscalls/linux.h"

#include <string.h>

static void write_common(struct wv_event *event, enum call_abi abi, uint32_t number)
{
	static const char *const types[ABI_COUNT] = { [ABI_32] = "ia32", [ABI_X32] = "x32" };

	wv_event_unsigned(event, FIELD_SYSCALL, number);
	if (types[abi])
		wv_event_text(event, FIELD_TYPE, types[abi], strlen(types[abi]), false);
}

static struct wv_arg argument_of(const struct call_info *info, const struct call_saved *saved,
				 unsigned index)
{
	return (struct wv_arg){
		.decoder = info->decoders[index],
		.number = saved->args[index],
		.call = saved->args,
		.n_call = CALL_ARGS,
		.index = (uint8_t)index,
		.bits = info->bits[index],
		.compat = syscalls_is_compat((enum call_abi)saved->abi, saved->number),
	};
}

/**
 * Writes the entry's row. False when some argument points to memory that is not there: the kernel
 * will bring it in before it reads it.
 */
static bool write_entry(struct wv_call *call, struct wv_event *event, struct call_saved *saved,
			bool last)
{
	enum call_abi abi = (enum call_abi)saved->abi;
	const struct call_info *info = syscalls_info(call, abi, saved->number);

	write_common(event, abi, saved->number);
	wv_event_unsigned(event, FIELD_N_ARGS, info->n_args);
	for (unsigned i = 0; i < info->n_args; i++) {
		struct wv_arg arg = argument_of(info, saved, i);

		if (!(arg.decoder->when & WV_ON_ENTRY))
			wv_event_raw(event, i, arg.number);
		else if (!syscalls_write_argument(call, event, &arg, last))
			saved->unreadable |= (uint8_t)(1u << i);
	}
	saved->space = wv_call_space(call)->paging.root;
	return !saved->unreadable;
}

static void tell(struct wv_call *call, struct call_saved *saved, bool last)
{
	enum call_abi abi = (enum call_abi)saved->abi;
	struct wv_event *event =
		wv_event_open_defined(call, SYSCALLS_CALL, definition_of(abi, saved->number));

	if (write_entry(call, event, saved, last) || last ||
	    !syscalls_info(call, abi, saved->number)->is_exec) {
		wv_event_close(event);
		return;
	}
	wv_event_drop(event);
	saved->unreadable = 0;
	saved->deferred = true;
}

void syscalls_tell_entry(struct wv_call *call, struct call_saved *saved)
{
	tell(call, saved, false);
}

void syscalls_tell_deferred(struct wv_call *call, struct call_saved *saved)
{
	if (!saved->deferred)
		return;
	saved->deferred = false;
	tell(call, saved, true);
}

void syscalls_tell_return(struct wv_call *call, struct call_saved *saved, int64_t result)
{
	const struct syscalls_state *state = wv_call_state(call);
	enum call_abi abi = (enum call_abi)saved->abi;
	const struct call_info *info = syscalls_info(call, abi, saved->number);
	bool failed = wv_result_is_error(result);

	syscalls_tell_deferred(call, saved);
	if (state->no_sysret)
		return;

	/* what could not be read before is there by now, unless the program is another one */
	bool again = saved->unreadable && saved->space == wv_call_space(call)->paging.root;

	struct wv_event *event =
		wv_event_open_defined(call, SYSCALLS_RETURN, definition_of(abi, saved->number));

	write_common(event, abi, saved->number);
	wv_event_number(event, FIELD_RET, result);
	if (failed)
		wv_event_number(event, FIELD_INFO, result);
	for (unsigned i = 0; (info->has_output || again) && i < info->n_args; i++) {
		struct wv_arg arg = argument_of(info, saved, i);
		bool filled_in = (arg.decoder->when & WV_ON_RETURN) && !failed && arg.number;

		arg.returned = true;
		arg.result = result;
		if (filled_in || (again && (saved->unreadable & (1u << i))))
			syscalls_write_argument(call, event, &arg, true);
	}
	wv_event_close(event);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of system calls, from the guest itself: a kernel with CONFIG_FTRACE_SYSCALLS keeps a
 * struct syscall_metadata of each call, by number (kernel/trace/trace_syscalls.c). What it does
 * not name comes from our own table, and what neither knows is called by its number.
 */
#include "plugins/syscalls/linux.h"

#include <string.h>

/** Names and types in the kernel's own text are shorter. */
#define TEXT_MAX 128

/** The metadata's names are "sys_open": what is in front of the call's own name. */
#define NAME_PREFIX "sys_"

/** A call as it is being put together. */
struct prototype {
	char name[TEXT_MAX];	 /* the users' */
	char function[TEXT_MAX]; /* the kernel's, without "sys_" */
	unsigned n_args;
	char args[CALL_ARGS][TEXT_MAX];
	char types[CALL_ARGS][TEXT_MAX];
};

static bool read_text(struct wv_call *call, uint64_t address, char text[TEXT_MAX])
{
	size_t length;

	if (wv_space_read_string(wv_call_space(call), address, text, TEXT_MAX - 1, &length) !=
		    WV_STRING_WHOLE ||
	    !length)
		return false;
	text[length] = '\0';
	return true;
}

/** The n-th text of an array of pointers to texts. */
static bool read_listed(struct wv_call *call, uint64_t array, unsigned index, char text[TEXT_MAX])
{
	uint64_t address;

	return wv_space_read_u64(wv_call_space(call), array + index * sizeof(address), &address) &&
	       read_text(call, address, text);
}

/** The kernel's name of a call, and the one that users know: the number tells what is left open. */
static void set_names(struct prototype *prototype, const char *function,
		      const struct wv_prototype *row)
{
	bool known = row && strcmp(row->function, function) == 0;

	g_strlcpy(prototype->function, function, TEXT_MAX);
	g_strlcpy(prototype->name, known ? row->name : wv_syscall_public_name(function), TEXT_MAX);
}

/**
 * Reads the metadata of one call; false when there is none, or it makes no sense.
 *
 * @row: what our own table has for the number, or NULL.
 */
static bool read_metadata(struct wv_call *call, uint64_t metadata, const struct wv_prototype *row,
			  struct prototype *prototype)
{
	uint64_t name, types, args;
	uint64_t count;
	char text[TEXT_MAX];

	if (!wv_call_read_u64(call, metadata, META_NAME, &name) || !read_text(call, name, text) ||
	    !wv_call_read_bits(call, metadata, META_NB_ARGS, &count) || count > CALL_ARGS)
		return false;
	set_names(prototype,
		  g_str_has_prefix(text, NAME_PREFIX) ? text + strlen(NAME_PREFIX) : text, row);
	prototype->n_args = (unsigned)count;
	if (!count)
		return true;
	if (!wv_call_read_u64(call, metadata, META_TYPES, &types) ||
	    !wv_call_read_u64(call, metadata, META_ARGS, &args))
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!read_listed(call, types, i, prototype->types[i]) ||
		    !read_listed(call, args, i, prototype->args[i]))
			return false;
	return true;
}

static void from_table(const struct wv_prototype *row, struct prototype *prototype)
{
	set_names(prototype, row->function, row);
	prototype->n_args = MIN(row->n_args, CALL_ARGS);
	for (unsigned i = 0; i < prototype->n_args; i++) {
		g_strlcpy(prototype->args[i], row->args[i].name, sizeof(prototype->args[i]));
		g_strlcpy(prototype->types[i], row->args[i].type, sizeof(prototype->types[i]));
	}
}

/** A call that nobody knows: its number for a name, and all that could be arguments. */
static void from_number(unsigned number, struct prototype *prototype)
{
	g_snprintf(prototype->name, sizeof(prototype->name), "syscall_%u", number);
	prototype->n_args = CALL_ARGS;
	for (unsigned i = 0; i < CALL_ARGS; i++) {
		g_snprintf(prototype->args[i], sizeof(prototype->args[i]), "arg%u", i);
		g_strlcpy(prototype->types[i], "unsigned long", sizeof(prototype->types[i]));
	}
}

/** What stands for all numbers that are too high for the table. */
static void unknown(struct prototype *prototype)
{
	from_number(0, prototype);
	g_strlcpy(prototype->name, "syscall_unknown", sizeof(prototype->name));
}

/** Enters a call into the table and tells the reader about it. */
static void add_call(struct wv_call *call, struct calls *calls, enum call_abi abi, unsigned number,
		     const struct prototype *prototype)
{
	const struct syscalls_state *state = wv_call_state(call);
	struct call_info *info = &calls->table[abi][number];
	char *args[CALL_ARGS], *types[CALL_ARGS];

	info->wanted = !state->only || g_hash_table_contains(state->only, prototype->name) ||
		       g_hash_table_contains(state->only, prototype->function);
	info->n_args = (uint8_t)prototype->n_args;
	for (unsigned i = 0; i < prototype->n_args; i++) {
		args[i] = (char *)prototype->args[i];
		types[i] = (char *)prototype->types[i];
		info->decoders[i] = wv_decoder_for(prototype->name, types[i], args[i]);
		info->bits[i] = (uint8_t)wv_type_bits(types[i], syscalls_is_compat(abi, number));
		info->is_exec |= info->decoders[i]->capture == WV_CAPTURE_STRINGS;
		info->has_output |= info->decoders[i]->when & WV_ON_RETURN;
	}
	wv_event_define(call, SYSCALLS_CALL, definition_of(abi, number), prototype->name,
			syscalls_is_compat(abi, number) ? SYSCALLS_COMPAT : 0, args, types,
			prototype->n_args);
}

/**
 * The metadata of a 64-bit call by its number; 0 when there is none. The array has as many entries
 * as the kernel has calls, which nobody tells: what follows it is not metadata, and is not taken
 * for any, because each one's own number must fit.
 */
static uint64_t metadata_of(struct wv_call *call, uint64_t array, unsigned number)
{
	uint64_t metadata;
	uint32_t own;

	if (!array ||
	    !wv_space_read_u64(wv_call_space(call), array + number * sizeof(metadata), &metadata) ||
	    !metadata || !wv_call_read_u32(call, metadata, META_NUMBER, &own) || own != number)
		return 0;
	return metadata;
}

static void prepare_64(struct wv_call *call, struct calls *calls, GHashTable *by_name)
{
	const struct wv_place *symbol = wv_call_place(call, SYM_METADATA);
	uint64_t array = 0;

	if (symbol->found)
		wv_space_read_u64(wv_call_space(call), symbol->value, &array);
	for (unsigned number = 0; number < CALLS_MAX; number++) {
		const struct wv_prototype *row =
			number < X32_FIRST ? wv_prototype_find(WV_SYSCALL_X86_64, number) : NULL;
		struct prototype *prototype = g_new0(struct prototype, 1);
		uint64_t metadata = metadata_of(call, array, number);
		bool own = metadata && read_metadata(call, metadata, row, prototype);

		if (number == CALLS_MAX - 1)
			unknown(prototype);
		else if (!own && row)
			from_table(row, prototype);
		else if (!own)
			from_number(number, prototype);
		add_call(call, calls, ABI_64, number, prototype);
		if (number < X32_FIRST)
			add_call(call, calls, ABI_X32, number, prototype);
		g_hash_table_replace(by_name, prototype->name, prototype);
	}
}

/** Where there is no metadata names are ours, and arguments the kernel's where it is the same call.
 */
static void prepare_from(struct wv_call *call, struct calls *calls, GHashTable *by_name,
			 enum call_abi abi, unsigned first)
{
	enum wv_syscall_abi rows = abi == ABI_32 ? WV_SYSCALL_I386 : WV_SYSCALL_X86_64;

	for (unsigned number = first; number < CALLS_MAX; number++) {
		const struct wv_prototype *row = wv_prototype_find(rows, number);
		const struct prototype *same = row ? g_hash_table_lookup(by_name, row->name) : NULL;
		struct prototype own = { 0 };

		if (number == CALLS_MAX - 1)
			unknown(&own);
		else if (row)
			from_table(row, &own);
		else
			from_number(number, &own);
		if (same && row->shared && same->n_args == own.n_args)
			own = *same;
		add_call(call, calls, abi, number, &own);
	}
}

bool syscalls_prepare(struct wv_call *call, void **data, GError **error)
{
	struct calls *calls = g_new0(struct calls, 1);
	g_autoptr(GHashTable) by_name =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);

	if (!syscalls_regs_prepare(call, calls, error)) {
		g_free(calls);
		return false;
	}
	prepare_64(call, calls, by_name);
	prepare_from(call, calls, by_name, ABI_X32, X32_FIRST);
	prepare_from(call, calls, by_name, ABI_32, 0);
	calls->regs_offset = syscalls_regs_guess(call);
	*data = calls;
	return true;
}

void syscalls_unprepare(void *data)
{
	g_free(data);
}

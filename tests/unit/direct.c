/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plugins for tests of once_per_thread, with and without, prepare and definitions. */
#include "direct.h"

#include <string.h>

#include "base/error.h"
#include "monitor/registry.h"
#include "output/definition.h"

const char *const direct_functions[] = {
	"first", "second", "third", "inside", "early", "common", "absent_one", NULL,
};

unsigned direct_prepared[DIRECT_COUNT], direct_unprepared[DIRECT_COUNT];

enum { EVENT, DEFINED, EVENT_COUNT };
enum {
	TRAP_FIRST,
	TRAP_SECOND,
	TRAP_THIRD,
	TRAP_INSIDE,
	TRAP_EARLY,
	TRAP_COMMON_BY_THREAD,
	TRAP_COMMON_BY_STACK,
	TRAP_WITH,
	TRAP_WITHOUT,
	TRAP_COUNT
};
enum { WHAT, VALUE, ARGUMENT };

static const struct wv_field fields[] = {
	[WHAT] = { "What", WV_KIND_STRING, .meaning = "a word" },
	[VALUE] = { "Value", WV_KIND_HEX, .meaning = "a number" },
	[ARGUMENT] = { "Argument", WV_KIND_HEX, .optional = true, .meaning = "a number" },
};

static const struct wv_event_type event_type = {
	.plugin = "direct",
	.methods = { "told" },
	.os = WV_OS_LINUX,
	.fields = fields,
	.n_fields = G_N_ELEMENTS(fields),
	.meaning = "a test",
};

static void resolve(struct wv_definition *definition)
{
	definition->decoders[0] = definition;
}

/** "flags:type 0x1" and the bytes, if there are some. */
static void raw_text(const struct wv_definition *definition, unsigned index,
		     const struct wv_raw *raw, GString *text)
{
	g_assert(definition->decoders[0] == definition);
	g_string_append_printf(text, "%u:%s 0x%" G_GINT64_MODIFIER "x", definition->flags,
			       definition->types[index], raw->number);
	if (raw->captured)
		g_string_append_printf(text, "=%.*s", (int)raw->bytes.size, raw->bytes.data);
}

static const struct wv_event_type defined_type = {
	.plugin = "direct",
	.os = WV_OS_LINUX,
	.fields = fields,
	.n_fields = G_N_ELEMENTS(fields),
	.open_ended = true,
	.defined = true,
	.resolve = resolve,
	.raw_text = raw_text,
	.meaning = "a test",
};

static const struct wv_event_type *const types[EVENT_COUNT] = {
	[EVENT] = &event_type,
	[DEFINED] = &defined_type,
};

static void tell(struct wv_call *call, const char *what, uint64_t value, const uint64_t *argument)
{
	struct wv_event *event = wv_event_open_defined(call, EVENT, 0);

	wv_event_text(event, WHAT, what, strlen(what), false);
	wv_event_unsigned(event, VALUE, value);
	if (argument)
		wv_event_unsigned(event, ARGUMENT, *argument);
	wv_event_close(event);
}

static enum wv_verdict keep(struct wv_call *call)
{
	uint64_t argument = wv_call_argument(call, 0);

	memcpy(wv_call_saved(call), &argument, sizeof(argument));
	return argument == DIRECT_DONE ? WV_DONE : WV_AWAIT_RETURN;
}

static void tell_return(struct wv_call *call)
{
	uint64_t argument;

	memcpy(&argument, wv_call_saved(call), sizeof(argument));
	tell(call, "return", wv_call_result(call), &argument);
}

static void tell_return_by_stack(struct wv_call *call)
{
	tell(call, "return by stack", wv_call_result(call), NULL);
}

/** Tells the argument of the call of `first` that the thread is in. */
static enum wv_verdict inside(struct wv_call *call)
{
	const void *outer = wv_call_outer(call, TRAP_FIRST);
	uint64_t argument = 0;

	if (outer)
		memcpy(&argument, outer, sizeof(argument));
	tell(call, "inside", wv_call_argument(call, 0), outer ? &argument : NULL);
	return WV_DONE;
}

/** Ends the call of `first` that the thread is in, before it returns. */
static enum wv_verdict end_early(struct wv_call *call)
{
	uint64_t argument;

	if (!wv_call_resume(call, TRAP_FIRST))
		return WV_DONE;
	g_assert(!wv_call_resume(call, TRAP_FIRST)); /* once */
	memcpy(&argument, wv_call_saved(call), sizeof(argument));
	tell(call, "early", wv_call_argument(call, 0), &argument);
	return WV_DONE;
}

static enum wv_verdict tell_with(struct wv_call *call)
{
	tell(call, "with", wv_call_argument(call, 0), NULL);
	return WV_DONE;
}

static enum wv_verdict tell_without(struct wv_call *call)
{
	tell(call, "without", wv_call_argument(call, 0), NULL);
	return WV_DONE;
}

/** A row of what was defined, with what prepare() made. */
static enum wv_verdict tell_defined(struct wv_call *call)
{
	const uint64_t *data = wv_call_guest_data(call);
	struct wv_event *event = wv_event_open_defined(call, DEFINED, 3);
	size_t size = 4;
	char *bytes;

	wv_event_unsigned(event, VALUE, *data);
	bytes = wv_event_raw_begin(event, 0, 0x17, &size);
	memcpy(bytes, "text", 4);
	wv_event_raw_end(event, 4, false);
	wv_event_raw(event, 1, wv_call_argument(call, 0));
	wv_event_close(event);
	return WV_DONE;
}

#define BY_THREAD                                                                                  \
	.cost = "a trap", .once_per_thread = true, .saved_size = sizeof(uint64_t), .on_entry = keep

static const struct wv_trap_def traps[TRAP_COUNT] = {
	[TRAP_FIRST] = { .functions = { "first" }, BY_THREAD, .on_return = tell_return },
	[TRAP_SECOND] = { .functions = { "second" }, BY_THREAD, .on_return = tell_return },
	[TRAP_THIRD] = { .functions = { "third" }, .cost = "a trap", .on_entry = tell_defined },
	[TRAP_INSIDE] = { .functions = { "inside" }, .cost = "a trap", .on_entry = inside },
	[TRAP_EARLY] = { .functions = { "early" }, .cost = "a trap", .on_entry = end_early },
	[TRAP_COMMON_BY_THREAD] = { .functions = { "common" },
				    BY_THREAD,
				    .on_return = tell_return },
	[TRAP_COMMON_BY_STACK] = { .functions = { "common" },
				   .cost = "a trap",
				   .on_entry = keep,
				   .on_return = tell_return_by_stack },
	[TRAP_WITH] = { .functions = { "new_way" },
			.cost = "a trap of new kernels",
			.with = "marker",
			.on_entry = tell_with },
	[TRAP_WITHOUT] = { .functions = { "old_way" },
			   .cost = "a trap of old kernels",
			   .without = "marker",
			   .on_entry = tell_without },
};

/* Preparing -------------------------------------------------------------------------------------*/

static bool make_data(struct wv_call *call, enum direct_plugin plugin, void **data)
{
	uint64_t *made = g_new(uint64_t, 2);

	g_assert(wv_call_guest(call) && !wv_call_guest_data(call));
	made[0] = 0x2a;
	made[1] = plugin;
	*data = made;
	direct_prepared[plugin]++;
	return true;
}

static void unprepare(void *data)
{
	const uint64_t *made = data;

	direct_unprepared[made[1]]++;
	g_free(data);
}

/** Reads the guest, and tells the reader what it is to know. */
static bool prepare(struct wv_call *call, void **data, GError **error)
{
	char name[] = "named_by_the_guest", first[] = "one", second[] = "two";
	char *arguments[] = { first, second }, *argument_types[] = { name, second };
	const struct wv_place *task = wv_call_place(call, 0);
	char comm[8] = "";

	(void)error;
	g_assert(wv_space_read(wv_call_space(call), task[0].value + task[1].value, comm, 7));
	wv_event_define(call, DEFINED, 3, comm, 5, arguments, argument_types, 2);
	return make_data(call, DIRECT, data);
}

/** Fails when half of it is done. */
static bool prepare_in_vain(struct wv_call *call, void **data, GError **error)
{
	make_data(call, REFUSED, data);
	g_set_error(error, WV_ERROR, WV_ERROR_KERNEL, "not today");
	return false;
}

static bool prepare_for_nothing(struct wv_call *call, void **data, GError **error)
{
	(void)error;
	return make_data(call, ESSENTIAL, data);
}

static const struct wv_want wants[] = {
	WV_SYMBOL("init_task", NULL),
	WV_MEMBER("task_struct", "comm", NULL),
};

static const struct wv_plugin_guest direct_on_linux = {
	.os = WV_OS_LINUX,
	.traps = traps,
	.n_traps = TRAP_COUNT,
	.wants = wants,
	.n_wants = G_N_ELEMENTS(wants),
	.prepare = prepare,
	.unprepare = unprepare,
};

static const struct wv_plugin direct = {
	.name = "direct",
	.summary = "a test",
	.events = types,
	.n_events = EVENT_COUNT,
	.guests = { &direct_on_linux },
};

/* What is of no use after all -------------------------------------------------------------------*/

static const struct wv_trap_def absent_traps[] = {
	{ .functions = { "absent_one" }, .on_entry = tell_with },
};

static const struct wv_plugin_guest refused_on_linux = {
	.os = WV_OS_LINUX,
	.traps = absent_traps,
	.n_traps = 1,
	.prepare = prepare_in_vain,
	.unprepare = unprepare,
};

static const struct wv_plugin refused = {
	.name = "refused",
	.summary = "a test",
	.events = types,
	.n_events = EVENT_COUNT,
	.guests = { &refused_on_linux },
};

static const struct wv_plugin_guest essential_on_linux = {
	.os = WV_OS_LINUX,
	.traps = absent_traps,
	.n_traps = 1,
	.prepare = prepare_for_nothing,
	.unprepare = unprepare,
};

static const struct wv_plugin essential = {
	.name = "essential",
	.summary = "a test",
	.events = types,
	.n_events = EVENT_COUNT,
	.guests = { &essential_on_linux },
};

const struct wv_plugin *const wv_plugins[] = { &direct, &refused, &essential, NULL };

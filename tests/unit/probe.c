/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plugins for tests of the monitor. */
#include "probe.h"

#include <string.h>

#include "monitor/registry.h"

const char *const probe_functions[] = {
	"outer_old", "outer_new", "inner", "plain", "twice", "frequent", "failing", NULL,
};

enum { RUNNING, OUTER, INNER, PLAIN, TWICE, FREQUENT, EXIT, EVENT_COUNT };
enum {
	TRAP_OUTER,
	TRAP_INNER,
	TRAP_PLAIN,
	TRAP_TWICE_FIRST,
	TRAP_TWICE_SECOND,
	TRAP_FREQUENT,
	TRAP_ABSENT,
	TRAP_EXIT,
	TRAP_COUNT
};
enum { WANT_COMM, WANT_ABSENT, WANT_QUIET, WANT_SECUREEXEC, WANT_COUNT };

static const struct wv_field numbers[] = {
	{ "First", WV_KIND_HEX, .meaning = "a number" },
	{ "Second", WV_KIND_HEX, .optional = true, .meaning = "a number" },
	{ "Third", WV_KIND_HEX, .optional = true, .meaning = "a number" },
	{ "Fourth", WV_KIND_HEX, .optional = true, .meaning = "a number" },
	{ "Fifth", WV_KIND_HEX, .optional = true, .meaning = "a number" },
	{ "Sixth", WV_KIND_HEX, .optional = true, .meaning = "a number" },
	{ "Seventh", WV_KIND_HEX, .optional = true, .meaning = "a number" },
	{ "Eighth", WV_KIND_HEX, .optional = true, .meaning = "a number" },
};

static const struct wv_field texts[] = {
	{ "Text", WV_KIND_STRING, .optional = true, .meaning = "a text" },
	{ "Bits", WV_KIND_NUMBER, .optional = true, .meaning = "a bit field" },
};

#define TYPE(symbol, fields_, ...)                                                                 \
	static const struct wv_event_type symbol = {                                               \
		.plugin = "probe",                                                                 \
		.methods = { __VA_ARGS__ },                                                        \
		.os = WV_OS_LINUX,                                                                 \
		.fields = fields_,                                                                 \
		.n_fields = G_N_ELEMENTS(fields_),                                                 \
		.meaning = "a test",                                                               \
	}

TYPE(type_running, texts, "running");
TYPE(type_outer, numbers, "outer_new", "outer_old");
TYPE(type_inner, numbers, "inner");
TYPE(type_plain, numbers, "plain");
TYPE(type_twice, numbers, "twice");
TYPE(type_frequent, texts, "frequent");
TYPE(type_exit, numbers, "do_exit");

static const struct wv_event_type *const types[EVENT_COUNT] = {
	[RUNNING] = &type_running, [OUTER] = &type_outer, [INNER] = &type_inner,
	[PLAIN] = &type_plain,	   [TWICE] = &type_twice, [FREQUENT] = &type_frequent,
	[EXIT] = &type_exit,
};

static void running(struct wv_call *call)
{
	const struct wv_identity *process = wv_call_caller(call);
	struct wv_event *event = wv_event_open(call, RUNNING);

	wv_event_text(event, 0, process->name, process->name_size, process->name_truncated);
	wv_event_close(event);
}

/** What a call keeps, which is zero at its entry whatever the last one kept. */
static uint8_t *fresh_saved(struct wv_call *call)
{
	uint8_t *saved = wv_call_saved(call);

	for (unsigned i = 0; i < WV_CALL_SAVED_MAX; i++)
		g_assert(saved[i] == 0);
	return saved;
}

static enum wv_verdict outer_entry(struct wv_call *call)
{
	uint8_t *saved = fresh_saved(call);
	uint64_t argument = wv_call_argument(call, 0);

	memset(saved, 0xa5, WV_CALL_SAVED_MAX);
	memcpy(saved, &argument, sizeof(argument));
	return argument == PROBE_DONE ? WV_DONE : WV_AWAIT_RETURN;
}

static void outer_return(struct wv_call *call)
{
	const uint8_t *saved = wv_call_saved(call);
	uint64_t argument;
	struct wv_event *event = wv_event_open(call, OUTER);

	memcpy(&argument, saved, sizeof(argument));
	for (unsigned i = sizeof(argument); i < WV_CALL_SAVED_MAX; i++)
		g_assert(saved[i] == 0xa5);
	wv_event_unsigned(event, 0, argument);
	wv_event_unsigned(event, 1, wv_call_result(call));
	wv_event_close(event);
}

/** Tells the argument of the innermost outer call that it is in. */
static enum wv_verdict inner_entry(struct wv_call *call)
{
	const void *outer = wv_call_outer(call, TRAP_OUTER);
	struct wv_event *event = wv_event_open(call, INNER);
	uint64_t argument;

	fresh_saved(call); /* although it awaits no return */
	wv_event_unsigned(event, 0, wv_call_argument(call, 0));
	if (outer) {
		memcpy(&argument, outer, sizeof(argument));
		wv_event_unsigned(event, 1, argument);
	}
	wv_event_close(event);
	return WV_DONE;
}

static enum wv_verdict plain_entry(struct wv_call *call)
{
	struct wv_event *event = wv_event_open(call, PLAIN);

	for (unsigned i = 0; i < G_N_ELEMENTS(numbers); i++)
		wv_event_unsigned(event, i, wv_call_argument(call, i));
	wv_event_close(event);
	return WV_DONE;
}

static void write_twice(struct wv_call *call, uint64_t which, uint64_t value)
{
	struct wv_event *event = wv_event_open(call, TWICE);

	wv_event_unsigned(event, 0, which);
	wv_event_unsigned(event, 1, value);
	wv_event_close(event);
}

static enum wv_verdict twice_entry(struct wv_call *call)
{
	uint64_t argument = wv_call_argument(call, 0);

	memcpy(wv_call_saved(call), &argument, sizeof(argument));
	write_twice(call, 0xe1, argument);
	return WV_AWAIT_RETURN;
}

static enum wv_verdict twice_entry_second(struct wv_call *call)
{
	write_twice(call, 0xe2, wv_call_argument(call, 0));
	return WV_AWAIT_RETURN;
}

static void twice_return(struct wv_call *call)
{
	write_twice(call, 0xf1, wv_call_result(call));
}

static void twice_return_second(struct wv_call *call)
{
	write_twice(call, 0xf2, wv_call_result(call));
}

/** Tells a string that its argument points to, and a bit field behind its second one. */
static enum wv_verdict frequent_entry(struct wv_call *call)
{
	struct wv_event *event = wv_event_open(call, FREQUENT);
	uint64_t binprm = wv_call_argument(call, 1), bits;

	if (wv_call_argument(call, 0))
		wv_event_string(event, 0, wv_call_space(call), wv_call_argument(call, 0));
	if (binprm && wv_call_read_bits(call, binprm, WANT_SECUREEXEC, &bits))
		wv_event_unsigned(event, 1, bits);
	wv_event_close(event);
	return WV_DONE;
}

static enum wv_verdict exit_entry(struct wv_call *call)
{
	struct wv_event *event = wv_event_open(call, EXIT);

	wv_event_unsigned(event, 0, wv_call_argument(call, 0));
	wv_event_close(event);
	return WV_DONE;
}

static const struct wv_trap_def traps[TRAP_COUNT] = {
	[TRAP_OUTER] = { .functions = { "outer_new", "outer_old" },
			 .cost = "outer events",
			 .on_entry = outer_entry,
			 .on_return = outer_return },
	[TRAP_INNER] = { .functions = { "inner" },
			 .cost = "inner events",
			 .on_entry = inner_entry },
	[TRAP_PLAIN] = { .functions = { "plain" },
			 .cost = "plain events",
			 .on_entry = plain_entry },
	[TRAP_TWICE_FIRST] = { .functions = { "twice" },
			       .cost = "first events",
			       .on_entry = twice_entry,
			       .on_return = twice_return },
	[TRAP_TWICE_SECOND] = { .functions = { "twice" },
				.cost = "second events",
				.on_entry = twice_entry_second,
				.on_return = twice_return_second },
	[TRAP_FREQUENT] = { .functions = { "frequent" },
			    .cost = "frequent events",
			    .ttl = true,
			    .on_entry = frequent_entry },
	[TRAP_ABSENT] = { .functions = { "absent_new", "absent_old" },
			  .cost = "absent events",
			  .on_entry = plain_entry },
	[TRAP_EXIT] = { .functions = { "do_exit" }, .cost = "exit events", .on_entry = exit_entry },
};

static const struct wv_want wants[WANT_COUNT] = {
	[WANT_COMM] = WV_MEMBER("task_struct", "comm", "names"),
	[WANT_ABSENT] = WV_MEMBER("no_struct", "no_member|nor_this", "nothing at all"),
	[WANT_QUIET] = WV_SYMBOL_IF_ANY("no_symbol"),
	[WANT_SECUREEXEC] = WV_MEMBER("linux_binprm", "secureexec", "secureexec"),
};

static const struct wv_plugin_guest probe_on_linux = {
	.os = WV_OS_LINUX,
	.traps = traps,
	.n_traps = TRAP_COUNT,
	.wants = wants,
	.n_wants = WANT_COUNT,
	.on_process = running,
};

static const struct wv_plugin probe = {
	.name = "probe",
	.summary = "a test",
	.events = types,
	.n_events = EVENT_COUNT,
	.guests = { &probe_on_linux },
};

/* needy -----------------------------------------------------------------------------------------*/

static const struct wv_event_type type_needed = {
	.plugin = "needy",
	.methods = { "needed_function" },
	.os = WV_OS_LINUX,
	.fields = numbers,
	.n_fields = G_N_ELEMENTS(numbers),
	.meaning = "a test",
};

static const struct wv_event_type *const needy_types[] = { &type_needed };

static enum wv_verdict needed_entry(struct wv_call *call)
{
	struct wv_event *event = wv_event_open(call, 0);

	wv_event_unsigned(event, 0, wv_call_argument(call, 0));
	wv_event_close(event);
	return WV_DONE;
}

static const struct wv_trap_def needy_traps[] = {
	{ .functions = { "needed_function" }, .on_entry = needed_entry },
};

static const struct wv_want needy_wants[] = {
	WV_MEMBER("mm_struct", "arg_start", NULL),
};

static const struct wv_plugin_guest needy_on_linux = {
	.os = WV_OS_LINUX,
	.traps = needy_traps,
	.n_traps = 1,
	.wants = needy_wants,
	.n_wants = 1,
};

static const struct wv_plugin needy = {
	.name = "needy",
	.summary = "a test",
	.events = needy_types,
	.n_events = 1,
	.guests = { &needy_on_linux },
};

const struct wv_plugin *const wv_plugins[] = { &probe, &needy, NULL };

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* poolmon: who takes memory from the pools of a Windows kernel, how much, and what for. */
#include "monitor/plugin.h"
#include "plugins/poolmon/tags_file.h"
#include "plugins/poolmon/types.h"
#include "plugins/tag_text.h"

/** Tables of tags that are asked one after the other. */
enum table { TABLE_OF_USER, TABLE_KNOWN, TABLE_COUNT };

struct state {
	bool all;
	struct poolmon_tags_file file;
	struct poolmon_tags *tables[TABLE_COUNT]; /* NULL: the user has none */
};

/* Events ----------------------------------------------------------------------------------------*/

/** The event types, by their index in the plugin's table. */
enum event { EVENT_TAG, EVENT_QUOTA_TAG, EVENT_FLAGS, EVENT_FREE, EVENT_COUNT };

/** Fields of all types: of allocations first, and those of FREE, which has fewer. */
enum field { VCPU, CR3, TAG, TYPE, SIZE, SOURCE, DESCRIPTION, ADDRESS };
enum free_field { FREE_SOURCE = TAG + 1, FREE_DESCRIPTION, FREE_ADDRESS };

#define COMMON_FIELDS                                                                              \
	[VCPU] = { "VCPU", WV_KIND_NUMBER, .given = WV_GIVEN_VCPU,                                 \
		   .meaning = "The virtual CPU of the call." },                                    \
	[CR3] = { "CR3", WV_KIND_HEX, .given = WV_GIVEN_CR3, .meaning = "The CR3 register." },     \
	[TAG] = { "Tag", WV_KIND_NAME, wv_tag_text,                                                \
		  .meaning = "The tag's four bytes, in the order of memory; each that is no "      \
			     "printable ASCII is `?`." }

#define TAG_FIELDS(source, description)                                                            \
	[source] = { "Source", WV_KIND_STRING, .optional = true,                                   \
		     .meaning = "The driver that the tag belongs to, where it is known." },        \
	[description] = { "Description", WV_KIND_STRING, .optional = true,                         \
			  .meaning = "What memory with this tag holds, where it is known." }

#define ALLOCATION_FIELDS                                                                          \
	COMMON_FIELDS, TAG_FIELDS(SOURCE, DESCRIPTION),                                            \
		[SIZE] = { "Size", WV_KIND_NUMBER, .meaning = "The bytes asked for." },            \
		[ADDRESS] = { "Address", WV_KIND_HEX, .optional = true,                            \
			      .meaning = "What was got, 0x0 if nothing was: with "                 \
					 "`--poolmon-all`." }

static const struct wv_field typed_fields[] = {
	ALLOCATION_FIELDS,
	[TYPE] = { "Type", WV_KIND_NAME, poolmon_format_type,
		   .meaning = "The kind of pool by its name in POOL_TYPE, with the flags added to "
			      "it: `NonPagedPoolNx|POOL_ZERO_ALLOCATION`; or unknown_pool_type." },
};

static const struct wv_field flags_fields[] = {
	ALLOCATION_FIELDS,
	[TYPE] = { "Flags", WV_KIND_FLAGS, poolmon_format_flags,
		   .meaning = "The kind of pool, and how: `POOL_FLAG_USE_QUOTA|POOL_FLAG_PAGED`." },
};

static const struct wv_field free_fields[] = {
	COMMON_FIELDS,
	TAG_FIELDS(FREE_SOURCE, FREE_DESCRIPTION),
	[FREE_ADDRESS] = { "Address", WV_KIND_HEX, .meaning = "The memory that is given back." },
};

#define EVENT_TYPE(function, fields_, meaning_)                                                    \
	{                                                                                          \
		.plugin = "poolmon", .methods = { function }, .os = WV_OS_WINDOWS,                 \
		.fields = fields_, .n_fields = G_N_ELEMENTS(fields_), .json_session = true,        \
		.meaning = meaning_                                                                \
	}

static const struct wv_event_type types[EVENT_COUNT] = {
	[EVENT_TAG] = EVENT_TYPE("ExAllocatePoolWithTag", typed_fields,
				 "Memory is taken from a pool; told on return if its address is."),
	[EVENT_QUOTA_TAG] = EVENT_TYPE("ExAllocatePoolWithQuotaTag", typed_fields,
				       "The same, charged to the process: `--poolmon-all`."),
	[EVENT_FLAGS] = EVENT_TYPE("ExAllocatePool2", flags_fields,
				   "The same in newer kernels' way: `--poolmon-all`."),
	[EVENT_FREE] = EVENT_TYPE("ExFreePoolWithTag", free_fields,
				  "Memory is given back to its pool: `--poolmon-all`."),
};

static const struct wv_event_type *const events[EVENT_COUNT] = {
	[EVENT_TAG] = &types[EVENT_TAG],
	[EVENT_QUOTA_TAG] = &types[EVENT_QUOTA_TAG],
	[EVENT_FLAGS] = &types[EVENT_FLAGS],
	[EVENT_FREE] = &types[EVENT_FREE],
};

static void write_text(struct wv_event *event, unsigned field, struct wv_bytes text)
{
	if (text.size)
		wv_event_text(event, field, text.data, text.size, false);
}

/** Writes whose tag it is, and what for, as far as that is known. */
static void write_known(struct wv_call *call, struct wv_event *event, uint32_t tag, unsigned source,
			unsigned description)
{
	const struct state *state = wv_call_state(call);
	const struct poolmon_tag *row = NULL;

	for (unsigned i = 0; i < TABLE_COUNT && !row; i++)
		if (state->tables[i])
			row = poolmon_tags_find(state->tables[i], tag);
	if (!row)
		return;
	write_text(event, source, row->source);
	write_text(event, description, row->description);
}

/* Calls -----------------------------------------------------------------------------------------*/

/** What an allocation is asked for; kept until it returns where its address is to be told. */
struct allocation {
	uint64_t type; /* POOL_TYPE or POOL_FLAGS */
	uint64_t size;
	uint32_t tag;
};

static void tell_allocation(struct wv_call *call, enum event type,
			    const struct allocation *allocation, const uint64_t *address)
{
	struct wv_event *event = wv_event_open(call, type);

	wv_event_unsigned(event, TAG, allocation->tag);
	wv_event_unsigned(event, TYPE, allocation->type);
	wv_event_unsigned(event, SIZE, allocation->size);
	write_known(call, event, allocation->tag, SOURCE, DESCRIPTION);
	if (address)
		wv_event_unsigned(event, ADDRESS, *address);
	wv_event_close(event);
}

static void tell_return(struct wv_call *call, enum event type)
{
	uint64_t address = wv_call_result(call);

	tell_allocation(call, type, wv_call_saved(call), &address);
}

/** (POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag) */
static void read_typed(struct wv_call *call, struct allocation *allocation)
{
	allocation->type = (uint32_t)wv_call_argument(call, 0);
	allocation->size = wv_call_argument(call, 1);
	allocation->tag = (uint32_t)wv_call_argument(call, 2);
}

static enum wv_verdict tag_entry(struct wv_call *call)
{
	struct allocation allocation;

	read_typed(call, &allocation);
	tell_allocation(call, EVENT_TAG, &allocation, NULL);
	return WV_DONE;
}

static enum wv_verdict typed_entry(struct wv_call *call)
{
	read_typed(call, wv_call_saved(call));
	return WV_AWAIT_RETURN;
}

/** (POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag): the first is two words on 32 bits. */
static enum wv_verdict flags_entry(struct wv_call *call)
{
	struct allocation *allocation = wv_call_saved(call);
	unsigned next = 0;

	allocation->type = wv_call_argument(call, next++);
	if (wv_guest_word(wv_call_guest(call)) == sizeof(uint32_t))
		allocation->type |= wv_call_argument(call, next++) << 32;
	allocation->size = wv_call_argument(call, next++);
	allocation->tag = (uint32_t)wv_call_argument(call, next);
	return WV_AWAIT_RETURN;
}

static void tag_return(struct wv_call *call)
{
	tell_return(call, EVENT_TAG);
}

static void quota_tag_return(struct wv_call *call)
{
	tell_return(call, EVENT_QUOTA_TAG);
}

static void flags_return(struct wv_call *call)
{
	tell_return(call, EVENT_FLAGS);
}

/** (PVOID P, ULONG Tag) */
static enum wv_verdict free_entry(struct wv_call *call)
{
	uint64_t address = wv_call_argument(call, 0);
	uint32_t tag = (uint32_t)wv_call_argument(call, 1);
	struct wv_event *event = wv_event_open(call, EVENT_FREE);

	wv_event_unsigned(event, TAG, tag);
	write_known(call, event, tag, FREE_SOURCE, FREE_DESCRIPTION);
	wv_event_unsigned(event, FREE_ADDRESS, address);
	wv_event_close(event);
	return WV_DONE;
}

static bool wants_all(const void *state)
{
	return ((const struct state *)state)->all;
}

static bool wants_usual(const void *state)
{
	return !wants_all(state);
}

static const struct wv_trap_def traps[] = {
	/* what is not awaited is trapped at no return */
	{ .functions = { "ExAllocatePoolWithTag" },
	  .ttl = true,
	  .on_entry = tag_entry,
	  .wanted = wants_usual },
	{ .functions = { "ExAllocatePoolWithTag" },
	  .ttl = true,
	  .on_entry = typed_entry,
	  .on_return = tag_return,
	  .saved_size = sizeof(struct allocation),
	  .wanted = wants_all },
	{ .functions = { "ExAllocatePoolWithQuotaTag" },
	  .cost = "allocations with quota",
	  .ttl = true,
	  .on_entry = typed_entry,
	  .on_return = quota_tag_return,
	  .saved_size = sizeof(struct allocation),
	  .wanted = wants_all },
	{ .functions = { "ExAllocatePool2" },
	  .cost = "allocations by flags (Windows 10 2004 and later)",
	  .ttl = true,
	  .on_entry = flags_entry,
	  .on_return = flags_return,
	  .saved_size = sizeof(struct allocation),
	  .wanted = wants_all },
	{ .functions = { "ExFreePoolWithTag" },
	  .cost = "releases",
	  .ttl = true,
	  .on_entry = free_entry,
	  .wanted = wants_all },
};

static const struct wv_plugin_guest on_windows = {
	.os = WV_OS_WINDOWS,
	.traps = traps,
	.n_traps = G_N_ELEMENTS(traps),
};

/* Options ---------------------------------------------------------------------------------------*/

static const struct wv_option options[] = {
	{ "poolmon-all", false, NULL,
	  "also ExAllocatePool2, ExAllocatePoolWithQuotaTag, ExFreePoolWithTag, and addresses" },
	{ "pooltags", true, "FILE",
	  "a pooltag.txt, as WinDbg has it, whose tags are looked up first" },
};

static void deconfigure(void *data)
{
	struct state *state = data;

	for (unsigned i = 0; i < TABLE_COUNT; i++)
		poolmon_tags_free(state->tables[i]);
	poolmon_tags_file_deinit(&state->file);
	g_free(state);
}

static bool load_tags(struct state *state, const char *path, GError **error)
{
	if (!poolmon_tags_file_load(&state->file, path, error)) {
		g_prefix_error(error, "--pooltags: ");
		return false;
	}

	const GArray *rows = state->file.rows;

	state->tables[TABLE_OF_USER] =
		poolmon_tags_new((const struct poolmon_tag *)(void *)rows->data, rows->len);
	return true;
}

static bool configure(const struct wv_settings *settings, void **data, GError **error)
{
	struct state *state = g_new0(struct state, 1);
	g_autofree char *path = wv_settings_get(settings, "pooltags");

	state->all = wv_settings_flag(settings, "poolmon-all");
	state->tables[TABLE_KNOWN] = poolmon_tags_new(poolmon_known_tags, poolmon_known_tags_count);
	if (path && !load_tags(state, path, error)) {
		deconfigure(state);
		return false;
	}
	*data = state;
	return true;
}

const struct wv_plugin wv_plugin_poolmon = {
	.name = "poolmon",
	.summary = "pool allocations",
	.options = options,
	.n_options = G_N_ELEMENTS(options),
	.events = events,
	.n_events = G_N_ELEMENTS(events),
	.guests = { &on_windows },
	.configure = configure,
	.deconfigure = deconfigure,
};

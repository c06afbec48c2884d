/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's services by number: from the table that the kernel itself calls them through
 * (KeServiceDescriptorTable), with names and arguments from our prototypes.
 *
 * Names are the profile's: a service that no prototype has keeps its name, and its arguments are
 * numbers. A name belongs to a number by its function's address. Where the linker has made one
 * function of several, which have the same code, its names belong to its numbers in the order of
 * their Zw functions: those are stubs, one for each service, in the order of the numbers.
 */
#include "plugins/syscalls/windows.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/** Arguments that x64 passes in registers; the table says how many more there are. */
#define REGISTER_ARGUMENTS 4

/** KSERVICE_TABLE_DESCRIPTOR: Base, Count, Limit, Number, each as wide as a pointer. */
enum descriptor_word { WORD_BASE, WORD_COUNT, WORD_LIMIT, WORD_ARGUMENTS, DESCRIPTOR_WORDS };

/** A function of this kernel that may be a service. */
struct named {
	const char *name; /* the profile's */
	uint64_t address;
	uint64_t stub; /* its Zw function; UINT64_MAX: there is none, so it should be no service */
	bool taken;    /* by a number */
};

/** Functions by address, rising; those at one address by their stubs. */
struct functions {
	struct named *items;
	unsigned count;
};

static int compare_numbers(uint64_t left, uint64_t right)
{
	return (left > right) - (left < right);
}

static int compare_named(const void *a, const void *b)
{
	const struct named *left = a, *right = b;
	int order = compare_numbers(left->address, right->address);

	if (!order)
		order = compare_numbers(left->stub, right->stub);
	return order ? order : strcmp(left->name, right->name);
}

static void add_function(void *owner, const char *name, uint64_t address)
{
	const struct named function = { .name = name, .address = address, .stub = UINT64_MAX };

	g_array_append_val((GArray *)owner, function);
}

static struct functions find_functions(const struct wv_profile *profile)
{
	GArray *found = g_array_new(FALSE, FALSE, sizeof(struct named));
	struct functions functions;

	wv_profile_symbols(profile, "Nt", add_function, found);
	functions.count = found->len;
	functions.items = (struct named *)(void *)g_array_free(found, FALSE);
	for (unsigned i = 0; i < functions.count; i++) {
		struct named *named = &functions.items[i];
		g_autofree char *stub = g_strconcat("Zw", named->name + strlen("Nt"), NULL);

		wv_profile_symbol(profile, stub, &named->stub);
	}
	if (functions.count)
		qsort(functions.items, functions.count, sizeof(*functions.items), compare_named);
	return functions;
}

/** The first function at an address, or NULL. */
static struct named *function_at(const struct functions *functions, uint64_t address)
{
	unsigned low = 0, high = functions->count;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (functions->items[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < functions->count && functions->items[low].address == address
		       ? &functions->items[low]
		       : NULL;
}

/**
 * Which name the next number that leads to an address has: the first that no number has yet, or if
 * there are fewer names than numbers, the last. NULL: none is known.
 */
static const char *take_name(const struct functions *functions, uint64_t address)
{
	const struct named *end = functions->items + functions->count;
	struct named *named = function_at(functions, address);

	if (!named)
		return NULL;
	while (named->taken && named + 1 < end && named[1].address == address)
		named++;
	named->taken = true;
	return named->name;
}

/* The kernel's own table ------------------------------------------------------------------------*/

static bool read_descriptor(struct wv_call *call, uint64_t words[DESCRIPTOR_WORDS])
{
	size_t size = wv_guest_word(wv_call_guest(call));
	uint64_t address = wv_call_place(call, SYM_SERVICE_TABLE)->value;

	memset(words, 0, DESCRIPTOR_WORDS * sizeof(*words));
	for (unsigned i = 0; i < DESCRIPTOR_WORDS; i++)
		if (!wv_space_read(wv_call_space(call), address + i * size, &words[i], size))
			return false;
	words[WORD_LIMIT] = (uint32_t)words[WORD_LIMIT];
	return words[WORD_LIMIT] && words[WORD_LIMIT] <= SERVICES_MAX;
}

/** Reads where a number leads, and how many words of arguments it takes. False: nowhere. */
static bool read_entry(struct wv_call *call, const struct services *services,
		       const uint64_t words[DESCRIPTOR_WORDS], unsigned number, uint64_t *address,
		       unsigned *n_words)
{
	const struct wv_space *space = wv_call_space(call);
	uint32_t entry;
	uint8_t bytes;

	if (!wv_space_read_u32(space, words[WORD_BASE] + number * sizeof(entry), &entry))
		return false;
	if (!services->is_32) {
		/* the distance from the table, and in the low bits the arguments on the stack */
		*address = words[WORD_BASE] + (uint64_t)(int64_t)((int32_t)entry >> 4);
		*n_words = REGISTER_ARGUMENTS + (entry & 15);
	} else {
		*address = entry;
		*n_words = WV_NT_ARGS;
		if (wv_space_read_u8(space, words[WORD_ARGUMENTS] + number, &bytes))
			*n_words = bytes / (unsigned)sizeof(uint32_t);
	}
	/* a service is nowhere else than in the kernel's half, whatever a table says */
	return wv_paging_is_upper_half(space->paging.mode, *address);
}

/** How many of the prototype's arguments there are in so many words: older kernels take fewer. */
static uint8_t count_arguments(const struct service *service, unsigned n_words, bool is_32)
{
	unsigned most = service->prototype ? service->prototype->n_arguments : WV_NT_ARGS;
	unsigned used = 0, count = 0;

	while (count < most) {
		const struct wv_nt_argument *argument =
			wv_nt_argument_at(service->prototype, count);

		used += is_32 && argument->bits_compat > 32 ? 2 : 1;
		if (used > n_words)
			break;
		count++;
	}
	return (uint8_t)count;
}

static void define(struct wv_call *call, const struct services *services, unsigned number)
{
	const struct service *service = &services->table[number];
	char *names[WV_NT_ARGS], *types[WV_NT_ARGS];

	for (unsigned i = 0; i < service->n_args; i++) {
		const struct wv_nt_argument *argument = wv_nt_argument_at(service->prototype, i);

		names[i] = (char *)argument->name;
		types[i] = (char *)argument->type;
	}
	wv_event_define(call, SYSCALLS_SERVICE, number, service->name,
			services->is_32 ? SYSCALLS_COMPAT : 0, names, types, service->n_args);
}

static void add_service(struct wv_call *call, struct services *services, unsigned number,
			uint64_t address, const char *name, unsigned n_words)
{
	g_autofree char *unknown = g_strdup_printf("syscall_%u", number);
	const struct syscalls_state *state = wv_call_state(call);
	struct service *service = &services->table[number];

	service->address = address;
	service->name = g_string_chunk_insert(services->names, name ? name : unknown);
	service->prototype = wv_nt_prototype_find(service->name);
	service->n_args = count_arguments(service, n_words, services->is_32);
	service->wanted = !state->only || g_hash_table_contains(state->only, service->name);
	for (unsigned i = 0; i < service->n_args; i++)
		service->has_output |=
			wv_nt_argument_at(service->prototype, i)->when & WV_ON_RETURN;
	define(call, services, number);
}

/**
 * Chooses for which of the numbers that lead to a function its trap is: the first that is wanted.
 * Returns how many traps that makes.
 */
static unsigned choose_traps(struct services *services)
{
	g_autoptr(GHashTable) first = g_hash_table_new(g_int64_hash, g_int64_equal);
	g_autoptr(GHashTable) trapped = g_hash_table_new(g_int64_hash, g_int64_equal);

	for (unsigned i = 0; i < services->count; i++) {
		struct service *service = &services->table[i];
		struct service *same = g_hash_table_lookup(first, &service->address);

		if (same)
			same->shared = service->shared = true;
		else
			g_hash_table_insert(first, &service->address, service);
		service->trapped = service->address && service->wanted &&
				   g_hash_table_add(trapped, &service->address);
	}
	return g_hash_table_size(trapped);
}

/** Traps all functions that are wanted, or none: there is no room for so many traps. */
static bool trap_functions(struct wv_call *call, struct services *services)
{
	bool done = choose_traps(services) <= wv_call_trap_room(call);

	for (unsigned i = 0; i < services->count && done; i++) {
		const struct service *service = &services->table[i];

		if (service->trapped)
			done = wv_call_trap(call, &service_trap, service->address, service->name,
					    i);
	}
	return done;
}

static void find_services(struct wv_call *call, struct services *services,
			  const uint64_t words[DESCRIPTOR_WORDS])
{
	struct functions functions = find_functions(wv_call_guest(call)->profile);
	uint64_t address;
	unsigned n_words;

	services->count = (unsigned)words[WORD_LIMIT];
	for (unsigned i = 0; i < services->count; i++)
		if (read_entry(call, services, words, i, &address, &n_words))
			add_service(call, services, i, address, take_name(&functions, address),
				    n_words);
	g_free(functions.items);
}

bool services_prepare(struct wv_call *call, void **data, GError **error)
{
	uint64_t words[DESCRIPTOR_WORDS];

	if (!read_descriptor(call, words)) {
		g_set_error(error, WV_ERROR, WV_ERROR_KERNEL,
			    "the kernel's table of services can not be read");
		return false;
	}

	struct services *services = g_new0(struct services, 1);

	services->is_32 = !wv_windows_is_64(wv_call_guest(call));
	services->names = g_string_chunk_new(4096);
	services_find_stub(call, services);
	find_services(call, services, words);
	if (!trap_functions(call, services)) {
		services_unprepare(services);
		g_set_error(error, WV_ERROR, WV_ERROR_KERNEL,
			    "there is no room for traps of all services");
		return false;
	}
	*data = services;
	return true;
}

void services_unprepare(void *data)
{
	struct services *services = data;

	g_string_chunk_free(services->names);
	g_free(services);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target (libFuzzer) for the plugin syscalls on a hostile Windows: any service with any
 * arguments, in a tiny kernel whose memory, page tables and registers the input changes. Nothing
 * may crash or take long, and what is told must be well-formed.
 *
 * The input: which guest (1 byte), flags (1), the service (2), its result (2), its arguments (2
 * each), and changes, see changes.h. Of the guests one has 64 bits and a program of WoW64, one has
 * 32 bits, and one of 64 bits is looked at after the changes only, with its table of services.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "hostile.h"
#include "plugins/syscalls/nt.h"
#include "services_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** A service's arguments, in words: those of 64 bits take two of 32. */
#define WORDS_MAX 18u
#define HEAD_SIZE (6u + 2u * WORDS_MAX)

/** In the process's memory: what a process is started with; small structures; nothing but zeroes.
 */
#define PARAMETERS USER
#define STRUCTURES (USER + MOCK_PAGE)
#define ZEROES	   (USER + 2 * MOCK_PAGE)

struct guest {
	struct hostile hostile; /* first: a struct hostile * is a struct guest * */
	struct services_fixture fixture;
	uint64_t zeroes; /* where that page is in physical memory */
};

/* The guest -------------------------------------------------------------------------------------*/

static void write_words(struct services_fixture *fixture, uint64_t address, const uint64_t *words,
			unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		services_write_word(fixture, address + i * services_word(fixture), words[i]);
}

/** A string, attributes with a name and a root, a pointer to an identifier, and lists, in turns. */
static void fill_structures(struct services_fixture *fixture)
{
	static const uint32_t sid[] = { 0x101, 0x5000000, 18 }, privileges[] = { 2, 1, 20, 0, 2 };

	for (uint64_t at = STRUCTURES; at < STRUCTURES + MOCK_PAGE; at += 0x100) {
		const uint64_t attributes[] = { 48, 0x24 + (at >> 8 & 15) * 4, at, 0x42 };

		services_write_string(fixture, at, at + 0xc0, "\\a na\xc3\xafve name");
		write_words(fixture, at + 0x20, attributes, G_N_ELEMENTS(attributes));
		services_write_word(fixture, at + 0x40, at + 0x48);
		nt_write_user(&fixture->guest, fixture->process, at + 0x48, sid, sizeof(sid));
		nt_write_user(&fixture->guest, fixture->process, at + 0x60, privileges,
			      sizeof(privileges));
		services_write_word(fixture, at + 0x80, 0x24);
	}
}

static void fill_parameters(struct services_fixture *fixture)
{
	static const char *const texts[] = { "ImagePathName", "CommandLine", "DllPath",
					     "CurrentDirectory.DosPath" };
	static const uint32_t normalized = 1;
	struct nt_guest *nt = &fixture->guest;

	nt_write_user(nt, fixture->process,
		      PARAMETERS + nt_offset(nt, "_RTL_USER_PROCESS_PARAMETERS.Flags"), &normalized,
		      sizeof(normalized));
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *name =
			g_strconcat("_RTL_USER_PROCESS_PARAMETERS.", texts[i], NULL);

		services_write_string(fixture, PARAMETERS + nt_offset(nt, name),
				      PARAMETERS + MOCK_PAGE - 0x100 * (i + 1), "C:\\a.exe /x");
	}
}

/** Handles of each kind of object that tells something of its own, from 0x24 on. */
static void fill_handles(struct services_fixture *fixture)
{
	struct nt_guest *nt = &fixture->guest;
	struct nt_process *other = nt_process(nt, 16, 4, "\\Device\\HarddiskVolume2\\b.exe");
	uint64_t device = nt_make_named_object(nt, nt_type(nt, "Device", "Devi"), 64,
					       "\\Device\\HarddiskVolume2", false);
	uint64_t root = nt_key_level(nt, 0, "REGISTRY");
	const uint64_t objects[] = {
		nt_make_named_object(nt, nt_type(nt, "Event", "Even"), 64, "an event", true),
		nt_make_file(nt, device, "\\Users\\me"),
		nt_make_key(nt, nt_key_level(nt, root, "MACHINE")),
		other->address,
		other->thread,
		fixture->process->address,
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(objects); i++) {
		nt_put_handle(nt, fixture->process, 0x24 + i * 4, objects[i]);
		nt_put_handle(nt, other, 0x24 + i * 4, objects[G_N_ELEMENTS(objects) - 1 - i]);
		nt_put_handle(nt, &nt->processes[0], 0x24 + i * 4, objects[i]);
	}
}

static void watch(struct hostile *hostile)
{
	struct nt_guest *nt = &((struct guest *)hostile)->fixture.guest;
	g_autofree char *config = g_strdup_printf(
		"[wyvern]\nprofile=%s\nplugin=syscalls;\nbuffer_preview=100\n", nt->profile_path);

	watcher_start(&hostile->watcher, &nt->mock.machine, config);
}

static void settle(struct hostile *hostile)
{
	((struct guest *)hostile)->fixture.process->depth = 0;
}

/* The call --------------------------------------------------------------------------------------*/

static uint64_t argument(const struct services_fixture *fixture, uint16_t value)
{
	switch (value >> 13) {
	case 0: /* handles of objects, of no table, and anything that is small */
		if (value & 0x1000)
			return 0x20u + value % 8 * 4u;
		return value & 0x800 ? UINT64_MAX - value % 8 : value % 128;
	case 1:
		return UINT64_C(0xffffffff80000000) | value % 128;
	case 2:
		return UINT64_C(1) << value % 64;
	case 3: /* to the end of the pages, and beyond */
		return USER_END - (value & 0xff) + 16;
	case 4: /* the kernel's half */
		return fixture->guest.pool + value % 4096 * 16u;
	case 5:
		return ZEROES + value % 8 * 16u;
	case 6:
		return PARAMETERS;
	default:
		return STRUCTURES + value % 128 * 32u;
	}
}

enum flag { OF_KERNEL = 1, ATTACHED = 2, BLOCK_FILLED_IN = 4, TOLD_STATUS = 8 };

static uint64_t result_of(const struct services_fixture *fixture, uint8_t flags, uint16_t value)
{
	static const uint32_t statuses[] = { 0, 0x103, 0x80000005, 0xc0000005 };

	return flags & TOLD_STATUS ? argument(fixture, value)
				   : statuses[value % G_N_ELEMENTS(statuses)];
}

/** What the kernel does at the end of input and output, of 64 bits; whatever the page tables say.
 */
static void fill_in_block(struct guest *guest, const struct wv_nt_prototype *prototype,
			  const uint64_t *arguments, uint64_t result)
{
	const uint64_t block[] = { result, 16 };

	if (prototype->status_block < prototype->n_arguments &&
	    arguments[prototype->status_block] == ZEROES)
		memcpy(mock_at(&guest->fixture.guest.mock, guest->zeroes), block, sizeof(block));
}

static void call_service(struct hostile *hostile, const uint8_t *head)
{
	struct guest *guest = (struct guest *)hostile;
	struct services_fixture *fixture = &guest->fixture;
	struct nt_guest *nt = &fixture->guest;
	size_t count;
	const struct wv_nt_prototype *prototypes = wv_nt_prototypes(&count), *prototype;
	uint16_t numbers[2 + WORDS_MAX];
	uint64_t arguments[WORDS_MAX], result;

	memcpy(numbers, head + 2, sizeof(numbers));
	prototype = &prototypes[numbers[0] % count];
	for (unsigned i = 0; i < WORDS_MAX; i++)
		arguments[i] = argument(fixture, numbers[2 + i]);
	result = result_of(fixture, head[1], numbers[1]);
	services_put_mode(fixture, !(head[1] & OF_KERNEL));
	nt_call(nt, 0, prototype->name, arguments, WORDS_MAX);
	if (head[1] & BLOCK_FILLED_IN)
		fill_in_block(guest, prototype, arguments, result);
	if (head[1] & ATTACHED)
		nt->mock.registers[0][WV_REG_CR3] ^= MOCK_PAGE;
	nt_return(nt, 0, result);
	memset(mock_at(&nt->mock, guest->zeroes), 0, 16);
}

/* All services that have a prototype
 * -------------------------------------------------------------*/

static struct service_row *make_rows(size_t *count)
{
	const struct wv_nt_prototype *prototypes = wv_nt_prototypes(count);
	struct service_row *rows = g_new0(struct service_row, *count);

	for (size_t i = 0; i < *count; i++) {
		rows[i].name = prototypes[i].name;
		rows[i].words = prototypes[i].n_arguments;
		for (unsigned j = 0; j < prototypes[i].n_arguments; j++)
			rows[i].words_32 += prototypes[i].arguments[j].bits_compat > 32 ? 2 : 1;
	}
	return rows;
}

static void make_guest(struct guest *guest, const char *layout, bool is_wow64)
{
	struct services_fixture *fixture = &guest->fixture;
	struct nt_guest *nt = &fixture->guest;
	size_t count;
	g_autofree struct service_row *rows = make_rows(&count);

	services_make(fixture, &(struct services_options){
				       .layout = layout, .rows = rows, .n_rows = (unsigned)count });
	fill_structures(fixture);
	fill_parameters(fixture);
	fill_handles(fixture);
	if (is_wow64)
		nt_make_wow64(nt, fixture->process);
	guest->zeroes = *nt_entry(nt, &fixture->process->paging, ZEROES) & WV_PAGING_ADDRESS;
	guest->hostile = (struct hostile){ .scope = changes_of_windows(nt),
					   .watch = watch,
					   .settle = settle,
					   .act = call_service };
}

static struct hostile *make(unsigned index)
{
	static struct guest guests[HOSTILE_GUESTS];
	static const struct {
		const char *layout;
		bool is_wow64;
	} rows[HOSTILE_GUESTS] = {
		{ NT_WINDOWS_10, true },
		{ NT_WINDOWS_7_X86, false },
		{ NT_WINDOWS_7, false },
	};

	make_guest(&guests[index], rows[index].layout, rows[index].is_wow64);
	return &guests[index].hostile;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hostile_run(make, data, size, HEAD_SIZE);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target (libFuzzer) for the plugin filetracer on a hostile Windows: each of the calls that it
 * tells, with any arguments, in a tiny kernel whose memory, page tables and registers the input
 * changes, before the call and while it goes on. Nothing may crash or take long, and what is told
 * must be well-formed.
 *
 * The input: which guest (1 byte), flags (1), the function (1), what is overwritten during the call
 * (1), the result (2), the arguments (2 each), and changes, see changes.h. Of the guests one has 64
 * bits and a program of WoW64, one has 32 bits, and one is looked for after the changes only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "filetracer_windows_fixture.h"
#include "hostile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARGUMENTS_MAX 11u
#define HEAD_SIZE     (6u + 2u * ARGUMENTS_MAX)

/** Structures of each kind are one behind the other in a page, in steps of this size. */
#define STEP 0x200u

struct guest {
	struct hostile hostile; /* first: a struct hostile * is a struct guest * */
	struct windows_calls fixture;
	uint64_t structures; /* where that page is in physical memory */
};

/* The guest -------------------------------------------------------------------------------------*/

/** Writes a descriptor whose parts are right behind it. */
static void write_descriptor(struct windows_calls *fixture, uint64_t place, bool relative)
{
	static const uint8_t sid[] = { 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0 };
	static const uint8_t list[] = {
		2,  0, 72, 0, 3, 0, 0, 0,					/* its head */
		0,  3, 20, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1,  0, 0,  0, 0, /* allowed */
		5,  0, 24, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0,  0, 0,  0, 1,
		0,  0, 0,  0,							/* object's */
		17, 0, 20, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 16, 0, 16, 0, 0, /* label */
	};
	const uint8_t head[] = { 1, 0, 0x14, relative ? 0x80 : 0 };
	const uint64_t parts[] = { 0x40, 0x40, 0x60, 0x60 };

	write_bytes(fixture, place, head, sizeof(head));
	write_bytes(fixture, place + 0x40, sid, sizeof(sid));
	write_bytes(fixture, place + 0x60, list, sizeof(list));
	for (unsigned i = 0; i < G_N_ELEMENTS(parts); i++) {
		if (relative)
			write_u32(fixture, place + 4 + 4 * i, (uint32_t)parts[i]);
		else
			write_word(fixture, place + (1 + i) * word(fixture), place + parts[i]);
	}
}

/** Object attributes, their name, and their descriptor. */
static void write_object(struct windows_calls *fixture, uint64_t place, unsigned index)
{
	const uint64_t words[] = { 48, index & 1 ? FOLDER_HANDLE : 0, place + 0x40, 0x42,
				   place + 0x100 };

	for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
		write_word(fixture, place + i * word(fixture), words[i]);
	write_string(fixture, place + 0x40, write_utf16(fixture, place + 0x60, "\\??\\C:\\a.txt"),
		     place + 0x60);
	write_descriptor(fixture, place + 0x100, index & 2);
}

/** What NtSetInformationFile is given, for any class. */
static void write_value(struct windows_calls *fixture, uint64_t place, unsigned index)
{
	static const char *const names[] = { "b.txt", ":stream", "\\??\\C:\\b", "" };

	write_word(fixture, place, index);
	write_word(fixture, place + word(fixture), index & 4 ? FOLDER_HANDLE : 0);
	write_u32(fixture, place + 2 * word(fixture),
		  write_utf16(fixture, place + 2 * word(fixture) + 4,
			      names[index % G_N_ELEMENTS(names)]));
}

static void watch(struct hostile *hostile)
{
	struct nt_guest *nt = &((struct guest *)hostile)->fixture.guest;
	g_autofree char *config =
		g_strdup_printf("[wyvern]\nprofile=%s\nplugin=filetracer;\n", nt->profile_path);

	watcher_start(&hostile->watcher, &nt->mock.machine, config);
}

static void settle(struct hostile *hostile)
{
	((struct guest *)hostile)->fixture.process->depth = 0;
}

/* The call --------------------------------------------------------------------------------------*/

static uint64_t argument(const struct windows_calls *fixture, uint16_t value)
{
	switch (value >> 13) {
	case 0: /* handles, classes, sets of few flags */
		return value % 128;
	case 1:
		return kernel_handle(fixture, value % 128);
	case 2:
		return UINT64_C(1) << value % 64;
	case 3: /* to the end of the pages, and beyond */
		return USER_END - (value & 0xff) + 16;
	case 4: /* the kernel's half */
		return fixture->guest.pool + value % 4096 * 16u;
	case 5:
		return BUFFER + value % 8 * STEP;
	default:
		return ATTRIBUTES + value % 8 * STEP;
	}
}

enum flag { OF_KERNEL = 1, ATTACHED = 2, BLOCK_FILLED_IN = 4, OVERWRITTEN = 8 };

/** What others do while a call goes on, whatever the page tables say. */
static void go_on(struct guest *guest, uint8_t flags, uint8_t with, uint64_t result)
{
	struct nt_guest *nt = &guest->fixture.guest;
	uint8_t *structures = mock_at(&nt->mock, guest->structures);

	if (flags & OVERWRITTEN)
		memset(structures + with * 8u, with, 64);
	if (flags & BLOCK_FILLED_IN)
		memcpy(structures, &result, sizeof(result));
	if (flags & ATTACHED)
		nt->mock.registers[0][WV_REG_CR3] ^= MOCK_PAGE;
}

static const struct function {
	const char *name;
	bool has_class; /* of information; the argument CLASS */
} functions[] = {
	{ "NtCreateFile", false },
	{ "NtOpenFile", false },
	{ "NtOpenDirectoryObject", false },
	{ "NtQueryAttributesFile", false },
	{ "NtQueryFullAttributesFile", false },
	{ "NtReadFile", false },
	{ "NtWriteFile", false },
	{ "NtSetInformationFile", true },
	{ "NtQueryInformationFile", true },
};

#define CLASS 4u

static const uint32_t classes[] = {
	BASIC_INFORMATION,	 STANDARD_INFORMATION,	   RENAME_INFORMATION,
	DISPOSITION_INFORMATION, ALL_INFORMATION,	   END_OF_FILE_INFORMATION,
	RENAME_INFORMATION_EX,	 NETWORK_OPEN_INFORMATION, DISPOSITION_INFORMATION_EX,
};

static void call_function(struct hostile *hostile, const uint8_t *head)
{
	static const uint32_t statuses[] = { 0, 0x103, 0x80000005, 0xc0000005 };
	const struct function *function = &functions[head[2] % G_N_ELEMENTS(functions)];
	struct guest *guest = (struct guest *)hostile;
	struct windows_calls *fixture = &guest->fixture;
	struct nt_guest *nt = &fixture->guest;
	uint8_t before[MOCK_PAGE];
	uint16_t numbers[1 + ARGUMENTS_MAX];
	uint64_t arguments[ARGUMENTS_MAX], result;

	memcpy(numbers, head + 4, sizeof(numbers));
	memcpy(before, mock_at(&nt->mock, guest->structures), sizeof(before));
	for (unsigned i = 0; i < ARGUMENTS_MAX; i++)
		arguments[i] = argument(fixture, numbers[1 + i]);
	result = statuses[numbers[0] % G_N_ELEMENTS(statuses)];
	put_mode(fixture, head[1] & OF_KERNEL ? KERNEL_MODE : USER_MODE);
	if (function->has_class)
		arguments[CLASS] = classes[numbers[1 + CLASS] % G_N_ELEMENTS(classes)];
	nt_call(nt, 0, function->name, arguments, ARGUMENTS_MAX);
	go_on(guest, head[1], head[3], result);
	nt_return(nt, 0, result);
	memcpy(mock_at(&nt->mock, guest->structures), before, sizeof(before));
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
	struct guest *guest = &guests[index];
	struct windows_calls *fixture = &guest->fixture;

	filetracer_windows_make(fixture, rows[index].layout);
	if (rows[index].is_wow64)
		nt_make_wow64(&fixture->guest, fixture->process);
	for (unsigned i = 0; i < MOCK_PAGE / STEP; i++) {
		write_object(fixture, ATTRIBUTES + i * STEP, i);
		write_value(fixture, BUFFER + i * STEP, i);
	}
	guest->structures = *nt_entry(&fixture->guest, &fixture->process->paging, ATTRIBUTES) &
			    WV_PAGING_ADDRESS;
	guest->hostile = (struct hostile){ .scope = changes_of_windows(&fixture->guest),
					   .watch = watch,
					   .settle = settle,
					   .act = call_function };
	return &guest->hostile;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hostile_run(make, data, size, HEAD_SIZE);
	return 0;
}

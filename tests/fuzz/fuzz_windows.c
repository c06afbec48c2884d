/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target (libFuzzer) for Windows as a guest: a tiny Windows kernel whose memory, page tables
 * and registers the input changes. All that can be asked of it is asked, and its functions that
 * plugins trap are called. Nothing may crash or take long, and what is told must be well-formed.
 *
 * The input: which guest (1 byte), flags (1), three numbers (2 each), and changes, see changes.h.
 * Of the guests one has 64 bits, one has 32, and one is looked for after the changes only.
 */
#include <string.h>

#include "hostile.h"
#include "windows_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD_SIZE 8u

/** Where the fixture has what a process runs, and what is asked for. */
struct guest {
	struct hostile hostile; /* first: a struct hostile * is a struct guest * */
	struct nt_guest nt;
	struct nt_process *process;
	struct wv_guest *found; /* beside the monitor's own; NULL: only that is looked at */
	bool anew;
	uint64_t file, key, string;
};

/* What is asked ---------------------------------------------------------------------------------*/

static void check_text(const char *text, size_t size, size_t room)
{
	stop_if(size > room, "more text than room");
	/* a NUL in it is a character like others */
	for (const char *end = text + size; text < end; text++) {
		stop_if(!g_utf8_validate(text, (gssize)strnlen(text, (size_t)(end - text)), NULL),
			"a text is not UTF-8");
		text += strnlen(text, (size_t)(end - text));
	}
}

typedef bool (*text_fn)(struct wv_guest *guest, const struct wv_space *space, uint64_t address,
			char *text, size_t *size, bool *truncated);

static void ask_text(struct wv_guest *found, const struct wv_space *space, text_fn read,
		     uint64_t address, size_t room)
{
	/* on the heap, and no larger than said: a byte too much is noticed */
	g_autofree char *text = g_malloc(room ? room : 1);
	size_t size = room;
	bool truncated;

	if (read(found, space, address, text, &size, &truncated))
		check_text(text, size, room);
}

static bool note_process(void *owner, const struct wv_identity *process, uint64_t cr3)
{
	unsigned *count = owner;

	(void)cr3;
	stop_if(process->name_size > WV_NAME_MAX, "a name is too long");
	return ++*count < 4096; /* what changes can make is shorter, and may have no end */
}

static void ask_object(struct wv_guest *found, const struct wv_space *space, uint64_t object,
		       size_t room)
{
	uint64_t type;
	uint32_t key;

	ask_text(found, space, wv_windows_object_name, object, room);
	ask_text(found, space, wv_windows_object_label, object, room);
	if (!wv_windows_object_type(found, space, object, &type))
		return;
	wv_windows_type_key(found, space, type, &key);
	ask_text(found, space, wv_windows_type_name, type, room);
}

static void ask(struct guest *guest, const uint16_t numbers[3])
{
	struct wv_guest *found = guest->found;
	struct wv_space space, own;
	struct wv_identity identity = { 0 };
	uint64_t thread = nt_enter(&guest->nt, found, 0, &space), process, object;
	uint64_t handle = numbers[0] & 0x8000 ? ~(uint64_t)(numbers[0] & 0x7fff) : numbers[0];
	size_t room = numbers[1] % 2048;
	unsigned count = 0;
	bool whole;

	if (found->ops->identify(found, &space, thread, &identity))
		stop_if(identity.name_size > WV_NAME_MAX, "a name is too long");
	found->ops->processes(found, &space, note_process, &count, &whole);
	process = wv_windows_thread_process(found, &space, thread);
	wv_windows_process_is_32(found, &space, process);
	wv_windows_process_space(found, &space, process, &own);
	if (wv_windows_handle(found, &space, process, handle, &object))
		ask_object(found, &space, object, room);
	ask_object(found, &space, guest->file, room);
	ask_object(found, &space, guest->key, room);
	ask_object(found, &space, guest->process->address, room);
	ask_object(found, &space, guest->process->thread, room);
	ask_text(found, &space, wv_windows_string, guest->string, room);
	ask_text(found, &space, wv_windows_string, guest->nt.pool + numbers[2], room);
}

/* The guest -------------------------------------------------------------------------------------*/

static void watch(struct hostile *hostile)
{
	struct guest *guest = (struct guest *)hostile;
	g_autofree char *config = g_strdup_printf("[wyvern]\nprofile=%s\nprocess_path=true\n",
						  guest->nt.profile_path);

	if (!guest->anew)
		guest->found = nt_find(&guest->nt, 0, NULL);
	watcher_start(&hostile->watcher, &guest->nt.mock.machine, config);
}

static void settle(struct hostile *hostile)
{
	((struct guest *)hostile)->process->depth = 0;
}

/** All the calls that plugins may trap, with small numbers and with addresses. */
static void make_calls(struct guest *guest, const uint16_t numbers[3])
{
	static const char *const functions[] = { "ExAllocatePoolWithTag", "ExFreePoolWithTag",
						 "ObCreateObject",	  "NtDuplicateObject",
						 "KiDispatchException",	  "KeBugCheckEx",
						 "PspExitThread" };
	uint64_t arguments[9];

	for (unsigned i = 0; i < G_N_ELEMENTS(arguments); i++)
		arguments[i] = i & 1 ? numbers[i % 3] : guest->nt.pool + numbers[i % 3] * 8u;
	for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
		nt_call(&guest->nt, 0, functions[i], arguments, G_N_ELEMENTS(arguments));
		nt_return(&guest->nt, 0, arguments[i]);
	}
}

static void act(struct hostile *hostile, const uint8_t *head)
{
	struct guest *guest = (struct guest *)hostile;
	uint16_t numbers[3];

	memcpy(numbers, head + 2, sizeof(numbers));
	if (guest->found) {
		guest->found->full_paths = head[1] & 1;
		ask(guest, numbers);
	}
	make_calls(guest, numbers);
}

/** Handles of each level of tables, a file, a key and names. */
static void fill(struct guest *guest)
{
	struct nt_guest *nt = &guest->nt;
	uint64_t type = nt_type(nt, "Device", "Devi"), level;

	guest->file = nt_make_file(
		nt, nt_make_named_object(nt, type, 64, "\\Device\\HarddiskVolume2", false),
		"\\Users\\me");
	level = nt_key_level(nt, nt_key_level(nt, 0, "REGISTRY"), "na\xc3\xa9me");
	guest->key = nt_make_key(nt, nt_key_level(nt, level, "\xd0\x96"));
	guest->string = nt_string(nt, "na\xc3\xa9me\xf0\x9f\x98\x80");
	nt_make_handles(nt, guest->process, 3);
	nt_put_handle(nt, guest->process, 0x44, guest->file);
	nt_put_handle(nt, guest->process, 0x48,
		      nt_make_named_object(nt, nt_type(nt, "Mutant", "Muta"), 64, "mine", true));
	if (nt->is_64)
		nt_make_wow64(nt, guest->process);
}

static void make_guest(struct guest *guest, const char *layout, bool anew)
{
	struct nt_guest *nt = &guest->nt;

	nt_init(nt, &(struct nt_options){ .layout = layout });
	nt_process(nt, 8, 4, "\\Device\\HarddiskVolume2\\Windows\\smss.exe");
	guest->process = nt_process(nt, 12, 4, "\\Device\\HarddiskVolume2\\Windows\\explorer.exe");
	fill(guest);
	nt_run(nt, 0, guest->process);
	guest->anew = anew;
	guest->hostile = (struct hostile){
		.scope = changes_of_windows(nt), .watch = watch, .settle = settle, .act = act
	};
}

static struct hostile *make(unsigned index)
{
	static struct guest guests[HOSTILE_GUESTS];
	static const struct {
		const char *layout;
		bool anew;
	} rows[HOSTILE_GUESTS] = {
		{ NT_WINDOWS_10, false },
		{ NT_WINDOWS_7_X86, false },
		{ NT_WINDOWS_7, true },
	};

	make_guest(&guests[index], rows[index].layout, rows[index].anew);
	return &guests[index].hostile;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hostile_run(make, data, size, HEAD_SIZE);
	return 0;
}

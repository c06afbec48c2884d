/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target (libFuzzer) for files in a Windows guest's memory: open files with sections, cached
 * views and an image, of which the input changes anything. What is of them in memory is told, and
 * the services that delete, write and close files are called while filedelete watches. Nothing may
 * crash or take long, and no byte of a file is told twice.
 *
 * The input: which guest (1 byte), which file (1), a limit in pages (2), arguments (4), and
 * changes, see changes.h. Of the guests one has 64 bits, one has 32, and one is looked for after
 * the changes only.
 */
#include <string.h>

#include "hostile.h"
#include "windows_fixture_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD_SIZE 8u

#define FILES	     3u
#define FIRST_HANDLE 0x44u

#define USER	  UINT64_C(0x30000)
#define USER_SIZE UINT64_C(0x1000)

struct guest {
	struct hostile hostile; /* first: a struct hostile * is a struct guest * */
	struct nt_guest nt;
	struct nt_process *process;
	struct wv_guest *found; /* beside the monitor's own; NULL: only that is looked at */
	bool anew;
	uint64_t files[FILES];
};

/* What is asked ---------------------------------------------------------------------------------*/

struct told {
	uint64_t bytes, end, limit;
};

static bool check_piece(void *owner, uint64_t offset, uint64_t physical, size_t size)
{
	struct told *told = owner;

	(void)physical;
	stop_if(!size || size > MOCK_PAGE, "a piece is no part of a page");
	stop_if(offset < told->end, "a byte is told twice");
	stop_if(offset + size < offset || offset + size > told->limit, "more than asked for");
	told->end = offset + size;
	told->bytes += size;
	return true;
}

static void ask(const struct guest *guest, uint64_t object, uint64_t limit)
{
	struct wv_guest *found = guest->found;
	struct wv_windows_file file;
	struct told told = { .limit = limit };
	struct wv_space space;
	uint64_t count;

	nt_enter((struct nt_guest *)&guest->nt, found, 0, &space);
	wv_windows_is_file(found, &space, object);
	wv_windows_handle_count(found, &space, object, &count);
	if (!wv_windows_file(found, &space, object, &file))
		return;
	stop_if(file.valid > file.size, "more of a file is valid than it has");
	stop_if(!file.has_size && file.size, "a size, and none");
	stop_if(wv_windows_file_cached(found, &space, &file, limit, check_piece, &told) !=
			told.bytes,
		"not as much as told");
	stop_if(file.has_size && told.end > file.size, "more than the file has");
}

/* The guest -------------------------------------------------------------------------------------*/

static void watch(struct hostile *hostile)
{
	struct guest *guest = (struct guest *)hostile;
	g_autofree char *config =
		g_strdup_printf("[wyvern]\nprofile=%s\nplugin=filedelete;\ndump=/nowhere\n"
				"dump_written=true\ndump_max_size=16M\n",
				guest->nt.profile_path);

	if (!guest->anew)
		guest->found = nt_find(&guest->nt, 0, NULL);
	watcher_start(&hostile->watcher, &guest->nt.mock.machine, config);
}

static void settle(struct hostile *hostile)
{
	((struct guest *)hostile)->process->depth = 0;
}

static void call(struct guest *guest, const char *function, const uint64_t *arguments,
		 unsigned n_arguments, uint64_t result)
{
	nt_call(&guest->nt, 0, function, arguments, n_arguments);
	nt_return(&guest->nt, 0, result);
}

/** What a program does to a file until it is closed, as the head says. */
static void use_file(struct guest *guest, unsigned index, const uint8_t *head)
{
	uint64_t handle = FIRST_HANDLE + 4 * index, object = guest->files[index];
	const uint64_t write[9] = { handle };
	const uint64_t set[5] = { handle, USER, USER + head[5], 4, head[4] & 1 ? 13 : 64 };
	uint64_t open[11] = { USER + 0x100 };
	const uint64_t close[4] = { head[4] & 2 ? guest->process->address : 0, object, 1, 1 };
	const uint64_t attributes = USER + head[6];

	open[8] = open[5] = (uint64_t)head[7] << 8;
	call(guest, "NtCreateFile", open, 11, head[4] & 4 ? 0xc0000022 : 0);
	call(guest, "NtOpenFile", open, 6, 0);
	call(guest, "NtWriteFile", write, 9, 0);
	call(guest, "NtSetInformationFile", set, 5, 0);
	if (head[4] & 8)
		nt_call(&guest->nt, 0, "NtDeleteFile", &attributes, 1);
	call(guest, "IopCloseFile", close, 4, 0);
	if (head[4] & 8)
		nt_return(&guest->nt, 0, 0);
}

static void act(struct hostile *hostile, const uint8_t *head)
{
	struct guest *guest = (struct guest *)hostile;
	unsigned index = head[1] % FILES;
	uint16_t pages;

	memcpy(&pages, head + 2, sizeof(pages));
	if (guest->found)
		ask(guest, guest->files[index], pages * MOCK_PAGE + head[1]);
	use_file(guest, index, head);
}

/* Files -----------------------------------------------------------------------------------------*/

static uint64_t make_pages(struct nt_guest *nt, uint64_t subsection, unsigned n_pages)
{
	for (unsigned i = 0; i < n_pages; i++) {
		uint64_t page = mock_page(&nt->mock);

		nt_put_prototype(nt, subsection, i,
				 i & 1 ? NT_IN_TRANSITION(page) | NT_PTE_SWIZZLE : NT_VALID(page));
	}
	return subsection;
}

/** One with two subsections. */
static uint64_t make_data(struct nt_guest *nt)
{
	uint64_t control = nt_make_section(nt);

	make_pages(nt, nt_make_subsection(nt, control, 3), 3);
	make_pages(nt, nt_make_subsection(nt, control, 2), 2);
	return control;
}

static uint64_t make_image(struct nt_guest *nt)
{
	uint64_t control = nt_make_section(nt);

	nt_put_extent(nt, make_pages(nt, nt_make_subsection(nt, control, 1), 1), 0, 0x400);
	nt_put_extent(nt, make_pages(nt, nt_make_subsection(nt, control, 2), 2), 0x400, 0x1234);
	return control;
}

/** A cache map of more than 32 MiB: a tree, which has two views. */
static uint64_t make_cache(struct nt_guest *nt, uint64_t size)
{
	uint64_t map = nt_make_cache_map(nt, size, size, size);

	nt_make_view(nt, map, 0, nt_view_pages(nt, 4));
	nt_make_view(nt, map, size - NT_VIEW_SIZE, nt_view_pages(nt, 2));
	return map;
}

static void make_file(struct guest *guest, unsigned index, uint64_t size, const char *member,
		      uint64_t value)
{
	struct nt_guest *nt = &guest->nt;
	uint64_t file = nt_make_file(nt, 0, "\\Users\\me\\a.txt");
	uint64_t pointers = nt_make_pointers(nt, file, size, size);

	nt_put(nt, pointers, member, value);
	nt_put_handle(nt, guest->process, FIRST_HANDLE + 4 * index, file);
	guest->files[index] = file;
}

static void fill(struct guest *guest)
{
	struct nt_guest *nt = &guest->nt;
	const uint64_t large = UINT64_C(36) << 20, handle = FIRST_HANDLE;

	make_file(guest, 0, 5 * MOCK_PAGE, "_SECTION_OBJECT_POINTERS.DataSectionObject",
		  make_data(nt));
	make_file(guest, 1, large, "_SECTION_OBJECT_POINTERS.SharedCacheMap",
		  make_cache(nt, large));
	make_file(guest, 2, 0x1634, "_SECTION_OBJECT_POINTERS.ImageSectionObject", make_image(nt));
	nt_hide_bits(nt, UINT64_C(1) << 45);
	nt_map_user(nt, guest->process, USER, USER_SIZE);
	nt_write_user(nt, guest->process, USER, "\1\0\0\0\1\0\0\0\11", 9);
	nt_write_user(nt, guest->process, USER + 0x100, &handle, nt->is_64 ? 8 : 4);
}

static struct hostile *make(unsigned index)
{
	static struct guest guests[HOSTILE_GUESTS];
	static const char *const layouts[HOSTILE_GUESTS] = { NT_WINDOWS_10, NT_WINDOWS_7_X86,
							     NT_WINDOWS_7 };
	struct guest *guest = &guests[index];
	struct nt_guest *nt = &guest->nt;

	nt_init(nt, &(struct nt_options){ .layout = layouts[index] });
	guest->process = nt_process(nt, 12, 4, "\\Device\\HarddiskVolume2\\Windows\\explorer.exe");
	fill(guest);
	nt_run(nt, 0, guest->process);
	guest->anew = index == HOSTILE_GUESTS - 1;
	guest->hostile = (struct hostile){
		.scope = changes_of_windows(nt), .watch = watch, .settle = settle, .act = act
	};
	return &guest->hostile;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hostile_run(make, data, size, HEAD_SIZE);
	return 0;
}

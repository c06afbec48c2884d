/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target (libFuzzer) for files of Linux: paths, names, inodes and page caches of a tiny kernel
 * whose memory and registers the input changes. Nothing may crash or take long, or be written
 * beyond its room; and what is told of a file must be in order.
 *
 * The input: which kernel (1 byte: how mounts are linked), the room that there is for a path (2
 * bytes), and changes (see changes.h). They are undone after each input.
 */
#include <glib.h>
#include <string.h>

#include "changes.h"
#include "guest/linux/linux.h"
#include "machine/cpu.h"
#include "tiny_linux_files.h"
#include "watcher.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** What a hostile guest may cost, in microseconds: sanitizers included, and a busy machine. */
#define TIME_LIMIT_US (10 * G_USEC_PER_SEC)

#define HEAD_SIZE 3u

/** As much of a file as users take by default. */
#define LIMIT (UINT64_C(256) << 20)

/** Struct pages are there from here on, physical; the first ones are used. */
#define PAGES	   UINT64_C(0x200000)
#define PAGES_SIZE (64u * TINY_PAGE_SIZEOF)

struct guest {
	struct tiny_linux kernel;
	struct changes_scope scope;
	struct wv_guest *found;
	struct wv_cpu cpu;
	struct wv_space space;
	uint64_t task, entry, vfsmount, file, inode;
};

/* The guest -------------------------------------------------------------------------------------*/

static void make_tree(struct guest *guest)
{
	struct tiny_linux *kernel = &guest->kernel;
	uint64_t sb = tiny_file_system(kernel, 1), upper = tiny_file_system(kernel, 2);
	uint64_t root = tiny_entry(kernel, sb, 0, "/"), top = tiny_entry(kernel, upper, 0, "/");
	uint64_t namespace = tiny_object(kernel, 64), proxy = tiny_object(kernel, 64);
	uint64_t first = tiny_mount(kernel, root, 0, 0, namespace);
	uint64_t second =
		tiny_mount(kernel, top, first, tiny_entries(kernel, root, "mnt/x"), namespace);

	guest->inode = tiny_inode(kernel, upper, WV_LINUX_S_IFREG, 5000 * MOCK_PAGE);
	guest->entry = tiny_entries(kernel, top, "some/where/file");
	tiny_mount(kernel, tiny_get(kernel, guest->entry, "dentry.d_parent"), first,
		   tiny_entries(kernel, root, "bound"), namespace);
	tiny_put(kernel, guest->entry, "dentry.d_inode", guest->inode);
	tiny_put(kernel, proxy, "nsproxy.mnt_ns", namespace);
	tiny_put(kernel, guest->task, "task_struct.nsproxy", proxy);
	guest->vfsmount = tiny_vfsmount(second);
	guest->file = tiny_open(kernel, guest->entry, second);
}

/** A current directory, and the file as descriptor 0. */
static void make_directory(struct guest *guest)
{
	struct tiny_linux *kernel = &guest->kernel;
	uint64_t fs = tiny_object(kernel, 0x60), files = tiny_object(kernel, 0x40);
	uint64_t table = tiny_object(kernel, 0x40), array = tiny_object(kernel, 64);
	const uint64_t path = guest->file + tiny_offset("file.f_path");

	memcpy(tiny_at(kernel, fs + tiny_offset("fs_struct.pwd")), tiny_at(kernel, path), 16);
	memcpy(tiny_at(kernel, fs + tiny_offset("fs_struct.root")), tiny_at(kernel, path), 16);
	memcpy(tiny_at(kernel, array), &guest->file, sizeof(guest->file));
	tiny_put(kernel, guest->task, "task_struct.fs", fs);
	tiny_put(kernel, guest->task, "task_struct.files", files);
	tiny_put(kernel, files, "files_struct.fdt", table);
	tiny_put(kernel, table, "fdtable.max_fds", 8);
	tiny_put(kernel, table, "fdtable.fd", array);
}

/** Pages, a folio, and a large page of the older kind. */
static void make_cache(struct guest *guest)
{
	struct tiny_linux *kernel = &guest->kernel;
	uint64_t inode = guest->inode;

	for (unsigned i = 0; i < 8; i++)
		tiny_cache(kernel, inode, i * 9, 0, tiny_make_page(kernel, i, inode, i * 9));
	tiny_cache(kernel, inode, 128, 7, tiny_make_page(kernel, 16, inode, 128));
	tiny_make_page(kernel, 32, inode, 4096);
	for (unsigned i = 0; i < 16; i++)
		tiny_cache(kernel, inode, 4096 + i, 0, tiny_page(32));
}

static void ignore(void *owner, const char *line)
{
	(void)owner;
	(void)line;
}

static void make(struct guest *guest, bool chain)
{
	struct tiny_linux *kernel = &guest->kernel;
	struct wv_guest_search search = { .machine = &kernel->mock.machine,
					  .cpu = &guest->cpu,
					  .report = ignore };

	tiny_init(kernel, &(struct tiny_options){ .mount_chain = chain });
	tiny_task(kernel, 1, 0, "/sbin/init", NULL);
	guest->task = tiny_task(kernel, 12, 1, "/usr/bin/env", NULL)->address;
	make_tree(guest);
	make_directory(guest);
	make_cache(guest);
	tiny_run(kernel, 0, &kernel->tasks[2]);
	wv_cpu_start(&guest->cpu, &kernel->mock.machine, 0);
	guest->found = wv_guest_find(&search, NULL);
	stop_if(!guest->found, "no guest is found");
	guest->scope = changes_of_linux(kernel);
	guest->scope.ranges[1].start = PAGES;
	guest->scope.ranges[1].size = PAGES_SIZE;
}

/* What is asked ---------------------------------------------------------------------------------*/

/** Room for a path, with something behind it that is not to be written to. */
struct room {
	size_t size;
	bool truncated;
	char text[WV_LINUX_PATH_MAX + 1];
};

static struct room room_of(const uint8_t *data)
{
	struct room room = { .size = (data[1] | data[2] << 8) % (WV_LINUX_PATH_MAX + 1) };

	room.text[room.size] = 0x55;
	return room;
}

static void check(const struct room *before, const struct room *after)
{
	stop_if(after->size > before->size, "a path is longer than its room");
	stop_if(after->text[before->size] != 0x55, "a path is written beyond its room");
}

static void ask_paths(struct guest *guest, const uint8_t *data)
{
	const struct room before = room_of(data);
	static const char name[] = "../name";
	static const int32_t directories[] = { WV_LINUX_AT_FDCWD, 0, 7 };
	struct room room = before;

	wv_linux_entry_path(guest->found, &guest->space, guest->entry, 0, guest->task, room.text,
			    &room.size, &room.truncated);
	check(&before, &room);
	room = before;
	wv_linux_entry_path(guest->found, &guest->space, guest->entry, guest->vfsmount, 0,
			    room.text, &room.size, &room.truncated);
	check(&before, &room);
	room = before;
	wv_linux_file_path(guest->found, &guest->space, guest->file, room.text, &room.size,
			   &room.truncated);
	check(&before, &room);
	for (size_t i = 0; i < G_N_ELEMENTS(directories); i++)
		for (size_t size = 2; size < sizeof(name); size++) { /* relative, or not */
			room = before;
			wv_linux_name_path(guest->found, &guest->space, guest->task, directories[i],
					   name + size % 3, size - 2, room.text, &room.size,
					   &room.truncated);
			check(&before, &room);
		}
}

struct told {
	uint64_t end, bytes;
};

static bool take(void *owner, uint64_t offset, uint64_t physical, size_t size)
{
	struct told *told = owner;

	stop_if(!size || size % MOCK_PAGE || physical % MOCK_PAGE || offset % MOCK_PAGE,
		"not whole pages");
	stop_if(offset < told->end, "told twice, or backwards");
	stop_if(offset >= LIMIT, "more than was asked for");
	told->end = offset + size;
	told->bytes += size;
	return true;
}

static void ask_content(struct guest *guest)
{
	struct wv_linux_inode inode;
	struct told told = { 0 };
	uint64_t address = wv_linux_dentry_inode(guest->found, &guest->space, guest->entry);

	wv_linux_file_inode(guest->found, &guest->space, guest->file);
	wv_linux_dentry_count(guest->found, &guest->space, guest->entry);
	if (!wv_linux_inode(guest->found, &guest->space, address, &inode))
		return;
	stop_if(wv_linux_cached(guest->found, &guest->space, &inode, LIMIT, take, &told) !=
			told.bytes,
		"another number of bytes was told");
}

/* The target ------------------------------------------------------------------------------------*/

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct guest guests[2];
	static struct changes changes;
	struct guest *guest;
	uint64_t *registers, before[WV_REG_COUNT];
	gint64 started = g_get_monotonic_time();

	for (unsigned i = 0; !guests[1].found && i < G_N_ELEMENTS(guests); i++)
		make(&guests[i], i == 1);
	if (size < HEAD_SIZE)
		return 0;
	guest = &guests[data[0] & 1];
	registers = guest->kernel.mock.registers[0];
	memcpy(before, registers, sizeof(before));
	changes_make(&changes, &guest->scope, data + HEAD_SIZE, size - HEAD_SIZE);
	wv_cpu_start(&guest->cpu, &guest->kernel.mock.machine, 0);
	guest->space = wv_guest_space(guest->found, &guest->cpu);
	ask_paths(guest, data);
	ask_content(guest);
	changes_undo(&changes, &guest->scope);
	memcpy(registers, before, sizeof(before));
	stop_if(g_get_monotonic_time() - started > TIME_LIMIT_US, "that took too long");
	return 0;
}

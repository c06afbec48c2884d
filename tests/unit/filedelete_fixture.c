/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filedelete watching a tiny Linux kernel that has files. */
#include "filedelete_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

static const char *const functions[] = { "vfs_unlink",
					 "vfs_rename",
					 "__fput",
					 "evict",
					 "security_file_permission",
					 "rw_verify_area",
					 "security_mmap_file",
					 "vm_mmap_pgoff",
					 NULL };

void filedelete_start(struct filedelete_fixture *fixture, const struct tiny_options *options,
		      const char *settings)
{
	struct tiny_linux *kernel = &fixture->kernel;
	struct tiny_options all = options ? *options : (struct tiny_options){ 0 };
	g_autofree char *text = g_strconcat("plugin=filedelete;\n", settings, NULL);
	g_autofree char *told = NULL;
	uint64_t root;

	all.functions = functions;
	tiny_init(kernel, &all);
	fixture->sb = tiny_file_system(kernel, WV_LINUX_MAGIC_TMPFS);
	root = tiny_entry(kernel, fixture->sb, 0, "/");
	fixture->folder = tiny_entry(kernel, fixture->sb, root, "tmp");
	fixture->mount = tiny_mount(kernel, root, 0, 0, 0);
	fixture->frame = TINY_FRAMES_FREE;
	fixture->rename = tiny_object(kernel, 0x40);
	tiny_run(kernel, 0, tiny_task(kernel, 12, 0, "/usr/bin/bash", NULL));
	observer_start(&fixture->observer, kernel, text);
	observer_discover(&fixture->observer, 0);
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, "status 0,1: "));
}

int filedelete_setup_empty(void **state)
{
	static struct filedelete_fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	*state = &fixture;
	return 0;
}

int filedelete_setup(void **state)
{
	filedelete_setup_empty(state);
	filedelete_start(*state, NULL, FILEDELETE_DUMP);
	return 0;
}

int filedelete_teardown(void **state)
{
	struct filedelete_fixture *fixture = *state;

	observer_stop(&fixture->observer);
	if (fixture->kernel.mock.ram)
		tiny_deinit(&fixture->kernel);
	return 0;
}

/* Files -----------------------------------------------------------------------------------------*/

static void put_count(struct tiny_linux *kernel, uint64_t entry, uint64_t count)
{
	tiny_put(kernel, entry + tiny_offset("dentry.d_lockref"), "lockref.count", count);
}

static uint64_t get_count(struct tiny_linux *kernel, uint64_t entry)
{
	return tiny_get(kernel, entry + tiny_offset("dentry.d_lockref"), "lockref.count");
}

struct some_file filedelete_make_in(struct filedelete_fixture *fixture, uint64_t folder,
				    const char *name, const char *content)
{
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t sb = tiny_get(kernel, folder, "dentry.d_sb"), frame = fixture->frame++;
	struct some_file file = {
		.inode = tiny_inode(kernel, sb, WV_LINUX_S_IFREG | 0644, strlen(content)),
		.entry = tiny_entry(kernel, sb, folder, name),
	};

	g_assert(frame < TINY_FRAMES_FREE_END);
	tiny_put(kernel, file.inode, "inode.i_ino", frame);
	tiny_put(kernel, file.inode, "inode.i_dentry", file.entry + tiny_offset("dentry.d_alias"));
	tiny_put(kernel, file.entry, "dentry.d_inode", file.inode);
	put_count(kernel, file.entry, 1);
	tiny_cache(kernel, file.inode, 0, 0, tiny_make_page(kernel, frame, file.inode, 0));
	filedelete_overwrite(fixture, file, content);
	return file;
}

struct some_file filedelete_make(struct filedelete_fixture *fixture, const char *name,
				 const char *content)
{
	return filedelete_make_in(fixture, fixture->folder, name, content);
}

void filedelete_overwrite(struct filedelete_fixture *fixture, struct some_file file,
			  const char *content)
{
	uint64_t frame = tiny_get(&fixture->kernel, file.inode, "inode.i_ino");

	memcpy(mock_at(&fixture->kernel.mock, frame * MOCK_PAGE), content, strlen(content));
}

uint64_t filedelete_open(struct filedelete_fixture *fixture, struct some_file file, uint32_t mode,
			 uint32_t flags)
{
	struct tiny_linux *kernel = &fixture->kernel;
	uint64_t opened = tiny_open(kernel, file.entry, fixture->mount);

	tiny_put(kernel, opened, "file.f_mode", mode);
	tiny_put(kernel, opened, "file.f_flags", flags);
	put_count(kernel, file.entry, get_count(kernel, file.entry) + 1);
	return opened;
}

/* Calls -----------------------------------------------------------------------------------------*/

void filedelete_lose_name(struct filedelete_fixture *fixture, struct some_file file)
{
	struct tiny_linux *kernel = &fixture->kernel;

	tiny_put(kernel, file.inode, "inode.i_nlink",
		 tiny_get(kernel, file.inode, "inode.i_nlink") - 1);
	if (get_count(kernel, file.entry) > 1)
		return;
	tiny_put(kernel, file.entry, "dentry.d_inode", 0);
	tiny_put(kernel, file.inode, "inode.i_dentry", 0);
}

static void enter(struct filedelete_fixture *fixture, const char *function,
		  const uint64_t arguments[6])
{
	tiny_call(&fixture->kernel, 0, function, 0, arguments);
}

void filedelete_return(struct filedelete_fixture *fixture, int64_t result)
{
	tiny_return(&fixture->kernel, 0, (uint64_t)result);
}

void filedelete_call(struct filedelete_fixture *fixture, const char *function, uint64_t first,
		     uint64_t second, uint64_t third)
{
	enter(fixture, function, (const uint64_t[6]){ first, second, third });
	filedelete_return(fixture, 0);
}

void filedelete_enter_unlink(struct filedelete_fixture *fixture, struct some_file file)
{
	enter(fixture, "vfs_unlink", (const uint64_t[6]){ 0, 0, file.entry });
}

void filedelete_enter_rename(struct filedelete_fixture *fixture, struct some_file from,
			     struct some_file over, uint32_t flags)
{
	tiny_put(&fixture->kernel, fixture->rename, "renamedata.old_dentry", from.entry);
	tiny_put(&fixture->kernel, fixture->rename, "renamedata.new_dentry", over.entry);
	tiny_put(&fixture->kernel, fixture->rename, "renamedata.flags", flags);
	enter(fixture, "vfs_rename", (const uint64_t[6]){ fixture->rename });
}

void filedelete_unlink(struct filedelete_fixture *fixture, struct some_file file)
{
	filedelete_enter_unlink(fixture, file);
	filedelete_lose_name(fixture, file);
	filedelete_return(fixture, 0);
}

void filedelete_rename(struct filedelete_fixture *fixture, struct some_file from,
		       struct some_file over)
{
	struct tiny_linux *kernel = &fixture->kernel;

	/* whoever renames holds the entry that is renamed over, and it keeps its inode */
	filedelete_enter_rename(fixture, from, over, 0);
	tiny_put(kernel, over.inode, "inode.i_nlink",
		 tiny_get(kernel, over.inode, "inode.i_nlink") - 1);
	filedelete_return(fixture, 0);
}

void filedelete_evict(struct filedelete_fixture *fixture, struct some_file file)
{
	filedelete_call(fixture, "evict", file.inode, 0, 0);
}

void filedelete_close(struct filedelete_fixture *fixture, uint64_t file, struct some_file of)
{
	enter(fixture, "__fput", (const uint64_t[6]){ file });
	if (!tiny_get(&fixture->kernel, of.inode, "inode.i_nlink"))
		filedelete_evict(fixture, of);
	filedelete_return(fixture, 0);
}

void filedelete_told(struct filedelete_fixture *fixture, const char *expected)
{
	g_autoptr(GRegex) who = g_regex_new(" 12/12 of 0 uid 1000 \"bash\" #[0-9]+:", 0, 0, NULL);
	g_autofree char *all = observer_take(&fixture->observer);
	g_autofree char *told = g_regex_replace_literal(who, all, -1, 0, "", 0, NULL);

	assert_string_equal(told, expected);
}

void filedelete_told_file(struct filedelete_fixture *fixture, const char *event, unsigned number,
			  const char *reason, const char *content)
{
	g_autofree char *expected = g_strdup_printf("%s SeqNum=%u Reason=\"%s\"\n"
						    "content %u of 7\n"
						    "content at 0+7: %s\n"
						    "content end\n",
						    event, number, reason, number, content);

	filedelete_told(fixture, number ? expected : "");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types of the tiny Linux kernel. Their offsets are those of no real kernel. */
#include "tiny_linux_types.h"

#include <string.h>

#include "btf_builder.h"

/** A structure comes before those that contain it. */
static const struct tiny_member members[] = {
	{ "list_head", "next", "u64", 0, 0, 0 },
	{ "list_head", "prev", "u64", 8, 0, 0 },
	{ "kuid_t", "val", "u32", 0, 0, 0 },
	{ "cred", "uid", "kuid_t", 8, 0, 0 },
	{ "cred", "suid", "kuid_t", 16, 0, 0 },
	{ "cred", "euid", "kuid_t", 24, 0, 0 },
	{ "thread_info", "flags", "u64", 0, 0, 0 },
	{ "thread_info", "status", "u32", 8, 0, 0 },
	{ "task_struct", "thread_info", "thread_info", 0x10, 0, 0 },
	{ "task_struct", "tasks", "list_head", 0x58, 0, 0 },
	{ "task_struct", "mm", "u64", 0x78, 0, 0 },
	{ "task_struct", "pid", "u32", 0x84, 0, 0 },
	{ "task_struct", "tgid", "u32", 0x88, 0, 0 },
	{ "task_struct", "real_parent", "u64", 0x90, 0, 0 },
	{ "task_struct", "cred", "u64", 0xa0, 0, 0 },
	{ "task_struct", "comm", "comm", 0xa8, 0, 0 },
	{ "task_struct", "signal", "u64", 0xc0, 0, 0 },
	{ "task_struct", "files", "u64", 0xc8, 0, 0 },
	{ "task_struct", "fs", "u64", 0xd0, 0, 0 },
	{ "task_struct", "stack", "u64", 0xd8, 0, 0 },
	{ "task_struct", "nsproxy", "u64", 0xe0, 0, 0 },
	{ "nsproxy", "mnt_ns", "u64", 0x18, 0, 0 },
	{ "mm_struct", "pgd", "u64", 0x48, 0, 0 },
	{ "mm_struct", "arg_start", "u64", 0x60, 0, 0 },
	{ "mm_struct", "arg_end", "u64", 0x68, 0, 0 },
	{ "mm_struct", "env_start", "u64", 0x70, 0, 0 },
	{ "mm_struct", "env_end", "u64", 0x78, 0, 0 },
	{ "mm_struct", "exe_file", "u64", 0x98, 0, 0 },
	{ "path", "mnt", "u64", 0, 0, 0 },
	{ "path", "dentry", "u64", 8, 0, 0 },
	{ "inode", "i_mode", "u32", 0x8, 0, 0 },
	{ "inode", "i_uid", "kuid_t", 0x10, 0, 0 },
	{ "inode", "i_gid", "kuid_t", 0x18, 0, 0 },
	{ "inode", "i_ino", "u64", 0x20, 0, 0 },
	{ "inode", "i_size", "u64", 0x28, 0, 0 },
	{ "inode", "i_mapping", "u64", 0x30, 0, 0 },
	{ "inode", "i_sb", "u64", 0x38, 0, 0 },
	{ "inode", "i_nlink", "u32", 0x40, 0, 0 },
	{ "inode", "i_count", "u32", 0x44, 0, 0 },
	{ "inode", "i_dentry", "u64", 0x48, 0, 0 },
	{ "inode", "i_generation", "u32", 0x50, 0, 0 },
	{ "inode", "i_blkbits", "u8", 0x55, 0, 0 },
	{ "xarray", "xa_head", "u64", 0x8, 0, 0 },
	{ "xa_node", "shift", "u8", 0, 0, 0 },
	{ "xa_node", "slots", "slots", 0x28, 0, 0 },
	{ "address_space", "i_pages", "xarray", 0x8, 0, 0 },
	{ "page", "flags", "u64", 0, 0, 0 },
	{ "page", "mapping", "u64", 0x18, 0, 0 },
	{ "page", "index", "u64", 0x20, 0, 0 },
	{ "page", "private", "u64", 0x10, 0, 0 },
	{ "buffer_head", "b_state", "u64", 0x8, 0, 0 },
	{ "buffer_head", "b_this_page", "u64", 0x18, 0, 0 },
	{ "buffer_head", "b_page", "u64", 0x20, 0, 0 },
	{ "buffer_head", "b_size", "u64", 0x10, 0, 0 },
	{ "iomap_folio_state", "state", "slots", 0x18, 0, 0 },
	{ "iomap_page", "uptodate", "slots", 0x20, 0, 0 },
	{ "super_block", "s_magic", "u64", 0x10, 0, 0 },
	{ "super_block", "s_mounts", "list_head", 0x20, 0, 0 },
	{ "super_block", "s_root", "u64", 0x38, 0, 0 },
	{ "file", "f_path", "path", 0x18, 0, 0 },
	{ "file", "f_inode", "u64", 0x30, 0, 0 },
	{ "file", "f_mode", "u32", 0x38, 0, 0 },
	{ "file", "f_flags", "u32", 0x3c, 0, 0 },
	{ "backing_file", "user_path", "path", 0x40, 0, 0 },
	{ "fs_struct", "root", "path", 0x18, 0, 0 },
	{ "fs_struct", "pwd", "path", 0x28, 0, 0 },
	{ "fdtable", "max_fds", "u32", 0x8, 0, 0 },
	{ "fdtable", "fd", "u64", 0x10, 0, 0 },
	{ "files_struct", "fdt", "u64", 0x20, 0, 0 },
	{ "qstr", "hash", "u32", 0, 0, 0 },
	{ "qstr", "len", "u32", 4, 0, 0 },
	{ "qstr", "name", "u64", 8, 0, 0 },
	{ "lockref", "count", "u32", 4, 0, 0 },
	{ "dentry", "d_parent", "u64", 0x18, 0, 0 },
	{ "dentry", "d_name", "qstr", 0x20, 0, 0 },
	{ "dentry", "d_inode", "u64", 0x30, 0, 0 },
	{ "dentry", "d_sb", "u64", 0x38, 0, 0 },
	{ "dentry", "d_lockref", "lockref", 0x40, 0, 0 },
	{ "dentry", "d_alias", "u64", 0x50, 0, 0 },
	{ "vfsmount", "mnt_root", "u64", 0, 0, 0 },
	{ "vfsmount", "mnt_sb", "u64", 8, 0, 0 },
	{ "mount", "mnt_parent", "u64", 0x10, 0, 0 },
	{ "mount", "mnt_mountpoint", "u64", 0x18, 0, 0 },
	{ "mount", "mnt", "vfsmount", 0x20, 0, 0 },
	{ "mount", "mnt_instance", "list_head", 0x30, 0, 0 },
	{ "mount", "mnt_next_for_sb", "u64", 0x40, 0, 0 },
	{ "mount", "mnt_ns", "u64", 0x48, 0, 0 },
	{ "upid", "nr", "u32", 0, 0, 0 },
	{ "pid", "numbers", "upid", 0x50, 0, 0 },
	{ "signal_struct", "pids", "pids", 0x30, 0, 0 },
	{ "pcpu_hot", "current_task", "u64", 0x20, 0, 0 },
	{ "linux_binprm", "mm", "u64", 0x10, 0, 0 },
	{ "linux_binprm", "p", "u64", 0x18, 0, 0 },
	{ "linux_binprm", "have_execfd", "u32", 0x20, 0, 1 },
	{ "linux_binprm", "execfd_creds", "u32", 0x20, 1, 1 },
	{ "linux_binprm", "secureexec", "u32", 0x20, 2, 1 },
	{ "linux_binprm", "file", "u64", 0x30, 0, 0 },
	{ "linux_binprm", "argc", "u32", 0x40, 0, 0 },
	{ "linux_binprm", "envc", "u32", 0x44, 0, 0 },
	{ "linux_binprm", "filename", "u64", 0x48, 0, 0 },
	{ "linux_binprm", "interp", "u64", 0x50, 0, 0 },
	{ "linux_binprm", "fdpath", "u64", 0x58, 0, 0 },
	{ "linux_binprm", "execfd", "u32", 0x60, 0, 0 },
	{ "pt_regs", "sp", "u64", 0x00, 0, 0 },
	{ "pt_regs", "bp", "u64", 0x08, 0, 0 },
	{ "pt_regs", "bx", "u64", 0x10, 0, 0 },
	{ "pt_regs", "r10", "u64", 0x20, 0, 0 },
	{ "pt_regs", "r9", "u64", 0x28, 0, 0 },
	{ "pt_regs", "r8", "u64", 0x30, 0, 0 },
	{ "pt_regs", "ax", "u64", 0x38, 0, 0 },
	{ "pt_regs", "cx", "u64", 0x40, 0, 0 },
	{ "pt_regs", "dx", "u64", 0x48, 0, 0 },
	{ "pt_regs", "si", "u64", 0x50, 0, 0 },
	{ "pt_regs", "di", "u64", 0x58, 0, 0 },
	{ "pt_regs", "orig_ax", "u64", 0x60, 0, 0 },
	{ "pt_regs", "cs", "u64", 0x68, 0, 0 },
	{ "syscall_metadata", "name", "u64", 0, 0, 0 },
	{ "syscall_metadata", "syscall_nr", "u32", 8, 0, 0 },
	{ "syscall_metadata", "nb_args", "u32", 12, 0, 0 },
	{ "syscall_metadata", "types", "u64", 16, 0, 0 },
	{ "syscall_metadata", "args", "u64", 24, 0, 0 },
	{ "kernel_clone_args", "flags", "u64", 0, 0, 0 },
	{ "kernel_clone_args", "exit_signal", "u32", 0x20, 0, 0 },
	{ "open_flags", "open_flag", "u32", 0x8, 0, 0 },
	{ "filename", "name", "u64", 0x10, 0, 0 },
	{ "renamedata", "mnt_idmap", "u64", 0, 0, 0 },
	{ "renamedata", "old_dentry", "u64", 0x10, 0, 0 },
	{ "renamedata", "new_dentry", "u64", 0x20, 0, 0 },
	{ "renamedata", "flags", "u32", 0x30, 0, 0 },
};

const struct tiny_member *tiny_member_find(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
		const struct tiny_member *member = &members[i];
		size_t size = strlen(member->structure);

		if (strncmp(name, member->structure, size) == 0 && name[size] == '.' &&
		    strcmp(name + size + 1, member->name) == 0)
			return member;
	}
	g_error("the tiny kernel has no member %s", name);
}

unsigned tiny_member_size(const struct tiny_member *member)
{
	if (strcmp(member->type, "u8") == 0)
		return 1;
	return strcmp(member->type, "u32") == 0 || strcmp(member->type, "kuid_t") == 0 ||
			       strcmp(member->type, "upid") == 0
		       ? 4
		       : 8;
}

unsigned tiny_structure_size(const char *name)
{
	static const struct {
		const char *name;
		unsigned size;
	} sizes[] = { { "kuid_t", 4 },
		      { "pt_regs", TINY_REGS_SIZE },
		      { "page", TINY_PAGE_SIZEOF } };

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
		if (strcmp(name, sizes[i].name) == 0)
			return sizes[i].size;
	return 0x200;
}

static bool is_without(const char *const *without, const struct tiny_member *member)
{
	g_autofree char *name = g_strdup_printf("%s.%s", member->structure, member->name);

	return without && g_strv_contains(without, name);
}

/** The types that are not structures, by the names that the table has for them. */
static GHashTable *add_plain_types(struct btf_builder *builder)
{
	GHashTable *ids = g_hash_table_new(g_str_hash, g_str_equal);
	uint32_t number = btf_add_int(builder, "unsigned int", 4);
	uint32_t letter = btf_add_int(builder, "char", 1);
	uint32_t large = btf_add_int(builder, "long unsigned int", 8);
	const uint32_t flags[] = { btf_string(builder, "PG_uptodate"), TINY_PG_UPTODATE };
	const uint32_t values[] = { btf_string(builder, "PIDTYPE_PID"),	 0,
				    btf_string(builder, "PIDTYPE_TGID"), 1,
				    btf_string(builder, "PIDTYPE_PGID"), 2 };
	const uint32_t states[] = { btf_string(builder, "BH_Uptodate"), TINY_BH_UPTODATE };

	g_hash_table_insert(ids, "u8", GUINT_TO_POINTER(letter));
	g_hash_table_insert(ids, "u32", GUINT_TO_POINTER(number));
	g_hash_table_insert(ids, "u64", GUINT_TO_POINTER(large));
	g_hash_table_insert(ids, "comm", GUINT_TO_POINTER(btf_add_array(builder, letter, 16)));
	g_hash_table_insert(ids, "pids", GUINT_TO_POINTER(btf_add_array(builder, large, 4)));
	g_hash_table_insert(ids, "slots", GUINT_TO_POINTER(btf_add_array(builder, large, 64)));
	btf_add(builder, "pageflags", WV_BTF_ENUM, false, 1, 4);
	btf_words(builder, 2, flags);
	btf_add(builder, "bh_state_bits", WV_BTF_ENUM, false, 1, 4);
	btf_words(builder, 2, states);
	btf_add(builder, "pid_type", WV_BTF_ENUM, false, 3, 4);
	btf_words(builder, 6, values);
	return ids;
}

/** Functions of which the types tell: vfs_create() as it is since 6.19. */
static void add_functions(struct btf_builder *builder, uint32_t type)
{
	const uint32_t parameters[] = {
		btf_string(builder, "idmap"), type, btf_string(builder, "dentry"), type,
		btf_string(builder, "mode"),  type, btf_string(builder, "di"),	   type,
	};
	uint32_t prototype = btf_add(builder, "", WV_BTF_FUNC_PROTO, false, 4, type);

	btf_words(builder, G_N_ELEMENTS(parameters), parameters);
	btf_add(builder, "vfs_create", WV_BTF_FUNC, false, 1, prototype);
}

GByteArray *tiny_types(const char *const *without)
{
	struct btf_builder builder;
	g_autoptr(GHashTable) ids = NULL;
	GByteArray *btf;

	btf_builder_init(&builder);
	ids = add_plain_types(&builder);
	add_functions(&builder, GPOINTER_TO_UINT(g_hash_table_lookup(ids, "u64")));
	for (size_t start = 0, end; start < G_N_ELEMENTS(members); start = end) {
		const char *structure = members[start].structure;
		uint32_t count = 0, id;

		for (end = start; end < G_N_ELEMENTS(members); end++) {
			if (strcmp(members[end].structure, structure) != 0)
				break;
			count += !is_without(without, &members[end]);
		}
		id = btf_add(&builder, structure, WV_BTF_STRUCT, true, count,
			     tiny_structure_size(structure));
		g_hash_table_insert(ids, (gpointer)structure, GUINT_TO_POINTER(id));
		for (size_t i = start; i < end; i++) {
			const struct tiny_member *member = &members[i];
			uint32_t type = GPOINTER_TO_UINT(g_hash_table_lookup(ids, member->type));
			uint32_t place = member->offset * 8 + member->shift;

			g_assert(type);
			if (!is_without(without, member))
				btf_add_member(&builder, member->name, type,
					       (uint32_t)member->bits << 24 | place);
		}
	}
	btf = btf_finish(&builder);
	btf_builder_deinit(&builder);
	return btf;
}

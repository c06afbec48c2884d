/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is needed of every Linux kernel. Kernel sources are named by path in the kernel's tree. */
#include "guest/linux/internal.h"

#define SMALL_BLOCKS "parts of files whose blocks are smaller than pages"

const struct wv_want wv_linux_wants[LINUX_WANT_COUNT] = {
	[SYM_LINUX_BANNER] = WV_SYMBOL("linux_banner", NULL), /* init/version.c */
	[SYM_INIT_TASK] = WV_SYMBOL("init_task", "the list of running processes"),
	/* arch/x86/kernel/head64.c; absent without CONFIG_DYNAMIC_MEMORY_LAYOUT */
	[SYM_PAGE_OFFSET_BASE] = WV_SYMBOL_IF_ANY("page_offset_base"),
	/* the current task: in pcpu_hot from 6.2 to 6.14, by itself before and since */
	[SYM_PCPU_HOT] = WV_SYMBOL_IF_ANY("pcpu_hot"),
	[SYM_CURRENT_TASK] = WV_SYMBOL_IF_ANY("current_task"),
	[SYM_TEXT] = WV_SYMBOL("_text", NULL),
	[SYM_ETEXT] = WV_SYMBOL("_etext", NULL),
	[PCPU_HOT_CURRENT_TASK] = WV_MEMBER_IF_ANY("pcpu_hot", "current_task"),

	/* include/linux/sched.h */
	[TASK_TASKS] = WV_MEMBER("task_struct", "tasks", "the list of running processes"),
	[TASK_PID] = WV_MEMBER("task_struct", "pid", NULL),
	[TASK_TGID] = WV_MEMBER("task_struct", "tgid", NULL),
	[TASK_COMM] = WV_MEMBER("task_struct", "comm", "thread names"),
	[TASK_REAL_PARENT] = WV_MEMBER("task_struct", "real_parent", "PPID"),
	[TASK_CRED] = WV_MEMBER("task_struct", "cred", "UserId"),
	[TASK_MM] = WV_MEMBER("task_struct", "mm", "image names and command lines"),
	[TASK_SIGNAL] = WV_MEMBER("task_struct", "signal", "PGID"),
	[TASK_FLAGS] = WV_MEMBER_IF_ANY("task_struct", "flags"),
	[TASK_EXIT_CODE] = WV_MEMBER_IF_ANY("task_struct", "exit_code"),
	[TASK_GROUP_LEADER] = WV_MEMBER_IF_ANY("task_struct", "group_leader"),
	/* include/linux/sched/signal.h */
	[SIGNAL_FLAGS] = WV_MEMBER_IF_ANY("signal_struct", "flags"),
	[SIGNAL_GROUP_EXIT_CODE] = WV_MEMBER_IF_ANY("signal_struct", "group_exit_code"),
	/* include/linux/cred.h */
	[CRED_UID] = WV_MEMBER("cred", "uid", "UserId"),
	[CRED_SUID] = WV_MEMBER("cred", "suid", "suid"),
	[CRED_EUID] = WV_MEMBER("cred", "euid", "euid"),
	/* include/linux/mm_types.h */
	[MM_PGD] = WV_MEMBER("mm_struct", "pgd", "command lines"),
	[MM_EXE_FILE] = WV_MEMBER("mm_struct", "exe_file", "image names"),
	/* include/linux/fs.h, path.h, dcache.h, mount.h, fs/mount.h */
	[FILE_PATH] = WV_MEMBER("file", "f_path", "image names and paths"),
	[PATH_DENTRY] = WV_MEMBER("path", "dentry", "image names and paths"),
	[PATH_MNT] = WV_MEMBER("path", "mnt", "paths across mounts"),
	[DENTRY_NAME] = WV_MEMBER("dentry", "d_name.name", "image names and paths"),
	[DENTRY_NAME_LEN] = WV_MEMBER("dentry", "d_name.len", "image names and paths"),
	[DENTRY_PARENT] = WV_MEMBER("dentry", "d_parent", "paths"),
	[VFSMOUNT_ROOT] = WV_MEMBER("vfsmount", "mnt_root", "paths across mounts"),
	[MOUNT_MNT] = WV_MEMBER("mount", "mnt", "paths across mounts"),
	[MOUNT_PARENT] = WV_MEMBER("mount", "mnt_parent", "paths across mounts"),
	[MOUNT_MOUNTPOINT] = WV_MEMBER("mount", "mnt_mountpoint", "paths across mounts"),
	/* include/linux/sched/signal.h, pid.h, pid_types.h */
	[SIGNAL_PIDS] = WV_MEMBER("signal_struct", "pids", "PGID"),
	[PID_NUMBERS] = WV_MEMBER("pid", "numbers", "PGID"),
	[UPID_NR] = WV_MEMBER("upid", "nr", "PGID"),
	[ENUM_PGID] = WV_ENUMERATOR("PIDTYPE_PGID", "PGID"),
	/* include/linux/fdtable.h, fs_struct.h, fs.h: without them descriptors have no paths */
	[TASK_FILES] = WV_MEMBER_IF_ANY("task_struct", "files"),
	[TASK_FS] = WV_MEMBER_IF_ANY("task_struct", "fs"),
	[FS_PWD] = WV_MEMBER_IF_ANY("fs_struct", "pwd"),
	[FILES_FDT] = WV_MEMBER_IF_ANY("files_struct", "fdt"),
	[FDTABLE_MAX_FDS] = WV_MEMBER_IF_ANY("fdtable", "max_fds"),
	[FDTABLE_FD] = WV_MEMBER_IF_ANY("fdtable", "fd"),
	[FILE_INODE] = WV_MEMBER_IF_ANY("file", "f_inode"),
	[INODE_MODE] = WV_MEMBER_IF_ANY("inode", "i_mode"),
	[DENTRY_SB] = WV_MEMBER_IF_ANY("dentry", "d_sb"),
	[SB_MAGIC] = WV_MEMBER_IF_ANY("super_block", "s_magic"),
	[INODE_NUMBER] = WV_MEMBER_IF_ANY("inode", "i_ino"),

	/* include/linux/fs.h, dcache.h */
	[INODE_UID] = WV_MEMBER("inode", "i_uid", "owners of files"),
	[INODE_GID] = WV_MEMBER("inode", "i_gid", "groups of files"),
	[INODE_LINKS] = WV_MEMBER("inode", "i_nlink", "which files are deleted"),
	[INODE_COUNT] = WV_MEMBER("inode", "i_count", "which files are still in use"),
	[INODE_SIZE] = WV_MEMBER("inode", "i_size", "sizes and contents of files"),
	[INODE_MAPPING] = WV_MEMBER("inode", "i_mapping", "contents of files"),
	[INODE_SB] = WV_MEMBER("inode", "i_sb", "which file systems are special"),
	[DENTRY_INODE] = WV_MEMBER("dentry", "d_inode", "owners and contents of files"),
	[DENTRY_COUNT] = WV_MEMBER("dentry", "d_lockref.count", "which files are still in use"),
	/* include/linux/mount.h, nsproxy.h, fs/mount.h */
	[SB_MOUNTS] = WV_MEMBER("super_block", "s_mounts", "paths across mounts"),
	[SB_ROOT] = WV_MEMBER_IF_ANY("super_block", "s_root"), /* it only saves time */
	[VFSMOUNT_SB] = WV_MEMBER("vfsmount", "mnt_sb", "paths across mounts"),
	/* a super block's mounts are a list, or since 6.18 a chain of pointers */
	[MOUNT_INSTANCE] = WV_MEMBER_IF_ANY("mount", "mnt_instance"),
	[MOUNT_NEXT_FOR_SB] = WV_MEMBER_IF_ANY("mount", "mnt_next_for_sb"),
	[MOUNT_NS] = WV_MEMBER("mount", "mnt_ns", "paths in mount namespaces"),
	[TASK_NSPROXY] = WV_MEMBER("task_struct", "nsproxy", "paths in mount namespaces"),
	[NSPROXY_MNT_NS] = WV_MEMBER("nsproxy", "mnt_ns", "paths in mount namespaces"),
	[FS_ROOT] = WV_MEMBER("fs_struct", "root", "whole paths of names"),
	/* arch/x86/kernel/head64.c; absent without CONFIG_DYNAMIC_MEMORY_LAYOUT */
	[SYM_VMEMMAP_BASE] = WV_SYMBOL_IF_ANY("vmemmap_base"),
	/* include/linux/fs.h, xarray.h, mm_types.h, page-flags.h */
	[MAPPING_PAGES] = WV_MEMBER("address_space", "i_pages", "contents of files"),
	[XARRAY_HEAD] = WV_MEMBER("xarray", "xa_head", "contents of files"),
	[XA_NODE_SHIFT] = WV_MEMBER("xa_node", "shift", "contents of files"),
	[XA_NODE_SLOTS] = WV_MEMBER("xa_node", "slots", "contents of files"),
	[PAGE_SIZEOF] = WV_SIZE("page", "contents of files"),
	[PAGE_FLAGS] = WV_MEMBER("page", "flags", "contents of files"),
	[PAGE_MAPPING] = WV_MEMBER("page", "mapping", "contents of files"),
	[PAGE_INDEX] = WV_MEMBER("page", "__folio_index|index", "contents of files"),
	[PAGE_PRIVATE] = WV_MEMBER("page", "private", SMALL_BLOCKS),
	[ENUM_PG_UPTODATE] = WV_ENUMERATOR("PG_uptodate", "contents of files"),
	/* include/linux/fs.h, buffer_head.h */
	[INODE_BLOCK_BITS] = WV_MEMBER("inode", "i_blkbits", SMALL_BLOCKS),
	[BUFFER_STATE] = WV_MEMBER("buffer_head", "b_state", SMALL_BLOCKS),
	[BUFFER_NEXT] = WV_MEMBER("buffer_head", "b_this_page", SMALL_BLOCKS),
	[BUFFER_PAGE] = WV_MEMBER("buffer_head", "b_folio|b_page", SMALL_BLOCKS),
	[BUFFER_SIZE] = WV_MEMBER("buffer_head", "b_size", SMALL_BLOCKS),
	[ENUM_BH_UPTODATE] = WV_ENUMERATOR("BH_Uptodate", SMALL_BLOCKS),
	/* fs/iomap/buffered-io.c: one of them, the first since 6.6 */
	[IOMAP_FOLIO_STATE] = WV_MEMBER_IF_ANY("iomap_folio_state", "state"),
	[IOMAP_PAGE_UPTODATE] = WV_MEMBER_IF_ANY("iomap_page", "uptodate"),
};

const struct wv_want *wv_linux_needs(unsigned *count)
{
	*count = LINUX_WANT_COUNT;
	return wv_linux_wants;
}

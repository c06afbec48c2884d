/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system calls that a process tree tells of. */
#include "sandbox/tree_calls.h"

#include <string.h>

#include "sandbox/tree_text.h"

const struct wv_tree_kind_name wv_tree_kind_names[WV_TREE_N_KINDS] = {
	[WV_TREE_CREATED] = { "created", "created" },
	[WV_TREE_WRITTEN] = { "written", "written" },
	[WV_TREE_OPENED] = { "opened", "opened" },
	[WV_TREE_RENAMED] = { "renamed", "renamed" },
	[WV_TREE_REMOVED] = { "removed", "removed" },
	[WV_TREE_CHANGED] = { "changed", "changed" },
	[WV_TREE_EXEC_FAILED] = { "not executed", "exec_failed" },
	[WV_TREE_SIGNALLED] = { "signalled", "signalled" },
	[WV_TREE_PRIVILEGES] = { "privileges", "privileges" },
	[WV_TREE_NETWORK] = { "network", "network" },
	[WV_TREE_KERNEL] = { "kernel", "kernel" },
	[WV_TREE_MOUNTS] = { "mounts", "mounts" },
	[WV_TREE_MEMORY] = { "memory", "memory" },
	[WV_TREE_ITSELF] = { "itself", "itself" },
};

/* Rows: a call, its kind, and the numbers of its arguments, from 0, as its manual page has them. */

/** Done to a path. */
#define PATH(call, what, path)                                                                     \
	{                                                                                          \
		.name = #call, .kind = WV_TREE_##what, .objects = { path, -1 }, .folders = {       \
			-1,                                                                        \
			-1                                                                         \
		}                                                                                  \
	}
/** Done to a path that is relative to a folder's descriptor. */
#define AT(call, what, folder, path)                                                               \
	{                                                                                          \
		.name = #call, .kind = WV_TREE_##what, .objects = { path, -1 }, .folders = {       \
			folder,                                                                    \
			-1                                                                         \
		}                                                                                  \
	}
/** From one path to another. */
#define FROM_TO(call, what, folder, path, folder2, path2)                                          \
	{                                                                                          \
		.name = #call, .kind = WV_TREE_##what, .objects = { path, path2 }, .folders = {    \
			folder,                                                                    \
			folder2                                                                    \
		}                                                                                  \
	}
/** Done to the file behind a descriptor. */
#define FILE_OF(call, what, fd)                                                                    \
	{                                                                                          \
		.name = #call, .kind = WV_TREE_##what, .from_fd = true, .objects = { fd, -1 },     \
		.folders = {                                                                       \
			-1,                                                                        \
			-1                                                                         \
		}                                                                                  \
	}
/** Told with the call's name, and up to two of its arguments (-1: none). */
#define NAMED(call, what, first, second)                                                           \
	{                                                                                          \
		.name = #call, .kind = WV_TREE_##what, .named = true,                              \
		.objects = { first, second }, .folders = {                                         \
			-1,                                                                        \
			-1                                                                         \
		}                                                                                  \
	}
/** The same, told only where a condition is met. */
#define NAMED_IF(call, what, when, argument, first, second)                                        \
	{                                                                                          \
		.name = #call, .kind = WV_TREE_##what, .condition = WV_TREE_##when, .named = true, \
		.decider = argument, .objects = { first, second }, .folders = {                    \
			-1,                                                                        \
			-1                                                                         \
		}                                                                                  \
	}
/** An open: its flags say what it is. */
#define OPEN(call, folder, path, flags)                                                            \
	{                                                                                          \
		.name = #call, .kind = WV_TREE_OPENED, .condition = WV_TREE_BY_FLAGS,              \
		.decider = flags, .objects = { path, -1 }, .folders = {                            \
			folder,                                                                    \
			-1                                                                         \
		}                                                                                  \
	}

static const struct wv_tree_call calls[] = {
	OPEN(open, -1, 0, 1),
	OPEN(openat, 0, 1, 2),
	OPEN(openat2, 0, 1, 2),
	PATH(creat, CREATED, 0),
	PATH(mkdir, CREATED, 0),
	AT(mkdirat, CREATED, 0, 1),
	PATH(mknod, CREATED, 0),
	AT(mknodat, CREATED, 0, 1),
	FROM_TO(link, CREATED, -1, 0, -1, 1),
	FROM_TO(linkat, CREATED, 0, 1, 2, 3),
	FROM_TO(symlink, CREATED, -1, 0, -1, 1),
	FROM_TO(symlinkat, CREATED, -1, 0, 1, 2),

	FILE_OF(write, WRITTEN, 0),
	FILE_OF(writev, WRITTEN, 0),
	FILE_OF(pwrite64, WRITTEN, 0),
	FILE_OF(pwritev, WRITTEN, 0),
	FILE_OF(pwritev2, WRITTEN, 0),
	FILE_OF(sendfile, WRITTEN, 0),
	FILE_OF(sendfile64, WRITTEN, 0),
	FILE_OF(splice, WRITTEN, 2),
	FILE_OF(copy_file_range, WRITTEN, 2),
	FILE_OF(ftruncate, WRITTEN, 0),
	FILE_OF(ftruncate64, WRITTEN, 0),
	FILE_OF(fallocate, WRITTEN, 0),
	PATH(truncate, WRITTEN, 0),
	PATH(truncate64, WRITTEN, 0),

	FROM_TO(rename, RENAMED, -1, 0, -1, 1),
	FROM_TO(renameat, RENAMED, 0, 1, 2, 3),
	FROM_TO(renameat2, RENAMED, 0, 1, 2, 3),
	PATH(unlink, REMOVED, 0),
	AT(unlinkat, REMOVED, 0, 1),
	PATH(rmdir, REMOVED, 0),

	PATH(chmod, CHANGED, 0),
	FILE_OF(fchmod, CHANGED, 0),
	AT(fchmodat, CHANGED, 0, 1),
	AT(fchmodat2, CHANGED, 0, 1),
	PATH(chown, CHANGED, 0),
	PATH(chown32, CHANGED, 0),
	PATH(chown16, CHANGED, 0),
	PATH(lchown, CHANGED, 0),
	PATH(lchown32, CHANGED, 0),
	PATH(lchown16, CHANGED, 0),
	FILE_OF(fchown, CHANGED, 0),
	FILE_OF(fchown32, CHANGED, 0),
	FILE_OF(fchown16, CHANGED, 0),
	AT(fchownat, CHANGED, 0, 1),
	PATH(utime, CHANGED, 0),
	PATH(utimes, CHANGED, 0),
	AT(futimesat, CHANGED, 0, 1),
	AT(utimensat, CHANGED, 0, 1),
	PATH(setxattr, CHANGED, 0),
	PATH(lsetxattr, CHANGED, 0),
	FILE_OF(fsetxattr, CHANGED, 0),
	PATH(removexattr, CHANGED, 0),
	PATH(lremovexattr, CHANGED, 0),
	FILE_OF(fremovexattr, CHANGED, 0),

	{ .name = "execve",
	  .kind = WV_TREE_EXEC_FAILED,
	  .condition = WV_TREE_IF_FAILED,
	  .objects = { 0, -1 },
	  .folders = { -1, -1 } },
	{ .name = "execveat",
	  .kind = WV_TREE_EXEC_FAILED,
	  .condition = WV_TREE_IF_FAILED,
	  .objects = { 1, -1 },
	  .folders = { 0, -1 } },

	NAMED_IF(kill, SIGNALLED, IF_FAILED, -1, 1, 0),
	NAMED_IF(tkill, SIGNALLED, IF_FAILED, -1, 1, 0),
	NAMED_IF(tgkill, SIGNALLED, IF_FAILED, -1, 2, 0),
	NAMED_IF(rt_sigqueueinfo, SIGNALLED, IF_FAILED, -1, 1, 0),
	NAMED_IF(rt_tgsigqueueinfo, SIGNALLED, IF_FAILED, -1, 2, 0),
	NAMED_IF(pidfd_send_signal, SIGNALLED, IF_FAILED, -1, 1, 0),

	NAMED(setuid, PRIVILEGES, 0, -1),
	NAMED(setuid32, PRIVILEGES, 0, -1),
	NAMED(setuid16, PRIVILEGES, 0, -1),
	NAMED(setgid, PRIVILEGES, 0, -1),
	NAMED(setgid32, PRIVILEGES, 0, -1),
	NAMED(setgid16, PRIVILEGES, 0, -1),
	NAMED(setreuid, PRIVILEGES, 0, 1),
	NAMED(setreuid32, PRIVILEGES, 0, 1),
	NAMED(setregid, PRIVILEGES, 0, 1),
	NAMED(setregid32, PRIVILEGES, 0, 1),
	NAMED(setresuid, PRIVILEGES, 0, 1),
	NAMED(setresuid32, PRIVILEGES, 0, 1),
	NAMED(setresgid, PRIVILEGES, 0, 1),
	NAMED(setresgid32, PRIVILEGES, 0, 1),
	NAMED(setfsuid, PRIVILEGES, 0, -1),
	NAMED(setfsgid, PRIVILEGES, 0, -1),
	NAMED(setgroups, PRIVILEGES, 1, -1),
	NAMED(setgroups32, PRIVILEGES, 1, -1),
	NAMED(capset, PRIVILEGES, 1, -1),
	NAMED(ptrace, PRIVILEGES, 0, 1),
	NAMED(process_vm_readv, PRIVILEGES, 0, -1),
	NAMED(process_vm_writev, PRIVILEGES, 0, -1),
	NAMED(pidfd_getfd, PRIVILEGES, 0, 1),
	NAMED(keyctl, PRIVILEGES, 0, -1),
	NAMED(add_key, PRIVILEGES, 0, 1),
	NAMED(request_key, PRIVILEGES, 0, 1),
	NAMED(seccomp, PRIVILEGES, 0, -1),
	NAMED(ioperm, PRIVILEGES, 0, 1),
	NAMED(iopl, PRIVILEGES, 0, -1),
	NAMED_IF(prctl, PRIVILEGES, BY_OPTION, 0, 0, 1),

	NAMED(socket, NETWORK, 0, 1),
	NAMED(bind, NETWORK, 1, -1),
	NAMED(connect, NETWORK, 1, -1),
	NAMED(accept, NETWORK, 1, -1),
	NAMED(accept4, NETWORK, 1, -1),
	NAMED_IF(sendto, NETWORK, IF_NOT_NULL, 4, 4, -1),
	NAMED(socketcall, NETWORK, 0, -1),

	NAMED(init_module, KERNEL, 2, -1),
	NAMED(finit_module, KERNEL, 0, 1),
	NAMED(delete_module, KERNEL, 0, -1),
	NAMED(kexec_load, KERNEL, -1, -1),
	NAMED(kexec_file_load, KERNEL, 0, 1),
	NAMED(bpf, KERNEL, 0, -1),
	NAMED(perf_event_open, KERNEL, 0, -1),
	NAMED(reboot, KERNEL, 2, -1),
	NAMED(swapon, KERNEL, 0, -1),
	NAMED(swapoff, KERNEL, 0, -1),
	NAMED(settimeofday, KERNEL, 0, -1),
	NAMED(clock_settime, KERNEL, 0, 1),
	NAMED(sethostname, KERNEL, 0, -1),
	NAMED(setdomainname, KERNEL, 0, -1),
	NAMED(userfaultfd, KERNEL, 0, -1),

	NAMED(mount, MOUNTS, 0, 1),
	NAMED(umount, MOUNTS, 0, -1),
	NAMED(oldumount, MOUNTS, 0, -1),
	NAMED(umount2, MOUNTS, 0, 1),
	NAMED(move_mount, MOUNTS, 1, 3),
	NAMED(open_tree, MOUNTS, 0, 1),
	NAMED(fsopen, MOUNTS, 0, -1),
	NAMED(fsmount, MOUNTS, 0, -1),
	NAMED(pivot_root, MOUNTS, 0, 1),
	NAMED(chroot, MOUNTS, 0, -1),
	NAMED(unshare, MOUNTS, 0, -1),
	NAMED(setns, MOUNTS, 0, 1),

	NAMED_IF(mmap, MEMORY, IF_WRITE_EXEC, 2, 2, -1),
	NAMED_IF(mmap2, MEMORY, IF_WRITE_EXEC, 2, 2, -1),
	NAMED_IF(mprotect, MEMORY, IF_WRITE_EXEC, 2, 2, -1),
	NAMED_IF(pkey_mprotect, MEMORY, IF_WRITE_EXEC, 2, 2, -1),
	NAMED(memfd_create, MEMORY, 0, -1),

	NAMED(setsid, ITSELF, -1, -1),
	NAMED(personality, ITSELF, 0, -1),
};

GHashTable *wv_tree_calls_new(void)
{
	GHashTable *table = g_hash_table_new(g_str_hash, g_str_equal);

	for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
		g_hash_table_insert(table, (char *)calls[i].name, (void *)&calls[i]);
	return table;
}

static enum wv_tree_kind kind_of_open(struct wv_bytes flags)
{
	if (wv_text_has_word(flags, "O_CREAT") || wv_text_has_word(flags, "O_TMPFILE"))
		return WV_TREE_CREATED;
	return wv_text_has_word(flags, "O_TRUNC") ? WV_TREE_WRITTEN : WV_TREE_OPENED;
}

/** The options of prctl that are told; a name that was changed is seen by itself. */
static bool kind_of_option(struct wv_bytes option, enum wv_tree_kind *kind)
{
	static const struct {
		const char *name;
		enum wv_tree_kind kind;
	} options[] = {
		{ "PR_SET_DUMPABLE", WV_TREE_PRIVILEGES },
		{ "PR_SET_KEEPCAPS", WV_TREE_PRIVILEGES },
		{ "PR_SET_SECUREBITS", WV_TREE_PRIVILEGES },
		{ "PR_SET_NO_NEW_PRIVS", WV_TREE_PRIVILEGES },
		{ "PR_SET_PTRACER", WV_TREE_PRIVILEGES },
		{ "PR_SET_SECCOMP", WV_TREE_PRIVILEGES },
		{ "PR_CAPBSET_DROP", WV_TREE_PRIVILEGES },
		{ "PR_CAP_AMBIENT", WV_TREE_PRIVILEGES },
		{ "PR_SET_MM", WV_TREE_ITSELF },
		{ "PR_SET_PDEATHSIG", WV_TREE_ITSELF },
		{ "PR_SET_CHILD_SUBREAPER", WV_TREE_ITSELF },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
		if (wv_text_has_word(option, options[i].name)) {
			*kind = options[i].kind;
			return true;
		}
	return false;
}

bool wv_tree_call_kind(const struct wv_tree_call *call, struct wv_bytes decider,
		       enum wv_tree_kind *kind)
{
	*kind = call->kind;
	switch (call->condition) {
	case WV_TREE_BY_FLAGS:
		*kind = kind_of_open(decider);
		return true;
	case WV_TREE_BY_OPTION:
		return kind_of_option(decider, kind);
	case WV_TREE_IF_NOT_NULL:
		return decider.size > 0 && !wv_text_is(decider, "NULL");
	case WV_TREE_IF_WRITE_EXEC:
		return wv_text_has_word(decider, "PROT_WRITE") &&
		       wv_text_has_word(decider, "PROT_EXEC");
	case WV_TREE_IF_FAILED:
	case WV_TREE_ALWAYS:
		break;
	}
	return true;
}

bool wv_tree_is_secret(struct wv_bytes path)
{
	static const char *const secret[] = {
		"/etc/shadow", "/etc/gshadow", "/etc/sudoers",	      "/dev/mem",
		"/dev/kmem",   "/proc/kcore",  "/proc/sysrq-trigger", "/root/.ssh/id_rsa",
	};
	static const char proc[] = "/proc/", mem[] = "/mem";

	for (size_t i = 0; i < G_N_ELEMENTS(secret); i++)
		if (wv_text_is(path, secret[i]))
			return true;
	return path.size > strlen(proc) + strlen(mem) && wv_text_begins(path, proc) &&
	       memcmp(path.data + path.size - strlen(mem), mem, strlen(mem)) == 0;
}

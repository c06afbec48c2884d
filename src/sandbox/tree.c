/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of a guest's processes, learnt from events. */
#include "sandbox/tree.h"

#include <string.h>

#include "sandbox/tree_deeds.h"
#include "sandbox/tree_text.h"

/* task_struct.comm has 16 bytes. */
#define COMM_MAX 15

static bool keep(struct wv_tree *tree, struct wv_bytes text, size_t max, struct wv_bytes *copy)
{
	if (wv_tree_room_keep(&tree->room, text, max, copy))
		return true;
	tree->n_without_room++;
	return false;
}

/** Counts a deed that was no system call, or that procmon tells better. */
static void did(struct wv_tree *tree, struct wv_tree_process *process, enum wv_tree_kind kind,
		const GString *deed)
{
	wv_tree_deeds_add(tree, process, kind, (struct wv_bytes){ deed->str, deed->len },
			  (struct wv_bytes){ NULL, 0 });
}

/* ---- threads ---- */

static struct wv_tree_thread *find_thread(const struct wv_tree *tree, uint32_t tid)
{
	return g_hash_table_lookup(tree->threads, GUINT_TO_POINTER(tid));
}

/** A thread that is known no more; what it was about to do is told. */
static void forget_thread(struct wv_tree *tree, struct wv_tree_thread *thread)
{
	struct wv_tree_process *process = thread->process;

	wv_tree_deeds_flush(tree, thread);
	if (thread->generation == process->generation && process->n_alive > 0)
		process->n_alive--;
	g_hash_table_remove(tree->threads, GUINT_TO_POINTER(thread->tid));
}

/** The thread of that number, which belongs to the process; NULL: no room for it. */
static struct wv_tree_thread *get_thread(struct wv_tree *tree, struct wv_tree_process *process,
					 uint32_t tid)
{
	struct wv_tree_thread *thread = find_thread(tree, tid);

	if (thread && thread->process == process)
		return thread;
	if (thread)
		forget_thread(tree, thread);
	if (g_hash_table_size(tree->threads) >= WV_TREE_THREADS_MAX) {
		tree->n_without_room++;
		return NULL;
	}
	thread = g_new0(struct wv_tree_thread, 1);
	thread->tid = tid;
	thread->process = process;
	thread->generation = process->generation;
	process->n_alive++;
	g_hash_table_insert(tree->threads, GUINT_TO_POINTER(tid), thread);
	return thread;
}

/* ---- processes ---- */

static struct wv_tree_process *find_process(const struct wv_tree *tree, uint32_t pid)
{
	return g_hash_table_lookup(tree->by_pid, GUINT_TO_POINTER(pid));
}

static void add_child(struct wv_tree_process *parent, struct wv_tree_process *child)
{
	child->parent = parent;
	child->is_sample = parent->is_sample;
	child->previous_sibling = parent->last_child;
	if (parent->last_child)
		parent->last_child->next_sibling = child;
	else
		parent->first_child = child;
	parent->last_child = child;
}

static void remove_child(struct wv_tree_process *child)
{
	struct wv_tree_process *next = child->next_sibling, *previous = child->previous_sibling;

	*(previous ? &previous->next_sibling : &child->parent->first_child) = next;
	*(next ? &next->previous_sibling : &child->parent->last_child) = previous;
	child->next_sibling = child->previous_sibling = child->parent = NULL;
}

/** A process that was not known; NULL: no room for it. */
static struct wv_tree_process *add_process(struct wv_tree *tree, const struct wv_tree_row *row,
					   uint32_t pid, struct wv_tree_process *parent)
{
	struct wv_tree_process *process = NULL;

	if (tree->processes->len < WV_TREE_PROCESSES_MAX)
		process = wv_tree_room_take(&tree->room, sizeof(*process));
	if (!process) {
		tree->n_without_room++;
		return NULL;
	}
	process->index = tree->processes->len;
	process->pid = pid;
	process->name = (struct wv_bytes){ "", 0 };
	process->start_us = row->time_us;
	process->first_uid = row->uid;
	if (parent)
		add_child(parent, process);
	g_ptr_array_add(tree->processes, process);
	g_hash_table_insert(tree->by_pid, GUINT_TO_POINTER(pid), process);
	return process;
}

static bool is_exec(const struct wv_tree_row *row)
{
	return wv_text_is(row->method, "begin_new_exec") ||
	       wv_text_is(row->method, "do_execveat_common");
}

static bool is_signal(const struct wv_tree_row *row)
{
	return wv_text_is(row->method, "do_send_sig_info") ||
	       wv_text_is(row->method, "send_signal_locked") ||
	       wv_text_is(row->method, "send_signal");
}

/** The process that an event is told of. */
static struct wv_tree_process *process_of(struct wv_tree *tree, const struct wv_tree_row *row)
{
	struct wv_tree_process *process = find_process(tree, row->pid), *parent;

	/*
	 * Calls that were entered before the end are told after it, when they return; and a process
	 * that ends can still send the signals that others asked for.
	 */
	if (process && (!process->ended || row->uid < process->end_uid || is_signal(row)))
		return process;
	parent = row->ppid == row->pid ? NULL : find_process(tree, row->ppid);
	process = add_process(tree, row, row->pid, parent);
	if (process)
		process->ppid = row->ppid;
	return process;
}

/** Its name, where no exec tells it. The return of an exec is told under the old name. */
static void learn_name(struct wv_tree *tree, struct wv_tree_process *process,
		       const struct wv_tree_row *row)
{
	if (row->process.size > 0 && !wv_text_same(process->name, row->process) &&
	    !wv_text_is(row->plugin, "sysret") && (!is_exec(row) || process->name.size == 0))
		keep(tree, row->process, WV_TREE_NAME_MAX, &process->name);
}

/** Whether a new name is its own doing; its maker's could have come to it as it was made. */
static bool can_have_renamed(const struct wv_tree_process *process)
{
	return process->calls > 0 ? process->renames : process->n_commands > 0;
}

/** A process's first thread may have another name than it had. */
static void learn_comm(struct wv_tree *tree, struct wv_tree_process *process,
		       const struct wv_tree_row *row)
{
	struct wv_bytes comm;

	if (row->tid != row->pid || !wv_tree_row_text(row, "ThreadName", &comm))
		return;
	if (process->comm.data && !wv_text_same(process->comm, comm) && can_have_renamed(process)) {
		g_autoptr(GString) deed = g_string_new("named ");

		g_string_append_len(deed, comm.data, (gssize)comm.size);
		did(tree, process, WV_TREE_ITSELF, deed);
	}
	if (!process->comm.data || !wv_text_same(process->comm, comm))
		if (!keep(tree, comm, WV_TREE_NAME_MAX, &process->comm))
			process->comm.data = NULL;
}

static void learn_rename(struct wv_tree_process *process, const struct wv_tree_row *row)
{
	struct wv_bytes option;
	const char *name;

	if (wv_text_is(row->method, "prctl") && wv_tree_row_argument(row, 0, &name, &option) &&
	    wv_text_is(option, "PR_SET_NAME"))
		process->renames = true;
}

/* ---- procmon's events ---- */

/** A child that was heard of before its maker's call returned; only then can it be childless. */
static void adopt(struct wv_tree_process *child, struct wv_tree_process *parent)
{
	/* whoever has children keeps its parent: so no circle can come about */
	if (child->parent == parent || child == parent || child->first_child)
		return;
	if (child->parent)
		remove_child(child);
	add_child(parent, child);
}

static void announce(struct wv_tree *tree, struct wv_tree_process *maker, uint32_t pid,
		     bool same_parent, const struct wv_tree_row *row)
{
	struct wv_tree_process *child = find_process(tree, pid);
	struct wv_tree_process *parent = same_parent ? maker->parent : maker;

	if (child && !child->is_announced && child->first_uid > row->uid) {
		if (parent)
			adopt(child, parent);
	} else {
		child = add_process(tree, row, pid, parent);
		if (!child)
			return;
		child->name = maker->name;
		/* another thread than the first may have another name */
		if (row->tid == row->pid)
			child->comm = maker->comm;
		get_thread(tree, child, pid);
	}
	child->ppid = parent ? parent->pid : child->ppid;
	child->is_announced = child->start_known = true;
	if (child->start_us > row->time_us)
		child->start_us = row->time_us;
}

static void add_clone(struct wv_tree *tree, struct wv_tree_process *process,
		      const struct wv_tree_row *row)
{
	struct wv_bytes flags = { "", 0 };
	int64_t number;

	wv_tree_row_text(row, "Flags", &flags);
	if (g_strstr_len(flags.data, (gssize)flags.size, "CLONE_NEW")) {
		g_autoptr(GString) deed = g_string_new("clone ");

		g_string_append_len(deed, flags.data, (gssize)flags.size);
		did(tree, process, WV_TREE_MOUNTS, deed);
	}
	/* an error is a text */
	if (!wv_tree_row_number(row, "NewPid", &number) || number < 0 || number > UINT32_MAX)
		return;
	if (!wv_text_has_word(flags, "CLONE_THREAD")) {
		announce(tree, process, (uint32_t)number, wv_text_has_word(flags, "CLONE_PARENT"),
			 row);
		return;
	}
	process->threads++;
	if (!process->ended)
		get_thread(tree, process, (uint32_t)number);
}

static void add_command(struct wv_tree *tree, struct wv_tree_process *process,
			const struct wv_tree_row *row, struct wv_bytes image)
{
	struct wv_bytes line = { "", 0 };
	struct wv_tree_command *command;

	process->n_commands++;
	if (process->n_commands > WV_TREE_COMMANDS_MAX)
		return;
	command = wv_tree_room_take(&tree->room, sizeof(*command));
	if (!command) {
		tree->n_without_room++;
		return;
	}
	wv_tree_row_text(row, "CommandLine", &line);
	keep(tree, line, WV_TREE_COMMAND_MAX, &command->line);
	keep(tree, image, WV_TREE_COMMAND_MAX, &command->image);
	command->time_us = row->time_us;
	if (process->last_command)
		process->last_command->next = command;
	else
		process->commands = command;
	process->last_command = command;
}

/** The rights that an exec gives. */
static void add_gain(struct wv_tree *tree, struct wv_tree_process *process,
		     const struct wv_tree_row *row, struct wv_bytes image)
{
	g_autoptr(GString) deed = g_string_new("gained by executing ");
	int64_t secure;

	if (!wv_tree_row_number(row, "secureexec", &secure) || secure == 0)
		return;
	g_string_append_len(deed, image.data, (gssize)image.size);
	did(tree, process, WV_TREE_PRIVILEGES, deed);
}

/** The name that its first thread gets by an exec. */
static void set_comm(struct wv_tree *tree, struct wv_tree_process *process,
		     const struct wv_tree_row *row)
{
	struct wv_bytes comm;

	process->comm.data = NULL;
	/* by descriptor the kernel makes up a name in ways that changed over time */
	if (!wv_tree_row_text(row, "FileName", &comm) || wv_text_begins(comm, "/dev/fd/"))
		return;
	comm = wv_text_base_name(comm);
	comm.size = MIN(comm.size, COMM_MAX);
	/* it can end within a character, which json does not show */
	if (!wv_text_is_ascii(comm) || !keep(tree, comm, WV_TREE_NAME_MAX, &process->comm))
		process->comm.data = NULL;
}

static void add_exec(struct wv_tree *tree, struct wv_tree_process *process,
		     const struct wv_tree_row *row)
{
	struct wv_bytes image = { "", 0 };
	struct wv_tree_thread *thread;

	wv_tree_row_text(row, "ImagePathName", &image);
	add_command(tree, process, row, image);
	add_gain(tree, process, row, image);
	keep(tree, wv_text_base_name(image), WV_TREE_NAME_MAX, &process->name);

	set_comm(tree, process, row);

	/* of its threads one is left, which has the process's number now */
	process->ended = false;
	process->generation++;
	process->n_alive = 0;
	thread = get_thread(tree, process, process->pid);
	if (thread && thread->generation != process->generation) {
		thread->generation = process->generation;
		process->n_alive++;
	}
	if (!tree->sample) {
		tree->sample = process;
		process->is_sample = true;
	}
}

static void add_exit(struct wv_tree *tree, struct wv_tree_process *process,
		     const struct wv_tree_row *row)
{
	struct wv_tree_thread *thread = get_thread(tree, process, row->tid);
	struct wv_bytes text = { "", 0 };

	if (thread)
		forget_thread(tree, thread);
	if (process->n_alive > 0 || process->ended)
		return;
	process->ended = true;
	process->end_us = row->time_us;
	process->end_uid = row->uid;
	wv_tree_row_number(row, "ExitStatus", &process->status);
	process->signal = (struct wv_bytes){ "", 0 };
	if (wv_tree_row_text(row, "ExitStatusStr", &text) && wv_text_begins(text, "SIG"))
		keep(tree, text, WV_TREE_NAME_MAX, &process->signal);
}

static void add_signal(struct wv_tree *tree, struct wv_tree_process *process,
		       const struct wv_tree_row *row)
{
	struct wv_bytes name = { "", 0 }, signal = { "?", 1 };
	g_autoptr(GString) deed = g_string_new(NULL);
	struct wv_tree_process *target;
	int64_t pid, ppid = 0;

	if (!wv_tree_row_number(row, "TargetPID", &pid) || pid < 0 || pid > UINT32_MAX)
		return;
	wv_tree_row_text(row, "SignalStr", &signal);
	wv_tree_row_text(row, "TargetProcessName", &name);
	g_string_append_len(deed, signal.data, (gssize)signal.size);
	if (pid == row->pid) {
		g_string_append(deed, " to itself");
	} else {
		g_string_append_printf(deed, " to %" G_GINT64_FORMAT " ", pid);
		g_string_append_len(deed, name.data, (gssize)name.size);
	}
	did(tree, process, WV_TREE_SIGNALLED, deed);

	target = find_process(tree, (uint32_t)pid);
	if (!target || (target->ended && target->end_uid < row->uid)) {
		wv_tree_row_number(row, "TargetPPID", &ppid);
		target = add_process(tree, row, (uint32_t)pid,
				     ppid == pid || ppid < 0 || ppid > UINT32_MAX
					     ? NULL
					     : find_process(tree, (uint32_t)ppid));
		if (!target)
			return;
		target->ppid = (uint32_t)ppid;
		keep(tree, name, WV_TREE_NAME_MAX, &target->name);
	}
	if (process->is_sample)
		target->is_touched = true;
}

static void add_procmon(struct wv_tree *tree, struct wv_tree_process *process,
			const struct wv_tree_row *row)
{
	if (is_exec(row)) {
		learn_comm(tree, process, row);
		add_exec(tree, process, row);
	} else if (wv_text_is(row->method, "kernel_clone")) {
		add_clone(tree, process, row);
	} else if (wv_text_is(row->method, "do_exit")) {
		learn_comm(tree, process, row);
		add_exit(tree, process, row);
	} else if (is_signal(row)) {
		learn_comm(tree, process, row);
		add_signal(tree, process, row);
	} else {
		get_thread(tree, process, row->tid);
	}
}

/* ---- all events ---- */

static void note_time(struct wv_tree *tree, const struct wv_tree_row *row)
{
	if (row->time_us == 0)
		return;
	if (tree->first_us == 0)
		tree->first_us = row->time_us;
	tree->last_us = MAX(tree->last_us, row->time_us);
}

/** What is told of files says nothing of processes that calls do not; and files are closed, under
 * another name, when their process has ended. */
static bool is_of_files(const struct wv_tree_row *row)
{
	return wv_text_is(row->plugin, "filetracer") || wv_text_is(row->plugin, "filedelete");
}

void wv_tree_add(struct wv_tree *tree, const struct wv_tree_row *row)
{
	struct wv_tree_process *process;
	struct wv_tree_thread *thread;

	tree->n_events++;
	note_time(tree, row);
	process = is_of_files(row) ? NULL : process_of(tree, row);
	if (!process)
		return;
	learn_name(tree, process, row);
	if (wv_text_is(row->plugin, "procmon")) {
		add_procmon(tree, process, row);
		return;
	}
	if (wv_text_is(row->plugin, "syscall")) {
		process->calls++;
		learn_rename(process, row);
		thread = process->ended ? NULL : get_thread(tree, process, row->tid);
		if (thread)
			wv_tree_deeds_enter(tree, thread, row);
	} else if (wv_text_is(row->plugin, "sysret")) {
		/* by the number under which it entered: an exec may have changed it since */
		thread = find_thread(tree, row->tid);
		if (thread)
			wv_tree_deeds_return(tree, thread, row);
	}
}

void wv_tree_end(struct wv_tree *tree)
{
	GHashTableIter iter;
	void *thread;

	g_hash_table_iter_init(&iter, tree->threads);
	while (g_hash_table_iter_next(&iter, NULL, &thread))
		wv_tree_deeds_flush(tree, thread);
}

bool wv_tree_is_shown(const struct wv_tree *tree, const struct wv_tree_process *process, bool all)
{
	return all || !tree->sample || process->is_sample || process->is_touched;
}

static void free_thread(void *data)
{
	struct wv_tree_thread *thread = data;

	wv_tree_deeds_drop(thread);
	g_free(thread);
}

struct wv_tree *wv_tree_new(void)
{
	struct wv_tree *tree = g_new0(struct wv_tree, 1);

	tree->processes = g_ptr_array_new();
	tree->by_pid = g_hash_table_new(g_direct_hash, g_direct_equal);
	tree->threads = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_thread);
	tree->calls = wv_tree_calls_new();
	wv_tree_room_init(&tree->room, WV_TREE_ROOM_MAX);
	return tree;
}

void wv_tree_free(struct wv_tree *tree)
{
	if (!tree)
		return;
	g_ptr_array_unref(tree->processes);
	g_hash_table_unref(tree->by_pid);
	g_hash_table_unref(tree->threads);
	g_hash_table_unref(tree->calls);
	wv_tree_room_deinit(&tree->room);
	g_free(tree);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of processes, from made-up events to what is printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "sandbox/tree_print.h"
#include "sandbox/tree_read.h"

/* ---- events, one line each; they are numbered as they are made ---- */

struct file {
	GString *text;
	unsigned uid;
	uint64_t time_us;
};

static void begin(struct file *file)
{
	*file = (struct file){ .text = g_string_new(NULL), .time_us = 1000000000 };
}

static void event_by(struct file *file, const char *plugin, const char *method, unsigned uid,
		     unsigned pid, unsigned ppid, unsigned tid, const char *name, const char *more)
{
	file->time_us += 1000;
	g_string_append_printf(
		file->text,
		"{\"Plugin\":\"%s\",\"TimeStamp\":\"%lu.%06lu\",\"PID\":%u,\"PPID\":%u,"
		"\"TID\":%u,\"UserName\":\"UID\",\"UserId\":0,\"ProcessName\":\"%s\","
		"\"Method\":\"%s\",\"EventUID\":\"0x%x\"%s%s}\n",
		plugin, file->time_us / 1000000, file->time_us % 1000000, pid, ppid, tid, name,
		method, uid, *more ? "," : "", more);
}

static void procmon(struct file *file, const char *method, unsigned pid, unsigned ppid,
		    unsigned tid, const char *name, const char *more)
{
	event_by(file, "procmon", method, ++file->uid, pid, ppid, tid, name, more);
}

static void exec(struct file *file, unsigned pid, unsigned ppid, const char *name,
		 const char *thread, const char *image)
{
	g_autofree char *more = g_strdup_printf("\"ThreadName\":\"%s\",\"CommandLine\":\"%s -x\","
						"\"ImagePathName\":\"%s\",\"FileName\":\"%s\"",
						thread, image, image, image);

	procmon(file, "begin_new_exec", pid, ppid, pid, name, more);
}

static void clone_of(struct file *file, unsigned pid, unsigned ppid, const char *name,
		     const char *flags, unsigned new_pid)
{
	g_autofree char *more =
		g_strdup_printf("\"Flags\":\"%s\",\"Signal\":17,\"NewPid\":%u", flags, new_pid);

	procmon(file, "kernel_clone", pid, ppid, pid, name, more);
}

static void exits(struct file *file, unsigned pid, unsigned ppid, unsigned tid, const char *name,
		  const char *thread, int status, const char *text)
{
	g_autofree char *more = g_strdup_printf("\"ThreadName\":\"%s\",\"ExitStatus\":%d,"
						"\"ExitStatusStr\":\"%s\"",
						thread, status, text);

	procmon(file, "do_exit", pid, ppid, tid, name, more);
}

static void signals(struct file *file, unsigned pid, unsigned to, const char *to_name,
		    const char *signal)
{
	g_autofree char *more =
		g_strdup_printf("\"TargetPID\":%u,\"TargetTID\":%u,\"TargetPPID\":1,"
				"\"TargetProcessName\":\"%s\",\"SignalStr\":\"%s\"",
				to, to, to_name, signal);

	procmon(file, "do_send_sig_info", pid, 1, pid, "sample", more);
}

/** A call's entry; returns its number. */
static unsigned enters(struct file *file, unsigned pid, const char *method, const char *arguments)
{
	g_autofree char *more =
		g_strdup_printf("\"Module\":\"linux\",\"Syscall\":1,\"NArgs\":1,%s", arguments);

	event_by(file, "syscall", method, ++file->uid, pid, 1, pid, "sample", more);
	return file->uid;
}

static void returns(struct file *file, unsigned pid, const char *method, unsigned uid, int result,
		    const char *more)
{
	g_autofree char *all =
		g_strdup_printf("\"Syscall\":1,\"Ret\":%d%s%s", result, *more ? "," : "", more);

	event_by(file, "sysret", method, uid, pid, 1, pid, "sample", all);
}

static void calls(struct file *file, unsigned pid, const char *method, const char *arguments,
		  int result, const char *more)
{
	returns(file, pid, method, enters(file, pid, method, arguments), result, more);
}

/** The tree of all that was made; in pieces of @piece bytes. */
static struct wv_tree *tree_in_pieces(const struct file *file, size_t piece, uint64_t *malformed)
{
	struct wv_tree *tree = wv_tree_new();
	g_autoptr(wv_tree_reader) reader = wv_tree_reader_new(tree);

	for (size_t at = 0; at < file->text->len; at += piece)
		wv_tree_reader_feed(reader, file->text->str + at, MIN(piece, file->text->len - at));
	wv_tree_reader_end(reader);
	*malformed = wv_tree_reader_malformed(reader);
	return tree;
}

static struct wv_tree *tree_of(struct file *file)
{
	uint64_t malformed;
	struct wv_tree *tree = tree_in_pieces(file, 4096, &malformed);

	assert_int_equal(malformed, 0);
	g_string_free(file->text, TRUE);
	return tree;
}

static char *text_of(const struct wv_tree *tree, bool all, bool utf8)
{
	GString *out = g_string_new(NULL);

	wv_tree_print(tree, &(struct wv_tree_style){ .all = all, .utf8 = utf8, .width = 80 }, out);
	return g_string_free(out, FALSE);
}

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" is in:\n%s", part, text);
}

/** The process number @index. */
static const struct wv_tree_process *process_at(const struct wv_tree *tree, unsigned index)
{
	assert_true(index < tree->processes->len);
	return g_ptr_array_index(tree->processes, index);
}

static void assert_bytes(struct wv_bytes text, const char *expected)
{
	assert_int_equal(text.size, strlen(expected));
	assert_memory_equal(text.data, expected, text.size);
}

/** The only object of a kind. */
static const struct wv_tree_object *object_of(const struct wv_tree_process *process,
					      enum wv_tree_kind kind, const char *text)
{
	const struct wv_tree_deeds *deeds = process->deeds[kind];

	assert_non_null(deeds);
	assert_int_equal(deeds->n_objects, 1);
	assert_bytes(deeds->objects[0].text, text);
	return &deeds->objects[0];
}

/* ---- the shape of the tree ---- */

static void test_picture(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	exec(&file, 80, 1, "init", "init", "/tmp/sample");
	clone_of(&file, 80, 1, "sample", "0", 81);
	exec(&file, 81, 80, "sample", "sample", "/bin/ls");
	clone_of(&file, 81, 80, "ls", "0", 83);
	exits(&file, 83, 81, 83, "ls", "ls", 139, "SIGSEGV");
	exits(&file, 81, 80, 81, "ls", "ls", 3, "3");
	clone_of(&file, 80, 1, "sample", "0", 82);
	exits(&file, 80, 1, 80, "sample", "sample", 0, "EX_OK");

	g_autoptr(wv_tree) tree = tree_of(&file);
	g_autofree char *ascii = text_of(tree, false, false), *drawn = text_of(tree, false, true);

	assert_string_equal(ascii, "80 sample: started +0.000 s, ran 0.007 s, exit status 0\n"
				   "|  $ /tmp/sample -x\n"
				   "|- 81 ls: started +0.001 s, ran 0.004 s, exit status 3\n"
				   "|  |  $ /bin/ls -x\n"
				   "|  `- 83 ls: started +0.003 s, ran 0.001 s, killed by SIGSEGV\n"
				   "`- 82 sample: started +0.006 s, did not end\n");
	assert_contains(drawn, "│  └─ 83 ls: ");
	assert_contains(drawn, "\n└─ 82 sample: ");
}

static void test_only_the_sample(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	procmon(&file, "RunningProcess", 1, 0, 1, "init", "\"RunningProcess\":\"init\"");
	procmon(&file, "RunningProcess", 50, 1, 50, "victim", "\"RunningProcess\":\"victim\"");
	procmon(&file, "RunningProcess", 51, 1, 51, "other", "\"RunningProcess\":\"other\"");
	exec(&file, 80, 1, "init", "init", "/tmp/sample");
	clone_of(&file, 51, 1, "other", "0", 52);
	clone_of(&file, 80, 1, "sample", "0", 81);
	signals(&file, 81, 50, "victim", "SIGKILL");
	clone_of(&file, 53, 51, "other", "0", 54);
	exits(&file, 52, 51, 52, "other", "other", 0, "EX_OK");
	exits(&file, 50, 1, 50, "victim", "victim", 137, "SIGKILL");

	g_autoptr(wv_tree) tree = tree_of(&file);
	g_autofree char *shown = text_of(tree, false, false), *all = text_of(tree, true, false);

	assert_contains(shown, "80 sample: ");
	assert_contains(shown, "`- 81 sample: ");
	assert_contains(shown, "signalled    SIGKILL to 50 victim\n");
	assert_contains(shown, "50 victim: was there before, ran 0.008 s, killed by SIGKILL\n");
	assert_lacks(shown, "other");
	assert_lacks(shown, "init");
	assert_contains(all, "1 init: was there before, did not end\n|- 50 victim: ");
	assert_contains(all, "|  |- 52 other: ");
	assert_contains(all, "|     `- 54 other: ");
	assert_contains(all, "`- 80 sample: ");
}

static void test_without_an_exec_all_are_shown(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	clone_of(&file, 5, 1, "a", "0", 6);

	g_autoptr(wv_tree) tree = tree_of(&file);
	g_autofree char *shown = text_of(tree, false, false);

	assert_null(tree->sample);
	assert_contains(shown, "5 a: ");
	assert_contains(shown, "`- 6 a: ");
}

static void test_number_is_used_again(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	exec(&file, 80, 1, "init", "init", "/tmp/sample");
	clone_of(&file, 80, 1, "sample", "0", 81);
	exits(&file, 81, 80, 81, "sample", "sample", 1, "1");
	clone_of(&file, 80, 1, "sample", "0", 81);
	exits(&file, 81, 80, 81, "sample", "sample", 2, "2");

	g_autoptr(wv_tree) tree = tree_of(&file);

	assert_int_equal(tree->processes->len, 3);
	for (unsigned i = 1; i <= 2; i++) {
		assert_int_equal(process_at(tree, i)->pid, 81);
		assert_true(process_at(tree, i)->ended);
		assert_int_equal(process_at(tree, i)->status, i);
		assert_ptr_equal(process_at(tree, i)->parent, process_at(tree, 0));
	}
}

/** On another virtual CPU a child can act, and even end, before its maker's call has returned. */
static void test_child_is_heard_of_first(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	exec(&file, 80, 1, "init", "init", "/tmp/sample");
	file.uid = 20;
	exits(&file, 81, 80, 81, "sample", "sample", 7, "7");
	/* its reparenting, too: the new parent is not the maker */
	procmon(&file, "RunningProcess", 82, 1, 82, "sample", "\"RunningProcess\":\"sample\"");
	file.uid = 10;
	clone_of(&file, 80, 1, "sample", "0", 81);
	clone_of(&file, 80, 1, "sample", "0", 82);

	g_autoptr(wv_tree) tree = tree_of(&file);

	assert_int_equal(tree->processes->len, 3);
	assert_int_equal(process_at(tree, 1)->status, 7);
	assert_true(process_at(tree, 1)->start_known);
	assert_ptr_equal(process_at(tree, 1)->parent, tree->sample);
	assert_ptr_equal(process_at(tree, 2)->parent, tree->sample);
	assert_true(process_at(tree, 2)->is_sample);
}

static void test_calls_after_the_end(void **state)
{
	struct file file;
	unsigned uid;

	(void)state;
	begin(&file);
	exec(&file, 80, 1, "init", "init", "/tmp/sample");
	uid = ++file.uid;
	exits(&file, 80, 1, 80, "sample", "sample", 0, "EX_OK");
	/* a call that its thread died in, told late */
	event_by(&file, "syscall", "read", uid, 80, 1, 80, "sample", "\"NArgs\":0");
	/* a signal that was asked for at the parent's death */
	signals(&file, 80, 90, "child", "SIGHUP");

	g_autoptr(wv_tree) tree = tree_of(&file);

	assert_int_equal(process_at(tree, 0)->calls, 1);
	assert_true(process_at(tree, 0)->ended);
	assert_int_equal(tree->processes->len, 2);
	object_of(process_at(tree, 0), WV_TREE_SIGNALLED, "SIGHUP to 90 child");
	assert_true(process_at(tree, 1)->is_touched);
}

static void test_threads(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	exec(&file, 80, 1, "init", "init", "/tmp/sample");
	clone_of(&file, 80, 1, "sample", "CLONE_VM|CLONE_THREAD|CLONE_SETTLS", 81);
	exits(&file, 80, 1, 80, "sample", "sample", 1, "1");
	exits(&file, 80, 1, 81, "sample", "worker", 5, "5");

	g_autoptr(wv_tree) tree = tree_of(&file);
	g_autofree char *text = text_of(tree, false, false);

	assert_int_equal(tree->processes->len, 1);
	/* it ends with its last thread, and another thread's name is not the process's */
	assert_contains(text, "ran 0.003 s, exit status 5, 2 threads\n");
	assert_lacks(text, "worker");
}

static void test_thread_executes(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	exec(&file, 80, 1, "init", "init", "/tmp/sample");
	clone_of(&file, 80, 1, "sample", "CLONE_THREAD", 81);
	clone_of(&file, 80, 1, "sample", "CLONE_THREAD", 82);
	file.uid = 20;
	/* thread 82 executes: the others are ended first, and it becomes 80 */
	exits(&file, 80, 1, 80, "sample", "sample", 137, "SIGKILL");
	exits(&file, 80, 1, 81, "sample", "sample", 137, "SIGKILL");
	file.uid = 10;
	exec(&file, 80, 1, "sample", "sample", "/bin/true");
	file.uid = 30;
	exits(&file, 80, 1, 80, "true", "true", 0, "EX_OK");

	g_autoptr(wv_tree) tree = tree_of(&file);

	assert_int_equal(tree->processes->len, 1);
	assert_int_equal(process_at(tree, 0)->n_commands, 2);
	assert_true(process_at(tree, 0)->ended);
	assert_int_equal(process_at(tree, 0)->status, 0);
	assert_bytes(process_at(tree, 0)->name, "true");
}

static void test_clone_parent(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	exec(&file, 80, 1, "init", "init", "/tmp/sample");
	clone_of(&file, 80, 1, "sample", "CLONE_PARENT_SETTID", 81);
	clone_of(&file, 81, 80, "sample", "CLONE_VM|CLONE_PARENT", 82);

	g_autoptr(wv_tree) tree = tree_of(&file);

	assert_ptr_equal(process_at(tree, 1)->parent, process_at(tree, 0));
	assert_ptr_equal(process_at(tree, 2)->parent, process_at(tree, 0));
}

static void test_failed_clone(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	procmon(&file, "kernel_clone", 80, 1, 80, "sample",
		"\"Flags\":\"0\",\"NewPid\":\"EAGAIN\"");

	g_autoptr(wv_tree) tree = tree_of(&file);

	assert_int_equal(tree->processes->len, 1);
}

static void test_exit_by_number_or_signal(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	exec(&file, 80, 1, "init", "init", "/tmp/sample");
	exits(&file, 80, 1, 80, "sample", "sample", 139, "139"); /* exit(139) */

	g_autoptr(wv_tree) tree = tree_of(&file);
	g_autofree char *text = text_of(tree, false, false);

	assert_contains(text, "exit status 139");
}

static void test_own_name(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	exec(&file, 80, 1, "init", "init", "/tmp/a-name-longer-than-15");
	exits(&file, 80, 1, 80, "a-name-longer-than-15", "a-name-longer-t", 0, "EX_OK");
	exec(&file, 81, 1, "init", "init", "/tmp/sample");
	/* its child has that name, too, and has done nothing for it */
	clone_of(&file, 81, 1, "sample", "0", 82);
	exits(&file, 82, 81, 82, "sample", "[kworker/0:1]", 0, "EX_OK");
	exits(&file, 81, 1, 81, "sample", "[kworker/0:1]", 0, "EX_OK");

	g_autoptr(wv_tree) tree = tree_of(&file);

	assert_null(process_at(tree, 0)->deeds[WV_TREE_ITSELF]);
	object_of(process_at(tree, 1), WV_TREE_ITSELF, "named [kworker/0:1]");
	assert_null(process_at(tree, 2)->deeds[WV_TREE_ITSELF]);
}

static void test_own_name_by_a_call(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	exec(&file, 80, 1, "init", "init", "/tmp/sample");
	calls(&file, 80, "prctl", "\"option\":\"PR_SET_NAME\",\"arg2\":\"0x1\"", 0, "");
	clone_of(&file, 80, 1, "sample", "0", 81);
	calls(&file, 81, "getpid", "\"x\":\"0\"", 81, "");
	exits(&file, 81, 80, 81, "sample", "other", 0, "EX_OK");
	exits(&file, 80, 1, 80, "sample", "other", 0, "EX_OK");

	g_autoptr(wv_tree) tree = tree_of(&file);

	object_of(process_at(tree, 0), WV_TREE_ITSELF, "named other");
	assert_null(process_at(tree, 1)->deeds[WV_TREE_ITSELF]);
}

/* ---- deeds ---- */

static void test_kinds(void **state)
{
	static const struct {
		const char *call, *arguments;
		int result;
		const char *back;
		enum wv_tree_kind kind;
		const char *object, *error;
	} rows[] = {
		{ "openat",
		  "\"dfd\":\"AT_FDCWD</tmp>\",\"filename\":\"x\",\"flags\":\"O_WRONLY|O_CREAT\"", 3,
		  "", WV_TREE_CREATED, "/tmp/x", NULL },
		{ "openat", "\"dfd\":\"5</>\",\"filename\":\"x\",\"flags\":\"O_RDONLY\"", 3, "",
		  WV_TREE_OPENED, "/x", NULL },
		{ "open", "\"filename\":\"/x\",\"flags\":\"O_RDWR|O_TRUNC\",\"mode\":\"0\"", 3, "",
		  WV_TREE_WRITTEN, "/x", NULL },
		{ "open", "\"filename\":\"/dev/null\",\"flags\":\"O_WRONLY|O_CREAT\"", 3, "",
		  WV_TREE_OPENED, "/dev/null", NULL },
		{ "openat2",
		  "\"dfd\":\"8</tmp>\",\"filename\":\"y\",\"how\":\"{flags=O_CREAT|O_EXCL, mode=0}\"",
		  -17, "\"Info\":\"EEXIST\"", WV_TREE_CREATED, "/tmp/y", "EEXIST" },
		{ "open", "\"filename\":\"/etc/shadow\",\"flags\":\"O_RDONLY\"", -13,
		  "\"Info\":\"EACCES\"", WV_TREE_PRIVILEGES, "open /etc/shadow", "EACCES" },
		{ "open", "\"filename\":\"/proc/1/mem\",\"flags\":\"O_RDWR\"", 3, "",
		  WV_TREE_PRIVILEGES, "open /proc/1/mem", NULL },
		/* a text that was not in memory when the call was entered */
		{ "mkdir", "\"pathname\":\"0x4bfe49\",\"mode\":\"0755\"", 0,
		  "\"pathname\":\"/tmp/folder\"", WV_TREE_CREATED, "/tmp/folder", NULL },
		{ "mkdir", "\"pathname\":\"0x4bfe49\",\"mode\":\"0755\"", -14,
		  "\"Info\":\"EFAULT\"", WV_TREE_CREATED, "0x4bfe49", "EFAULT" },
		{ "unlinkat", "\"dfd\":\"4</tmp/d>\",\"pathname\":\"e/f\",\"flag\":\"0\"", 0, "",
		  WV_TREE_REMOVED, "/tmp/d/e/f", NULL },
		{ "renameat",
		  "\"olddfd\":\"AT_FDCWD</tmp>\",\"oldname\":\"a\",\"newdfd\":\"4</d>\","
		  "\"newname\":\"b\"",
		  0, "", WV_TREE_RENAMED, "/tmp/a -> /d/b", NULL },
		{ "write", "\"fd\":\"1</tmp/out>\",\"buf\":\"0x1\",\"count\":\"5\"", 5, "",
		  WV_TREE_WRITTEN, "/tmp/out", NULL },
		{ "fchmod", "\"fd\":\"1</tmp/<odd>>\",\"mode\":\"0\"", 0, "", WV_TREE_CHANGED,
		  "/tmp/<odd>", NULL },
		{ "execve", "\"filename\":\"/no\",\"argv\":\"[]\",\"envp\":\"[]\"", -2,
		  "\"Info\":\"ENOENT\"", WV_TREE_EXEC_FAILED, "/no", "ENOENT" },
		{ "kill", "\"pid\":\"1\",\"sig\":\"SIGKILL\"", -1, "\"Info\":\"EPERM\"",
		  WV_TREE_SIGNALLED, "kill SIGKILL 1", "EPERM" },
		{ "setuid", "\"uid\":\"0\"", -1, "\"Info\":\"EPERM\"", WV_TREE_PRIVILEGES,
		  "setuid 0", "EPERM" },
		{ "prctl", "\"option\":\"PR_SET_NO_NEW_PRIVS\",\"arg2\":\"0x1\"", 0, "",
		  WV_TREE_PRIVILEGES, "prctl PR_SET_NO_NEW_PRIVS 0x1", NULL },
		{ "connect", "\"fd\":\"3<socket:[1]>\",\"uservaddr\":\"192.0.2.1:80\"", -101,
		  "\"Info\":\"ENETUNREACH\"", WV_TREE_NETWORK, "connect 192.0.2.1:80",
		  "ENETUNREACH" },
		{ "mprotect",
		  "\"start\":\"0x1\",\"len\":\"1\",\"prot\":\"PROT_READ|PROT_WRITE|PROT_EXEC\"", 0,
		  "", WV_TREE_MEMORY, "mprotect PROT_READ|PROT_WRITE|PROT_EXEC", NULL },
		{ "setsid", "\"x\":\"0\"", 80, "", WV_TREE_ITSELF, "setsid", NULL },
		{ "reboot",
		  "\"magic1\":\"1\",\"magic2\":\"2\",\"cmd\":\"LINUX_REBOOT_CMD_POWER_OFF\"", -1,
		  "", WV_TREE_KERNEL, "reboot LINUX_REBOOT_CMD_POWER_OFF", "?" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct file file;
		const struct wv_tree_object *object;

		begin(&file);
		calls(&file, 80, rows[i].call, rows[i].arguments, rows[i].result, rows[i].back);

		g_autoptr(wv_tree) tree = tree_of(&file);

		object = object_of(process_at(tree, 0), rows[i].kind, rows[i].object);
		assert_int_equal(object->count, 1);
		assert_int_equal(object->failed, rows[i].error != NULL);
		if (rows[i].error)
			assert_bytes(object->error, rows[i].error);
		else
			assert_null(object->error.data);
	}
}

static void test_what_is_not_told(void **state)
{
	static const struct {
		const char *call, *arguments;
	} rows[] = {
		{ "getpid", "\"x\":\"0\"" },
		{ "write", "\"fd\":\"1<pipe:[4]>\"" },
		{ "write", "\"fd\":\"1\"" },
		{ "execve", "\"filename\":\"/bin/true\"" },
		{ "kill", "\"pid\":\"1\",\"sig\":\"SIGKILL\"" },
		{ "prctl", "\"option\":\"PR_SET_NAME\",\"arg2\":\"0x1\"" },
		{ "mprotect", "\"start\":\"0x1\",\"len\":\"1\",\"prot\":\"PROT_READ|PROT_EXEC\"" },
		{ "sendto",
		  "\"fd\":\"3\",\"buff\":\"0x1\",\"len\":\"1\",\"flags\":\"0\",\"addr\":\"NULL\"" },
	};
	struct file file;

	(void)state;
	begin(&file);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		calls(&file, 80, rows[i].call, rows[i].arguments, 0, "");

	g_autoptr(wv_tree) tree = tree_of(&file);

	assert_int_equal(process_at(tree, 0)->calls, G_N_ELEMENTS(rows));
	for (unsigned kind = 0; kind < WV_TREE_N_KINDS; kind++)
		assert_null(process_at(tree, 0)->deeds[kind]);
}

static void test_counts(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	exec(&file, 80, 1, "init", "init", "/tmp/sample");
	for (unsigned i = 0; i < 30; i++) {
		g_autofree char *path = g_strdup_printf("\"pathname\":\"/tmp/folder/%u\"", i % 10);

		calls(&file, 80, "unlink", path, i < 25 ? 0 : -2,
		      i < 25 ? "" : "\"Info\":\"ENOENT\"");
	}

	g_autoptr(wv_tree) tree = tree_of(&file);
	const struct wv_tree_deeds *deeds = tree->sample->deeds[WV_TREE_REMOVED];
	g_autofree char *text = text_of(tree, false, false);

	assert_int_equal(deeds->count, 30);
	assert_int_equal(deeds->failed, 5);
	assert_int_equal(deeds->n_objects, WV_TREE_OBJECTS_MAX);
	assert_int_equal(deeds->others, 30 - 3 * WV_TREE_OBJECTS_MAX);
	assert_contains(text, "     removed      /tmp/folder/0 x3, /tmp/folder/1 x3, "
			      "/tmp/folder/2 x3,\n"
			      "                  /tmp/folder/3 x3, /tmp/folder/4 x3, 15 more\n");
	assert_contains(text, ", 30 system calls\n");
}

static void test_failures_in_words(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	calls(&file, 80, "rmdir", "\"pathname\":\"/a\"", -2, "\"Info\":\"ENOENT\"");
	calls(&file, 80, "rmdir", "\"pathname\":\"/a\"", 0, "");
	calls(&file, 80, "rmdir", "\"pathname\":\"/b\"", -2, "\"Info\":\"ENOENT\"");

	g_autoptr(wv_tree) tree = tree_of(&file);
	g_autofree char *text = text_of(tree, false, false);

	assert_contains(text, "/a x2 (1 failed: ENOENT), /b (ENOENT)\n");
}

/** Calls without a return: the next call, the thread's end and the file's end tell them. */
static void test_calls_that_do_not_return(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	enters(&file, 80, "unlink", "\"pathname\":\"/one\"");
	enters(&file, 80, "mkdir", "\"pathname\":\"/two\"");
	exits(&file, 80, 1, 80, "x", "x", 137, "SIGKILL");
	enters(&file, 90, "rmdir", "\"pathname\":\"/three\"");
	enters(&file, 91, "execve", "\"filename\":\"/four\"");

	g_autoptr(wv_tree) tree = tree_of(&file);

	object_of(process_at(tree, 0), WV_TREE_REMOVED, "/one");
	object_of(process_at(tree, 0), WV_TREE_CREATED, "/two");
	object_of(process_at(tree, 1), WV_TREE_REMOVED, "/three");
	assert_null(process_at(tree, 2)->deeds[WV_TREE_EXEC_FAILED]);
}

static void test_gained_rights(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	procmon(&file, "begin_new_exec", 80, 1, 80, "x",
		"\"CommandLine\":\"su\",\"ImagePathName\":\"/bin/su\",\"secureexec\":1");

	g_autoptr(wv_tree) tree = tree_of(&file);

	object_of(process_at(tree, 0), WV_TREE_PRIVILEGES, "gained by executing /bin/su");
}

/* ---- hostile files ---- */

static void test_escaping(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		const char *utf8, *ascii;
	} rows[] = {
		{ "plain \"text\"", 12, "plain \"text\"", "plain \"text\"" },
		{ "a\\b\n\r\t\0\x1b[31m\x7f", 13, "a\\\\b\\n\\r\\t\\x00\\x1b[31m\\x7f",
		  "a\\\\b\\n\\r\\t\\x00\\x1b[31m\\x7f" },
		{ "caf\xc3\xa9", 5, "caf\xc3\xa9", "caf\\u{e9}" },
		/* a control character of UTF-8, what turns the writing around, what is not seen */
		{ "\xc2\x9b", 2, "\\u{9b}", "\\u{9b}" },
		{ "\xe2\x80\xae\xe2\x81\xa6", 6, "\\u{202e}\\u{2066}", "\\u{202e}\\u{2066}" },
		{ "\xe2\x80\xa8\xef\xbb\xbf", 6, "\\u{2028}\\u{feff}", "\\u{2028}\\u{feff}" },
		/* ill-formed: alone, cut, overlong, a surrogate */
		{ "\xff", 1, "\\xff", "\\xff" },
		{ "\xe2\x82", 2, "\\xe2\\x82", "\\xe2\\x82" },
		{ "\xc0\xaf", 2, "\\xc0\\xaf", "\\xc0\\xaf" },
		{ "\xed\xa0\x80", 3, "\\xed\\xa0\\x80", "\\xed\\xa0\\x80" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct wv_bytes text = { rows[i].text, rows[i].size };
		g_autoptr(GString) utf8 = g_string_new(NULL), ascii = g_string_new(NULL);

		wv_tree_append_text(utf8, text, true);
		wv_tree_append_text(ascii, text, false);
		assert_string_equal(utf8->str, rows[i].utf8);
		assert_string_equal(ascii->str, rows[i].ascii);
	}
}

static void test_names_are_escaped_everywhere(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	exec(&file, 80, 1, "init", "init", "/tmp/\\u001b[2J\\n80 fake");
	signals(&file, 80, 9, "\\u001b]0;x\\u0007", "SIG\\n");
	calls(&file, 80, "unlink", "\"pathname\":\"/\\u0000\\r\"", -1, "\"Info\":\"E\\n\"");
	calls(&file, 80, "prctl", "\"option\":\"PR_SET_NAME\"", 0, "");
	exits(&file, 80, 1, 80, "sample\\u009b", "\\u001b\\u0008", 1, "SIG\\t");

	g_autoptr(wv_tree) tree = tree_of(&file);
	g_autofree char *text = text_of(tree, true, false);

	for (const char *at = text; *at; at++)
		assert_true(*at == '\n' || (*at >= ' ' && *at < 0x7f));
	assert_contains(text, "80 sample\\u{9b}: ");
	assert_contains(text, "$ /tmp/\\x1b[2J\\n80 fake -x\n");
	assert_contains(text, "removed      /\\x00\\r (E\\n)\n");
	assert_contains(text, "killed by SIG\\t");
	assert_contains(text, "named \\x1b\\x08");
}

static void test_lines_that_are_no_events(void **state)
{
	static const char *const lines[] = {
		"",
		"{",
		"{}",
		"[]",
		"1",
		"null",
		"\"x\"",
		"{\"Plugin\":\"procmon\",\"Method\":\"do_exit\"}",
		"{\"Plugin\":\"procmon\",\"Method\":\"do_exit\",\"PID\":\"1\"}",
		"{\"Plugin\":\"procmon\",\"Method\":\"do_exit\",\"PID\":-1}",
		"{\"Plugin\":\"procmon\",\"Method\":\"do_exit\",\"PID\":4294967296}",
		"{\"Plugin\":\"procmon\",\"Method\":1,\"PID\":1}",
		"{\"Plugin\":null,\"Method\":\"do_exit\",\"PID\":1}",
		"{\"Plugin\":\"procmon\",\"Method\":\"do_exit\",\"PID\":1} x",
		"{\"Plugin\":\"procmon\",\"Method\":\"do_exit\",\"PID\":1}{}",
		"{\"Plugin\":\"\xff\",\"Method\":\"do_exit\",\"PID\":1}",
		"{\"Plugin\":\"procmon\",\"Method\":\"do_exit\",\"PID\":1,\"x\":[[[[[[[[1]]]]]]]]}",
		"[PROCMON] TIME:1.000000 VCPU:0 \"x\":do_exit",
	};
	struct file file;
	uint64_t malformed;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		begin(&file);
		exits(&file, 80, 1, 80, "x", "x", 1, "1");
		g_string_append_printf(file.text, "%s\n", lines[i]);
		exits(&file, 90, 1, 90, "x", "x", 1, "1");

		g_autoptr(wv_tree) tree = tree_in_pieces(&file, 4096, &malformed);

		if (malformed != 1 || tree->n_events != 2)
			fail_msg("%s: %lu malformed, %lu events", lines[i], malformed,
				 tree->n_events);
		g_string_free(file.text, TRUE);
	}
}

static void test_lines_in_pieces(void **state)
{
	struct file file;
	uint64_t malformed;

	(void)state;
	begin(&file);
	exits(&file, 80, 1, 80, "x", "x", 1, "1");
	exits(&file, 81, 1, 81, "x", "x", 1, "1");
	g_string_truncate(file.text, file.text->len - 1); /* the last line without its end */
	for (size_t piece = 1; piece < file.text->len; piece++) {
		g_autoptr(wv_tree) tree = tree_in_pieces(&file, piece, &malformed);

		assert_int_equal(malformed, 0);
		assert_int_equal(tree->n_events, 2);
	}
	g_string_free(file.text, TRUE);
}

static void test_endless_line(void **state)
{
	struct file file;
	uint64_t malformed;

	(void)state;
	begin(&file);
	g_string_set_size(file.text, WV_TREE_LINE_MAX * 3);
	memset(file.text->str, ' ', file.text->len);
	g_string_append_c(file.text, '\n');
	exits(&file, 80, 1, 80, "x", "x", 1, "1");
	for (size_t piece = 65536; piece <= file.text->len; piece *= 16) {
		g_autoptr(wv_tree) tree = tree_in_pieces(&file, piece, &malformed);

		assert_int_equal(malformed, 1);
		assert_int_equal(tree->n_events, 1);
	}
	g_string_free(file.text, TRUE);
}

static void test_too_many_processes(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	exec(&file, 1, 0, "init", "init", "/tmp/sample");
	/* each the child of the one before it: as deep as can be */
	for (unsigned pid = 2; pid < WV_TREE_PROCESSES_MAX + 100; pid++)
		clone_of(&file, pid - 1, pid - 2, "x", "0", pid);

	g_autoptr(wv_tree) tree = tree_of(&file);
	g_autofree char *text = text_of(tree, false, true);

	assert_int_equal(tree->processes->len, WV_TREE_PROCESSES_MAX);
	assert_true(tree->n_without_room > 0);
	assert_true(strlen(text) < 1000000);
	assert_contains(text, "(depth 21) 22 x: ");
	assert_contains(text, "... and 63536 more processes: --json tells them all\n");
}

static void test_circle(void **state)
{
	struct file file;

	(void)state;
	begin(&file);
	file.uid = 100;
	procmon(&file, "RunningProcess", 5, 6, 5, "a", "\"x\":1");
	procmon(&file, "RunningProcess", 6, 5, 6, "b", "\"x\":1");
	procmon(&file, "RunningProcess", 7, 7, 7, "c", "\"x\":1");
	file.uid = 10;
	clone_of(&file, 6, 5, "b", "0", 5);
	clone_of(&file, 7, 7, "c", "0", 7);
	clone_of(&file, 5, 6, "a", "0", 5);

	g_autoptr(wv_tree) tree = tree_of(&file);
	g_autofree char *text = text_of(tree, true, true);

	for (unsigned i = 0; i < tree->processes->len; i++) {
		unsigned steps = 0;

		for (const struct wv_tree_process *at = process_at(tree, i); at; at = at->parent)
			assert_true(steps++ < 10);
	}
	assert_contains(text, "5 a: ");
}

static void test_room_is_bounded(void **state)
{
	g_autofree char *large = g_strnfill(WV_TREE_COMMAND_MAX * 2, 'x');
	struct wv_tree_room room;
	struct wv_bytes copy;

	(void)state;
	wv_tree_room_init(&room, 200);
	assert_true(wv_tree_room_keep(&room, (struct wv_bytes){ large, 100 }, 50, &copy));
	assert_int_equal(copy.size, 53);
	assert_memory_equal(copy.data + 47, "xxx...", 6);
	assert_true(wv_tree_room_keep(&room, (struct wv_bytes){ "caf\xc3\xa9s", 6 }, 4, &copy));
	assert_bytes(copy, "caf...");
	assert_false(wv_tree_room_keep(&room, (struct wv_bytes){ large, 200 }, 1000, &copy));
	assert_int_equal(copy.size, 0);
	assert_null(wv_tree_room_take(&room, 1000));
	wv_tree_room_deinit(&room);
}

/* ---- json, and files ---- */

static void test_json(void **state)
{
	struct file file;
	g_autoptr(GString) out = g_string_new(NULL);
	struct json_object *object, *processes, *process, *value;

	(void)state;
	begin(&file);
	exec(&file, 80, 1, "init", "init", "/tmp/s\\\"\\n");
	calls(&file, 80, "unlink", "\"pathname\":\"/a\"", -2, "\"Info\":\"ENOENT\"");
	clone_of(&file, 80, 1, "s\\\"\\\\", "0", 81);
	exits(&file, 80, 1, 80, "s\\\"\\\\", "s", 3, "3");
	exits(&file, 81, 1, 81, "s", "s", 137, "SIGKILL");

	g_autoptr(wv_tree) tree = tree_of(&file);

	wv_tree_json(tree, false, 4, out);
	object = json_tokener_parse(out->str);
	assert_non_null(object);
	assert_true(json_object_object_get_ex(object, "malformed", &value));
	assert_int_equal(json_object_get_int(value), 4);
	assert_true(json_object_object_get_ex(object, "sample", &value));
	assert_int_equal(json_object_get_int(value), 0);
	assert_true(json_object_object_get_ex(object, "processes", &processes));
	assert_int_equal(json_object_array_length(processes), 2);

	process = json_object_array_get_idx(processes, 0);
	assert_true(json_object_object_get_ex(process, "name", &value));
	assert_string_equal(json_object_get_string(value), "s\"\\");
	assert_true(json_object_object_get_ex(process, "status", &value));
	assert_int_equal(json_object_get_int(value), 3);
	assert_true(json_object_object_get_ex(process, "deeds", &value));
	assert_true(json_object_object_get_ex(value, "removed", &value));
	assert_string_equal(
		json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE),
		"{\"count\":1,\"failed\":1,\"others\":0,\"objects\":[{\"object\":\"/a\","
		"\"count\":1,\"failed\":1,\"error\":\"ENOENT\"}]}");

	process = json_object_array_get_idx(processes, 1);
	assert_true(json_object_object_get_ex(process, "parent", &value));
	assert_int_equal(json_object_get_int(value), 0);
	assert_true(json_object_object_get_ex(process, "status", &value));
	assert_null(value);
	assert_true(json_object_object_get_ex(process, "signal", &value));
	assert_string_equal(json_object_get_string(value), "SIGKILL");
	json_object_put(object);
}

static void test_files(void **state)
{
	g_autofree char *folder = g_dir_make_tmp("wyvern-tree-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "events", NULL);
	g_autoptr(GError) missing = NULL, unreadable = NULL;
	uint64_t malformed = 99;
	struct file file;

	(void)state;
	begin(&file);
	exits(&file, 80, 1, 80, "x", "x", 1, "1");
	assert_true(g_file_set_contents(path, file.text->str, (gssize)file.text->len, NULL));
	g_string_free(file.text, TRUE);

	g_autoptr(wv_tree) tree = wv_tree_read(path, &malformed, NULL);

	assert_non_null(tree);
	assert_int_equal(tree->n_events, 1);
	assert_int_equal(malformed, 0);
	g_remove(path);
	assert_null(wv_tree_read(path, &malformed, &missing));
	assert_true(g_error_matches(missing, WV_ERROR, WV_ERROR_USAGE));
	assert_null(wv_tree_read(folder, &malformed, &unreadable));
	assert_true(g_error_matches(unreadable, WV_ERROR, WV_ERROR_INTERNAL));
	g_rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_picture),
		cmocka_unit_test(test_only_the_sample),
		cmocka_unit_test(test_without_an_exec_all_are_shown),
		cmocka_unit_test(test_number_is_used_again),
		cmocka_unit_test(test_child_is_heard_of_first),
		cmocka_unit_test(test_calls_after_the_end),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_thread_executes),
		cmocka_unit_test(test_clone_parent),
		cmocka_unit_test(test_failed_clone),
		cmocka_unit_test(test_exit_by_number_or_signal),
		cmocka_unit_test(test_own_name),
		cmocka_unit_test(test_own_name_by_a_call),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_what_is_not_told),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_failures_in_words),
		cmocka_unit_test(test_calls_that_do_not_return),
		cmocka_unit_test(test_gained_rights),
		cmocka_unit_test(test_escaping),
		cmocka_unit_test(test_names_are_escaped_everywhere),
		cmocka_unit_test(test_lines_that_are_no_events),
		cmocka_unit_test(test_lines_in_pieces),
		cmocka_unit_test(test_endless_line),
		cmocka_unit_test(test_too_many_processes),
		cmocka_unit_test(test_circle),
		cmocka_unit_test(test_room_is_bounded),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes the tree of processes. The input's first byte says what the rest is: a file of events as
 * it is, or a program that writes one, with few numbers so that they meet often. What is printed
 * must be sound: one JSON object, and text that no terminal obeys; and no process is its own
 * ancestor.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "sandbox/tree_print.h"
#include "sandbox/tree_read.h"

#define EVENTS_MAX 300

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void stop_if(bool wrong, const char *what)
{
	if (!wrong)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static const char *pick(struct input *input, const char *const *texts, size_t n)
{
	return texts[take(input, 1) % n];
}

static void append_event(GString *out, struct input *input)
{
	static const char *const rows[] = {
		"procmon\",\"Method\":\"kernel_clone",	 "procmon\",\"Method\":\"begin_new_exec",
		"procmon\",\"Method\":\"do_exit",	 "procmon\",\"Method\":\"do_send_sig_info",
		"procmon\",\"Method\":\"RunningProcess", "syscall\",\"Method\":\"openat",
		"syscall\",\"Method\":\"rename",	 "syscall\",\"Method\":\"execve",
		"syscall\",\"Method\":\"write",		 "sysret\",\"Method\":\"openat",
		"sysret\",\"Method\":\"execve",		 "other\",\"Method\":\"x",
	};
	static const char *const texts[] = {
		"",
		"/bin/true",
		"/",
		"0x1234",
		"3</tmp/x>",
		"AT_FDCWD</tmp>",
		"<",
		"SIGKILL",
		"O_CREAT",
		"\\u001b[31m",
		"\\u0000",
		"\\u202e\\ud800",
		"CLONE_THREAD",
		"CLONE_PARENT|CLONE_NEWNS",
		"/etc/shadow",
		"/dev/fd/3",
		"a b",
	};
	static const char *const keys[] = {
		"CommandLine", "ImagePathName", "FileName",	 "ThreadName",
		"Flags",       "SignalStr",	"ExitStatusStr", "TargetProcessName",
		"Info",	       "NArgs",		"dfd",		 "filename",
		"flags"
	};
	static const char *const numbers[] = { "NewPid",     "TargetPID", "TargetPPID",
					       "ExitStatus", "Ret",	  "secureexec" };

	g_string_append_printf(out, "{\"Plugin\":\"%s\",", pick(input, rows, G_N_ELEMENTS(rows)));
	g_string_append_printf(out, "\"PID\":%u,\"PPID\":%u,\"TID\":%u,\"EventUID\":\"0x%x\"",
			       (unsigned)take(input, 1) % 16, (unsigned)take(input, 1) % 16,
			       (unsigned)take(input, 1) % 16, (unsigned)take(input, 1));
	g_string_append_printf(out, ",\"TimeStamp\":\"%u.00000%u\",\"ProcessName\":\"%s\"",
			       (unsigned)take(input, 1), (unsigned)take(input, 1) % 10,
			       pick(input, texts, G_N_ELEMENTS(texts)));
	for (unsigned n = (unsigned)take(input, 1) % 6; n > 0; n--)
		g_string_append_printf(out, ",\"%s\":\"%s\"", pick(input, keys, G_N_ELEMENTS(keys)),
				       pick(input, texts, G_N_ELEMENTS(texts)));
	for (unsigned n = (unsigned)take(input, 1) % 3; n > 0; n--)
		g_string_append_printf(out, ",\"%s\":%d",
				       pick(input, numbers, G_N_ELEMENTS(numbers)),
				       (int)(int8_t)take(input, 1) % 32);
	g_string_append(out, "}\n");
}

static GString *file_of(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	GString *out = g_string_new(NULL);
	unsigned n = 0;

	if (take(&input, 1) % 2 == 0)
		return g_string_append_len(out, (const char *)input.data, (gssize)input.left);
	while (input.left > 0 && n++ < EVENTS_MAX)
		append_event(out, &input);
	return out;
}

/** In pieces, so that lines are cut anywhere. */
static void feed(struct wv_tree *tree, const GString *file, uint64_t *malformed)
{
	g_autoptr(wv_tree_reader) reader = wv_tree_reader_new(tree);

	for (size_t at = 0; at < file->len; at += 1000) {
		size_t size = MIN((size_t)1000, file->len - at);
		g_autofree char *piece = g_memdup2(file->str + at, size);

		wv_tree_reader_feed(reader, piece, size);
	}
	wv_tree_reader_end(reader);
	*malformed = wv_tree_reader_malformed(reader);
}

static void check_ancestors(const struct wv_tree *tree)
{
	for (guint i = 0; i < tree->processes->len; i++) {
		const struct wv_tree_process *process = g_ptr_array_index(tree->processes, i);
		guint steps = 0;

		stop_if(process->index != i, "a wrong index");
		for (; process; process = process->parent)
			stop_if(steps++ > tree->processes->len, "its own ancestor");
	}
}

static void check_text(const struct wv_tree *tree, bool all, bool utf8)
{
	g_autoptr(GString) out = g_string_new(NULL);

	wv_tree_print(tree, &(struct wv_tree_style){ .all = all, .utf8 = utf8, .width = 80 }, out);
	stop_if(!g_utf8_validate(out->str, (gssize)out->len, NULL), "ill-formed UTF-8");
	for (const char *at = out->str; *at; at = g_utf8_next_char(at)) {
		stop_if(*at != '\n' && g_unichar_iscntrl(g_utf8_get_char(at)),
			"a control character");
		stop_if(!utf8 && (uint8_t)*at >= 0x80, "no ASCII");
	}
}

static void check_json(const struct wv_tree *tree, bool all, uint64_t malformed)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct json_object *object;

	wv_tree_json(tree, all, malformed, out);
	object = json_tokener_parse(out->str);
	stop_if(!json_object_is_type(object, json_type_object), "no JSON");
	json_object_put(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GString) file = file_of(data, size);
	g_autoptr(wv_tree) tree = wv_tree_new();
	uint64_t malformed;

	feed(tree, file, &malformed);
	check_ancestors(tree);
	for (unsigned i = 0; i < 4; i++)
		check_text(tree, i & 1, i & 2);
	check_json(tree, false, malformed);
	check_json(tree, true, malformed);
	return 0;
}

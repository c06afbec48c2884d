/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Typical events, and the records that a vCPU commits for them. */
#include "encode_samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/registry.h"

/* Any number will do: each sample is measured by itself. */
#define DEFINITION 1

const struct sample samples[] = {
	{ .what = "begin_new_exec",
	  .plugin = "procmon",
	  .method = "begin_new_exec",
	  .fields = { { "ThreadName", .text = "bash" },
		      { "CommandLine",
			.text = "grep -rn --include=*.c \"struct wv_row\" src/output" },
		      { "ImagePathName", .text = "/usr/bin/grep" },
		      { "ouid", .number = 1000 },
		      { "osuid", .number = 1000 },
		      { "oeuid", .number = 1000 },
		      { "suid", .number = 1000 },
		      { "euid", .number = 1000 },
		      { "Environment", .text = "LD_PRELOAD=/usr/lib/libfoo.so,OLDPWD=/home/user,"
					       "PWD=/home/user/project" },
		      { "interp", .text = "/usr/bin/grep" },
		      { "FileName", .text = "/usr/bin/grep" },
		      { "PGID", .number = 4711 } } },
	{ .what = "getppid, entry",
	  .plugin = "syscall",
	  .method = "getppid",
	  .fields = { { "Syscall", .number = 110 }, { "NArgs", .number = 0 } } },
	{ .what = "getppid, return",
	  .plugin = "sysret",
	  .method = "getppid",
	  .fields = { { "Syscall", .number = 110 }, { "Ret", .number = 4242 } } },
	{ .what = "openat, entry",
	  .plugin = "syscall",
	  .method = "openat",
	  .fields = { { "Syscall", .number = 257 }, { "NArgs", .number = 4 } },
	  .arguments = { { "dfd", "int", UINT64_C(0xffffff9c) },
			 { "filename", "const char *", UINT64_C(0x7ffd12345678),
			   "/usr/include/x86_64-linux-gnu/bits/types.h" },
			 { "flags", "int", 02000000 },
			 { "mode", "umode_t", 0 } } },
	{ .what = "mmap, entry",
	  .plugin = "syscall",
	  .method = "mmap",
	  .fields = { { "Syscall", .number = 9 }, { "NArgs", .number = 6 } },
	  .arguments = { { "addr", "unsigned long", 0 },
			 { "len", "unsigned long", 8192 },
			 { "prot", "unsigned long", 3 },
			 { "flags", "unsigned long", 0x22 },
			 { "fd", "unsigned long", UINT64_MAX },
			 { "off", "unsigned long", 0 } } },
	{ 0 },
};

static const struct wv_event_type *find_type(const struct sample *sample, uint32_t *number,
					     uint32_t *method)
{
	const struct wv_schema *schema = wv_plugins_schema();

	for (*number = 0; *number < schema->n_types; ++*number) {
		const struct wv_event_type *type = schema->types[*number];

		if (strcmp(type->plugin, sample->plugin) != 0)
			continue;
		*method = DEFINITION;
		if (type->defined)
			return type;
		for (*method = 0; type->methods[*method]; ++*method)
			if (strcmp(type->methods[*method], sample->method) == 0)
				return type;
	}
	return NULL;
}

static uint16_t find_field(const struct wv_event_type *type, const char *name)
{
	for (unsigned i = 0; i < type->n_fields; i++)
		if (strcmp(type->fields[i].name, name) == 0)
			return (uint16_t)i;
	fprintf(stderr, "encode-bench: rows of %s have no field %s\n", type->plugin, name);
	exit(1);
}

static void write_text(struct wv_writer *writer, unsigned field, const char *text)
{
	wv_writer_bytes(writer, (uint16_t)field, text, strlen(text), false);
}

static void start(struct wv_writer *writer, enum wv_record_kind kind, uint32_t type,
		  uint32_t method)
{
	struct wv_record_head *head;

	wv_writer_start(writer, kind);
	head = wv_writer_head(writer);
	head->type = type;
	head->method = method;
	head->os = WV_OS_LINUX;
}

static void define(const struct sample *sample, struct wv_writer *writer, uint32_t type,
		   struct wv_definitions *definitions)
{
	start(writer, WV_RECORD_DEFINITION, type, DEFINITION);
	write_text(writer, 0, sample->method);
	for (unsigned i = 0; sample->arguments[i].name; i++) {
		write_text(writer, 1 + 2 * i, sample->arguments[i].name);
		write_text(writer, 2 + 2 * i, sample->arguments[i].type);
	}
	wv_writer_finish(writer);
	wv_record_define(writer->data, writer->used, wv_plugins_schema(), definitions);
}

static void write_argument(struct wv_writer *writer, unsigned index,
			   const struct sample_value *argument)
{
	size_t size = argument->text ? strlen(argument->text) : 0;

	if (!argument->text) {
		wv_writer_raw(writer, index, argument->number);
		return;
	}

	char *room = wv_writer_raw_begin(writer, index, argument->number, &size);

	memcpy(room, argument->text, size);
	wv_writer_raw_end(writer, size, false);
}

bool sample_record(const struct sample *sample, struct wv_writer *writer,
		   struct wv_definitions *definitions)
{
	uint32_t number, method;
	const struct wv_event_type *type = find_type(sample, &number, &method);

	if (!type)
		return false;
	if (type->defined)
		define(sample, writer, number, definitions);
	start(writer, WV_RECORD_EVENT, number, method);

	struct wv_record_head *head = wv_writer_head(writer);

	head->time_ns = UINT64_C(1700000000123456000);
	head->uid = 0x1234;
	head->cr3 = 0x1041aa000;
	head->pid = head->tid = 4711;
	head->ppid = 4242;
	head->user_id = 1000;
	write_text(writer, WV_FIELD_PROCESS, "bash");
	for (const struct sample_value *value = sample->fields; value->name; value++) {
		uint16_t field = find_field(type, value->name);

		if (value->text)
			write_text(writer, field, value->text);
		else
			wv_writer_uint(writer, field, value->number);
	}
	for (unsigned i = 0; sample->arguments[i].name; i++)
		write_argument(writer, i, &sample->arguments[i]);
	wv_writer_finish(writer);
	return true;
}

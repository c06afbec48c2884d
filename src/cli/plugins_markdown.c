/* SPDX-License-Identifier: GPL-2.0-or-later */
/* docs/output.md: the formats, the common fields, and every field of every event. */
#include "cli/plugins.h"

#include <string.h>

#include "monitor/registry.h"
#include "output/describe.h"
#include "output/encode.h"
#include "output/names.h"
#include "output/record.h"

/* A sample row -----------------------------------------------------------------------------------
 *
 * One field of each kind, printed by the encoders themselves: what the page shows is what they do.
 */

enum { SAMPLE_UNREADABLE = WV_KIND_COUNT, SAMPLE_ABSENT, SAMPLE_COUNT };

static const struct wv_field sample_fields[SAMPLE_COUNT] = {
	[WV_KIND_NUMBER] = { "Number", WV_KIND_NUMBER, NULL, false, "" },
	[WV_KIND_HEX] = { "Hex", WV_KIND_HEX, NULL, false, "" },
	[WV_KIND_STRING] = { "String", WV_KIND_STRING, NULL, false, "" },
	[WV_KIND_NAME] = { "Name", WV_KIND_NAME, wv_format_signal, false, "" },
	[WV_KIND_FLAGS] = { "Flags", WV_KIND_FLAGS, wv_format_clone_flags, false, "" },
	[WV_KIND_RESULT] = { "Result", WV_KIND_RESULT, NULL, false, "" },
	[WV_KIND_LIST] = { "List", WV_KIND_LIST, NULL, false, "" },
	[SAMPLE_UNREADABLE] = { "Unreadable", WV_KIND_NUMBER, NULL, false, "" },
	[SAMPLE_ABSENT] = { "Absent", WV_KIND_NUMBER, NULL, true, "" },
};

static const struct wv_event_type sample_type = {
	.plugin = "sample",
	.methods = { "some_function" },
	.os = WV_OS_LINUX,
	.fields = sample_fields,
	.n_fields = SAMPLE_COUNT,
	.meaning = "",
};

static void write_text(struct wv_writer *writer, uint16_t field, const char *text)
{
	wv_writer_bytes(writer, field, text, strlen(text), false);
}

static void write_sample(struct wv_writer *writer)
{
	struct wv_record_head *head = wv_writer_head(writer);

	wv_writer_start(writer, WV_RECORD_EVENT);
	head->time_ns = UINT64_C(1234567890123456000);
	head->uid = 0x2a;
	head->cr3 = 0x1aa000;
	head->os = WV_OS_LINUX;
	head->pid = head->tid = 1234;
	head->ppid = 456;
	head->user_id = 1000;
	write_text(writer, WV_FIELD_PROCESS, "bash");
	wv_writer_int(writer, WV_KIND_NUMBER, -1);
	wv_writer_uint(writer, WV_KIND_HEX, 0x1a4);
	write_text(writer, WV_KIND_STRING, "a \"word\", caf\xc3\xa9\n");
	wv_writer_uint(writer, WV_KIND_NAME, 15);
	wv_writer_uint(writer, WV_KIND_FLAGS, 0x10100);
	wv_writer_int(writer, WV_KIND_RESULT, -11);
	wv_writer_list_begin(writer, WV_KIND_LIST);
	wv_writer_list_item(writer, NULL, "one", strlen("one"));
	wv_writer_list_item(writer, NULL, "two", strlen("two"));
	wv_writer_list_end(writer, false);
	wv_writer_null(writer, SAMPLE_UNREADABLE);
	wv_writer_finish(writer);
}

static void append_sample(GString *out, const struct wv_encoder *encoder)
{
	static const struct wv_event_type *const types[] = { &sample_type };
	const struct wv_schema schema = { types, G_N_ELEMENTS(types) };
	struct wv_writer writer = { .data = g_malloc(WV_RECORD_MAX) };
	g_autoptr(GString) lines = g_string_new(NULL);
	struct wv_row row;

	write_sample(&writer);
	if (encoder->header)
		encoder->header(&sample_type, lines);
	g_assert(wv_record_parse(writer.data, writer.used, &schema, NULL, &row));
	encoder->row(&row, lines);
	g_string_append_printf(out, "\n```\n%s```\n", lines->str);
	g_free(writer.data);
}

/* Markdown --------------------------------------------------------------------------------------*/

/** A cell of a table: a bar would end it. */
static void append_cell(GString *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *text);
	}
}

/** A row of a table; @cells ends with NULL. */
static void append_row(GString *out, const char *const *cells)
{
	for (; *cells; cells++) {
		g_string_append(out, "| ");
		append_cell(out, *cells);
		g_string_append_c(out, ' ');
	}
	g_string_append(out, "|\n");
}

#define ROW(out, ...) append_row(out, (const char *const[]){ __VA_ARGS__, NULL })

/** Names in code style, joined; to be freed with g_free(). */
static char *code_names(const char *const *names, const char *separator)
{
	GString *text = g_string_new(NULL);

	for (; *names; names++)
		g_string_append_printf(text, "%s`%s`", text->len ? separator : "", *names);
	return g_string_free(text, FALSE);
}

static void append_format(GString *out, const struct wv_encoder *encoder)
{
	g_autofree char *common = code_names(encoder->common, ", ");

	g_string_append_printf(out, "\n### %s\n\n`-o %s`: %s.\n", encoder->name, encoder->name,
			       encoder->meaning);
	append_sample(out, encoder);
	g_string_append_printf(out, "\nCommon fields, in this order: %s.\n\n", common);
	for (const char *const *note = encoder->notes; *note; note++)
		g_string_append_printf(out, "- %s\n", *note);
}

/** The formats that print a common field; to be freed with g_free(). */
static char *formats_with(const char *name)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; wv_encoders[i]; i++)
		if (g_strv_contains(wv_encoders[i]->common, name))
			g_string_append_printf(text, "%s%s", text->len ? ", " : "",
					       wv_encoders[i]->name);
	return g_string_free(text, FALSE);
}

static void append_common(GString *out)
{
	g_string_append(out, "\n## Common fields\n\nEvery event has these, whatever its plugin.\n\n"
			     "| Field | Kind | In | Meaning |\n| --- | --- | --- | --- |\n");
	for (const struct wv_common_field *field = wv_common_fields; field->name; field++) {
		g_autofree char *name = g_strdup_printf("`%s`", field->name);
		g_autofree char *formats = formats_with(field->name);

		ROW(out, name, wv_kind_name(field->kind), formats, field->meaning);
	}
}

static void append_kinds(GString *out)
{
	g_string_append(out, "\n## Kinds of fields\n\n| Kind | Printed as |\n| --- | --- |\n");
	for (unsigned i = 0; i < WV_KIND_COUNT; i++)
		ROW(out, wv_kind_name((enum wv_kind)i), wv_kind_meaning((enum wv_kind)i));
}

static void append_options(GString *out, const struct wv_plugin *plugin)
{
	if (!plugin->n_options)
		return;
	g_string_append(out, "\n| Option | Meaning |\n| --- | --- |\n");
	for (unsigned i = 0; i < plugin->n_options; i++) {
		const struct wv_option *option = &plugin->options[i];
		g_autofree char *name =
			g_strdup_printf("`--%s%s%s`", option->name, option->argument ? " " : "",
					option->argument ? option->argument : "");

		ROW(out, name, option->meaning);
	}
}

/** A trap's functions, and which kernels it is for; to be freed with g_free(). */
static char *trap_names(const struct wv_trap_def *trap)
{
	g_autofree char *functions =
		trap->found ? g_strdup(trap->found) : code_names(trap->functions, ", else ");

	GString *text = g_string_new(functions);

	if (trap->with)
		g_string_append_printf(text, ", in kernels with `%s`", trap->with);
	if (trap->without)
		g_string_append_printf(text, ", in kernels without `%s`", trap->without);
	return g_string_free(text, FALSE);
}

static void append_traps(GString *out, const struct wv_plugin_guest *guest)
{
	g_string_append_printf(out,
			       "\nTrapped in %s guests, the first function that the kernel has:\n\n"
			       "| Function | Handled at | Lost where it is missing |\n"
			       "| --- | --- | --- |\n",
			       wv_os_name(guest->os));
	for (unsigned i = 0; i < guest->n_traps; i++) {
		const struct wv_trap_def *trap = &guest->traps[i];
		g_autofree char *functions = trap_names(trap);

		ROW(out, functions, trap->on_return ? "entry, return" : "entry",
		    trap->cost ? trap->cost : "the plugin");
	}
}

/** The guests of an event type; to be freed with g_free(). */
static char *guests_of(const struct wv_event_type *type)
{
	static const enum wv_os systems[] = { WV_OS_LINUX, WV_OS_WINDOWS };
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(systems); i++)
		if (type->os & systems[i])
			g_string_append_printf(text, "%s%s", text->len ? ", " : "",
					       wv_os_name(systems[i]));
	return g_string_free(text, FALSE);
}

static void append_event(GString *out, const struct wv_event_type *type)
{
	g_autofree char *methods =
		type->defined ? g_strdup("named by the guest") : code_names(type->methods, ", ");
	g_autofree char *guests = guests_of(type);

	g_string_append_printf(out, "\n#### %s: %s\n\n%s Guests: %s.\n", type->plugin, methods,
			       type->meaning, guests);
	if (type->n_fields)
		g_string_append(out, "\n| Field | Kind | Meaning |\n| --- | --- | --- |\n");
	for (unsigned i = 0; i < type->n_fields; i++) {
		const struct wv_field *field = &type->fields[i];
		g_autofree char *name = g_strdup_printf("`%s`", field->name);
		g_autofree char *kind =
			g_strdup_printf("%s%s", wv_kind_name(field->kind),
					field->optional ? ", where it applies" : "");

		ROW(out, name, kind, field->meaning);
	}
	if (type->open_ended)
		g_string_append(out, "\nFurther fields with names of their own follow.\n");
}

static void append_plugin(GString *out, const struct wv_plugin *plugin)
{
	g_string_append_printf(out, "\n### %s\n\n%s.\n", plugin->name, plugin->summary);
	append_options(out, plugin);
	for (unsigned i = 0; plugin->guests[i]; i++)
		append_traps(out, plugin->guests[i]);
	for (unsigned i = 0; i < plugin->n_events; i++)
		append_event(out, plugin->events[i]);
}

char *cli_plugins_markdown(void)
{
	GString *out = g_string_new(
		"# Output\n\n"
		"<!-- Generated by `wyvern plugins --markdown > docs/output.md`: edit the "
		"declarations in src/, not this page. -->\n\n"
		"One event is one line, and lines are in the order in which events were committed, "
		"over all virtual processors. The names of fields and their order are an interface: "
		"programs may rely on them. `wyvern plugins --json` says all of this page to "
		"programs.\n\n"
		"## Formats\n\n"
		"The option `-o` of `wyvern run` chooses one of four formats. The samples show one "
		"made-up event with a field of each kind, one field that could not be read, and "
		"one, `Absent`, that does not apply.\n");

	for (size_t i = 0; wv_encoders[i]; i++)
		append_format(out, wv_encoders[i]);
	g_string_append_printf(out,
			       "\nIn all formats a text that is longer than what was kept (%u KiB "
			       "of it at the most) ends in `...`.\n",
			       WV_TEXT_MAX / 1024);
	append_common(out);
	append_kinds(out);
	g_string_append(out, "\n## Plugins\n");
	for (unsigned i = 0; wv_plugins[i]; i++)
		append_plugin(out, wv_plugins[i]);
	if (!wv_plugins[0])
		g_string_append(out, "\nThis build has none.\n");
	return g_string_free(out, FALSE);
}

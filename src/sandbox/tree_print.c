/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree of processes as text for people. */
#include "sandbox/tree_print.h"

#include <string.h>

#include "output/escape.h"
#include "sandbox/tree_text.h"

/* Of a command line, and of an object; and how many objects of each kind. */
#define COMMAND_SHOWN 300u
#define OBJECT_SHOWN  100u
#define OBJECTS_SHOWN 5u

/** Columns of the names of kinds. */
#define LABEL_WIDTH 12

struct printer {
	const struct wv_tree *tree;
	const struct wv_tree_style *style;
	GString *out;
	GString *prefix; /* of the lines about a process */
	uint64_t zero_us;
	unsigned printed;
	unsigned depth;			     /* of the process that is printed, from 0 */
	bool goes_on[WV_TREE_DEPTH_MAX + 1]; /* a sibling follows, at each depth */
};

/* ---- text of the guest ---- */

/** Characters that a terminal does not show, or that turn the writing around. */
static bool is_unseen(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_FORMAT:
	case G_UNICODE_UNASSIGNED:
	case G_UNICODE_PRIVATE_USE:
	case G_UNICODE_SURROGATE:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
		return true;
	default:
		return false;
	}
}

static void append_byte(GString *out, uint8_t byte)
{
	if (byte == '\\')
		g_string_append(out, "\\\\");
	else if (byte == '\n')
		g_string_append(out, "\\n");
	else if (byte == '\r')
		g_string_append(out, "\\r");
	else if (byte == '\t')
		g_string_append(out, "\\t");
	else if (byte < 0x20 || byte >= 0x7f)
		g_string_append_printf(out, "\\x%02x", byte);
	else
		g_string_append_c(out, (char)byte);
}

void wv_tree_append_text(GString *out, struct wv_bytes text, bool utf8)
{
	for (size_t at = 0; at < text.size;) {
		const uint8_t *next = (const uint8_t *)text.data + at;
		bool well_formed;
		size_t size = wv_utf8_next(next, text.size - at, &well_formed);
		gunichar c = well_formed ? g_utf8_get_char((const char *)next) : 0;

		if (!well_formed || *next < 0x80)
			for (size_t i = 0; i < size; i++)
				append_byte(out, next[i]);
		else if (!utf8 || is_unseen(c))
			g_string_append_printf(out, "\\u{%x}", c);
		else
			g_string_append_len(out, (const char *)next, (gssize)size);
		at += size;
	}
}

/** The beginning of a text: up to @max bytes. */
static void append_start(struct printer *printer, GString *out, struct wv_bytes text, size_t max)
{
	g_autoptr(GString) cut = text.size > max ? wv_tree_room_cut(text, max) : NULL;

	if (cut)
		text = (struct wv_bytes){ cut->str, cut->len };
	wv_tree_append_text(out, text, printer->style->utf8);
}

/* ---- lines ---- */

enum stroke { STROKE_NONE, STROKE_LINE, STROKE_BRANCH, STROKE_LAST };

static void append_stroke(const struct printer *printer, GString *out, enum stroke stroke)
{
	static const char *const ascii[] = { "   ", "|  ", "|- ", "`- " };
	static const char *const drawn[] = { "   ", "\342\224\202  ", "\342\224\234\342\224\200 ",
					     "\342\224\224\342\224\200 " };

	g_string_append(out, (printer->style->utf8 ? drawn : ascii)[stroke]);
}

/** What stands before the lines of a process: @own is the stroke that leads to itself. */
static void set_prefix(struct printer *printer, bool own, bool has_children)
{
	unsigned depth = MIN(printer->depth, WV_TREE_DEPTH_MAX);

	g_string_truncate(printer->prefix, 0);
	for (unsigned i = 1; i <= depth; i++) {
		bool goes_on = printer->goes_on[i];

		if (own && i == depth)
			append_stroke(printer, printer->prefix,
				      goes_on ? STROKE_BRANCH : STROKE_LAST);
		else
			append_stroke(printer, printer->prefix,
				      goes_on ? STROKE_LINE : STROKE_NONE);
	}
	if (!own)
		append_stroke(printer, printer->prefix, has_children ? STROKE_LINE : STROKE_NONE);
}

static double seconds(uint64_t from, uint64_t to)
{
	return to > from ? (double)(to - from) / (double)G_USEC_PER_SEC : 0;
}

static void print_head(struct printer *printer, const struct wv_tree_process *process)
{
	GString *out = printer->out;

	g_string_append_len(out, printer->prefix->str, (gssize)printer->prefix->len);
	if (printer->depth > WV_TREE_DEPTH_MAX)
		g_string_append_printf(out, "(depth %u) ", printer->depth);
	g_string_append_printf(out, "%u ", process->pid);
	append_start(printer, out, process->name, OBJECT_SHOWN);
	if (process->start_known || process == printer->tree->sample)
		g_string_append_printf(out, ": started +%.3f s",
				       seconds(printer->zero_us, process->start_us));
	else
		g_string_append(out, ": was there before");
	if (process->ended) {
		g_string_append_printf(out, ", ran %.3f s",
				       seconds(process->start_us, process->end_us));
		if (process->signal.size > 0) {
			g_string_append(out, ", killed by ");
			append_start(printer, out, process->signal, OBJECT_SHOWN);
		} else {
			g_string_append_printf(out, ", exit status %" G_GINT64_FORMAT,
					       process->status);
		}
	} else {
		g_string_append(out, ", did not end");
	}
	if (process->threads > 0)
		g_string_append_printf(out, ", %" G_GUINT64_FORMAT " threads",
				       process->threads + 1);
	if (process->calls > 0)
		g_string_append_printf(out, ", %" G_GUINT64_FORMAT " system call%s", process->calls,
				       process->calls == 1 ? "" : "s");
	g_string_append_c(out, '\n');
}

static void print_commands(struct printer *printer, const struct wv_tree_process *process)
{
	GString *out = printer->out;
	unsigned more = process->n_commands;

	for (const struct wv_tree_command *command = process->commands; command;
	     command = command->next, more--) {
		g_string_append_len(out, printer->prefix->str, (gssize)printer->prefix->len);
		g_string_append(out, "$ ");
		append_start(printer, out, command->line, COMMAND_SHOWN);
		if (!wv_text_same(wv_text_base_name(command->image), command->image) &&
		    (command->line.size < command->image.size ||
		     memcmp(command->line.data, command->image.data, command->image.size) != 0)) {
			g_string_append(out, "  (");
			append_start(printer, out, command->image, OBJECT_SHOWN);
			g_string_append_c(out, ')');
		}
		g_string_append_c(out, '\n');
	}
	if (more > 0)
		g_string_append_printf(out, "%s$ and %u more\n", printer->prefix->str, more);
}

static void append_object(struct printer *printer, GString *out,
			  const struct wv_tree_object *object)
{
	append_start(printer, out, object->text, OBJECT_SHOWN);
	if (object->count > 1)
		g_string_append_printf(out, " x%" G_GUINT64_FORMAT, object->count);
	if (object->failed == 0)
		return;
	g_string_append(out, " (");
	if (object->failed < object->count)
		g_string_append_printf(out, "%" G_GUINT64_FORMAT " failed: ", object->failed);
	append_start(printer, out, object->error, OBJECT_SHOWN);
	g_string_append_c(out, ')');
}

/** Appends an item to a list that is continued on further lines; @column: where the line is. */
static void append_item(struct printer *printer, const char *item, bool is_last, glong *column)
{
	glong size = g_utf8_strlen(item, -1) + (is_last ? 0 : 1);
	glong indent = g_utf8_strlen(printer->prefix->str, -1) + LABEL_WIDTH + 2;

	if (*column > indent && *column + 1 + size > (glong)printer->style->width) {
		g_string_append_printf(printer->out, "\n%s%*s", printer->prefix->str,
				       LABEL_WIDTH + 2, "");
		*column = indent;
	}
	g_string_append_printf(printer->out, " %s%s", item, is_last ? "" : ",");
	*column += 1 + size;
}

static void print_deeds(struct printer *printer, const struct wv_tree_process *process)
{
	for (unsigned kind = 0; kind < WV_TREE_N_KINDS; kind++) {
		const struct wv_tree_deeds *deeds = process->deeds[kind];
		uint64_t more = deeds ? deeds->count : 0;
		unsigned shown = deeds ? MIN(deeds->n_objects, OBJECTS_SHOWN) : 0;
		size_t start = printer->out->len;
		glong column;

		if (!deeds)
			continue;
		g_string_append_printf(printer->out, "%s  %-*s", printer->prefix->str, LABEL_WIDTH,
				       wv_tree_kind_names[kind].label);
		column = g_utf8_strlen(printer->out->str + start, -1);
		for (unsigned i = 0; i < shown; i++) {
			g_autoptr(GString) item = g_string_new(NULL);

			append_object(printer, item, &deeds->objects[i]);
			more -= deeds->objects[i].count;
			append_item(printer, item->str, i + 1 == shown && more == 0, &column);
		}
		if (more > 0) {
			g_autofree char *item = g_strdup_printf("%" G_GUINT64_FORMAT " more", more);

			append_item(printer, item, true, &column);
		}
		g_string_append_c(printer->out, '\n');
	}
}

/* ---- the walk ---- */

static const struct wv_tree_process *shown(const struct printer *printer,
					   const struct wv_tree_process *process)
{
	while (process && !wv_tree_is_shown(printer->tree, process, printer->style->all))
		process = process->next_sibling;
	return process;
}

static void print_process(struct printer *printer, const struct wv_tree_process *process)
{
	bool has_children = shown(printer, process->first_child) != NULL;

	if (printer->depth > 0)
		printer->goes_on[MIN(printer->depth, WV_TREE_DEPTH_MAX)] =
			shown(printer, process->next_sibling) != NULL;
	if (printer->printed++ >= WV_TREE_PRINTED_MAX)
		return;
	set_prefix(printer, true, has_children);
	print_head(printer, process);
	set_prefix(printer, false, has_children);
	print_commands(printer, process);
	print_deeds(printer, process);
}

/** A process without a parent that is shown, and all below it; trees may be deeper than stacks. */
static void print_root(struct printer *printer, const struct wv_tree_process *root)
{
	const struct wv_tree_process *process = root, *next;

	printer->depth = 0;
	while (process) {
		print_process(printer, process);
		next = shown(printer, process->first_child);
		printer->depth += next != NULL;
		while (!next && process != root) {
			next = shown(printer, process->next_sibling);
			if (!next) {
				process = process->parent;
				printer->depth--;
			}
		}
		process = next;
	}
}

static bool is_root(const struct printer *printer, const struct wv_tree_process *process)
{
	return wv_tree_is_shown(printer->tree, process, printer->style->all) &&
	       !(process->parent &&
		 wv_tree_is_shown(printer->tree, process->parent, printer->style->all));
}

void wv_tree_print(const struct wv_tree *tree, const struct wv_tree_style *style, GString *out)
{
	g_autoptr(GString) prefix = g_string_new(NULL);
	struct printer printer = {
		.tree = tree,
		.style = style,
		.out = out,
		.prefix = prefix,
		.zero_us = tree->sample && !style->all ? tree->sample->start_us : tree->first_us,
	};
	const struct wv_tree_process *first;

	/* the sample's tree comes first */
	first = tree->sample;
	while (first && !is_root(&printer, first))
		first = first->parent;
	if (first)
		print_root(&printer, first);
	for (guint i = 0; i < tree->processes->len; i++) {
		const struct wv_tree_process *process = g_ptr_array_index(tree->processes, i);

		if (process != first && is_root(&printer, process))
			print_root(&printer, process);
	}
	if (printer.printed > WV_TREE_PRINTED_MAX)
		g_string_append_printf(out, "... and %u more processes: --json tells them all\n",
				       printer.printed - WV_TREE_PRINTED_MAX);
}

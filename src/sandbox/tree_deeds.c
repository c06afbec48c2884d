/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What processes did: from system calls to counts. */
#include "sandbox/tree_deeds.h"

#include <string.h>

#include "sandbox/tree_text.h"

/* Longer paths do not exist (PATH_MAX), and of other texts the beginning will do. */
#define ARGUMENT_MAX 4096

struct wv_tree_pending {
	const struct wv_tree_call *call;
	enum wv_tree_kind kind;
	uint64_t uid;
	/* of the call's objects: argument names and texts; NULL: there is none */
	char *names[WV_TREE_OBJECTS];
	GString *texts[WV_TREE_OBJECTS];
	GString *folders[WV_TREE_OBJECTS];
};

/** The entry for an object; NULL: it is not kept. */
static struct wv_tree_object *find_object(struct wv_tree *tree, struct wv_tree_deeds *deeds,
					  struct wv_bytes text)
{
	g_autoptr(GString) cut = NULL;
	struct wv_tree_object *object;

	if (text.size > WV_TREE_OBJECT_MAX) {
		cut = wv_tree_room_cut(text, WV_TREE_OBJECT_MAX - 3);
		text = (struct wv_bytes){ cut->str, cut->len };
	}
	for (unsigned i = 0; i < deeds->n_objects; i++)
		if (wv_text_same(deeds->objects[i].text, text))
			return &deeds->objects[i];
	if (deeds->n_objects == WV_TREE_OBJECTS_MAX)
		return NULL;
	object = &deeds->objects[deeds->n_objects];
	if (!wv_tree_room_keep(&tree->room, text, WV_TREE_OBJECT_MAX, &object->text)) {
		tree->n_without_room++;
		return NULL;
	}
	deeds->n_objects++;
	return object;
}

void wv_tree_deeds_add(struct wv_tree *tree, struct wv_tree_process *process,
		       enum wv_tree_kind kind, struct wv_bytes object, struct wv_bytes error)
{
	struct wv_tree_deeds *deeds = process->deeds[kind];
	struct wv_tree_object *entry;

	if (!deeds)
		deeds = process->deeds[kind] = wv_tree_room_take(&tree->room, sizeof(*deeds));
	if (!deeds) {
		tree->n_without_room++;
		return;
	}
	entry = find_object(tree, deeds, object);
	deeds->count++;
	deeds->failed += error.data != NULL;
	if (!entry) {
		deeds->others++;
		return;
	}
	entry->count++;
	entry->failed += error.data != NULL;
	if (error.data && !entry->error.data)
		wv_tree_room_keep(&tree->room, error, WV_TREE_NAME_MAX, &entry->error);
}

void wv_tree_deeds_drop(struct wv_tree_thread *thread)
{
	struct wv_tree_pending *pending = thread->pending;

	if (!pending)
		return;
	for (unsigned i = 0; i < WV_TREE_OBJECTS; i++) {
		g_free(pending->names[i]);
		if (pending->texts[i])
			g_string_free(pending->texts[i], TRUE);
		if (pending->folders[i])
			g_string_free(pending->folders[i], TRUE);
	}
	g_free(pending);
	thread->pending = NULL;
}

/** What is behind a descriptor: of "3</tmp/x>" the path; empty if it is no file with a path. */
static struct wv_bytes file_of(const GString *text)
{
	const char *open = text ? memchr(text->str, '<', text->len) : NULL;

	if (!open || text->str[text->len - 1] != '>' || open[1] != '/')
		return (struct wv_bytes){ "", 0 };
	return (struct wv_bytes){ open + 1, text->len - (size_t)(open + 1 - text->str) - 1 };
}

/** A path, behind the folder that it is relative to where that is known. */
static void append_path(GString *out, const GString *path, const GString *folder)
{
	struct wv_bytes at = file_of(folder);

	if (at.size > 0 && (path->len == 0 || path->str[0] != '/')) {
		g_string_append_len(out, at.data, (gssize)at.size);
		if (path->len > 0 && at.data[at.size - 1] != '/')
			g_string_append_c(out, '/');
	}
	g_string_append_len(out, path->str, (gssize)path->len);
}

/** What the call was done to, as text. False: to nothing that is told. */
static bool object_of(const struct wv_tree_pending *pending, GString *out)
{
	const struct wv_tree_call *call = pending->call;

	if (call->from_fd) {
		struct wv_bytes file = file_of(pending->texts[0]);

		g_string_append_len(out, file.data, (gssize)file.size);
		return file.size > 0;
	}
	if (call->named)
		g_string_append(out, call->name);
	for (unsigned i = 0; i < WV_TREE_OBJECTS; i++) {
		if (!pending->texts[i])
			continue;
		if (call->named)
			g_string_append_c(out, ' ');
		else if (i > 0)
			g_string_append(out, " -> ");
		append_path(out, pending->texts[i], pending->folders[i]);
	}
	return out->len > 0;
}

/** What opening a path is, which its flags alone do not say. */
static enum wv_tree_kind kind_of_path(enum wv_tree_kind kind, GString *path)
{
	if (wv_tree_is_secret((struct wv_bytes){ path->str, path->len })) {
		g_string_prepend(path, "open ");
		return WV_TREE_PRIVILEGES;
	}
	/* shells open /dev/null with O_CREAT, and it is there */
	if (kind == WV_TREE_CREATED && g_str_has_prefix(path->str, "/dev/") &&
	    !g_str_has_prefix(path->str, "/dev/shm/"))
		return WV_TREE_OPENED;
	return kind;
}

/** @error: its name; data == NULL: the call was not in vain, or nobody knows. */
static void tell(struct wv_tree *tree, struct wv_tree_thread *thread, struct wv_bytes error)
{
	struct wv_tree_pending *pending = thread->pending;
	enum wv_tree_kind kind = pending->kind;
	g_autoptr(GString) object = g_string_new(NULL);

	if (pending->call->condition == WV_TREE_IF_FAILED && !error.data)
		return;
	if (!object_of(pending, object))
		return;
	if (pending->call->condition == WV_TREE_BY_FLAGS)
		kind = kind_of_path(kind, object);
	wv_tree_deeds_add(tree, thread->process, kind,
			  (struct wv_bytes){ object->str, object->len }, error);
}

void wv_tree_deeds_flush(struct wv_tree *tree, struct wv_tree_thread *thread)
{
	if (thread->pending)
		tell(tree, thread, (struct wv_bytes){ NULL, 0 });
	wv_tree_deeds_drop(thread);
}

static GString *copy_argument(const struct wv_tree_row *row, int8_t index, char **argument)
{
	struct wv_bytes text;
	const char *name;

	if (index < 0 || !wv_tree_row_argument(row, (unsigned)index, &name, &text))
		return NULL;
	if (argument)
		*argument = g_strdup(name);
	return g_string_new_len(text.data, (gssize)MIN(text.size, ARGUMENT_MAX));
}

void wv_tree_deeds_enter(struct wv_tree *tree, struct wv_tree_thread *thread,
			 const struct wv_tree_row *row)
{
	const struct wv_tree_call *call;
	struct wv_tree_pending *pending;
	struct wv_bytes decider = { "", 0 };
	enum wv_tree_kind kind;
	const char *name;

	wv_tree_deeds_flush(tree, thread);
	call = g_hash_table_lookup(tree->calls, row->method.data);
	if (!call)
		return;
	if (call->condition != WV_TREE_ALWAYS && call->decider >= 0)
		wv_tree_row_argument(row, (unsigned)call->decider, &name, &decider);
	if (!wv_tree_call_kind(call, decider, &kind))
		return;
	pending = g_new0(struct wv_tree_pending, 1);
	pending->call = call;
	pending->kind = kind;
	pending->uid = row->uid;
	for (unsigned i = 0; i < WV_TREE_OBJECTS; i++) {
		pending->texts[i] = copy_argument(row, call->objects[i], &pending->names[i]);
		pending->folders[i] = copy_argument(row, call->folders[i], NULL);
	}
	thread->pending = pending;
}

/** What was only an address at the entry has its text now. */
static void complete(struct wv_tree_pending *pending, const struct wv_tree_row *row)
{
	struct wv_bytes text;

	for (unsigned i = 0; i < WV_TREE_OBJECTS; i++)
		if (pending->names[i] && g_str_has_prefix(pending->texts[i]->str, "0x") &&
		    wv_tree_row_text(row, pending->names[i], &text)) {
			g_string_truncate(pending->texts[i], 0);
			g_string_append_len(pending->texts[i], text.data,
					    (gssize)MIN(text.size, ARGUMENT_MAX));
		}
}

void wv_tree_deeds_return(struct wv_tree *tree, struct wv_tree_thread *thread,
			  const struct wv_tree_row *row)
{
	struct wv_bytes error = { NULL, 0 };
	int64_t result;

	if (!thread->pending || thread->pending->uid != row->uid)
		return;
	complete(thread->pending, row);
	/* errors are -1 to -4095: MAX_ERRNO, include/linux/err.h */
	if (wv_tree_row_number(row, "Ret", &result) && result < 0 && result >= -4095 &&
	    !wv_tree_row_text(row, "Info", &error))
		error = (struct wv_bytes){ "?", 1 };
	tell(tree, thread, error);
	wv_tree_deeds_drop(thread);
}

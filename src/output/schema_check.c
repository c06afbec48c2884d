/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the encoders take for granted about declarations, checked by the tests of every build. */
#include <string.h>

#include "base/error.h"
#include "output/row.h"
#include "output/schema_check.h"

const char *const wv_json_common_keys[] = {
	"Plugin", "TimeStamp",	 "PID",	   "PPID",     "TID", "UserName",
	"UserId", "ProcessName", "Method", "EventUID", NULL,
};

static bool is_word(const char *name)
{
	if (!name || !*name)
		return false;
	for (; *name; name++) {
		if (!g_ascii_isalnum(*name) && *name != '_')
			return false;
	}
	return true;
}

static bool is_text(const char *text)
{
	return text && *text;
}

static const char *field_problem(const struct wv_event_type *type, unsigned index)
{
	const struct wv_field *field = &type->fields[index];
	bool formatted = field->kind == WV_KIND_NAME || field->kind == WV_KIND_FLAGS;

	if (!is_word(field->name))
		return "its name is not made of letters, digits and _";
	if ((unsigned)field->kind >= WV_KIND_COUNT)
		return "its kind is unknown";
	if (formatted && !field->format)
		return "it has no format function";
	if (!formatted && field->format)
		return "its kind takes no format function";
	if (field->escaped && field->kind != WV_KIND_STRING)
		return "it is escaped, but no string";
	if (!is_text(field->meaning))
		return "it has no meaning";
	if (field->given && (field->optional || (index && !type->fields[index - 1].given)))
		return "it is given, but optional or not among the first";
	if (!field->text != (field->given != WV_GIVEN_TEXT))
		return "only a given text has one, and must";
	for (size_t i = 0; wv_json_common_keys[i]; i++) {
		if (strcmp(field->name, wv_json_common_keys[i]) == 0)
			return "its name is a common key";
	}
	if (type->json_session && strcmp(field->name, "SessionID") == 0)
		return "its name is a key of the type's already";
	for (unsigned i = 0; i < index; i++) {
		if (strcmp(field->name, type->fields[i].name) == 0)
			return "its name is declared twice";
	}
	return NULL;
}

/** The methods of a `defined` type come from the guest, with what makes their arguments' text. */
static const char *defined_problem(const struct wv_event_type *type)
{
	if (type->methods[0])
		return "it has a method, but its methods are defined";
	if (!type->open_ended)
		return "it is defined, but not open-ended";
	if (!type->resolve || !type->raw_text)
		return "it is defined, but lacks resolve or raw_text";
	return NULL;
}

static const char *methods_problem(const struct wv_event_type *type)
{
	if (type->resolve || type->raw_text)
		return "it has resolve or raw_text, but is not defined";
	if (!type->methods[0])
		return "it has no method";
	if (type->methods[WV_METHODS_MAX])
		return "its methods are not ended by NULL";
	for (size_t i = 0; type->methods[i]; i++) {
		if (!is_word(type->methods[i]))
			return "a method's name is not made of letters, digits and _";
	}
	return NULL;
}

static const char *type_problem(const struct wv_event_type *type)
{
	const unsigned all_os = WV_OS_LINUX | WV_OS_WINDOWS;
	const char *problem;

	if (!is_word(type->plugin))
		return "the plugin's name is not made of letters, digits and _";
	problem = type->defined ? defined_problem(type) : methods_problem(type);
	if (problem)
		return problem;
	if (type->os == 0 || (type->os & ~all_os))
		return "it is for no known guest system";
	if (type->n_fields > WV_ROW_FIELDS_MAX)
		return "it has more fields than a row holds";
	if (!is_text(type->meaning))
		return "it has no meaning";
	return NULL;
}

bool wv_schema_check(const struct wv_schema *schema, GError **error)
{
	for (unsigned i = 0; i < schema->n_types; i++) {
		const struct wv_event_type *type = schema->types[i];
		const char *problem = type_problem(type);

		if (problem) {
			g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL, "event type %u (%s): %s", i,
				    is_text(type->plugin) ? type->plugin : "?", problem);
			return false;
		}
		for (unsigned j = 0; j < type->n_fields; j++) {
			problem = field_problem(type, j);
			if (!problem)
				continue;
			g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL,
				    "event type %u (%s, %s), field %u (%s): %s", i, type->plugin,
				    type->defined ? "defined" : type->methods[0], j,
				    is_text(type->fields[j].name) ? type->fields[j].name : "?",
				    problem);
			return false;
		}
	}
	return true;
}

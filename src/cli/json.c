/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes and prints JSON. */
#include "cli/json.h"

#include "cli/cli.h"

void cli_json_text(json_object *object, const char *key, const char *text)
{
	g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

	json_object_object_add(object, key, valid ? json_object_new_string(valid) : NULL);
}

enum wv_exit cli_print_json(json_object *value)
{
	g_autofree char *text = g_strconcat(
		json_object_to_json_string_ext(value, JSON_C_TO_STRING_PRETTY |
							      JSON_C_TO_STRING_NOSLASHESCAPE),
		"\n", NULL);

	return cli_print(text);
}

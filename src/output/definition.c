/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reader has been told about methods. */
#include "output/definition.h"

void wv_definitions_init(struct wv_definitions *definitions)
{
	*definitions = (struct wv_definitions){ .text = g_string_new(NULL) };
}

void wv_definition_free(struct wv_definition *definition)
{
	if (!definition)
		return;
	for (unsigned i = 0; i < definition->n_arguments; i++) {
		g_free(definition->arguments[i]);
		g_free(definition->types[i]);
	}
	g_free(definition->name);
	g_free(definition);
}

void wv_definitions_deinit(struct wv_definitions *definitions)
{
	for (unsigned i = 0; i < WV_DEFINITIONS_MAX; i++)
		wv_definition_free(definitions->items[i]);
	g_string_free(definitions->text, TRUE);
}

void wv_definitions_set(struct wv_definitions *definitions, unsigned number,
			struct wv_definition *definition)
{
	wv_definition_free(definitions->items[number]);
	definitions->items[number] = definition;
}

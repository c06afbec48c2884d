/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON that subcommands print. */
#ifndef WV_CLI_JSON_H
#define WV_CLI_JSON_H

#include <json-c/json.h>

#include "base/error.h"

/** Adds a text, made valid UTF-8; NULL is null. */
void cli_json_text(json_object *object, const char *key, const char *text);

/** Prints a value as cli_print() does. */
enum wv_exit cli_print_json(json_object *value);

#endif

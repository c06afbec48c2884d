/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines for the user, on standard error. */
#include "base/say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

char *wv_printable(const char *text)
{
	GString *out = g_string_new(NULL);

	while (*text) {
		gunichar c = g_utf8_get_char_validated(text, -1);
		bool whole = c != (gunichar)-1 && c != (gunichar)-2;

		if (whole && !g_unichar_iscntrl(c))
			g_string_append_unichar(out, c);
		else
			g_string_append_c(out, '?');
		text = whole ? g_utf8_next_char(text) : text + 1;
	}
	return g_string_free(out, FALSE);
}

void wv_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);

	g_autofree char *text = g_strdup_vprintf(format, arguments);
	g_autofree char *line = wv_printable(text);

	va_end(arguments);
	fprintf(stderr, "wyvern: %s\n", line);
}

enum wv_exit wv_fail(const GError *error)
{
	wv_say("%s", error->message);
	return wv_error_exit_code(error);
}

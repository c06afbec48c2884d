/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines for the user, on standard error. */
#include "base/say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/** Control characters and what is not UTF-8 become '?': texts may be the guest's. */
static void append_safe(GString *out, const char *text)
{
	while (*text) {
		gunichar c = g_utf8_get_char_validated(text, -1);
		bool whole = c != (gunichar)-1 && c != (gunichar)-2;

		if (whole && !g_unichar_iscntrl(c))
			g_string_append_unichar(out, c);
		else
			g_string_append_c(out, '?');
		text = whole ? g_utf8_next_char(text) : text + 1;
	}
}

void wv_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);

	g_autofree char *text = g_strdup_vprintf(format, arguments);
	g_autoptr(GString) line = g_string_new("wyvern: ");

	va_end(arguments);
	append_safe(line, text);
	fprintf(stderr, "%s\n", line->str);
}

enum wv_exit wv_fail(const GError *error)
{
	wv_say("%s", error->message);
	return wv_error_exit_code(error);
}

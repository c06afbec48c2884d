/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts about failures, and the console. */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "launcher/launcher.h"

bool wv_why(struct wv_why *why, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why->text, sizeof(why->text), format, arguments);
	va_end(arguments);
	return false;
}

void wv_say(const char *text)
{
	dprintf(STDERR_FILENO, "launcher: %s\n", text);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a value of a field is written. */
#ifndef WV_TESTS_FORMAT_VALUE_H
#define WV_TESTS_FORMAT_VALUE_H

#include <string.h>

#include "output/schema.h"

/** The text, until the next call. It ends within its buffer, or the test fails. */
static inline const char *format_value(wv_format_fn function, uint64_t value)
{
	static char text[WV_FORMAT_MAX];

	memset(text, '#', sizeof(text));
	function(value, text, sizeof(text));
	assert_non_null(memchr(text, '\0', sizeof(text)));
	return text;
}

#endif

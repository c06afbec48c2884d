/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flags of open files of Linux, as text. In the reader's process. */
#include "plugins/open_flags.h"

#include "plugins/syscalls/format.h"

#define SEPARATOR " | "

/** __FMODE_EXEC (include/linux/fs.h): in the kernel's flags, not in those of open(2). */
#define FLAG_EXEC UINT64_C(0x20)

void wv_format_open_flags(uint64_t value, char *text, size_t size)
{
	g_autoptr(GString) out = g_string_new(NULL);

	wv_append_set(out, &wv_constants_open_flags, value & ~FLAG_EXEC, SEPARATOR);
	if (value & FLAG_EXEC)
		wv_append_string(out, SEPARATOR "__FMODE_EXEC");
	wv_append_end(out);
	g_strlcpy(text, out->str, size);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flags of open files of Linux, as text. */
#ifndef WV_PLUGINS_OPEN_FLAGS_H
#define WV_PLUGINS_OPEN_FLAGS_H

#include <stddef.h>
#include <stdint.h>

/**
 * The flags of open(2), or of a struct file: "O_RDWR | O_CREAT"; a wv_format_fn. Kernels add one of
 * their own to a file that is executed: "O_RDONLY | __FMODE_EXEC".
 */
void wv_format_open_flags(uint64_t value, char *text, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arguments of system calls made by hand, and their texts. Include after cmocka.h. */
#ifndef TESTS_SYSCALL_TEXT_H
#define TESTS_SYSCALL_TEXT_H

#include <glib.h>

#include "plugins/syscalls/nt.h"

#define assert_text(text, expected) assert_string_equal(text, expected)

/** An argument without captured bytes, of a 64-bit caller. */
struct wv_arg argument(const char *call, const char *type, const char *name, uint64_t number);

/** The same of a service of Windows, on a 64-bit kernel; its call is not known. */
struct wv_arg nt_argument(const char *service, const char *name, uint64_t number);

/** Gives it a copy of the right size, so that a sanitizer sees each byte read beyond it. */
void set_bytes(struct wv_arg *arg, const void *bytes, size_t size);

/** Its text; valid until the next call. */
const char *text_of(const struct wv_arg *arg);

/** The text of a number alone. */
const char *nt_number_text(const char *service, const char *name, uint64_t number);
const char *number_text(const char *call, const char *type, const char *name, uint64_t number);

#endif

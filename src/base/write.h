/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing all of something. */
#ifndef WV_BASE_WRITE_H
#define WV_BASE_WRITE_H

#include <stdbool.h>
#include <stddef.h>

/** Writes all bytes, however many calls that takes. False: errno tells why. */
bool wv_write_all(int fd, const void *data, size_t size);

#endif

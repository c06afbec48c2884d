/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk that gets full: files of this process can not grow beyond a size. */
#ifndef TESTS_UNIT_FILE_LIMIT_H
#define TESTS_UNIT_FILE_LIMIT_H

#include <stdbool.h>
#include <sys/resource.h>

/** Writes beyond so many bytes fail, with EFBIG and without a signal. */
void file_limit_begin(rlim_t size);

/** Ends that; false when it can not be ended. */
bool file_limit_end(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that may not be there. */
#ifndef WV_NT_GUARDED_H
#define WV_NT_GUARDED_H

#include "nt.h"

/*
 * Copies bytes; 0, or 1 when one could not be read or written: that fault goes through
 * KiDispatchException as in Windows, where it is caught in the same way.
 */
int wv_copy_guarded(void *to, const void *from, size_t size);

#endif

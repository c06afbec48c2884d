/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kind of pool an allocation is from, as text. The tables are data/pool_*.tsv. */
#ifndef WV_PLUGINS_POOLMON_TYPES_H
#define WV_PLUGINS_POOLMON_TYPES_H

#include "output/names.h"

extern const struct wv_name_table wv_names_pool_types;
extern const struct wv_name_table wv_names_pool_type_flags; /**< single bits */
extern const struct wv_name_table wv_names_pool_flags;	    /**< single bits */

/**
 * A POOL_TYPE by its name, with the bits added to it: "NonPagedPoolNx|POOL_ZERO_ALLOCATION".
 * "unknown_pool_type" where a bit is left that has no meaning.
 */
void poolmon_format_type(uint64_t type, char *text, size_t size);

/** The POOL_FLAGS of ExAllocatePool2: see wv_format_flags(). */
void poolmon_format_flags(uint64_t flags, char *text, size_t size);

#endif

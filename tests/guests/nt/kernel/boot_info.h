/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the loader told: kept from the start on. */
#ifndef WV_NT_BOOT_INFO_H
#define WV_NT_BOOT_INFO_H

#include "../loader/boot.h"

extern struct wv_boot wv_boot;

#endif

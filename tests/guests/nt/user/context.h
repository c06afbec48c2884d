/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a CONTEXT has what a new thread begins with. */
#ifndef WV_NT_CONTEXT_H
#define WV_NT_CONTEXT_H

#include "offsets.h"

/* The first function, and its argument. */
#if WV_POINTER == 8
#define OFF_CONTEXT_START    OFF__CONTEXT_Rcx
#define OFF_CONTEXT_ARGUMENT OFF__CONTEXT_Rdx
#else
#define OFF_CONTEXT_START    OFF__CONTEXT_Eax
#define OFF_CONTEXT_ARGUMENT OFF__CONTEXT_Ebx
#endif

#endif

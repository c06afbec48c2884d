/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a CONTEXT has what programs put into it. */
#ifndef WV_NT_CONTEXT_H
#define WV_NT_CONTEXT_H

#include "offsets.h"

/* Of a new thread: the first function, and its argument. Where it goes on. */
#if WV_POINTER == 8
#define OFF_CONTEXT_START    OFF__CONTEXT_Rcx
#define OFF_CONTEXT_ARGUMENT OFF__CONTEXT_Rdx
#define OFF_CONTEXT_IP	     OFF__CONTEXT_Rip
#define OFF_CONTEXT_SP	     OFF__CONTEXT_Rsp
#define OFF_CONTEXT_BX	     OFF__CONTEXT_Rbx
#else
#define OFF_CONTEXT_START    OFF__CONTEXT_Eax
#define OFF_CONTEXT_ARGUMENT OFF__CONTEXT_Ebx
#define OFF_CONTEXT_IP	     OFF__CONTEXT_Eip
#define OFF_CONTEXT_SP	     OFF__CONTEXT_Esp
#define OFF_CONTEXT_BX	     OFF__CONTEXT_Ebx
#endif

#endif

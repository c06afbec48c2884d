/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions: from the processor's vector, or a program's wish, to KiDispatchException. */
#ifndef WV_NT_EXCEPTION_H
#define WV_NT_EXCEPTION_H

#include "nt.h"

NTAPI void KiDispatchException(struct _EXCEPTION_RECORD *record,
			       struct _KEXCEPTION_FRAME *exception, struct _KTRAP_FRAME *frame,
			       u8 previous_mode, u8 first_chance);
__attribute__((noreturn)) NTAPI void KeBugCheckEx(u32 code, word a, word b, word c, word d);
__attribute__((noreturn)) NTAPI void KeBugCheck2(u32 code, word a, word b, word c, word d,
						 struct _KTRAP_FRAME *frame);

/* Tells the build's variable where all programs have their dispatcher. */
void wv_exceptions_init(word dispatcher);

/* Assembly: makes the exception of a vector happen in the kernel; comes back behind it. */
void wv_raise_in_kernel(u32 vector);

static inline void wv_frame_set_result(struct _KTRAP_FRAME *frame, ntstatus status)
{
#if WV_POINTER == 8
	frame->Rax = status;
#else
	frame->Eax = status;
#endif
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trap frame's registers by the names that both widths have. */
#ifndef WV_NT_FRAME_H
#define WV_NT_FRAME_H

#include "nt.h"

/*
 * FRAME_REGISTERS: X(name in the truth, member of the frame), all that KTRAP_FRAME holds.
 * CONTEXT_REGISTERS: X(member), those that the frame and CONTEXT have by the same name.
 */
/* clang-format off */
#if WV_POINTER == 8
#define FRAME_ERROR ErrorCode
#define FRAME_IP    Rip
#define FRAME_SP    Rsp
#define FRAME_REGISTERS(X) \
	X("rip", Rip) X("rsp", Rsp) X("eflags", EFlags) X("cs", SegCs) X("rax", Rax) X("rcx", Rcx) \
	X("rdx", Rdx) X("rbx", Rbx) X("rbp", Rbp) X("rsi", Rsi) X("rdi", Rdi) X("r8", R8) \
	X("r9", R9) X("r10", R10) X("r11", R11)
#define CONTEXT_REGISTERS(X) \
	X(Rip) X(Rsp) X(EFlags) X(SegCs) X(SegSs) X(Rax) X(Rcx) X(Rdx) X(Rbx) X(Rbp) X(Rsi) X(Rdi) \
	X(R8) X(R9) X(R10) X(R11)
#else
#define FRAME_ERROR ErrCode
#define FRAME_IP    Eip
#define FRAME_SP    HardwareEsp
#define FRAME_REGISTERS(X) \
	X("eip", Eip) X("esp", HardwareEsp) X("eflags", EFlags) X("cs", SegCs) X("eax", Eax) \
	X("ecx", Ecx) X("edx", Edx) X("ebx", Ebx) X("ebp", Ebp) X("esi", Esi) X("edi", Edi)
#define CONTEXT_REGISTERS(X) \
	X(Eip) X(EFlags) X(SegCs) X(Eax) X(Ecx) X(Edx) X(Ebx) X(Ebp) X(Esi) X(Edi)
#endif
/* clang-format on */

#endif

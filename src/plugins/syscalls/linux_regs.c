/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers of user mode, which the entry code has put at the top of the thread's kernel stack
 * (arch/x86/include/asm/processor.h: task_pt_regs(); asm/thread_info.h: a kernel that knows FRED
 * leaves two words above them).
 */
#include "plugins/syscalls/linux.h"

#include <string.h>

#include "base/error.h"

/** struct pt_regs is smaller. */
#define REGS_MAX 256
/** No kernel has larger stacks (THREAD_SIZE, with KASAN). */
#define STACK_MAX (UINT64_C(64) << 10)

#define FRED_PADDING 16

/** arch/x86/include/uapi/asm/unistd.h: __X32_SYSCALL_BIT */
#define X32_BIT 0x40000000u
/** arch/x86/include/asm/thread_info.h: TS_COMPAT, a 32-bit call is being made */
#define TS_COMPAT 0x0002u

/* Arguments of the 64-bit table are in the registers of the SYSCALL instruction (the fourth in
 * r10), of the 32-bit table in those of int 0x80 (arch/x86/entry/calling.h, entry_64_compat.S). */
static const uint8_t registers[ABI_COUNT][CALL_ARGS] = {
	[ABI_64] = { REGS_DI, REGS_SI, REGS_DX, REGS_R10, REGS_R8, REGS_R9 },
	[ABI_X32] = { REGS_DI, REGS_SI, REGS_DX, REGS_R10, REGS_R8, REGS_R9 },
	[ABI_32] = { REGS_BX, REGS_CX, REGS_DX, REGS_SI, REGS_DI, REGS_BP },
};

/** A member's offset, if a register is there in a struct pt_regs that is no larger than it can be.
 */
static bool offset_of(struct wv_call *call, unsigned want, uint16_t *offset)
{
	uint64_t value = wv_call_place(call, want)->value;

	*offset = (uint16_t)value;
	return value <= wv_call_place(call, REGS_SIZE)->value - sizeof(uint64_t);
}

bool syscalls_regs_prepare(struct wv_call *call, struct calls *calls, GError **error)
{
	uint64_t size = wv_call_place(call, REGS_SIZE)->value;
	bool fits = size >= sizeof(uint64_t) && size <= REGS_MAX;

	calls->regs_size = (uint16_t)size;
	fits = fits && offset_of(call, REGS_ORIG_AX, &calls->orig_ax) &&
	       offset_of(call, REGS_SP, &calls->sp) && offset_of(call, REGS_AX, &calls->ax);
	for (unsigned abi = 0; abi < ABI_COUNT; abi++)
		for (unsigned i = 0; i < CALL_ARGS; i++)
			fits = fits && offset_of(call, registers[abi][i], &calls->args[abi][i]);
	if (!fits)
		g_set_error(error, WV_ERROR, WV_ERROR_FORMAT,
			    "struct pt_regs of the profile makes no sense");
	return fits;
}

uint64_t syscalls_regs_guess(struct wv_call *call)
{
	/* include/asm-generic/vmlinux.lds.h: the first task's stack is as large as any */
	const struct wv_place *start = wv_call_place(call, SYM_STACK_START);
	const struct wv_place *end = wv_call_place(call, SYM_STACK_END);
	uint64_t size = end->value - start->value;
	uint64_t used = wv_call_place(call, REGS_SIZE)->value +
			(wv_call_place(call, SYM_FRED)->found ? FRED_PADDING : 0);

	return start->found && end->found && size <= STACK_MAX && used < size ? size - used : 0;
}

/** From the thread's stack, without a look at the vCPU's registers; 0 when it is not known. */
static uint64_t from_stack(struct wv_call *call, uint64_t offset)
{
	uint64_t stack;

	if (!offset || !wv_call_read_u64(call, wv_call_thread(call), TASK_STACK, &stack))
		return 0;
	return stack + offset;
}

/** The function's argument: first or second, by version; the other one is the call's number. */
static uint64_t from_argument(struct wv_call *call)
{
	uint64_t first = wv_call_argument(call, 0);

	return (int64_t)first < 0 ? first : wv_call_argument(call, 1);
}

uint64_t syscalls_regs_argument(struct wv_call *call)
{
	struct calls *calls = wv_call_guest_data(call);
	bool confirmed = __atomic_load_n(&calls->regs_confirmed, __ATOMIC_ACQUIRE);
	uint64_t regs = confirmed ? from_stack(call, calls->regs_offset) : 0;
	uint64_t stack;

	if (regs)
		return regs;
	regs = from_argument(call);
	if (!confirmed && wv_call_read_u64(call, wv_call_thread(call), TASK_STACK, &stack) &&
	    regs - stack < STACK_MAX) {
		__atomic_store_n(&calls->regs_offset, regs - stack, __ATOMIC_RELAXED);
		__atomic_store_n(&calls->regs_confirmed, true, __ATOMIC_RELEASE);
	}
	return regs;
}

uint64_t syscalls_regs_of_thread(struct wv_call *call)
{
	struct calls *calls = wv_call_guest_data(call);

	return from_stack(call, __atomic_load_n(&calls->regs_offset, __ATOMIC_RELAXED));
}

enum call_abi syscalls_thread_abi(struct wv_call *call)
{
	uint32_t status;

	return wv_call_read_u32(call, wv_call_thread(call), THREAD_STATUS, &status) &&
			       (status & TS_COMPAT)
		       ? ABI_32
		       : ABI_64;
}

static uint64_t reg(const uint8_t *regs, uint16_t offset)
{
	uint64_t value;

	memcpy(&value, regs + offset, sizeof(value));
	return value;
}

/** The vDSO has pushed ebp, the sixth argument, last (arch/x86/entry/vdso/vdso32/system_call.S). */
static void read_bp(struct wv_call *call, uint32_t stack, struct call_saved *saved)
{
	uint32_t bp;

	if (wv_space_read_u32(wv_call_space(call), stack, &bp))
		saved->args[CALL_ARGS - 1] = bp;
}

bool syscalls_read_call(struct wv_call *call, uint64_t address, enum call_abi abi,
			struct call_saved *saved)
{
	const struct calls *calls = wv_call_guest_data(call);
	uint64_t copy[REGS_MAX / sizeof(uint64_t)];
	const uint8_t *regs = wv_call_stack(call, address, calls->regs_size, copy);

	if (!regs)
		return false;

	uint32_t number = (uint32_t)reg(regs, calls->orig_ax);

	if (number == UINT32_MAX) /* no call: how tracers and seccomp skip one */
		return false;
	if (abi == ABI_64 && (number & X32_BIT) && (int32_t)number >= 0) {
		abi = ABI_X32;
		number &= ~X32_BIT;
	}
	saved->number = number;
	saved->abi = (uint8_t)abi;
	saved->regs = address;
	if (!syscalls_info(call, abi, number)->wanted)
		return false;
	for (unsigned i = 0; i < CALL_ARGS; i++)
		saved->args[i] = reg(regs, calls->args[abi][i]);
	if (saved->bp_on_stack)
		read_bp(call, (uint32_t)reg(regs, calls->sp), saved);
	if (abi == ABI_32)
		for (unsigned i = 0; i < CALL_ARGS; i++)
			saved->args[i] = (uint32_t)saved->args[i];
	return true;
}

bool syscalls_read_result(struct wv_call *call, const struct call_saved *saved, int64_t *result)
{
	const struct calls *calls = wv_call_guest_data(call);
	uint64_t copy;
	const uint8_t *ax = wv_call_stack(call, saved->regs + calls->ax, sizeof(copy), &copy);

	if (!ax)
		return false;
	*result = syscalls_result((enum call_abi)saved->abi, reg(ax, 0));
	return true;
}

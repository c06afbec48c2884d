// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Exceptions. A fault on a page that can be brought in is nobody's business; all others become an
 * EXCEPTION_RECORD for KiDispatchException: caught in the kernel where memory is known to be
 * doubtful, handed to the program's dispatcher in user mode.
 */
#include "exception.h"
#include "cpu.h"
#include "end.h"
#include "frame.h"
#include "guarded.h"
#include "power.h"
#include "process.h"
#include "schedule.h"
#include "service.h"
#include "truth.h"
#include "user.h"

#define CONTEXT_ALL	  (WV_POINTER == 8 ? 0x10000bu : 0x10007u)
#define KMODE_NOT_HANDLED 0x1e
#define DOUBLE_FAULT	  0x7f
#define RECORD_BEHIND	  0x4f0 /* where Windows puts the record above the 64-bit CONTEXT */

/* The compiler's own: where the stack pointer points to as a function is entered. */
void *_AddressOfReturnAddress(void);

extern char wv_guarded_instruction[], wv_guarded_failed[];
extern char wv_raised_in_kernel[];
#ifdef HAS_KeUserExceptionDispatcher
extern word KeUserExceptionDispatcher;
#endif

/* What the processor's vector means, and what is told with it. */
static bool describe(struct _EXCEPTION_RECORD *record, struct _KTRAP_FRAME *frame, u32 vector,
		     word fault)
{
	u8 byte = 0;

	switch (vector) {
	case 0:
		record->ExceptionCode = (int)STATUS_INTEGER_DIVIDE_BY_ZERO;
		return true;
	case 1:
		record->ExceptionCode = (int)STATUS_SINGLE_STEP;
		return true;
	case 3:
		/* The instruction has been executed; Windows goes back to it. */
		frame->FRAME_IP--;
		record->ExceptionCode = (int)STATUS_BREAKPOINT;
		record->NumberParameters = 1;
		return true;
	case 4:
		record->ExceptionCode = (int)STATUS_INTEGER_OVERFLOW;
		return true;
	case 6:
		record->ExceptionCode = (int)STATUS_ILLEGAL_INSTRUCTION;
		return true;
	case 13:
		wv_copy_guarded(&byte, (void *)frame->FRAME_IP, 1);
		if (byte == 0xf4 || byte == 0xfa) {
			record->ExceptionCode = (int)STATUS_PRIVILEGED_INSTRUCTION;
			return true;
		}
		record->ExceptionCode = (int)STATUS_ACCESS_VIOLATION;
		record->NumberParameters = 2;
		record->ExceptionInformation[1] = (word)-1;
		return true;
	case 14:
		record->ExceptionCode = (int)STATUS_ACCESS_VIOLATION;
		record->NumberParameters = 2;
		/* Read, write or execution, as in the error code. */
		record->ExceptionInformation[0] = frame->FRAME_ERROR & 0x10 ? 8
						  : frame->FRAME_ERROR & 2  ? 1
									    : 0;
		record->ExceptionInformation[1] = fault;
		return true;
	}
	return false;
}

/* Called by assembly with the frames that it has filled in; fault: CR2. */
void wv_trap(struct _KTRAP_FRAME *frame, struct _KEXCEPTION_FRAME *exception, u32 vector,
	     word fault)
{
	struct _EXCEPTION_RECORD record;
	bool user = frame->SegCs & 3;

	if (vector == 14 && !(frame->FRAME_ERROR & 1) &&
	    wv_page_in((struct _EPROCESS *)wv_current_thread()->Tcb.ApcState.Process, fault))
		return;
	memset(&record, 0, sizeof(record));
	if (!describe(&record, frame, vector, fault))
		KeBugCheckEx(DOUBLE_FAULT, vector, (word)frame->FRAME_IP, fault, (word)frame);
	record.ExceptionAddress = (void *)frame->FRAME_IP;
	if (user)
		wv_current_thread()->Tcb.PreviousMode = USER_MODE;
	KiDispatchException(&record, exception, frame, user ? USER_MODE : KERNEL_MODE, true);
}

static void tell(const struct wv_call *call, const void *stack,
		 const struct _EXCEPTION_RECORD *record, const struct _KEXCEPTION_FRAME *exception,
		 const struct _KTRAP_FRAME *frame, u8 mode, u8 first)
{
	if (!wv_fact_call(call))
		return;
	wv_fact_hex("stack", (word)stack);
	wv_fact_hex("record", (word)record);
	wv_fact_hex("code", (u32)record->ExceptionCode);
	wv_fact_hex("address", (word)record->ExceptionAddress);
	wv_fact_int("parameters", (int)record->NumberParameters);
	wv_fact_hex("parameter_0", record->ExceptionInformation[0]);
	wv_fact_hex("parameter_1", record->ExceptionInformation[1]);
	wv_fact_hex("exception_frame", (word)exception);
	wv_fact_hex("trap_frame", (word)frame);
	wv_fact_int("previous_mode", mode);
	wv_fact_int("first_chance", first);
#define REGISTER(name, member) wv_fact_hex(name, frame->member);
	FRAME_REGISTERS(REGISTER)
#undef REGISTER
	wv_fact_end();
}

static bool catch_in_kernel(struct _KTRAP_FRAME *frame)
{
	word at = (word)frame->FRAME_IP;

	if (at == (word)wv_guarded_instruction)
		frame->FRAME_IP = (word)wv_guarded_failed;
	else if (at >= (word)wv_raise_in_kernel && at < (word)wv_raised_in_kernel)
		frame->FRAME_IP = (word)wv_raised_in_kernel;
	else
		return false;
	return true;
}

/* Puts record and context on the user's stack, and makes the frame go to the dispatcher. */
static bool hand_to_program(const struct _EXCEPTION_RECORD *record, struct _KTRAP_FRAME *frame,
			    word dispatcher)
{
	struct _CONTEXT context;
	word stack = ((word)frame->FRAME_SP - 0x1000) & ~(word)63;

	memset(&context, 0, sizeof(context));
	context.ContextFlags = CONTEXT_ALL;
#define REGISTER(member) context.member = frame->member;
	CONTEXT_REGISTERS(REGISTER)
#undef REGISTER
#if WV_POINTER == 8
	if (wv_copy_guarded((void *)stack, &context, sizeof(context)) ||
	    wv_copy_guarded((void *)(stack + RECORD_BEHIND), record, sizeof(*record)))
		return false;
	frame->SegCs = SELECTOR_USER_64;
#else
	{
		word pointers[2] = { stack + 8, stack + 8 + sizeof(*record) };

		context.Esp = frame->HardwareEsp;
		if (wv_copy_guarded((void *)stack, pointers, sizeof(pointers)) ||
		    wv_copy_guarded((void *)pointers[0], record, sizeof(*record)) ||
		    wv_copy_guarded((void *)pointers[1], &context, sizeof(context)))
			return false;
	}
#endif
	frame->EFlags &= ~0x100u; /* the dispatcher itself is not stepped through */
	frame->FRAME_SP = stack;
	frame->FRAME_IP = dispatcher;
	return true;
}

NTAPI void wv_KiDispatchException(struct _EXCEPTION_RECORD *record,
				  struct _KEXCEPTION_FRAME *exception, struct _KTRAP_FRAME *frame,
				  u8 previous_mode, u8 first_chance)
{
	struct wv_call call = wv_enter("KiDispatchException");
	struct _EPROCESS *process = wv_process_of(call.thread);

	tell(&call, _AddressOfReturnAddress(), record, exception, frame, previous_mode,
	     first_chance);
	if (previous_mode == KERNEL_MODE) {
		if (!first_chance || !catch_in_kernel(frame))
			KeBugCheckEx(KMODE_NOT_HANDLED, (u32)record->ExceptionCode,
				     (word)record->ExceptionAddress,
				     (word)record->ExceptionInformation[0],
				     (word)record->ExceptionInformation[1]);
		return;
	}
	if (first_chance &&
	    hand_to_program(record, frame, wv_process_info(process)->user_dispatcher))
		return;
	/* Nobody wants it: Windows ends the process, the guest only the thread. */
	PspExitThread((u32)record->ExceptionCode);
}

/* The caller's registers become those of a CONTEXT; a WoW64 program's code is 32-bit then. */
static ntstatus set_context(const void *from)
{
	struct _KTRAP_FRAME *frame = wv_current_thread()->Tcb.TrapFrame;
	struct _CONTEXT context;

	if (wv_copy_guarded(&context, from, sizeof(context)))
		return STATUS_ACCESS_VIOLATION;
#define REGISTER(member) frame->member = context.member;
	CONTEXT_REGISTERS(REGISTER)
#undef REGISTER
#if WV_POINTER == 4
	frame->HardwareEsp = context.Esp;
#endif
	frame->SegCs |= 3;
	frame->EFlags = (frame->EFlags & 0xcd5) | 0x202;
	return STATUS_SUCCESS;
}

static ntstatus continue_at(struct wv_request *request)
{
	ntstatus status = set_context((void *)request->arguments[0]);

	if (status)
		return status;
	wv_service_leave();
}

static ntstatus raise_exception(struct wv_request *request)
{
	struct _EXCEPTION_RECORD record;
	ntstatus status;
#if WV_POINTER == 8
	struct _KEXCEPTION_FRAME others = { .P1Home = 0 }, *exception = &others;
#else
	struct _KEXCEPTION_FRAME *exception = NULL;
#endif

	if (wv_copy_guarded(&record, (void *)request->arguments[0], sizeof(record)))
		return STATUS_ACCESS_VIOLATION;
	status = set_context((void *)request->arguments[1]);
	if (status)
		return status;
	/* Windows clears a bit in which the kernel's own codes differ. */
	record.ExceptionCode &= ~0x10000000;
	KiDispatchException(&record, exception, (void *)wv_current_thread()->Tcb.TrapFrame,
			    USER_MODE, (u8)request->arguments[2]);
	wv_service_leave();
}

const struct wv_handler wv_exception_handlers[] = {
	{ "NtContinue", continue_at, ".." },
	{ "NtRaiseException", raise_exception, "..." },
	{ .name = NULL },
};

NTAPI void wv_KeBugCheckEx(u32 code, word a, word b, word c, word d)
{
	struct wv_call call = wv_enter("KeBugCheckEx");

	wv_telling = true;
	wv_fact_call(&call);
	wv_fact_hex("code", code);
	wv_fact_hex("parameter_1", a);
	wv_fact_hex("parameter_2", b);
	wv_fact_hex("parameter_3", c);
	wv_fact_hex("parameter_4", d);
	wv_fact_end();
	KeBugCheck2(code, a, b, c, d, NULL);
}

/* All ways to a bug check end here. */
NTAPI void wv_KeBugCheck2(u32 code, word a, word b, word c, word d, struct _KTRAP_FRAME *frame)
{
	(void)code;
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	(void)frame;
	wv_restart();
}

void wv_exceptions_init(word dispatcher)
{
#ifdef HAS_KeUserExceptionDispatcher
	KeUserExceptionDispatcher = dispatcher;
#else
	(void)dispatcher;
#endif
}

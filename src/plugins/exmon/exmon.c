/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exmon: exceptions that the Windows kernel dispatches, with the registers where they happened. */
#include "guest/windows/windows.h"
#include "monitor/plugin.h"
#include "output/names.h"

/** The registers that are told, in their order; those of 32 bits are the first of them. */
enum frame_register {
	FRAME_IP,
	FRAME_AX,
	FRAME_BX,
	FRAME_CX,
	FRAME_DX,
	FRAME_DI,
	FRAME_SI,
	FRAME_BP,
	FRAME_SP,
	REGISTERS_32,
	FRAME_R8 = REGISTERS_32,
	FRAME_R9,
	FRAME_R10,
	FRAME_R11,
	REGISTERS_64,
};

enum exmon_want { RECORD_CODE, FRAME, WANT_COUNT = FRAME + REGISTERS_64 };

static const struct wv_want wants[WANT_COUNT] = {
	[RECORD_CODE] = WV_MEMBER("_EXCEPTION_RECORD", "ExceptionCode", "ExceptionCode"),
	[FRAME + FRAME_IP] = WV_MEMBER("_KTRAP_FRAME", "Rip|Eip", "RIP, EIP"),
	[FRAME + FRAME_AX] = WV_MEMBER("_KTRAP_FRAME", "Rax|Eax", "RAX, EAX"),
	[FRAME + FRAME_BX] = WV_MEMBER("_KTRAP_FRAME", "Rbx|Ebx", "RBX, EBX"),
	[FRAME + FRAME_CX] = WV_MEMBER("_KTRAP_FRAME", "Rcx|Ecx", "RCX, ECX"),
	[FRAME + FRAME_DX] = WV_MEMBER("_KTRAP_FRAME", "Rdx|Edx", "RDX, EDX"),
	[FRAME + FRAME_DI] = WV_MEMBER("_KTRAP_FRAME", "Rdi|Edi", "RDI, EDI"),
	[FRAME + FRAME_SI] = WV_MEMBER("_KTRAP_FRAME", "Rsi|Esi", "RSI, ESI"),
	[FRAME + FRAME_BP] = WV_MEMBER("_KTRAP_FRAME", "Rbp|Ebp", "RBP, EBP"),
	[FRAME + FRAME_SP] = WV_MEMBER("_KTRAP_FRAME", "Rsp|HardwareEsp", "RSP, ESP"),
	/* kernels of 32 bits have none */
	[FRAME + FRAME_R8] = WV_MEMBER_IF_ANY("_KTRAP_FRAME", "R8"),
	[FRAME + FRAME_R9] = WV_MEMBER_IF_ANY("_KTRAP_FRAME", "R9"),
	[FRAME + FRAME_R10] = WV_MEMBER_IF_ANY("_KTRAP_FRAME", "R10"),
	[FRAME + FRAME_R11] = WV_MEMBER_IF_ANY("_KTRAP_FRAME", "R11"),
};

/* The events: one for each width. After the registers comes the process's name. */
enum exmon_event { EXCEPTION_64, EXCEPTION_32, EVENT_COUNT };
enum exception_field { KERNEL_STACK, RECORD, CODE, CODE_NAME, FIRST_CHANCE, REGISTERS };

#define RECORD_FIELDS                                                                              \
	[KERNEL_STACK] = { "KernelRSP", WV_KIND_HEX,                                               \
			   .meaning = "The kernel's stack pointer, RSP or ESP, in the call." },    \
	[RECORD] = { "ExceptionRecord", WV_KIND_HEX,                                               \
		     .meaning = "Where the kernel describes the exception." },                     \
	[CODE] = { "ExceptionCode", WV_KIND_HEX, .meaning = "What has happened." },                \
	[CODE_NAME] = { "ExceptionName", WV_KIND_NAME, wv_format_exception,                        \
			.meaning = "The name of that code." },                                     \
	[FIRST_CHANCE] = { "FirstChance", WV_KIND_NUMBER,                                          \
			   .meaning =                                                              \
				   "1: nobody has been asked to handle it yet; 0: nobody did." }
#define REGISTER_FIELD(index, name)                                                                \
	[REGISTERS + (index)] = { name, WV_KIND_HEX, .meaning = "The register in the trap frame." }
#define PROCESS_FIELD(index)                                                                       \
	[REGISTERS + (index)] = {                                                                  \
		"Name", WV_KIND_STRING, .optional = true,                                          \
		.meaning = "The process's image name; absent where the exception is the kernel's." \
	}

static const struct wv_field fields_64[] = {
	RECORD_FIELDS,
	REGISTER_FIELD(FRAME_IP, "RIP"),
	REGISTER_FIELD(FRAME_AX, "RAX"),
	REGISTER_FIELD(FRAME_BX, "RBX"),
	REGISTER_FIELD(FRAME_CX, "RCX"),
	REGISTER_FIELD(FRAME_DX, "RDX"),
	REGISTER_FIELD(FRAME_DI, "RDI"),
	REGISTER_FIELD(FRAME_SI, "RSI"),
	REGISTER_FIELD(FRAME_BP, "RBP"),
	REGISTER_FIELD(FRAME_SP, "RSP"),
	REGISTER_FIELD(FRAME_R8, "R8"),
	REGISTER_FIELD(FRAME_R9, "R9"),
	REGISTER_FIELD(FRAME_R10, "R10"),
	REGISTER_FIELD(FRAME_R11, "R11"),
	PROCESS_FIELD(REGISTERS_64),
};

static const struct wv_field fields_32[] = {
	RECORD_FIELDS,
	REGISTER_FIELD(FRAME_IP, "EIP"),
	REGISTER_FIELD(FRAME_AX, "EAX"),
	REGISTER_FIELD(FRAME_BX, "EBX"),
	REGISTER_FIELD(FRAME_CX, "ECX"),
	REGISTER_FIELD(FRAME_DX, "EDX"),
	REGISTER_FIELD(FRAME_DI, "EDI"),
	REGISTER_FIELD(FRAME_SI, "ESI"),
	REGISTER_FIELD(FRAME_BP, "EBP"),
	[REGISTERS + FRAME_SP] = { "ESP", WV_KIND_HEX,
				   .meaning = "The register of user mode; of an exception of the "
					      "kernel, whatever is in its place." },
	PROCESS_FIELD(REGISTERS_32),
};

static const struct wv_event_type exception_64 = {
	.plugin = "exmon",
	.methods = { "KiDispatchException" },
	.os = WV_OS_WINDOWS,
	.fields = fields_64,
	.n_fields = G_N_ELEMENTS(fields_64),
	.meaning = "An exception is dispatched by a kernel of 64 bits.",
};

static const struct wv_event_type exception_32 = {
	.plugin = "exmon",
	.methods = { "KiDispatchException" },
	.os = WV_OS_WINDOWS,
	.fields = fields_32,
	.n_fields = G_N_ELEMENTS(fields_32),
	.meaning = "An exception is dispatched by a kernel of 32 bits.",
};

static const struct wv_event_type *const events[EVENT_COUNT] = {
	[EXCEPTION_64] = &exception_64,
	[EXCEPTION_32] = &exception_32,
};

static const unsigned register_counts[EVENT_COUNT] = {
	[EXCEPTION_64] = REGISTERS_64,
	[EXCEPTION_32] = REGISTERS_32,
};

static void put_code(struct wv_call *call, struct wv_event *event, uint64_t record)
{
	uint32_t code;

	if (wv_call_read_u32(call, record, RECORD_CODE, &code)) {
		wv_event_unsigned(event, CODE, code);
		wv_event_unsigned(event, CODE_NAME, code);
	} else {
		wv_event_unreadable(event, CODE);
		wv_event_unreadable(event, CODE_NAME);
	}
}

static void put_registers(struct wv_call *call, struct wv_event *event, uint64_t frame,
			  unsigned count)
{
	uint64_t value;

	for (unsigned i = 0; i < count; i++)
		if (wv_call_read_bits(call, frame, FRAME + i, &value))
			wv_event_unsigned(event, REGISTERS + i, value);
		else
			wv_event_unreadable(event, REGISTERS + i);
}

/* void KiDispatchException(PEXCEPTION_RECORD, PKEXCEPTION_FRAME, PKTRAP_FRAME,
 *                          KPROCESSOR_MODE previous, BOOLEAN first chance) */
static enum wv_verdict exception_entry(struct wv_call *call)
{
	uint64_t record = wv_call_argument(call, 0);
	uint64_t frame = wv_call_argument(call, 2);
	bool of_user = (uint8_t)wv_call_argument(call, 3) == WV_WINDOWS_USER_MODE;
	bool first_chance = (uint8_t)wv_call_argument(call, 4) != 0;
	unsigned type = wv_windows_is_64(wv_call_guest(call)) ? EXCEPTION_64 : EXCEPTION_32;
	unsigned registers = register_counts[type];
	struct wv_event *event = wv_event_open(call, type);

	wv_event_unsigned(event, KERNEL_STACK, wv_call_stack_pointer(call));
	wv_event_unsigned(event, RECORD, record);
	put_code(call, event, record);
	wv_event_unsigned(event, FIRST_CHANCE, first_chance);
	put_registers(call, event, frame, registers);
	if (of_user) {
		const struct wv_identity *caller = wv_call_caller(call);

		wv_event_text(event, REGISTERS + registers, caller->name, caller->name_size,
			      caller->name_truncated);
	}
	wv_event_close(event);
	return WV_DONE;
}

static const struct wv_trap_def traps[] = {
	{ { "KiDispatchException" }, .ttl = true, .on_entry = exception_entry },
};

static const struct wv_plugin_guest on_windows = {
	.os = WV_OS_WINDOWS,
	.traps = traps,
	.n_traps = G_N_ELEMENTS(traps),
	.wants = wants,
	.n_wants = G_N_ELEMENTS(wants),
};

const struct wv_plugin wv_plugin_exmon = {
	.name = "exmon",
	.summary = "exceptions, in programs and in the kernel, with registers",
	.events = events,
	.n_events = G_N_ELEMENTS(events),
	.guests = { &on_windows },
};

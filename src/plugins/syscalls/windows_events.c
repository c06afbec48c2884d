/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of Windows' services. */
#include "output/names.h"
#include "plugins/syscalls/syscalls.h"

/** Windows Driver Kit, wdm.h: MODE. */
static void format_mode(uint64_t mode, char *text, size_t size)
{
	static const char *const names[] = { "Kernel", "User" };

	g_strlcpy(text, mode < G_N_ELEMENTS(names) ? names[mode] : "?", size);
}

#define COMMON_FIELDS                                                                              \
	[SERVICE_MODULE] = { "Module", WV_KIND_STRING, .given = WV_GIVEN_TEXT, .text = "nt",       \
			     .meaning = "\"nt\", the kernel." },                                   \
	[SERVICE_VCPU] = { "vCPU", WV_KIND_NUMBER, .given = WV_GIVEN_VCPU,                         \
			   .meaning = "The virtual CPU of the call." },                            \
	[SERVICE_CR3] = { "CR3", WV_KIND_HEX, .given = WV_GIVEN_CR3,                               \
			  .meaning = "The CR3 register." },                                        \
	[SERVICE_SYSCALL] = { "Syscall", WV_KIND_NUMBER,                                           \
			      .meaning = "The service's number in this kernel." }

static const struct wv_field call_fields[] = {
	COMMON_FIELDS,
	[SERVICE_N_ARGS] = { "NArgs", WV_KIND_NUMBER, .meaning = "How many arguments follow." },
	[SERVICE_PREVIOUS_MODE] = { "PreviousMode", WV_KIND_NAME, format_mode, .optional = true,
				    .meaning = "\"User\" or \"Kernel\": where the call is from; "
					       "absent if that can not be read." },
	[SERVICE_FROM_MODULE] = { "FromModule", WV_KIND_STRING, .optional = true,
				  .meaning =
					  "The module of the program that makes the call, which "
					  "usually is ntdll.dll; \"(none)\" where its code is in none "
					  "of them. Absent where the call comes from the kernel, or "
					  "its modules can not be read, as while they are not "
					  "loaded yet. Of a WoW64 program it is one of its 64-bit "
					  "modules, such as wow64cpu.dll." },
	[SERVICE_CALLER] = { "Caller", WV_KIND_STRING, .optional = true,
			     .meaning = "\"wow64\" for the call of a 32-bit program in a 64-bit "
					"kernel; absent otherwise." },
};

static const struct wv_field return_fields[] = {
	COMMON_FIELDS,
	[SERVICE_RET] = { "Ret", WV_KIND_HEX, .meaning = "What the service returned." },
	[SERVICE_INFO] = { "Info", WV_KIND_NAME, wv_format_ntstatus, .optional = true,
			   .meaning = "The name of that status; absent where it is no status." },
};

const struct wv_event_type syscalls_service = {
	.plugin = "syscall",
	.os = WV_OS_WINDOWS,
	.fields = call_fields,
	.n_fields = G_N_ELEMENTS(call_fields),
	.open_ended = true,
	.defined = true,
	.resolve = syscalls_resolve_nt,
	.raw_text = syscalls_raw_text,
	.meaning =
		"A service of the kernel is entered. Method is its name; its arguments follow as "
		"texts.",
};

const struct wv_event_type syscalls_service_return = {
	.plugin = "sysret",
	.os = WV_OS_WINDOWS,
	.fields = return_fields,
	.n_fields = G_N_ELEMENTS(return_fields),
	.open_ended = true,
	.defined = true,
	.resolve = syscalls_resolve_nt,
	.raw_text = syscalls_raw_text_of_return,
	.meaning = "It has returned. Arguments follow that it has filled in, and those that were "
		   "not in memory when it was entered.",
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes: making them, waiting for them, their limits, scheduling and rights. */
#include <string.h>

#include "output/names.h"
#include "plugins/syscalls/format.h"

/* Linux, include/uapi/linux/sched.h: CSIGNAL. */
#define CLONE_SIGNAL 0xff

/* include/uapi/linux/wait.h and the wait(2) macros: how a status is put together. */
#define STATUS_SIGNAL(status)	 ((status)&0x7f)
#define STATUS_CORE(status)	 ((status)&0x80)
#define STATUS_CODE(status)	 ((status) >> 8 & 0xff)
#define STATUS_STOPPED(status)	 (((status)&0xff) == 0x7f)
#define STATUS_CONTINUED(status) ((status) == 0xffff)

#define NAME_SIZE 65 /* struct new_utsname, include/uapi/linux/utsname.h */

extern const struct wv_constants wv_constants_sched_policy;
extern const struct wv_constants wv_constants_sched_flags;
extern const struct wv_constants wv_constants_capabilities;

/* clone -----------------------------------------------------------------------------------------*/

static void append_clone_flags(GString *out, uint64_t flags)
{
	char text[1024];

	wv_format_clone_flags(flags, text, sizeof(text));
	wv_append_string(out, text);
}

/* clone(2): the flags, and the signal of the child's end in the lowest byte. */
void wv_decode_clone_flags(const struct wv_arg *arg, GString *out)
{
	uint64_t number = wv_number(arg);
	uint64_t signal = number & CLONE_SIGNAL;

	if (number != signal || signal == 0)
		append_clone_flags(out, number - signal);
	if (number != signal && signal != 0)
		wv_append_char(out, '|');
	if (signal)
		wv_append_signal(out, signal);
}

/* unshare(2), setns(2): flags alone. */
void wv_decode_namespaces(const struct wv_arg *arg, GString *out)
{
	append_clone_flags(out, wv_number(arg));
}

/* struct clone_args: eight 64-bit members at first, ten and eleven later. */
void wv_decode_clone_args(const struct wv_arg *arg, GString *out)
{
	static const struct {
		const char *name;
		uint8_t offset;
	} pointers[] = {
		{ "pidfd", 8 },	      { "child_tid", 16 }, { "parent_tid", 24 }, { "stack", 40 },
		{ "stack_size", 48 }, { "tls", 56 },	   { "set_tid", 64 },
	};

	if (!wv_has(arg, 0, 64)) {
		wv_append_address(out, wv_number(arg));
		return;
	}
	wv_append_char(out, '{');
	wv_append_member(out, "flags");
	append_clone_flags(out, wv_u64(arg, 0));
	for (size_t i = 0; i < G_N_ELEMENTS(pointers); i++) {
		uint64_t value = wv_u64(arg, pointers[i].offset);

		if (!value)
			continue;
		wv_append_member(out, pointers[i].name);
		wv_append_hex(out, value);
	}
	wv_append_member(out, "exit_signal");
	if (wv_u64(arg, 32))
		wv_append_signal(out, wv_u64(arg, 32));
	else
		wv_append_char(out, '0');
	if (wv_u64(arg, 80)) {
		wv_append_member(out, "cgroup");
		wv_append_u64(out, wv_u64(arg, 80));
	}
	wv_append_closing(arg, out, '}');
}

/* wait ------------------------------------------------------------------------------------------*/

/* "[exit 3]", "[SIGKILL]", "[SIGSEGV core dumped]", "[stopped SIGSTOP]", "[continued]". */
void wv_decode_wait_status(const struct wv_arg *arg, GString *out)
{
	uint32_t status = wv_u32(arg, 0);

	wv_append_char(out, '[');
	if (STATUS_CONTINUED(status)) {
		WV_APPEND(out, "continued");
	} else if (STATUS_STOPPED(status)) {
		WV_APPEND(out, "stopped ");
		wv_append_signal(out, STATUS_CODE(status));
		if (status >> 16) {
			WV_APPEND(out, " event ");
			wv_append_u64(out, status >> 16);
		}
	} else if (STATUS_SIGNAL(status) == 0) {
		WV_APPEND(out, "exit ");
		wv_append_u64(out, STATUS_CODE(status));
	} else {
		wv_append_signal(out, STATUS_SIGNAL(status));
		if (STATUS_CORE(status))
			WV_APPEND(out, " core dumped");
	}
	wv_append_char(out, ']');
}

/* struct rusage: times of user and kernel, the most memory at once in KiB. */
void wv_decode_rusage(const struct wv_arg *arg, GString *out)
{
	size_t word = wv_word_size(arg);

	wv_append_char(out, '{');
	wv_append_member(out, "utime");
	wv_append_seconds(out, wv_signed_word(arg, 0), wv_signed_word(arg, word), 6);
	wv_append_member(out, "stime");
	wv_append_seconds(out, wv_signed_word(arg, 2 * word), wv_signed_word(arg, 3 * word), 6);
	wv_append_member(out, "maxrss");
	wv_append_i64(out, wv_signed_word(arg, 4 * word));
	wv_append_char(out, '}');
}

/* struct tms: four words, clock ticks. */
void wv_decode_tms(const struct wv_arg *arg, GString *out)
{
	static const char *const names[] = { "utime", "stime", "cutime", "cstime" };

	wv_append_char(out, '{');
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		wv_append_member(out, names[i]);
		wv_append_i64(out, wv_signed_word(arg, i * wv_word_size(arg)));
	}
	wv_append_char(out, '}');
}

/* Limits ----------------------------------------------------------------------------------------*/

static void append_limits(GString *out, uint64_t current, uint64_t most, uint64_t infinity)
{
	const struct {
		const char *name;
		uint64_t value;
	} limits[] = { { "cur", current }, { "max", most } };

	wv_append_char(out, '{');
	for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
		wv_append_member(out, limits[i].name);
		if (limits[i].value == infinity)
			WV_APPEND(out, "RLIM_INFINITY");
		else
			wv_append_u64(out, limits[i].value);
	}
	wv_append_char(out, '}');
}

void wv_decode_rlimit(const struct wv_arg *arg, GString *out)
{
	size_t word = wv_word_size(arg);

	append_limits(out, wv_word(arg, 0), wv_word(arg, word),
		      arg->compat ? UINT32_MAX : UINT64_MAX);
}

void wv_decode_rlimit64(const struct wv_arg *arg, GString *out)
{
	append_limits(out, wv_u64(arg, 0), wv_u64(arg, 8), UINT64_MAX);
}

/* Scheduling ------------------------------------------------------------------------------------*/

/* struct sched_attr: size, policy, flags, nice, priority, then runtime, deadline, period. */
void wv_decode_sched_attr(const struct wv_arg *arg, GString *out)
{
	if (!wv_has(arg, 0, 48)) {
		wv_append_address(out, wv_number(arg));
		return;
	}
	wv_append_char(out, '{');
	wv_append_name(out, &wv_constants_sched_policy, wv_u32(arg, 4));
	wv_append_member(out, "flags");
	wv_append_flags(out, &wv_constants_sched_flags, wv_u64(arg, 8));
	wv_append_member(out, "nice");
	wv_append_i64(out, (int32_t)wv_u32(arg, 16));
	wv_append_member(out, "priority");
	wv_append_u64(out, wv_u32(arg, 20));
	if (wv_u64(arg, 24)) {
		wv_append_member(out, "runtime");
		wv_append_u64(out, wv_u64(arg, 24));
		wv_append_member(out, "deadline");
		wv_append_u64(out, wv_u64(arg, 32));
		wv_append_member(out, "period");
		wv_append_u64(out, wv_u64(arg, 40));
	}
	wv_append_closing(arg, out, '}');
}

/* A set of CPUs, or of memory nodes: "{0-3 6}". */
void wv_decode_cpu_set(const struct wv_arg *arg, GString *out)
{
	size_t bits = arg->size * 8;
	bool first = true;

	wv_append_char(out, '{');
	for (size_t i = 0; i < bits; i++) {
		size_t start = i;

		while (i < bits && (arg->bytes[i / 8] >> (i % 8) & 1))
			i++;
		if (i == start)
			continue;
		if (!first)
			wv_append_char(out, ' ');
		wv_append_u64(out, start);
		if (i - start > 1) {
			wv_append_char(out, '-');
			wv_append_u64(out, i - 1);
		}
		first = false;
	}
	wv_append_more(arg, out);
	wv_append_char(out, '}');
}

/* Rights ----------------------------------------------------------------------------------------*/

/* cap_user_header_t: version, process. */
void wv_decode_cap_header(const struct wv_arg *arg, GString *out)
{
	wv_append_char(out, '{');
	wv_append_member(out, "version");
	wv_append_hex(out, wv_u32(arg, 0));
	wv_append_member(out, "pid");
	wv_append_i64(out, (int32_t)wv_u32(arg, 4));
	wv_append_char(out, '}');
}

static void append_capabilities(const struct wv_arg *arg, GString *out, const char *name, size_t at)
{
	uint64_t set = wv_u32(arg, at) | (uint64_t)wv_u32(arg, at + 12) << 32;

	wv_append_member(out, name);
	wv_append_flags(out, &wv_constants_capabilities, set);
}

/* cap_user_data_t: effective, permitted, inheritable; the lower 32, then the upper. */
void wv_decode_cap_data(const struct wv_arg *arg, GString *out)
{
	wv_append_char(out, '{');
	append_capabilities(arg, out, "effective", 0);
	append_capabilities(arg, out, "permitted", 4);
	append_capabilities(arg, out, "inheritable", 8);
	wv_append_char(out, '}');
}

/* The system ------------------------------------------------------------------------------------*/

/* struct new_utsname, old_utsname: fields of 65 bytes; oldold_utsname: of 9. */
void wv_decode_utsname(const struct wv_arg *arg, GString *out)
{
	static const char *const names[] = { "sysname", "nodename", "release", "version",
					     "machine" };
	size_t field = arg->decoder->size >= 5 * NAME_SIZE ? NAME_SIZE : 9;

	wv_append_char(out, '{');
	for (size_t i = 0; i < G_N_ELEMENTS(names) && wv_has(arg, i * field, field); i++) {
		const uint8_t *text = arg->bytes + i * field;

		wv_append_member(out, names[i]);
		wv_append_quoted(out, text, strnlen((const char *)text, field));
	}
	wv_append_char(out, '}');
}

/* struct sysinfo: uptime, three loads, memory; words, counted in units of mem_unit. */
void wv_decode_sysinfo(const struct wv_arg *arg, GString *out)
{
	size_t word = wv_word_size(arg);

	wv_append_char(out, '{');
	wv_append_member(out, "uptime");
	wv_append_i64(out, wv_signed_word(arg, 0));
	wv_append_member(out, "totalram");
	wv_append_u64(out, wv_word(arg, 4 * word));
	wv_append_member(out, "freeram");
	wv_append_u64(out, wv_word(arg, 5 * word));
	wv_append_member(out, "procs");
	wv_append_u64(out, wv_u16(arg, 10 * word));
	wv_append_char(out, '}');
}

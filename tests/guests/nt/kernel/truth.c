// SPDX-License-Identifier: GPL-2.0-or-later
/* Writes facts to the debug port. */
#include "truth.h"
#include "cpu.h"
#include "power.h"
#include "process.h"

#define DEBUG_PORT 0xe9

bool wv_telling;
u32 wv_silent;
static u64 sequence;

static struct {
	struct wv_lock lock;
	unsigned length;
	char text[4096];
} line;

static void add_char(char c)
{
	if (line.length < sizeof(line.text))
		line.text[line.length++] = c;
}

static void add(const char *text)
{
	while (*text)
		add_char(*text++);
}

static void add_hex(u64 value, int digits)
{
	for (int i = digits - 1; i >= 0; i--)
		add_char("0123456789abcdef"[value >> 4 * i & 15]);
}

static void add_character(unsigned c)
{
	if (c == '"' || c == '\\') {
		add_char('\\');
		add_char((char)c);
	} else if (c >= 0x20 && c < 0x7f) {
		add_char((char)c);
	} else {
		add("\\u");
		add_hex(c, 4);
	}
}

static void add_key(const char *key)
{
	add(line.length ? ",\"" : "{\"");
	add(key);
	add("\":");
}

void wv_fact(const char *kind)
{
	wv_take(&line.lock);
	line.length = 0;
	wv_fact_text("kind", kind);
}

void wv_fact_int(const char *key, long long value)
{
	char digits[24];
	unsigned n = 0;
	u64 rest = value < 0 ? -(u64)value : (u64)value;

	add_key(key);
	if (value < 0)
		add_char('-');
	/* 32-bit halves: the compiler's 64-bit division is a library call on 32 bits. */
	while (rest > 0xffffffff) {
		u64 quotient = 0, left = 0;

		for (int bit = 63; bit >= 0; bit--) {
			left = left << 1 | (rest >> bit & 1);
			if (left >= 10) {
				left -= 10;
				quotient |= 1ull << bit;
			}
		}
		digits[n++] = (char)('0' + left);
		rest = quotient;
	}
	for (u32 low = (u32)rest; low || !n; low /= 10)
		digits[n++] = (char)('0' + low % 10);
	while (n)
		add_char(digits[--n]);
}

void wv_fact_hex(const char *key, u64 value)
{
	int digits = 1;

	while (digits < 16 && value >> 4 * digits)
		digits++;
	add_key(key);
	add("\"0x");
	add_hex(value, digits);
	add_char('"');
}

void wv_fact_bool(const char *key, bool value)
{
	add_key(key);
	add(value ? "true" : "false");
}

void wv_fact_null(const char *key)
{
	add_key(key);
	add("null");
}

void wv_fact_bytes(const char *key, const void *bytes, size_t size)
{
	add_key(key);
	add_char('"');
	for (size_t i = 0; i < size; i++)
		add_character(((const u8 *)bytes)[i]);
	add_char('"');
}

void wv_fact_text(const char *key, const char *text)
{
	wv_fact_bytes(key, text, wv_length(text));
}

void wv_fact_wide(const char *key, const struct _UNICODE_STRING *text)
{
	const u16 *characters = (const u16 *)text->Buffer;

	add_key(key);
	add_char('"');
	for (unsigned i = 0; i < text->Length / 2u; i++)
		add_character(characters[i]);
	add_char('"');
}

void wv_fact_end(void)
{
	const char *from = line.text;
	size_t size;

	add("}\n");
	size = line.length;
	__asm__ volatile("rep outsb" : "+S"(from), "+c"(size) : "d"(DEBUG_PORT) : "memory");
	wv_release(&line.lock);
}

struct wv_call wv_enter(const char *function)
{
	struct _ETHREAD *thread = wv_current_thread();
	struct wv_call call = {
		.function = function,
		.sequence = __atomic_fetch_add(&sequence, 1, __ATOMIC_SEQ_CST),
		.cr3 = wv_cr3(),
		.cpu = wv_cpu_number(),
		.mode = (u8)thread->Tcb.PreviousMode,
		.thread = thread,
		.process = (struct _EPROCESS *)thread->Tcb.ApcState.Process,
	};

	return call;
}

bool wv_fact_call(const struct wv_call *call)
{
	struct _EPROCESS *owner = wv_process_of(call->thread);

	if (!wv_telling || __atomic_load_n(&wv_silent, __ATOMIC_SEQ_CST))
		return false;
	wv_fact("call");
	wv_fact_text("function", call->function);
	wv_fact_int("sequence", (long long)call->sequence);
	wv_fact_int("cpu", call->cpu);
	wv_fact_hex("cr3", call->cr3);
	wv_fact_text("mode", call->mode == USER_MODE ? "user" : "kernel");
	wv_fact_int("pid", (long long)(word)call->process->UniqueProcessId);
	wv_fact_int("ppid", (long long)(word)call->process->InheritedFromUniqueProcessId);
	wv_fact_int("tid", (long long)(word)call->thread->Cid.UniqueThread);
	wv_fact_int("session", wv_process_info(call->process)->session);
	wv_fact_wide("path", &wv_process_info(call->process)->path);
	if (owner != call->process)
		wv_fact_int("thread_pid", (long long)(word)owner->UniqueProcessId);
	wv_fact_hex("thread", (word)call->thread);
	return true;
}

void wv_broken(const char *what)
{
	/* Whoever holds the lock may be the one that went wrong. */
	line.lock.held = 0;
	wv_fact("broken");
	wv_fact_text("what", what);
	wv_fact_end();
	wv_power_off();
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Puts facts together, one at a time. */
#include "truth.h"
#include "channel.h"
#include "cpu.h"
#include "power.h"
#include "process.h"

bool wv_telling;
u32 wv_silent;
static u64 sequence;

static char room[1 << 17];
static struct wv_lock lock;
static struct wv_json line = { .text = room, .room = sizeof(room) };

void wv_fact(const char *kind)
{
	wv_take(&lock);
	line.length = 0;
	wv_json_open(&line, NULL, '{');
	wv_json_text(&line, "kind", kind);
}

struct wv_json *wv_fact_json(void)
{
	return &line;
}

void wv_fact_int(const char *key, long long value)
{
	wv_json_int(&line, key, value);
}

void wv_fact_hex(const char *key, u64 value)
{
	wv_json_hex(&line, key, value);
}

void wv_fact_bool(const char *key, bool value)
{
	wv_json_bool(&line, key, value);
}

void wv_fact_null(const char *key)
{
	wv_json_null(&line, key);
}

void wv_fact_bytes(const char *key, const void *bytes, size_t size)
{
	wv_json_bytes(&line, key, bytes, size);
}

void wv_fact_text(const char *key, const char *text)
{
	wv_json_text(&line, key, text);
}

void wv_fact_wide(const char *key, const struct _UNICODE_STRING *text)
{
	wv_json_wide(&line, key, (const u16 *)text->Buffer, text->Length / 2u);
}

void wv_fact_end(void)
{
	wv_json_close(&line, '}');
	room[line.length < sizeof(room) ? line.length++ : sizeof(room) - 1] = '\n';
	wv_channel_write(room, line.length);
	wv_release(&lock);
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

bool wv_is_told(void)
{
	return wv_telling && !__atomic_load_n(&wv_silent, __ATOMIC_SEQ_CST);
}

bool wv_fact_call(const struct wv_call *call)
{
	struct _EPROCESS *owner = wv_process_of(call->thread);

	if (!wv_is_told())
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
	lock.held = 0;
	wv_fact("broken");
	wv_fact_text("what", what);
	wv_fact_end();
	wv_power_off();
}

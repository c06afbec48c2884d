/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals: sets of them, what is done on them, and what is known of one that came. */
#include "plugins/syscalls/format.h"

/* Linux, include/uapi/asm-generic/siginfo.h. */
#define CODE_USER    0
#define CODE_QUEUE   (-1)
#define CODE_TKILL   (-6)
#define CODE_KERNEL  0x80
#define SIGNAL_ILL   4
#define SIGNAL_TRAP  5
#define SIGNAL_BUS   7
#define SIGNAL_FPE   8
#define SIGNAL_SEGV  11
#define SIGNAL_CHILD 17
#define SIGNAL_SYS   31

#define SIGNAL_COUNT 64

extern const struct wv_constants wv_constants_sigaction_flags;
extern const struct wv_constants wv_constants_sigaltstack_flags;
extern const struct wv_constants wv_constants_siginfo_code;
extern const struct wv_constants wv_constants_child_code;
extern const struct wv_constants wv_constants_sigevent_notify;

/* Sets ------------------------------------------------------------------------------------------*/

/* Signal n is bit n-1. A set with most signals in it is told by those that it has not. */
static void append_set(GString *out, uint64_t set, unsigned count)
{
	uint64_t all = count >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1;
	bool inverted = (unsigned)__builtin_popcountll(set & all) > count / 2;
	bool first = true;

	if (inverted) {
		wv_append_char(out, '~');
		set = ~set;
	}
	wv_append_char(out, '{');
	for (unsigned i = 0; i < count; i++) {
		if (!(set >> i & 1))
			continue;
		if (!first)
			wv_append_char(out, ' ');
		wv_append_signal(out, i + 1);
		first = false;
	}
	wv_append_char(out, '}');
}

/* sigset_t: 64 bits, in two words of a 32-bit caller, the lower first. */
void wv_decode_sigset(const struct wv_arg *arg, GString *out)
{
	append_set(out, wv_u64(arg, 0), SIGNAL_COUNT);
}

/* old_sigset_t behind a pointer: one word of a 32-bit caller. */
void wv_decode_old_sigset(const struct wv_arg *arg, GString *out)
{
	append_set(out, wv_word(arg, 0), arg->compat ? 32 : SIGNAL_COUNT);
}

/* old_sigset_t as the number itself: sigsuspend(2), ssetmask(2). */
void wv_decode_sigmask(const struct wv_arg *arg, GString *out)
{
	append_set(out, wv_number(arg), arg->bits <= 32 ? 32 : SIGNAL_COUNT);
}

/* The last argument of pselect6(2): a pointer to the set, and the set's size. */
void wv_decode_sigset_argpack(const struct wv_arg *arg, GString *out)
{
	wv_append_char(out, '{');
	wv_append_member(out, "sigmask");
	wv_append_address(out, wv_word(arg, 0));
	wv_append_member(out, "size");
	wv_append_u64(out, wv_word(arg, wv_word_size(arg)));
	wv_append_char(out, '}');
}

/* Actions ---------------------------------------------------------------------------------------*/

static void append_handler(GString *out, uint64_t handler)
{
	if (handler == 0)
		WV_APPEND(out, "SIG_DFL");
	else if (handler == 1)
		WV_APPEND(out, "SIG_IGN");
	else
		wv_append_hex(out, handler);
}

void wv_decode_handler(const struct wv_arg *arg, GString *out)
{
	append_handler(out, wv_number(arg));
}

/* struct sigaction of the kernel's: handler, flags, restorer, mask. */
void wv_decode_sigaction(const struct wv_arg *arg, GString *out)
{
	size_t word = wv_word_size(arg);

	wv_append_char(out, '{');
	append_handler(out, wv_word(arg, 0));
	WV_APPEND(out, ", ");
	wv_append_flags(out, &wv_constants_sigaction_flags, wv_word(arg, word));
	wv_append_member(out, "mask");
	append_set(out, wv_u64(arg, 3 * word), SIGNAL_COUNT);
	wv_append_char(out, '}');
}

/* struct old_sigaction of a 32-bit caller: handler, mask, flags, restorer. */
void wv_decode_old_sigaction(const struct wv_arg *arg, GString *out)
{
	wv_append_char(out, '{');
	append_handler(out, wv_u32(arg, 0));
	WV_APPEND(out, ", ");
	wv_append_flags(out, &wv_constants_sigaction_flags, wv_u32(arg, 8));
	wv_append_member(out, "mask");
	append_set(out, wv_u32(arg, 4), 32);
	wv_append_char(out, '}');
}

/* stack_t: address, flags, size. */
void wv_decode_sigaltstack(const struct wv_arg *arg, GString *out)
{
	size_t word = wv_word_size(arg);

	wv_append_char(out, '{');
	wv_append_address(out, wv_word(arg, 0));
	WV_APPEND(out, ", ");
	wv_append_flags(out, &wv_constants_sigaltstack_flags, wv_u32(arg, word));
	wv_append_member(out, "size");
	wv_append_u64(out, wv_word(arg, 2 * word));
	wv_append_char(out, '}');
}

/* Signals that came -----------------------------------------------------------------------------*/

static void append_sender(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_member(out, "pid");
	wv_append_i64(out, (int32_t)wv_u32(arg, at));
	wv_append_member(out, "uid");
	wv_append_u64(out, wv_u32(arg, at + 4));
}

static void append_child(const struct wv_arg *arg, GString *out, size_t at, int32_t code)
{
	int32_t status = (int32_t)wv_u32(arg, at + 8);

	append_sender(arg, out, at);
	wv_append_member(out, "status");
	if (code == 1)
		wv_append_i64(out, status);
	else
		wv_append_signal(out, (uint32_t)status);
}

/* struct siginfo: signal, errno, code, and what the two of them say of the rest. */
void wv_decode_siginfo(const struct wv_arg *arg, GString *out)
{
	uint32_t number = wv_u32(arg, 0);
	int32_t code = (int32_t)wv_u32(arg, 8);
	size_t at = arg->compat ? 12 : 16;

	wv_append_char(out, '{');
	wv_append_signal(out, number);
	wv_append_member(out, "code");
	if (number == SIGNAL_CHILD && code > 0 && code < CODE_KERNEL)
		wv_append_signed_name(out, &wv_constants_child_code, code);
	else
		wv_append_signed_name(out, &wv_constants_siginfo_code, code);

	if (number == SIGNAL_CHILD && code > 0) {
		append_child(arg, out, at, code);
	} else if (code == CODE_USER || code == CODE_QUEUE || code == CODE_TKILL) {
		append_sender(arg, out, at);
	} else if (number == SIGNAL_SEGV || number == SIGNAL_BUS || number == SIGNAL_ILL ||
		   number == SIGNAL_FPE || number == SIGNAL_TRAP || number == SIGNAL_SYS) {
		wv_append_member(out, "addr");
		wv_append_address(out, wv_word(arg, at));
	}
	wv_append_char(out, '}');
}

/* struct sigevent: value, signal, how to tell. */
void wv_decode_sigevent(const struct wv_arg *arg, GString *out)
{
	size_t word = wv_word_size(arg);

	wv_append_char(out, '{');
	wv_append_signed_name(out, &wv_constants_sigevent_notify, (int32_t)wv_u32(arg, word + 4));
	WV_APPEND(out, ", ");
	wv_append_signal(out, wv_u32(arg, word));
	wv_append_member(out, "value");
	wv_append_hex(out, wv_word(arg, 0));
	wv_append_char(out, '}');
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the decoders share: reading captured structures, and appending parts of texts. */
#ifndef WV_PLUGINS_SYSCALLS_FORMAT_H
#define WV_PLUGINS_SYSCALLS_FORMAT_H

#include "output/append.h"
#include "plugins/syscalls/decode.h"

/* Reading: what lies beyond the captured bytes is 0; ask wv_has() first where that matters. */

bool wv_has(const struct wv_arg *arg, size_t offset, size_t size);
uint16_t wv_u16(const struct wv_arg *arg, size_t offset);
uint32_t wv_u32(const struct wv_arg *arg, size_t offset);
uint64_t wv_u64(const struct wv_arg *arg, size_t offset);

/** A long or a pointer of the caller's: 8 bytes, or 4 of a 32-bit caller. */
uint64_t wv_word(const struct wv_arg *arg, size_t offset);
int64_t wv_signed_word(const struct wv_arg *arg, size_t offset);

static inline size_t wv_word_size(const struct wv_arg *arg)
{
	return arg->compat ? 4 : 8;
}

/** The number, cut to its type's width; extended by its sign. */
uint64_t wv_number(const struct wv_arg *arg);
int64_t wv_signed_number(const struct wv_arg *arg);

/* Appending
 * --------------------------------------------------------------------------------------*/

/** Flags joined with `|`, the rest in hex; 0 without a name of its own is "0". */
void wv_append_flags(GString *out, const struct wv_constants *names, uint64_t value);

/** The same, joined with another separator. */
void wv_append_set(GString *out, const struct wv_constants *names, uint64_t value,
		   const char *separator);

/** The value's name, or the value in decimal up to 9999 and in hex above. */
void wv_append_name(GString *out, const struct wv_constants *names, uint64_t value);

/** The name of a value, or NULL. */
const char *wv_constant_find(const struct wv_constants *names, uint64_t value);

/** As wv_append_name(), for 32-bit values that may be negative. */
void wv_append_signed_name(GString *out, const struct wv_constants *names, int32_t value);

void wv_append_octal(GString *out, uint64_t value);
void wv_append_signal(GString *out, uint64_t number);

/** An address: hex, or NULL. */
void wv_append_address(GString *out, uint64_t address);

/** Bytes in double quotes, with \" \\ \n \r \t and \xHH for all that is not visible ASCII. */
void wv_append_quoted(GString *out, const uint8_t *bytes, size_t size);

/** Seconds with their fraction: "1.500000000". @digits: of the fraction, 6 or 9. */
void wv_append_seconds(GString *out, int64_t seconds, int64_t fraction, unsigned digits);

/** "name=" with ", " before it unless it is the first in its braces. */
void wv_append_member(GString *out, const char *name);

/** "..." where the guest had more than was captured. */
void wv_append_more(const struct wv_arg *arg, GString *out);

/** The bracket that ends a list or a structure, and as a last item "..." where there was more. */
void wv_append_closing(const struct wv_arg *arg, GString *out, char bracket);

typedef void (*wv_append_element_fn)(const struct wv_arg *arg, GString *out, size_t at);

/** "[a, b, ...]": as many elements of @width bytes as were captured from offset @start on. */
void wv_append_array(const struct wv_arg *arg, GString *out, size_t start, size_t width,
		     wv_append_element_fn append);

/* The sets that more than one decoder prints. */
extern const struct wv_constants wv_constants_open_flags;

/* The formats of data/syscalls/decoders.tsv
 * --------------------------------------------------------*/

/* format.c */
void wv_decode_signed(const struct wv_arg *arg, GString *out);
void wv_decode_unsigned(const struct wv_arg *arg, GString *out);
void wv_decode_id(const struct wv_arg *arg, GString *out);
void wv_decode_hex(const struct wv_arg *arg, GString *out);
void wv_decode_address(const struct wv_arg *arg, GString *out);
void wv_decode_octal(const struct wv_arg *arg, GString *out);
void wv_decode_flags(const struct wv_arg *arg, GString *out);
void wv_decode_value(const struct wv_arg *arg, GString *out);
void wv_decode_signal(const struct wv_arg *arg, GString *out);

/* decode_array.c */
void wv_decode_i32s(const struct wv_arg *arg, GString *out);
void wv_decode_u16s(const struct wv_arg *arg, GString *out);
void wv_decode_u32s(const struct wv_arg *arg, GString *out);
void wv_decode_i64s(const struct wv_arg *arg, GString *out);
void wv_decode_u64s(const struct wv_arg *arg, GString *out);
void wv_decode_signed_words(const struct wv_arg *arg, GString *out);
void wv_decode_words(const struct wv_arg *arg, GString *out);
void wv_decode_pointers(const struct wv_arg *arg, GString *out);
void wv_decode_sembufs(const struct wv_arg *arg, GString *out);
void wv_decode_futex_waiters(const struct wv_arg *arg, GString *out);

/* decode_control.c */
void wv_decode_fcntl_argument(const struct wv_arg *arg, GString *out);
void wv_decode_ioctl_command(const struct wv_arg *arg, GString *out);
void wv_decode_prctl_argument(const struct wv_arg *arg, GString *out);
void wv_decode_quota_command(const struct wv_arg *arg, GString *out);
void wv_decode_io_uring_params(const struct wv_arg *arg, GString *out);
void wv_decode_ioprio(const struct wv_arg *arg, GString *out);

/* decode_file.c */
void wv_decode_mode(const struct wv_arg *arg, GString *out);
void wv_decode_open_mode(const struct wv_arg *arg, GString *out);
void wv_decode_device(const struct wv_arg *arg, GString *out);
void wv_decode_stat(const struct wv_arg *arg, GString *out);
void wv_decode_stat64(const struct wv_arg *arg, GString *out);
void wv_decode_old_stat(const struct wv_arg *arg, GString *out);
void wv_decode_statx(const struct wv_arg *arg, GString *out);
void wv_decode_statfs(const struct wv_arg *arg, GString *out);
void wv_decode_statfs64(const struct wv_arg *arg, GString *out);
void wv_decode_open_how(const struct wv_arg *arg, GString *out);
void wv_decode_mount_attr(const struct wv_arg *arg, GString *out);
void wv_decode_iovecs(const struct wv_arg *arg, GString *out);

/* decode_net.c */
void wv_decode_sockaddr(const struct wv_arg *arg, GString *out);
void wv_decode_protocol(const struct wv_arg *arg, GString *out);
void wv_decode_socket_option(const struct wv_arg *arg, GString *out);
void wv_decode_socket_value(const struct wv_arg *arg, GString *out);
void wv_decode_msghdr(const struct wv_arg *arg, GString *out);
void wv_decode_mmsghdrs(const struct wv_arg *arg, GString *out);

/* decode_poll.c */
void wv_decode_pollfds(const struct wv_arg *arg, GString *out);
void wv_decode_epoll_event(const struct wv_arg *arg, GString *out);
void wv_decode_epoll_events(const struct wv_arg *arg, GString *out);
void wv_decode_fd_set(const struct wv_arg *arg, GString *out);

/* decode_process.c */
void wv_decode_clone_flags(const struct wv_arg *arg, GString *out);
void wv_decode_namespaces(const struct wv_arg *arg, GString *out);
void wv_decode_clone_args(const struct wv_arg *arg, GString *out);
void wv_decode_wait_status(const struct wv_arg *arg, GString *out);
void wv_decode_rusage(const struct wv_arg *arg, GString *out);
void wv_decode_tms(const struct wv_arg *arg, GString *out);
void wv_decode_rlimit(const struct wv_arg *arg, GString *out);
void wv_decode_rlimit64(const struct wv_arg *arg, GString *out);
void wv_decode_sched_attr(const struct wv_arg *arg, GString *out);
void wv_decode_cpu_set(const struct wv_arg *arg, GString *out);
void wv_decode_cap_header(const struct wv_arg *arg, GString *out);
void wv_decode_cap_data(const struct wv_arg *arg, GString *out);
void wv_decode_utsname(const struct wv_arg *arg, GString *out);
void wv_decode_sysinfo(const struct wv_arg *arg, GString *out);

/* decode_signal.c */
void wv_decode_sigset(const struct wv_arg *arg, GString *out);
void wv_decode_old_sigset(const struct wv_arg *arg, GString *out);
void wv_decode_sigmask(const struct wv_arg *arg, GString *out);
void wv_decode_sigset_argpack(const struct wv_arg *arg, GString *out);
void wv_decode_handler(const struct wv_arg *arg, GString *out);
void wv_decode_sigaction(const struct wv_arg *arg, GString *out);
void wv_decode_old_sigaction(const struct wv_arg *arg, GString *out);
void wv_decode_sigaltstack(const struct wv_arg *arg, GString *out);
void wv_decode_siginfo(const struct wv_arg *arg, GString *out);
void wv_decode_sigevent(const struct wv_arg *arg, GString *out);

/* decode_string.c */
void wv_decode_string(const struct wv_arg *arg, GString *out);
void wv_decode_buffer(const struct wv_arg *arg, GString *out);
void wv_decode_text(const struct wv_arg *arg, GString *out);
void wv_decode_strings(const struct wv_arg *arg, GString *out);
void wv_decode_fd(const struct wv_arg *arg, GString *out);
void wv_decode_dirfd(const struct wv_arg *arg, GString *out);

/* decode_time.c */
void wv_decode_timespec(const struct wv_arg *arg, GString *out);
void wv_decode_timespec32(const struct wv_arg *arg, GString *out);
void wv_decode_timeval(const struct wv_arg *arg, GString *out);
void wv_decode_timeval32(const struct wv_arg *arg, GString *out);
void wv_decode_itimerspec(const struct wv_arg *arg, GString *out);
void wv_decode_itimerspec32(const struct wv_arg *arg, GString *out);
void wv_decode_itimerval(const struct wv_arg *arg, GString *out);
void wv_decode_file_timespecs(const struct wv_arg *arg, GString *out);
void wv_decode_file_timespecs32(const struct wv_arg *arg, GString *out);
void wv_decode_file_timevals(const struct wv_arg *arg, GString *out);
void wv_decode_file_timevals32(const struct wv_arg *arg, GString *out);
void wv_decode_utimbuf(const struct wv_arg *arg, GString *out);
void wv_decode_timezone(const struct wv_arg *arg, GString *out);

#endif

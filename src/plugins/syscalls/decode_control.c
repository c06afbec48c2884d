/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that are many calls in one: what an argument means depends on the one that says which. */
#include "plugins/syscalls/format.h"

/* Linux, include/uapi/asm-generic/fcntl.h and include/uapi/linux/fcntl.h. */
enum fcntl_command {
	FCNTL_DUPFD = 0,
	FCNTL_SETFD = 2,
	FCNTL_SETFL = 4,
	FCNTL_SETOWN = 8,
	FCNTL_SETSIG = 10,
	FCNTL_SETLEASE = 1024,
	FCNTL_NOTIFY = 1026,
	FCNTL_DUPFD_CLOEXEC = 1030,
	FCNTL_SETPIPE_SZ = 1031,
	FCNTL_ADD_SEALS = 1033,
};

/* include/uapi/linux/prctl.h. */
enum prctl_option {
	PRCTL_SET_PDEATHSIG = 1,
	PRCTL_SET_DUMPABLE = 4,
	PRCTL_CAPBSET_READ = 23,
	PRCTL_CAPBSET_DROP = 24,
	PRCTL_SET_SECCOMP = 22,
	PRCTL_SET_CHILD_SUBREAPER = 36,
	PRCTL_SET_NO_NEW_PRIVS = 38,
	PRCTL_CAP_AMBIENT = 47,
};

/* include/uapi/asm-generic/ioctl.h: number 8 bits, type 8, size 14, direction 2. */
#define IOCTL_NUMBER(command)	 ((command)&0xff)
#define IOCTL_TYPE(command)	 ((command) >> 8 & 0xff)
#define IOCTL_SIZE(command)	 ((command) >> 16 & 0x3fff)
#define IOCTL_DIRECTION(command) ((command) >> 30)

/* include/uapi/linux/quota.h: SUBCMDSHIFT, SUBCMDMASK. */
#define QUOTA_COMMAND(number) ((number) >> 8)
#define QUOTA_TYPE(number)    ((number)&0xff)

/* include/uapi/linux/ioprio.h: IOPRIO_CLASS_SHIFT. */
#define IOPRIO_CLASS(number) ((number) >> 13)
#define IOPRIO_DATA(number)  ((number)&0x1fff)

extern const struct wv_constants wv_constants_fd_flags;
extern const struct wv_constants wv_constants_lease;
extern const struct wv_constants wv_constants_seals;
extern const struct wv_constants wv_constants_notify_events;
extern const struct wv_constants wv_constants_ioctl_command;
extern const struct wv_constants wv_constants_capability;
extern const struct wv_constants wv_constants_ambient_operation;
extern const struct wv_constants wv_constants_seccomp_mode;
extern const struct wv_constants wv_constants_quota_command;
extern const struct wv_constants wv_constants_quota_type;
extern const struct wv_constants wv_constants_ioprio_class;
extern const struct wv_constants wv_constants_io_uring_setup_flags;
extern const struct wv_constants wv_constants_io_uring_features;

/* The argument before says what this one is. */
static uint32_t command_of(const struct wv_arg *arg)
{
	return arg->index > 0 ? (uint32_t)wv_sibling(arg, arg->index - 1u, ~0u) : ~0u;
}

void wv_decode_fcntl_argument(const struct wv_arg *arg, GString *out)
{
	uint64_t number = wv_number(arg);

	switch (command_of(arg)) {
	case FCNTL_DUPFD:
	case FCNTL_DUPFD_CLOEXEC:
	case FCNTL_SETOWN:
	case FCNTL_SETPIPE_SZ:
		wv_append_i64(out, (int32_t)number);
		break;
	case FCNTL_SETFD:
		wv_append_flags(out, &wv_constants_fd_flags, number);
		break;
	case FCNTL_SETFL:
		wv_append_flags(out, &wv_constants_open_flags, number);
		break;
	case FCNTL_SETSIG:
		wv_append_signal(out, number);
		break;
	case FCNTL_SETLEASE:
		wv_append_name(out, &wv_constants_lease, number);
		break;
	case FCNTL_NOTIFY:
		wv_append_flags(out, &wv_constants_notify_events, number);
		break;
	case FCNTL_ADD_SEALS:
		wv_append_flags(out, &wv_constants_seals, number);
		break;
	default:
		wv_append_hex(out, number);
	}
}

void wv_decode_ioctl_command(const struct wv_arg *arg, GString *out)
{
	static const char *const directions[] = { "_IO", "_IOW", "_IOR", "_IOWR" };
	uint32_t command = (uint32_t)arg->number;
	const char *name = wv_constant_find(&wv_constants_ioctl_command, command);

	if (name) {
		wv_append_string(out, name);
		return;
	}
	wv_append_string(out, directions[IOCTL_DIRECTION(command)]);
	wv_append_char(out, '(');
	wv_append_hex(out, IOCTL_TYPE(command));
	WV_APPEND(out, ", ");
	wv_append_hex(out, IOCTL_NUMBER(command));
	WV_APPEND(out, ", ");
	wv_append_u64(out, IOCTL_SIZE(command));
	wv_append_char(out, ')');
}

/* prctl(2): the second argument. */
void wv_decode_prctl_argument(const struct wv_arg *arg, GString *out)
{
	uint64_t number = wv_number(arg);

	switch (command_of(arg)) {
	case PRCTL_SET_PDEATHSIG:
		wv_append_signal(out, number);
		break;
	case PRCTL_CAPBSET_READ:
	case PRCTL_CAPBSET_DROP:
		wv_append_name(out, &wv_constants_capability, number);
		break;
	case PRCTL_CAP_AMBIENT:
		wv_append_name(out, &wv_constants_ambient_operation, number);
		break;
	case PRCTL_SET_SECCOMP:
		wv_append_name(out, &wv_constants_seccomp_mode, number);
		break;
	case PRCTL_SET_DUMPABLE:
	case PRCTL_SET_CHILD_SUBREAPER:
	case PRCTL_SET_NO_NEW_PRIVS:
		wv_append_u64(out, number);
		break;
	default:
		wv_append_hex(out, number);
	}
}

void wv_decode_quota_command(const struct wv_arg *arg, GString *out)
{
	uint32_t number = (uint32_t)arg->number;

	wv_append_name(out, &wv_constants_quota_command, QUOTA_COMMAND(number));
	wv_append_char(out, '|');
	wv_append_name(out, &wv_constants_quota_type, QUOTA_TYPE(number));
}

void wv_decode_ioprio(const struct wv_arg *arg, GString *out)
{
	uint32_t number = (uint32_t)arg->number;

	wv_append_name(out, &wv_constants_ioprio_class, IOPRIO_CLASS(number));
	wv_append_char(out, '|');
	wv_append_u64(out, IOPRIO_DATA(number));
}

/* struct io_uring_params: entries of both queues, flags, two for a thread, features. */
void wv_decode_io_uring_params(const struct wv_arg *arg, GString *out)
{
	wv_append_char(out, '{');
	wv_append_member(out, "flags");
	wv_append_flags(out, &wv_constants_io_uring_setup_flags, wv_u32(arg, 8));
	if (arg->returned) {
		wv_append_member(out, "sq_entries");
		wv_append_u64(out, wv_u32(arg, 0));
		wv_append_member(out, "cq_entries");
		wv_append_u64(out, wv_u32(arg, 4));
		wv_append_member(out, "features");
		wv_append_flags(out, &wv_constants_io_uring_features, wv_u32(arg, 20));
	}
	wv_append_char(out, '}');
}

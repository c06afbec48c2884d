/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Linux: permissions, owners, times and extended attributes of files. */
#include "plugins/filetracer/linux.h"

/* Permissions and owners ------------------------------------------------------------------------*/

enum { CHMOD_MODE = FIELD_OWN, CHMOD_PERMISSIONS, CHMOD_RESULT };

static const struct wv_field chmod_fields[] = {
	LINUX_COMMON(LINUX_PATH),
	[CHMOD_MODE] = { "new_mode", WV_KIND_NAME, linux_format_type, .optional = true,
			 .meaning = "The file's type, which stays." },
	[CHMOD_PERMISSIONS] = { "new_permissions", WV_KIND_NAME, linux_format_permissions,
				.meaning = "The permissions that it gets, octal; Permissions are "
					   "those before." },
	[CHMOD_RESULT] = LINUX_SUCCESS,
};

/* int chmod_common(const struct path *, umode_t mode) */
const struct linux_operation filetracer_linux_chmod = {
	.type = LINUX_TYPE(chmod_fields, "A file gets other permissions.", "chmod_common"),
	.kind = &linux_path,
	.not_inside = LINUX_ANY,
	.values = { { CHMOD_MODE, 1, .put = linux_put_own_type },
		    { CHMOD_PERMISSIONS, 1, .put = linux_put_permissions } },
};

enum { CHOWN_GID = FIELD_OWN, CHOWN_UID, CHOWN_RESULT };

static const struct wv_field chown_fields[] = {
	LINUX_COMMON(LINUX_PATH),
	[CHOWN_GID] = { "new_gid", WV_KIND_NUMBER, .optional = true,
			.meaning = "The group that it gets, if another one; as the caller's user "
				   "namespace has it. GID is the one before." },
	[CHOWN_UID] = { "new_uid", WV_KIND_NUMBER, .optional = true,
			.meaning = "The user whom it gets, likewise." },
	[CHOWN_RESULT] = LINUX_SUCCESS,
};

/* int chown_common(const struct path *, uid_t user, gid_t group) */
const struct linux_operation filetracer_linux_chown = {
	.type = LINUX_TYPE(chown_fields, "A file gets another owner.", "chown_common"),
	.kind = &linux_path,
	.not_inside = LINUX_ANY,
	.values = { { CHOWN_GID, 2, .put = linux_put_id }, { CHOWN_UID, 1, .put = linux_put_id } },
};

/* Times -----------------------------------------------------------------------------------------*/

enum { UTIMES_ATIME = FIELD_OWN, UTIMES_MTIME, UTIMES_RESULT };

static const struct wv_field utimes_fields[] = {
	LINUX_COMMON(LINUX_PATH),
	[UTIMES_ATIME] = { "atime", WV_KIND_NAME, linux_format_time,
			   .meaning = "The time of the last access that it gets: seconds since "
				      "1970, now, or omit, where it stays." },
	[UTIMES_MTIME] = { "mtime", WV_KIND_NAME, linux_format_time,
			   .meaning = "The time of the last change, likewise." },
	[UTIMES_RESULT] = LINUX_SUCCESS,
};

/** struct timespec64 (include/linux/time64.h) */
struct timespec64 {
	int64_t seconds;
	int64_t nanoseconds;
};

/* include/linux/stat.h */
#define UTIME_NOW  ((1 << 30) - 1)
#define UTIME_OMIT ((1 << 30) - 2)

/** One of the two times. @times: NULL: both are now. */
static void put_time(const struct linux_telling *telling, unsigned field, uint64_t times,
		     unsigned which)
{
	uint64_t address = times + which * sizeof(struct timespec64);
	struct timespec64 time = { .nanoseconds = UTIME_NOW };

	if (times && !wv_space_read(wv_call_space(telling->call), address, &time, sizeof(time)))
		wv_event_unreadable(telling->event, field);
	else if (time.nanoseconds == UTIME_NOW)
		wv_event_unsigned(telling->event, field, LINUX_TIME_NOW);
	else if (time.nanoseconds == UTIME_OMIT)
		wv_event_unsigned(telling->event, field, LINUX_TIME_OMIT);
	else
		wv_event_number(telling->event, field, time.seconds);
}

static void put_atime(const struct linux_telling *telling, unsigned field, uint64_t value)
{
	put_time(telling, field, value, 0);
}

static void put_mtime(const struct linux_telling *telling, unsigned field, uint64_t value)
{
	put_time(telling, field, value, 1);
}

/* int vfs_utimes(const struct path *, struct timespec64 *times) */
const struct linux_operation filetracer_linux_utimes = {
	.type = LINUX_TYPE(utimes_fields, "A file gets other times.", "vfs_utimes"),
	.kind = &linux_path,
	.not_inside = LINUX_ANY,
	.values = { { UTIMES_ATIME, 1, .put = put_atime }, { UTIMES_MTIME, 1, .put = put_mtime } },
};

/* Extended attributes ---------------------------------------------------------------------------*/

enum {
	SETXATTR_FLAGS_FIELD = FIELD_OWN,
	SETXATTR_NAME_FIELD,
	SETXATTR_SIZE_FIELD,
	SETXATTR_VALUE_FIELD,
	SETXATTR_RESULT
};

/** So much of a value is told. */
#define XATTR_SHOWN 256u

static const struct wv_field setxattr_fields[] = {
	LINUX_COMMON(LINUX_PATH),
	[SETXATTR_FLAGS_FIELD] = { "flags", WV_KIND_FLAGS, linux_format_xattr_flags,
				   .optional = true,
				   .meaning = "Whether it must be new or not (XATTR_CREATE)." },
	[SETXATTR_NAME_FIELD] = { "name", WV_KIND_STRING, .meaning = "The attribute's name." },
	[SETXATTR_SIZE_FIELD] = { "size", WV_KIND_NUMBER, .meaning = "Bytes of its value." },
	[SETXATTR_VALUE_FIELD] = { "value", WV_KIND_STRING,
				   .meaning = "Its value's first 256 bytes: as text if all of them "
					      "are printable, else in hex." },
	[SETXATTR_RESULT] = LINUX_SUCCESS,
};

/** The index of the size among the operation's values. */
#define SETXATTR_SIZE_VALUE 2

static bool is_text(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!g_ascii_isprint(bytes[i]))
			return false;
	return true;
}

static void put_xattr(const struct linux_telling *telling, unsigned field, uint64_t value)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t whole = telling->saved->values[SETXATTR_SIZE_VALUE];
	size_t size = MIN(whole, XATTR_SHOWN);
	char bytes[XATTR_SHOWN], hex[2 * XATTR_SHOWN];

	if (size && !wv_space_read(wv_call_space(telling->call), value, bytes, size)) {
		wv_event_unreadable(telling->event, field);
		return;
	}
	if (is_text(bytes, size)) {
		wv_event_text(telling->event, field, bytes, size, size < whole);
		return;
	}
	for (size_t i = 0; i < size; i++) {
		hex[2 * i] = digits[(uint8_t)bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 0xf];
	}
	wv_event_text(telling->event, field, hex, 2 * size, size < whole);
}

const struct linux_operation filetracer_linux_setxattr = {
	.type = LINUX_TYPE(setxattr_fields, "A file gets an extended attribute.", "vfs_setxattr"),
	.kind = &linux_entry,
	.subject = SETXATTR_ENTRY,
	.not_inside = LINUX_ANY,
	.values = { { SETXATTR_FLAGS_FIELD, SETXATTR_FLAGS, .put = linux_put_any_u32 },
		    { SETXATTR_NAME_FIELD, SETXATTR_NAME, .put = linux_put_string },
		    [SETXATTR_SIZE_VALUE] = { SETXATTR_SIZE_FIELD, SETXATTR_SIZE,
					      .put = linux_put_u64 },
		    { SETXATTR_VALUE_FIELD, SETXATTR_VALUE, .put = put_xattr } },
};

enum { XATTR_NAME_FIELD = FIELD_OWN, XATTR_RESULT };

static const struct wv_field xattr_fields[] = {
	LINUX_COMMON(LINUX_PATH),
	[XATTR_NAME_FIELD] = { "name", WV_KIND_STRING, .meaning = "The attribute's name." },
	[XATTR_RESULT] = LINUX_SUCCESS,
};

const struct linux_operation filetracer_linux_removexattr = {
	.type = LINUX_TYPE(xattr_fields, "An extended attribute of a file is removed.",
			   "vfs_removexattr"),
	.kind = &linux_entry,
	.subject = REMOVEXATTR_ENTRY,
	.not_inside = LINUX_ANY,
	.values = { { XATTR_NAME_FIELD, REMOVEXATTR_NAME, .put = linux_put_string } },
};

const struct linux_operation filetracer_linux_set_acl = {
	.type = LINUX_TYPE(xattr_fields,
			   "A file gets an access control list; before 6.2 that is an "
			   "extended attribute like others.",
			   "vfs_set_acl"),
	.kind = &linux_entry,
	.subject = SET_ACL_ENTRY,
	.not_inside = LINUX_ANY,
	.values = { { XATTR_NAME_FIELD, SET_ACL_NAME, .put = linux_put_string } },
};

const struct linux_operation filetracer_linux_remove_acl = {
	.type = LINUX_TYPE(xattr_fields,
			   "An access control list of a file is removed; before 6.2 it is an "
			   "extended attribute.",
			   "vfs_remove_acl"),
	.kind = &linux_entry,
	.subject = REMOVE_ACL_ENTRY,
	.not_inside = LINUX_ANY,
	.values = { { XATTR_NAME_FIELD, REMOVE_ACL_NAME, .put = linux_put_string } },
};

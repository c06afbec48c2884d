/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Linux: how values are printed. In the reader's process. */
#include <inttypes.h>
#include <stdio.h>

#include "plugins/filetracer/linux.h"
#include "plugins/syscalls/format.h"

#define SEPARATOR " | "

static void take(GString *from, char *text, size_t size)
{
	wv_append_end(from);
	g_strlcpy(text, from->str, size);
}

static void format_flags(const struct wv_constants *names, uint64_t value, char *text, size_t size)
{
	g_autoptr(GString) out = g_string_new(NULL);

	wv_append_set(out, names, value, SEPARATOR);
	take(out, text, size);
}

static void format_value(const struct wv_constants *names, uint64_t value, char *text, size_t size)
{
	g_autoptr(GString) out = g_string_new(NULL);

	wv_append_name(out, names, value);
	take(out, text, size);
}

/** A format function of a set of data/syscalls. */
#define FORMAT(function_, how_, set_)                                                              \
	extern const struct wv_constants wv_constants_##set_;                                      \
	void linux_format_##function_(uint64_t value, char *text, size_t size)                     \
	{                                                                                          \
		how_(&wv_constants_##set_, value, text, size);                                     \
	}

FORMAT(memfd_flags, format_flags, memfd_flags)
FORMAT(mmap_flags, format_flags, mmap_flags)
FORMAT(protection, format_flags, memory_protection)
FORMAT(fallocate_mode, format_flags, fallocate_mode)
FORMAT(rename_flags, format_flags, rename_flags)
FORMAT(access_mode, format_flags, access_mode)
FORMAT(xattr_flags, format_flags, xattr_flags)
FORMAT(mount_flags, format_flags, mount_flags)
FORMAT(umount_flags, format_flags, umount_flags)
FORMAT(whence, format_value, whence)

extern const struct wv_constants wv_constants_file_type;

void linux_format_type(uint64_t value, char *text, size_t size)
{
	format_value(&wv_constants_file_type, value & WV_LINUX_S_IFMT, text, size);
}

/** S_IALLUGO (include/linux/stat.h) */
#define PERMISSIONS 07777u

void linux_format_permissions(uint64_t value, char *text, size_t size)
{
	snprintf(text, size, "%" PRIo64, value & PERMISSIONS);
}

/** MINORBITS (include/linux/kdev_t.h) */
#define MINOR_BITS 20

void linux_format_device(uint64_t value, char *text, size_t size)
{
	snprintf(text, size, "%" PRIu64 ":%" PRIu64, value >> MINOR_BITS,
		 value & ((1u << MINOR_BITS) - 1));
}

void linux_format_direction(uint64_t value, char *text, size_t size)
{
	/* READ and WRITE (include/linux/kernel.h) */
	snprintf(text, size, "%s", value ? "write" : "read");
}

void linux_format_time(uint64_t value, char *text, size_t size)
{
	if (value == LINUX_TIME_NOW)
		snprintf(text, size, "now");
	else if (value == LINUX_TIME_OMIT)
		snprintf(text, size, "omit");
	else
		snprintf(text, size, "%" PRId64, (int64_t)value);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files: what is known of them, how they are opened, their modes and devices. */
#include "plugins/syscalls/format.h"

/* Linux, include/uapi/linux/stat.h. */
#define MODE_TYPE  0170000
#define MODE_CHAR  0020000
#define MODE_BLOCK 0060000

/* include/uapi/asm-generic/fcntl.h: O_CREAT, and O_TMPFILE without O_DIRECTORY. */
#define OPEN_CREATES (00000100 | 020000000)

extern const struct wv_constants wv_constants_file_type;
extern const struct wv_constants wv_constants_resolve_flags;
extern const struct wv_constants wv_constants_filesystem_magic;
extern const struct wv_constants wv_constants_mount_attributes;

/* Modes and devices -----------------------------------------------------------------------------*/

/* A type by its name, and the permissions in octal: "S_IFREG|0644". */
static void append_mode(GString *out, uint32_t mode)
{
	const char *type = wv_constant_find(&wv_constants_file_type, mode & MODE_TYPE);

	if (type) {
		wv_append_string(out, type);
		wv_append_char(out, '|');
		mode &= ~(uint32_t)MODE_TYPE;
	}
	wv_append_octal(out, mode);
}

void wv_decode_mode(const struct wv_arg *arg, GString *out)
{
	append_mode(out, (uint32_t)wv_number(arg));
}

/* open(2) and openat(2) read it only where a file may be made. */
void wv_decode_open_mode(const struct wv_arg *arg, GString *out)
{
	uint64_t flags = arg->index > 0 ? wv_sibling(arg, arg->index - 1u, OPEN_CREATES) : 0;

	wv_append_octal(out, flags & OPEN_CREATES ? wv_number(arg) & 07777 : 0);
}

/* Linux, include/linux/kdev_t.h: new_decode_dev(). */
static void append_device(GString *out, uint32_t device)
{
	wv_append_u64(out, (device & 0xfff00) >> 8);
	wv_append_char(out, ':');
	wv_append_u64(out, (device & 0xff) | (device >> 12 & 0xfff00));
}

void wv_decode_device(const struct wv_arg *arg, GString *out)
{
	append_device(out, (uint32_t)wv_number(arg));
}

/* struct stat and its like
 * ------------------------------------------------------------------------*/

struct stat_facts {
	uint32_t mode;
	uint64_t inode, device, size;
};

static void append_stat(GString *out, const struct stat_facts *stat)
{
	uint32_t type = stat->mode & MODE_TYPE;

	wv_append_char(out, '{');
	wv_append_member(out, "mode");
	append_mode(out, stat->mode);
	wv_append_member(out, "ino");
	wv_append_u64(out, stat->inode);
	if (type == MODE_CHAR || type == MODE_BLOCK) {
		wv_append_member(out, "rdev");
		append_device(out, (uint32_t)stat->device);
	} else {
		wv_append_member(out, "size");
		wv_append_u64(out, stat->size);
	}
	wv_append_char(out, '}');
}

/* arch/x86/include/uapi/asm/stat.h: struct stat; arch/x86/include/asm/compat.h: compat_stat. */
void wv_decode_stat(const struct wv_arg *arg, GString *out)
{
	struct stat_facts stat = {
		.mode = wv_u32(arg, 24),
		.inode = wv_u64(arg, 8),
		.device = wv_u64(arg, 40),
		.size = wv_u64(arg, 48),
	};
	struct stat_facts compat = {
		.mode = wv_u16(arg, 8),
		.inode = wv_u32(arg, 4),
		.device = wv_u32(arg, 16),
		.size = wv_u32(arg, 20),
	};

	append_stat(out, arg->compat ? &compat : &stat);
}

/* struct stat64 of a 32-bit caller (arch/x86/include/uapi/asm/stat.h). */
void wv_decode_stat64(const struct wv_arg *arg, GString *out)
{
	struct stat_facts stat = {
		.mode = wv_u32(arg, 16),
		.inode = wv_u64(arg, 88),
		.device = wv_u64(arg, 32),
		.size = wv_u64(arg, 44),
	};

	append_stat(out, &stat);
}

/* struct __old_kernel_stat, the same for all callers: shorts, and the size at 16. */
void wv_decode_old_stat(const struct wv_arg *arg, GString *out)
{
	struct stat_facts stat = {
		.mode = wv_u16(arg, 4),
		.inode = wv_u16(arg, 2),
		.device = wv_u16(arg, 12),
		.size = wv_u32(arg, 16),
	};

	append_stat(out, &stat);
}

/* struct statx: devices in two parts, of which the major is 12 bits and the minor 20. */
void wv_decode_statx(const struct wv_arg *arg, GString *out)
{
	uint32_t major = wv_u32(arg, 128), minor = wv_u32(arg, 132);
	struct stat_facts stat = {
		.mode = wv_u16(arg, 28),
		.inode = wv_u64(arg, 32),
		.device = (minor & 0xff) | (major & 0xfff) << 8 | (minor & 0xfff00) << 12,
		.size = wv_u64(arg, 40),
	};

	append_stat(out, &stat);
}

static void append_statfs(GString *out, uint64_t type, uint64_t block, uint64_t blocks,
			  uint64_t available)
{
	wv_append_char(out, '{');
	wv_append_member(out, "type");
	wv_append_name(out, &wv_constants_filesystem_magic, (uint32_t)type);
	wv_append_member(out, "bsize");
	wv_append_u64(out, block);
	wv_append_member(out, "blocks");
	wv_append_u64(out, blocks);
	wv_append_member(out, "bavail");
	wv_append_u64(out, available);
	wv_append_char(out, '}');
}

/* struct statfs: type, block size, blocks, free, available: all of them words. */
void wv_decode_statfs(const struct wv_arg *arg, GString *out)
{
	size_t word = wv_word_size(arg);

	append_statfs(out, wv_word(arg, 0), wv_word(arg, word), wv_word(arg, 2 * word),
		      wv_word(arg, 4 * word));
}

/* struct compat_statfs64: the first two have 4 bytes, the counts 8. */
void wv_decode_statfs64(const struct wv_arg *arg, GString *out)
{
	append_statfs(out, wv_u32(arg, 0), wv_u32(arg, 4), wv_u64(arg, 8), wv_u64(arg, 24));
}

/* Structures that say how
 * ------------------------------------------------------------------------*/

/* struct open_how: flags, mode, resolve. */
void wv_decode_open_how(const struct wv_arg *arg, GString *out)
{
	uint64_t flags = wv_u64(arg, 0);

	if (!wv_has(arg, 0, 24)) {
		wv_append_address(out, wv_number(arg));
		return;
	}
	wv_append_char(out, '{');
	wv_append_member(out, "flags");
	wv_append_flags(out, &wv_constants_open_flags, flags);
	if (flags & OPEN_CREATES) {
		wv_append_member(out, "mode");
		wv_append_octal(out, wv_u64(arg, 8));
	}
	wv_append_member(out, "resolve");
	wv_append_flags(out, &wv_constants_resolve_flags, wv_u64(arg, 16));
	wv_append_closing(arg, out, '}');
}

/* struct mount_attr: to set, to clear, propagation, the user name space's descriptor. */
void wv_decode_mount_attr(const struct wv_arg *arg, GString *out)
{
	if (!wv_has(arg, 0, 32)) {
		wv_append_address(out, wv_number(arg));
		return;
	}
	wv_append_char(out, '{');
	wv_append_member(out, "attr_set");
	wv_append_flags(out, &wv_constants_mount_attributes, wv_u64(arg, 0));
	wv_append_member(out, "attr_clr");
	wv_append_flags(out, &wv_constants_mount_attributes, wv_u64(arg, 8));
	wv_append_member(out, "propagation");
	wv_append_hex(out, wv_u64(arg, 16));
	wv_append_member(out, "userns_fd");
	wv_append_i64(out, (int64_t)wv_u64(arg, 24));
	wv_append_closing(arg, out, '}');
}

/* struct iovec: where, and how much; not what. */
static void append_iovec(const struct wv_arg *arg, GString *out, size_t at)
{
	wv_append_char(out, '{');
	wv_append_member(out, "base");
	wv_append_address(out, wv_word(arg, at));
	wv_append_member(out, "len");
	wv_append_u64(out, wv_word(arg, at + wv_word_size(arg)));
	wv_append_char(out, '}');
}

void wv_decode_iovecs(const struct wv_arg *arg, GString *out)
{
	wv_append_array(arg, out, 0, 2 * wv_word_size(arg), append_iovec);
}

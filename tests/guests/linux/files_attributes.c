// SPDX-License-Identifier: GPL-2.0-or-later
/* The group "attributes" of the scenario "files": permissions, owners, times, extended attributes.
 */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "truth.h"

/* What every file system takes from root, tmpfs too. */
#define KEY "trusted.wyvern"

static void change_modes(int fd)
{
	WV_EXPECT(wv_file_chmod("file", 04755) == 0);
	WV_EXPECT(wv_file_fchmod(fd, 0) == 0);
	WV_EXPECT(wv_file_fchmod(fd, 0640) == 0);
	WV_EXPECT(chmod("not there", 0) < 0 && errno == ENOENT);
}

static void change_owners(int fd)
{
	WV_EXPECT(wv_file_chown("file", 1000, 2000) == 0);
	WV_EXPECT(wv_file_chown("file", -1, 0) == 0);
	WV_EXPECT(wv_file_fchown(fd, 0, -1) == 0);
	WV_EXPECT(wv_file_fchown(fd, 123456, 654321) == 0);
	WV_EXPECT(wv_file_lchown("symlink", 7, 8) == 0);
}

static void change_times(int fd)
{
	const struct timespec both[] = { { 1000000001, 5 }, { 2000000002, 999999999 } };
	const struct timespec some[] = { { 0, UTIME_OMIT }, { 0, UTIME_NOW } };
	const struct timespec old[] = { { -86400, 0 }, { 0, UTIME_OMIT } };

	WV_EXPECT(wv_file_utimes(AT_FDCWD, "file", NULL, 0) == 0);
	WV_EXPECT(wv_file_utimes(AT_FDCWD, "file", both, 0) == 0);
	WV_EXPECT(wv_file_utimes(AT_FDCWD, "file", some, 0) == 0);
	WV_EXPECT(wv_file_utimes(fd, NULL, old, 0) == 0);
	WV_EXPECT(wv_file_utimes(AT_FDCWD, "symlink", both, AT_SYMLINK_NOFOLLOW) == 0);
}

static void change_extended(int fd)
{
	static char big[1000];

	memset(big, 'x', sizeof(big));
	WV_EXPECT(wv_file_setxattr("file", KEY, "value", 5, 0) == 0);
	WV_EXPECT(wv_file_setxattr("file", KEY, "v", 1, XATTR_CREATE) == -EEXIST);
	WV_EXPECT(wv_file_fsetxattr(fd, KEY, "re\"placed\n", 10, XATTR_REPLACE) == 0);
	WV_EXPECT(wv_file_setxattr("file", KEY ".empty", "", 0, 0) == 0);
	WV_EXPECT(wv_file_setxattr("file", KEY ".binary", "\0\xff\x01\x02", 4, 0) == 0);
	WV_EXPECT(wv_file_setxattr("file", KEY ".big", big, sizeof(big), 0) == 0);
	WV_EXPECT(wv_file_lsetxattr("symlink", KEY, "symlink's", 9, 0) == 0);
	WV_EXPECT(wv_file_removexattr("file", KEY) == 0);
	WV_EXPECT(wv_file_removexattr("file", KEY) == -ENODATA);
	WV_EXPECT(wv_file_fremovexattr(fd, KEY ".big") == 0);
}

/* linux/posix_acl_xattr.h: user::rw- user:1000:r-- group::r-- mask::r-- other::--- */
static void change_acl(void)
{
	static const unsigned short acl[] = {
		2, 0,	   0x01,   6,	 0xffff, 0xffff, 0x02,	 4,    1000, 0,	     0x04,
		4, 0xffff, 0xffff, 0x10, 4,	 0xffff, 0xffff, 0x20, 0,    0xffff, 0xffff,
	};

	WV_EXPECT(wv_file_setxattr("file", "system.posix_acl_access", acl, sizeof(acl), 0) == 0);
	WV_EXPECT(wv_file_removexattr("file", "system.posix_acl_access") == 0);
}

void wv_files_attributes(void)
{
	int fd = wv_file_open(AT_FDCWD, "file", O_CREAT | O_RDWR, 0600);

	WV_EXPECT(wv_file_symlink("nowhere", "symlink") == 0);
	change_modes(fd);
	change_owners(fd);
	change_times(fd);
	change_extended(fd);
	change_acl();
	wv_file_close(fd);
}

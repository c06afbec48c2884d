/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations that filetracer tells of Linux. */
#ifndef WV_PLUGINS_FILETRACER_LINUX_OPERATIONS_H
#define WV_PLUGINS_FILETRACER_LINUX_OPERATIONS_H

/** Applies a macro to each: see struct linux_operation in linux.h. */
#define FILETRACER_LINUX(OPERATION)                                                                \
	OPERATION(OPEN, open), OPERATION(OPEN_ROOT, open_root), OPERATION(CLOSE, close),           \
		OPERATION(FLUSH, flush), OPERATION(READ, read), OPERATION(WRITE, write),           \
		OPERATION(READV, readv), OPERATION(WRITEV, writev), OPERATION(AREA, area),         \
		OPERATION(SEEK, seek), OPERATION(SEEK_CALL, seek_call), OPERATION(MMAP, mmap),     \
		OPERATION(TRUNCATE, truncate), OPERATION(FALLOCATE, fallocate),                    \
		OPERATION(MEMFD, memfd), OPERATION(CREATE, create), OPERATION(MKNOD, mknod),       \
		OPERATION(MKDIR, mkdir), OPERATION(RMDIR, rmdir), OPERATION(UNLINK, unlink),       \
		OPERATION(RENAME, rename), OPERATION(LINK, link), OPERATION(SYMLINK, symlink),     \
		OPERATION(READLINK, readlink), OPERATION(ACCESS, access), OPERATION(CHDIR, chdir), \
		OPERATION(CHROOT, chroot), OPERATION(CHMOD, chmod), OPERATION(CHOWN, chown),       \
		OPERATION(UTIMES, utimes), OPERATION(SETXATTR, setxattr),                          \
		OPERATION(REMOVEXATTR, removexattr), OPERATION(SET_ACL, set_acl),                  \
		OPERATION(REMOVE_ACL, remove_acl), OPERATION(MOUNT, mount),                        \
		OPERATION(MOVE_MOUNT, move_mount), OPERATION(MOVE_MOUNT_CALL, move_mount_call),    \
		OPERATION(UMOUNT, umount)

#endif

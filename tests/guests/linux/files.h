/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the scenario "files" is made of: one operation on a file each, and the fact that says what
 * was done, to which file, and with what result.
 *
 * What a file is like (type, permissions, owner, flags) is asked for by calls that no tracer of
 * files tells (fstat, lstat, fcntl); where it is, and where in it a descriptor stands, these
 * functions remember themselves. Results are what the kernel returned: -errno when it refused.
 */
#ifndef WV_GUEST_FILES_H
#define WV_GUEST_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Where the file system under test is mounted; and where a second tree is, for mounts of all kinds.
 */
#define WV_FILES_DIR "/files"
#define WV_FILES_AUX "/aux"
/* The mount that an overlay's layers are in, and its lower layer. */
#define WV_FILES_DISK  "/disk"
#define WV_FILES_LOWER "/disk/lower"

/* Facts (files_fact.c) ------------------------------------------------------------------------- */

/* The paths that these names stand for: absolute, and good until some dozen calls later. */
const char *wv_here(const char *name);
const char *wv_below(int dir, const char *name);

/* What is known of a descriptor: where its file is, and where in it the next byte is read. */
const char *wv_path_of(int fd);
void wv_opened(int fd, const char *path);
void wv_closed(int fd);
off_t wv_position(int fd);
void wv_set_position(int fd, off_t position);

/* The current directory is another one now; what was below `from` is below `to` now. */
void wv_set_here(const char *path);
void wv_moved(const char *from, const char *to);

/* What a file is like before a call is made; all zero when nothing is there. */
struct stat wv_look(int fd);
struct stat wv_look_at(int dir, const char *name);

/* A result of the C library's, as the kernel had returned it. */
long wv_result(long result);

/*
 * Begins the fact of an operation that has just been done; the caller adds what else there is to
 * say, and calls wv_fact_end(). file: what it was like; NULL or all zero when there was none.
 */
void wv_file_fact(const char *what, const char *path, const struct stat *file, long result);

/* The same of a file that is open: with its flags. */
void wv_open_file_fact(const char *what, int fd, const struct stat *file, long result);

/* The whole fact, of an operation of which there is no more to say. */
void wv_file_done(const char *what, const char *path, const struct stat *file, long result);

/* Operations (files_ops.c) --------------------------------------------------------------------- */

/* `real`: the path of what is opened, where the name itself does not tell. */
int wv_file_open(int dir, const char *name, int flags, mode_t mode);
int wv_file_open_as(const char *real, int dir, const char *name, int flags, mode_t mode);
/* The fact alone, of an open that was done in another way. */
void wv_file_open_fact(const char *real, int flags, mode_t mode, long result);
long wv_file_close(int fd);
/* `how` with the numbers of a file that was closed by something else than close(). */
void wv_file_close_fact(int fd, const char *how, const struct stat *file, int flags);

enum wv_way { WV_PLAIN, WV_AT, WV_VECTOR, WV_VECTOR_AT, WV_VECTOR_FLAGS };
long wv_file_read(int fd, enum wv_way way, size_t count, off_t position);
long wv_file_write(int fd, enum wv_way way, const void *data, size_t count, off_t position);
/* The fact alone. position: -1 for streams. */
void wv_file_io_fact(const char *what, int fd, const struct stat *file, size_t count,
		     off_t position, long result);
/* Bytes went from one file to another, in steps that only the kernel knows; -1: not a file. */
void wv_file_transfer_fact(const char *how, int in, off_t in_at, int out, off_t out_at,
			   size_t asked, long result);

long wv_file_seek(int fd, off_t offset, int whence);
void *wv_file_map(int fd, size_t length, int prot, int flags, off_t offset);
long wv_file_truncate(const char *name, off_t length);
long wv_file_ftruncate(int fd, off_t length);
long wv_file_allocate(int fd, int mode, off_t offset, off_t length);

/* Names (files_ops_names.c) */
long wv_file_rename(int from_dir, const char *from, int to_dir, const char *to, unsigned int flags);
long wv_file_link(const char *name, const char *link);
long wv_file_symlink(const char *text, const char *name);
long wv_file_readlink(const char *name, size_t room);
long wv_file_unlink(int dir, const char *name);
long wv_file_rmdir(int dir, const char *name);
long wv_file_mkdir(int dir, const char *name, mode_t mode);
long wv_file_mknod(const char *name, mode_t mode, dev_t device);
long wv_file_access(int dir, const char *name, int mode);
long wv_file_chdir(const char *name);
long wv_file_fchdir(int fd);
long wv_file_chroot(const char *name);

/* Attributes (files_ops_attributes.c) */
long wv_file_chmod(const char *name, mode_t mode);
long wv_file_fchmod(int fd, mode_t mode);
/* Ids of -1 are not changed. */
long wv_file_chown(const char *name, uid_t uid, gid_t gid);
long wv_file_lchown(const char *name, uid_t uid, gid_t gid);
long wv_file_fchown(int fd, uid_t uid, gid_t gid);
long wv_file_utimes(int dir, const char *name, const struct timespec times[2], int flags);
long wv_file_setxattr(const char *name, const char *key, const void *value, size_t size, int flags);
long wv_file_lsetxattr(const char *name, const char *key, const void *value, size_t size,
		       int flags);
long wv_file_fsetxattr(int fd, const char *key, const void *value, size_t size, int flags);
long wv_file_removexattr(const char *name, const char *key);
long wv_file_fremovexattr(int fd, const char *key);

/* Mounts (files_ops_mounts.c); paths are absolute */
long wv_file_mount(const char *device, const char *path, const char *type, unsigned long flags,
		   const char *data);
long wv_file_umount(const char *path, int flags);
long wv_file_move_mount(int from, const char *from_name, const char *from_path, const char *to);
int wv_file_memfd(const char *name, unsigned int flags);

/* Tasks (files_tasks.c) -------------------------------------------------------------------------
 */

/* Runs a function in a child, which ends with what it returns, closing what it still has open. */
void wv_file_task(int (*run)(void *), void *data, int code);

/* Mounts a file system on WV_FILES_DIR; device: of its disk, or that of an overlay's layers; NULL:
 * in memory (files_setup.c). */
bool wv_files_set_up(const char *system, const char *device);
void wv_files_take_down(void);

/* The groups; each does its work in the current directory, which is empty ------------------------
 */

void wv_files_open(void);
void wv_files_data(void);
void wv_files_transfers(void);
void wv_files_ring(void);
void wv_files_compat(void);
void wv_files_names(void);
void wv_files_attributes(void);
void wv_files_tasks(void);
void wv_files_mounts(void);
void wv_files_layers(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The launcher: the program that the guests of `wyvern analyze` boot into. It is the kernel's
 * /init: it makes an ordinary Linux of the root that it finds, and leaves one process behind that
 * waits at the door (monitor/door.h) for a job (sandbox/job.h) and then becomes the sample.
 *
 * It is linked statically and needs nothing of the root. This header is all that its files share.
 */
#ifndef WV_LAUNCHER_LAUNCHER_H
#define WV_LAUNCHER_LAUNCHER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "monitor/door.h"
#include "sandbox/job.h"

/** Where the initramfs holds what is the launcher's; gone before a sample can see it. */
#define WV_LAUNCHER_FOLDER "/wyvern"

/** A text that says why something failed; empty until then. */
struct wv_why {
	char text[WV_DOOR_TEXT_MAX];
};

/** Fills `why` (cut at its end), and returns false so that callers can return it. */
bool wv_why(struct wv_why *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Prints "launcher: TEXT" on the console. */
void wv_say(const char *text);

/* mounts.c --------------------------------------------------------------------------------------
 */

/** /proc, /sys and /dev, and the console as descriptors 0 to 2. */
bool wv_mount_first(struct wv_why *why);

/** /dev/pts, /dev/shm, /run and /tmp, in the root that the sample will see. */
void wv_mount_rest(void);

/** Removes /init, if that is this program, and WV_LAUNCHER_FOLDER. */
void wv_remove_traces(void);

/* disk.c ----------------------------------------------------------------------------------------
 */

/** Whether the initramfs says that the guest's root is a disk. */
bool wv_is_disk(void);

/** Makes /dev/vda, or the first of its partitions that is a root, this process's root. */
bool wv_switch_to_disk(struct wv_why *why);

/**
 * The type of the file system on a device, by its superblock: "ext4" (for all of ext2 to ext4),
 * "xfs" or "btrfs". NULL: it has none of these.
 */
const char *wv_file_system_of(const char *device);

/** Removes what is below the open folder `fd`, on its own file system only; closes it. */
void wv_remove_below(int fd);

/* modules.c -------------------------------------------------------------------------------------
 */

/**
 * Loads the modules that the file WV_LAUNCHER_FOLDER/modules/LIST names, in its order; it may not
 * exist. "load" is for every guest, the lists of file systems are called as these are.
 */
bool wv_load_modules(const char *list, struct wv_why *why);

/* network.c -------------------------------------------------------------------------------------
 */

/** Brings `lo` up, as far as the kernel has it. */
void wv_network_loopback(void);

/** Makes the first network card part of QEMU's user network, 10.0.2.0/24. */
bool wv_network_user(struct wv_why *why);

/* signals.c -------------------------------------------------------------------------------------
 */

/** Blocks the signals that wv_serve takes; for before the first fork. */
void wv_block_signals(void);

/** Process 1's life: reaps, and powers off or reboots when told to as busybox's init is. */
_Noreturn void wv_serve(void);

/** Powers off at once. */
_Noreturn void wv_power_off(void);

/* door.c ----------------------------------------------------------------------------------------
 */

/** Knocks; see enum wv_door_request. */
void wv_knock(enum wv_door_request request, const volatile void *address, uint64_t size);

/** Takes the door out of this process, which never knocks: a sample can look at it. */
void wv_forget_door(void);

/** Tells the monitor, and the console, that the sample was not started. */
void wv_tell_failed(const struct wv_why *why);

/* receive.c -------------------------------------------------------------------------------------
 */

/** The next `size` bytes of the job, as soon as there are any. False: the job ends before. */
bool wv_receive(void *to, size_t size, struct wv_why *why);

/** The next bytes of the job, at most `max` and at least one, where they are in the buffer. */
const uint8_t *wv_receive_some(size_t max, size_t *size, struct wv_why *why);

/* order.c ---------------------------------------------------------------------------------------
 */

/** A job's head and texts, checked. The texts point into the strings. */
struct wv_order {
	struct wv_job_head head;
	const char *path;
	const char *user;
	const char *folder; /* empty: the user's home */
	char **arguments;   /* argv: [0] is the path, NULL-terminated */
	char **environment; /* the job's own, head.n_environment of them, NULL-terminated */
};

/** Checks a head for itself: magic, flags and bounds. */
bool wv_order_check(const struct wv_job_head *head, struct wv_why *why);

/**
 * Takes the head's texts apart. `strings` has head->strings_size bytes and stays the order's. The
 * arguments and the environment are allocated and never freed: the process becomes the sample.
 */
bool wv_order_parse(struct wv_order *order, const struct wv_job_head *head, char *strings,
		    struct wv_why *why);

/* user.c ----------------------------------------------------------------------------------------
 */

#define WV_USER_GROUPS_MAX 64

struct wv_user {
	uid_t uid;
	gid_t gid;
	gid_t groups[WV_USER_GROUPS_MAX];
	size_t n_groups;
	char name[256];
	char home[PATH_MAX];
	char shell[PATH_MAX];
};

/**
 * Finds a user by name or number in files of the format of passwd(5) and group(5). A number that
 * has no row, and root, are users without one.
 */
bool wv_user_find(struct wv_user *user, const char *wanted, const char *passwd, const char *group,
		  struct wv_why *why);

/* interpreter.c ---------------------------------------------------------------------------------
 */

/**
 * What a program needs before it can be executed and is not there: what its PT_INTERP or its "#!"
 * line names, or what that needs in turn. False: nothing is missing, or the file can not be read.
 */
bool wv_interpreter_missing(const char *path, char *interpreter, size_t size);

/* start.c, runner.c -----------------------------------------------------------------------------
 */

/** Becomes the sample. Returns only if that failed: the status to exit with. */
int wv_start(const struct wv_order *order, const struct wv_user *user, struct wv_why *why);

/** The runner: waits for a job and does it. Its return value is the exit status. */
int wv_run(void);

#endif

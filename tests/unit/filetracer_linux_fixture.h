/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer watching a tiny Linux kernel that has files: what its tests begin with. */
#ifndef WV_TESTS_FILETRACER_LINUX_FIXTURE_H
#define WV_TESTS_FILETRACER_LINUX_FIXTURE_H

#include "observer.h"
#include "tiny_linux_files.h"

/** Types of files (include/uapi/linux/stat.h). */
#define REGULAR 0100000u
#define FOLDER	0040000u
#define LINK	0120000u
#define PIPE	0010000u
#define SOCKET	0140000u

/** The value of a 64-bit register that has an error. */
#define ERROR(number) ((uint64_t) - (number))
#define ENOENT_	      2
#define EINVAL_	      22

/** How all events begin that the shell makes, up to the EventUID. */
#define SHELL " 12/12 of 0 uid 1000 \"bash\" #"

/** The common fields of a regular file of user 1, group 2: permissions, path. */
#define COMMON(permissions, path)                                                                  \
	"Permissions=\"" permissions "\" ThreadName=\"bash\" FileName=\"" path                     \
	"\" Mode=\"S_IFREG\" UID=1 GID=2"
/** Likewise of an open one, with its flags. */
#define OPEN(permissions, path, flags)                                                             \
	"Permissions=\"" permissions "\" ThreadName=\"bash\" FileName=\"" path                     \
	"\" Mode=\"S_IFREG\" Flag=\"" flags "\" UID=1 GID=2"
/** Of what is not there. */
#define NOTHING(path) "ThreadName=\"bash\" FileName=\"" path "\""

struct filetracer_fixture {
	struct tiny_linux kernel;
	struct observer observer;
	struct tiny_task *bash;	  /* PID 12; it runs on vCPU 0 */
	uint64_t sb, root, mount; /* of the root file system */
	uint64_t tmp;		  /* the entry /tmp */
};

/** Makes the kernel and arms the monitor. @without: members that it lacks, or NULL. */
void filetracer_start(struct filetracer_fixture *fixture, const char *const *without);

/** Setup functions of cmocka: one starts at once, the other leaves that to the test. */
int filetracer_setup(void **state);
int filetracer_setup_empty(void **state);
int filetracer_teardown(void **state);

/** An entry in /tmp where nothing is. */
uint64_t filetracer_nothing(struct filetracer_fixture *fixture, const char *name);

/** Puts an inode of user 1 and group 2 behind an entry. */
void filetracer_fill(struct filetracer_fixture *fixture, uint64_t entry, uint32_t mode);

/** An entry in /tmp with such an inode. */
uint64_t filetracer_entry(struct filetracer_fixture *fixture, const char *name, uint32_t mode);

/** A regular file /tmp/NAME, rw-r--r--, opened with O_RDWR. */
uint64_t filetracer_file(struct filetracer_fixture *fixture, const char *name);

/** A struct path in the root mount. */
uint64_t filetracer_path(struct filetracer_fixture *fixture, uint64_t entry);

/** A 64-bit number in the kernel's memory. */
uint64_t filetracer_number(struct filetracer_fixture *fixture, uint64_t number);

/** The shell calls a function, with up to six arguments, and is in it. */
#define filetracer_enter(fixture, function, ...)                                                   \
	tiny_call(&(fixture)->kernel, 0, function, 0, (const uint64_t[6]){ __VA_ARGS__ })
void filetracer_leave(struct filetracer_fixture *fixture, uint64_t result);

/** The call returns that, and this is told of it; or of nothing: "". */
void filetracer_told(struct filetracer_fixture *fixture, uint64_t result, const char *expected);

#endif

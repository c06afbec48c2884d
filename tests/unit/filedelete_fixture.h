/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filedelete watching a tiny Linux kernel that has files: what its tests begin with. */
#ifndef WV_TESTS_FILEDELETE_FIXTURE_H
#define WV_TESTS_FILEDELETE_FIXTURE_H

#include "guest/linux/linux.h"
#include "observer.h"
#include "tiny_linux_files.h"

/** Settings with which contents are taken. */
#define FILEDELETE_DUMP "dump=/nowhere\n"

/** include/linux/fs.h: the least of file.f_mode that there can be */
enum { FILEDELETE_READ = 1, FILEDELETE_WRITE = 2 };

struct filedelete_fixture {
	struct tiny_linux kernel;
	struct observer observer;
	uint64_t sb, folder, mount; /* of "/tmp", which bash, PID 12, works in */
	uint64_t frame;		    /* the next one that content can be in */
	uint64_t rename;	    /* a struct renamedata */
};

/** A file, by its name in a folder: with one directory entry, which its remover holds. */
struct some_file {
	uint64_t inode, entry;
};

/** Makes the kernel and arms the monitor, which misses nothing. */
void filedelete_start(struct filedelete_fixture *fixture, const struct tiny_options *options,
		      const char *settings);

/** Set-up functions of cmocka: with contents; and left to the test. */
int filedelete_setup(void **state);
int filedelete_setup_empty(void **state);
int filedelete_teardown(void **state);

/** A file of a file system, whose content is in memory. */
struct some_file filedelete_make_in(struct filedelete_fixture *fixture, uint64_t folder,
				    const char *name, const char *content);
/** One in /tmp. */
struct some_file filedelete_make(struct filedelete_fixture *fixture, const char *name,
				 const char *content);
/** Another content in the same memory, of the same length. */
void filedelete_overwrite(struct filedelete_fixture *fixture, struct some_file file,
			  const char *content);

/** Opens it: a struct file. */
uint64_t filedelete_open(struct filedelete_fixture *fixture, struct some_file file, uint32_t mode,
			 uint32_t flags);

/* What the kernel does. Each tells the monitor of its calls. */

/** What becomes of a file when a name of it goes: its entry forgets it, unless another has that. */
void filedelete_lose_name(struct filedelete_fixture *fixture, struct some_file file);

/** A call that does nothing but return. */
void filedelete_call(struct filedelete_fixture *fixture, const char *function, uint64_t first,
		     uint64_t second, uint64_t third);

void filedelete_enter_unlink(struct filedelete_fixture *fixture, struct some_file file);
void filedelete_enter_rename(struct filedelete_fixture *fixture, struct some_file from,
			     struct some_file over, uint32_t flags);
void filedelete_return(struct filedelete_fixture *fixture, int64_t result);

void filedelete_unlink(struct filedelete_fixture *fixture, struct some_file file);
void filedelete_rename(struct filedelete_fixture *fixture, struct some_file from,
		       struct some_file over);
void filedelete_evict(struct filedelete_fixture *fixture, struct some_file file);
/** The last close of a struct file, and with it, if it has no name, the end of its inode. */
void filedelete_close(struct filedelete_fixture *fixture, uint64_t file, struct some_file of);

/**
 * What has been told since the last time is exactly this: lines of the observer, without who it was
 * and the number of the event.
 */
void filedelete_told(struct filedelete_fixture *fixture, const char *expected);

/**
 * Likewise: one file, and its content of 7 bytes.
 *
 * @event: its row up to the content's number, which @reason follows; 0: nothing is told.
 */
void filedelete_told_file(struct filedelete_fixture *fixture, const char *event, unsigned number,
			  const char *reason, const char *content);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the scenario "deleted" is made of: files whose content anybody can make again, and the facts
 * about their end.
 *
 * A file's content is a list of pieces, later ones over earlier ones, and zeros where there is
 * none. A piece is the first bytes of an endless text: pages of 128 lines, all lines of a page
 * alike, "%016x %014x\n" of the piece's seed and the page's number.
 */
#ifndef WV_GUEST_DELETED_H
#define WV_GUEST_DELETED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define WV_PIECES 8

struct wv_piece {
	off_t at;
	size_t length;
	unsigned long seed;
};

/* A file that will end. */
struct wv_mortal {
	char path[128];
	int fd; /* -1: not open any more */
	int pieces;
	struct wv_piece piece[WV_PIECES];
};

/* Fills memory with the first bytes of a seed's text. */
void wv_fill(char *memory, size_t length, unsigned long seed);

/* Makes an empty file and leaves it open. */
struct wv_mortal wv_mortal(const char *path, int flags);

/* Writes a piece. False: it could not be written, which is said to be broken. */
bool wv_put(struct wv_mortal *file, off_t at, size_t length, unsigned long seed);

/* Notes a piece that was written in another way. */
void wv_note(struct wv_mortal *file, off_t at, size_t length, unsigned long seed);

void wv_close(struct wv_mortal *file);

/*
 * The fact that the file will end next, and what of it is in memory now: reason, as filedelete
 * names it; pid: who does it. A file that is not open is found by its path. path: NULL, or the name
 * by which it ends. content: whether it is the end of the content, too.
 */
void wv_ends(struct wv_mortal *file, const char *reason, const char *path, pid_t pid, bool content);

/* The same of an open file that is whole in memory, by this process: makes no other call. */
void wv_ends_whole(struct wv_mortal *file, const char *reason, const char *path);

/* The same of one of which nothing can be found. */
void wv_ends_lost(struct wv_mortal *file, const char *reason);

/* Everything that can happen to a file and its content, in the current directory. */
void wv_deleted_variants(const char *folder);

#endif

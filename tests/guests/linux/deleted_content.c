// SPDX-License-Identifier: GPL-2.0-or-later
/* Contents of the scenario "deleted", and what is said of them. */
#define _GNU_SOURCE
#include "deleted.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "truth.h"

#define PAGE	  4096
#define SECTOR	  512 /* no block is smaller */
#define CACHESTAT 451 /* cachestat(), which C libraries may not know */
#define LINE	  32
#define BLOCK	  (1 << 20)

static void fill_page(char page[PAGE], unsigned long seed, unsigned long number)
{
	snprintf(page, LINE, "%016lx %014lx", seed, number);
	page[LINE - 1] = '\n';
	for (size_t done = LINE; done < PAGE; done *= 2)
		memcpy(page + done, page, done);
}

static void fill_from(char *memory, size_t length, unsigned long seed, unsigned long number)
{
	char page[PAGE];

	for (size_t done = 0; done < length; done += PAGE) {
		size_t part = length - done < PAGE ? length - done : PAGE;

		fill_page(page, seed, number++);
		memcpy(memory + done, page, part);
	}
}

void wv_fill(char *memory, size_t length, unsigned long seed)
{
	fill_from(memory, length, seed, 0);
}

struct wv_mortal wv_mortal(const char *path, int flags)
{
	struct wv_mortal file = { 0 };

	snprintf(file.path, sizeof(file.path), "%s", path);
	file.fd = open(path, O_RDWR | flags, 0600);
	return file;
}

void wv_note(struct wv_mortal *file, off_t at, size_t length, unsigned long seed)
{
	if (WV_EXPECT(file->pieces < WV_PIECES))
		file->piece[file->pieces++] = (struct wv_piece){ at, length, seed };
}

bool wv_put(struct wv_mortal *file, off_t at, size_t length, unsigned long seed)
{
	static char block[BLOCK];

	for (size_t done = 0; done < length; done += BLOCK) {
		size_t part = length - done < BLOCK ? length - done : BLOCK;

		fill_from(block, part, seed, done / PAGE);
		if (!WV_EXPECT(pwrite(file->fd, block, part, at + done) == (ssize_t)part))
			return false;
	}
	wv_note(file, at, length, seed);
	return true;
}

void wv_close(struct wv_mortal *file)
{
	WV_EXPECT(close(file->fd) == 0);
	file->fd = -1;
}

/* Whether there is a page at all. Kernels before 6.5 do not tell, and it does not matter there. */
static bool is_cached(int fd, off_t at)
{
	uint64_t range[] = { at, 1 }, pages[5] = { 1 };

	return syscall(CACHESTAT, fd, range, pages, 0) < 0 || pages[0];
}

/*
 * Whether a place in a file is in memory: the page is as a whole, or the part of it can be read
 * without waiting. Kernels before 5.12 say the latter of no page that is not whole; newer ones read
 * what is not there at all.
 */
static bool is_there(int fd, const unsigned char *pages, off_t at)
{
	char byte;
	struct iovec place = { &byte, 1 };

	return pages[at / PAGE] & 1 ||
	       (is_cached(fd, at) && preadv2(fd, &place, 1, at, RWF_NOWAIT) == 1);
}

/* What of the file's length is not in memory, in ranges of bytes: "0-4096,8192-10000". */
static void missing_fact(int fd, off_t size)
{
	size_t pages = (size + PAGE - 1) / PAGE, room = 64 + pages * 128, used = 0;
	void *mapped = pages ? mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0) : NULL;
	unsigned char *there = calloc(1, pages + 1);
	char *text = calloc(1, room);
	bool missing = false;

	WV_EXPECT(mapped != MAP_FAILED && (!pages || mincore(mapped, size, there) == 0));
	for (off_t at = 0; at < size; at += SECTOR) {
		if (is_there(fd, there, at) != missing)
			continue;
		missing = !missing;
		if (missing)
			used += snprintf(text + used, room - used, "%s%ld-", used ? "," : "",
					 (long)at);
		else
			used += snprintf(text + used, room - used, "%ld", (long)at);
	}
	if (missing)
		snprintf(text + used, room - used, "%ld", (long)size);
	if (pages)
		munmap(mapped, size);
	wv_fact_text("missing", text);
	free(there);
	free(text);
}

static void pieces_fact(const struct wv_mortal *file)
{
	char texts[WV_PIECES][64];
	const char *list[WV_PIECES + 1] = { NULL };

	for (int i = 0; i < file->pieces; i++) {
		snprintf(texts[i], sizeof(texts[i]), "%ld %zu %lu", (long)file->piece[i].at,
			 file->piece[i].length, file->piece[i].seed);
		list[i] = texts[i];
	}
	wv_fact_list("pieces", list);
}

/* All but what is missing. */
static off_t begin_fact(const struct wv_mortal *file, const char *reason, const char *path,
			pid_t pid, bool content)
{
	struct stat status = { 0 };

	WV_EXPECT((file->fd < 0 ? stat(file->path, &status) : fstat(file->fd, &status)) == 0);
	wv_fact("deleted");
	wv_fact_text("path", path ? path : file->path);
	wv_fact_text("reason", reason);
	wv_fact_int("pid", pid);
	wv_fact_int("size", status.st_size);
	wv_fact_bool("content", content);
	if (file->fd >= 0)
		wv_fact_hex("f_flags", fcntl(file->fd, F_GETFL));
	pieces_fact(file);
	return status.st_size;
}

void wv_ends(struct wv_mortal *file, const char *reason, const char *path, pid_t pid, bool content)
{
	off_t size = begin_fact(file, reason, path, pid, content);
	int fd = file->fd < 0 ? open(file->path, O_RDONLY | O_CLOEXEC) : file->fd;

	WV_EXPECT(fd >= 0);
	missing_fact(fd, size);
	wv_fact_end();
	if (fd != file->fd)
		close(fd);
}

void wv_ends_whole(struct wv_mortal *file, const char *reason, const char *path)
{
	begin_fact(file, reason, path, getpid(), true);
	wv_fact_text("missing", "");
	wv_fact_end();
}

void wv_ends_lost(struct wv_mortal *file, const char *reason)
{
	char text[32];

	snprintf(text, sizeof(text), "0-%ld", (long)begin_fact(file, reason, NULL, getpid(), true));
	wv_fact_text("missing", text);
	wv_fact_end();
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that end in every way, one after the other. */
#define _GNU_SOURCE
#include "deleted.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "truth.h"

#define PAGE 4096

static char folder[64];

static struct wv_mortal make(const char *name, int flags)
{
	char path[128];
	struct wv_mortal file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = wv_mortal(path, O_CREAT | O_EXCL | flags);
	WV_EXPECT(file.fd >= 0);
	return file;
}

static void end_by_unlink(struct wv_mortal *file)
{
	wv_ends(file, "Unlink", NULL, getpid(), true);
	WV_EXPECT(unlink(file->path) == 0);
}

static void end_by_close(struct wv_mortal *file)
{
	wv_ends(file, "Close", NULL, getpid(), true);
	wv_close(file);
}

/* Open when it is unlinked, written after that: its content is told twice. */
static void write_after_unlink(void)
{
	struct wv_mortal file = make("open", 0);

	wv_put(&file, 0, 10000, 1);
	end_by_unlink(&file);
	wv_put(&file, 5000, 20000, 2);
	end_by_close(&file);
}

static void have_no_name(void)
{
	struct wv_mortal file = wv_mortal(folder, O_TMPFILE);
	struct stat status;

	if (file.fd < 0) {
		WV_EXPECT(errno == EOPNOTSUPP);
		return;
	}
	wv_put(&file, 100, 5000, 3);
	WV_EXPECT(fstat(file.fd, &status) == 0);
	snprintf(file.path, sizeof(file.path), "%s/#%lu", folder, status.st_ino);
	end_by_close(&file);
}

static void be_memory(void)
{
	struct wv_mortal file = { .path = "/memfd:a name", .fd = memfd_create("a name", 0) };

	wv_put(&file, 0, 123456, 4);
	end_by_close(&file);
}

static void be_replaced(void)
{
	struct wv_mortal old = make("old", 0), new = make("new", 0);

	wv_put(&old, 0, 5000, 5);
	wv_put(&new, 0, 6000, 6);
	wv_close(&old);
	wv_close(&new);
	wv_ends(&old, "Rename", NULL, getpid(), true);
	WV_EXPECT(rename(new.path, old.path) == 0);
	strcpy(new.path, old.path);
	end_by_unlink(&new);
}

static void be_exchanged(void)
{
	struct wv_mortal one = make("one", 0), two = make("two", 0);
	char path[sizeof(one.path)];

	wv_put(&one, 0, 7000, 7);
	wv_put(&two, 0, 8000, 8);
	wv_close(&one);
	wv_close(&two);
	WV_EXPECT(syscall(SYS_renameat2, AT_FDCWD, one.path, AT_FDCWD, two.path, 2) == 0);
	memcpy(path, one.path, sizeof(path));
	memcpy(one.path, two.path, sizeof(path));
	memcpy(two.path, path, sizeof(path));
	end_by_unlink(&one);
	end_by_unlink(&two);
}

static void be_mapped(void)
{
	struct wv_mortal file = make("mapped", 0);
	char *memory;

	WV_EXPECT(ftruncate(file.fd, 3 * PAGE) == 0);
	memory = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd, 0);
	wv_fill(memory + PAGE, 5000, 9);
	wv_note(&file, PAGE, 5000, 9);
	end_by_unlink(&file);
	wv_fill(memory, 100, 10);
	wv_note(&file, 0, 100, 10);
	wv_ends(&file, "Close", NULL, getpid(), true);
	close(file.fd);
	munmap(memory, 3 * PAGE);
}

static void have_two_names(void)
{
	struct wv_mortal file = make("first", 0);
	char other[160];

	wv_put(&file, 0, 4097, 11);
	wv_close(&file);
	snprintf(other, sizeof(other), "%s/second", folder);
	WV_EXPECT(link(file.path, other) == 0);
	wv_ends(&file, "Unlink", other, getpid(), false);
	WV_EXPECT(unlink(other) == 0);
	end_by_unlink(&file);
}

static void have_holes(void)
{
	struct wv_mortal file = make("sparse", 0);

	wv_put(&file, 3 * PAGE, 100, 12);
	wv_put(&file, 100 * PAGE - 10, 20, 13);
	WV_EXPECT(ftruncate(file.fd, 1000000) == 0);
	wv_close(&file);
	end_by_unlink(&file);
}

static void be_cut(void)
{
	struct wv_mortal file = make("cut", 0);

	wv_put(&file, 0, 20000, 14);
	WV_EXPECT(ftruncate(file.fd, 5001) == 0);
	wv_close(&file);
	end_by_unlink(&file);
}

static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	sync();
	WV_EXPECT(fd >= 0 && write(fd, "3", 1) == 1);
	close(fd);
}

/* Nothing of it is in memory, where it also is on a disk. */
static void be_dropped(void)
{
	struct wv_mortal file = make("dropped", 0);

	wv_put(&file, 0, 300000, 15);
	wv_close(&file);
	drop_caches();
	end_by_unlink(&file);
}

static void be_read_in_part(void)
{
	struct wv_mortal file = make("part", 0);
	char byte;

	wv_put(&file, 0, 500000, 16);
	wv_close(&file);
	drop_caches();
	file.fd = open(file.path, O_RDWR | O_CLOEXEC);
	posix_fadvise(file.fd, 0, 0, POSIX_FADV_RANDOM);
	WV_EXPECT(pread(file.fd, &byte, 1, 3 * PAGE) == 1);
	WV_EXPECT(pread(file.fd, &byte, 1, 50 * PAGE + 7) == 1);
	wv_put(&file, 499000, 1000, 17);
	wv_close(&file);
	end_by_unlink(&file);
}

/* Past the cache. */
static void be_written_directly(void)
{
	struct wv_mortal file = make("direct", 0);
	char *memory = aligned_alloc(PAGE, 4 * PAGE);

	if (fcntl(file.fd, F_SETFL, O_DIRECT) == 0) {
		wv_fill(memory, 4 * PAGE, 18);
		WV_EXPECT(pwrite(file.fd, memory, 4 * PAGE, 0) == 4 * PAGE);
		wv_note(&file, 0, 4 * PAGE, 18);
	}
	WV_EXPECT(fcntl(file.fd, F_SETFL, 0) == 0);
	wv_close(&file);
	end_by_unlink(&file);
	free(memory);
}

/* The end of a process is the end of what it had open. */
static void be_killed(void)
{
	struct wv_mortal file = make("killed", O_APPEND);
	pid_t child;

	wv_put(&file, 0, 30000, 19);
	child = fork();
	if (child == 0) {
		end_by_unlink(&file);
		wv_ends(&file, "Close", NULL, getpid(), true);
		for (;;)
			pause();
	}
	wv_close(&file);
	while (access(file.path, F_OK) == 0)
		usleep(1000);
	usleep(100000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* What is no file, and what stays, is not told. */
static void stay(void)
{
	struct wv_mortal file = make("stays", 0);
	char path[160];

	wv_put(&file, 0, 100, 20);
	wv_close(&file);
	snprintf(path, sizeof(path), "%s/symlink", folder);
	WV_EXPECT(symlink("stays", path) == 0 && unlink(path) == 0);
	WV_EXPECT(mkfifo(path, 0600) == 0 && unlink(path) == 0);
	WV_EXPECT(mkdir(path, 0700) == 0 && rmdir(path) == 0);
	WV_EXPECT(unlink(path) < 0 && errno == ENOENT);
	WV_EXPECT(link(file.path, path) == 0 && rename(file.path, path) == 0);
	wv_ends(&file, "Unlink", path, getpid(), false);
	WV_EXPECT(unlink(path) == 0);
}

void wv_deleted_variants(const char *path)
{
	snprintf(folder, sizeof(folder), "%s", path);
	write_after_unlink();
	have_no_name();
	be_memory();
	be_replaced();
	be_exchanged();
	be_mapped();
	have_two_names();
	have_holes();
	be_cut();
	be_dropped();
	be_read_in_part();
	be_written_directly();
	be_killed();
	stay();
}

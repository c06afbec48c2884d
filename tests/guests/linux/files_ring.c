// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The group "ring" of the scenario "files": what io_uring does for a process, partly in its own
 * thread and partly in threads of the kernel. What an older kernel does not know is left out.
 */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "truth.h"

#define SIZE 5000

struct ring {
	int fd;
	char *submitted, *completed;
	struct io_uring_sqe *entry;
	struct io_uring_params about;
};

static bool start(struct ring *ring)
{
	ring->fd = syscall(SYS_io_uring_setup, 1, &ring->about);
	if (!WV_EXPECT(ring->fd >= 0))
		return false;
	ring->submitted = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			       ring->fd, IORING_OFF_SQ_RING);
	ring->completed = ring->submitted;
	ring->entry = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd,
			   IORING_OFF_SQES);
	return WV_EXPECT(ring->submitted != MAP_FAILED && ring->entry != MAP_FAILED) &&
	       WV_EXPECT(ring->about.features & IORING_FEAT_SINGLE_MMAP);
}

static unsigned int *word(char *base, unsigned int offset)
{
	return (unsigned int *)(base + offset);
}

/* Does one thing, and waits until it is done. */
static long run(struct ring *ring, const struct io_uring_sqe *entry)
{
	unsigned int *tail = word(ring->submitted, ring->about.sq_off.tail);
	unsigned int *head = word(ring->completed, ring->about.cq_off.head);
	unsigned int mask = *word(ring->completed, ring->about.cq_off.ring_mask);
	struct io_uring_cqe *done;

	*ring->entry = *entry;
	*word(ring->submitted, ring->about.sq_off.array) = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (!WV_EXPECT(syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL,
			       0) == 1))
		return -EIO;
	done = (struct io_uring_cqe *)(ring->completed + ring->about.cq_off.cqes) + (*head & mask);
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return done->res;
}

static void transfer(struct ring *ring, int fd, unsigned char code, void *data, unsigned int size,
		     off_t at)
{
	struct io_uring_sqe entry = {
		.opcode = code,
		.fd = fd,
		.addr = (uintptr_t)data,
		.len = size,
		.off = at,
	};
	bool reads = code == IORING_OP_READ || code == IORING_OP_READV;
	struct iovec part = { data, size };
	long result;

	if (code == IORING_OP_READV || code == IORING_OP_WRITEV) {
		entry.addr = (uintptr_t)&part;
		entry.len = 1;
	}
	result = run(ring, &entry);
	WV_EXPECT(result == (long)size);
	wv_file_transfer_fact("ring", reads ? fd : -1, reads ? at : -1, reads ? -1 : fd,
			      reads ? -1 : at, size, result);
}

/* A file of its own each: the kernel may take several attempts, and later ones may be another's. */
static void transfer_all(struct ring *ring)
{
	static const unsigned char codes[] = { IORING_OP_WRITE, IORING_OP_READ, IORING_OP_WRITEV,
					       IORING_OP_READV };
	static char data[SIZE];

	for (size_t i = 0; i < sizeof(codes); i++) {
		char name[16];
		int fd;

		snprintf(name, sizeof(name), "ring%zu", i);
		fd = wv_file_open(AT_FDCWD, name, O_CREAT | O_RDWR, 0600);
		if (codes[i] == IORING_OP_READ || codes[i] == IORING_OP_READV)
			WV_EXPECT(wv_file_write(fd, WV_AT, data, SIZE, 100) == SIZE);
		transfer(ring, fd, codes[i], data, SIZE - 2000, 1100);
		wv_file_close(fd);
	}
}

/* Done by whatever thread the kernel has for it. */
static void name_fact(const char *what, const char *path, const struct stat *file, long result)
{
	wv_file_fact(what, path, file, result);
	wv_fact_bool("any_thread", true);
}

static void use_names(struct ring *ring)
{
	struct io_uring_sqe entry = {
		.opcode = IORING_OP_MKDIRAT,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)WV_FILES_DIR "/ring-folder",
		.len = 0750,
	};
	long result = run(ring, &entry);
	struct stat file;

	if (result == -EINVAL)
		return;
	WV_EXPECT(result == 0);
	file = wv_look_at(AT_FDCWD, WV_FILES_DIR "/ring-folder");
	name_fact("mkdir", WV_FILES_DIR "/ring-folder", &file, 0);
	wv_fact_int("mode", 0750);
	wv_fact_end();

	entry.opcode = IORING_OP_RENAMEAT;
	entry.len = AT_FDCWD;
	entry.addr2 = (uintptr_t)WV_FILES_DIR "/ring-renamed";
	WV_EXPECT(run(ring, &entry) == 0);
	name_fact("rename", WV_FILES_DIR "/ring-renamed", &file, 0);
	wv_fact_text("old_path", WV_FILES_DIR "/ring-folder");
	wv_fact_int("flags", 0);
	wv_fact_end();

	entry = (struct io_uring_sqe){
		.opcode = IORING_OP_UNLINKAT,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)WV_FILES_DIR "/ring-renamed",
		.unlink_flags = AT_REMOVEDIR,
	};
	WV_EXPECT(run(ring, &entry) == 0);
	name_fact("rmdir", WV_FILES_DIR "/ring-renamed", &file, 0);
	wv_fact_end();
}

void wv_files_ring(void)
{
	struct ring ring = { 0 };

	if (!start(&ring))
		return;
	transfer_all(&ring);
	use_names(&ring);
	munmap(ring.entry, 4096);
	munmap(ring.submitted, 4096);
	close(ring.fd);
}

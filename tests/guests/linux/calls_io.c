// SPDX-License-Identifier: GPL-2.0-or-later
/* The area "io" of the scenario "calls": reading and writing, with buffers of every kind. */
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#define LARGE 100000

static char large[LARGE];

static void read_and_write(int fd)
{
	char text[64];

	WV_EXPECT(write(fd, "", 0) == 0);
	WV_EXPECT(write(fd, "a line\nand \"another\" \x80\xff\x01\n", 25) == 25);
	WV_EXPECT(pwrite(fd, "far", 3, 1L << 33) == 3);
	WV_EXPECT(pread(fd, text, 10, 0) == 10);
	WV_EXPECT(pread(fd, text, sizeof(text), (1L << 33) - 1) == 4);
	WV_EXPECT(lseek(fd, 0, SEEK_SET) == 0 && read(fd, text, 25) == 25);
	WV_EXPECT(read(fd, text, 0) == 0);
	WV_EXPECT(syscall(SYS_read, fd, 8L, 8L) == -1 && errno == EFAULT);
	WV_EXPECT(syscall(SYS_write, fd, -1L, 8L) == -1 && errno == EFAULT);
	WV_FAILS(read(-1, text, 1), EBADF);
	WV_FAILS(syscall(SYS_pread64, fd, text, 1L, -1L), EINVAL);
	memset(large, 'x', sizeof(large));
	WV_EXPECT(pwrite(fd, large, sizeof(large), 0) == sizeof(large));
	WV_EXPECT(pread(fd, large, sizeof(large), 0) == sizeof(large));
}

static void read_and_write_vectors(int fd)
{
	char one[8], two[16];
	struct iovec in[] = { { one, sizeof(one) }, { NULL, 0 }, { two, sizeof(two) } };
	struct iovec out[] = { { (char *)"first ", 6 }, { (char *)"second", 6 } };

	WV_EXPECT(lseek(fd, 0, SEEK_SET) == 0);
	WV_EXPECT(writev(fd, out, 2) == 12 && readv(fd, in, 3) == 24);
	WV_EXPECT(pwritev(fd, out, 2, 4096) == 12 && preadv(fd, in, 3, 4096) == 24);
	WV_EXPECT(pwritev2(fd, out, 2, 100, RWF_SYNC) == 12 && preadv2(fd, in, 3, 100, 0) == 24);
	WV_FAILS(syscall(SYS_readv, fd, in, -1L), EINVAL);
	WV_FAILS(syscall(SYS_writev, fd, 16L, 2L), EFAULT);
}

/* The two ways to hand calls to the kernel in bulk. */
static void submit(int fd)
{
	struct iocb block = { .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = fd, .aio_nbytes = 8 };
	struct iocb *blocks[] = { &block };
	struct io_uring_params params = { 0 };
	aio_context_t context = 0;
	struct io_event event;
	char text[8];
	int ring;

	block.aio_buf = (unsigned long)text;
	WV_EXPECT(syscall(SYS_io_setup, 4, &context) == 0);
	WV_EXPECT(syscall(SYS_io_submit, context, 1L, blocks) == 1);
	WV_EXPECT(syscall(SYS_io_getevents, context, 1L, 1L, &event, NULL) == 1);
	WV_EXPECT(syscall(SYS_io_destroy, context) == 0);

	ring = syscall(SYS_io_uring_setup, 4, &params);
	if (!WV_EXPECT(ring >= 0 || errno == EPERM || errno == ENOSYS) || ring < 0)
		return;
	WV_EXPECT(syscall(SYS_io_uring_enter, ring, 0, 0, 0, NULL, 0L) == 0);
	WV_EXPECT(syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &fd, 1) == 0);
	close(ring);
}

void wv_calls_io(void)
{
	int fd = open("io", O_CREAT | O_RDWR | O_TRUNC, 0644);

	if (!WV_EXPECT(fd >= 0))
		return;
	read_and_write(fd);
	read_and_write_vectors(fd);
	submit(fd);
	close(fd);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The group "transfers" of the scenario "files": bytes that go from file to file without a read or
 * a write: sendfile, splice, copy_file_range; and those of asynchronous calls.
 */
#define _GNU_SOURCE
#include "files.h"

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdint.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "truth.h"

#define SIZE 20000

static char block[SIZE];

/*
 * A call that nothing of it stays open after: the kernel may make several steps of a transfer, and
 * the close of a third file says where the steps end.
 */
static void end_of_steps(void)
{
	int fd = wv_file_open(AT_FDCWD, "mark", O_CREAT | O_RDONLY, 0600);

	wv_file_close(fd);
}

static void send(int in, int out)
{
	off_t from = 1000;
	long result = wv_result(sendfile(out, in, &from, 5000));

	WV_EXPECT(result == 5000);
	wv_file_transfer_fact("sendfile", in, 1000, out, wv_position(out), 5000, result);
	wv_set_position(out, wv_position(out) + result);
	end_of_steps();

	result = wv_result(sendfile(out, in, NULL, 30000));
	WV_EXPECT(result == SIZE);
	wv_file_transfer_fact("sendfile", in, wv_position(in), out, wv_position(out), 30000,
			      result);
	wv_set_position(out, wv_position(out) + result);
	end_of_steps();
}

static void copy(int in, int out)
{
	loff_t from = 4000, to = 60000;
	long result = wv_result(copy_file_range(in, &from, out, &to, 4096, 0));

	WV_EXPECT(result == 4096);
	wv_file_transfer_fact("copy_file_range", in, 4000, out, 60000, 4096, result);
	end_of_steps();
}

static void splice_both_ways(int in, int out)
{
	loff_t from = 300, to = 100;
	int ends[2];
	long result;

	if (!WV_EXPECT(pipe(ends) == 0))
		return;
	result = wv_result(splice(in, &from, ends[1], NULL, 2000, 0));
	WV_EXPECT(result == 2000);
	wv_file_transfer_fact("splice", in, 300, -1, -1, 2000, result);
	end_of_steps();
	result = wv_result(splice(ends[0], NULL, out, &to, 2000, 0));
	WV_EXPECT(result == 2000);
	wv_file_transfer_fact("splice", -1, -1, out, 100, 2000, result);
	end_of_steps();
	close(ends[0]);
	close(ends[1]);
}

static void asynchronously(int fd)
{
	struct iocb request = {
		.aio_fildes = fd,
		.aio_lio_opcode = IOCB_CMD_PWRITE,
		.aio_buf = (uintptr_t)block,
		.aio_nbytes = 600,
		.aio_offset = 700,
	};
	struct iocb *requests[] = { &request };
	aio_context_t context = 0;
	struct io_event done;

	if (!WV_EXPECT(syscall(SYS_io_setup, 4, &context) == 0))
		return;
	WV_EXPECT(syscall(SYS_io_submit, context, 1, requests) == 1);
	WV_EXPECT(syscall(SYS_io_getevents, context, 1, 1, &done, NULL) == 1 && done.res == 600);
	wv_file_transfer_fact("aio", -1, -1, fd, 700, 600, done.res);
	end_of_steps();
	request.aio_lio_opcode = IOCB_CMD_PREAD;
	WV_EXPECT(syscall(SYS_io_submit, context, 1, requests) == 1);
	WV_EXPECT(syscall(SYS_io_getevents, context, 1, 1, &done, NULL) == 1 && done.res == 600);
	wv_file_transfer_fact("aio", fd, 700, -1, -1, 600, done.res);
	end_of_steps();
	syscall(SYS_io_destroy, context);
}

void wv_files_transfers(void)
{
	int in = wv_file_open(AT_FDCWD, "in", O_CREAT | O_RDWR, 0600);
	int out = wv_file_open(AT_FDCWD, "out", O_CREAT | O_RDWR, 0644);

	memset(block, 't', sizeof(block));
	WV_EXPECT(wv_file_write(in, WV_PLAIN, block, SIZE, 0) == SIZE);
	WV_EXPECT(wv_file_seek(in, 0, SEEK_SET) == 0);
	send(in, out);
	copy(in, out);
	splice_both_ways(in, out);
	asynchronously(out);
	wv_file_close(in);
	wv_file_close(out);
}

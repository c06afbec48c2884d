// SPDX-License-Identifier: GPL-2.0-or-later
/* The group "data" of the scenario "files": reading, writing, mapping, and the length of files. */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "truth.h"

#define PAGE 4096

static char block[5 * PAGE];

static int filled(const char *name)
{
	int fd = wv_file_open(AT_FDCWD, name, O_CREAT | O_RDWR | O_TRUNC, 0644);

	WV_EXPECT(fd >= 0);
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, block, sizeof(block), 0) == sizeof(block));
	return fd;
}

static void read_and_write(int fd)
{
	WV_EXPECT(wv_file_write(fd, WV_AT, block, 100, 3 * sizeof(block)) == 100);
	WV_EXPECT(wv_file_write(fd, WV_VECTOR, block, 3000, 0) == 3000);
	WV_EXPECT(wv_file_write(fd, WV_VECTOR_AT, block, 300, 12345) == 300);
	WV_EXPECT(wv_file_write(fd, WV_VECTOR_FLAGS, block, 30, 0) == 30);
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, block, 0, 0) == 0);
	WV_EXPECT(wv_file_seek(fd, 10, SEEK_SET) == 10);
	WV_EXPECT(wv_file_read(fd, WV_PLAIN, 1000, 0) == 1000);
	WV_EXPECT(wv_file_read(fd, WV_AT, 10, 20000) == 10);
	WV_EXPECT(wv_file_read(fd, WV_VECTOR, 6000, 0) == 6000);
	WV_EXPECT(wv_file_read(fd, WV_VECTOR_AT, 60, 4090) == 60);
	WV_EXPECT(wv_file_read(fd, WV_VECTOR_FLAGS, 90, 0) == 90);
	WV_EXPECT(wv_file_read(fd, WV_AT, 10, 1 << 30) == 0);
}

static void seek(int fd)
{
	WV_EXPECT(wv_file_seek(fd, 0, SEEK_END) > 0);
	WV_EXPECT(wv_file_read(fd, WV_PLAIN, 10, 0) == 0);
	WV_EXPECT(wv_file_seek(fd, -100, SEEK_CUR) > 0);
	WV_EXPECT(wv_file_read(fd, WV_PLAIN, 1000, 0) == 100);
	WV_EXPECT(wv_file_seek(fd, 0, SEEK_DATA) == 0);
	WV_EXPECT(wv_file_seek(fd, 0, SEEK_HOLE) > 0);
	WV_EXPECT(wv_file_seek(fd, -1, SEEK_SET) == -EINVAL);
	WV_EXPECT(wv_file_seek(fd, 0, 99) == -EINVAL);
}

static void append(void)
{
	int fd = wv_file_open(AT_FDCWD, "data", O_WRONLY | O_APPEND, 0);

	WV_EXPECT(wv_file_write(fd, WV_PLAIN, block, 10, 0) == 10);
	WV_EXPECT(wv_file_write(fd, WV_VECTOR, block, 20, 0) == 20);
	WV_EXPECT(wv_file_read(fd, WV_PLAIN, 1, 0) == -EBADF);
	wv_file_close(fd);
	fd = wv_file_open(AT_FDCWD, "data", O_RDONLY, 0);
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, block, 1, 0) == -EBADF);
	wv_file_close(fd);
}

static void read_what_can_not_be_read(void)
{
	int fd = wv_file_open_as(wv_here(""), AT_FDCWD, ".", O_RDONLY, 0);
	char byte;

	WV_EXPECT(wv_file_read(fd, WV_PLAIN, 10, 0) == -EISDIR);
	WV_EXPECT(read(63, &byte, 1) < 0 && errno == EBADF);
	wv_file_close(fd);
}

static void use_devices(void)
{
	int fd = wv_file_open(AT_FDCWD, "/dev/null", O_RDWR, 0);

	WV_EXPECT(wv_file_write(fd, WV_PLAIN, block, 77, 0) == 77);
	wv_file_close(fd);
	fd = wv_file_open(AT_FDCWD, "/dev/zero", O_RDONLY, 0);
	WV_EXPECT(wv_file_read(fd, WV_PLAIN, 55, 0) == 55);
	wv_file_close(fd);
}

static void map(int fd)
{
	char *shared = wv_file_map(fd, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	char *private = wv_file_map(fd, 100, PROT_READ | PROT_WRITE, MAP_PRIVATE, PAGE);
	int other = wv_file_open(AT_FDCWD, "data", O_RDONLY, 0);

	if (!WV_EXPECT(shared && private))
		return;
	memset(shared + 100, 'm', 5000);
	memset(private, 'p', 100);
	WV_EXPECT(msync(shared, 2 * PAGE, MS_SYNC) == 0);
	WV_EXPECT(wv_file_map(fd, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_POPULATE, 0));
	WV_EXPECT(!wv_file_map(other, PAGE, PROT_WRITE, MAP_SHARED, 0));
	/* What is no file is nobody's business. */
	WV_EXPECT(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
	munmap(shared, 2 * PAGE);
	munmap(private, 100);
	wv_file_close(other);
}

static void change_length(int fd)
{
	WV_EXPECT(wv_file_ftruncate(fd, 100000) == 0);
	WV_EXPECT(wv_file_truncate("data", 4321) == 0);
	WV_EXPECT(wv_file_allocate(fd, 0, 0, 50000) == 0);
	WV_EXPECT(wv_file_allocate(fd, FALLOC_FL_KEEP_SIZE, 50000, 8192) == 0);
	WV_EXPECT(wv_file_allocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE, PAGE) ==
		  0);
	WV_EXPECT(fsync(fd) == 0 && fdatasync(fd) == 0);
	WV_EXPECT(truncate("not there", 1) < 0 && errno == ENOENT);
}

void wv_files_data(void)
{
	int fd;

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = 'a' + i % 26;
	fd = filled("data");
	read_and_write(fd);
	seek(fd);
	append();
	read_what_can_not_be_read();
	use_devices();
	map(fd);
	change_length(fd);
	wv_file_close(fd);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* The group "compat" of the scenario "files": the same operations by 32-bit calls. */
#define _GNU_SOURCE
#include "files.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "truth.h"

/* arch/x86/entry/syscalls/syscall_32.tbl in Linux */
enum {
	NR_READ = 3,
	NR_WRITE = 4,
	NR_OPEN = 5,
	NR_CLOSE = 6,
	NR_LINK = 9,
	NR_UNLINK = 10,
	NR_CHMOD = 15,
	NR_RENAME = 38,
	NR_MKDIR = 39,
	NR_RMDIR = 40,
	NR_SYMLINK = 83,
	NR_WRITEV = 146,
	NR_PREAD64 = 180,
	NR_PWRITE64 = 181,
	NR_MMAP2 = 192,
	NR_FTRUNCATE64 = 194,
	NR_CHOWN32 = 212,
	NR_SENDFILE64 = 239,
};

/* These are below 4 GiB, in a program that is not position-independent. */
static const char file_name[] = "compat", other_name[] = "compat-other", folder_name[] = "folder";
static const char text[] = "by a 32-bit call";
static char room[100];
static struct {
	unsigned int base, length;
} parts[2];
static long long from = 3;

static long call32(long number, long one, long two, long three, long four, long five)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(one), "c"(two), "d"(three), "S"(four), "D"(five)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}

#define CALL(number, one, two, three, four)                                                        \
	call32(number, (long)(one), (long)(two), (long)(three), (long)(four), 0)

static int open_file(void)
{
	int flags = O_CREAT | O_RDWR;
	int fd = CALL(NR_OPEN, file_name, flags, 0600, 0);

	if (!WV_EXPECT(fd >= 0))
		return fd;
	wv_file_open_fact(wv_here(file_name), flags, 0600, fd);
	wv_fact_bool("existed", false);
	wv_fact_bool("small", true);
	wv_fact_end();
	return fd;
}

static void move_data(int fd)
{
	struct stat file = wv_look(fd);

	wv_file_io_fact("write", fd, &file, sizeof(text), 0,
			CALL(NR_WRITE, fd, text, sizeof(text), 0));
	/* Offsets are in two halves. */
	wv_file_io_fact("write", fd, &file, 5, 0x100000002,
			call32(NR_PWRITE64, fd, (long)text, 5, 2, 1));
	wv_file_io_fact("read", fd, &file, 9, 2, CALL(NR_PREAD64, fd, room, 9, 2));
	parts[0].base = parts[1].base = (unsigned int)(unsigned long)text;
	parts[0].length = 4;
	parts[1].length = 6;
	wv_file_io_fact("writev", fd, &file, 10, sizeof(text), CALL(NR_WRITEV, fd, parts, 2, 0));
	wv_set_position(fd, sizeof(text) + 10);
	wv_file_io_fact("read", fd, &file, 50, wv_position(fd), CALL(NR_READ, fd, room, 50, 0));
}

static void send_data(int fd)
{
	int out = wv_file_open(AT_FDCWD, "sent", O_CREAT | O_RDWR, 0600);
	long result = CALL(NR_SENDFILE64, out, fd, &from, 8);

	WV_EXPECT(result == 8);
	wv_file_transfer_fact("sendfile", fd, 3, out, 0, 8, result);
	wv_file_close(out);
}

static void map_and_cut(int fd)
{
	struct stat file = wv_look(fd);
	long address = call32(NR_MMAP2, 0, 4096, PROT_READ, MAP_SHARED, fd);

	WV_EXPECT(address > 0 || address < -4096);
	wv_open_file_fact("mmap", fd, &file, 0);
	wv_fact_int("length", 4096);
	wv_fact_int("prot", PROT_READ);
	wv_fact_hex("flags", MAP_SHARED);
	wv_fact_int("offset", 0);
	wv_fact_hex("addr", (unsigned int)address);
	wv_fact_end();
	munmap((void *)(unsigned long)(unsigned int)address, 4096);
	wv_open_file_fact("truncate", fd, &file, CALL(NR_FTRUNCATE64, fd, 77, 0, 0));
	wv_fact_int("length", 77);
	wv_fact_end();
}

static void change_names(void)
{
	struct stat file = wv_look_at(AT_FDCWD, file_name);

	wv_file_fact("chmod", wv_here(file_name), &file, CALL(NR_CHMOD, file_name, 0711, 0, 0));
	wv_fact_int("mode", 0711);
	wv_fact_end();
	file = wv_look_at(AT_FDCWD, file_name);
	wv_file_fact("chown", wv_here(file_name), &file, CALL(NR_CHOWN32, file_name, 70000, -1, 0));
	wv_fact_int("uid", 70000);
	wv_fact_end();
	file = wv_look_at(AT_FDCWD, file_name);
	wv_file_fact("link", wv_here(file_name), &file, CALL(NR_LINK, file_name, other_name, 0, 0));
	wv_fact_text("link_path", wv_here(other_name));
	wv_fact_end();
	wv_file_done("unlink", wv_here(other_name), &file, CALL(NR_UNLINK, other_name, 0, 0, 0));
	wv_file_fact("rename", wv_here(other_name), &file,
		     CALL(NR_RENAME, file_name, other_name, 0, 0));
	wv_fact_text("old_path", wv_here(file_name));
	wv_fact_int("flags", 0);
	wv_fact_end();
	wv_moved(wv_here(file_name), wv_here(other_name));
}

static void make_names(void)
{
	long result = CALL(NR_MKDIR, folder_name, 0751, 0, 0);
	struct stat file = wv_look_at(AT_FDCWD, folder_name);

	wv_file_fact("mkdir", wv_here(folder_name), &file, result);
	wv_fact_int("mode", 0751);
	wv_fact_end();
	wv_file_done("rmdir", wv_here(folder_name), &file, CALL(NR_RMDIR, folder_name, 0, 0, 0));
	result = CALL(NR_SYMLINK, text, folder_name, 0, 0);
	file = wv_look_at(AT_FDCWD, folder_name);
	wv_file_fact("symlink", wv_here(folder_name), &file, result);
	wv_fact_text("text", text);
	wv_fact_end();
}

void wv_files_compat(void)
{
	int fd = open_file(), flags = fcntl(fd, F_GETFL);
	struct stat file;

	move_data(fd);
	send_data(fd);
	map_and_cut(fd);
	change_names();
	make_names();
	file = wv_look(fd);
	WV_EXPECT(CALL(NR_CLOSE, fd, 0, 0, 0) == 0);
	wv_file_close_fact(fd, "close", &file, flags);
}

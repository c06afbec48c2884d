// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kinds "buffers", "outputs" and "absent" of the scenario "decoded": what is written and read,
 * what calls fill in, and memory that is not there when a call is entered. The tests ask for
 * previews of 16 bytes.
 */
#define _GNU_SOURCE
#include "decoded.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "truth.h"

#define PAGE 4096

static void write_it(int fd, const void *bytes, size_t length, const char *shown)
{
	long result = WV_CALL(SYS_write, fd, bytes, length);

	wv_decoded_told("write", result, WV_IN("fd", wv_text_fd(fd)), WV_IN("buf", shown),
			WV_IN("count", wv_text("%zu", length)), NULL);
}

static void read_it(int fd, void *bytes, size_t length, const char *shown)
{
	long result = WV_CALL(SYS_read, fd, bytes, length);

	if (shown)
		wv_decoded_told("read", result, WV_IN("fd", wv_text_fd(fd)),
				WV_IN("buf", wv_text_at(bytes)),
				WV_IN("count", wv_text("%zu", length)), WV_OUT("buf", shown), NULL);
	else
		wv_decoded_told("read", result, WV_IN("fd", wv_text_fd(fd)),
				WV_IN("buf", wv_text_at(bytes)),
				WV_IN("count", wv_text("%zu", length)), NULL);
}

void wv_decoded_buffers(void)
{
	int fd = wv_decoded_open("buffers", O_CREAT | O_RDWR | O_TRUNC);
	char bytes[64] = "";
	long result;

	write_it(fd, "sixteen letters.", 16, "\"sixteen letters.\"");
	write_it(fd, "many more letters than these", 28, "\"many more letter\"...");
	write_it(fd, "\"\\\n\r\t\0\x80\xff", 8, "\"\\\"\\\\\\n\\r\\t\\x00\\x80\\xff\"");
	lseek(fd, 0, SEEK_SET);
	read_it(fd, bytes, 7, "\"sixteen\"");
	read_it(fd, bytes, sizeof(bytes), "\" letters.many mo\"...");
	read_it(-1, bytes, sizeof(bytes), NULL);
	result = WV_CALL(SYS_pwrite64, fd, "far", 3, 1L << 33);
	wv_decoded_told("pwrite64", result, WV_IN("fd", wv_text_fd(fd)), WV_IN("buf", "\"far\""),
			WV_IN("count", "3"), WV_IN("pos", "8589934592"), NULL);
	result = WV_CALL(SYS_pread64, fd, bytes, 9, (1L << 33) + 1);
	wv_decoded_told("pread64", result, WV_IN("fd", wv_text_fd(fd)),
			WV_IN("buf", wv_text_at(bytes)), WV_IN("count", "9"),
			WV_IN("pos", "8589934593"), WV_OUT("buf", "\"ar\""), NULL);
	close(fd);
}

/* What a tracer shows of struct stat, from the C library's. */
static const char *text_stat(const char *path)
{
	struct stat status;

	WV_EXPECT(lstat(path, &status) == 0);
	if (S_ISCHR(status.st_mode))
		return wv_text("{mode=S_IFCHR|%#o, ino=%lu, rdev=1:3}", status.st_mode & 07777,
			       (unsigned long)status.st_ino);
	return wv_text("{mode=%s|%#o, ino=%lu, size=%ld}",
		       S_ISREG(status.st_mode) ? "S_IFREG" : "S_IFDIR", status.st_mode & 07777,
		       (unsigned long)status.st_ino, (long)status.st_size);
}

static void ask_about_files(void)
{
	int fd = wv_decoded_open("outputs", O_CREAT | O_RDWR | O_TRUNC);
	struct stat status;
	struct statx more;
	long result;

	WV_EXPECT(ftruncate(fd, 12345) == 0 && fchmod(fd, 04751) == 0);
	result = WV_CALL(SYS_fstat, fd, &status);
	wv_decoded_told("fstat", result, WV_IN("fd", wv_text_fd(fd)),
			WV_IN("statbuf", wv_text_at(&status)),
			WV_OUT("statbuf", text_stat("outputs")), NULL);
	result = WV_CALL(SYS_stat, "/dev/null", &status);
	wv_decoded_told("stat", result, WV_IN("filename", "/dev/null"),
			WV_IN("statbuf", wv_text_at(&status)),
			WV_OUT("statbuf", text_stat("/dev/null")), NULL);
	result = WV_CALL(SYS_newfstatat, AT_FDCWD, ".", &status, AT_SYMLINK_NOFOLLOW);
	wv_decoded_told("newfstatat", result, WV_IN("dfd", "AT_FDCWD<" WV_DECODED_DIR ">"),
			WV_IN("filename", "."), WV_IN("statbuf", wv_text_at(&status)),
			WV_IN("flag", "AT_SYMLINK_NOFOLLOW"), WV_OUT("statbuf", text_stat(".")),
			NULL);
	result = WV_CALL(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_SIZE | STATX_INO, &more);
	wv_decoded_told("statx", result, WV_IN("dfd", wv_text_fd(fd)), WV_IN("filename", ""),
			WV_IN("flags", "AT_EMPTY_PATH"), WV_IN("mask", "STATX_INO|STATX_SIZE"),
			WV_IN("buffer", wv_text_at(&more)), WV_OUT("buffer", text_stat("outputs")),
			NULL);
	result = WV_CALL(SYS_stat, "/not/there", &status);
	wv_decoded_told("stat", result, WV_IN("filename", "/not/there"),
			WV_IN("statbuf", wv_text_at(&status)), NULL);
	close(fd);
}

void wv_decoded_outputs(void)
{
	struct rlimit limit = { 0 };
	struct utsname names;
	char path[256];
	int ends[2] = { 0 };
	long result;

	ask_about_files();
	result = WV_CALL(SYS_getcwd, path, sizeof(path));
	wv_decoded_told("getcwd", result, WV_IN("buf", wv_text_at(path)), WV_IN("size", "256"),
			WV_OUT("buf", WV_DECODED_DIR), NULL);
	result = WV_CALL(SYS_getcwd, path, 3);
	wv_decoded_told("getcwd", result, WV_IN("buf", wv_text_at(path)), WV_IN("size", "3"), NULL);
	WV_EXPECT(result == -ERANGE);
	result = WV_CALL(SYS_pipe2, ends, O_CLOEXEC | O_NONBLOCK);
	wv_decoded_told("pipe2", result, WV_IN("fildes", wv_text_at(ends)),
			WV_IN("flags", "O_NONBLOCK|O_CLOEXEC"),
			WV_OUT("fildes", wv_text("[%d, %d]", ends[0], ends[1])), NULL);
	close(ends[0]);
	close(ends[1]);
	result = WV_CALL(SYS_prlimit64, 0, RLIMIT_STACK, NULL, &limit);
	wv_decoded_told("prlimit64", result, WV_IN("pid", "0"), WV_IN("resource", "RLIMIT_STACK"),
			WV_IN("new_rlim", "NULL"), WV_IN("old_rlim", wv_text_at(&limit)),
			WV_OUT("old_rlim", "{cur=8388608, max=RLIM_INFINITY}"), NULL);
	result = WV_CALL(SYS_uname, &names);
	wv_decoded_told("uname", result, WV_IN("name", wv_text_at(&names)),
			WV_OUT("name", wv_text("{sysname=\"%s\", nodename=\"%s\", release=\"%s\", "
					       "version=\"%s\", machine=\"%s\"}",
					       names.sysname, names.nodename, names.release,
					       names.version, names.machine)),
			NULL);
}

/* Memory that a file fills when it is first touched; nobody has, nor any page beside it. */
static char *map_untouched(int fd, int page)
{
	char *start = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, page * PAGE);

	WV_EXPECT(start != MAP_FAILED);
	return start;
}

/* A page of which the file's second half of a text is; before it one that is there. */
static char *map_border(int fd, int page)
{
	char *start =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	WV_EXPECT(start != MAP_FAILED);
	WV_EXPECT(mmap(start + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, page * PAGE) ==
		  start + PAGE);
	return start;
}

static void open_absent(const char *path, const char *shown, const char *later)
{
	long fd = WV_CALL(SYS_open, path, O_RDONLY);

	if (later)
		wv_decoded_told("open", fd, WV_IN("filename", shown), WV_IN("flags", "O_RDONLY"),
				WV_IN("mode", "0"), WV_OUT("filename", later), NULL);
	else
		wv_decoded_told("open", fd, WV_IN("filename", shown), WV_IN("flags", "O_RDONLY"),
				WV_IN("mode", "0"), NULL);
	if (fd >= 0)
		close(fd);
}

void wv_decoded_absent(void)
{
	static const char name[] = "/dev/null";
	int fd = wv_decoded_open("absent", O_CREAT | O_RDWR | O_TRUNC);
	struct timespec time = { 0, 1000 };
	const char *address;
	char *border;
	long result;

	/* A page each: a path, its second half, bytes, a time. */
	WV_EXPECT(ftruncate(fd, 4 * PAGE) == 0);
	WV_EXPECT(pwrite(fd, name, sizeof(name), 0) == sizeof(name));
	WV_EXPECT(pwrite(fd, name + 4, sizeof(name) - 4, PAGE) == sizeof(name) - 4);
	WV_EXPECT(pwrite(fd, "these bytes are written", 23, 2 * PAGE) == 23);
	WV_EXPECT(pwrite(fd, &time, sizeof(time), 3 * PAGE) == sizeof(time));

	address = map_untouched(fd, 0);
	open_absent(address, wv_text_at(address), name);
	open_absent(address, name, NULL); /* now it is there */
	border = map_border(fd, 1);
	memcpy(border + PAGE - 4, name, 4);
	open_absent(border + PAGE - 4, wv_text_at(border + PAGE - 4), name);
	address = map_untouched(fd, 2);
	result = WV_CALL(SYS_pwrite64, fd, address, 23, 0);
	wv_decoded_told("pwrite64", result, WV_IN("fd", wv_text_fd(fd)),
			WV_IN("buf", wv_text_at(address)), WV_IN("count", "23"), WV_IN("pos", "0"),
			WV_OUT("buf", "\"these bytes are \"..."), NULL);
	address = map_untouched(fd, 3);
	result = WV_CALL(SYS_nanosleep, address, NULL);
	wv_decoded_told("nanosleep", result, WV_IN("rqtp", wv_text_at(address)),
			WV_IN("rmtp", "NULL"), WV_OUT("rqtp", "{0.000001000}"), NULL);
	open_absent((const char *)8, "0x8", "0x8"); /* never there */
	close(fd);
}

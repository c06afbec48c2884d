// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The scenario "hostile COUNT SYSTEM[=DEVICE]": files whose names are made to do harm to whoever
 * reads of them, with paths as long as can be and longer; then COUNT files that are made and
 * removed, one after the other, and counted.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deleted.h"
#include "files.h"
#include "scenarios.h"
#include "truth.h"

static const char *const names[] = {
	"plain",
	"line\nbreak",
	"\r\n[FILETRACER] TIME:0 VCPU:0 \"forged\"",
	"\",\"PID\":1,\"Forged\":\"",
	"'; rm -rf \"$HOME\" #`reboot`$(reboot)",
	"back\\slash\\n\\x41\\",
	"%s%n%p%%",
	"-rf",
	"...",
	" ",
	"\t\v\f\b\a\033[2J\033]0;title\007",
	"\177",
	"\377\376\200",	       /* no UTF-8 */
	"\300\257..\300\257",  /* "/../" in more bytes than it takes */
	"\355\240\200",	       /* half of a pair of UTF-16 */
	"\364\220\200\200",    /* beyond Unicode */
	"\342\200",	       /* cut off */
	"\342\200\256gpj.exe", /* turns the writing around */
	"file.000001.json",
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	".incomplete-0",
	"CON:|<>*?",
};

#define NAMES (sizeof(names) / sizeof(names[0]))

/* Makes a file, writes into it, and has it removed. */
static void make_and_remove(const char *name, unsigned long seed)
{
	struct wv_mortal file = { .fd = wv_file_open(AT_FDCWD, name, O_CREAT | O_RDWR, 0600) };
	char text[100];

	if (!WV_EXPECT(file.fd >= 0))
		return;
	wv_fill(text, sizeof(text), seed);
	WV_EXPECT(wv_file_write(file.fd, WV_PLAIN, text, sizeof(text), 0) == sizeof(text));
	wv_note(&file, 0, sizeof(text), seed);
	wv_ends_whole(&file, "Unlink", wv_here(name));
	wv_file_close(file.fd);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, name) == 0);
}

static void use_names(void)
{
	for (size_t i = 0; i < NAMES; i++) {
		make_and_remove(names[i], i);
		WV_EXPECT(wv_file_mkdir(AT_FDCWD, names[i], 0700) == 0);
		WV_EXPECT(wv_file_symlink(names[NAMES - 1 - i], "link") == 0);
		WV_EXPECT(wv_file_rename(AT_FDCWD, "link", AT_FDCWD, names[i], 0) == -EISDIR);
		WV_EXPECT(wv_file_unlink(AT_FDCWD, "link") == 0);
		WV_EXPECT(wv_file_rmdir(AT_FDCWD, names[i]) == 0);
	}
}

/* All bytes that a name can have. */
static void use_all_bytes(void)
{
	char name[256];

	for (int first = 1; first < 256; first += 128) {
		int length = 0;

		for (int byte = first; byte < first + 128 && byte < 256; byte++)
			if (byte != '/')
				name[length++] = byte;
		name[length] = 0;
		make_and_remove(name, 1000 + first);
	}
}

/* Names that lead out of the folder, for whoever takes them for what they say. */
static void lead_out(void)
{
	int fd;

	WV_EXPECT(wv_file_open(AT_FDCWD, "../../../etc/not-there", O_RDONLY, 0) == -ENOENT);
	WV_EXPECT(wv_file_symlink("../../etc/passwd", "out") == 0);
	fd = wv_file_open_as("/etc/passwd", AT_FDCWD, "../../etc/passwd", O_RDONLY, 0);
	WV_EXPECT(fd >= 0);
	wv_file_close(fd);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "out") == 0);
}

/* A memfd's name may have anything in it. */
static void name_memory(const char *name, unsigned long seed)
{
	struct wv_mortal file = { .fd = wv_file_memfd(name, 0) };
	char text[50];

	wv_fill(text, sizeof(text), seed);
	WV_EXPECT(wv_file_write(file.fd, WV_PLAIN, text, sizeof(text), 0) == sizeof(text));
	wv_note(&file, 0, sizeof(text), seed);
	wv_ends_whole(&file, "Close", wv_path_of(file.fd));
	wv_file_close(file.fd);
}

static const char *repeated(char byte, size_t length)
{
	static char name[NAME_MAX + 1];

	memset(name, byte, length);
	name[length] = 0;
	return name;
}

static void go_up(void)
{
	char *here = strdup(wv_here("")), *slash = strrchr(here, '/');
	struct stat file;

	*slash = 0;
	WV_EXPECT(chdir("..") == 0);
	wv_set_here(here);
	file = wv_look_at(AT_FDCWD, ".");
	wv_file_done("chdir", here, &file, 0);
	WV_EXPECT(wv_file_rmdir(AT_FDCWD, slash + 1) == 0);
	free(here);
}

/* Goes down until the path of a file can be as long as asked for. */
static void use_long_path(size_t length)
{
	size_t left;
	int depth = 0;

	for (; (left = length - strlen(wv_here(""))) > NAME_MAX + 1; depth++) {
		/* So that a name's room is left below. */
		const char *name = repeated('d', left == NAME_MAX + 2 ? NAME_MAX - 1 : NAME_MAX);

		WV_EXPECT(wv_file_mkdir(AT_FDCWD, name, 0700) == 0);
		WV_EXPECT(wv_file_chdir(name) == 0);
	}
	make_and_remove(repeated('f', left - 1), length);
	for (; depth > 0; depth--)
		go_up();
}

/* What is told of each is as good as equal, so they are only counted. */
static int make_many(void *data)
{
	long count = *(long *)data;

	for (long i = 0; i < count; i++) {
		char name[64];
		int fd, length = snprintf(name, sizeof(name), WV_FILES_DIR "/%ld", i);

		fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0600);
		if (!WV_EXPECT(fd >= 0 && write(fd, name, length) == length && close(fd) == 0 &&
			       unlink(name) == 0))
			return 1;
	}
	wv_fact("many");
	wv_fact_int("pid", getpid());
	wv_fact_int("count", count);
	wv_fact_end();
	return 0;
}

static int use_all(void *data)
{
	(void)data;
	wv_fact("files");
	wv_fact_text("system", "names");
	wv_fact_end();
	umask(0);
	WV_EXPECT(wv_file_mkdir(AT_FDCWD, WV_FILES_DIR "/hostile", 0755) == 0);
	WV_EXPECT(wv_file_chdir(WV_FILES_DIR "/hostile") == 0);
	use_names();
	use_all_bytes();
	lead_out();
	name_memory("../../etc/passwd", 2000);
	name_memory("../../../../../../../../tmp/\n\"\377", 2001);
	use_long_path(1000);
	use_long_path(4095);
	use_long_path(4096);
	use_long_path(4097);
	use_long_path(7000);
	WV_EXPECT(wv_file_chdir("/") == 0);
	return 0;
}

static void run(int (*function)(void *), void *data)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0)
		_exit(function(data));
	WV_EXPECT(waitpid(child, &status, 0) == child && status == 0);
}

int wv_hostile_main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 0;
	char *system = argc > 2 ? strdup(argv[2]) : NULL,
	     *device = system ? strchr(system, '=') : NULL;

	if (device)
		*device++ = 0;
	if (!system || !wv_files_set_up(system, device))
		return 1;
	run(use_all, NULL);
	run(make_many, &count);
	wv_files_take_down();
	return 0;
}

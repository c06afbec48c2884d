/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why execve(2) says "No such file or directory" about a file that is there: the program that has
 * to load it is not.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/launcher.h"

/* As many scripts as the kernel lets interpret one another (fs/exec.c), and a program. */
#define DEPTH_MAX    6
#define HEADERS_MAX  256
#define SCRIPT_START 256 /* of a script's first line the kernel reads so much (BINPRM_BUF_SIZE) */

static bool read_at(int fd, void *to, size_t size, uint64_t offset)
{
	return offset <= INT64_MAX && pread(fd, to, size, (off_t)offset) == (ssize_t)size;
}

static bool read_interp(int fd, uint64_t offset, uint64_t length, char *name, size_t size)
{
	if (length < 2 || length >= size || !read_at(fd, name, (size_t)length, offset))
		return false;
	name[length] = '\0';
	return *name != '\0';
}

static bool interpreter_64(int fd, char *name, size_t size)
{
	Elf64_Ehdr head;
	Elf64_Phdr part;

	if (!read_at(fd, &head, sizeof(head), 0) || head.e_phentsize != sizeof(part))
		return false;
	for (unsigned int i = 0; i < head.e_phnum && i < HEADERS_MAX; i++) {
		if (!read_at(fd, &part, sizeof(part), head.e_phoff + i * sizeof(part)))
			return false;
		if (part.p_type == PT_INTERP)
			return read_interp(fd, part.p_offset, part.p_filesz, name, size);
	}
	return false;
}

static bool interpreter_32(int fd, char *name, size_t size)
{
	Elf32_Ehdr head;
	Elf32_Phdr part;

	if (!read_at(fd, &head, sizeof(head), 0) || head.e_phentsize != sizeof(part))
		return false;
	for (unsigned int i = 0; i < head.e_phnum && i < HEADERS_MAX; i++) {
		if (!read_at(fd, &part, sizeof(part), (uint64_t)head.e_phoff + i * sizeof(part)))
			return false;
		if (part.p_type == PT_INTERP)
			return read_interp(fd, part.p_offset, part.p_filesz, name, size);
	}
	return false;
}

static bool interpreter_of_script(int fd, char *name, size_t size)
{
	char line[SCRIPT_START + 1];
	ssize_t length = pread(fd, line, SCRIPT_START, 0);
	char *start = line + 2;
	size_t name_length;

	if (length < 3)
		return false;
	line[length] = '\0';
	start += strspn(start, " \t");
	name_length = strcspn(start, " \t\n");
	/* The kernel does not know it either when it goes on beyond what is read. */
	if (start + name_length == line + SCRIPT_START)
		return false;
	start[name_length] = '\0';
	return *start && snprintf(name, size, "%s", start) < (int)size;
}

static bool interpreter_of(const char *path, char *name, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	unsigned char magic[EI_NIDENT] = { 0 };
	bool found = false;

	if (fd < 0)
		return false;
	if (pread(fd, magic, sizeof(magic), 0) < 3)
		found = false;
	else if (memcmp(magic, "#!", 2) == 0)
		found = interpreter_of_script(fd, name, size);
	else if (memcmp(magic, ELFMAG, SELFMAG) == 0)
		found = magic[EI_CLASS] == ELFCLASS32 ? interpreter_32(fd, name, size)
						      : interpreter_64(fd, name, size);
	close(fd);
	return found;
}

bool wv_interpreter_missing(const char *path, char *interpreter, size_t size)
{
	char current[PATH_MAX];

	snprintf(current, sizeof(current), "%s", path);
	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		if (!interpreter_of(current, interpreter, size))
			return false;
		if (access(interpreter, F_OK) != 0)
			return true;
		snprintf(current, sizeof(current), "%s", interpreter);
	}
	return false;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* The scenario "decoded [KIND...]": what its calls are made with, and how their facts are written.
 */
#define _GNU_SOURCE
#include "decoded.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scenarios.h"
#include "truth.h"

/* No descriptor has such a number. */
#define FIRST_MARK 1000000

#define MAX_TEXTS 32

/* arch/x86/include/uapi/asm/unistd.h: __X32_SYSCALL_BIT */
#define X32_BIT 0x40000000L

/* How tracers call the ways. */
static const char *const types[] = {
	[WV_WAY_64] = "",
	[WV_WAY_X32] = "x32",
	[WV_WAY_INT80] = "ia32",
};

static const struct {
	const char *name;
	void (*run)(void);
} kinds[] = {
	{ "paths", wv_decoded_paths },
	{ "exec", wv_decoded_exec },
	{ "constants", wv_decoded_constants },
	{ "flags", wv_decoded_flags },
	{ "descriptors", wv_decoded_descriptors },
	{ "addresses", wv_decoded_addresses },
	{ "times", wv_decoded_times },
	{ "buffers", wv_decoded_buffers },
	{ "outputs", wv_decoded_outputs },
	{ "absent", wv_decoded_absent },
	{ "int80", wv_decoded_int80 },
	{ "x32", wv_decoded_x32 },
	{ "unknown", wv_decoded_unknown },
};

static const char *kind = "";
static int mark = FIRST_MARK;
static enum wv_way last_way;
static unsigned last_number;

static long call_64(long number, const long arguments[6])
{
	register long fourth __asm__("r10") = arguments[3];
	register long fifth __asm__("r8") = arguments[4];
	register long sixth __asm__("r9") = arguments[5];
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(arguments[0]), "S"(arguments[1]), "d"(arguments[2]),
			   "r"(fourth), "r"(fifth), "r"(sixth)
			 : "memory", "rcx", "r11");
	return result;
}

static long call_int80(long number, const long arguments[6])
{
	int result;

	/* The sixth is in ebp, which the compiler does not give away. */
	__asm__ volatile("lea -128(%%rsp), %%rsp\n" /* below the stack is the compiler's, too */
			 "push %%rbp\n"
			 "mov %[sixth], %%ebp\n"
			 "int $0x80\n"
			 "pop %%rbp\n"
			 "lea 128(%%rsp), %%rsp"
			 : "=a"(result)
			 : "a"(number), "b"(arguments[0]), "c"(arguments[1]), "d"(arguments[2]),
			   "S"(arguments[3]), "D"(arguments[4]), [sixth] "r"((int)arguments[5])
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

long wv_decoded_make(enum wv_way way, long number, const long arguments[6])
{
	const long closed[6] = { ++mark };

	last_way = way;
	last_number = number;
	if (way == WV_WAY_X32)
		number |= X32_BIT;
	call_64(SYS_close, closed);
	return (way == WV_WAY_INT80 ? call_int80 : call_64)(number, arguments);
}

void wv_decoded_skip(long number)
{
	mark++;
	last_way = WV_WAY_64;
	last_number = number;
}

void wv_decoded_kind(const char *now)
{
	kind = now;
}

/* The names and texts of one direction: those of the others are left out. */
static void fact_texts(const char *direction, va_list texts)
{
	const char *list[2 * MAX_TEXTS + 1];
	const char *one;
	int count = 0;

	while ((one = va_arg(texts, const char *))) {
		const char *name = va_arg(texts, const char *), *text = va_arg(texts, const char *);

		if (strcmp(one, direction) || count + 2 > 2 * MAX_TEXTS)
			continue;
		list[count++] = name;
		list[count++] = text;
	}
	list[count] = NULL;
	wv_fact_list(direction, list);
}

static void tell(pid_t pid, const char *name, long result, va_list texts)
{
	va_list again;

	wv_fact("call");
	wv_fact_text("what", kind);
	wv_fact_int("pid", pid);
	wv_fact_int("mark", mark);
	wv_fact_text("name", name);
	wv_fact_int("number", last_number);
	wv_fact_text("type", types[last_way]);
	wv_fact_int("result", result);
	if (result < 0 && result >= -4095)
		wv_fact_text("error", strerrorname_np(-result));
	va_copy(again, texts);
	fact_texts("in", texts);
	fact_texts("out", again);
	va_end(again);
	wv_fact_end();
}

void wv_decoded_told_of(pid_t pid, const char *name, long result, ...)
{
	va_list texts;

	va_start(texts, result);
	tell(pid, name, result, texts);
	va_end(texts);
}

void wv_decoded_told(const char *name, long result, ...)
{
	va_list texts;

	va_start(texts, result);
	tell(getpid(), name, result, texts);
	va_end(texts);
}

const char *wv_text(const char *format, ...)
{
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		_exit(123);
	va_end(arguments);
	return text;
}

const char *wv_text_at(const void *address)
{
	return address ? wv_text("0x%lx", (unsigned long)address) : "NULL";
}

const char *wv_text_fd(int fd)
{
	char link[64], path[256];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return wv_text("%d", fd);
	/* That it has no name any more is not said. */
	if (length > 10 && !memcmp(path + length - 10, " (deleted)", 10))
		length -= 10;
	return wv_text("%d<%.*s>", fd, (int)length, path);
}

int wv_decoded_open(const char *name, int flags)
{
	int fd = open(name, flags | O_CLOEXEC, 0644);

	WV_EXPECT(fd >= 0);
	return fd;
}

static bool wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc <= 1;
}

int wv_decoded_main(int argc, char **argv)
{
	if (!WV_EXPECT(mkdir(WV_DECODED_DIR, 0755) == 0) || !WV_EXPECT(chdir(WV_DECODED_DIR) == 0))
		return 1;
	umask(022);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!wanted(kinds[i].name, argc, argv))
			continue;
		wv_decoded_kind(kinds[i].name);
		kinds[i].run();
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Writes facts to the truth channel. */
#include "truth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRUTH_DEVICE "/dev/truth"

static struct {
	char *text;
	size_t length;
	size_t room;
} line;

static void add_char(char c)
{
	if (line.length == line.room) {
		line.room = line.room ? line.room * 2 : 4096;
		line.text = realloc(line.text, line.room);
		if (!line.text)
			_exit(121);
	}
	line.text[line.length++] = c;
}

static void add_raw(const char *text)
{
	while (*text)
		add_char(*text++);
}

static void add_string(const char *bytes)
{
	add_char('"');
	for (; *bytes; bytes++) {
		unsigned char c = *bytes;

		if (c == '"' || c == '\\') {
			add_char('\\');
			add_char(c);
		} else if (c >= 0x20 && c < 0x7f) {
			add_char(c);
		} else {
			char escaped[8];

			snprintf(escaped, sizeof(escaped), "\\u%04x", c);
			add_raw(escaped);
		}
	}
	add_char('"');
}

static void add_key(const char *key)
{
	add_raw(line.length ? "," : "{");
	add_string(key);
	add_char(':');
}

void wv_fact(const char *kind)
{
	line.length = 0;
	wv_fact_text("kind", kind);
}

void wv_fact_int(const char *key, long long value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%lld", value);
	add_key(key);
	add_raw(digits);
}

void wv_fact_hex(const char *key, unsigned long long value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "\"0x%llx\"", value);
	add_key(key);
	add_raw(digits);
}

void wv_fact_bool(const char *key, bool value)
{
	add_key(key);
	add_raw(value ? "true" : "false");
}

void wv_fact_text(const char *key, const char *bytes)
{
	add_key(key);
	add_string(bytes);
}

void wv_fact_list(const char *key, const char *const *texts)
{
	add_key(key);
	add_char('[');
	for (size_t i = 0; texts[i]; i++) {
		if (i)
			add_char(',');
		add_string(texts[i]);
	}
	add_char(']');
}

/* One write() per fact where it can be: the terminal keeps writes of several processes apart. */
void wv_fact_end(void)
{
	static int fd = -1;
	size_t done = 0;

	add_raw("}\n");
	if (fd < 0)
		fd = open(TRUTH_DEVICE, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	while (done < line.length) {
		ssize_t wrote = write(fd, line.text + done, line.length - done);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			_exit(122);
		done += wrote;
	}
	line.length = 0;
}

void wv_broken(const char *format, ...)
{
	char what[512];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	wv_fact("broken");
	wv_fact_int("pid", getpid());
	wv_fact_text("what", what);
	wv_fact_end();
}

bool wv_expect(bool holds, const char *what, const char *file, int line)
{
	if (!holds)
		wv_broken("%s:%d: %s (errno %d)", strrchr(file, '/') + 1, line, what, errno);
	return holds;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of numbers: looking them up, and the texts made of them. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "output/names.h"

/* Linux, include/uapi/asm-generic/signal.h: _NSIG. */
#define SIGNAL_MAX 64
/* glibc's SIGRTMIN on Linux: 32 and 33 are its own (signal(7), "Real-time signals"). */
#define SIGNAL_RT_MIN 34
/* bash counts up from SIGRTMIN to here, and from the next on down from SIGRTMAX. */
#define SIGNAL_RT_MIDDLE 49

/* Linux, include/linux/err.h: MAX_ERRNO. */
#define ERRNO_MAX 4095

/* wait(2) and the kernel's fs/coredump.c: how an exit code is put together. */
#define EXIT_SIGNAL(code) ((code)&0x7f)
#define EXIT_CORE(code)	  ((code)&0x80)
#define EXIT_CODE(code)	  ((code) >> 8)

const char *wv_name_find(const struct wv_name_table *table, uint64_t value)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct wv_name *name = &table->names[middle];

		if (name->value == value)
			return name->name;
		if (name->value < value)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const char *wv_errno_name(uint64_t number)
{
	return wv_name_find(&wv_names_errno, number);
}

/* Text that grows in a buffer of fixed size. */
struct joined {
	char *text;
	size_t size, length;
	const char *separator;
	bool full;
};

static void joined_add(struct joined *joined, const char *part, size_t length)
{
	size_t room = joined->size - 1 - joined->length;

	if (length > room) {
		joined->full = true;
		length = room;
	}
	memcpy(joined->text + joined->length, part, length);
	joined->length += length;
}

static void joined_add_item(struct joined *joined, const char *item)
{
	if (joined->length > 0)
		joined_add(joined, joined->separator, strlen(joined->separator));
	joined_add(joined, item, strlen(item));
}

static void joined_end(struct joined *joined)
{
	size_t dots = joined->length < 3 ? joined->length : 3;

	if (joined->full)
		memcpy(joined->text + joined->length - dots, "...", dots);
	joined->text[joined->length] = '\0';
}

void wv_format_set(const struct wv_name_table *table, uint64_t value, const char *separator,
		   const char *nothing, char *text, size_t size)
{
	struct joined joined = { .text = text, .size = size, .separator = separator };
	char rest[sizeof("0xffffffffffffffff")];

	if (size == 0)
		return;
	if (value == 0) {
		snprintf(text, size, "%s", nothing);
		return;
	}

	for (size_t i = 0; i < table->count && value; i++) {
		const struct wv_name *name = &table->names[i];

		if (value & name->value) {
			joined_add_item(&joined, name->name);
			value &= ~name->value;
		}
	}
	if (value) {
		snprintf(rest, sizeof(rest), "0x%" PRIx64, value);
		joined_add_item(&joined, rest);
	}
	joined_end(&joined);
}

void wv_format_flags(const struct wv_name_table *table, uint64_t value, char *text, size_t size)
{
	wv_format_set(table, value, "|", "0", text, size);
}

void wv_format_clone_flags(uint64_t value, char *text, size_t size)
{
	wv_format_flags(&wv_names_clone_flags, value, text, size);
}

void wv_format_signal(uint64_t value, char *text, size_t size)
{
	const char *name = wv_name_find(&wv_names_signals, value);
	unsigned number = (unsigned)value;

	if (name)
		snprintf(text, size, "%s", name);
	else if (value == 0 || value > SIGNAL_MAX)
		snprintf(text, size, "%" PRIu64, value);
	else if (number < SIGNAL_RT_MIN)
		snprintf(text, size, "SIG%u", number);
	else if (number == SIGNAL_RT_MIN)
		snprintf(text, size, "SIGRTMIN");
	else if (number <= SIGNAL_RT_MIDDLE)
		snprintf(text, size, "SIGRTMIN+%u", number - SIGNAL_RT_MIN);
	else if (number < SIGNAL_MAX)
		snprintf(text, size, "SIGRTMAX-%u", SIGNAL_MAX - number);
	else
		snprintf(text, size, "SIGRTMAX");
}

void wv_format_errno(uint64_t value, char *text, size_t size)
{
	int64_t number = (int64_t)value;
	const char *name = wv_errno_name(number < 0 ? -value : value);

	if (name)
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "%" PRId64, number);
}

static void format_exit_code(unsigned code, char *text, size_t size)
{
	const char *name = wv_name_find(&wv_names_exit_status, code);
	char signal[sizeof("SIGRTMIN+15")];

	if (name) {
		snprintf(text, size, "%s", name);
	} else if (code > 128 && code <= 128 + SIGNAL_MAX) {
		wv_format_signal(code - 128, signal, sizeof(signal));
		snprintf(text, size, "128+%s", signal);
	} else {
		snprintf(text, size, "%u", code);
	}
}

static void format_death(unsigned signal_number, bool core, char *text, size_t size)
{
	char signal[sizeof("SIGRTMIN+15")];

	wv_format_signal(signal_number, signal, sizeof(signal));
	snprintf(text, size, "%s%s", signal, core ? " (core dumped)" : "");
}

void wv_format_exit_status(uint64_t value, char *text, size_t size)
{
	uint32_t code = (uint32_t)value;
	int32_t result = (int32_t)code;

	if (result < 0 && result >= -ERRNO_MAX)
		wv_format_errno((uint64_t)(int64_t)result, text, size);
	else if (code <= 0xff00 && (code & 0xff) == 0)
		format_exit_code(EXIT_CODE(code), text, size);
	else if (code <= 0xff && EXIT_SIGNAL(code) >= 1 && EXIT_SIGNAL(code) <= SIGNAL_MAX)
		format_death(EXIT_SIGNAL(code), EXIT_CORE(code), text, size);
	else
		snprintf(text, size, "0x%" PRIx32, code);
}

static void format_code(const char *name, uint32_t code, char *text, size_t size)
{
	if (name)
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "0x%" PRIx32, code);
}

void wv_format_ntstatus(uint64_t value, char *text, size_t size)
{
	uint32_t status = (uint32_t)value;

	format_code(wv_name_find(&wv_names_ntstatus, status), status, text, size);
}

void wv_format_exception(uint64_t value, char *text, size_t size)
{
	uint32_t code = (uint32_t)value;
	const char *name = wv_name_find(&wv_names_exception_codes, code);

	format_code(name ? name : wv_name_find(&wv_names_ntstatus, code), code, text, size);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Small functions that everything uses. */
#include "nt.h"
#include "boot_info.h"

size_t wv_length(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}

bool wv_same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static u64 state;

void wv_draw_seed(u64 seed)
{
	state = (seed + 0x51ed) * 0x9e3779b97f4a7c15ull | 1;
}

u32 wv_draw(u32 limit)
{
	static struct wv_lock lock;
	u32 drawn;

	wv_take(&lock);
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	drawn = (u32)(state >> 20);
	wv_release(&lock);
	return drawn % limit;
}

bool wv_argument(const char *name, char *value, size_t room)
{
	for (const char *line = wv_boot.arguments; *line; line++) {
		const char *at = line, *wanted = name;
		size_t used = 0;

		if (line != wv_boot.arguments && line[-1] != ' ')
			continue;
		while (*wanted && *at == *wanted)
			at++, wanted++;
		if (*wanted || *at++ != '=')
			continue;
		while (*at && *at != ' ' && used + 1 < room)
			value[used++] = *at++;
		value[used] = 0;
		return true;
	}
	return false;
}

u64 wv_argument_number(const char *name, u64 otherwise)
{
	char text[24];
	u64 number = 0;

	if (!wv_argument(name, text, sizeof(text)))
		return otherwise;
	for (const char *at = text; *at >= '0' && *at <= '9'; at++)
		number = number * 10 + (*at - '0');
	return number;
}

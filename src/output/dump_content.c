/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One content that comes in pieces: its hash, and a file of it. */
#define _GNU_SOURCE
#include "output/dump_content.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/write.h"

/** Up to this no file is made before it is known whether the content is a new one. */
#define MEMORY_MAX (1u << 20)

static const char zero_bytes[4096];

void dump_content_begin(struct dump_content *content, int folder, unsigned ring, uint64_t limit,
			uint64_t *zeros)
{
	*content = (struct dump_content){
		.folder = folder,
		.fd = -1,
		.limit = limit,
		.zeros = zeros,
		.memory = g_byte_array_new(),
		.checksum = g_checksum_new(G_CHECKSUM_SHA256),
		.ranges = g_array_new(FALSE, FALSE, sizeof(struct dump_range)),
	};
	snprintf(content->temporary, sizeof(content->temporary), ".incomplete-%u", ring);
}

void dump_content_end(struct dump_content *content)
{
	if (content->fd >= 0) {
		close(content->fd);
		unlinkat(content->folder, content->temporary, 0);
	}
	g_byte_array_unref(content->memory);
	g_checksum_free(content->checksum);
	g_array_unref(content->ranges);
}

/** A new file; never one that is there, nor what a link there leads to. */
static int make_file(int folder, const char *name)
{
	return openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/** From memory to a file, as it becomes large. */
static bool move_to_file(struct dump_content *content)
{
	content->fd = make_file(content->folder, content->temporary);
	return content->fd >= 0 &&
	       wv_write_all(content->fd, content->memory->data, content->memory->len);
}

/** What lies between the pieces: it takes no room in a file, but its time. */
static bool add_zeros(struct dump_content *content, uint64_t size)
{
	*content->zeros -= size;
	for (uint64_t left = size; left;) {
		gssize part = (gssize)MIN(left, sizeof(zero_bytes));

		g_checksum_update(content->checksum, (const guchar *)zero_bytes, part);
		if (content->fd < 0)
			g_byte_array_append(content->memory, (const guint8 *)zero_bytes,
					    (guint)part);
		left -= (uint64_t)part;
	}
	content->end += size;
	return content->fd < 0 || lseek(content->fd, (off_t)size, SEEK_CUR) >= 0;
}

/** Whether there are enough zeros up to there; if not, no more of the content is taken. */
static bool may_fill(struct dump_content *content, uint64_t end)
{
	if (end - content->end > *content->zeros)
		content->refused = true;
	return !content->refused;
}

/** Notes that bytes are there. False: there are too many ranges. */
static bool add_range(struct dump_content *content, uint64_t start, uint64_t end)
{
	GArray *ranges = content->ranges;
	struct dump_range *last =
		ranges->len ? &g_array_index(ranges, struct dump_range, ranges->len - 1) : NULL;
	const struct dump_range range = { start, end };

	if (last && last->end == start)
		last->end = end;
	else if (ranges->len < DUMP_RANGES_MAX)
		g_array_append_val(ranges, range);
	else
		return false;
	return true;
}

bool dump_content_add(struct dump_content *content, uint64_t offset, const char *data, size_t size)
{
	if (offset < content->end || offset >= content->limit || !may_fill(content, offset))
		return true;
	size = (size_t)MIN(size, content->limit - offset);
	if (!add_range(content, offset, offset + size))
		return true;
	if (content->fd < 0 && offset + size > MEMORY_MAX && !move_to_file(content))
		return false;
	if (!add_zeros(content, offset - content->end))
		return false;
	g_checksum_update(content->checksum, (const guchar *)data, (gssize)size);
	content->end += size;
	if (content->fd >= 0)
		return wv_write_all(content->fd, data, size);
	g_byte_array_append(content->memory, (const guint8 *)data, (guint)size);
	return true;
}

uint64_t dump_content_present(const struct dump_content *content)
{
	uint64_t sum = 0;

	for (guint i = 0; i < content->ranges->len; i++) {
		const struct dump_range *range =
			&g_array_index(content->ranges, struct dump_range, i);

		sum += range->end - range->start;
	}
	return sum;
}

/** One that is not whole; errno stays what it is. */
static void remove_file(int folder, const char *name)
{
	int reason = errno;

	unlinkat(folder, name, 0);
	errno = reason;
}

bool dump_write_file(int folder, const char *name, const void *data, size_t size)
{
	int fd = make_file(folder, name);
	bool written;

	if (fd < 0)
		return false;
	written = wv_write_all(fd, data, size);
	if (close(fd) == 0 && written)
		return true;
	remove_file(folder, name);
	return false;
}

bool dump_content_finish(struct dump_content *content, char name[WV_DUMP_NAME_SIZE])
{
	name[0] = '\0';
	if ((!content->ranges->len && content->limit) || !may_fill(content, content->limit))
		return true;
	/* the end may be missing as well, and a long one is not kept in memory */
	if (content->fd < 0 && content->limit > MEMORY_MAX && !move_to_file(content))
		return false;
	if (!add_zeros(content, content->limit - content->end))
		return false;
	g_strlcpy(name, g_checksum_get_string(content->checksum), WV_DUMP_NAME_SIZE);
	return true;
}

/** Gives the file that has grown its length and its name. */
static bool name_file(struct dump_content *content, const char *name)
{
	if (ftruncate(content->fd, (off_t)content->end) < 0 ||
	    renameat2(content->folder, content->temporary, content->folder, name,
		      RENAME_NOREPLACE) < 0)
		return false;

	int fd = content->fd;

	content->fd = -1;
	if (close(fd) == 0)
		return true;
	remove_file(content->folder, name);
	return false;
}

bool dump_content_store(struct dump_content *content, const char *name)
{
	return content->fd >= 0 ? name_file(content, name)
				: dump_write_file(content->folder, name, content->memory->data,
						  content->memory->len);
}

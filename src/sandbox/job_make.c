/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Putting a job together. */
#define _GNU_SOURCE
#include "sandbox/job_make.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/write.h"

static void add_text(GByteArray *strings, const char *text)
{
	g_byte_array_append(strings, (const guint8 *)text, (guint)strlen(text) + 1);
}

static uint32_t add_texts(GByteArray *strings, char *const *texts)
{
	uint32_t count = 0;

	for (; texts && texts[count]; count++)
		add_text(strings, texts[count]);
	return count;
}

int wv_job_make(const struct wv_job *job, GError **error)
{
	g_autoptr(GByteArray) strings = g_byte_array_new();
	struct wv_job_head head = {
		.magic = WV_JOB_MAGIC,
		.flags = job->network ? WV_JOB_NETWORK : 0,
		.file_size = job->size,
		.time_ns = wv_clock_read_ns(CLOCK_REALTIME),
	};

	add_text(strings, job->path);
	add_text(strings, job->user);
	add_text(strings, ""); /* the user's home */
	head.n_arguments = add_texts(strings, job->arguments);
	head.n_environment = add_texts(strings, job->environment);
	head.strings_size = strings->len;
	if (head.strings_size > WV_JOB_STRINGS_MAX || head.file_size > WV_JOB_MAX ||
	    sizeof(head) + head.strings_size + head.file_size > WV_JOB_MAX) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "the sample with its arguments is too large: at most %" G_GUINT64_FORMAT
			    " MiB, and %" G_GUINT64_FORMAT " kiB of arguments",
			    WV_JOB_MAX >> 20, WV_JOB_STRINGS_MAX >> 10);
		return -1;
	}

	int fd = memfd_create("wyvern-job", MFD_CLOEXEC);

	if (fd >= 0 && getrandom(head.entropy, sizeof(head.entropy), 0) == sizeof(head.entropy) &&
	    wv_write_all(fd, &head, sizeof(head)) &&
	    wv_write_all(fd, strings->data, strings->len) && wv_write_all(fd, job->data, job->size))
		return fd;
	g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL, "cannot hand in the sample: %s",
		    g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

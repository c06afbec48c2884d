/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runner: waits for the job, makes the guest what the job asks for, and becomes the sample. */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "launcher/launcher.h"

#define EXIT_NOT_STARTED 126

static void set_clock(uint64_t ns)
{
	const uint64_t second = 1000 * 1000 * 1000;
	struct timespec now = { .tv_sec = (time_t)(ns / second), .tv_nsec = (long)(ns % second) };

	if (clock_settime(CLOCK_REALTIME, &now) != 0)
		wv_say("can not set the clock");
}

/* All clones are born with the same random numbers: random(4). */
static void add_entropy(const uint8_t *bytes)
{
	/* struct rand_pool_info: bits, bytes, and then the bytes. */
	uint32_t pool[2 + WV_JOB_ENTROPY / 4] = { WV_JOB_ENTROPY * 8, WV_JOB_ENTROPY };
	int fd = open("/dev/random", O_RDWR | O_CLOEXEC);

	memcpy(pool + 2, bytes, WV_JOB_ENTROPY);
	if (fd < 0 || ioctl(fd, RNDADDENTROPY, pool) != 0 || ioctl(fd, RNDRESEEDCRNG) != 0)
		wv_say("can not add entropy");
	if (fd >= 0)
		close(fd);
}

/* Makes the folders that lead to the file; what it makes is the user's. */
static bool make_folders(const char *path, const struct wv_user *user, struct wv_why *why)
{
	char folder[PATH_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		memcpy(folder, path, (size_t)(slash - path));
		folder[slash - path] = '\0';
		if (mkdir(folder, 0755) == 0) {
			if (chown(folder, user->uid, user->gid) != 0)
				return wv_why(why, "can not give %s to %s: %s", folder, user->name,
					      strerror(errno));
		} else if (errno != EEXIST) {
			return wv_why(why, "can not make %s: %s", folder, strerror(errno));
		}
	}
	return true;
}

static bool write_all(int fd, const uint8_t *data, size_t size)
{
	while (size) {
		ssize_t written = write(fd, data, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		data += written;
		size -= (size_t)written;
	}
	return true;
}

static bool fill_sample(int fd, const struct wv_order *order, const struct wv_user *user,
			struct wv_why *why)
{
	for (uint64_t left = order->head.file_size; left;) {
		size_t size;
		const uint8_t *data =
			wv_receive_some(left < SIZE_MAX ? (size_t)left : SIZE_MAX, &size, why);

		if (!data)
			return false;
		if (!write_all(fd, data, size))
			return wv_why(why, "can not write %s: %s", order->path, strerror(errno));
		left -= size;
	}
	if (fchown(fd, user->uid, user->gid) != 0 || fchmod(fd, 0755) != 0)
		return wv_why(why, "can not give %s to %s: %s", order->path, user->name,
			      strerror(errno));
	return true;
}

static bool write_sample(const struct wv_order *order, const struct wv_user *user,
			 struct wv_why *why)
{
	bool ok;
	int fd;

	if (!make_folders(order->path, user, why))
		return false;
	unlink(order->path);
	fd = open(order->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0700);
	if (fd < 0)
		return wv_why(why, "can not write %s: %s", order->path, strerror(errno));
	ok = fill_sample(fd, order, user, why);
	if (close(fd) != 0 && ok)
		ok = wv_why(why, "can not write %s: %s", order->path, strerror(errno));
	return ok;
}

static bool take_order(struct wv_order *order, struct wv_why *why)
{
	struct wv_job_head head;
	char *strings;

	if (!wv_receive(&head, sizeof(head), why) || !wv_order_check(&head, why))
		return false;
	strings = malloc((size_t)head.strings_size);
	if (!strings)
		return wv_why(why, "no memory for the job's texts");
	return wv_receive(strings, (size_t)head.strings_size, why) &&
	       wv_order_parse(order, &head, strings, why);
}

static bool prepare(struct wv_order *order, struct wv_user *user, struct wv_why *why)
{
	if (!take_order(order, why))
		return false;
	set_clock(order->head.time_ns);
	add_entropy(order->head.entropy);
	if (order->head.flags & WV_JOB_NETWORK && !wv_network_user(why))
		return false;
	return wv_user_find(user, order->user, "/etc/passwd", "/etc/group", why) &&
	       write_sample(order, user, why);
}

int wv_run(void)
{
	static struct wv_order order;
	static struct wv_user user;
	static struct wv_why why;
	int status = EXIT_NOT_STARTED, fd;

	setsid();
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		dup2(fd, STDIN_FILENO);
		if (fd != STDIN_FILENO)
			close(fd);
	}
	if (prepare(&order, &user, &why))
		status = wv_start(&order, &user, &why);
	wv_tell_failed(&why);
	return status;
}

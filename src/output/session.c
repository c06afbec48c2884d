/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shared memory of a session: rings, the global sequence, counters. */
#define _GNU_SOURCE
#include "output/session.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

#define SESSION_MAGIC UINT64_C(0x316e7265767977ff)

/** How long a vCPU sleeps between two looks at a full ring, in nanoseconds: longer each time. */
#define WAIT_MIN_NS 50000
#define WAIT_MAX_NS 1000000

/** Likewise between two looks for an answer. */
#define ANSWER_WAIT_NS 1000000

/**
 * How far ahead of a record the ring is fetched, in bytes. The other side had that memory last, and
 * it may take longer to get it from there than a record takes to make: a few records ahead.
 */
#define FETCH_AHEAD 768u
/** Of a long record no more is fetched at once: the processor does the rest by itself. */
#define FETCH_MAX 512u

/** The start of the shared memory. */
struct shared {
	uint64_t magic;
	uint32_t layout; /* size of this structure and of a ring's head: a check on the build */
	uint32_t n_rings;
	uint32_t config_size;
	uint32_t has_ticks; /* records are stamped with ticks; else with nanoseconds */
	uint32_t closed;
	uint32_t answers; /* how many there were; what follows is the last one */
	uint32_t answer_is_good;
	char answer[WV_ANSWER_MAX];
	_Alignas(64) uint64_t sequence; /* the next record's number */
	_Alignas(64) uint64_t uid;	/* the last EventUID */
	_Alignas(64) char config[WV_CONFIG_MAX];
	struct wv_ring rings[];
};

/**
 * What this process last saw of a ring's other side. Only when that does not suffice is it looked
 * at again: each look may take the cache line from the other side, which is writing it.
 */
struct view {
	_Alignas(64) uint64_t tail; /* the producer's */
	_Alignas(64) uint64_t head; /* the reader's */
};

struct wv_session {
	int fd;
	size_t size;
	unsigned n_rings; /* our own copy: the other side may write anything */
	struct shared *shared;
	char *config;
	bool has_ticks; /* our own copy as well */
	struct wv_clock clock;
	struct view *views; /* per ring */
};

static uint32_t layout_check(void)
{
	return (uint32_t)(sizeof(struct shared) * 31 + sizeof(struct wv_ring) +
			  sizeof(struct wv_record_head));
}

static size_t rings_offset(unsigned n_rings)
{
	size_t size = sizeof(struct shared) + n_rings * sizeof(struct wv_ring);

	return (size + 4095) & ~(size_t)4095;
}

static size_t session_size(unsigned n_rings)
{
	return rings_offset(n_rings) + (size_t)n_rings * WV_RING_SIZE;
}

static uint8_t *ring_data(const struct wv_session *session, unsigned ring)
{
	return (uint8_t *)session->shared + rings_offset(session->n_rings) +
	       (size_t)ring * WV_RING_SIZE;
}

static bool session_map(struct wv_session *session, unsigned n_rings, GError **error)
{
	session->n_rings = n_rings;
	session->size = session_size(n_rings);
	session->shared = mmap(NULL, session->size, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_NORESERVE, session->fd, 0);
	session->views = g_aligned_alloc0(n_rings, sizeof(*session->views), 64);
	if (session->shared != MAP_FAILED)
		return true;
	session->shared = NULL;
	g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL, "cannot map the session: %s",
		    g_strerror(errno));
	return false;
}

struct wv_session *wv_session_create(unsigned n_rings, const char *config, GError **error)
{
	size_t config_size = strlen(config);

	if (config_size >= WV_CONFIG_MAX) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "the configuration is too long: %zu bytes, at most %u", config_size,
			    WV_CONFIG_MAX - 1);
		return NULL;
	}

	struct wv_session *session = g_new0(struct wv_session, 1);

	session->fd = memfd_create("wyvern-session", MFD_CLOEXEC);
	if (session->fd < 0 || ftruncate(session->fd, (off_t)session_size(n_rings)) < 0) {
		g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL, "cannot make a session: %s",
			    g_strerror(errno));
		wv_session_free(session);
		return NULL;
	}
	if (!session_map(session, n_rings, error)) {
		wv_session_free(session);
		return NULL;
	}
	session->config = g_strdup(config);

	struct shared *shared = session->shared;

	shared->magic = SESSION_MAGIC;
	shared->layout = layout_check();
	shared->n_rings = n_rings;
	session->has_ticks = wv_ticks_are_steady();
	shared->has_ticks = session->has_ticks;
	wv_clock_start(&session->clock);
	shared->config_size = (uint32_t)config_size;
	memcpy(shared->config, config, config_size);
	return session;
}

struct wv_session *wv_session_attach(int fd, GError **error)
{
	struct wv_session *session = g_new0(struct wv_session, 1);
	struct shared *head = MAP_FAILED;
	struct stat info;

	session->fd = fd;
	if (fstat(fd, &info) == 0 && info.st_size >= (off_t)sizeof(struct shared))
		head = mmap(NULL, sizeof(*head), PROT_READ, MAP_SHARED, fd, 0);
	if (head == MAP_FAILED) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "descriptor %d is not a session", fd);
		wv_session_free(session);
		return NULL;
	}

	unsigned n_rings = head->n_rings;
	bool fits = head->magic == SESSION_MAGIC && head->layout == layout_check() &&
		    n_rings <= WV_RINGS_MAX && info.st_size == (off_t)session_size(n_rings) &&
		    head->config_size < WV_CONFIG_MAX;

	if (fits) {
		session->config = g_strndup(head->config, head->config_size);
		session->has_ticks = head->has_ticks;
		wv_clock_start(&session->clock);
	}
	munmap(head, sizeof(*head));
	if (!fits) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "the session was made by another version of wyvern");
		wv_session_free(session);
		return NULL;
	}
	if (!session_map(session, n_rings, error)) {
		wv_session_free(session);
		return NULL;
	}
	return session;
}

void wv_session_free(struct wv_session *session)
{
	if (!session)
		return;
	if (session->shared)
		munmap(session->shared, session->size);
	if (session->fd >= 0)
		close(session->fd);
	g_free(session->config);
	g_aligned_free(session->views);
	g_free(session);
}

int wv_session_fd(const struct wv_session *session)
{
	return session->fd;
}

const char *wv_session_config(const struct wv_session *session)
{
	return session->config;
}

unsigned wv_session_rings(const struct wv_session *session)
{
	return session->n_rings;
}

struct wv_ring *wv_session_ring(struct wv_session *session, unsigned ring)
{
	return &session->shared->rings[ring];
}

uint64_t wv_session_next_uid(struct wv_session *session)
{
	return __atomic_add_fetch(&session->shared->uid, 1, __ATOMIC_RELAXED);
}

void wv_session_answer(struct wv_session *session, bool good, const char *text)
{
	struct shared *shared = session->shared;

	shared->answer_is_good = good;
	g_strlcpy(shared->answer, text, sizeof(shared->answer));
	__atomic_fetch_add(&shared->answers, 1, __ATOMIC_RELEASE);
}

unsigned wv_session_answers(const struct wv_session *session)
{
	return __atomic_load_n(&session->shared->answers, __ATOMIC_ACQUIRE);
}

char *wv_session_await_answer(struct wv_session *session, unsigned seen, GError **error)
{
	const struct shared *shared = session->shared;

	while (wv_session_answers(session) == seen) {
		if (__atomic_load_n(&shared->closed, __ATOMIC_ACQUIRE)) {
			g_set_error(error, WV_ERROR, WV_ERROR_KERNEL, "nobody answers any more");
			return NULL;
		}
		nanosleep(&(struct timespec){ .tv_nsec = ANSWER_WAIT_NS }, NULL);
	}

	g_autofree char *text = g_strndup(shared->answer, sizeof(shared->answer));

	if (shared->answer_is_good)
		return g_steal_pointer(&text);
	g_set_error(error, WV_ERROR, WV_ERROR_KERNEL, "%s", text);
	return NULL;
}

void wv_session_close(struct wv_session *session)
{
	__atomic_store_n(&session->shared->closed, 1, __ATOMIC_RELEASE);
}

/** Whether @need bytes are free by what is known, or by another look. */
static bool has_room(const struct wv_ring *ring, struct view *view, uint64_t head, size_t need)
{
	if (WV_RING_SIZE - (head - view->tail) >= need)
		return true;
	view->tail = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);
	return WV_RING_SIZE - (head - view->tail) >= need;
}

/** Waits until @need bytes are free. False when they will not be. */
static bool wait_for_room(struct wv_session *session, unsigned index, uint64_t head, size_t need,
			  bool drop)
{
	struct wv_ring *ring = &session->shared->rings[index];
	struct view *view = &session->views[index];
	long pause = 0;

	while (!has_room(ring, view, head, need)) {
		if (drop || __atomic_load_n(&session->shared->closed, __ATOMIC_ACQUIRE))
			return false;
		if (!pause)
			ring->counters.waits++;
		pause = CLAMP(2 * pause, WAIT_MIN_NS, WAIT_MAX_NS);
		nanosleep(&(struct timespec){ .tv_nsec = pause }, NULL);
	}
	return true;
}

/** Fetches as much of the ring as a record of @size at @at has taken, further on. */
static inline void fetch_ahead(const uint8_t *data, size_t at, size_t size, bool write)
{
	size_t start = at + FETCH_AHEAD, end = start + MIN(size, FETCH_MAX);

	for (size_t ahead = start; ahead < end; ahead += 64) {
		const uint8_t *line = data + (ahead & (WV_RING_SIZE - 1));

		/* the compiler wants to know which */
		if (write)
			__builtin_prefetch(line, 1);
		else
			__builtin_prefetch(line, 0);
	}
}

uint8_t *wv_session_place(struct wv_session *session, unsigned index)
{
	struct wv_ring *ring = &session->shared->rings[index];
	uint64_t head = ring->head; /* ours alone */
	size_t at = head & (WV_RING_SIZE - 1);

	if (WV_RING_SIZE - at < WV_RECORD_MAX ||
	    !has_room(ring, &session->views[index], head, WV_RECORD_MAX))
		return NULL;
	return ring_data(session, index) + at;
}

bool wv_session_commit(struct wv_session *session, unsigned index, struct wv_writer *writer,
		       bool drop)
{
	struct wv_ring *ring = &session->shared->rings[index];
	uint8_t *data = ring_data(session, index);
	struct wv_record_head *record = wv_writer_head(writer);
	uint64_t head = ring->head; /* ours alone */
	size_t at = head & (WV_RING_SIZE - 1);
	size_t to_end = WV_RING_SIZE - at;
	size_t size = record->size;
	size_t skip = to_end < size ? to_end : 0;

	/* a record is in one piece: what is left of the ring's end is skipped */
	if (!wait_for_room(session, index, head, skip + size, drop)) {
		ring->counters.dropped++;
		return false;
	}
	if (skip) {
		uint32_t filler[2] = { (uint32_t)skip, WV_RECORD_SKIP };

		memcpy(data + at, filler, sizeof(filler));
		at = 0;
	}

	/* the number and the clock last, so that numbers are published soon and times rise */
	record->sequence = __atomic_fetch_add(&session->shared->sequence, 1, __ATOMIC_RELAXED);
	record->time_ns = session->has_ticks ? wv_ticks() : wv_clock_read_ns(CLOCK_REALTIME);
	if (writer->data != data + at) /* wv_session_place() had none there */
		memcpy(data + at, writer->data, size);
	ring->counters.committed++;
	__atomic_store_n(&ring->head, head + skip + size, __ATOMIC_RELEASE);
	fetch_ahead(data, at, size, true);
	return true;
}

/** Makes a time of a record's ticks. */
static void set_time(struct wv_session *session, struct wv_record_head *head)
{
	if (session->has_ticks)
		head->time_ns = wv_clock_time(&session->clock, head->time_ns);
}

size_t wv_session_peek(struct wv_session *session, unsigned index, void *buffer, bool *broken)
{
	struct wv_ring *ring = &session->shared->rings[index];
	struct view *view = &session->views[index];
	const uint8_t *data = ring_data(session, index);
	uint64_t tail = ring->tail; /* ours alone */

	for (;;) {
		if (view->head - tail - 1 >= WV_RING_SIZE) /* nothing there, or never was */
			view->head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);

		uint64_t used = view->head - tail;

		if (!used)
			return 0;

		size_t at = tail & (WV_RING_SIZE - 1);
		size_t to_end = WV_RING_SIZE - at;
		uint32_t start[2]; /* size, kind and vcpu */

		if (used > WV_RING_SIZE || used < sizeof(start) || to_end < sizeof(start))
			break;
		memcpy(start, data + at, sizeof(start));

		size_t size = start[0];

		if (size < sizeof(start) || size % 8 || size > used || size > to_end)
			break;
		if ((start[1] & 0xffff) == WV_RECORD_SKIP) {
			tail += size;
			__atomic_store_n(&ring->tail, tail, __ATOMIC_RELEASE);
			continue;
		}
		if (size < sizeof(struct wv_record_head) || size > WV_RECORD_MAX)
			break;
		fetch_ahead(data, at, size, false);
		memcpy(buffer, data + at, size);
		memcpy(buffer, start, sizeof(start)); /* what was checked, whatever came since */
		set_time(session, buffer);
		return size;
	}
	*broken = true;
	view->head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);
	__atomic_store_n(&ring->tail, view->head, __ATOMIC_RELEASE);
	return 0;
}

void wv_session_consume(struct wv_session *session, unsigned index, size_t size)
{
	struct wv_ring *ring = &session->shared->rings[index];

	__atomic_store_n(&ring->tail, ring->tail + size, __ATOMIC_RELEASE);
}

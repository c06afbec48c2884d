/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands to QEMU and its answers, as lines of JSON on a socket. */
#define _GNU_SOURCE
#include "sandbox/qmp.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

/** Objects and lists in one another, in what QEMU sends; its deepest answers have fewer than 10. */
#define DEPTH_MAX 32

/** Of QEMU's explanation of an error, in bytes. */
#define REASON_MAX 500

#define CHUNK (64 * 1024)

struct wv_qmp {
	int fd;
	bool negotiated; /* the greeting has come, and was answered */
	GError *broken;	 /* why the connection is of no more use; NULL: it is */
	uint64_t last_id;
	GString *received; /* what has come and is not a whole line yet, or not looked at */
	size_t searched;   /* so much of it has no end of a line */
};

struct wv_qmp *wv_qmp_new(int fd)
{
	struct wv_qmp *qmp = g_new0(struct wv_qmp, 1);

	qmp->fd = fd;
	qmp->received = g_string_new(NULL);
	return qmp;
}

void wv_qmp_free(struct wv_qmp *qmp)
{
	if (!qmp)
		return;
	close(qmp->fd);
	g_clear_error(&qmp->broken);
	g_string_free(qmp->received, TRUE);
	g_free(qmp);
}

/** The connection is of no more use. */
static void G_GNUC_PRINTF(3, 4)
	fail(struct wv_qmp *qmp, enum wv_error code, const char *format, ...)
{
	va_list arguments;

	if (qmp->broken)
		return;
	va_start(arguments, format);
	qmp->broken = g_error_new_valist(WV_ERROR, (gint)code, format, arguments);
	va_end(arguments);
}

/** Waits until the socket is ready for @events. False when the time is up. */
static bool wait_for(struct wv_qmp *qmp, short events, gint64 deadline)
{
	struct pollfd waiting = { .fd = qmp->fd, .events = events };

	for (;;) {
		gint64 left = deadline - g_get_monotonic_time();

		if (left <= 0)
			return false;
		if (poll(&waiting, 1, (int)MIN((left + 999) / 1000, 1000)) > 0)
			return true;
	}
}

/** False when it failed, or the time is up: then half a command may have been sent. */
static bool send_text(struct wv_qmp *qmp, const char *text, gint64 deadline)
{
	size_t size = strlen(text);

	while (size) {
		ssize_t sent = send(qmp->fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent >= 0) {
			text += sent;
			size -= (size_t)sent;
		} else if (errno == EAGAIN) {
			if (wait_for(qmp, POLLOUT, deadline))
				continue;
			fail(qmp, WV_ERROR_GUEST, "QEMU does not take commands");
			return false;
		} else if (errno != EINTR) {
			fail(qmp, WV_ERROR_GUEST, "the connection to QEMU broke: %s",
			     g_strerror(errno));
			return false;
		}
	}
	return true;
}

/** Takes what has come. False when there will be no more. */
static bool receive(struct wv_qmp *qmp)
{
	size_t before = qmp->received->len;
	ssize_t got;

	g_string_set_size(qmp->received, before + CHUNK);
	got = recv(qmp->fd, qmp->received->str + before, CHUNK, MSG_DONTWAIT);
	g_string_truncate(qmp->received, before + (size_t)MAX(got, 0));
	if (got == 0)
		fail(qmp, WV_ERROR_GUEST, "QEMU closed the connection");
	else if (got < 0 && errno != EAGAIN && errno != EINTR)
		fail(qmp, WV_ERROR_GUEST, "the connection to QEMU broke: %s", g_strerror(errno));
	return !qmp->broken;
}

/** Takes the next line off what was received. NULL when it has not come whole yet. */
static char *take_line(struct wv_qmp *qmp, size_t *size)
{
	GString *received = qmp->received;
	char *end = memchr(received->str + qmp->searched, '\n', received->len - qmp->searched);
	char *line;

	if (!end) {
		qmp->searched = received->len;
		return NULL;
	}
	*size = (size_t)(end - received->str);
	line = g_strndup(received->str, *size);
	g_string_erase(received, 0, (gssize)*size + 1);
	qmp->searched = 0;
	return line;
}

/** The next line that QEMU sends. NULL when it fails, or the time is up. */
static char *read_line(struct wv_qmp *qmp, size_t *size, gint64 deadline)
{
	for (;;) {
		char *line = take_line(qmp, size);

		if (line && *size <= WV_QMP_LINE_MAX)
			return line;
		if (line || qmp->received->len > WV_QMP_LINE_MAX) {
			g_free(line);
			fail(qmp, WV_ERROR_FORMAT, "QEMU sent a line of more than %d bytes",
			     WV_QMP_LINE_MAX);
			return NULL;
		}
		if (!wait_for(qmp, POLLIN, deadline) || !receive(qmp))
			return NULL;
	}
}

/** Makes an object of a line. NULL when it is none. */
static struct json_object *parse(const char *line, size_t size)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
	struct json_object *object;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* with the zero byte that ends it, without which a lone number would not be whole */
	object = json_tokener_parse_ex(tokener, line, (int)size + 1);
	if (json_tokener_get_error(tokener) != json_tokener_success ||
	    json_tokener_get_parse_end(tokener) < size ||
	    !json_object_is_type(object, json_type_object)) {
		json_object_put(object);
		object = NULL;
	}
	json_tokener_free(tokener);
	return object;
}

/** The next object that QEMU sends. NULL when it fails, or the time is up. */
static struct json_object *read_object(struct wv_qmp *qmp, gint64 deadline)
{
	size_t size;
	g_autofree char *line = read_line(qmp, &size, deadline);
	struct json_object *object;

	if (!line)
		return NULL;
	/* QEMU ends its lines by both */
	if (size && line[size - 1] == '\r')
		line[--size] = '\0';
	object = parse(line, size);
	if (!object)
		fail(qmp, WV_ERROR_FORMAT, "QEMU sent a line that is not of its protocol");
	return object;
}

/** What QEMU says about an error, fit to be shown. */
static char *reason_of(struct json_object *refusal)
{
	struct json_object *description = NULL;
	GString *reason = g_string_new(NULL);
	const char *text = "no reason given";

	if (json_object_object_get_ex(refusal, "desc", &description) &&
	    json_object_is_type(description, json_type_string))
		text = json_object_get_string(description);
	for (; *text && reason->len < REASON_MAX; text = g_utf8_next_char(text)) {
		gunichar character = g_utf8_get_char_validated(text, -1);

		if (character >= (gunichar)-2)
			break;
		g_string_append_unichar(reason, g_unichar_isprint(character) ? character : '?');
	}
	return g_string_free(reason, FALSE);
}

/** Whether it answers the command of that number; QEMU may answer what it can not read by none. */
static bool answers(struct json_object *object, uint64_t id)
{
	struct json_object *of;

	if (!json_object_object_get_ex(object, "id", &of))
		return json_object_object_get_ex(object, "error", NULL);
	return json_object_is_type(of, json_type_int) && json_object_get_uint64(of) == id;
}

/** Waits for the greeting. */
static bool read_greeting(struct wv_qmp *qmp, gint64 deadline)
{
	struct json_object *object;
	bool greeting = false;

	while (!greeting && (object = read_object(qmp, deadline))) {
		greeting = json_object_object_get_ex(object, "QMP", NULL);
		json_object_put(object);
	}
	return greeting;
}

/** Waits for the answer. NULL when it fails, or the time is up. */
static struct json_object *read_answer(struct wv_qmp *qmp, uint64_t id, gint64 deadline)
{
	struct json_object *object;

	while ((object = read_object(qmp, deadline))) {
		if (answers(object, id))
			return object;
		json_object_put(object);
	}
	return NULL;
}

/** Why there is no answer. */
static void set_no_answer(struct wv_qmp *qmp, const char *command, GError **error)
{
	if (qmp->broken)
		g_set_error(error, WV_ERROR, qmp->broken->code, "%s: %s", command,
			    qmp->broken->message);
	else
		g_set_error(error, WV_ERROR, WV_ERROR_GUEST, "%s: QEMU does not answer", command);
}

static bool call(struct wv_qmp *qmp, const char *command, struct json_object *arguments,
		 struct json_object **result, gint64 deadline, GError **error)
{
	struct json_object *request = json_object_new_object(), *answer = NULL, *member = NULL;
	uint64_t id = ++qmp->last_id;
	g_autofree char *line = NULL;

	json_object_object_add(request, "execute", json_object_new_string(command));
	if (arguments)
		json_object_object_add(request, "arguments", json_object_get(arguments));
	json_object_object_add(request, "id", json_object_new_uint64(id));
	line = g_strconcat(json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN), "\n",
			   NULL);
	json_object_put(request);

	if (qmp->broken || !send_text(qmp, line, deadline) ||
	    !(answer = read_answer(qmp, id, deadline))) {
		set_no_answer(qmp, command, error);
		return false;
	}
	if (json_object_object_get_ex(answer, "error", &member)) {
		g_autofree char *reason = reason_of(member);

		g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL, "%s: QEMU says: %s", command,
			    reason);
	} else if (!json_object_object_get_ex(answer, "return", &member)) {
		fail(qmp, WV_ERROR_FORMAT, "QEMU sent an answer that is none");
		set_no_answer(qmp, command, error);
	} else {
		if (result)
			*result = json_object_get(member);
		json_object_put(answer);
		return true;
	}
	json_object_put(answer);
	return false;
}

static bool negotiate(struct wv_qmp *qmp, const char *command, gint64 deadline, GError **error)
{
	if (qmp->negotiated)
		return true;
	if (qmp->broken || !read_greeting(qmp, deadline)) {
		set_no_answer(qmp, command, error);
		return false;
	}
	qmp->negotiated = true; /* also when the answer is late: it is asked for only once */
	return call(qmp, "qmp_capabilities", NULL, NULL, deadline, error);
}

bool wv_qmp_call(struct wv_qmp *qmp, const char *command, struct json_object *arguments,
		 struct json_object **result, double timeout_s, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)(timeout_s * 1e6);
	bool done = negotiate(qmp, command, deadline, error) &&
		    call(qmp, command, arguments, result, deadline, error);

	json_object_put(arguments);
	return done;
}

void wv_qmp_send_quit(struct wv_qmp *qmp)
{
	static const char quit[] = "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"quit\"}\n";
	const char *text = qmp->negotiated ? strchr(quit, '\n') + 1 : quit;
	ssize_t sent;

	do
		sent = send(qmp->fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes the client of QEMU's machine protocol. The input is what QEMU sends; its first byte says
 * how much of a right beginning is put before it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "sandbox/qmp.h"

/** Nothing is late: all of the input is there, and then the connection ends. */
#define TIMEOUT_S 60

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void say(int fd, const void *text, size_t size)
{
	if (send(fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return; /* more than the socket holds: then less is said */
}

static void begin(int fd, unsigned how_much)
{
	static const char *const right[] = { "{\"QMP\": {}}\r\n", "{\"return\": {}, \"id\": 1}\r\n",
					     "{\"id\": 2, \"return\": " };

	for (unsigned i = 0; i < how_much && i < G_N_ELEMENTS(right); i++)
		say(fd, right[i], strlen(right[i]));
}

static void ask(struct wv_qmp *qmp)
{
	struct json_object *result = NULL;
	GError *error = NULL;

	if (wv_qmp_call(qmp, "query-status", json_object_new_object(), &result, TIMEOUT_S,
			&error) != !error)
		abort();
	if (error &&
	    (result || error->domain != WV_ERROR || !g_utf8_validate(error->message, -1, NULL)))
		abort();
	json_object_put(result);
	g_clear_error(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wv_qmp *qmp;
	int pair[2];

	if (!size)
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	begin(pair[1], data[0] % 4);
	say(pair[1], data + 1, size - 1);
	shutdown(pair[1], SHUT_WR);
	qmp = wv_qmp_new(pair[0]);
	for (unsigned i = 0; i < 3; i++)
		ask(qmp);
	wv_qmp_send_quit(qmp);
	wv_qmp_free(qmp);
	close(pair[1]);
	return 0;
}

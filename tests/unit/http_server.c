/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection at a time, one request each. */
#include "http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 8192

struct http_server {
	const struct http_answer *answers;
	char *url;
	int listener;
	int stop[2]; /* a pipe: what is written to it ends the thread, and any waiting */
	GThread *thread;
	unsigned count;
	char last[REQUEST_MAX];
};

/* False when the server is to stop. */
static gboolean pause_for(const struct http_server *server, int milliseconds)
{
	struct pollfd stop = { .fd = server->stop[0], .events = POLLIN };

	return poll(&stop, 1, milliseconds) == 0;
}

static gboolean send_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);

		if (sent <= 0)
			return FALSE;
		data += sent;
		size -= (size_t)sent;
	}
	return TRUE;
}

static void send_body(const struct http_server *server, const struct http_answer *answer, int fd)
{
	const char *data = answer->body;
	size_t left = answer->size;

	while (left) {
		size_t size = answer->chunk ? MIN(left, answer->chunk) : left;

		if (!send_all(fd, data, size))
			return;
		data += size;
		left -= size;
		if (answer->chunk && !pause_for(server, (int)answer->chunk_ms))
			return;
	}
}

static void give(const struct http_server *server, const struct http_answer *answer, int fd)
{
	g_autofree char *lines = NULL;
	g_autofree char *head = NULL;

	if (answer->silent_ms)
		pause_for(server, (int)answer->silent_ms);
	if (!answer->head)
		return;
	lines = g_strjoinv("\r\n", (char **)answer->head);
	head = g_strconcat(lines, "\r\n\r\n", NULL);
	if (send_all(fd, head, strlen(head)))
		send_body(server, answer, fd);
}

static void serve(struct http_server *server, int fd)
{
	size_t used = 0;
	const char *path;

	while (used < REQUEST_MAX - 1) {
		ssize_t got = recv(fd, server->last + used, REQUEST_MAX - 1 - used, 0);

		if (got <= 0)
			return;
		used += (size_t)got;
		server->last[used] = '\0';
		if (strstr(server->last, "\r\n\r\n"))
			break;
	}
	server->count++;
	path = strchr(server->last, ' ');
	for (const struct http_answer *answer = server->answers; path && *answer->prefix;
	     answer++) {
		if (g_str_has_prefix(path + 1, answer->prefix)) {
			give(server, answer, fd);
			return;
		}
	}
}

static gpointer run(gpointer data)
{
	struct http_server *server = data;
	struct pollfd fds[] = { { .fd = server->listener, .events = POLLIN },
				{ .fd = server->stop[0], .events = POLLIN } };

	while (poll(fds, G_N_ELEMENTS(fds), -1) > 0 && !fds[1].revents) {
		int fd = accept(server->listener, NULL, NULL);

		if (fd < 0)
			continue;
		serve(server, fd);
		shutdown(fd, SHUT_WR);
		close(fd);
	}
	return NULL;
}

struct http_server *http_server_start(const struct http_answer *answers)
{
	struct http_server *server = g_new0(struct http_server, 1);
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->answers = answers;
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server->listener < 0 || pipe(server->stop) != 0 ||
	    bind(server->listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(server->listener, 8) != 0 ||
	    getsockname(server->listener, (struct sockaddr *)&address, &size) != 0)
		g_error("no server on loopback");
	server->url = g_strdup_printf("http://127.0.0.1:%u", ntohs(address.sin_port));
	server->thread = g_thread_new("http", run, server);
	return server;
}

void http_server_stop(struct http_server *server)
{
	if (write(server->stop[1], "", 1) != 1)
		g_error("the server can not be stopped");
	g_thread_join(server->thread);
	close(server->listener);
	close(server->stop[0]);
	close(server->stop[1]);
	g_free(server->url);
	g_free(server);
}

const char *http_server_url(const struct http_server *server)
{
	return server->url;
}

unsigned http_server_count(const struct http_server *server)
{
	return server->count;
}

const char *http_server_last(const struct http_server *server)
{
	return server->last;
}

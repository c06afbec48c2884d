/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server on loopback that answers as a test wants it, on a thread of its own. */
#ifndef WV_TESTS_HTTP_SERVER_H
#define WV_TESTS_HTTP_SERVER_H

#include <glib.h>

/** What is answered to requests whose path starts with `prefix`. */
struct http_answer {
	const char *prefix;
	/** The status line and the headers, without the line's ends; NULL: the connection is
	 * closed. */
	const char *const *head;
	const void *body;
	size_t size;	    /**< bytes of the body that are sent */
	unsigned chunk;	    /**< send so many bytes at a time; 0: all at once */
	unsigned chunk_ms;  /**< wait so many milliseconds after each */
	unsigned silent_ms; /**< say nothing for so long, then close */
};

struct http_server;

/** Serves the answers, of which the first that fits is given; an empty prefix ends them. */
struct http_server *http_server_start(const struct http_answer *answers);
void http_server_stop(struct http_server *server);

/** "http://127.0.0.1:PORT"; owned by the server. */
const char *http_server_url(const struct http_server *server);

/** How many requests came, and the last one. Once no request is under way. */
unsigned http_server_count(const struct http_server *server);
const char *http_server_last(const struct http_server *server);

#endif

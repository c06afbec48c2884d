/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client of QEMU's machine protocol, against a thread that plays QEMU, well and badly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "sandbox/qmp.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n"
#define READY	 "{\"return\": {}, \"id\": 1}\r\n"
#define EVENT	 "{\"timestamp\": {\"seconds\": 1}, \"event\": \"STOP\", \"data\": {}}\r\n"

/** Longer than any answer of the thread takes. */
#define PATIENT_S 20

/** What is said at first, and after each line that was read; NULL ends it. */
#define SCRIPT_MAX 8

struct fixture {
	struct wv_qmp *qmp;
	int fd; /* QEMU's end */
	const char *script[SCRIPT_MAX];
	size_t piece; /* so many bytes are said at once */
	GString *heard;
	GThread *thread;
};

static void say(struct fixture *fixture, const char *text)
{
	size_t size = strlen(text);

	while (size) {
		ssize_t sent = send(fixture->fd, text, MIN(size, fixture->piece), MSG_NOSIGNAL);

		if (sent < 0)
			return; /* the client has given up */
		text += sent;
		size -= (size_t)sent;
	}
}

/** Reads a line. False when the client has closed. */
static bool hear_line(struct fixture *fixture)
{
	char byte;

	while (read(fixture->fd, &byte, 1) == 1) {
		g_string_append_c(fixture->heard, byte);
		if (byte == '\n')
			return true;
	}
	return false;
}

static gpointer play(gpointer data)
{
	struct fixture *fixture = data;

	for (unsigned i = 0; i < SCRIPT_MAX && fixture->script[i]; i++) {
		if (i && !hear_line(fixture))
			break;
		say(fixture, fixture->script[i]);
	}
	shutdown(fixture->fd, SHUT_WR);
	while (hear_line(fixture))
		;
	return NULL;
}

static int setup(void **state)
{
	static struct fixture fixture;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	fixture = (struct fixture){ .qmp = wv_qmp_new(pair[0]),
				    .fd = pair[1],
				    .piece = 4096,
				    .heard = g_string_new(NULL) };
	*state = &fixture;
	return 0;
}

/** QEMU ends; what it heard is whole then. */
static void end(struct fixture *fixture)
{
	wv_qmp_free(fixture->qmp);
	fixture->qmp = NULL;
	if (fixture->thread)
		g_thread_join(fixture->thread);
	fixture->thread = NULL;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	end(fixture);
	close(fixture->fd);
	g_string_free(fixture->heard, TRUE);
	return 0;
}

#define START(fixture, ...)                                                                        \
	do {                                                                                       \
		const char *const script_[] = { __VA_ARGS__ };                                     \
		memcpy((fixture)->script, script_, sizeof(script_));                               \
		(fixture)->thread = g_thread_new("qemu", play, (fixture));                         \
	} while (0)

static struct json_object *assert_answers(struct fixture *fixture, const char *command,
					  struct json_object *arguments)
{
	g_autoptr(GError) error = NULL;
	struct json_object *result = NULL;

	if (!wv_qmp_call(fixture->qmp, command, arguments, &result, PATIENT_S, &error))
		fail_msg("%s", error->message);
	assert_non_null(result);
	return result;
}

static void assert_fails(struct fixture *fixture, double timeout_s, enum wv_error code,
			 const char *words)
{
	g_autoptr(GError) error = NULL;
	struct json_object *result = NULL;

	assert_false(wv_qmp_call(fixture->qmp, "stop", NULL, &result, timeout_s, &error));
	assert_null(result);
	assert_non_null(error);
	if (!g_error_matches(error, WV_ERROR, (gint)code) || !strstr(error->message, words))
		fail_msg("not the error that was expected: %d, %s", error->code, error->message);
}

static void assert_heard(struct fixture *fixture, const char *expected)
{
	end(fixture);
	assert_string_equal(fixture->heard->str, expected);
}

/* What goes well --------------------------------------------------------------------------------*/

static void test_calls(void **state)
{
	struct fixture *fixture = *state;
	struct json_object *arguments = json_object_new_object(), *result;

	START(fixture, GREETING, READY,
	      EVENT "{\"return\": {\"running\": true}, \"id\": 2}\r\n" EVENT,
	      EVENT EVENT "{\"id\": 3, \"return\": [1, 2]}\n");
	result = assert_answers(fixture, "query-status", NULL);
	assert_string_equal(json_object_to_json_string_ext(result, JSON_C_TO_STRING_PLAIN),
			    "{\"running\":true}");
	json_object_put(result);
	json_object_object_add(arguments, "uri", json_object_new_string("a\"b\nc"));
	result = assert_answers(fixture, "migrate", arguments);
	assert_string_equal(json_object_to_json_string_ext(result, JSON_C_TO_STRING_PLAIN),
			    "[1,2]");
	json_object_put(result);
	assert_heard(fixture, "{\"execute\":\"qmp_capabilities\",\"id\":1}\n"
			      "{\"execute\":\"query-status\",\"id\":2}\n"
			      "{\"execute\":\"migrate\",\"arguments\":{\"uri\":\"a\\\"b\\nc\"},"
			      "\"id\":3}\n");
}

static void test_result_is_not_wanted(void **state)
{
	struct fixture *fixture = *state;

	START(fixture, GREETING, READY, "{\"return\": {\"a\": 1}, \"id\": 2}\n");
	assert_true(wv_qmp_call(fixture->qmp, "cont", NULL, NULL, PATIENT_S, NULL));
}

static void test_bytes_come_one_by_one(void **state)
{
	struct fixture *fixture = *state;

	fixture->piece = 1;
	START(fixture, EVENT GREETING, EVENT READY, EVENT "{\"return\": {}, \"id\": 2}\r\n");
	json_object_put(assert_answers(fixture, "cont", NULL));
}

static void test_longest_line(void **state)
{
	struct fixture *fixture = *state;
	static const char head[] = "{\"id\": 2, \"return\": \"", tail[] = "\"}";
	g_autofree char *text = g_strnfill(WV_QMP_LINE_MAX - strlen(head) - strlen(tail), 'x');
	g_autofree char *line = g_strconcat(head, text, tail, "\n", NULL);
	struct json_object *result;

	START(fixture, GREETING, READY, line);
	result = assert_answers(fixture, "cont", NULL);
	assert_int_equal(json_object_get_string_len(result), strlen(text));
	json_object_put(result);
}

static void test_long_command(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *text = g_strnfill(2000000, 'x'); /* more than a socket holds */
	struct json_object *arguments = json_object_new_object();

	json_object_object_add(arguments, "text", json_object_new_string(text));
	START(fixture, GREETING, READY, "{\"return\": {}, \"id\": 2}\n");
	json_object_put(assert_answers(fixture, "echo", arguments));
	end(fixture);
	assert_non_null(strstr(fixture->heard->str, text));
}

/* What QEMU refuses -----------------------------------------------------------------------------*/

static void test_refusal(void **state)
{
	struct fixture *fixture = *state;

	START(fixture, GREETING, READY,
	      "{\"id\": 2, \"error\": {\"class\": \"GenericError\", \"desc\": \"no such disk\"}}\n",
	      "{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error\"}}\n",
	      "{\"return\": {}, \"id\": 4}\n");
	assert_fails(fixture, PATIENT_S, WV_ERROR_INTERNAL, "no such disk");
	assert_fails(fixture, PATIENT_S, WV_ERROR_INTERNAL, "JSON parse error");
	json_object_put(assert_answers(fixture, "cont", NULL)); /* goes on all the same */
}

static void check_reason(struct fixture *fixture, const char *error_member, const char *words)
{
	g_autofree char *answer = g_strdup_printf("{\"id\": 2, \"error\": %s}\n", error_member);

	START(fixture, GREETING, READY, answer);
	assert_fails(fixture, PATIENT_S, WV_ERROR_INTERNAL, words);
	end(fixture);
}

static void test_reason_is_only_text(void **state)
{
	check_reason(*state, "{\"desc\": \"a\\u001b[2J\\nb\\u202e\"}", "a?[2J?b?");
}

static void test_reason_is_long(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *text = g_strnfill(100000, 'x');
	g_autofree char *answer =
		g_strdup_printf("{\"id\": 2, \"error\": {\"desc\": \"%s\"}}\n", text);
	g_autoptr(GError) error = NULL;

	START(fixture, GREETING, READY, answer);
	assert_false(wv_qmp_call(fixture->qmp, "stop", NULL, NULL, PATIENT_S, &error));
	assert_in_range(strlen(error->message), 400, 600);
}

static void test_reason_is_no_text(void **state)
{
	check_reason(*state, "{\"desc\": [1]}", "no reason given");
}

static void test_error_is_no_object(void **state)
{
	check_reason(*state, "7", "no reason given");
}

/* What is late ----------------------------------------------------------------------------------*/

static void test_no_greeting(void **state)
{
	struct fixture *fixture = *state;

	assert_fails(fixture, 0.02, WV_ERROR_GUEST, "does not answer");
	say(fixture, EVENT);
	assert_fails(fixture, 0.02, WV_ERROR_GUEST, "does not answer");
	START(fixture, GREETING, READY, "{\"return\": {}, \"id\": 2}\n");
	json_object_put(assert_answers(fixture, "cont", NULL));
}

static void test_late_answers(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, GREETING);
	assert_fails(fixture, 0.02, WV_ERROR_GUEST, "does not answer"); /* number 1 */
	assert_fails(fixture, 0.02, WV_ERROR_GUEST, "does not answer"); /* number 2 */
	say(fixture, READY "{\"return\": \"late\", \"id\": 2}\n"
			   "{\"return\": \"in time\", \"id\": 3}\n");

	struct json_object *result = assert_answers(fixture, "cont", NULL);

	assert_string_equal(json_object_get_string(result), "in time");
	json_object_put(result);
}

static gpointer flood(gpointer data)
{
	struct fixture *fixture = data;
	g_autoptr(GString) text = g_string_new(NULL);

	for (unsigned i = 0; i < 1000; i++)
		g_string_append(text, EVENT);
	while (send(fixture->fd, text->str, text->len, MSG_NOSIGNAL) > 0)
		;
	return NULL;
}

static void test_events_without_end(void **state)
{
	struct fixture *fixture = *state;
	gint64 start = g_get_monotonic_time();

	fixture->thread = g_thread_new("flood", flood, fixture);
	assert_fails(fixture, 0.1, WV_ERROR_GUEST, "does not answer");
	assert_true(g_get_monotonic_time() - start < 5 * G_USEC_PER_SEC);
}

static void test_commands_are_not_read(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *text = g_strnfill(2000000, 'x');
	struct json_object *arguments = json_object_new_object();

	say(fixture, GREETING READY);
	json_object_object_add(arguments, "text", json_object_new_string(text));
	assert_false(wv_qmp_call(fixture->qmp, "echo", arguments, NULL, 0.05, NULL));
	/* half a command was sent: another one would be read as its rest */
	assert_fails(fixture, PATIENT_S, WV_ERROR_GUEST, "does not take commands");
}

/* What is wrong ---------------------------------------------------------------------------------*/

static void test_connection_ends(void **state)
{
	struct fixture *fixture = *state;

	START(fixture, GREETING, READY, "{\"return\": {");
	assert_fails(fixture, PATIENT_S, WV_ERROR_GUEST, "closed the connection");
	assert_fails(fixture, PATIENT_S, WV_ERROR_GUEST, "closed the connection");
}

static void test_socket_is_closed(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, GREETING);
	close(fixture->fd);
	assert_fails(fixture, PATIENT_S, WV_ERROR_GUEST, "QEMU");
	wv_qmp_send_quit(fixture->qmp); /* no SIGPIPE */
}

/** The line ends the connection for good, even though a right answer follows. */
static void check_wrong(struct fixture *fixture, const char *line)
{
	START(fixture, GREETING READY, line, "", "{\"return\": {}, \"id\": 2}\n");
	assert_fails(fixture, PATIENT_S, WV_ERROR_FORMAT, "QEMU sent");
	assert_fails(fixture, PATIENT_S, WV_ERROR_FORMAT, "QEMU sent");
	end(fixture);
}

static void test_wrong_lines(void **state)
{
	static const char *const lines[] = {
		"\n",
		"\r\n",
		"{\n",
		"hello\n",
		"12\n",
		"null\n",
		"\"a\"\n",
		"[]\n",
		"{}{}\n",
		"{\"a\": 1} x\n",
		"{\"a\": \"\xff\"}\n",
		"{a: 1}\n",
		"{\"id\": 2}\n",
	};

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
		void *fixture;

		assert_int_equal(setup(&fixture), 0);
		check_wrong(fixture, lines[i]);
		teardown(&fixture);
	}
}

static void test_line_too_long(void **state)
{
	g_autofree char *line = g_strnfill(WV_QMP_LINE_MAX + 1, ' ');

	check_wrong(*state, line);
}

static void test_line_too_long_with_its_end(void **state)
{
	g_autofree char *blanks = g_strnfill(WV_QMP_LINE_MAX, ' ');
	g_autofree char *line = g_strconcat(blanks, "{}\n", NULL);

	check_wrong(*state, line);
}

static void test_too_deep(void **state)
{
	g_autofree char *lists = g_strnfill(100000, '[');
	g_autofree char *line = g_strconcat("{\"id\": 2, \"return\": ", lists, "\n", NULL);

	check_wrong(*state, line);
}

/* Quitting --------------------------------------------------------------------------------------*/

static void test_quit_before_the_greeting(void **state)
{
	struct fixture *fixture = *state;

	wv_qmp_send_quit(fixture->qmp);
	START(fixture, "");
	assert_heard(fixture, "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"quit\"}\n");
}

static void test_quit_later(void **state)
{
	struct fixture *fixture = *state;

	START(fixture, GREETING, READY, "{\"return\": {}, \"id\": 2}\n");
	json_object_put(assert_answers(fixture, "cont", NULL));
	g_string_truncate(fixture->heard, 0);
	wv_qmp_send_quit(fixture->qmp);
	assert_heard(fixture, "{\"execute\":\"quit\"}\n");
}

static void test_quit_never_waits(void **state)
{
	struct fixture *fixture = *state;
	char block[4096] = "";
	int fd = dup(fixture->fd), count = 0;

	/* the client's own end is filled by as many quits as it holds */
	for (unsigned i = 0; i < 100000; i++)
		wv_qmp_send_quit(fixture->qmp);
	while (recv(fd, block, sizeof(block), MSG_DONTWAIT) > 0)
		count++;
	close(fd);
	assert_true(count > 0);
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_calls),
		WITH(test_result_is_not_wanted),
		WITH(test_bytes_come_one_by_one),
		WITH(test_longest_line),
		WITH(test_long_command),
		WITH(test_refusal),
		WITH(test_reason_is_only_text),
		WITH(test_reason_is_long),
		WITH(test_reason_is_no_text),
		WITH(test_error_is_no_object),
		WITH(test_no_greeting),
		WITH(test_late_answers),
		WITH(test_events_without_end),
		WITH(test_commands_are_not_read),
		WITH(test_connection_ends),
		WITH(test_socket_is_closed),
		cmocka_unit_test(test_wrong_lines),
		WITH(test_line_too_long),
		WITH(test_line_too_long_with_its_end),
		WITH(test_too_deep),
		WITH(test_quit_before_the_greeting),
		WITH(test_quit_later),
		WITH(test_quit_never_waits),
	};

	return cmocka_run_group_tests_name("qmp", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job's head and texts: checked, and taken apart. */
#include <stdlib.h>
#include <string.h>

#include "launcher/launcher.h"

/* The path, the user and the working directory. */
#define FIXED_TEXTS 3

bool wv_order_check(const struct wv_job_head *head, struct wv_why *why)
{
	uint64_t texts = UINT64_C(0) + FIXED_TEXTS + head->n_arguments + head->n_environment;

	if (head->magic != WV_JOB_MAGIC)
		return wv_why(why, "the job is of another version of Wyvern: make the template "
				   "again");
	if (head->flags & ~(uint32_t)WV_JOB_NETWORK || head->reserved != 0)
		return wv_why(why, "the job asks for something unknown");
	if (head->strings_size > WV_JOB_STRINGS_MAX || head->file_size > WV_JOB_MAX ||
	    sizeof(*head) + head->strings_size + head->file_size > WV_JOB_MAX)
		return wv_why(why, "the job is too large");
	/* Each text has at least its zero byte. */
	if (texts > head->strings_size)
		return wv_why(why, "the job has more texts than bytes for them");
	return true;
}

/* The text at *at, which moves behind it. NULL: it has no end. */
static char *next_text(char **at, const char *end)
{
	char *text = *at, *zero = memchr(text, '\0', (size_t)(end - text));

	if (!zero)
		return NULL;
	*at = zero + 1;
	return text;
}

static bool next_texts(char **list, uint32_t n, char **at, const char *end)
{
	for (uint32_t i = 0; i < n; i++) {
		list[i] = next_text(at, end);
		if (!list[i])
			return false;
	}
	list[n] = NULL;
	return true;
}

static bool check_path(const char *path, struct wv_why *why)
{
	size_t length = strlen(path);

	if (length >= PATH_MAX)
		return wv_why(why, "the sample's path is too long");
	if (*path != '/' || path[length - 1] == '/')
		return wv_why(why, "%s is no path of a file from / on", path);
	return true;
}

bool wv_order_parse(struct wv_order *order, const struct wv_job_head *head, char *strings,
		    struct wv_why *why)
{
	const char *end = strings + head->strings_size;
	char *at = strings;

	if (!wv_order_check(head, why))
		return false;
	order->head = *head;
	/* One more for each NULL, and for the path as argv[0]. */
	order->arguments = calloc((size_t)head->n_arguments + 2, sizeof(char *));
	order->environment = calloc((size_t)head->n_environment + 1, sizeof(char *));
	if (!order->arguments || !order->environment)
		return wv_why(why, "no memory for the job's arguments");
	order->path = next_text(&at, end);
	order->user = order->path ? next_text(&at, end) : NULL;
	order->folder = order->user ? next_text(&at, end) : NULL;
	if (!order->folder || !next_texts(order->arguments + 1, head->n_arguments, &at, end) ||
	    !next_texts(order->environment, head->n_environment, &at, end) || at != end)
		return wv_why(why, "the job's texts do not fit their number");
	order->arguments[0] = (char *)order->path;
	return check_path(order->path, why);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Users, from the guest's own files: passwd(5), group(5). A statically linked program can not use
 * libc's functions for it: they load libraries that the root need not have.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/launcher.h"

#define ID_MAX 4294967294ul /* (uid_t)-1 means "leave it" to the kernel */

static bool parse_id(const char *text, unsigned int *id)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (*end || errno || value > ID_MAX)
		return false;
	*id = (unsigned int)value;
	return true;
}

static void copy_text(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text);
}

/* Splits a row at its colons, in place. False: it has fewer fields. */
static bool split(char *row, char **fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		fields[i] = strsep(&row, ":\n");
		if (!fields[i])
			return false;
	}
	return true;
}

enum passwd_field { NAME, PASSWORD, UID, GID, GECOS, HOME, SHELL, PASSWD_FIELDS };

static bool find_row(struct wv_user *user, const char *wanted, bool by_number, const char *passwd)
{
	FILE *file = fopen(passwd, "re");
	char *row = NULL, *fields[PASSWD_FIELDS];
	size_t size = 0;
	bool found = false;

	while (!found && file && getline(&row, &size, file) > 0) {
		unsigned int uid, gid;

		if (!split(row, fields, PASSWD_FIELDS) || !parse_id(fields[UID], &uid) ||
		    !parse_id(fields[GID], &gid))
			continue;
		if (by_number ? uid != user->uid : strcmp(fields[NAME], wanted) != 0)
			continue;
		found = true;
		user->uid = uid;
		user->gid = gid;
		copy_text(user->name, sizeof(user->name), fields[NAME]);
		copy_text(user->home, sizeof(user->home), fields[HOME]);
		copy_text(user->shell, sizeof(user->shell), fields[SHELL]);
	}
	free(row);
	if (file)
		fclose(file);
	return found;
}

static bool is_member(char *members, const char *name)
{
	char *member;

	while ((member = strsep(&members, ","))) {
		if (strcmp(member, name) == 0)
			return true;
	}
	return false;
}

static void find_groups(struct wv_user *user, const char *group)
{
	enum { GROUP_GID = 2, MEMBERS, GROUP_FIELDS };
	FILE *file = fopen(group, "re");
	char *row = NULL, *fields[GROUP_FIELDS];
	size_t size = 0;

	user->groups[0] = user->gid;
	user->n_groups = 1;
	while (file && user->n_groups < WV_USER_GROUPS_MAX && getline(&row, &size, file) > 0) {
		unsigned int gid;

		if (split(row, fields, GROUP_FIELDS) && parse_id(fields[GROUP_GID], &gid) &&
		    gid != user->gid && is_member(fields[MEMBERS], user->name))
			user->groups[user->n_groups++] = gid;
	}
	free(row);
	if (file)
		fclose(file);
}

bool wv_user_find(struct wv_user *user, const char *wanted, const char *passwd, const char *group,
		  struct wv_why *why)
{
	bool number;

	memset(user, 0, sizeof(*user));
	number = parse_id(wanted, &user->uid);
	if (!find_row(user, wanted, number, passwd)) {
		if (!number && strcmp(wanted, "root") != 0)
			return wv_why(why, "the guest has no user %s (%s)", wanted, passwd);
		user->gid = user->uid;
		copy_text(user->name, sizeof(user->name), user->uid == 0 ? "root" : wanted);
		copy_text(user->home, sizeof(user->home), user->uid == 0 ? "/root" : "/");
	}
	if (!*user->home)
		copy_text(user->home, sizeof(user->home), "/");
	if (!*user->shell)
		copy_text(user->shell, sizeof(user->shell), "/bin/sh");
	find_groups(user, group);
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saving and loading devices' states, as migrations to and from a file. */
#include "sandbox/state.h"

#include <string.h>

#include "base/error.h"

/** For QEMU's answers; all of it takes some hundredths of a second. */
#define PATIENCE_S 30

/** Between two looks at how far QEMU is. */
#define LOOK_US 500

static bool fail(GError **error, const char *what)
{
	g_set_error(error, WV_ERROR, WV_ERROR_GUEST, "QEMU could not %s the guest's devices", what);
	return false;
}

/** Guest memory that is a file is neither written nor read. */
static bool leave_ram(struct wv_qmp *qmp, GError **error)
{
	json_object *arguments = json_object_new_object(), *list = json_object_new_array();
	json_object *capability = json_object_new_object();

	json_object_object_add(capability, "capability", json_object_new_string("x-ignore-shared"));
	json_object_object_add(capability, "state", json_object_new_boolean(true));
	json_object_array_add(list, capability);
	json_object_object_add(arguments, "capabilities", list);
	return wv_qmp_call(qmp, "migrate-set-capabilities", arguments, NULL, PATIENCE_S, error);
}

/** Runs a command that takes the place of the file. */
static bool move(struct wv_qmp *qmp, const char *command, const char *path, GError **error)
{
	g_autofree char *uri = g_strconcat("file:", path, NULL);
	json_object *arguments = json_object_new_object();

	json_object_object_add(arguments, "uri", json_object_new_string(uri));
	return wv_qmp_call(qmp, command, arguments, NULL, PATIENCE_S, error);
}

/** The member "status" of what a command returns; NULL when there is none. */
static char *ask_status(struct wv_qmp *qmp, const char *command, GError **error)
{
	json_object *result = NULL, *member;
	char *status = NULL;

	if (!wv_qmp_call(qmp, command, NULL, &result, PATIENCE_S, error))
		return NULL;
	if (json_object_is_type(result, json_type_object) &&
	    json_object_object_get_ex(result, "status", &member) &&
	    json_object_is_type(member, json_type_string))
		status = g_strdup(json_object_get_string(member));
	json_object_put(result);
	return status ? status : g_strdup("");
}

/** Waits for as long as the status is one of these. */
static char *wait_while(struct wv_qmp *qmp, const char *command, const char *const *passing,
			GError **error)
{
	gint64 deadline = g_get_monotonic_time() + PATIENCE_S * G_USEC_PER_SEC;

	for (;;) {
		g_autofree char *status = ask_status(qmp, command, error);

		if (!status)
			return NULL;
		if (!g_strv_contains(passing, status) || g_get_monotonic_time() > deadline)
			return g_steal_pointer(&status);
		g_usleep(LOOK_US);
	}
}

bool wv_state_save(struct wv_qmp *qmp, const char *path, GError **error)
{
	/* what query-migrate says before it is done (qapi/migration.json) */
	static const char *const passing[] = {
		"", "none", "setup", "active", "pre-switchover", "device", "cancelling", NULL
	};
	g_autofree char *status = NULL;

	if (!wv_qmp_call(qmp, "stop", NULL, NULL, PATIENCE_S, error) || !leave_ram(qmp, error) ||
	    !move(qmp, "migrate", path, error))
		return false;
	status = wait_while(qmp, "query-migrate", passing, error);
	if (!status)
		return false;
	return strcmp(status, "completed") == 0 || fail(error, "save");
}

bool wv_state_load(struct wv_qmp *qmp, const char *path, GError **error)
{
	static const char *const passing[] = { "inmigrate", NULL };
	g_autofree char *status = NULL;

	if (!leave_ram(qmp, error) || !move(qmp, "migrate-incoming", path, error))
		return false;
	status = wait_while(qmp, "query-status", passing, error);
	if (!status)
		return false;
	/* it was saved stopped, and so it is now */
	if (strcmp(status, "paused") != 0 && strcmp(status, "running") != 0)
		return fail(error, "load");
	return wv_qmp_call(qmp, "cont", NULL, NULL, PATIENCE_S, error);
}

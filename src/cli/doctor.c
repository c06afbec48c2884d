/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `wyvern doctor`: whether guests can be watched on this machine, and what to do about the rest. */
#include <json-c/json.h>
#include <lzma.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "monitor/registry.h"
#include "output/session.h"
#include "sandbox/jail.h"
#include "sandbox/kit.h"
#include "sandbox/qemu.h"
#include "sandbox/store.h"

/** What the checks have in mind: a guest of this size, and what QEMU itself takes beside it. */
#define GUEST_MIB 512
#define QEMU_MIB  256

enum state {
	STATE_OK,
	STATE_WARNING, /* guests can be watched all the same */
	STATE_MISSING,
};

static const char *const state_names[] = { "ok", "warning", "missing" };

struct check {
	const char *name;
	enum state state;
	char *found;	    /* owned */
	const char *advice; /* what to do about it, or NULL */
};

struct doctor {
	GArray *checks; /* struct check */
	struct wv_qemu qemu;
	bool has_qemu; /* one that guests can be watched in */
	char *plugin;  /* path of the shared object, or NULL */
};

static void report(struct doctor *doctor, const char *name, enum state state, const char *advice,
		   const char *format, ...) G_GNUC_PRINTF(5, 6);

static void report(struct doctor *doctor, const char *name, enum state state, const char *advice,
		   const char *format, ...)
{
	struct check check = { name, state, NULL, state == STATE_OK ? NULL : advice };
	va_list arguments;

	va_start(arguments, format);
	check.found = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_array_append_val(doctor->checks, check);
}

/* The checks ------------------------------------------------------------------------------------*/

static void check_plugins(struct doctor *doctor)
{
	g_autoptr(GString) names = g_string_new(NULL);

	for (unsigned i = 0; wv_plugins[i]; i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", wv_plugins[i]->name);
	report(doctor, "plugins", names->len ? STATE_OK : STATE_MISSING,
	       "configure the build with -Dplugin-NAME=true", "%s",
	       names->len ? names->str : "none in this build");
}

static void check_qemu(struct doctor *doctor, const char *program)
{
	static const char install[] =
		"install QEMU " WV_QEMU_OLDEST " or newer (Debian 12: apt install -t "
		"bookworm-backports qemu-system-x86), or name one with --qemu";
	g_autoptr(GError) error = NULL;
	struct wv_qemu *qemu = &doctor->qemu;

	if (!wv_qemu_probe(qemu, program, &error)) {
		report(doctor, "QEMU", STATE_MISSING, install, "%s", error->message);
		return;
	}
	report(doctor, "QEMU", qemu->plugin_api ? STATE_OK : STATE_MISSING, install,
	       "%s, version %s", qemu->path, qemu->version);
	report(doctor, "TCG plugins", qemu->has_plugins ? STATE_OK : STATE_MISSING,
	       "use a QEMU that was built with --enable-plugins, as Debian's is",
	       qemu->has_plugins ? "supported, API %u" : "not supported", qemu->plugin_api);
	report(doctor, "sandbox", qemu->has_sandbox ? STATE_OK : STATE_WARNING,
	       "use a QEMU that was built with --enable-seccomp: this one runs with all your rights",
	       "-sandbox is %s", qemu->has_sandbox ? "supported" : "not supported");
	doctor->has_qemu = wv_qemu_usable(qemu, NULL);
}

static void check_monitor(struct doctor *doctor)
{
	static const char advice[] =
		"build it (ninja), or install Wyvern as a whole (meson install)";
	g_autoptr(GError) error = NULL;

	doctor->plugin = wv_qemu_plugin_path(&error);
	report(doctor, "monitor", doctor->plugin ? STATE_OK : STATE_MISSING, advice, "%s",
	       doctor->plugin ? doctor->plugin : error->message);
}

/** Lets this QEMU load our shared object, in a machine that has nothing. */
static void check_loading(struct doctor *doctor)
{
	g_autofree char *plugin = wv_qemu_plugin_argument(doctor->plugin, "output=/dev/null");
	const char *const arguments[] = {
		doctor->qemu.path, "-plugin",  plugin,	"-machine", "none", "-display", "none",
		"-nodefaults",	   "-monitor", "stdio", NULL
	};
	g_autoptr(GError) error = NULL;
	bool good = wv_qemu_try(&doctor->qemu, (char *const *)arguments, -1, &error);

	report(doctor, "loading", good ? STATE_OK : STATE_MISSING,
	       "use a QEMU for x86-64 guests that this Wyvern was built for, or build Wyvern anew",
	       "%s", good ? "QEMU loads the monitor" : error->message);
}

/** Starts a machine just as `wyvern run` does, but for running it. */
static void check_machine(struct doctor *doctor)
{
	const char *const user[] = { "-m",   "512",	 "-S",	  "-nodefaults", "-display",
				     "none", "-monitor", "stdio", NULL };
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) arguments = NULL;
	struct wv_session *session = wv_session_create(WV_RINGS_MAX, "", &error);
	gint64 started = g_get_monotonic_time();
	bool good = session &&
		    (arguments = wv_qemu_arguments(&doctor->qemu, doctor->plugin,
						   wv_session_fd(session), (char *const *)user,
						   &error)) &&
		    wv_qemu_try(&doctor->qemu, arguments, wv_session_fd(session), &error);

	if (good)
		report(doctor, "machine", STATE_OK, NULL,
		       "a guest of %d MiB is ready to run after %d ms", GUEST_MIB,
		       (int)((g_get_monotonic_time() - started) / 1000));
	else
		report(doctor, "machine", STATE_MISSING,
		       "see what QEMU says; wyvern run would start it in the same way", "%s",
		       error->message);
	wv_session_free(session);
}

/** The memory that guest, monitor and command share is a memfd: see memfd_create(2). */
static void check_shared_memory(struct doctor *doctor)
{
	g_autoptr(GError) error = NULL;
	struct wv_session *session = wv_session_create(WV_RINGS_MAX, "", &error);

	report(doctor, "shared memory", session ? STATE_OK : STATE_MISSING,
	       "a kernel with memfd_create(2) is needed (Linux 3.17 or newer), and limits (ulimit "
	       "-v) that leave room for it",
	       "%s", session ? "memfd works" : error->message);
	wv_session_free(session);
}

/** A number from a small file such as /proc/meminfo: the one after @key. False without it. */
static bool read_number(const char *path, const char *key, guint64 *number)
{
	g_autofree char *text = NULL;
	const char *at;

	if (!g_file_get_contents(path, &text, NULL, NULL) || !(at = strstr(text, key)))
		return false;
	return sscanf(at + strlen(key), "%" G_GUINT64_FORMAT, number) == 1;
}

static void check_memory(struct doctor *doctor)
{
	guint64 available, limit, used;

	/* proc(5): in KiB */
	if (!read_number("/proc/meminfo", "MemAvailable:", &available)) {
		report(doctor, "memory", STATE_WARNING, "mount /proc", "cannot read /proc/meminfo");
		return;
	}
	available /= 1024;
	/* a container's own limit, in bytes (Documentation/admin-guide/cgroup-v2.rst); "max": none
	 */
	if (read_number("/sys/fs/cgroup/memory.max", "", &limit) &&
	    read_number("/sys/fs/cgroup/memory.current", "", &used))
		available = MIN(available, (limit > used ? limit - used : 0) >> 20);
	report(doctor, "memory", available >= GUEST_MIB + QEMU_MIB ? STATE_OK : STATE_WARNING,
	       "free some, or give guests less (-m)",
	       "%" G_GUINT64_FORMAT " MiB are available, a guest of %d MiB wants %d", available,
	       GUEST_MIB, GUEST_MIB + QEMU_MIB);
}

static void check_jail(struct doctor *doctor)
{
	g_autofree char *why_not = NULL;
	struct wv_jail jail;
	bool found = wv_jail_find(&jail, &why_not);

	report(doctor, "jail", found ? STATE_OK : STATE_WARNING,
	       "wyvern analyze runs QEMU without a jail then: install bubblewrap, and allow user "
	       "namespaces",
	       "%s", found ? jail.bwrap : why_not);
	if (found)
		wv_jail_clear(&jail);
}

/** What wyvern analyze needs beside QEMU. */
static void check_templates(struct doctor *doctor)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *launcher = wv_kit_launcher(&error), *folder = wv_store_folder();
	g_auto(GStrv) names = wv_store_list();

	report(doctor, "launcher", launcher ? STATE_OK : STATE_WARNING,
	       "wyvern template can not make guests without it: build it (ninja), or install Wyvern "
	       "as a whole (meson install)",
	       "%s", launcher ? launcher : error->message);
	report(doctor, "templates", STATE_OK, NULL, "%u in %s", g_strv_length(names), folder);
}

static void check_libraries(struct doctor *doctor)
{
	report(doctor, "profiles", STATE_OK, NULL,
	       "can be read as JSON (json-c %s), plain or .xz (liblzma %s)", json_c_version(),
	       lzma_version_string());
}

/** A kernel that this user may read is handy for a first try; no guest needs it. */
static void check_kernel(struct doctor *doctor)
{
	g_autoptr(GDir) boot = g_dir_open("/boot", 0, NULL);
	g_autofree char *kernel = NULL;
	const char *name;

	while (boot && !kernel && (name = g_dir_read_name(boot))) {
		g_autofree char *path = g_build_filename("/boot", name, NULL);

		if (g_str_has_prefix(name, "vmlinuz") && access(path, R_OK) == 0)
			kernel = g_steal_pointer(&path);
	}
	if (kernel)
		report(doctor, "kernel", STATE_OK, NULL, "%s can be tried with -kernel", kernel);
	else
		report(doctor, "kernel", STATE_OK, NULL,
		       "none to read in /boot, and none is needed: scripts/demo fetches one");
}

static void check_all(struct doctor *doctor, const char *program)
{
	check_plugins(doctor);
	check_qemu(doctor, program);
	check_monitor(doctor);
	check_shared_memory(doctor);
	if (doctor->has_qemu && doctor->plugin) {
		check_loading(doctor);
		check_machine(doctor);
	}
	check_memory(doctor);
	check_jail(doctor);
	check_templates(doctor);
	check_libraries(doctor);
	check_kernel(doctor);
}

/* The report ------------------------------------------------------------------------------------*/

static bool is_usable(const struct doctor *doctor)
{
	for (guint i = 0; i < doctor->checks->len; i++)
		if (g_array_index(doctor->checks, struct check, i).state == STATE_MISSING)
			return false;
	return true;
}

static char *as_text(const struct doctor *doctor)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < doctor->checks->len; i++) {
		const struct check *check = &g_array_index(doctor->checks, struct check, i);

		g_string_append_printf(out, "%-7s  %-13s  %s%s%s\n", state_names[check->state],
				       check->name, check->found, check->advice ? ": " : "",
				       check->advice ? check->advice : "");
	}
	g_string_append(out, is_usable(doctor)
				     ? "Guests can be watched on this machine.\n"
				     : "Guests can not be watched on this machine yet: see what is "
				       "missing above.\n");
	return g_string_free(out, FALSE);
}

static char *as_json(const struct doctor *doctor)
{
	json_object *root = json_object_new_object(), *checks = json_object_new_array();

	for (guint i = 0; i < doctor->checks->len; i++) {
		const struct check *check = &g_array_index(doctor->checks, struct check, i);
		g_autofree char *found = g_utf8_make_valid(check->found, -1);
		json_object *object = json_object_new_object();

		json_object_object_add(object, "name", json_object_new_string(check->name));
		json_object_object_add(object, "state",
				       json_object_new_string(state_names[check->state]));
		json_object_object_add(object, "found", json_object_new_string(found));
		json_object_object_add(object, "advice",
				       check->advice ? json_object_new_string(check->advice)
						     : NULL);
		json_object_array_add(checks, object);
	}
	json_object_object_add(root, "usable", json_object_new_boolean(is_usable(doctor)));
	json_object_object_add(root, "checks", checks);

	char *json = g_strconcat(json_object_to_json_string_ext(
					 root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
						       JSON_C_TO_STRING_NOSLASHESCAPE),
				 "\n", NULL);

	json_object_put(root);
	return json;
}

static const struct cli_help help = {
	.usage = "[OPTIONS]",
	.summary =
		"Checks whether guests can be watched on this machine: one line per check, `ok`, "
		"`warning` or `missing`, with what to do about it.",
	.description = "Exit codes:\n"
		       "  0  guests can be watched, warnings or not\n"
		       "  2  something is missing\n",
};

enum wv_exit cli_doctor(int argc, char **argv)
{
	g_autofree char *program = NULL;
	gboolean json = FALSE;
	const GOptionEntry entries[] = {
		{ "qemu", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &program,
		  "the QEMU to check (default: " WV_QEMU_PROGRAM ")", "PROGRAM" },
		{ "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, "write it as JSON",
		  NULL },
		{ 0 },
	};
	g_autoptr(GError) error = NULL;

	if (!cli_parse_all(&help, entries, argc, argv, &error))
		return wv_fail(error);

	struct doctor doctor = { .checks = g_array_new(FALSE, FALSE, sizeof(struct check)) };

	check_all(&doctor, program);

	g_autofree char *text = json ? as_json(&doctor) : as_text(&doctor);
	enum wv_exit verdict = cli_print(text);

	if (verdict == WV_EXIT_OK && !is_usable(&doctor))
		verdict = WV_EXIT_USAGE;
	for (guint i = 0; i < doctor.checks->len; i++)
		g_free(g_array_index(doctor.checks, struct check, i).found);
	g_array_free(doctor.checks, TRUE);
	wv_qemu_clear(&doctor.qemu);
	g_free(doctor.plugin);
	return verdict;
}

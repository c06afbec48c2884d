/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `wyvern template`: makes, lists, shows and deletes templates. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/make_template.h"
#include "machine/cpu.h"
#include "sandbox/store.h"
#include "sandbox/template.h"

#define MIB (UINT64_C(1) << 20)

/** The least that a kernel can start in. */
#define MEMORY_MIN (64 * MIB)

/* create ----------------------------------------------------------------------------------------*/

/** A size as QEMU writes it: a number, by itself of mebibytes, or with M or G. */
static bool parse_size(const char *text, uint64_t *size, GError **error)
{
	char *end;
	uint64_t number = g_ascii_strtoull(text, &end, 10);
	unsigned shift = 20;

	if (*end == 'G' || *end == 'g')
		shift = 30;
	if (strchr("MmGg", *end) && *end)
		end++;
	if (end != text && !*end && g_ascii_isdigit(*text) && number < UINT64_MAX >> shift &&
	    number << shift >= MEMORY_MIN) {
		*size = number << shift;
		return true;
	}
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
		    "--memory: \"%s\" is not a size such as 512M or 2G, of 64M at the least", text);
	return false;
}

static bool check_vcpus(int vcpus, GError **error)
{
	if (vcpus >= 1 && vcpus <= WV_VCPUS_MAX)
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "--vcpus: 1 to %d are possible", WV_VCPUS_MAX);
	return false;
}

/** The name among the arguments: one, or by itself "default". */
static bool only_name(int argc, char **argv, const char **name, GError **error)
{
	*name = argc > 1 ? argv[1] : WV_TEMPLATE_DEFAULT;
	if (argc <= 2)
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "unexpected argument \"%s\" (see %s --help)",
		    argv[2], g_get_prgname());
	return false;
}

static enum wv_exit create(int argc, char **argv)
{
	static const struct cli_help help = {
		.usage = "[OPTIONS] [NAME]",
		.summary = "Boots a guest, waits until it is ready and saves it. Clones of it run "
			   "again within a tenth of a second: see wyvern analyze.",
		.description = "NAME is \"default\" where none is given.\n",
	};
	g_autofree char *kernel = NULL, *rootfs = NULL, *modules = NULL, *memory = NULL;
	g_autofree char *profile = NULL, *program = NULL, *append = NULL;
	gboolean force = FALSE;
	gint vcpus = 1;
	const GOptionEntry entries[] = {
		{ "kernel", 0, 0, G_OPTION_ARG_FILENAME, &kernel,
		  "the guest's kernel (default: Debian's 6.1 for clouds)", "FILE" },
		{ "rootfs", 0, 0, G_OPTION_ARG_FILENAME, &rootfs,
		  "its root: a folder, a tar archive, or a disk's image (default: busybox)",
		  "DIR|TAR|IMAGE" },
		{ "modules", 0, 0, G_OPTION_ARG_FILENAME, &modules,
		  "the kernel's modules, for disk and network (default: those beside the kernel)",
		  "DIR" },
		{ "profile", 'r', 0, G_OPTION_ARG_FILENAME, &profile,
		  "the kernel's profile: Volatility 3 ISF (default: ask the kernel itself)",
		  "FILE" },
		{ "memory", 0, 0, G_OPTION_ARG_STRING, &memory,
		  "its memory (default: 512M, or what the root needs)", "SIZE" },
		{ "vcpus", 0, 0, G_OPTION_ARG_INT, &vcpus, "its processors (default: 1)", "N" },
		{ "append", 0, 0, G_OPTION_ARG_STRING, &append, "more of the kernel's command line",
		  "TEXT" },
		{ "qemu", 0, 0, G_OPTION_ARG_FILENAME, &program,
		  "the QEMU to use (default: " WV_QEMU_PROGRAM ")", "PROGRAM" },
		{ "force", 0, 0, G_OPTION_ARG_NONE, &force,
		  "replace a template that is there already", NULL },
		{ 0 },
	};
	g_autoptr(GError) error = NULL;
	struct cli_template_options options = { 0 };

	if (!cli_parse(&help, entries, &argc, &argv, &error) ||
	    !only_name(argc, argv, &options.name, &error) ||
	    (memory && !parse_size(memory, &options.memory, &error)) || !check_vcpus(vcpus, &error))
		return wv_fail(error);
	options.kernel = kernel;
	options.rootfs = rootfs;
	options.modules = modules;
	options.profile = profile;
	options.program = program;
	options.append = append;
	options.vcpus = (unsigned)vcpus;
	options.replace = force;
	return cli_make_template(&options, &error) ? WV_EXIT_OK : wv_fail(error);
}

/* list and show ---------------------------------------------------------------------------------*/

/** What the template's files take on the disk: most of them is holes. */
static uint64_t disk_use(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	uint64_t total = 0;
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		struct stat info;

		if (lstat(path, &info) == 0)
			total += (uint64_t)info.st_blocks * 512;
	}
	return total;
}

static json_object *to_json(const struct wv_template *template)
{
	json_object *object = json_object_new_object();
	json_object *machine = json_object_new_array();

	cli_json_text(object, "name", template->name);
	cli_json_text(object, "folder", template->folder);
	cli_json_text(object, "kernel", template->kernel);
	cli_json_text(object, "kernel_file", template->kernel_file);
	cli_json_text(object, "root", template->root);
	json_object_object_add(object, "root_on_disk",
			       json_object_new_boolean(template->vm.has_disk));
	cli_json_text(object, "append", template->append);
	json_object_object_add(object, "memory", json_object_new_uint64(template->vm.memory));
	json_object_object_add(object, "vcpus", json_object_new_int64(template->vm.vcpus));
	cli_json_text(object, "qemu", template->qemu_version);
	cli_json_text(object, "wyvern", template->wyvern_version);
	cli_json_text(object, "created", template->created);
	json_object_object_add(object, "disk_use",
			       json_object_new_uint64(disk_use(template->folder)));
	for (char **argument = template->machine; *argument; argument++)
		json_object_array_add(machine, json_object_new_string(*argument));
	json_object_object_add(object, "machine", machine);
	return object;
}

static enum wv_exit print_json(json_object *object)
{
	enum wv_exit code = cli_print_json(object);

	json_object_put(object);
	return code;
}

static void append_row(GString *out, const char *name)
{
	g_autoptr(GError) reason = NULL;
	g_autoptr(wv_template) template = wv_template_load(name, &reason);

	if (!template) {
		g_string_append_printf(out, "%-20s unusable: %s\n", name, reason->message);
		return;
	}

	g_autofree char *kernel = wv_printable(template->kernel);
	g_autofree char *root = wv_printable(template->root);

	g_string_append_printf(out, "%-20s %-28s %6" PRIu64 "M %5u  QEMU %-8s %s\n", name, kernel,
			       template->vm.memory / MIB, template->vm.vcpus,
			       template->qemu_version, root);
}

static enum wv_exit list_text(char *const *names)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *folder = wv_store_folder();

	if (!*names) {
		wv_say("there are no templates in %s: wyvern template create makes one", folder);
		return WV_EXIT_OK;
	}
	g_string_printf(out, "%-20s %-28s %7s %5s  %-13s %s\n", "NAME", "KERNEL", "MEMORY", "VCPUS",
			"MADE BY", "ROOT");
	for (; *names; names++)
		append_row(out, *names);
	return cli_print(out->str);
}

static enum wv_exit list_json(char *const *names)
{
	json_object *all = json_object_new_array();

	for (; *names; names++) {
		g_autoptr(wv_template) template = wv_template_load(*names, NULL);

		if (template)
			json_object_array_add(all, to_json(template));
	}
	return print_json(all);
}

static enum wv_exit list(int argc, char **argv)
{
	static const struct cli_help help = { .usage = "[--json]",
					      .summary = "Lists the templates that there are." };
	gboolean json = FALSE;
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json, "print JSON", NULL },
		{ 0 },
	};
	g_autoptr(GError) error = NULL;

	if (!cli_parse_all(&help, entries, argc, argv, &error))
		return wv_fail(error);

	g_auto(GStrv) names = wv_store_list();

	return json ? list_json(names) : list_text(names);
}

static enum wv_exit show_text(const struct wv_template *template)
{
	const struct {
		const char *name, *text;
	} rows[] = {
		{ "name", template->name },	    { "folder", template->folder },
		{ "kernel", template->kernel },	    { "kernel file", template->kernel_file },
		{ "root", template->root },	    { "append", template->append },
		{ "QEMU", template->qemu_version }, { "Wyvern", template->wyvern_version },
		{ "created", template->created },
	};
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *machine = g_strjoinv(" ", template->machine);

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = wv_printable(rows[i].text);

		g_string_append_printf(out, "%-12s %s\n", rows[i].name, text);
	}
	g_string_append_printf(out, "%-12s %" PRIu64 "M\n", "memory", template->vm.memory / MIB);
	g_string_append_printf(out, "%-12s %u\n", "vCPUs", template->vm.vcpus);
	g_string_append_printf(out, "%-12s %s\n", "root is",
			       template->vm.has_disk ? "on a disk" : "in memory");
	g_string_append_printf(out, "%-12s %" PRIu64 "M on the disk\n", "takes",
			       disk_use(template->folder) / MIB);
	g_string_append_printf(out, "%-12s %s\n", "machine", machine);
	return cli_print(out->str);
}

static enum wv_exit show(int argc, char **argv)
{
	static const struct cli_help help = { .usage = "[--json] [NAME]",
					      .summary = "Shows what a template is made of." };
	gboolean json = FALSE;
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json, "print JSON", NULL },
		{ 0 },
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(wv_template) template = NULL;
	const char *name;

	if (!cli_parse(&help, entries, &argc, &argv, &error) ||
	    !only_name(argc, argv, &name, &error) || !(template = wv_template_load(name, &error)))
		return wv_fail(error);
	return json ? print_json(to_json(template)) : show_text(template);
}

/* delete ----------------------------------------------------------------------------------------*/

static enum wv_exit delete(int argc, char **argv)
{
	static const struct cli_help help = {
		.usage = "NAME...",
		.summary = "Deletes templates. Clones that run are not disturbed.",
	};
	const GOptionEntry entries[] = { { 0 } };
	g_autoptr(GError) error = NULL;

	if (!cli_parse(&help, entries, &argc, &argv, &error))
		return wv_fail(error);
	if (argc == 1) {
		wv_say("which template? (see %s --help)", g_get_prgname());
		return WV_EXIT_USAGE;
	}
for (int i = 1; i < argc; i++) if (!wv_store_delete(argv[i], &error)) return wv_fail(error);
return WV_EXIT_OK;
}

/* All of them -----------------------------------------------------------------------------------*/

enum wv_exit cli_template(int argc, char **argv)
{
	static const struct cli_action actions[] = {
		{ "create", create, "boot a guest and save it" },
		{ "list", list, "list the templates" },
		{ "show", show, "show one of them" },
		{ "delete", delete, "delete some of them" },
		{ 0 },
	};

	return cli_act(argc, argv, actions, "Guests that are ready to be cloned.");
}

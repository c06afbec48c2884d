/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A template's description: written and read again, and refused, with a reason, where it or one of
 * the template's files is not what it was.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "config.h"
#include "sandbox/store.h"
#include "sandbox/template.h"

#define MEMORY (UINT64_C(64) << 20)

struct fixture {
	char *store;
	char *folder; /* of the template "one" */
	char *plugin; /* beside this program, where the command would have it; NULL: not made */
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture.store = g_dir_make_tmp("wyvern-template-XXXXXX", NULL);
	fixture.folder = g_build_filename(fixture.store, "one", NULL);
	fixture.plugin = NULL;
	g_setenv("WYVERN_TEMPLATES", fixture.store, TRUE);
	*state = &fixture;
	return g_mkdir(fixture.folder, 0700);
}

static char *file_of(const struct fixture *fixture, const char *name)
{
	return g_build_filename(fixture->folder, name, NULL);
}

static void remove_file(const struct fixture *fixture, const char *name)
{
	g_autofree char *path = file_of(fixture, name);

	if (g_unlink(path) < 0)
		g_rmdir(path);
}

static const char *const files[] = { WV_STORE_RAM, WV_STORE_STATE, WV_STORE_DISK, WV_STORE_PROFILE,
				     WV_STORE_INI };

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
		remove_file(fixture, files[i]);
	if (fixture->plugin)
		g_unlink(fixture->plugin);
	g_rmdir(fixture->folder);
	g_rmdir(fixture->store);
	g_free(fixture->plugin);
	g_free(fixture->folder);
	g_free(fixture->store);
	return 0;
}

/** A file of the template, of that size. */
static void make_file(const struct fixture *fixture, const char *name, uint64_t size)
{
	g_autofree char *path = file_of(fixture, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

/** A monitor's shared object of that size, as the command would find it. */
static void make_plugin(struct fixture *fixture, uint64_t size)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = g_path_get_dirname(self);
	g_autofree char *path = g_build_filename(folder, WV_PLUGIN_FILE, NULL);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		fail_msg("%s can not be made", path);
	close(fd);
	if (!fixture->plugin)
		fixture->plugin = g_steal_pointer(&path);
}

static char *machine[] = { (char *)"-machine", (char *)"pc,memory-backend=ram",
			   (char *)"-x;y\\;",  (char *)"",
			   (char *)" spaces ", NULL };

static struct wv_template example(void)
{
	return (struct wv_template){
		.vm = { .memory = MEMORY, .vcpus = 2 },
		.machine = machine,
		.qemu_version = (char *)"10.0.2",
		.wyvern_version = (char *)"0.1.0",
		.kernel = (char *)"6.1.0-50-cloud-amd64",
		.kernel_file = (char *)"/boot/my kernel; the \"new\" one",
		.root = (char *)" /root with\nlines\\n = # ",
		.append = (char *)"console=ttyS0 quiet x=\"a b\"",
		.created = (char *)"2026-11-21T09:00:00Z",
	};
}

static void save(const struct fixture *fixture, const struct wv_template *template)
{
	g_autoptr(GError) error = NULL;

	if (!wv_template_save(template, fixture->folder, &error))
		fail_msg("%s", error->message);
	make_file(fixture, WV_STORE_RAM, template->vm.memory);
	make_file(fixture, WV_STORE_STATE, 1);
	make_file(fixture, WV_STORE_PROFILE, 100);
	if (template->vm.has_disk)
		make_file(fixture, WV_STORE_DISK, 512);
}

static void save_example(const struct fixture *fixture)
{
	const struct wv_template template = example();

	save(fixture, &template);
}

static struct wv_template *load(void)
{
	g_autoptr(GError) error = NULL;
	struct wv_template *template = wv_template_load("one", &error);

	if (!template)
		fail_msg("%s", error->message);
	assert_null(error);
	return template;
}

static void assert_refused(const char *name, const char *words)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(wv_template) template = wv_template_load(name, &error);

	if (template)
		fail_msg("it is taken, though it should be refused: %s", words);
	assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
	if (!strstr(error->message, words))
		fail_msg("\"%s\" does not say \"%s\"", error->message, words);
}

/* Written and read ------------------------------------------------------------------------------*/

static void test_round_trip(void **state)
{
	struct fixture *fixture = *state;
	const struct wv_template saved = example();
	g_autoptr(wv_template) template = NULL;

	save(fixture, &saved);
	template = load();
	assert_string_equal(template->name, "one");
	assert_string_equal(template->folder, fixture->folder);
	assert_int_equal(template->vm.memory, MEMORY);
	assert_int_equal(template->vm.vcpus, 2);
	assert_false(template->vm.has_disk);
	assert_false(template->vm.disk_is_qcow2);
	assert_false(template->needs_profile);
	assert_string_equal(template->qemu_version, saved.qemu_version);
	assert_string_equal(template->wyvern_version, saved.wyvern_version);
	assert_string_equal(template->kernel, saved.kernel);
	assert_string_equal(template->kernel_file, saved.kernel_file);
	assert_string_equal(template->root, saved.root);
	assert_string_equal(template->append, saved.append);
	assert_string_equal(template->created, saved.created);
	assert_int_equal(g_strv_length(template->machine), g_strv_length(machine));
	for (unsigned i = 0; machine[i]; i++)
		assert_string_equal(template->machine[i], machine[i]);
}

static void test_disks(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned qcow2 = 0; qcow2 < 2; qcow2++) {
		struct wv_template saved = example();
		g_autoptr(wv_template) template = NULL;

		saved.vm.has_disk = true;
		saved.vm.disk_is_qcow2 = qcow2;
		saved.vm.vcpus = 64;
		save(fixture, &saved);
		template = load();
		assert_true(template->vm.has_disk);
		assert_int_equal(template->vm.disk_is_qcow2, qcow2);
		assert_int_equal(template->vm.vcpus, 64);
	}
	make_file(fixture, WV_STORE_DISK, 0);
	assert_refused("one", "disk is missing or damaged: make the template again");
	remove_file(fixture, WV_STORE_DISK);
	assert_refused("one", "disk is missing or damaged");
}

/** Paths that are no UTF-8, which files may have, do not make a template unusable. */
static void test_names_that_are_no_text(void **state)
{
	struct fixture *fixture = *state;
	struct wv_template saved = example();
	g_autoptr(wv_template) template = NULL;
	g_autoptr(GError) error = NULL;

	saved.root = (char *)"/root\xff\xc3";
	saved.kernel_file = (char *)"/boot/\x80kernel";
	save(fixture, &saved);
	template = wv_template_load("one", &error);
	if (!template)
		fail_msg("%s", error->message);
}

static void test_folder_that_can_not_be_written(void **state)
{
	struct fixture *fixture = *state;
	const struct wv_template saved = example();
	g_autofree char *nowhere = g_build_filename(fixture->folder, "none", NULL);
	g_autoptr(GError) error = NULL;

	assert_false(wv_template_save(&saved, nowhere, &error));
	assert_true(g_str_has_prefix(error->message, "cannot write the template: "));
}

/* The profile -----------------------------------------------------------------------------------*/

static void test_profile_of_this_monitor(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(wv_template) template = NULL;

	make_plugin(fixture, 1000);
	save_example(fixture);
	remove_file(fixture, WV_STORE_PROFILE);
	assert_refused("one", "profile.json is missing or damaged");
	make_file(fixture, WV_STORE_PROFILE, 0);
	assert_refused("one", "profile.json is missing or damaged");
	make_file(fixture, WV_STORE_PROFILE, 100);
	template = load();
	assert_true(template->has_profile);
}

/** Another build of the monitor may look up more: the profile is not taken then, nor needed. */
static void test_profile_of_another_monitor(void **state)
{
	struct fixture *fixture = *state;
	struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
	g_autoptr(wv_template) larger = NULL, newer = NULL, none = NULL;

	make_plugin(fixture, 1000);
	save_example(fixture);
	make_plugin(fixture, 1001);
	larger = load();
	assert_false(larger->has_profile);
	make_plugin(fixture, 1000);
	assert_int_equal(utimensat(AT_FDCWD, fixture->plugin, times, 0), 0);
	newer = load();
	assert_false(newer->has_profile);
	g_unlink(fixture->plugin);
	none = load();
	assert_false(none->has_profile);
}

/** Made without a monitor that could be told from others: never the same. */
static void test_profile_of_no_monitor(void **state)
{
	struct fixture *fixture = *state;
	g_autoptr(wv_template) template = NULL;

	if (access(WV_PLUGIN_DIR "/" WV_PLUGIN_FILE, R_OK) == 0)
		skip(); /* it is installed */
	save_example(fixture);
	template = load();
	assert_false(template->has_profile);
	g_clear_pointer(&template, wv_template_free);
	make_plugin(fixture, 1000);
	template = load();
	assert_false(template->has_profile);
}

/** A kernel that does not describe itself needs it, whatever the monitor is. */
static void test_profile_that_is_needed(void **state)
{
	struct fixture *fixture = *state;
	struct wv_template saved = example();
	g_autoptr(wv_template) template = NULL;

	saved.needs_profile = true;
	save(fixture, &saved);
	make_plugin(fixture, 1000);
	template = load();
	assert_true(template->needs_profile);
	assert_true(template->has_profile);
	remove_file(fixture, WV_STORE_PROFILE);
	assert_refused("one", "profile.json is missing or damaged");
}

/* Damage ----------------------------------------------------------------------------------------*/

static void test_names(void **state)
{
	static const char *const names[] = { "", ".", "..", "../one", "one/", "a b", "-x", "a\n" };

	save_example(*state);
	assert_refused("two", "there is no template two: make one with wyvern template create two");
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		assert_refused(names[i], "");
}

static void test_files(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *ram = file_of(fixture, WV_STORE_RAM);
	g_autoptr(wv_template) template = NULL;

	save_example(fixture);
	make_file(fixture, WV_STORE_RAM, MEMORY - 1);
	assert_refused("one", "/one/ram is missing or damaged: make the template again");
	make_file(fixture, WV_STORE_RAM, MEMORY + 1);
	assert_refused("one", "/one/ram is missing or damaged");
	remove_file(fixture, WV_STORE_RAM);
	assert_refused("one", "/one/ram is missing or damaged");
	assert_int_equal(g_mkdir(ram, 0700), 0);
	assert_refused("one", "/one/ram is missing or damaged");
	remove_file(fixture, WV_STORE_RAM);
	make_file(fixture, WV_STORE_RAM, MEMORY);
	make_file(fixture, WV_STORE_STATE, 0);
	assert_refused("one", "/one/state is missing or damaged");
	remove_file(fixture, WV_STORE_STATE);
	assert_refused("one", "/one/state is missing or damaged");
	make_file(fixture, WV_STORE_STATE, 1);
	template = load();
	remove_file(fixture, WV_STORE_INI);
	assert_refused("one", "there is no template one");
}

/** Changes one key of the description; NULL: removes it. */
static void damage(const struct fixture *fixture, const char *key, const char *value)
{
	g_autofree char *path = file_of(fixture, WV_STORE_INI);
	g_autoptr(GKeyFile) keys = g_key_file_new();

	save_example(fixture);
	assert_true(g_key_file_load_from_file(keys, path, G_KEY_FILE_NONE, NULL));
	if (value)
		g_key_file_set_value(keys, "template", key, value);
	else
		assert_true(g_key_file_remove_key(keys, "template", key, NULL));
	assert_true(g_key_file_save_to_file(keys, path, NULL));
}

static void test_keys_that_are_missing(void **state)
{
	static const char *const keys[] = { "qemu",	    "wyvern",  "kernel",  "kernel_file",
					    "root",	    "append",  "created", "memory",
					    "vcpus",	    "machine", "disk",	  "disk_is_qcow2",
					    "needs_profile" };

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		damage(*state, keys[i], NULL);
		print_message("without %s\n", keys[i]);
		assert_refused("one", "template one: its template.ini is damaged: make it again "
				      "with wyvern template create one --force");
	}
}

static void test_values_that_make_no_sense(void **state)
{
	static const struct {
		const char *key, *value;
	} cases[] = {
		{ "memory", "0" },    { "memory", "" },	  { "memory", "much" },
		{ "memory", "-1" },   { "vcpus", "0" },	  { "vcpus", "-1" },
		{ "vcpus", "65" },    { "vcpus", "few" }, { "vcpus", "99999999999" },
		{ "append", "\xff" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		damage(*state, cases[i].key, cases[i].value);
		print_message("%s=%s\n", cases[i].key, cases[i].value);
		assert_refused("one", "");
	}
	/* not only refused, but for that */
	damage(*state, "vcpus", "65");
	assert_refused("one", "template.ini is damaged");
	damage(*state, "memory", "134217728");
	assert_refused("one", "ram is missing or damaged");
}

/** What says that there is a disk must be told from what says that there is none. */
static void test_disk_that_is_neither(void **state)
{
	damage(*state, "disk", "perhaps");
	assert_refused("one", "template.ini is damaged");
}

static void test_other_forms(void **state)
{
	static const char *const forms[] = { "0", "2", "1000", "-1", "x", "" };

	for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
		damage(*state, "form", forms[i]);
		assert_refused("one",
			       "template one was made by Wyvern 0.1.0, in another form: make "
			       "it again with wyvern template create one --force");
	}
	damage(*state, "form", NULL);
	assert_refused("one", "in another form");
}

/** A newer Wyvern's may lack all that this one knows. */
static void test_form_with_other_keys(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = file_of(fixture, WV_STORE_INI);

	assert_true(g_file_set_contents(path, "[template]\nform=7\n", -1, NULL));
	assert_refused("one", "template one was made by Wyvern ?, in another form");
	assert_true(g_file_set_contents(path, "[other]\n", -1, NULL));
	assert_refused("one", "in another form");
	assert_true(g_file_set_contents(path, "", -1, NULL));
	assert_refused("one", "in another form");
}

/** A template whose description can not be read is there, and can only be replaced by force. */
static void test_no_description(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = file_of(fixture, WV_STORE_INI);

	save_example(fixture);
	assert_true(g_file_set_contents(path,
					"\x7f"
					"ELF\0garbage",
					12, NULL));
	assert_true(wv_store_has("one"));
	assert_refused("one", "--force");
}

/* QEMU's version --------------------------------------------------------------------------------*/

static void test_fits(void **state)
{
	static const char *const others[] = { "10.0.3", "10.0", "10.0.20", "9.2.0", "" };
	struct wv_template template = example();
	struct wv_qemu qemu = { .path = (char *)"/opt/qemu", .version = (char *)"10.0.2" };
	g_autoptr(GError) error = NULL;

	(void)state;
	template.name = (char *)"one";
	assert_true(wv_template_fits(&template, &qemu, &error));
	assert_null(error);
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		qemu.version = (char *)others[i];
		assert_false(wv_template_fits(&template, &qemu, &error));
		assert_true(g_error_matches(error, WV_ERROR, WV_ERROR_USAGE));
		assert_non_null(strstr(error->message, "template one was made by QEMU 10.0.2 and"));
		assert_non_null(strstr(error->message, "/opt/qemu"));
		assert_non_null(strstr(error->message, "wyvern template create one --force"));
		g_clear_error(&error);
	}
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_round_trip),
		WITH(test_disks),
		WITH(test_names_that_are_no_text),
		WITH(test_folder_that_can_not_be_written),
		WITH(test_profile_of_this_monitor),
		WITH(test_profile_of_another_monitor),
		WITH(test_profile_of_no_monitor),
		WITH(test_profile_that_is_needed),
		WITH(test_names),
		WITH(test_files),
		WITH(test_keys_that_are_missing),
		WITH(test_values_that_make_no_sense),
		WITH(test_disk_that_is_neither),
		WITH(test_other_forms),
		WITH(test_form_with_other_keys),
		WITH(test_no_description),
		WITH(test_fits),
	};

	return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}

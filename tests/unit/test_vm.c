/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's command lines of templates and clones: what both have, and what only one may have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "sandbox/qemu.h"
#include "sandbox/vm.h"

static const struct wv_vm plain = { .memory = UINT64_C(512) << 20, .vcpus = 1 };
static const struct wv_vm with_disk = {
	.memory = UINT64_C(3) << 30,
	.vcpus = 4,
	.has_disk = true,
};

static const struct wv_vm_links template_links = {
	.folder = "/templates/default",
	.plugin = "/usr/lib/p.so,session=5",
	.qmp_fd = 10,
	.console_fd = 11,
	.overlay_fd = -1,
	.nowhere_fd = 12,
	.capture_fd = -1,
};

static const struct wv_vm_links clone_links = {
	.folder = "/templates/default",
	.plugin = "/usr/lib/p.so,session=5,job=6",
	.qmp_fd = 10,
	.console_fd = 11,
	.overlay_fd = 13,
	.nowhere_fd = 12,
	.capture_fd = -1,
	.sandbox = true,
};

static char **finish(GPtrArray *arguments)
{
	g_ptr_array_add(arguments, NULL);
	return (char **)g_ptr_array_free(arguments, FALSE);
}

static char **template_arguments(const struct wv_vm *vm, const struct wv_vm_links *links)
{
	GPtrArray *arguments = g_ptr_array_new();

	wv_vm_create_arguments(arguments, vm, links);
	return finish(arguments);
}

static char **clone_arguments(const struct wv_vm *vm, const struct wv_vm_links *links)
{
	GPtrArray *arguments = g_ptr_array_new();
	g_auto(GStrv) machine = wv_vm_machine(vm);

	wv_vm_clone_arguments(arguments, machine, vm, links);
	return finish(arguments);
}

/** How often the option has that value; NULL: any. */
static unsigned count(char **arguments, const char *option, const char *value)
{
	unsigned found = 0;

	for (; *arguments; arguments++)
		if (strcmp(*arguments, option) == 0)
			found += !value || (arguments[1] && strcmp(arguments[1], value) == 0);
	return found;
}

static void assert_has(char **arguments, const char *option, const char *value)
{
	g_autofree char *all = g_strjoinv(" ", arguments);

	if (count(arguments, option, value) != 1)
		fail_msg("not once %s %s: %s", option, value ? value : "", all);
}

/** No argument contains the text. */
static void assert_without(char **arguments, const char *text)
{
	for (; *arguments; arguments++)
		if (strstr(*arguments, text))
			fail_msg("%s is in %s", text, *arguments);
}

/** The value of the option that contains the text. */
static const char *value_with(char **arguments, const char *option, const char *text)
{
	for (; *arguments && arguments[1]; arguments++)
		if (strcmp(*arguments, option) == 0 && strstr(arguments[1], text))
			return arguments[1];
	fail_msg("no %s with %s", option, text);
	return NULL;
}

static void test_machine(void **state)
{
	g_auto(GStrv) small = wv_vm_machine(&plain), large = wv_vm_machine(&with_disk);

	(void)state;
	assert_has(small, "-m", "512M");
	assert_has(small, "-smp", "1");
	assert_has(small, "-cpu", "max,la57=off");
	assert_has(small, "-machine", "pc,memory-backend=ram");
	assert_int_equal(count(small, "-device", NULL), 1);
	assert_non_null(strstr(value_with(small, "-device", "virtio-net-pci"), "netdev=net0"));
	assert_has(large, "-m", "3072M");
	assert_has(large, "-smp", "4");
	assert_has(large, "-device", "virtio-blk-pci,drive=disk");
	/* nothing of the host is in it */
	assert_without(large, "/");
}

/** A clone's machine is the template's, argument by argument. */
static void test_same_machine(void **state)
{
	static const struct wv_vm *const vms[] = { &plain, &with_disk };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		g_auto(GStrv) machine = wv_vm_machine(vms[i]);
		g_auto(GStrv) template = template_arguments(vms[i], &template_links);
		g_auto(GStrv) clone = clone_arguments(vms[i], &clone_links);
		g_autofree char *part = g_strjoinv("\n", machine);
		g_autofree char *template_text = g_strjoinv("\n", template);
		g_autofree char *clone_text = g_strjoinv("\n", clone);

		assert_non_null(strstr(template_text, part));
		assert_non_null(strstr(clone_text, part));
		assert_has(template, "-accel", "tcg,thread=multi");
		assert_has(clone, "-accel", "tcg,thread=multi");
		assert_has(clone, "-nodefaults", NULL);
		assert_has(clone, "-no-user-config", NULL);
		assert_has(clone, "-no-reboot", NULL);
		assert_has(clone, "-display", "none");
	}
}

/** What is kept of an older template's machine is what its clones get. */
static void test_machine_of_the_template(void **state)
{
	char *machine[] = { (char *)"-machine", (char *)"microvm", (char *)"-m", (char *)"1M",
			    NULL };
	g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);

	(void)state;
	wv_vm_clone_arguments(arguments, machine, &plain, &clone_links);
	g_ptr_array_add(arguments, NULL);
	assert_has((char **)arguments->pdata, "-machine", "microvm");
	assert_has((char **)arguments->pdata, "-m", "1M");
	assert_int_equal(count((char **)arguments->pdata, "-cpu", NULL), 0);
}

/** A template's RAM is its file; what a clone writes to its RAM is its own. */
static void test_memory(void **state)
{
	g_auto(GStrv) template = template_arguments(&plain, &template_links);
	g_auto(GStrv) clone = clone_arguments(&plain, &clone_links);

	(void)state;
	assert_has(template, "-object",
		   "memory-backend-file,id=ram,mem-path=/templates/default/ram,size=512M,share=on");
	assert_has(clone, "-object",
		   "memory-backend-file,id=ram,mem-path=/templates/default/ram,size=512M,"
		   "share=off,readonly=on,rom=off");
	assert_has(clone, "-incoming", "defer");
	assert_int_equal(count(template, "-incoming", NULL), 0);
}

static void test_channels(void **state)
{
	g_auto(GStrv) template = template_arguments(&plain, &template_links);
	g_auto(GStrv) clone = clone_arguments(&plain, &clone_links);

	(void)state;
	assert_has(clone, "-plugin", "/usr/lib/p.so,session=5,job=6");
	assert_has(clone, "-chardev", "socket,id=qmp,fd=10");
	assert_has(clone, "-mon", "chardev=qmp,mode=control");
	assert_has(clone, "-add-fd", "fd=11,set=2");
	assert_has(clone, "-chardev", "file,id=console,path=/dev/fdset/2,append=on");
	assert_has(clone, "-serial", "chardev:console");
	assert_has(clone, "-sandbox", WV_QEMU_SANDBOX);
	assert_int_equal(count(template, "-sandbox", NULL), 0); /* this QEMU has none */
}

static void test_no_disk(void **state)
{
	g_auto(GStrv) template = template_arguments(&plain, &template_links);
	g_auto(GStrv) clone = clone_arguments(&plain, &clone_links);

	(void)state;
	assert_int_equal(count(template, "-blockdev", NULL), 0);
	assert_int_equal(count(clone, "-blockdev", NULL), 0);
	assert_without(clone, "fd=13");
}

static void test_disk_of_a_template(void **state)
{
	g_auto(GStrv) template = template_arguments(&with_disk, &template_links);
	const char *file = value_with(template, "-blockdev", "driver=file,");

	(void)state;
	assert_int_equal(count(template, "-blockdev", NULL), 2);
	assert_non_null(strstr(file, "filename=/templates/default/disk,"));
	assert_non_null(strstr(file, "read-only=off"));
	assert_non_null(strstr(value_with(template, "-blockdev", "driver=raw,node-name=disk,"),
			       "file=base-file,read-only=off"));
}

/** The disk is only read, and what is written goes to the overlay. */
static void test_disk_of_a_clone(void **state)
{
	static const char *const formats[] = { "raw", "qcow2" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct wv_vm vm = with_disk;
		g_autofree char *base =
			g_strdup_printf("driver=%s,node-name=base,file=base-file,", formats[i]);
		g_auto(GStrv) clone = NULL;
		const char *top;

		vm.disk_is_qcow2 = i;
		clone = clone_arguments(&vm, &clone_links);
		assert_int_equal(count(clone, "-blockdev", NULL), 3);
		assert_non_null(strstr(value_with(clone, "-blockdev", "driver=file,"),
				       "filename=/templates/default/disk,read-only=on"));
		assert_non_null(strstr(value_with(clone, "-blockdev", base), "read-only=on"));
		assert_has(clone, "-add-fd", "fd=13,set=1");
		top = value_with(clone, "-blockdev", "node-name=disk,");
		assert_non_null(strstr(top, "driver=qcow2,"));
		assert_non_null(strstr(top, "file.filename=/dev/fdset/1,"));
		assert_non_null(strstr(top, "backing=base,"));
		assert_null(strstr(top, "read-only"));
		assert_without(clone, "read-only=off");
	}
}

static void test_network(void **state)
{
	struct wv_vm_links links = clone_links;
	g_auto(GStrv) none = clone_arguments(&plain, &links), user = NULL, captured = NULL;

	(void)state;
	assert_has(none, "-netdev", "dgram,id=net0,local.type=fd,local.str=12");
	assert_without(none, "filter-dump");
	assert_without(none, "user,id=net0");
	links.network = WV_NETWORK_USER;
	user = clone_arguments(&plain, &links);
	assert_has(user, "-netdev", "user,id=net0");
	assert_int_equal(count(user, "-netdev", NULL), 1);
	assert_without(user, "local.str");
	links.capture_fd = 14;
	captured = clone_arguments(&plain, &links);
	assert_has(captured, "-object", "filter-dump,id=capture,netdev=net0,file=/proc/self/fd/14");
}

static void test_commas(void **state)
{
	struct wv_vm_links links = clone_links;
	g_auto(GStrv) clone = NULL;

	(void)state;
	links.folder = "/a,b/,c,";
	clone = clone_arguments(&with_disk, &links);
	assert_non_null(strstr(value_with(clone, "-object", "memory-backend-file"),
			       "=/a,,b/,,c,,/ram,size="));
	assert_non_null(strstr(value_with(clone, "-blockdev", "driver=file,node-name=base-file"),
			       "filename=/a,,b/,,c,,/disk,read-only=on"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machine),
		cmocka_unit_test(test_same_machine),
		cmocka_unit_test(test_machine_of_the_template),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_channels),
		cmocka_unit_test(test_no_disk),
		cmocka_unit_test(test_disk_of_a_template),
		cmocka_unit_test(test_disk_of_a_clone),
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_commas),
	};

	return cmocka_run_group_tests_name("vm", tests, NULL, NULL);
}

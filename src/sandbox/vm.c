/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's command line of a template's guest and of its clones. */
#include "sandbox/vm.h"

#include <inttypes.h>
#include <stdarg.h>

#include "sandbox/qemu.h"
#include "sandbox/store.h"

/** Ids of what is defined on the command line. */
#define MEMORY "ram"
#define DISK   "disk"

/** All but the last are numbers that mean nothing: the range is QEMU's own. */
#define MAC "52:54:00:6b:0d:0a"

static void add(GPtrArray *arguments, const char *option, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

static void add(GPtrArray *arguments, const char *option, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	g_ptr_array_add(arguments, g_strdup(option));
	g_ptr_array_add(arguments, g_strdup_vprintf(format, values));
	va_end(values);
}

char **wv_vm_machine(const struct wv_vm *vm)
{
	g_autoptr(GPtrArray) arguments = g_ptr_array_new();

	add(arguments, "-machine", "pc,memory-backend=" MEMORY);
	/* without 5-level page tables, which cost every walk a step */
	add(arguments, "-cpu", "max,la57=off");
	add(arguments, "-m", "%" PRIu64 "M", vm->memory >> 20);
	add(arguments, "-smp", "%u", vm->vcpus);
	/* ROMs are for booting from the device */
	add(arguments, "-device", "virtio-net-pci,netdev=net0,mac=" MAC ",romfile=");
	if (vm->has_disk)
		add(arguments, "-device", "virtio-blk-pci,drive=" DISK);
	g_ptr_array_add(arguments, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&arguments), FALSE);
}

/** A file of the template, as a QEMU option takes it. */
static char *file_name(const struct wv_vm_links *links, const char *name)
{
	g_autofree char *path = g_build_filename(links->folder, name, NULL);

	return wv_qemu_escape(path);
}

static void add_memory(GPtrArray *arguments, const struct wv_vm *vm,
		       const struct wv_vm_links *links, const char *how)
{
	g_autofree char *ram = file_name(links, WV_STORE_RAM);

	add(arguments, "-object",
	    "memory-backend-file,id=" MEMORY ",mem-path=%s,size=%" PRIu64 "M,%s", ram,
	    vm->memory >> 20, how);
}

/** Nothing of a guest that is thrown away has to reach the host's disk. */
#define UNSAFE "cache.no-flush=on,cache.direct=off"

static void add_disk(GPtrArray *arguments, const struct wv_vm *vm, const struct wv_vm_links *links)
{
	g_autofree char *path = file_name(links, WV_STORE_DISK);
	bool clone = links->overlay_fd >= 0;

	if (!vm->has_disk)
		return;
	add(arguments, "-blockdev",
	    "driver=file,node-name=base-file,filename=%s,read-only=%s," UNSAFE, path,
	    clone ? "on" : "off");
	add(arguments, "-blockdev", "driver=%s,node-name=%s,file=base-file,read-only=%s," UNSAFE,
	    vm->disk_is_qcow2 ? "qcow2" : "raw", clone ? "base" : DISK, clone ? "on" : "off");
	if (!clone)
		return;
	add(arguments, "-add-fd", "fd=%d,set=1", links->overlay_fd);
	add(arguments, "-blockdev",
	    "driver=qcow2,node-name=" DISK ",file.driver=file,file.filename=/dev/fdset/1,"
	    "backing=base," UNSAFE);
}

static void add_network(GPtrArray *arguments, const struct wv_vm_links *links)
{
	/* QEMU warns of a card that is connected with nothing */
	if (links->network == WV_NETWORK_USER)
		add(arguments, "-netdev", "user,id=net0");
	else
		add(arguments, "-netdev", "dgram,id=net0,local.type=fd,local.str=%d",
		    links->nowhere_fd);
	if (links->capture_fd >= 0)
		add(arguments, "-object",
		    "filter-dump,id=capture,netdev=net0,file=/proc/self/fd/%d", links->capture_fd);
}

static void add_common(GPtrArray *arguments, const struct wv_vm *vm,
		       const struct wv_vm_links *links)
{
	add(arguments, "-plugin", "%s", links->plugin);
	add(arguments, "-accel", "tcg,thread=multi");
	add(arguments, "-display", "none");
	g_ptr_array_add(arguments, g_strdup("-nodefaults"));
	g_ptr_array_add(arguments, g_strdup("-no-user-config"));
	g_ptr_array_add(arguments, g_strdup("-no-reboot"));
	if (links->sandbox)
		add(arguments, "-sandbox", "%s", WV_QEMU_SANDBOX);
	add(arguments, "-chardev", "socket,id=qmp,fd=%d", links->qmp_fd);
	if (links->has_monitor_objects)
		add(arguments, "-object", "monitor-qmp,id=monitor,chardev=qmp");
	else
		add(arguments, "-mon", "chardev=qmp,mode=control");
	add(arguments, "-add-fd", "fd=%d,set=2", links->console_fd);
	add(arguments, "-chardev", "file,id=console,path=/dev/fdset/2,append=on");
	add(arguments, "-serial", "chardev:console");
	add_network(arguments, links);
	add_disk(arguments, vm, links);
}

void wv_vm_create_arguments(GPtrArray *arguments, const struct wv_vm *vm,
			    const struct wv_vm_links *links)
{
	g_auto(GStrv) machine = wv_vm_machine(vm);

	add_common(arguments, vm, links);
	add_memory(arguments, vm, links, "share=on");
	for (char **argument = machine; *argument; argument++)
		g_ptr_array_add(arguments, g_strdup(*argument));
}

void wv_vm_clone_arguments(GPtrArray *arguments, char *const *machine, const struct wv_vm *vm,
			   const struct wv_vm_links *links)
{
	add_common(arguments, vm, links);
	/* the guest's writes stay in this process (docs/system/vm-templating.rst of QEMU) */
	add_memory(arguments, vm, links, "share=off,readonly=on,rom=off");
	for (; *machine; machine++)
		g_ptr_array_add(arguments, g_strdup(*machine));
	add(arguments, "-incoming", "defer");
}

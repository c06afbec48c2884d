/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine of a template and of its clones: QEMU's command line. */
#ifndef WV_SANDBOX_VM_H
#define WV_SANDBOX_VM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** The machine itself: a clone's must be the same in every respect. */
struct wv_vm {
	uint64_t memory; /**< bytes */
	unsigned vcpus;
	bool has_disk;	    /**< the root is on a disk */
	bool disk_is_qcow2; /**< the format of WV_STORE_DISK */
};

enum wv_network {
	WV_NETWORK_NONE,
	WV_NETWORK_USER, /**< the host's, by QEMU's user network */
};

/** What QEMU is connected with. */
struct wv_vm_links {
	const char *folder; /**< the template's */
	const char *plugin; /**< the value of -plugin */
	int qmp_fd;	    /**< a socket */
	int console_fd;	    /**< a pipe */
	int overlay_fd;	    /**< a qcow2 over the disk; -1: the disk itself is written */
	int nowhere_fd;	    /**< a datagram socket, for a network card without a network */
	int capture_fd;	    /**< what goes over the network; -1: is not kept */
	enum wv_network network;
	bool has_monitor_objects; /**< QEMU 11.1 and newer: -mon is on its way out */
	bool sandbox;		  /**< QEMU was built with it */
};

/** Machine, memory and processors: what a template keeps of its command line. */
char **wv_vm_machine(const struct wv_vm *vm);

/** Appends all that a template's guest is started with, but for kernel and initramfs. */
void wv_vm_create_arguments(GPtrArray *arguments, const struct wv_vm *vm,
			    const struct wv_vm_links *links);

/** Appends all that a clone is started with; the state comes by QMP. */
void wv_vm_clone_arguments(GPtrArray *arguments, char *const *machine, const struct wv_vm *vm,
			   const struct wv_vm_links *links);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's plugin interface as this driver uses it: one set of calls over API versions 4 to 7
 * (QEMU 9.2 to 11.1). Only shim.c knows that there is more than one version.
 *
 * The declarations are ours; the facts are from QEMU's include/plugins/qemu-plugin.h (11.1, API 7)
 * and include/qemu/qemu-plugin.h (9.2 to 10.2). The functions are looked up when the plugin is
 * loaded, so the shared object has no unresolved symbol under any of these versions.
 */
#ifndef WV_MACHINE_QEMU_SHIM_H
#define WV_MACHINE_QEMU_SHIM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** The lowest and the highest API that this shim speaks. */
#define SHIM_API_MIN 4
#define SHIM_API_MAX 7

/** Where the launcher, which asks QEMU for its version, tells the API to use. */
#define SHIM_API_VARIABLE "WYVERN_PLUGIN_API"

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_register;

typedef void (*shim_vcpu_fn)(unsigned vcpu);
typedef void (*shim_tb_fn)(struct qemu_plugin_tb *tb);
typedef void (*shim_exec_fn)(unsigned vcpu, void *data);
typedef void (*shim_fn)(void);

/** One register as QEMU describes it. */
struct shim_register {
	struct qemu_plugin_register *handle;
	const char *name;
};

/** Looks the functions up. False, with the name in *@missing, when one is not there. */
bool shim_init(uint64_t plugin_id, const char **missing);

void shim_on_vcpu_init(shim_vcpu_fn fn);
void shim_on_translate(shim_tb_fn fn);
void shim_on_exit(shim_fn fn);

/**
 * Unregisters everything, throws away all translated code, and calls @fn with all vCPUs stopped.
 * Takes effect when the calling vCPU leaves its current basic block.
 */
void shim_reset(shim_fn fn);

/** Calls @fn each time before this instruction executes; registers can be read in it. */
void shim_on_execute(struct qemu_plugin_insn *insn, shim_exec_fn fn, void *data);

size_t shim_tb_instructions(const struct qemu_plugin_tb *tb);
uint64_t shim_tb_address(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *shim_tb_instruction(const struct qemu_plugin_tb *tb, size_t index);
uint64_t shim_instruction_address(const struct qemu_plugin_insn *insn);

/** The registers of the vCPU that is being initialised: an array of struct shim_register. */
GArray *shim_registers(void);

/** Reads a register of the current vCPU into @buffer. Its bytes are in guest order. */
bool shim_read_register(struct qemu_plugin_register *handle, GByteArray *buffer);
bool shim_read_virtual(uint64_t address, GByteArray *buffer, size_t size);

/** Whether physical memory can be read (API 5 and newer). */
bool shim_can_read_physical(void);
bool shim_read_physical(uint64_t address, GByteArray *buffer, size_t size);

/** A line on QEMU's log. */
void shim_log(const char *line);

#endif

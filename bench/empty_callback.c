/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QEMU plugin that calls an empty function at given addresses: what any monitor in QEMU's
 * process pays at least.
 *
 * Arguments:
 *   at=ADDRESS        call at this instruction; can be repeated
 *   registers=off     as a callback that can not read registers (real ones can: the default)
 *   callers=on        not empty: at the end, tell on QEMU's log where the first ADDRESS, a
 *                     function, was called from: one line "return ADDRESS COUNT" per place
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/qemu/shim.h"

#define PLACES_MAX 16

/** enum qemu_plugin_cb_flags: the callback reads no registers. */
#define CB_NO_REGS 0

struct place {
	uint64_t address, count;
};

struct qemu_info;

static struct {
	struct place at[PLACES_MAX];
	unsigned n_at;
	bool without_registers, callers;
	struct place callers_found[PLACES_MAX]; /* of the one vCPU */
	struct qemu_plugin_register *stack_pointer;
	GByteArray *buffer;
	void (*on_execute_without_registers)(struct qemu_plugin_insn *insn, shim_exec_fn fn,
					     int flags, void *data);
} plugin;

static void on_empty(unsigned vcpu, void *data)
{
	(void)vcpu, (void)data;
}

static uint64_t buffered_number(void)
{
	uint64_t number = 0;

	memcpy(&number, plugin.buffer->data, MIN(plugin.buffer->len, sizeof(number)));
	return number;
}

/** The return address is the top of the stack. */
static void on_function(unsigned vcpu, void *data)
{
	(void)vcpu, (void)data;
	if (!shim_read_register(plugin.stack_pointer, plugin.buffer) ||
	    !shim_read_virtual(buffered_number(), plugin.buffer, sizeof(uint64_t)))
		return;

	uint64_t address = buffered_number();

	for (unsigned i = 0; i < PLACES_MAX; i++) {
		struct place *caller = &plugin.callers_found[i];

		if (caller->count && caller->address != address)
			continue;
		caller->address = address;
		caller->count++;
		return;
	}
}

static void on_vcpu_init(unsigned index)
{
	g_autoptr(GArray) registers = shim_registers();

	(void)index;
	for (guint i = 0; i < registers->len; i++) {
		const struct shim_register *row =
			&g_array_index(registers, struct shim_register, i);

		if (strcmp(row->name, "rsp") == 0)
			plugin.stack_pointer = row->handle;
	}
}

static void instrument(struct qemu_plugin_insn *insn)
{
	if (plugin.callers)
		shim_on_execute(insn, on_function, NULL);
	else if (plugin.without_registers)
		plugin.on_execute_without_registers(insn, on_empty, CB_NO_REGS, NULL);
	else
		shim_on_execute(insn, on_empty, NULL);
}

static void on_translate(struct qemu_plugin_tb *tb)
{
	size_t count = shim_tb_instructions(tb);

	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *insn = shim_tb_instruction(tb, i);
		uint64_t address = shim_instruction_address(insn);

		for (unsigned j = 0; j < plugin.n_at; j++)
			if (plugin.at[j].address == address)
				instrument(insn);
	}
}

static void on_qemu_exit(void)
{
	for (unsigned i = 0; i < PLACES_MAX && plugin.callers_found[i].count; i++)
		fprintf(stderr, "return 0x%" PRIx64 " %" PRIu64 "\n",
			plugin.callers_found[i].address, plugin.callers_found[i].count);
}

static bool parse(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (g_str_has_prefix(argv[i], "at=") && plugin.n_at < PLACES_MAX)
			plugin.at[plugin.n_at++].address = strtoull(argv[i] + 3, NULL, 16);
		else if (strcmp(argv[i], "registers=off") == 0)
			plugin.without_registers = true;
		else if (strcmp(argv[i], "callers=on") == 0)
			plugin.callers = true;
		else
			return false;
	}
	return plugin.n_at > 0;
}

/** The entry point that QEMU calls. */
__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id,
							       const struct qemu_info *info,
							       int argc, char **argv);

int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
	const char *missing = NULL;

	(void)info;
	if (!parse(argc, argv)) {
		fprintf(stderr, "empty-callback: wrong arguments\n");
		return 1;
	}
	*(void **)&plugin.on_execute_without_registers =
		dlsym(RTLD_DEFAULT, "qemu_plugin_register_vcpu_insn_exec_cb");
	if (!shim_init(id, &missing) || !plugin.on_execute_without_registers) {
		fprintf(stderr, "empty-callback: QEMU's plugin interface lacks %s\n", missing);
		return 1;
	}
	plugin.buffer = g_byte_array_new();
	shim_on_vcpu_init(on_vcpu_init);
	shim_on_translate(on_translate);
	shim_on_exit(on_qemu_exit);
	return 0;
}

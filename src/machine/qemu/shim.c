/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One face for the plugin API's versions 4 to 7. */
#define _GNU_SOURCE
#include "machine/qemu/shim.h"

#include <dlfcn.h>
#include <stdlib.h>

/** QEMU reads this when it loads the plugin, after the constructors have run. */
__attribute__((visibility("default"))) extern int qemu_plugin_version;
int qemu_plugin_version = SHIM_API_MIN;

/** enum qemu_plugin_cb_flags: the callback reads registers. */
#define CB_R_REGS 1

/** The start of qemu_plugin_reg_descriptor: versions differ in what follows. */
struct register_descriptor {
	struct qemu_plugin_register *handle;
	const char *name;
	const char *feature;
};

/* Callbacks until API 6 get the plugin's id first; from API 7 on user data comes last. */
typedef void (*simple_cb_v4)(uint64_t id);
typedef void (*vcpu_cb_v4)(uint64_t id, unsigned vcpu);
typedef void (*udata_cb_v4)(uint64_t id, void *data);
typedef void (*udata_cb_v7)(void *data);
typedef void (*vcpu_udata_cb)(unsigned vcpu, void *data);
typedef void (*tb_cb_v4)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*tb_cb_v7)(struct qemu_plugin_tb *tb, void *data);

static struct {
	void (*register_vcpu_insn_exec_cb)(struct qemu_plugin_insn *insn, vcpu_udata_cb cb,
					   int flags, void *data);
	size_t (*tb_n_insns)(const struct qemu_plugin_tb *tb);
	uint64_t (*tb_vaddr)(const struct qemu_plugin_tb *tb);
	struct qemu_plugin_insn *(*tb_get_insn)(const struct qemu_plugin_tb *tb, size_t index);
	uint64_t (*insn_vaddr)(const struct qemu_plugin_insn *insn);
	GArray *(*get_registers)(void);
	/* int until API 5, bool from 6 on: neither is looked at, the buffer's length is */
	void (*read_register)(struct qemu_plugin_register *handle, GByteArray *buffer);
	bool (*read_memory_vaddr)(uint64_t address, GByteArray *data, size_t size);
	int (*read_memory_hwaddr)(uint64_t address, GByteArray *data, size_t size);
	void (*outs)(const char *text);
	/* these differ between versions; called through the casts below */
	void (*register_vcpu_tb_trans_cb)(void);
	void (*register_vcpu_init_cb)(void);
	void (*register_atexit_cb)(void);
	void (*reset)(void);
} api;

static uint64_t plugin_id;

/* What the one plugin of this shared object has registered. */
static shim_vcpu_fn on_vcpu_init;
static shim_tb_fn on_translate;
static shim_fn on_exit_fn;
static shim_fn on_reset;

static const struct {
	const char *name;
	void **place;
	bool optional;
} functions[] = {
	{ "qemu_plugin_register_vcpu_tb_trans_cb", (void **)&api.register_vcpu_tb_trans_cb, false },
	{ "qemu_plugin_register_vcpu_insn_exec_cb", (void **)&api.register_vcpu_insn_exec_cb,
	  false },
	{ "qemu_plugin_tb_n_insns", (void **)&api.tb_n_insns, false },
	{ "qemu_plugin_tb_vaddr", (void **)&api.tb_vaddr, false },
	{ "qemu_plugin_tb_get_insn", (void **)&api.tb_get_insn, false },
	{ "qemu_plugin_insn_vaddr", (void **)&api.insn_vaddr, false },
	{ "qemu_plugin_get_registers", (void **)&api.get_registers, false },
	{ "qemu_plugin_read_register", (void **)&api.read_register, false },
	{ "qemu_plugin_read_memory_vaddr", (void **)&api.read_memory_vaddr, false },
	{ "qemu_plugin_read_memory_hwaddr", (void **)&api.read_memory_hwaddr, true },
	{ "qemu_plugin_outs", (void **)&api.outs, false },
	{ "qemu_plugin_register_vcpu_init_cb", (void **)&api.register_vcpu_init_cb, false },
	{ "qemu_plugin_register_atexit_cb", (void **)&api.register_atexit_cb, false },
	{ "qemu_plugin_reset", (void **)&api.reset, false },
};

/**
 * Chooses the API before QEMU looks. The launcher knows best; without it, what QEMU exports tells
 * the versions apart up to 5, and of the later ones the newest is taken.
 */
__attribute__((constructor)) static void choose_version(void)
{
	const char *told = getenv(SHIM_API_VARIABLE);
	int version = told ? atoi(told) : 0;

	if (version < SHIM_API_MIN || version > SHIM_API_MAX) {
		if (dlsym(RTLD_DEFAULT, "qemu_plugin_set_pc"))
			version = SHIM_API_MAX;
		else if (dlsym(RTLD_DEFAULT, "qemu_plugin_write_register"))
			version = 5;
		else
			version = SHIM_API_MIN;
	}
	qemu_plugin_version = version;
}

bool shim_init(uint64_t id, const char **missing)
{
	plugin_id = id;
	for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
		*functions[i].place = dlsym(RTLD_DEFAULT, functions[i].name);
		if (!*functions[i].place && !functions[i].optional) {
			*missing = functions[i].name;
			return false;
		}
	}
	return true;
}

static bool has_udata(void)
{
	return qemu_plugin_version >= 7;
}

static void vcpu_init_v4(uint64_t id, unsigned vcpu)
{
	(void)id;
	on_vcpu_init(vcpu);
}

static void vcpu_init_v7(unsigned vcpu, void *data)
{
	(void)data;
	on_vcpu_init(vcpu);
}

void shim_on_vcpu_init(shim_vcpu_fn fn)
{
	on_vcpu_init = fn;
	if (has_udata())
		((void (*)(uint64_t, vcpu_udata_cb, void *))api.register_vcpu_init_cb)(
			plugin_id, vcpu_init_v7, NULL);
	else
		((void (*)(uint64_t, vcpu_cb_v4))api.register_vcpu_init_cb)(plugin_id,
									    vcpu_init_v4);
}

static void translate_v4(uint64_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	on_translate(tb);
}

static void translate_v7(struct qemu_plugin_tb *tb, void *data)
{
	(void)data;
	on_translate(tb);
}

void shim_on_translate(shim_tb_fn fn)
{
	on_translate = fn;
	if (has_udata())
		((void (*)(uint64_t, tb_cb_v7, void *))api.register_vcpu_tb_trans_cb)(
			plugin_id, translate_v7, NULL);
	else
		((void (*)(uint64_t, tb_cb_v4))api.register_vcpu_tb_trans_cb)(plugin_id,
									      translate_v4);
}

static void exit_v4(uint64_t id, void *data)
{
	(void)id;
	(void)data;
	on_exit_fn();
}

static void exit_v7(void *data)
{
	(void)data;
	on_exit_fn();
}

void shim_on_exit(shim_fn fn)
{
	on_exit_fn = fn;
	if (has_udata())
		((void (*)(uint64_t, udata_cb_v7, void *))api.register_atexit_cb)(plugin_id,
										  exit_v7, NULL);
	else
		((void (*)(uint64_t, udata_cb_v4, void *))api.register_atexit_cb)(plugin_id,
										  exit_v4, NULL);
}

static void reset_v4(uint64_t id)
{
	(void)id;
	on_reset();
}

static void reset_v7(void *data)
{
	(void)data;
	on_reset();
}

void shim_reset(shim_fn fn)
{
	on_reset = fn;
	if (has_udata())
		((void (*)(uint64_t, udata_cb_v7, void *))api.reset)(plugin_id, reset_v7, NULL);
	else
		((void (*)(uint64_t, simple_cb_v4))api.reset)(plugin_id, reset_v4);
}

void shim_on_execute(struct qemu_plugin_insn *insn, shim_exec_fn fn, void *data)
{
	api.register_vcpu_insn_exec_cb(insn, fn, CB_R_REGS, data);
}

size_t shim_tb_instructions(const struct qemu_plugin_tb *tb)
{
	return api.tb_n_insns(tb);
}

uint64_t shim_tb_address(const struct qemu_plugin_tb *tb)
{
	return api.tb_vaddr(tb);
}

struct qemu_plugin_insn *shim_tb_instruction(const struct qemu_plugin_tb *tb, size_t index)
{
	return api.tb_get_insn(tb, index);
}

uint64_t shim_instruction_address(const struct qemu_plugin_insn *insn)
{
	return api.insn_vaddr(insn);
}

GArray *shim_registers(void)
{
	GArray *found = g_array_new(FALSE, FALSE, sizeof(struct shim_register));
	GArray *theirs = api.get_registers();
	guint step = g_array_get_element_size(theirs); /* the descriptor grew with the versions */

	for (guint i = 0; i < theirs->len; i++) {
		const struct register_descriptor *descriptor =
			(const void *)(theirs->data + (size_t)i * step);
		struct shim_register row = { descriptor->handle, descriptor->name };

		g_array_append_val(found, row);
	}
	g_array_free(theirs, TRUE);
	return found;
}

bool shim_read_register(struct qemu_plugin_register *handle, GByteArray *buffer)
{
	buffer->len = 0; /* g_byte_array_set_size() costs a tenth of the whole read */
	api.read_register(handle, buffer);
	return buffer->len > 0;
}

bool shim_read_virtual(uint64_t address, GByteArray *buffer, size_t size)
{
	return api.read_memory_vaddr(address, buffer, size);
}

bool shim_can_read_physical(void)
{
	return api.read_memory_hwaddr != NULL;
}

bool shim_read_physical(uint64_t address, GByteArray *buffer, size_t size)
{
	/* 0: QEMU_PLUGIN_HWADDR_OPERATION_OK */
	return api.read_memory_hwaddr(address, buffer, size) == 0;
}

void shim_log(const char *line)
{
	api.outs(line);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QEMU driver: a TCG plugin. A trap is a callback that is compiled into the translated code of
 * the trapped instruction; the guest's memory is not touched, and other code runs at full speed.
 */
#include <glib.h>
#include <string.h>

#include "machine/qemu/driver.h"
#include "base/error.h"
#include "machine/qemu/ram.h"
#include "machine/qemu/shim.h"

/** The reset vector (Intel SDM volume 3, section 10.1.4): where each start of the machine begins.
 */
#define RESET_VECTOR UINT64_C(0xfffffff0)

/* Addresses that only an operating system's kernel executes at: the upper half of 64 bits, and of
 * 32 bits what lies below the firmware. */
#define KERNEL_64_START UINT64_C(0xffff800000000000)
#define KERNEL_32_START UINT64_C(0x80000000)
#define KERNEL_32_END	UINT64_C(0xff000000)

/** Bytes of code in a block at the most: it spans two pages (QEMU, accel/tcg/translator.c). */
#define TB_SIZE_MAX 8192

/** One vCPU's handles and buffer, used by its own thread only. */
struct qemu_vcpu {
	_Alignas(64) struct qemu_plugin_register *registers[WV_REG_COUNT];
	GByteArray *buffer;
	GThread *thread;       /* which it runs on */
	uint64_t user_address; /* of the user-mode instruction that is being reported */
};

static struct {
	struct wv_machine machine;
	struct qemu_vcpu vcpus[WV_VCPUS_MAX];
	bool kernel_seen; /* since the last reset */
	void (*ended)(void);
} driver;

/** The names of the gdb description gdb-xml/i386-64bit.xml, by enum wv_reg. */
static const char *const register_names[WV_REG_COUNT] = {
	"rax", "rbx",	  "rcx",     "rdx",	  "rsi", "rdi", "rbp", "rsp",
	"r8",  "r9",	  "r10",     "r11",	  "r12", "r13", "r14", "r15",
	"cs",  "fs_base", "gs_base", "k_gs_base", "cr0", "cr3", "cr4", "efer",
};

static bool qemu_read_register(struct wv_machine *machine, unsigned vcpu_index, enum wv_reg reg,
			       uint64_t *value)
{
	struct qemu_vcpu *vcpu = &driver.vcpus[vcpu_index];

	(void)machine;
	if (!vcpu->registers[reg] || !shim_read_register(vcpu->registers[reg], vcpu->buffer))
		return false;
	*value = 0;
	memcpy(value, vcpu->buffer->data, MIN(vcpu->buffer->len, sizeof(*value)));
	return true;
}

static bool qemu_read_virtual(struct wv_machine *machine, unsigned vcpu_index, uint64_t address,
			      void *out, size_t size)
{
	GByteArray *buffer = driver.vcpus[vcpu_index].buffer;

	(void)machine;
	if (!shim_read_virtual(address, buffer, size) || buffer->len < size)
		return false;
	memcpy(out, buffer->data, size);
	return true;
}

/**
 * Reads physical memory where RAM is not mapped: since API 5 QEMU does it; before, the guest's own
 * mapping of physical memory serves. Slow: no vCPU's buffer is at hand.
 */
static bool qemu_read_physical(struct wv_machine *machine, uint64_t address, void *out, size_t size)
{
	g_autoptr(GByteArray) buffer = g_byte_array_new();
	bool read =
		shim_can_read_physical()
			? shim_read_physical(address, buffer, size)
			: machine->direct_map &&
				  shim_read_virtual(machine->direct_map + address, buffer, size);

	if (!read || buffer->len < size)
		return false;
	memcpy(out, buffer->data, size);
	return true;
}

static void qemu_map_ram(struct wv_machine *machine, unsigned vcpu_index)
{
	qemu_ram_map(machine, vcpu_index, driver.vcpus[vcpu_index].user_address);
}

static void on_flushed(void);

static void qemu_traps_changed(struct wv_machine *machine)
{
	(void)machine;
	shim_reset(on_flushed);
}

static const struct wv_machine_ops qemu_ops = {
	.read_register = qemu_read_register,
	.read_virtual = qemu_read_virtual,
	.read_physical = qemu_read_physical,
	.traps_changed = qemu_traps_changed,
	.map_ram = qemu_map_ram,
};

/* Callbacks -------------------------------------------------------------------------------------*/

/**
 * With -accel tcg,thread=single the vCPUs take turns on one thread, and a callback that is compiled
 * into a block names the vCPU that was first to run it (QEMU, accel/tcg/plugin-gen.c).
 */
static void note_thread(unsigned index)
{
	driver.vcpus[index].thread = g_thread_self();
	for (unsigned i = 0; i < WV_VCPUS_MAX; i++)
		if (i != index && driver.vcpus[i].thread == g_thread_self())
			driver.machine.shares_thread = true;
}

static void on_vcpu_init(unsigned index)
{
	if (index >= WV_VCPUS_MAX)
		return;

	struct qemu_vcpu *vcpu = &driver.vcpus[index];
	g_autoptr(GArray) registers = shim_registers();

	note_thread(index);

	if (!vcpu->buffer)
		vcpu->buffer = g_byte_array_sized_new(4096);
	for (guint i = 0; i < registers->len; i++) {
		const struct shim_register *row =
			&g_array_index(registers, struct shim_register, i);

		for (unsigned reg = 0; reg < WV_REG_COUNT; reg++)
			if (strcmp(row->name, register_names[reg]) == 0)
				vcpu->registers[reg] = row->handle;
	}
}

static void on_trapped(unsigned vcpu, void *data)
{
	driver.machine.events->trap(driver.machine.owner, vcpu, data);
}

static void on_reset_vector(unsigned vcpu, void *data)
{
	(void)data;
	__atomic_store_n(&driver.kernel_seen, false, __ATOMIC_RELAXED);
	driver.machine.events->reset(driver.machine.owner, vcpu);
}

/** Whether the vCPU is at this privilege level with paging on. */
static bool runs_at(unsigned vcpu, uint64_t level)
{
	uint64_t cs, cr0;

	return wv_machine_register(&driver.machine, vcpu, WV_REG_CS, &cs) &&
	       (cs & WV_CS_RPL) == level &&
	       wv_machine_register(&driver.machine, vcpu, WV_REG_CR0, &cr0) && (cr0 & WV_CR0_PG);
}

/** Code in the lower half while user mode is watched for: may still be a boot loader's. */
static void on_low_code(unsigned vcpu, void *data)
{
	struct wv_machine *machine = &driver.machine;

	if (__atomic_load_n(&machine->watch, __ATOMIC_ACQUIRE) != WV_WATCH_USER ||
	    !runs_at(vcpu, WV_CS_RPL))
		return;
	driver.vcpus[vcpu].user_address = (uint64_t)(uintptr_t)data;
	machine->events->watched(machine->owner, vcpu);
}

static void on_kernel_code(unsigned vcpu, void *data)
{
	struct wv_machine *machine = &driver.machine;

	(void)data;
	if (__atomic_load_n(&machine->watch, __ATOMIC_ACQUIRE) == WV_WATCH_KERNEL &&
	    runs_at(vcpu, 0))
		machine->events->watched(machine->owner, vcpu);
}

static void on_place(unsigned vcpu, void *data)
{
	struct wv_machine *machine = &driver.machine;
	uint64_t place = (uint64_t)(uintptr_t)data;

	if (__atomic_load_n(&machine->watch_place, __ATOMIC_ACQUIRE) != place ||
	    !runs_at(vcpu, WV_CS_RPL))
		return;
	driver.vcpus[vcpu].user_address = place;
	machine->events->place(machine->owner, vcpu);
}

static bool is_kernel_address(uint64_t address)
{
	return address >= KERNEL_64_START ||
	       (address >= KERNEL_32_START && address < KERNEL_32_END);
}

/** Instruments the one instruction that is watched for, if it is in this block. */
static void watch_place(struct qemu_plugin_tb *tb, uint64_t address)
{
	uint64_t place = __atomic_load_n(&driver.machine.watch_place, __ATOMIC_ACQUIRE);

	if (!place || address > place || place - address > TB_SIZE_MAX)
		return;

	size_t count = shim_tb_instructions(tb);

	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *insn = shim_tb_instruction(tb, i);

		if (shim_instruction_address(insn) == place)
			shim_on_execute(insn, on_place, (void *)(uintptr_t)place);
	}
}

/** Instruments a block for what is watched for. */
static void watch_block(enum wv_watch watch, struct qemu_plugin_tb *tb, uint64_t address)
{
	bool kernel = is_kernel_address(address);
	shim_exec_fn fn = NULL;

	if (kernel)
		__atomic_store_n(&driver.kernel_seen, true, __ATOMIC_RELAXED);
	if (watch == WV_WATCH_KERNEL)
		fn = kernel ? on_kernel_code : NULL;
	else if (!kernel && __atomic_load_n(&driver.kernel_seen, __ATOMIC_RELAXED))
		fn = on_low_code;
	if (fn)
		shim_on_execute(shim_tb_instruction(tb, 0), fn, (void *)(uintptr_t)address);
}

static void trap_block(struct qemu_plugin_tb *tb, uint64_t address)
{
	const struct wv_traps *traps = &driver.machine.traps;

	/* most blocks: user code, and the kernel's behind its last trap */
	if (address > __atomic_load_n(&traps->highest, __ATOMIC_ACQUIRE))
		return;

	size_t count = shim_tb_instructions(tb);

	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *insn = shim_tb_instruction(tb, i);
		struct wv_trap *trap = wv_traps_find(traps, shim_instruction_address(insn));

		if (trap)
			shim_on_execute(insn, on_trapped, trap);
	}
}

static void on_translate(struct qemu_plugin_tb *tb)
{
	enum wv_watch watch = __atomic_load_n(&driver.machine.watch, __ATOMIC_ACQUIRE);
	uint64_t address = shim_tb_address(tb);

	if (address == RESET_VECTOR)
		shim_on_execute(shim_tb_instruction(tb, 0), on_reset_vector, NULL);
	watch_place(tb, address);
	if (watch != WV_WATCH_NOTHING)
		watch_block(watch, tb, address);
	else
		trap_block(tb, address);
}

static void on_qemu_exit(void)
{
	driver.machine.events->ended(driver.machine.owner);
	driver.ended();
}

static void register_callbacks(void)
{
	shim_on_vcpu_init(on_vcpu_init);
	shim_on_translate(on_translate);
	shim_on_exit(on_qemu_exit);
}

/**
 * QEMU has forgotten all translated code. No vCPU runs, and this is the thread of the one that
 * asked for it (QEMU, plugins/loader.c: plugin_flush_destroy() is run by async_safe_run_on_cpu()).
 */
static void on_flushed(void)
{
	register_callbacks();
	driver.machine.events->traps_set(driver.machine.owner);
}

/* Life ------------------------------------------------------------------------------------------*/

struct wv_machine *qemu_driver_init(uint64_t plugin_id, const struct qemu_info *info,
				    GError **error)
{
	const char *missing;

	if (!shim_init(plugin_id, &missing)) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "this QEMU's plugin interface lacks %s", missing);
		return NULL;
	}
	if (!info->system_emulation || strcmp(info->target_name, "x86_64") != 0) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "a system emulator for x86_64 is needed, this one is for %s",
			    info->target_name);
		return NULL;
	}
	if (info->system.max_vcpus > WV_VCPUS_MAX) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "the machine may have %d vCPUs, at most %d are supported",
			    info->system.max_vcpus, WV_VCPUS_MAX);
		return NULL;
	}
	driver.machine.ops = &qemu_ops;
	driver.machine.n_vcpus = (unsigned)info->system.max_vcpus;
	wv_traps_init(&driver.machine.traps);
	return &driver.machine;
}

void qemu_driver_start(void (*ended)(void))
{
	driver.ended = ended;
	register_callbacks();
}

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

/** One vCPU's handles and buffer, used by its own thread only. */
struct qemu_vcpu {
	_Alignas(64) struct qemu_plugin_register *registers[WV_REG_COUNT];
	GByteArray *buffer;
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

/** Physical reads have no vCPU of their own to borrow a buffer from; they are for start-up. */
static bool qemu_read_physical(struct wv_machine *machine, uint64_t address, void *out, size_t size)
{
	g_autoptr(GByteArray) buffer = g_byte_array_new();

	(void)machine;
	if (!shim_can_read_physical() || !shim_read_physical(address, buffer, size) ||
	    buffer->len < size)
		return false;
	memcpy(out, buffer->data, size);
	return true;
}

static void qemu_map_ram(struct wv_machine *machine, unsigned vcpu_index)
{
	qemu_ram_map(machine, vcpu_index, driver.vcpus[vcpu_index].user_address);
}

static void register_callbacks(void);

static void qemu_traps_changed(struct wv_machine *machine)
{
	(void)machine;
	shim_reset(register_callbacks);
}

static const struct wv_machine_ops qemu_ops = {
	.read_register = qemu_read_register,
	.read_virtual = qemu_read_virtual,
	.read_physical = qemu_read_physical,
	.traps_changed = qemu_traps_changed,
	.map_ram = qemu_map_ram,
};

/* Callbacks -------------------------------------------------------------------------------------*/

static void on_vcpu_init(unsigned index)
{
	if (index >= WV_VCPUS_MAX)
		return;

	struct qemu_vcpu *vcpu = &driver.vcpus[index];
	g_autoptr(GArray) registers = shim_registers();

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

/** Code in the lower half while user mode is watched for: may still be a boot loader's. */
static void on_low_code(unsigned vcpu, void *data)
{
	struct wv_machine *machine = &driver.machine;
	uint64_t cs, cr0;

	if (!__atomic_load_n(&machine->watch_user, __ATOMIC_ACQUIRE) ||
	    !wv_machine_register(machine, vcpu, WV_REG_CS, &cs) || (cs & WV_CS_RPL) != WV_CS_RPL ||
	    !wv_machine_register(machine, vcpu, WV_REG_CR0, &cr0) || !(cr0 & WV_CR0_PG))
		return;
	driver.vcpus[vcpu].user_address = (uint64_t)(uintptr_t)data;
	machine->events->user_mode(machine->owner, vcpu);
}

static bool is_kernel_address(uint64_t address)
{
	return address >= KERNEL_64_START ||
	       (address >= KERNEL_32_START && address < KERNEL_32_END);
}

static void on_translate(struct qemu_plugin_tb *tb)
{
	struct wv_machine *machine = &driver.machine;
	uint64_t address = shim_tb_address(tb);
	size_t count = shim_tb_instructions(tb);

	if (address == RESET_VECTOR)
		shim_on_execute(shim_tb_instruction(tb, 0), on_reset_vector, NULL);

	if (__atomic_load_n(&machine->watch_user, __ATOMIC_ACQUIRE)) {
		if (is_kernel_address(address))
			__atomic_store_n(&driver.kernel_seen, true, __ATOMIC_RELAXED);
		else if (__atomic_load_n(&driver.kernel_seen, __ATOMIC_RELAXED))
			shim_on_execute(shim_tb_instruction(tb, 0), on_low_code,
					(void *)(uintptr_t)address);
		return;
	}
	/* code after the highest trap, or all before the lowest: the common case outside of it */
	if (address > __atomic_load_n(&machine->traps.highest, __ATOMIC_ACQUIRE))
		return;
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *insn = shim_tb_instruction(tb, i);
		struct wv_trap *trap =
			wv_traps_find(&machine->traps, shim_instruction_address(insn));

		if (trap)
			shim_on_execute(insn, on_trapped, trap);
	}
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

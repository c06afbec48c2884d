/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine for tests: memory, registers, page tables. */
#include "mock_machine.h"

#include <glib.h>

static struct mock_machine *to_mock(struct wv_machine *machine)
{
	return (struct mock_machine *)machine;
}

static void count(unsigned *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED); /* vCPUs may be threads */
}

/** Whether the test wants this read to fail. */
static bool fails_now(struct mock_machine *mock)
{
	return mock->fail_read && --mock->fail_read == 0;
}

static bool mock_read_register(struct wv_machine *machine, unsigned vcpu, enum wv_reg reg,
			       uint64_t *value)
{
	struct mock_machine *mock = to_mock(machine);

	count(&mock->register_reads);
	if (mock->unreadable & (1u << reg))
		return false;
	*value = mock->registers[vcpu][reg];
	return true;
}

static bool copy_ram(const struct mock_machine *mock, uint64_t address, void *buffer, size_t size)
{
	if (address > mock->ram_size || size > mock->ram_size - address)
		return false;
	memcpy(buffer, mock->ram + address, size);
	return true;
}

static bool mock_read_physical(struct wv_machine *machine, uint64_t address, void *buffer,
			       size_t size)
{
	struct mock_machine *mock = to_mock(machine);

	count(&mock->physical_reads);
	return !fails_now(mock) && copy_ram(mock, address, buffer, size);
}

/** The vCPU's own translation, which shares no code with the walks under test. */
static bool translate(const struct mock_machine *mock, unsigned vcpu, uint64_t address,
		      uint64_t *physical)
{
	const uint64_t *registers = mock->registers[vcpu];
	unsigned levels = registers[WV_REG_CR4] & WV_CR4_LA57 ? 5 : 4;
	uint64_t table = registers[WV_REG_CR3];

	for (unsigned level = levels; level > 0; level--) {
		unsigned shift = 3 + 9 * level;
		uint64_t entry;

		table &= WV_PAGING_ADDRESS;
		if (!copy_ram(mock, table + (address >> shift & 511) * 8, &entry, 8) ||
		    !(entry & MOCK_PRESENT))
			return false;
		if (level == 1 || (level < 4 && (entry & MOCK_LARGE))) {
			uint64_t inside = (UINT64_C(1) << shift) - 1;

			*physical = (entry & WV_PAGING_ADDRESS & ~inside) | (address & inside);
			return true;
		}
		table = entry;
	}
	return false;
}

static bool mock_read_virtual(struct wv_machine *machine, unsigned vcpu, uint64_t address,
			      void *buffer, size_t size)
{
	struct mock_machine *mock = to_mock(machine);
	uint8_t *out = buffer;

	count(&mock->virtual_reads);
	if (fails_now(mock))
		return false;
	while (size) {
		size_t piece = MIN(size, MOCK_PAGE - (address & (MOCK_PAGE - 1)));
		uint64_t physical;

		if (!translate(mock, vcpu, address, &physical) ||
		    !copy_ram(mock, physical, out, piece))
			return false;
		address += piece;
		out += piece;
		size -= piece;
	}
	return true;
}

static void mock_traps_changed(struct wv_machine *machine)
{
	count(&to_mock(machine)->traps_changed);
	if (!to_mock(machine)->delays_traps)
		machine->events->traps_set(machine->owner);
}

static void mock_map_ram(struct wv_machine *machine, unsigned vcpu)
{
	(void)vcpu;
	count(&to_mock(machine)->maps);
}

static const struct wv_machine_ops mock_ops = {
	.read_register = mock_read_register,
	.read_virtual = mock_read_virtual,
	.read_physical = mock_read_physical,
	.traps_changed = mock_traps_changed,
	.map_ram = mock_map_ram,
};

static const struct wv_machine_ops mapped_ops = {
	.read_register = mock_read_register,
	.traps_changed = mock_traps_changed,
};

void mock_init(struct mock_machine *mock, unsigned n_vcpus, size_t ram_size, bool mapped)
{
	g_assert(n_vcpus <= MOCK_VCPUS_MAX && ram_size % MOCK_PAGE == 0);
	memset(mock, 0, sizeof(*mock));
	mock->ram = g_malloc0(ram_size);
	mock->ram_size = ram_size;
	mock->next_page = ram_size / 2 & ~(MOCK_PAGE - 1);
	mock->machine.ops = mapped ? &mapped_ops : &mock_ops;
	mock->machine.n_vcpus = n_vcpus;
	wv_traps_init(&mock->machine.traps);
	if (mapped) {
		mock->machine.ram[0] = (struct wv_ram){ 0, ram_size, mock->ram };
		mock->machine.n_ram = 1;
	}
	for (unsigned i = 0; i < n_vcpus; i++) {
		struct wv_paging paging = mock_paging(mock, WV_PAGING_4_LEVEL);

		mock->registers[i][WV_REG_CR0] = WV_CR0_PG;
		mock->registers[i][WV_REG_EFER] = WV_EFER_LMA;
		mock_use(mock, i, &paging);
	}
}

void mock_deinit(struct mock_machine *mock)
{
	wv_traps_deinit(&mock->machine.traps);
	g_free(mock->ram);
}

void *mock_at(struct mock_machine *mock, uint64_t physical)
{
	g_assert(physical < mock->ram_size);
	return mock->ram + physical;
}

uint64_t mock_page(struct mock_machine *mock)
{
	uint64_t page = mock->next_page;

	g_assert(page + MOCK_PAGE <= mock->ram_size);
	mock->next_page += MOCK_PAGE;
	memset(mock_at(mock, page), 0, MOCK_PAGE);
	return page;
}

struct wv_paging mock_paging(struct mock_machine *mock, enum wv_paging_mode mode)
{
	return (struct wv_paging){ .mode = mode, .root = mock_page(mock) };
}

uint64_t *mock_entry(struct mock_machine *mock, const struct wv_paging *paging, uint64_t address,
		     unsigned level)
{
	uint64_t *table = mock_at(mock, paging->root);

	for (unsigned at = paging->mode == WV_PAGING_5_LEVEL ? 5 : 4; at > level; at--) {
		uint64_t *entry = &table[address >> (3 + 9 * at) & 511];

		if (!*entry)
			*entry = mock_page(mock) | MOCK_TABLE;
		g_assert(!(*entry & MOCK_LARGE));
		table = mock_at(mock, *entry & WV_PAGING_ADDRESS);
	}
	return &table[address >> (3 + 9 * level) & 511];
}

void mock_map(struct mock_machine *mock, const struct wv_paging *paging, uint64_t address,
	      uint64_t physical, uint64_t size)
{
	unsigned level = size == MOCK_PAGE ? 1 : size == MOCK_PAGE_2M ? 2 : 3;
	uint64_t large = level > 1 ? MOCK_LARGE : 0;

	g_assert(size == MOCK_PAGE || size == MOCK_PAGE_2M || size == MOCK_PAGE_1G);
	g_assert(address % size == 0 && physical % size == 0);
	*mock_entry(mock, paging, address, level) =
		physical | MOCK_PRESENT | MOCK_WRITABLE | MOCK_USER | large;
}

void mock_map_range(struct mock_machine *mock, const struct wv_paging *paging, uint64_t address,
		    uint64_t physical, uint64_t size)
{
	for (uint64_t at = 0; at < size; at += MOCK_PAGE)
		mock_map(mock, paging, address + at, physical + at, MOCK_PAGE);
}

void mock_use(struct mock_machine *mock, unsigned vcpu, const struct wv_paging *paging)
{
	uint64_t *registers = mock->registers[vcpu];

	registers[WV_REG_CR3] = paging->root;
	registers[WV_REG_CR4] = WV_CR4_PAE;
	if (paging->mode == WV_PAGING_5_LEVEL)
		registers[WV_REG_CR4] |= WV_CR4_LA57;
}

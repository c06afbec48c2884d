/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tiny Windows kernel: its memory, its image, and what each vCPU has. */
#include "windows_fixture.h"

#include <glib.h>
#include <string.h>

#include "pe_builder.h"
#include "profile/load.h"

/* Windows 7's non-paged pool, which each build's handle tables can point to. */
#define POOL_64 UINT64_C(0xfffffa8012340000)
#define POOL_32 UINT64_C(0x85230000)

/** Bits of an entry (_MMPTE_TRANSITION): the page is in memory, and only unlinked. */
#define TRANSITION (UINT64_C(1) << 11)

/** _KPCR and the first members of the _KPRCB in it: what is looked at. */
#define KPCR_SIZE 0x1000u

/* Page tables -----------------------------------------------------------------------------------*/

/** Like mock_entry(), for PAE: the top table has four entries, which have no rights. */
static uint64_t *pae_entry(struct mock_machine *mock, const struct wv_paging *paging,
			   uint64_t address)
{
	static const struct {
		unsigned shift, mask;
		uint64_t bits;
	} levels[] = { { 30, 3, MOCK_PRESENT }, { 21, 511, MOCK_TABLE } };
	uint64_t *table = mock_at(mock, paging->root);

	for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
		uint64_t *entry = &table[address >> levels[i].shift & levels[i].mask];

		if (!*entry)
			*entry = mock_page(mock) | levels[i].bits;
		table = mock_at(mock, *entry & WV_PAGING_ADDRESS);
	}
	return &table[address >> 12 & 511];
}

uint64_t *nt_entry(struct nt_guest *guest, const struct wv_paging *paging, uint64_t address)
{
	return guest->is_64 ? mock_entry(&guest->mock, paging, address, 1)
			    : pae_entry(&guest->mock, paging, address);
}

static void map_page(struct nt_guest *guest, const struct wv_paging *paging, uint64_t address,
		     uint64_t physical)
{
	*nt_entry(guest, paging, address) = physical | MOCK_TABLE;
}

void nt_make_transition(struct nt_guest *guest, const struct wv_paging *paging, uint64_t address)
{
	uint64_t *entry = nt_entry(guest, paging, address);

	g_assert(*entry & MOCK_PRESENT);
	*entry = (*entry & ~MOCK_PRESENT) | TRANSITION;
}

void nt_page_out(struct nt_guest *guest, const struct wv_paging *paging, uint64_t address)
{
	*nt_entry(guest, paging, address) = 0;
}

/* Memory ----------------------------------------------------------------------------------------*/

uint64_t nt_object(struct nt_guest *guest, size_t size)
{
	uint64_t address = guest->pool + guest->pool_used;

	guest->pool_used = (guest->pool_used + size + 15) & ~UINT64_C(15);
	g_assert(guest->pool_used <= NT_POOL_SIZE);
	return address;
}

uint64_t nt_pages(struct nt_guest *guest, unsigned count)
{
	uint64_t address;

	guest->pool_used = (guest->pool_used + MOCK_PAGE - 1) & ~(MOCK_PAGE - 1);
	address = nt_object(guest, (count + 1) * MOCK_PAGE);
	nt_page_out(guest, &guest->paging, address + count * MOCK_PAGE);
	return address;
}

void *nt_at(struct nt_guest *guest, uint64_t address)
{
	uint64_t in_image = address - guest->image, in_pool = address - guest->pool, *page;

	if (in_image >= NT_IMAGE_SIZE) {
		g_assert(in_pool < NT_POOL_SIZE);
		return mock_at(&guest->mock, NT_POOL_PHYSICAL + in_pool);
	}
	page = &guest->image_pages[in_image / MOCK_PAGE];
	if (!*page) {
		*page = mock_page(&guest->mock);
		map_page(guest, &guest->paging, address & ~(MOCK_PAGE - 1), *page);
	}
	return mock_at(&guest->mock, *page | (in_image & (MOCK_PAGE - 1)));
}

void nt_write(struct nt_guest *guest, uint64_t address, const void *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		*(uint8_t *)nt_at(guest, address + i) = ((const uint8_t *)data)[i];
}

static void read_bytes(struct nt_guest *guest, uint64_t address, void *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)data)[i] = *(uint8_t *)nt_at(guest, address + i);
}

void nt_write_pointer(struct nt_guest *guest, uint64_t address, uint64_t value)
{
	nt_write(guest, address, &value, guest->is_64 ? 8 : 4);
}

/** "_EPROCESS.Pcb.DirectoryTableBase": the structure, and the path in it. */
static bool find_member(const struct nt_guest *guest, const char *name, struct wv_member *member)
{
	const char *dot = strchr(name, '.');
	g_autofree char *structure = g_strndup(name, (gsize)(dot - name));

	return wv_profile_member(guest->profile, structure, dot + 1, member);
}

static struct wv_member need_member(const struct nt_guest *guest, const char *name)
{
	struct wv_member member;

	if (!find_member(guest, name, &member))
		g_error("the build has no %s", name);
	return member;
}

bool nt_has(const struct nt_guest *guest, const char *name)
{
	struct wv_member member;

	return find_member(guest, name, &member);
}

uint64_t nt_offset(const struct nt_guest *guest, const char *member)
{
	return need_member(guest, member).offset;
}

uint64_t nt_size(const struct nt_guest *guest, const char *structure)
{
	uint64_t size;

	if (!wv_profile_size(guest->profile, structure, &size))
		g_error("the build has no %s", structure);
	return size;
}

static uint64_t bits_of(const struct wv_member *member)
{
	return member->bit_count < 64 ? (UINT64_C(1) << member->bit_count) - 1 : UINT64_MAX;
}

void nt_put(struct nt_guest *guest, uint64_t object, const char *name, uint64_t value)
{
	struct wv_member member = need_member(guest, name);

	g_assert(member.size > 0 && member.size <= sizeof(value));
	if (member.bit_count) {
		uint64_t all = 0, mask = bits_of(&member) << member.bit_shift;

		read_bytes(guest, object + member.offset, &all, member.size);
		value = (all & ~mask) | (value << member.bit_shift & mask);
	}
	nt_write(guest, object + member.offset, &value, member.size);
}

uint64_t nt_get(struct nt_guest *guest, uint64_t object, const char *name)
{
	struct wv_member member = need_member(guest, name);
	uint64_t value = 0;

	g_assert(member.size > 0 && member.size <= sizeof(value));
	read_bytes(guest, object + member.offset, &value, member.size);
	return member.bit_count ? value >> member.bit_shift & bits_of(&member) : value;
}

uint64_t nt_symbol(const struct nt_guest *guest, const char *name)
{
	uint64_t rva;

	if (!wv_profile_symbol(guest->profile, name, &rva))
		g_error("the build has no symbol %s", name);
	return guest->image + rva;
}

void nt_put_units(struct nt_guest *guest, uint64_t address, const uint16_t *units, size_t n_units,
		  uint16_t length)
{
	uint64_t buffer = nt_object(guest, n_units * 2);

	nt_write(guest, buffer, units, n_units * 2);
	nt_put(guest, address, "_UNICODE_STRING.Length", length);
	nt_put(guest, address, "_UNICODE_STRING.MaximumLength", length);
	nt_put(guest, address, "_UNICODE_STRING.Buffer", buffer);
}

void nt_put_string(struct nt_guest *guest, uint64_t address, const char *utf8)
{
	glong n_units;
	g_autofree gunichar2 *units = g_utf8_to_utf16(utf8, -1, NULL, &n_units, NULL);

	g_assert(units);
	nt_put_units(guest, address, units, (size_t)n_units, (uint16_t)(n_units * 2));
}

uint64_t nt_string(struct nt_guest *guest, const char *utf8)
{
	uint64_t address = nt_object(guest, nt_size(guest, "_UNICODE_STRING"));

	nt_put_string(guest, address, utf8);
	return address;
}

void nt_map_user(struct nt_guest *guest, const struct nt_process *process, uint64_t address,
		 size_t size)
{
	for (uint64_t at = 0; at < size; at += MOCK_PAGE)
		map_page(guest, &process->paging, address + at, mock_page(&guest->mock));
}

void nt_write_user(struct nt_guest *guest, const struct nt_process *process, uint64_t address,
		   const void *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		uint64_t entry = *nt_entry(guest, &process->paging, address + i);
		uint64_t page = entry & WV_PAGING_ADDRESS;

		g_assert(page);
		*(uint8_t *)mock_at(&guest->mock, page | ((address + i) & (MOCK_PAGE - 1))) =
			((const uint8_t *)data)[i];
	}
}

/* The image -------------------------------------------------------------------------------------*/

/** The record that names the image's PDB, which is the profile's. */
static void write_pdb_name(const struct nt_guest *guest, GByteArray *pe)
{
	/* in a key the GUID's first three numbers are written as numbers, in the image as bytes */
	static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	const char *key = guest->profile->pdb_key, *name = guest->profile->pdb_name;
	uint8_t *record = pe_at(pe, WV_PE_MEMORY, PE_RSDS);

	for (unsigned i = 0; i < 16; i++)
		record[4 + order[i]] = (uint8_t)(g_ascii_xdigit_value(key[2 * i]) << 4 |
						 g_ascii_xdigit_value(key[2 * i + 1]));
	pe_set_u32(pe, PE_RSDS + 20, (uint32_t)g_ascii_strtoull(key + 32, NULL, 16));
	memcpy(record + 24, name, strlen(name) + 1);
}

static void write_image(struct nt_guest *guest)
{
	g_autoptr(GByteArray) pe = pe_small(guest->is_64, WV_PE_MEMORY);

	pe_set_u32(pe, PE_SIZE_OF_IMAGE, (uint32_t)NT_IMAGE_SIZE);
	write_pdb_name(guest, pe);
	nt_write(guest, guest->image, pe->data, pe->len);
}

/* What each vCPU has ----------------------------------------------------------------------------*/

void nt_put_handler(struct nt_guest *guest, unsigned vector, uint64_t handler)
{
	/* Intel SDM volume 3, figures 6-2 and 6-8 */
	const uint32_t gate[3] = { (uint32_t)(handler & 0xffff) | 0x00100000,
				   (uint32_t)(handler & 0xffff0000) | 0x8e00,
				   (uint32_t)(handler >> 32) };

	nt_write(guest, guest->idt + vector * (guest->is_64 ? 16 : 8), gate, guest->is_64 ? 12 : 8);
}

static void make_kpcr(struct nt_guest *guest, unsigned vcpu)
{
	uint64_t kpcr = nt_object(guest, KPCR_SIZE);

	guest->kpcr[vcpu] = kpcr;
	if (guest->is_64) {
		nt_put(guest, kpcr, "_KPCR.Self", kpcr);
		nt_put(guest, kpcr, "_KPCR.IdtBase", guest->idt);
	} else {
		nt_put(guest, kpcr, "_KPCR.SelfPcr", kpcr);
		nt_put(guest, kpcr, "_KPCR.IDT", guest->idt);
		/* a pointer, while on 64 bits the member of that name is the structure itself */
		nt_put(guest, kpcr, "_KPCR.Prcb", kpcr + nt_offset(guest, "_KPCR.PrcbData"));
	}
}

static void map_kernel(struct nt_guest *guest)
{
	guest->paging = (struct wv_paging){
		.mode = guest->is_64 ? WV_PAGING_4_LEVEL : WV_PAGING_PAE,
		.root = mock_page(&guest->mock),
	};
	for (uint64_t at = 0; at < NT_POOL_SIZE; at += MOCK_PAGE)
		map_page(guest, &guest->paging, guest->pool + at, NT_POOL_PHYSICAL + at);
}

static void set_registers(struct nt_guest *guest, unsigned vcpu)
{
	uint64_t *registers = guest->mock.registers[vcpu];

	registers[WV_REG_CR0] = WV_CR0_PG;
	registers[WV_REG_CR4] = WV_CR4_PAE;
	registers[WV_REG_EFER] = guest->is_64 ? WV_EFER_LMA : 0;
}

void nt_init(struct nt_guest *guest, const struct nt_options *options)
{
	const struct nt_options none = { 0 };
	g_autoptr(GError) error = NULL;

	memset(guest, 0, sizeof(*guest));
	options = options ? options : &none;
	guest->profile_path =
		options->profile
			? g_strdup(options->profile)
			: g_strdup_printf(WV_SOURCE_ROOT "/tests/guests/nt/layouts/%s.json",
					  options->layout ? options->layout : NT_WINDOWS_10);
	guest->profile = wv_profile_load(guest->profile_path, &error);
	if (!guest->profile)
		g_error("%s", error->message);
	guest->is_64 = nt_has(guest, "_KPCR.Self");
	guest->image = guest->is_64 ? NT_IMAGE_64 : NT_IMAGE_32;
	guest->pool = guest->is_64 ? POOL_64 : POOL_32;
	mock_init(&guest->mock, options->n_vcpus ? options->n_vcpus : 1, NT_RAM_SIZE,
		  !options->unmapped);
	map_kernel(guest);
	write_image(guest);
	guest->idt = nt_object(guest, 256 * 16);
	nt_put_handler(guest, 14, nt_symbol(guest, guest->is_64 ? "KiPageFault" : "KiTrap0E"));
	for (unsigned i = 0; i < guest->mock.machine.n_vcpus; i++) {
		make_kpcr(guest, i);
		set_registers(guest, i);
	}
	nt_start_system(guest);
}

void nt_deinit(struct nt_guest *guest)
{
	mock_deinit(&guest->mock);
	wv_profile_free(guest->profile);
	g_free(guest->profile_path);
	memset(guest, 0, sizeof(*guest));
}

/* Looking at it ---------------------------------------------------------------------------------*/

static void ignore_line(void *owner, const char *line)
{
	(void)owner;
	(void)line;
}

struct wv_guest *nt_find(struct nt_guest *guest, unsigned vcpu, GError **error)
{
	struct wv_cpu cpu;
	struct wv_guest_search search = { .machine = &guest->mock.machine,
					  .cpu = &cpu,
					  .profile_path = guest->profile_path,
					  .report = ignore_line };

	wv_cpu_start(&cpu, &guest->mock.machine, vcpu);
	return wv_windows_find(&search, error);
}

uint64_t nt_enter(struct nt_guest *guest, struct wv_guest *found, unsigned vcpu,
		  struct wv_space *space)
{
	struct wv_cpu cpu;

	wv_cpu_start(&cpu, &guest->mock.machine, vcpu);
	return found->ops->enter(found, &cpu, space);
}

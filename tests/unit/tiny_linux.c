/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tiny Linux kernel: its image, and the tables that describe it. */
#include "tiny_linux.h"

#include <string.h>

#include "tiny_linux_types.h"

/** The machine's memory: the image, objects, page tables in the upper half. */
#define RAM_SIZE       (16u << 20)
#define PAGES_PHYSICAL UINT64_C(0x200000) /* struct pages */
#define IMAGE_PHYSICAL UINT64_C(0x400000)
#define OBJECTS_START  UINT64_C(0x600000)
#define OBJECTS_END    UINT64_C(0x800000)

/* The image, as offsets. */
#define FUNCTIONS    0x1000u  /* 256 bytes each */
#define CALLERS	     0x8000u  /* 32 bytes each */
#define FILLER	     0x20000u /* functions that only fill kallsyms */
#define TEXT_END     0x80000u
#define BANNER	     0x80000u
#define VMEMMAP_BASE 0x81008u
#define INIT_TASK    0x82000u
#define DATA	     0x84000u
#define BTF	     0x90000u
#define KALLSYMS     0xa0000u
#define PER_CPU	     0x180000u /* where per-CPU symbols are from 6.15 on */
#define IMAGE_END    0x1f0000u

/** Per-CPU symbols before 6.15 are offsets from the vCPU's own base. */
#define PER_CPU_OFFSET 0x1f900u

/** Enough for the finder of kallsyms, which knows that a kernel has many. */
#define FILLER_COUNT 2200u

static bool is_without(const char *const *list, const char *name)
{
	return list && g_strv_contains(list, name);
}

/* Memory ----------------------------------------------------------------------------------------*/

uint64_t tiny_object(struct tiny_linux *kernel, size_t size)
{
	uint64_t physical = kernel->next_object;

	kernel->next_object = (physical + size + 63) & ~UINT64_C(63);
	g_assert(kernel->next_object <= OBJECTS_END);
	memset(mock_at(&kernel->mock, physical), 0, size);
	return TINY_DIRECT_MAP + physical;
}

void *tiny_at(struct tiny_linux *kernel, uint64_t address)
{
	uint64_t in_image = address - kernel->image;

	if (in_image < TINY_IMAGE_SIZE)
		return mock_at(&kernel->mock, IMAGE_PHYSICAL + in_image);
	if (address - TINY_VMEMMAP < MOCK_PAGE_2M)
		return mock_at(&kernel->mock, PAGES_PHYSICAL + (address - TINY_VMEMMAP));
	return mock_at(&kernel->mock, address - TINY_DIRECT_MAP);
}

uint64_t tiny_string(struct tiny_linux *kernel, const char *text)
{
	uint64_t address = tiny_object(kernel, strlen(text) + 1);

	memcpy(tiny_at(kernel, address), text, strlen(text) + 1);
	return address;
}

void tiny_put(struct tiny_linux *kernel, uint64_t object, const char *member, uint64_t value)
{
	const struct tiny_member *found = tiny_member_find(member);
	unsigned bytes = tiny_member_size(found);
	uint8_t *at = tiny_at(kernel, object + found->offset);

	if (found->bits) {
		uint8_t mask = (uint8_t)(((1u << found->bits) - 1) << found->shift);

		*at = (uint8_t)((*at & ~mask) | ((value << found->shift) & mask));
	} else {
		memcpy(at, &value, bytes);
	}
}

uint64_t tiny_get(struct tiny_linux *kernel, uint64_t object, const char *member)
{
	const struct tiny_member *found = tiny_member_find(member);
	uint64_t value = 0;

	memcpy(&value, tiny_at(kernel, object + found->offset), tiny_member_size(found));
	return value;
}

uint64_t tiny_offset(const char *member)
{
	return tiny_member_find(member)->offset;
}

/* The image -------------------------------------------------------------------------------------*/

static bool has_low_per_cpu(const struct tiny_linux *kernel)
{
	return kernel->options.layout->encoding == WV_KALLSYMS_ABSOLUTE_PERCPU;
}

static uint64_t per_cpu_symbol(const struct tiny_linux *kernel)
{
	return has_low_per_cpu(kernel) ? PER_CPU_OFFSET : kernel->image + PER_CPU;
}

static unsigned function_index(const struct tiny_linux *kernel, const char *name)
{
	for (unsigned i = 0; i < kernel->n_functions; i++)
		if (strcmp(kernel->functions[i], name) == 0)
			return i;
	g_error("the tiny kernel has no function %s", name);
}

uint64_t tiny_symbol(struct tiny_linux *kernel, const char *name)
{
	const char *const *data = kernel->options.data;

	if (strcmp(name, "init_task") == 0)
		return kernel->image + INIT_TASK;
	for (unsigned i = 0; data && data[i]; i++)
		if (strcmp(data[i], name) == 0)
			return kernel->image + DATA + i * TINY_DATA_SIZE;
	return kernel->image + FUNCTIONS + function_index(kernel, name) * 0x100;
}

uint64_t tiny_site(struct tiny_linux *kernel, const char *function)
{
	return kernel->image + CALLERS + function_index(kernel, function) * 0x20 + 5;
}

static void add_symbol(struct tiny_linux *kernel, GArray *symbols, const char *name, char type,
		       uint64_t address)
{
	struct builder_symbol symbol = { g_strdup(name), type, address };

	if (is_without(kernel->options.without_symbols, name))
		g_free((char *)symbol.name);
	else
		g_array_append_val(symbols, symbol);
}

static int by_address(gconstpointer a, gconstpointer b)
{
	uint64_t first = ((const struct builder_symbol *)a)->address;
	uint64_t second = ((const struct builder_symbol *)b)->address;

	return first < second ? -1 : first > second;
}

static void write_kallsyms(struct tiny_linux *kernel)
{
	const struct builder_layout *layout = kernel->options.layout;
	uint64_t image = kernel->image;
	GArray *symbols = builder_symbols(image + FILLER, FILLER_COUNT, 0, layout->long_names);
	struct builder_places places;
	struct wv_image tables;

	add_symbol(kernel, symbols, kernel->options.pcpu_hot ? "pcpu_hot" : "current_task", 'D',
		   per_cpu_symbol(kernel));
	add_symbol(kernel, symbols, "_text", 'T', image);
	for (unsigned i = 0; i < kernel->n_functions; i++)
		add_symbol(kernel, symbols, kernel->functions[i], 'T',
			   image + FUNCTIONS + i * 0x100);
	for (unsigned i = 0; kernel->options.data && kernel->options.data[i]; i++) {
		g_assert(i < TINY_DATA_MAX);
		add_symbol(kernel, symbols, kernel->options.data[i], 'D',
			   image + DATA + i * TINY_DATA_SIZE);
	}
	add_symbol(kernel, symbols, "_etext", 'T', image + TEXT_END);
	add_symbol(kernel, symbols, "linux_banner", 'R', image + BANNER);
	add_symbol(kernel, symbols, "page_offset_base", 'D', image + TINY_PAGE_OFFSET_BASE);
	add_symbol(kernel, symbols, "vmemmap_base", 'D', image + VMEMMAP_BASE);
	add_symbol(kernel, symbols, "init_task", 'D', image + INIT_TASK);
	add_symbol(kernel, symbols, "_end", 'B', image + IMAGE_END);
	g_array_sort(symbols, by_address);

	tables = builder_image(layout, (const struct builder_symbol *)(void *)symbols->data,
			       symbols->len, image + KALLSYMS, image, &places);
	g_assert(KALLSYMS + tables.size < PER_CPU);
	memcpy(tiny_at(kernel, image + KALLSYMS), tables.data, tables.size);
	g_free((void *)tables.data);
	builder_symbols_free(symbols);
}

static void write_btf(struct tiny_linux *kernel)
{
	const struct tiny_options *options = &kernel->options;
	g_autoptr(GStrvBuilder) without = g_strv_builder_new();
	g_auto(GStrv) left_out = NULL;
	g_autoptr(GByteArray) btf = NULL;

	if (options->without_members)
		g_strv_builder_addv(without, (const char **)options->without_members);
	g_strv_builder_add(without,
			   options->mount_chain ? "mount.mnt_instance" : "mount.mnt_next_for_sb");
	left_out = g_strv_builder_end(without);
	btf = tiny_types((const char *const *)left_out);

	g_assert(BTF + btf->len < KALLSYMS);
	memcpy(tiny_at(kernel, kernel->image + BTF), btf->data, btf->len);
}

/** Each function has one place that calls it directly. */
static void write_code(struct tiny_linux *kernel)
{
	uint8_t *code = tiny_at(kernel, kernel->image + CALLERS);

	for (unsigned i = 0; i < kernel->n_functions; i++) {
		int32_t distance =
			(int32_t)(FUNCTIONS + i * 0x100) - (int32_t)(CALLERS + i * 0x20 + 5);

		code[i * 0x20] = 0xe8;
		memcpy(code + i * 0x20 + 1, &distance, sizeof(distance));
	}
}

static void write_image(struct tiny_linux *kernel)
{
	const char *banner = kernel->options.banner;
	uint64_t direct_map = TINY_DIRECT_MAP, vmemmap = TINY_VMEMMAP;

	memset(tiny_at(kernel, kernel->image), 0, TINY_IMAGE_SIZE);
	/* the first bytes, by which the direct map is recognised */
	for (unsigned i = 0; i < 64; i++)
		*(uint8_t *)tiny_at(kernel, kernel->image + i) = (uint8_t)(i * 7 + 1);
	memcpy(tiny_at(kernel, kernel->image + BANNER), banner, strlen(banner) + 1);
	memcpy(tiny_at(kernel, kernel->image + TINY_PAGE_OFFSET_BASE), &direct_map,
	       sizeof(direct_map));
	memcpy(tiny_at(kernel, kernel->image + VMEMMAP_BASE), &vmemmap, sizeof(vmemmap));
	write_code(kernel);
	write_kallsyms(kernel);
	if (!kernel->options.no_btf)
		write_btf(kernel);
}

/* The machine -----------------------------------------------------------------------------------*/

/** Two pages, the first at an even place: page-table isolation puts user mode's table second. */
static uint64_t table_pair(struct tiny_linux *kernel)
{
	uint64_t first = mock_page(&kernel->mock);

	if (first & MOCK_PAGE)
		first = mock_page(&kernel->mock);
	mock_page(&kernel->mock);
	return first;
}

static struct wv_paging new_tables(struct tiny_linux *kernel)
{
	return (struct wv_paging){
		.mode = kernel->options.five_levels ? WV_PAGING_5_LEVEL : WV_PAGING_4_LEVEL,
		.root = table_pair(kernel),
	};
}

static void map_kernel(struct tiny_linux *kernel)
{
	struct mock_machine *mock = &kernel->mock;

	kernel->paging = new_tables(kernel);
	mock_map(mock, &kernel->paging, kernel->image, IMAGE_PHYSICAL, MOCK_PAGE_2M);
	mock_map(mock, &kernel->paging, TINY_VMEMMAP, PAGES_PHYSICAL, MOCK_PAGE_2M);
	for (uint64_t at = 0; at < RAM_SIZE; at += MOCK_PAGE_2M)
		mock_map(mock, &kernel->paging, TINY_DIRECT_MAP + at, at, MOCK_PAGE_2M);
}

uint64_t tiny_mm(struct tiny_linux *kernel, uint64_t start, size_t size)
{
	struct mock_machine *mock = &kernel->mock;
	struct wv_paging paging = new_tables(kernel);
	uint64_t mm = tiny_object(kernel, 256);
	uint64_t *table = mock_at(mock, paging.root);
	const uint64_t *kernels = mock_at(mock, kernel->paging.root);

	memcpy(table + 256, kernels + 256, MOCK_PAGE / 2); /* the kernel's half */
	for (uint64_t at = 0; at < size; at += MOCK_PAGE)
		mock_map(mock, &paging, start + at, mock_page(mock), MOCK_PAGE);
	if (kernel->options.pti) {
		struct wv_paging user = { .mode = paging.mode, .root = paging.root + MOCK_PAGE };

		/* user mode's half, and the little of the kernel that is needed to enter it */
		memcpy(mock_at(mock, user.root), table, MOCK_PAGE / 2);
		mock_map(mock, &user, kernel->image + MOCK_PAGE, IMAGE_PHYSICAL + MOCK_PAGE,
			 MOCK_PAGE);
	}
	tiny_put(kernel, mm, "mm_struct.pgd", TINY_DIRECT_MAP + paging.root);
	return mm;
}

void tiny_write_user(struct tiny_linux *kernel, uint64_t mm, uint64_t address, const void *data,
		     size_t size)
{
	struct wv_paging paging = { .mode = kernel->paging.mode,
				    .root = tiny_get(kernel, mm, "mm_struct.pgd") -
					    TINY_DIRECT_MAP };
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++, address++) {
		uint64_t entry = *mock_entry(&kernel->mock, &paging, address, 1);

		g_assert(entry & MOCK_PRESENT);
		*(uint8_t *)mock_at(&kernel->mock, (entry & WV_PAGING_ADDRESS) |
							   (address & (MOCK_PAGE - 1))) = bytes[i];
	}
}

/** init_task, which the list of processes starts with, and what each vCPU has of its own. */
static void make_first_task(struct tiny_linux *kernel)
{
	struct tiny_task *task = &kernel->tasks[0];
	uint64_t list = kernel->image + INIT_TASK + tiny_offset("task_struct.tasks");

	*task = (struct tiny_task){ .address = kernel->image + INIT_TASK };
	task->stack = tiny_object(kernel, TINY_STACK_SIZE) + TINY_STACK_SIZE;
	kernel->n_tasks = 1;
	memcpy(tiny_at(kernel, task->address + tiny_offset("task_struct.comm")), "swapper/0", 9);
	tiny_put(kernel, task->address, "task_struct.real_parent", task->address);
	tiny_put(kernel, task->address, "task_struct.tasks", list);
	for (unsigned i = 0; i < kernel->mock.machine.n_vcpus; i++) {
		kernel->current[i] = tiny_object(kernel, 64);
		kernel->mock.registers[i][WV_REG_GS_BASE] =
			kernel->current[i] - per_cpu_symbol(kernel);
		if (kernel->options.pcpu_hot)
			kernel->current[i] += tiny_offset("pcpu_hot.current_task");
		tiny_run(kernel, i, task);
	}
}

static void boot(struct tiny_linux *kernel)
{
	kernel->next_object = OBJECTS_START;
	kernel->mock.next_page = OBJECTS_END;
	memset(kernel->running, 0, sizeof(kernel->running));
	map_kernel(kernel);
	write_image(kernel);
	make_first_task(kernel);
}

void tiny_init(struct tiny_linux *kernel, const struct tiny_options *options)
{
	memset(kernel, 0, sizeof(*kernel));
	if (options)
		kernel->options = *options;
	options = &kernel->options;
	if (!options->layout)
		kernel->options.layout = &builder_layouts[1];
	if (!options->banner)
		kernel->options.banner = TINY_BANNER;
	kernel->image = options->image ? options->image : TINY_IMAGE;
	kernel->functions[kernel->n_functions++] = "do_exit";
	kernel->functions[kernel->n_functions++] = "panic";
	for (unsigned i = 0; options->functions && options->functions[i]; i++) {
		g_assert(kernel->n_functions < TINY_FUNCTIONS_MAX);
		kernel->functions[kernel->n_functions++] = options->functions[i];
	}
	mock_init(&kernel->mock, options->n_vcpus ? options->n_vcpus : 1, RAM_SIZE,
		  !options->unmapped);
	boot(kernel);
}

void tiny_deinit(struct tiny_linux *kernel)
{
	mock_deinit(&kernel->mock);
}

void tiny_reboot(struct tiny_linux *kernel, uint64_t image)
{
	kernel->image = image;
	boot(kernel);
}

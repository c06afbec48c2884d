/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the kernel's image is mapped: with KASLR anywhere in one gigabyte, but always at the top
 * of the address space and in one physical piece.
 */
#include "guest/linux/internal.h"

/* Documentation/arch/x86/x86_64/mm.rst: the kernel text mapping, KERNEL_IMAGE_SIZE with KASLR */
#define IMAGE_AREA_START UINT64_C(0xffffffff80000000)
#define IMAGE_AREA_END	 UINT64_C(0xffffffffc0000000)

/** The kernel's image is smaller than this: KERNEL_IMAGE_SIZE without KASLR is 512 MiB. */
#define IMAGE_SIZE_MAX (UINT64_C(512) << 20)

/** The kernel's image starts at a multiple of this (CONFIG_PHYSICAL_ALIGN). */
#define IMAGE_ALIGN (UINT64_C(2) << 20)

/**
 * Measures what one page table maps of the image. Memory that was freed after boot leaves holes;
 * what lies behind them belongs to the image as long as it continues the same physical piece.
 */
static bool measure(const struct wv_guest_search *search, enum wv_paging_mode mode, uint64_t root,
		    struct kernel_mapping *mapping)
{
	struct wv_paging paging = { .mode = mode, .root = root };
	uint64_t address = IMAGE_AREA_START;

	*mapping = (struct kernel_mapping){ .root = root };
	/* what a top table's entry covers ends where addresses wrap around */
	while (address >= IMAGE_AREA_START && address < IMAGE_AREA_END) {
		struct wv_mapping page;
		uint64_t hole;

		if (!wv_paging_walk(search->machine, &paging, address, &page, &hole)) {
			address = (address & ~(hole - 1)) + hole;
			continue;
		}
		if (!mapping->start) {
			mapping->start = address;
			mapping->physical = page.physical;
		} else if (page.physical - mapping->physical != address - mapping->start ||
			   address - mapping->start >= IMAGE_SIZE_MAX) {
			break;
		}
		address = (address & ~(page.size - 1)) + page.size;
		mapping->end = address;
	}
	return mapping->start != 0;
}

/**
 * The same where page tables can not be read: tries addresses through the vCPU's own translation.
 * With page-table isolation this finds the whole image only in kernel mode.
 */
static bool measure_by_reading(const struct wv_guest_search *search, uint64_t root,
			       struct kernel_mapping *mapping)
{
	struct wv_machine *machine = search->machine;
	uint64_t probe;

	*mapping = (struct kernel_mapping){ .root = root, .physical = UINT64_MAX };
	for (uint64_t address = IMAGE_AREA_START; address < IMAGE_AREA_END;
	     address += IMAGE_ALIGN) {
		bool mapped = machine->ops->read_virtual &&
			      machine->ops->read_virtual(machine, search->cpu->vcpu, address,
							 &probe, sizeof(probe));

		if (mapped && !mapping->start)
			mapping->start = address;
		if (mapped)
			mapping->end = address + IMAGE_ALIGN;
		if (mapping->start && address - mapping->start >= IMAGE_SIZE_MAX)
			break;
	}
	return mapping->start != 0;
}

unsigned wv_linux_find_mappings(const struct wv_guest_search *search, enum wv_paging_mode mode,
				struct kernel_mapping mappings[2])
{
	uint64_t root = wv_cpu_register(search->cpu, WV_REG_CR3) & WV_PAGING_ADDRESS;
	unsigned count = 0;
	uint64_t entry;

	if (!wv_machine_read_physical(search->machine, root, &entry, sizeof(entry)))
		return measure_by_reading(search, root, &mappings[0]) ? 1 : 0;
	if (measure(search, mode, root, &mappings[count]))
		count++;
	if ((root & CR3_PTI_USER) && measure(search, mode, root & ~CR3_PTI_USER, &mappings[count]))
		count++;
	if (count == 2 &&
	    mappings[1].end - mappings[1].start > mappings[0].end - mappings[0].start) {
		struct kernel_mapping smaller = mappings[0];

		mappings[0] = mappings[1];
		mappings[1] = smaller;
	}
	return count;
}

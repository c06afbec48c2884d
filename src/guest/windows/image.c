/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding the kernel's image in the guest's memory. */
#include "guest/windows/internal.h"

#include <string.h>

#include "base/error.h"

#define PAGE UINT64_C(4096)

/** The kernel's image is smaller, and so is the distance from a handler down to its start. */
#define IMAGE_MAX (UINT64_C(64) << 20)

/** "MZ": e_magic of IMAGE_DOS_HEADER. */
#define DOS_MAGIC 0x5a4d

/* The KPCR's members that never moved (from XP to 11): ntddk.h's KPCR, and public symbols. */
#define KPCR64_SELF 0x18
#define KPCR32_SELF 0x1c
#define KPCR_IDT    0x38

/** A page fault's handler is the kernel's own; the others are tried where it was replaced. */
static const uint8_t vectors[] = { 14, 13, 3, 0 };

/**
 * Where the control region may be: in the kernel's half. User mode's own base leads to what a
 * program may have made to look like it.
 */
static unsigned find_candidates(const struct wv_space *space, struct wv_cpu *cpu,
				uint64_t candidates[2])
{
	static const enum wv_reg bases_64[] = { WV_REG_GS_BASE, WV_REG_KERNEL_GS_BASE };
	static const enum wv_reg bases_32[] = { WV_REG_FS_BASE };
	bool is_64 = wv_paging_is_long(space->paging.mode);
	const enum wv_reg *bases = is_64 ? bases_64 : bases_32;
	unsigned n_bases = is_64 ? G_N_ELEMENTS(bases_64) : G_N_ELEMENTS(bases_32), count = 0;

	for (unsigned i = 0; i < n_bases; i++) {
		uint64_t base = wv_cpu_register(cpu, bases[i]);

		if (wv_paging_is_upper_half(space->paging.mode, base))
			candidates[count++] = base;
	}
	return count;
}

static bool read_self(const struct wv_space *space, uint64_t kpcr, uint64_t *self)
{
	bool is_64 = wv_paging_is_long(space->paging.mode);

	return windows_read_word(space, kpcr + (is_64 ? KPCR64_SELF : KPCR32_SELF), self);
}

uint64_t wv_windows_kpcr(const struct wv_space *space, struct wv_cpu *cpu)
{
	uint64_t candidates[2], self;
	unsigned count = find_candidates(space, cpu, candidates);

	for (unsigned i = 0; i < count; i++)
		if (read_self(space, candidates[i], &self) && self == candidates[i])
			return self;
	return 0;
}

/**
 * Whether the control region may be there and is not to be seen: in a kernel of 32 bits from user
 * mode, and from everywhere with the page table that user mode has, where it has its own.
 */
static bool may_be_hidden(const struct wv_space *space, struct wv_cpu *cpu)
{
	uint64_t candidates[2], self;
	unsigned count = find_candidates(space, cpu, candidates);

	if (space->paging.mode == WV_PAGING_PAE || space->paging.mode == WV_PAGING_32)
		return true;
	for (unsigned i = 0; i < count; i++)
		if (!read_self(space, candidates[i], &self))
			return true;
	return false;
}

/** The handler of an interrupt (Intel SDM volume 3, section 6.11 and 6.14.1). */
static bool read_handler(const struct wv_space *space, uint64_t idt, unsigned vector,
			 uint64_t *handler)
{
	bool is_64 = wv_paging_is_long(space->paging.mode);
	uint32_t words[3] = { 0 };

	if (!wv_space_read(space, idt + vector * (is_64 ? 16 : 8), words, is_64 ? 12 : 8))
		return false;
	*handler = (words[0] & 0xffff) | (words[1] & 0xffff0000) | (uint64_t)words[2] << 32;
	return wv_paging_is_upper_half(space->paging.mode, *handler);
}

static bool read_image(void *owner, uint64_t offset, void *buffer, size_t size)
{
	const struct windows_image *image = owner;

	return wv_space_read(&image->space, image->base + offset, buffer, size);
}

/** Whether a kernel's image starts at this page, and the handler is in it. */
static bool is_kernel(struct windows_image *image, uint64_t handler)
{
	const struct wv_pe_source source = {
		.layout = WV_PE_MEMORY, .read = read_image, .owner = image, .name = "the kernel"
	};
	uint16_t magic;

	return wv_space_read_u16(&image->space, image->base, &magic) && magic == DOS_MAGIC &&
	       wv_pe_init(&image->pe, &source, NULL) &&
	       handler - image->base < image->pe.size_of_image &&
	       wv_pe_pdb(&image->pe, &image->id, image->pdb, NULL) &&
	       g_ascii_strncasecmp(image->pdb, "nt", 2) == 0;
}

/** Walks down from the handler, page by page. */
static bool find_below(struct windows_image *image, uint64_t handler)
{
	uint64_t first = handler & ~(PAGE - 1);

	for (uint64_t back = 0; back < IMAGE_MAX && back <= first; back += PAGE) {
		image->base = first - back;
		if (is_kernel(image, handler))
			return true;
	}
	return false;
}

bool wv_windows_find_image(const struct wv_guest_search *search, struct windows_image *image,
			   GError **error)
{
	struct wv_cpu *cpu = search->cpu;
	uint64_t kpcr, idt, handler;

	memset(image, 0, sizeof(*image));
	image->space = (struct wv_space){
		.machine = search->machine,
		.vcpu = cpu->vcpu,
		.paging = wv_paging_of(cpu),
		.current = true,
	};
	image->space.paging.transition = true;
	kpcr = wv_windows_kpcr(&image->space, cpu);
	image->again = kpcr || may_be_hidden(&image->space, cpu);
	if (!kpcr || !windows_read_word(&image->space, kpcr + KPCR_IDT, &idt)) {
		g_set_error(error, WV_ERROR, WV_ERROR_KERNEL,
			    "no kernel found: there is no processor control region (KPCR)");
		return false;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
		if (!read_handler(&image->space, idt, vectors[i], &handler))
			continue;
		image->is_windows = true;
		if (find_below(image, handler))
			return true;
	}
	g_set_error(
		error, WV_ERROR, WV_ERROR_KERNEL,
		"no kernel found: there is a processor control region (KPCR) of Windows, but no "
		"kernel's image below its interrupt handlers");
	return false;
}

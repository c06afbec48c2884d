/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding a Linux kernel: its mapping from the page tables, its symbols (kallsyms) and types (BTF)
 * from that mapping, or both from a profile that the user gave.
 */
#include "guest/linux/internal.h"

#include <string.h>

#include "base/error.h"
#include "guest/resolve.h"
#include "profile/btf.h"
#include "profile/extract.h"
#include "profile/kallsyms.h"
#include "profile/load.h"

/* Documentation/arch/x86/x86_64/mm.rst: the direct map without CONFIG_DYNAMIC_MEMORY_LAYOUT */
#define PAGE_OFFSET_4_LEVEL UINT64_C(0xffff888000000000)
#define PAGE_OFFSET_5_LEVEL UINT64_C(0xff11000000000000)

/** Link-time addresses of the kernel's image, which KASLR moves. */
#define IMAGE_LINK_START UINT64_C(0xffffffff80000000)

/** No direct map is larger (mm.rst: 64 TiB with 4 levels; more than any guest's RAM with 5). */
#define DIRECT_MAP_MAX (UINT64_C(1) << 46)

#define BANNER_MAX   512
#define BANNER_START "Linux version "

static void linux_destroy(struct wv_guest *guest)
{
	g_free(guest->banner);
	g_free(to_linux(guest));
}

static const struct wv_guest_ops linux_ops = {
	.name = "Linux",
	.os = WV_OS_LINUX,
	.enter = wv_linux_enter,
	.identify = wv_linux_identify,
	.processes = wv_linux_processes,
	.exit_status = wv_linux_exit_status,
	.crash_text = wv_linux_crash_text,
	.destroy = linux_destroy,
};

/**
 * The image's bytes: the mapped RAM itself, or a copy where RAM is not mapped. *@copy is then to
 * be freed.
 */
static bool image_bytes(const struct wv_guest_search *search, const struct wv_space *space,
			const struct kernel_mapping *mapping, struct wv_image *image,
			uint8_t **copy)
{
	uint64_t size = mapping->end - mapping->start;

	*copy = NULL;
	*image = (struct wv_image){ .size = size, .address = mapping->start };
	if (mapping->physical != UINT64_MAX) /* else page tables can not be read */
		image->data = wv_machine_ram(search->machine, mapping->physical, size);
	if (image->data)
		return true;

	*copy = g_try_malloc0(size);
	if (!*copy)
		return false;
	for (uint64_t at = 0; at < size; at += 4096) /* what is not mapped stays zero */
		wv_space_read(space, mapping->start + at, *copy + at, 4096);
	image->data = *copy;
	return true;
}

/** The profile that the kernel itself carries. */
static struct wv_profile *own_profile(const struct wv_guest_search *search,
				      const struct wv_space *space,
				      const struct kernel_mapping *mapping, GError **error)
{
	g_autofree uint8_t *copy = NULL;
	struct wv_image image;

	if (!image_bytes(search, space, mapping, &image, &copy)) {
		g_set_error(error, WV_ERROR, WV_ERROR_INTERNAL,
			    "no memory for a kernel of %zu bytes", image.size);
		return NULL;
	}

	struct wv_symbols *symbols = wv_kallsyms_find(&image, error);

	if (!symbols)
		return NULL;

	g_autoptr(GError) reason = NULL;
	struct wv_types *types = wv_btf_find(&image, symbols, &reason);

	if (!types) {
		symbols->destroy(symbols);
		g_set_error(
			error, WV_ERROR, WV_ERROR_KERNEL,
			"a Linux kernel was found, but it does not describe its types (%s): give "
			"a profile of it with -r FILE (Volatility 3 ISF, made with dwarf2json)",
			reason->message);
		return NULL;
	}
	return wv_profile_new(symbols, types);
}

/** The profile that the user gave, moved to where KASLR put the kernel. */
static struct wv_profile *given_profile(const struct wv_guest_search *search,
					const struct kernel_mapping *mapping, GError **error)
{
	struct wv_profile *profile = wv_profile_load(search->profile_path, error);
	uint64_t text;

	if (!profile)
		return NULL;
	if (!wv_profile_symbol(profile, "_text", &text) &&
	    !wv_profile_symbol(profile, "_stext", &text)) {
		g_set_error(error, WV_ERROR, WV_ERROR_KERNEL,
			    "%s: not a profile of a Linux kernel: it has no symbol _text",
			    search->profile_path);
		wv_profile_free(profile);
		return NULL;
	}
	/* the image starts with _text, and what lies below the image (per-CPU offsets) stays */
	profile->slide = mapping->start - text;
	profile->slide_start = IMAGE_LINK_START;
	profile->slide_end = UINT64_MAX;
	return profile;
}

/** Reads the kernel's banner, which also proves that symbols and mapping fit together. */
static bool read_banner(struct wv_linux *kernel, const struct wv_space *space,
			char banner[BANNER_MAX])
{
	size_t length;

	wv_space_read_string(space, kernel->places[SYM_LINUX_BANNER].value, banner, BANNER_MAX - 1,
			     &length);
	banner[length] = '\0';
	return g_str_has_prefix(banner, BANNER_START);
}

static bool same_banner(const char *expected, const char *banner)
{
	g_autofree char *a = g_strstrip(g_strdup(expected));
	g_autofree char *b = g_strstrip(g_strdup(banner));

	return strcmp(a, b) == 0;
}

/** Whether physical memory is mapped at @base: the kernel's first bytes must be there again. */
static bool confirm_direct_map(struct wv_space *space, uint64_t base,
			       const struct kernel_mapping *mapping)
{
	uint8_t image[64], direct[sizeof(image)];
	struct wv_mapping found;

	return wv_paging_walk(space->machine, &space->paging, mapping->start, &found, NULL) &&
	       wv_space_read(space, mapping->start, image, sizeof(image)) &&
	       wv_space_read(space, base + found.physical, direct, sizeof(direct)) &&
	       memcmp(image, direct, sizeof(image)) == 0;
}

/**
 * The linear ranges: the image, and the direct map of all RAM. The direct map is used only after
 * the page tables have confirmed it at a place that is known; where page tables can not be read
 * without it, it gives the machine its physical reads.
 */
static void set_linear_ranges(struct wv_linux *kernel, struct wv_space *space,
			      const struct kernel_mapping *mapping)
{
	struct wv_machine *machine = kernel->guest.machine;
	struct wv_linear *image = &kernel->guest.linear[LINEAR_IMAGE];
	struct wv_linear *direct = &kernel->guest.linear[LINEAR_DIRECT];
	uint64_t base =
		space->paging.mode == WV_PAGING_5_LEVEL ? PAGE_OFFSET_5_LEVEL : PAGE_OFFSET_4_LEVEL;
	uint64_t top = machine->n_ram ? 0 : DIRECT_MAP_MAX;

	if (mapping->physical != UINT64_MAX)
		*image = (struct wv_linear){ .start = mapping->start,
					     .size = mapping->end - mapping->start,
					     .physical = mapping->physical };
	if (kernel->places[SYM_PAGE_OFFSET_BASE].found)
		wv_space_read_u64(space, kernel->places[SYM_PAGE_OFFSET_BASE].value, &base);
	for (unsigned i = 0; i < machine->n_ram; i++)
		top = MAX(top, machine->ram[i].start + machine->ram[i].size);
	machine->direct_map = base;
	if (confirm_direct_map(space, base, mapping))
		*direct = (struct wv_linear){ .start = base, .size = top };
	else
		machine->direct_map = 0;
	wv_linear_map(image, machine);
	wv_linear_map(direct, machine);
}

/** Where the pointer to the current task lies in the per-CPU area. */
static bool find_current(struct wv_linux *kernel, GError **error)
{
	const struct wv_place *places = kernel->places;

	/* pcpu_hot first: kernels that have it may keep current_task as something else */
	if (places[SYM_PCPU_HOT].found && places[PCPU_HOT_CURRENT_TASK].found)
		kernel->current_offset =
			places[SYM_PCPU_HOT].value + places[PCPU_HOT_CURRENT_TASK].value;
	else if (places[SYM_CURRENT_TASK].found)
		kernel->current_offset = places[SYM_CURRENT_TASK].value;
	else {
		g_set_error(error, WV_ERROR, WV_ERROR_KERNEL,
			    "neither pcpu_hot nor current_task is among the kernel's symbols");
		return false;
	}
	return true;
}

static char *summarise(const struct wv_linux *kernel, const char *banner, gint64 started)
{
	const char *version = banner + strlen(BANNER_START);
	g_autofree char *name = g_strdup_printf("Linux %.*s", (int)strcspn(version, " "), version);

	return wv_guest_summary(name, kernel->guest.profile, started);
}

/** Tries one mapping. */
static struct wv_guest *try_mapping(const struct wv_guest_search *search, enum wv_paging_mode mode,
				    const struct kernel_mapping *mapping, gint64 started,
				    GError **error)
{
	struct wv_space space = {
		.machine = search->machine,
		.vcpu = search->cpu->vcpu,
		.paging = { .mode = mode, .root = mapping->root },
	};
	struct wv_profile *profile = search->profile_path
					     ? given_profile(search, mapping, error)
					     : own_profile(search, &space, mapping, error);
	char banner[BANNER_MAX];

	if (!profile)
		return NULL;
	if (search->record)
		wv_profile_record(profile);

	struct wv_linux *kernel = g_new0(struct wv_linux, 1);
	struct wv_guest *guest = &kernel->guest;

	guest->ops = &linux_ops;
	guest->machine = search->machine;
	guest->profile = profile;
	guest->convention = WV_CONVENTION_SYSV64;
	guest->thread_exit_functions[0] = "do_exit";	 /* kernel/exit.c */
	guest->change_functions[0] = "wake_up_new_task"; /* kernel/sched/core.c */
	guest->change_functions[1] = "begin_new_exec";	 /* fs/exec.c */
	guest->change_functions[2] = "d_move";		 /* fs/dcache.c */
	guest->change_functions[3] = "__d_move";
	guest->change_functions[4] = "d_exchange";
	guest->n_changes_needed = 3;
	guest->crash_functions[0] = "vpanic"; /* kernel/panic.c, since 6.15 */
	guest->crash_functions[1] = "panic";
	guest->exec_functions[0] = "begin_new_exec";
	guest->exec_functions[1] = "do_execveat_common";
	/* kernel/acct.c and drivers/tty/tty_jobctrl.c: do_exit() calls both for the last thread */
	guest->process_exit_functions[0] = "acct_process";
	guest->process_exit_functions[1] = "disassociate_ctty";
	guest->paging = mode;
	kernel->has_pcid = wv_cpu_register(search->cpu, WV_REG_CR4) & WV_CR4_PCIDE;

	if (!wv_guest_resolve(search, kernel->guest.profile, wv_linux_wants, LINUX_WANT_COUNT,
			      kernel->places, error) ||
	    !find_current(kernel, error)) {
		wv_guest_destroy(guest);
		return NULL;
	}
	if (!read_banner(kernel, &space, banner) ||
	    (profile->banner && !same_banner(profile->banner, banner))) {
		g_set_error(error, WV_ERROR, WV_ERROR_KERNEL, "%s%s",
			    search->profile_path ? search->profile_path : "the symbols found",
			    search->profile_path ? ": the profile is of another kernel"
						 : " do not fit the kernel's memory");
		wv_guest_destroy(guest);
		return NULL;
	}
	guest->text_start = kernel->places[SYM_TEXT].value;
	guest->text_end = kernel->places[SYM_ETEXT].value;
	set_linear_ranges(kernel, &space, mapping);
	guest->summary = summarise(kernel, banner, started);
	guest->banner = g_strdup(banner);
	return guest;
}

struct wv_guest *wv_linux_find(struct wv_guest_search *search, GError **error)
{
	gint64 started = g_get_monotonic_time();
	struct wv_cpu *cpu = search->cpu;
	enum wv_paging_mode mode = wv_paging_of(cpu).mode;
	struct kernel_mapping mappings[2];
	unsigned n_mappings =
		!wv_paging_is_long(mode) ? 0 : wv_linux_find_mappings(search, mode, mappings);

	/* user mode's page table under page-table isolation, and no way to read the kernel's own */
	uint64_t cr3 = wv_cpu_register(cpu, WV_REG_CR3), entry;

	search->again |= (cr3 & CR3_PTI_USER) &&
			 !wv_machine_read_physical(search->machine, cr3 & WV_PAGING_ADDRESS, &entry,
						   sizeof(entry));

	if (!n_mappings) {
		g_set_error(error, WV_ERROR, WV_ERROR_KERNEL, "no kernel found: %s",
			    !wv_paging_is_long(mode)
				    ? "the guest is not in 64-bit mode, and not Windows"
				    : "nothing is mapped where a Linux kernel would be");
		return NULL;
	}

	/* when neither fits, the error about the larger image is the one that helps */
	g_autoptr(GError) reason = NULL;
	struct wv_guest *guest = try_mapping(search, mode, &mappings[0], started, &reason);

	if (!guest && n_mappings == 2)
		guest = try_mapping(search, mode, &mappings[1], started, NULL);
	if (!guest)
		g_propagate_error(error, g_steal_pointer(&reason));
	return guest;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding a Windows kernel: its image in memory, and the profile that belongs to it. */
#include "base/error.h"
#include "guest/resolve.h"
#include "guest/windows/internal.h"
#include "profile/extract.h"
#include "profile/load.h"

static void windows_destroy(struct wv_guest *guest)
{
	g_free(guest->banner);
	g_free(to_windows(guest));
}

static const struct wv_guest_ops windows_ops = {
	.name = "Windows",
	.os = WV_OS_WINDOWS,
	.enter = wv_windows_enter,
	.identify = wv_windows_identify,
	.processes = wv_windows_processes,
	.crash_text = wv_windows_crash_text,
	.destroy = windows_destroy,
};

/** The file that has the profile: the user's own, or one that is found for it. */
static char *find_profile_file(const struct wv_guest_search *search,
			       const struct windows_image *image, const char *key, GError **error)
{
	char *path = NULL;

	if (search->profile_path)
		return g_strdup(search->profile_path);
	if (search->wanted)
		path = search->wanted(search->owner, image->pdb, key, error);
	else
		g_set_error(error, WV_ERROR, WV_ERROR_KERNEL, "there is no profile of it");
	if (!path)
		g_prefix_error(error,
			       "a Windows kernel was found, and no profile of it (-r takes its "
			       "PDB, a Volatility 3 ISF or Rekall's): ");
	return path;
}

/** The profile of this very kernel: a file's symbols are moved to where the image is. */
static struct wv_profile *find_profile(const struct wv_guest_search *search,
				       const struct windows_image *image, const char *key,
				       GError **error)
{
	g_autofree char *path = find_profile_file(search, image, key, error);

	if (!path)
		return NULL;

	struct wv_profile *profile = wv_profile_load(path, error);

	if (!profile)
		return NULL;
	if (!wv_profile_is_of(profile, key)) {
		g_set_error(error, WV_ERROR, WV_ERROR_KERNEL,
			    "%s is the profile of another kernel: it is of %s, the guest's is %s",
			    path, profile->pdb_key ? profile->pdb_key : "none", key);
		wv_profile_free(profile);
		return NULL;
	}
	/* addresses are offsets from the image's start */
	profile->slide = image->base;
	profile->slide_start = 0;
	profile->slide_end = UINT64_MAX;
	return profile;
}

/** The executable sections, from the first to the last: where calls are looked for. */
static void set_text(struct wv_guest *guest, const struct windows_image *image)
{
	const uint32_t executable = 0x20000000; /* IMAGE_SCN_MEM_EXECUTE */

	guest->text_start = UINT64_MAX;
	for (unsigned i = 0; i < image->pe.n_sections; i++) {
		const struct wv_pe_section *section = &image->pe.sections[i];
		uint64_t start = image->base + section->rva;

		if (!(section->flags & executable))
			continue;
		guest->text_start = MIN(guest->text_start, start);
		guest->text_end = MAX(guest->text_end, start + section->size);
	}
	if (guest->text_start > guest->text_end)
		guest->text_start = guest->text_end;
}

/** The bits that the kernel hides entries of pages in transition with: wv_paging.hidden. */
static uint64_t read_hidden_bits(const struct wv_windows *kernel, const struct wv_space *space)
{
	const struct wv_place *places = kernel->places;
	uint64_t address, bits = 0;

	if (!places[PTE_SWIZZLE].found || !places[SIZE_PTE].found)
		return 0;
	if (places[SYM_INVALID_PTE_MASK].found)
		address = places[SYM_INVALID_PTE_MASK].value;
	else if (places[SYM_MEMORY_STATE].found && places[STATE_INVALID_PTE_MASK].found)
		address = places[SYM_MEMORY_STATE].value + places[STATE_INVALID_PTE_MASK].value;
	else
		return 0;
	return wv_space_read(space, address, &bits, MIN(places[SIZE_PTE].value, sizeof(bits)))
		       ? bits
		       : 0;
}

struct wv_guest *wv_windows_find(struct wv_guest_search *search, GError **error)
{
	gint64 started = g_get_monotonic_time();
	g_autofree char *name = NULL;
	struct windows_image image;
	char key[WV_PDB_KEY_SIZE];

	if (!wv_windows_find_image(search, &image, error)) {
		search->again = image.again;
		search->is_windows = image.is_windows;
		return NULL;
	}

	search->is_windows = true;
	wv_pdb_id_key(&image.id, key);

	struct wv_profile *profile = find_profile(search, &image, key, error);

	if (!profile)
		return NULL;
	if (search->record)
		wv_profile_record(profile);

	struct wv_windows *kernel = g_new0(struct wv_windows, 1);
	struct wv_guest *guest = &kernel->guest;

	guest->ops = &windows_ops;
	guest->machine = search->machine;
	guest->profile = profile;
	guest->paging = image.space.paging.mode;
	guest->transition = image.space.paging.transition;
	guest->convention =
		wv_paging_is_long(guest->paging) ? WV_CONVENTION_WINDOWS64 : WV_CONVENTION_STACK32;
	/* who calls the system services: with the arguments on the stack it is one instruction */
	guest->dispatchers[0] = (struct wv_dispatcher){ "KiSystemServiceCopyEnd", 0x40 };
	guest->dispatchers[1] = (struct wv_dispatcher){ "KiFastCallEntry", 0x200 };
	guest->thread_exit_functions[0] = "PspExitThread";
	guest->thread_exit_functions[1] = "PspTerminateCurrentThread";
	guest->change_functions[0] = "PspInsertProcess";
	guest->change_functions[1] = "PspProcessDelete";
	guest->n_changes_needed = 2;
	guest->crash_functions[0] = "KeBugCheck2";
	guest->crash_functions[1] = "KeBugCheckEx";
	if (!wv_guest_resolve(search, profile, wv_windows_wants, WINDOWS_WANT_COUNT, kernel->places,
			      error)) {
		wv_guest_destroy(guest);
		return NULL;
	}
	guest->hidden = read_hidden_bits(kernel, &image.space);
	set_text(guest, &image);
	name = g_strdup_printf("Windows (%s %s)", image.pdb, key);
	guest->summary = wv_guest_summary(name, profile, started);
	return guest;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding a Windows kernel: from the KPCR and the IDT to its image, and the profile of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "base/error.h"
#include "guest/windows/internal.h"
#include "observer.h"
#include "pe_builder.h"
#include "windows_fixture.h"

/** A kernel that no one has looked for. */
static int setup(void **state)
{
	static struct nt_guest guest;

	nt_init(&guest, &(struct nt_options){ .layout = *state });
	nt_run(&guest, 0, nt_process(&guest, 12, 4, "\\a\\b.exe"));
	*state = &guest;
	return 0;
}

static int teardown(void **state)
{
	nt_deinit(*state);
	return 0;
}

#define ON_BUILD(test, build) NT_TEST(test, setup, teardown, build)
#define ON_EACH_BUILD(test)   NT_TESTS(test, setup, teardown)

/** The kernel's image is found where it is. */
static void assert_found(struct nt_guest *guest)
{
	g_autoptr(GError) error = NULL;
	struct wv_guest *found = nt_find(guest, 0, &error);
	uint64_t address = 0;

	if (!found)
		fail_msg("%s", error->message);
	assert_true(wv_profile_symbol(found->profile, "PsActiveProcessHead", &address));
	assert_int_equal(address, nt_symbol(guest, "PsActiveProcessHead"));
	wv_guest_destroy(found);
}

static void assert_not_found(struct nt_guest *guest, const char *reason)
{
	g_autoptr(GError) error = NULL;

	assert_null(nt_find(guest, 0, &error));
	assert_int_equal(error->code, WV_ERROR_KERNEL);
	if (!strstr(error->message, reason))
		fail_msg("\"%s\" does not say \"%s\"", error->message, reason);
}

/** What is known of an image that was not found. */
static struct windows_image look(struct nt_guest *guest)
{
	struct wv_cpu cpu;
	struct wv_guest_search search = { .machine = &guest->mock.machine, .cpu = &cpu };
	struct windows_image image;
	g_autoptr(GError) error = NULL;

	wv_cpu_start(&cpu, &guest->mock.machine, 0);
	assert_false(wv_windows_find_image(&search, &image, &error));
	assert_int_equal(error->code, WV_ERROR_KERNEL);
	return image;
}

/** Whether it can be worth while to look again from kernel mode. */
static bool is_for_later(struct nt_guest *guest)
{
	return look(guest).again;
}

#define NO_KPCR	 "no processor control region"
#define NO_IMAGE "no kernel's image below"

static uint64_t header(const struct nt_guest *guest, uint64_t offset)
{
	return guest->image + offset;
}

static void put_u32(struct nt_guest *guest, uint64_t address, uint32_t value)
{
	nt_write(guest, address, &value, sizeof(value));
}

/* What is found ---------------------------------------------------------------------------------*/

static void test_found(void **state)
{
	struct nt_guest *guest = *state;
	g_autoptr(GError) error = NULL;
	struct wv_guest *found = nt_find(guest, 0, &error);

	if (!found)
		fail_msg("%s", error->message);
	assert_string_equal(found->ops->name, "Windows");
	assert_int_equal(found->ops->os, WV_OS_WINDOWS);
	assert_int_equal(found->paging, guest->is_64 ? WV_PAGING_4_LEVEL : WV_PAGING_PAE);
	assert_int_equal(found->convention,
			 guest->is_64 ? WV_CONVENTION_WINDOWS64 : WV_CONVENTION_STACK32);
	assert_int_equal(found->text_start, guest->image + PE_TEXT);
	assert_int_equal(found->text_end, guest->image + PE_IMAGE_SIZE);
	assert_true(g_str_has_prefix(found->summary, guest->is_64 ? "Windows (ntkrnlmp.pdb "
								  : "Windows (ntkrpamp.pdb "));
	assert_non_null(strstr(found->summary, guest->profile->pdb_key));
	wv_guest_destroy(found);
}

/** The whole way: the monitor finds it, and lists what runs. */
static void test_watched(void **state)
{
	struct nt_guest *guest = *state;
	struct observer observer;
	g_autofree char *told = NULL;

	nt_watch(guest, &observer, "");
	told = observer_take(&observer);
	assert_non_null(strstr(told, ": Windows (ntkr"));
	assert_int_equal(guest->mock.machine.watch, WV_WATCH_NOTHING);
	observer_stop(&observer);
}

/** From user mode it is found where addresses have 64 bits; else the kernel has to run first. */
static void test_user_mode(void **state)
{
	struct nt_guest *guest = *state;

	nt_user_mode(guest, 0);
	if (guest->is_64) {
		assert_found(guest);
		return;
	}
	assert_not_found(guest, NO_KPCR);
	assert_true(is_for_later(guest));
}

/** With tables of its own user mode has next to nothing of the kernel: it is looked for later. */
static void test_isolated(void **state)
{
	struct nt_guest *guest = *state;
	uint64_t *registers = guest->mock.registers[0], kernels = registers[WV_REG_CR3];
	struct wv_paging users = { .mode = guest->paging.mode, .root = mock_page(&guest->mock) };

	registers[WV_REG_CR3] = users.root;
	nt_user_mode(guest, 0);
	assert_not_found(guest, NO_KPCR);
	assert_true(is_for_later(guest));
	/* the control region and the IDT are there, as entering the kernel takes them */
	for (unsigned i = 0; i < 2; i++) {
		uint64_t address = (i ? guest->idt : guest->kpcr[0]) & ~(MOCK_PAGE - 1);

		for (uint64_t at = 0; at < 2 * MOCK_PAGE; at += MOCK_PAGE)
			*nt_entry(guest, &users, address + at) =
				*nt_entry(guest, &guest->paging, address + at);
	}
	nt_run(guest, 0, guest->running[0]);
	registers[WV_REG_CR3] = users.root;
	assert_not_found(guest, NO_IMAGE);
	assert_true(is_for_later(guest));
	registers[WV_REG_CR3] = kernels;
	assert_found(guest);
}

/** The machine's memory is not mapped: all of it is read by the driver. */
static void test_unmapped(void **state)
{
	struct nt_guest *guest = *state;
	uint64_t page = guest->image + PE_DEBUG_ENTRIES;

	nt_deinit(guest);
	nt_init(guest, &(struct nt_options){ .unmapped = true });
	nt_run(guest, 0, nt_process(guest, 12, 4, "\\a\\b.exe"));
	assert_found(guest);
	assert_true(guest->mock.virtual_reads > 0);
	/* the driver's own translation does not know of these */
	nt_make_transition(guest, &guest->paging, page);
	assert_found(guest);
	nt_page_out(guest, &guest->paging, page);
	assert_not_found(guest, NO_IMAGE);
}

/* The control region and the IDT ----------------------------------------------------------------*/

static void test_no_kpcr(void **state)
{
	struct nt_guest *guest = *state;
	enum wv_reg reg = guest->is_64 ? WV_REG_GS_BASE : WV_REG_FS_BASE;
	uint64_t *registers = guest->mock.registers[0], mapped = nt_object(guest, MOCK_PAGE);
	const uint64_t bases[] = { 0, guest->running[0]->peb, mapped, guest->kpcr[0] + 8 };

	/* a pointer to a control region is none */
	nt_write_pointer(guest, mapped + (guest->is_64 ? 0x18 : 0x1c), guest->kpcr[0]);
	registers[WV_REG_KERNEL_GS_BASE] = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(bases); i++) {
		registers[reg] = bases[i];
		assert_not_found(guest, NO_KPCR);
		assert_false(look(guest).is_windows);
		/* nothing is hidden: on 64 bits this is no Windows */
		assert_int_equal(is_for_later(guest), !guest->is_64);
	}
	guest->mock.registers[0][WV_REG_CR0] = 0; /* no paging */
	assert_not_found(guest, NO_KPCR);
}

/** What a program made to look like a control region is none. */
static void test_false_kpcr(void **state)
{
	struct nt_guest *guest = *state;
	const struct nt_process *process = guest->running[0];
	uint64_t teb = process->peb + MOCK_PAGE;

	nt_map_user(guest, process, teb, MOCK_PAGE);
	nt_write_user(guest, process, teb + (guest->is_64 ? 0x18 : 0x1c), &teb,
		      guest->is_64 ? 8 : 4);
	guest->mock.registers[0][WV_REG_GS_BASE] = teb;
	guest->mock.registers[0][WV_REG_FS_BASE] = teb;
	guest->mock.registers[0][WV_REG_KERNEL_GS_BASE] = teb;
	assert_not_found(guest, NO_KPCR);
}

static void test_idt(void **state)
{
	struct nt_guest *guest = *state;
	uint64_t handler = nt_symbol(guest, "ExAllocatePoolWithTag");
	uint64_t elsewhere = nt_pages(guest, 1);
	const uint64_t replaced[] = {
		0, elsewhere, elsewhere + MOCK_PAGE, guest->running[0]->peb, UINT64_MAX, 0x1000
	};
	uint64_t gap = elsewhere + MOCK_PAGE;

	for (size_t i = 0; i < G_N_ELEMENTS(replaced); i++) {
		nt_put_handler(guest, 14, replaced[i]);
		assert_not_found(guest, NO_IMAGE);
		/* another interrupt's handler is the kernel's own */
		nt_put_handler(guest, 13, handler);
		assert_found(guest);
		nt_put_handler(guest, 13, 0);
		nt_put_handler(guest, 3, handler);
		assert_found(guest);
		nt_put_handler(guest, 3, 0);
	}
	nt_put(guest, guest->kpcr[0], guest->is_64 ? "_KPCR.IdtBase" : "_KPCR.IDT", gap);
	assert_not_found(guest, NO_IMAGE);
}

/** An image that a program has, and a handler in it, are not the kernel's. */
static void test_image_of_user_mode(void **state)
{
	struct nt_guest *guest = *state;
	const struct nt_process *process = guest->running[0];
	uint64_t place = process->peb + 0x10000;

	nt_map_user(guest, process, place, PE_IMAGE_SIZE);
	for (uint64_t at = 0; at < PE_IMAGE_SIZE; at += MOCK_PAGE)
		nt_write_user(guest, process, place + at, nt_at(guest, header(guest, at)),
			      MOCK_PAGE);
	nt_put_handler(guest, 14, place + PE_TEXT);
	assert_not_found(guest, NO_IMAGE);
}

/** The image is not looked for further below than a kernel is large. */
static void test_distance(void **state)
{
	struct nt_guest *guest = *state;

	put_u32(guest, header(guest, PE_SIZE_OF_IMAGE), 0x10000000);
	nt_put_handler(guest, 14, guest->image + (64u << 20) - 1);
	assert_found(guest);
	nt_put_handler(guest, 14, guest->image + (64u << 20));
	assert_not_found(guest, NO_IMAGE);
}

/** The handler is in the image, or it is another's. */
static void test_end_of_image(void **state)
{
	struct nt_guest *guest = *state;

	nt_put_handler(guest, 14, guest->image + (24u << 20) - 1);
	assert_found(guest);
	nt_put_handler(guest, 14, guest->image + (24u << 20));
	assert_not_found(guest, NO_IMAGE);
}

/* The header ------------------------------------------------------------------------------------*/

/** Pages that begin like an image are between the handler and the image. */
static void test_false_images(void **state)
{
	struct nt_guest *guest = *state;
	g_autoptr(GByteArray) other = pe_small(guest->is_64, WV_PE_MEMORY);
	uint64_t place = guest->image + 0x10000;

	nt_put_handler(guest, 14, guest->image + 0x20000);
	nt_write(guest, place + 0x8000, "MZ", 2);
	/* a whole image, of a driver, whose size is said to reach the handler */
	pe_set_u32(other, PE_SIZE_OF_IMAGE, 0x1000000);
	nt_write(guest, place, other->data, other->len);
	assert_found(guest);
}

/** The headers are further behind than usual, and across pages. */
static void test_moved_header(void **state)
{
	struct nt_guest *guest = *state;
	const uint32_t places[] = { 0x84, 0x3fc, 0xf80, 0xffe };
	uint8_t bytes[0x300];

	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		for (size_t at = 0; at < sizeof(bytes); at++)
			bytes[at] = *(uint8_t *)nt_at(guest, header(guest, PE_NT) + at);
		nt_write(guest, header(guest, places[i]), bytes, sizeof(bytes));
		put_u32(guest, header(guest, PE_NT_OFFSET), places[i]);
		assert_found(guest);
		nt_write(guest, header(guest, PE_NT), bytes, sizeof(bytes));
		put_u32(guest, header(guest, PE_NT_OFFSET), PE_NT);
	}
}

static void test_hostile_header(void **state)
{
	struct nt_guest *guest = *state;
	uint64_t directory = pe_directory(guest->is_64, WV_PE_DEBUG);
	const struct {
		uint64_t offset;
		uint32_t value;
	} changes[] = {
		{ 0, 0 },
		{ PE_NT_OFFSET, 0xfffffff0 },
		{ PE_NT_OFFSET, 0x7fffffff },
		{ PE_NT_OFFSET, 0 },
		{ PE_NT, 0 },
		{ PE_FILE_HEADER, 0xffff0000 }, /* machine, and number of sections */
		{ PE_SIZE_OF_IMAGE, 0 },
		{ PE_SIZE_OF_IMAGE, 0x1000 },
		{ directory, 0 },
		{ directory, 0xfffffff8 },
		{ directory, 0x17ffff8 },
		{ directory + 4, 0 },
		{ PE_DEBUG_ENTRIES + 28 + 12, 13 }, /* no CodeView record */
		{ PE_DEBUG_ENTRIES + 28 + 16, 0 },
		{ PE_DEBUG_ENTRIES + 28 + 20, 0xfffffff0 },
		{ PE_RSDS, 0 },
		{ PE_RSDS + 24, 0x2e2e0041 }, /* a name that is not the kernel's */
		{ PE_RSDS + 24, 0 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
		uint32_t was;

		memcpy(&was, nt_at(guest, header(guest, changes[i].offset)), sizeof(was));
		put_u32(guest, header(guest, changes[i].offset), changes[i].value);
		assert_not_found(guest, NO_IMAGE);
		assert_true(look(guest).is_windows);
		put_u32(guest, header(guest, changes[i].offset), was);
	}
	/* too large a number of entries only means more that are not looked at */
	put_u32(guest, header(guest, directory + 4), 0xffffffff);
	assert_found(guest);
}

/** Windows pages the header out after boot on some builds, or only unlinks it. */
static void test_pages_of_image(void **state)
{
	struct nt_guest *guest = *state;
	const uint64_t pages[] = { 0, PE_DEBUG_ENTRIES };

	for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
		uint64_t page = guest->image + pages[i];
		uint64_t entry = *nt_entry(guest, &guest->paging, page);

		nt_make_transition(guest, &guest->paging, page);
		assert_found(guest);
		nt_page_out(guest, &guest->paging, page);
		assert_not_found(guest, NO_IMAGE);
		*nt_entry(guest, &guest->paging, page) = entry;
	}
	assert_found(guest);
}

/* The profile -----------------------------------------------------------------------------------*/

static void test_other_profile(void **state)
{
	struct nt_guest *guest = *state;

	*(uint8_t *)nt_at(guest, header(guest, PE_RSDS + 4)) ^= 1;
	assert_not_found(guest, "is the profile of another kernel");
	*(uint8_t *)nt_at(guest, header(guest, PE_RSDS + 4)) ^= 1;
	/* ages are not compared */
	put_u32(guest, header(guest, PE_RSDS + 20), 77);
	assert_found(guest);
}

/** No profile is given, and there is no one to ask for it. */
static void test_no_profile(void **state)
{
	struct nt_guest *guest = *state;
	struct wv_cpu cpu;
	struct wv_guest_search search = { .machine = &guest->mock.machine, .cpu = &cpu };
	g_autoptr(GError) error = NULL;

	wv_cpu_start(&cpu, &guest->mock.machine, 0);
	assert_null(wv_guest_find(&search, &error));
	assert_true(search.is_windows);
	assert_int_equal(error->code, WV_ERROR_KERNEL);
	assert_non_null(strstr(error->message, "a Windows kernel was found"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_found),
		ON_EACH_BUILD(test_watched),
		ON_EACH_BUILD(test_user_mode),
		ON_EACH_BUILD(test_isolated),
		ON_BUILD(test_unmapped, NT_WINDOWS_10),
		ON_EACH_BUILD(test_no_kpcr),
		ON_EACH_BUILD(test_false_kpcr),
		ON_EACH_BUILD(test_idt),
		ON_EACH_BUILD(test_image_of_user_mode),
		ON_EACH_BUILD(test_distance),
		ON_EACH_BUILD(test_end_of_image),
		ON_EACH_BUILD(test_false_images),
		ON_EACH_BUILD(test_moved_header),
		ON_EACH_BUILD(test_hostile_header),
		ON_EACH_BUILD(test_pages_of_image),
		ON_EACH_BUILD(test_other_profile),
		ON_EACH_BUILD(test_no_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * syscalls on Windows with the complete profiles of real kernels: each service has its name and
 * its number. The truth is the kernel's own: a Zw function is a stub of 32 bytes for one service,
 * and they are in the order of the numbers; KiServiceLimit lies behind KiServiceTable.
 *
 * $WYVERN_SHARED (else ../shared beside the project's root) holds the profiles.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "observer.h"
#include "plugins/syscalls/nt.h"
#include "shared_profiles.h"
#include "windows_fixture.h"

#define STUB_SIZE    32u
#define SERVICES_MAX 1024u

static const struct {
	const char *file;
	unsigned services;
	unsigned entry; /* bytes in the image's table: up to 7 it is made smaller at the boot */
} kernels[] = {
	{ "nt-6.1.7601.24540-x64", 401, 8 },
	{ "nt-10.0.17763.379-x64", 463, 4 },
	{ "nt-10.0.19041.3448-x64", 473, 4 },
	{ "nt-10.0.22000.2295-x64", 482, 4 },
};

struct kernel {
	struct nt_guest guest;
	struct observer observer;
	const struct wv_nt_prototype *services[SERVICES_MAX]; /* by the number */
	unsigned n_services;
};

/** The Zw function of a service; 0: there is none. */
static uint64_t stub_of(const struct kernel *kernel, const struct wv_nt_prototype *prototype)
{
	g_autofree char *name = g_strconcat("Zw", prototype->name + strlen("Nt"), NULL);
	uint64_t address;

	return wv_profile_symbol(kernel->guest.profile, name, &address) ? address : 0;
}

static uint64_t lowest_stub(const struct kernel *kernel)
{
	uint64_t lowest = UINT64_MAX;
	size_t count;
	const struct wv_nt_prototype *prototypes = wv_nt_prototypes(&count);

	for (size_t i = 0; i < count; i++) {
		uint64_t stub = stub_of(kernel, &prototypes[i]);

		lowest = stub ? MIN(lowest, stub) : lowest;
	}
	return lowest;
}

/** Numbers the services by where their stubs are. */
static void number_services(struct kernel *kernel)
{
	uint64_t lowest = lowest_stub(kernel);
	size_t count;
	const struct wv_nt_prototype *prototypes = wv_nt_prototypes(&count);

	for (size_t i = 0; i < count; i++) {
		uint64_t stub = stub_of(kernel, &prototypes[i]), place = stub - lowest;

		if (!stub)
			continue;
		assert_int_equal(place % STUB_SIZE, 0);
		assert_in_range(place / STUB_SIZE, 0, SERVICES_MAX - 1);
		assert_null(kernel->services[place / STUB_SIZE]);
		kernel->services[place / STUB_SIZE] = &prototypes[i];
		kernel->n_services++;
	}
}

/** The table as the kernel has it once it runs. */
static void write_table(struct kernel *kernel)
{
	struct nt_guest *guest = &kernel->guest;
	uint64_t table = nt_symbol(guest, "KiServiceTable");
	uint64_t descriptor = nt_symbol(guest, "KeServiceDescriptorTable");

	nt_write_pointer(guest, descriptor, table);
	nt_write_pointer(guest, descriptor + 16, kernel->n_services);
	for (unsigned i = 0; i < kernel->n_services; i++) {
		const struct wv_nt_prototype *service = kernel->services[i];
		unsigned on_stack = service->n_arguments > 4 ? service->n_arguments - 4u : 0;
		uint64_t distance = nt_symbol(guest, service->name) - table;
		uint32_t entry = (uint32_t)distance << 4 | on_stack;

		nt_write(guest, table + i * sizeof(entry), &entry, sizeof(entry));
	}
}

/** A call of each number is told by its name, and with all of its arguments. */
static void check_services(struct kernel *kernel)
{
	struct nt_guest *guest = &kernel->guest;

	for (unsigned i = 0; i < kernel->n_services; i++) {
		const struct wv_nt_prototype *service = kernel->services[i];
		g_autofree char *begin = g_strdup_printf("%s 4/5 of 0 ", service->name);
		g_autofree char *numbers =
			g_strdup_printf(" Syscall=%u NArgs=%u ", i, service->n_arguments);
		g_autofree char *told = NULL;

		nt_put(guest, guest->processes[0].thread, "_KTHREAD.SystemCallNumber", i);
		assert_true(nt_call(guest, 0, service->name, (const uint64_t[17]){ 0 }, 17));
		nt_return(guest, 0, 0xc0000022);
		told = observer_take(&kernel->observer);
		if (!g_str_has_prefix(told, begin) || !strstr(told, numbers))
			fail_msg("%u is not %s: %s", i, service->name, told);
	}
}

static void check_kernel(const char *path, unsigned services, unsigned entry)
{
	static struct kernel kernel;
	g_autofree char *told = NULL;

	memset(&kernel, 0, sizeof(kernel));
	nt_init(&kernel.guest, &(struct nt_options){ .profile = path });
	number_services(&kernel);
	assert_int_equal(kernel.n_services, services);
	assert_int_equal((nt_symbol(&kernel.guest, "KiServiceLimit") -
			  nt_symbol(&kernel.guest, "KiServiceTable")) /
				 entry,
			 services);
	write_table(&kernel);
	nt_watch(&kernel.guest, &kernel.observer, "plugin=syscalls;\n");
	told = observer_take(&kernel.observer);
	if (strstr(told, "message"))
		fail_msg("%s", told);
	check_services(&kernel);
	observer_stop(&kernel.observer);
	nt_deinit(&kernel.guest);
}

static void test_kernels(void **state)
{
	g_autofree char *folder = shared_profiles();

	(void)state;
	if (!folder)
		skip();
	for (size_t i = 0; i < G_N_ELEMENTS(kernels); i++) {
		g_autofree char *path = g_strdup_printf("%s/%s.json.xz", folder, kernels[i].file);

		check_kernel(path, kernels[i].services, kernels[i].entry);
		print_message("%s: %u services\n", kernels[i].file, kernels[i].services);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_kernels) };

	return cmocka_run_group_tests_name("services_kernels", tests, NULL, NULL);
}

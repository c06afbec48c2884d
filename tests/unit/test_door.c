/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The door: a launcher in a tiny Linux kernel that asks for its job, starts a sample or fails to,
 * and what the monitor tells of the sample until its end.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "monitor/door.h"
#include "monitor/internal.h"
#include "observer.h"
#include "probe.h"
#include "profile/load.h"

/** The pages of each process that has an image: four, and nothing around them. */
#define USER	 UINT64_C(0x7ffd00000000)
#define USER_END (USER + 4 * MOCK_PAGE)

#define HEAD sizeof(struct wv_door_reply)

/** Numbers of enum wv_status, as the observer prints them. */
#define ARMED	"status 0,1: Linux 6.1.0-tiny\n"
#define RESET	"status 3,0: \n"
#define READY	"status 5,0: Linux 6.1.0-tiny\n"
#define RESUMED "status 6,0: \n"
#define RUNNING "status 9,12: \n"

/** What a fixture's pages are filled with. */
#define FILLING 0xee

static const char *const functions[] = {
	"outer_old",
	"outer_new",
	"inner",
	"plain",
	"twice",
	"frequent",
	"failing",
	"begin_new_exec",
	"do_execveat_common",
	"acct_process",
	"disassociate_ctty",
	NULL,
};

struct fixture {
	struct tiny_linux kernel;
	struct observer observer;
	struct tiny_task *launcher, *other;
	struct wv_guest_ops ops; /* the guest's, where a test changes them */
	bool made;
};

static int setup(void **state)
{
	static struct fixture fixture;

	memset(&fixture.observer, 0, sizeof(fixture.observer));
	fixture.made = false;
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	observer_stop(&fixture->observer);
	if (fixture->made)
		tiny_deinit(&fixture->kernel);
	fixture->made = false;
	return 0;
}

/** A kernel in which the launcher runs, PID 12, and a shell, PID 13. */
static void boot(struct fixture *fixture, struct tiny_options options)
{
	static uint8_t filling[4 * MOCK_PAGE];
	void *state = fixture;

	teardown(&state);
	options.functions = functions;
	tiny_init(&fixture->kernel, &options);
	fixture->made = true;
	fixture->launcher = tiny_task(&fixture->kernel, 12, 0, "/init", NULL);
	fixture->other = tiny_task(&fixture->kernel, 13, 0, "/bin/sh", NULL);
	memset(filling, FILLING, sizeof(filling));
	tiny_write_user(&fixture->kernel, fixture->launcher->mm, USER, filling, sizeof(filling));
	tiny_run(&fixture->kernel, 0, fixture->launcher);
}

static void open_door(struct fixture *fixture, const void *job, size_t size, int profile_fd,
		      const char *settings)
{
	const struct wv_door_setup setup = { job, size, profile_fd };
	const struct wv_machine *machine = &fixture->kernel.mock.machine;

	observer_start(&fixture->observer, &fixture->kernel, settings);
	wv_monitor_open_door(fixture->observer.monitor, &setup);
	assert_int_equal(machine->watch, WV_WATCH_NOTHING);
	assert_int_equal(machine->watch_place, WV_DOOR_ADDRESS);
}

static void make_clone(struct fixture *fixture, const void *job, size_t size)
{
	boot(fixture, (struct tiny_options){ .n_vcpus = 1 });
	open_door(fixture, job, size, -1, NULL);
}

static void make_template(struct fixture *fixture, int profile_fd)
{
	boot(fixture, (struct tiny_options){ .n_vcpus = 1 });
	open_door(fixture, NULL, 0, profile_fd, NULL);
}

/** The launcher's process calls the function at the door. */
static void knock(struct fixture *fixture, uint64_t request, uint64_t address, uint64_t size)
{
	struct tiny_linux *kernel = &fixture->kernel;
	struct wv_machine *machine = &kernel->mock.machine;
	uint64_t *registers = kernel->mock.registers[0];

	tiny_user_mode(kernel, 0);
	registers[WV_REG_RDI] = request;
	registers[WV_REG_RSI] = address;
	registers[WV_REG_RDX] = size;
	machine->events->place(machine->owner, 0);
	tiny_run(kernel, 0, kernel->running[0]);
}

/** The states that were told since the last time, without how the kernel was found. */
static char *take_states(struct fixture *fixture)
{
	g_autofree char *told = observer_take(&fixture->observer);
	g_auto(GStrv) lines = g_strsplit(told, "\n", 0);
	GString *states = g_string_new(NULL);

	for (char **line = lines; *line; line++) {
		char *end = strstr(*line, "-tiny: ");

		if (!g_str_has_prefix(*line, "status "))
			continue;
		if (end)
			end[strlen("-tiny")] = '\0';
		g_string_append_printf(states, "%s\n", *line);
	}
	return g_string_free(states, FALSE);
}

static void told(struct fixture *fixture, const char *expected)
{
	g_autofree char *states = take_states(fixture);

	assert_string_equal(states, expected);
}

static bool call(struct fixture *fixture, struct tiny_task *task, const char *function)
{
	struct tiny_linux *kernel = &fixture->kernel;
	bool trapped;

	tiny_run(kernel, 0, task);
	trapped = tiny_call(kernel, 0, function, 0, NULL);
	tiny_return(kernel, 0, 0);
	return trapped;
}

/** The door is closed: whatever is asked there, nothing comes of it. */
static void assert_closed(struct fixture *fixture)
{
	const struct wv_machine *machine = &fixture->kernel.mock.machine;
	unsigned traps = machine->traps.count;

	assert_int_equal(machine->watch_place, 0);
	assert_int_equal(machine->watch, WV_WATCH_NOTHING);
	for (uint64_t request = 0; request < 6; request++)
		knock(fixture, request, USER, 4096);
	told(fixture, "");
	assert_int_equal(machine->traps.count, traps);
}

/* Pages of the launcher -------------------------------------------------------------------------*/

static uint64_t *page_entry(struct fixture *fixture, uint64_t address)
{
	struct tiny_linux *kernel = &fixture->kernel;
	struct wv_paging paging = {
		.mode = kernel->paging.mode,
		.root = tiny_get(kernel, fixture->launcher->mm, "mm_struct.pgd") - TINY_DIRECT_MAP
	};

	return mock_entry(&kernel->mock, &paging, address, 1);
}

static void read_user(struct fixture *fixture, uint64_t address, void *buffer, size_t size)
{
	uint8_t *out = buffer;

	for (size_t i = 0; i < size; i++, address++) {
		uint64_t entry = *page_entry(fixture, address);

		assert_true(entry & MOCK_PRESENT);
		out[i] = *((uint8_t *)mock_at(&fixture->kernel.mock, entry & WV_PAGING_ADDRESS) +
			   (address & (MOCK_PAGE - 1)));
	}
}

static void write_user(struct fixture *fixture, uint64_t address, const void *data, size_t size)
{
	tiny_write_user(&fixture->kernel, fixture->launcher->mm, address, data, size);
}

/** A reply's head. */
struct reply {
	uint64_t state, size;
};

static struct reply read_reply(struct fixture *fixture, uint64_t address)
{
	struct reply reply;

	read_user(fixture, address, &reply, HEAD);
	return reply;
}

/* Templates -------------------------------------------------------------------------------------*/

static void test_ready(void **state)
{
	struct fixture *fixture = *state;

	make_template(fixture, -1);
	knock(fixture, WV_DOOR_WAIT, USER, 4096);
	told(fixture, READY);
	assert_int_equal(fixture->kernel.mock.machine.traps.count, 0);
	assert_closed(fixture);
}

static void test_ready_with_page_table_isolation(void **state)
{
	struct fixture *fixture = *state;

	boot(fixture, (struct tiny_options){ .n_vcpus = 1, .pti = true });
	open_door(fixture, NULL, 0, -1, NULL);
	knock(fixture, WV_DOOR_WAIT, USER, 4096);
	told(fixture, READY);
}

/** Makes a template and returns its profile's path. Remove it. */
static char *make_profile(struct fixture *fixture)
{
	char *path;
	int fd = g_file_open_tmp("wyvern-door-XXXXXX", &path, NULL);

	assert_true(fd >= 0);
	make_template(fixture, fd);
	knock(fixture, WV_DOOR_WAIT, USER, 4096);
	told(fixture, READY);
	assert_int_equal(fcntl(fd, F_GETFD), -1); /* it is closed */
	assert_int_equal(errno, EBADF);
	return path;
}

static void test_profile(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = make_profile(fixture);
	g_autoptr(wv_profile) profile = wv_profile_load(path, NULL);
	struct wv_member member;
	uint64_t address;
	int64_t value;

	g_unlink(path);
	assert_non_null(profile);
	assert_string_equal(profile->banner, g_strchomp((char[]){ TINY_BANNER }));
	assert_true(wv_profile_symbol(profile, "_text", &address));
	assert_int_equal(address, TINY_IMAGE);
	/* what the plugins and the monitor itself trap */
	assert_true(wv_profile_symbol(profile, "outer_new", &address));
	assert_int_equal(address, tiny_symbol(&fixture->kernel, "outer_new"));
	assert_true(wv_profile_symbol(profile, "acct_process", &address));
	assert_true(wv_profile_symbol(profile, "begin_new_exec", &address));
	assert_true(wv_profile_member(profile, "task_struct", "pid", &member));
	assert_int_equal(member.offset, tiny_offset("task_struct.pid"));
	assert_true(wv_profile_member(profile, "linux_binprm", "secureexec", &member));
	assert_int_equal(member.bit_count, 1);
	assert_int_equal(member.bit_shift, 2);
	assert_true(wv_profile_enumerator(profile, "PIDTYPE_PGID", &value));
	assert_int_equal(value, 2);
	/* and nothing that nobody asks for */
	assert_false(wv_profile_member(profile, "task_struct", "thread_info", &member));
	assert_false(wv_profile_symbol(profile, "absent_new", &address));
}

/** What a clone does: it finds the same kernel by the template's profile. */
static void test_profile_is_enough(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = make_profile(fixture);
	g_autofree char *settings = g_strdup_printf("profile=%s\n", path);
	const uint64_t arguments[6] = { 0xa };
	g_autofree char *all = NULL;

	boot(fixture, (struct tiny_options){ .n_vcpus = 1 });
	open_door(fixture, "job", 3, -1, settings);
	knock(fixture, WV_DOOR_START, 12, 0);
	g_unlink(path);
	all = observer_take(&fixture->observer);
	assert_non_null(strstr(all, "status 0,1: Linux 6.1.0-tiny: "));
	assert_non_null(strstr(all, " symbols (isf), "));
	assert_non_null(strstr(all, "running 13/13 of 0 uid 1000 \"sh\""));
	/* the same is missing as without a profile, and no more */
	assert_null(strstr(all, "needed_function (costs the plugin)\nmessage"));
	tiny_call(&fixture->kernel, 0, "outer_new", 0, arguments);
	tiny_return(&fixture->kernel, 0, 0xb);
	observer_told(&fixture->observer,
		      "outer_new 12/12 of 0 uid 1000 \"init\" #3: First=0xa Second=0xb\n");
}

static void test_profile_of_another_kernel(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *path = make_profile(fixture);
	g_autofree char *settings = g_strdup_printf("profile=%s\n", path);
	g_autofree char *states = NULL;

	boot(fixture, (struct tiny_options){
			      .n_vcpus = 1, .banner = "Linux version 6.1.0-other (b@h) #1 SMP\n" });
	open_door(fixture, "job", 3, -1, settings);
	knock(fixture, WV_DOOR_START, 12, 0);
	g_unlink(path);
	states = take_states(fixture);
	assert_true(g_str_has_prefix(states, "status 7,12: \nstatus 1,4: "));
	assert_non_null(strstr(states, "the profile is of another kernel"));
}

static void test_profile_that_can_not_be_written(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *states = NULL;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	make_template(fixture, fd);
	knock(fixture, WV_DOOR_WAIT, USER, 4096);
	states = take_states(fixture);
	assert_true(g_str_has_prefix(states, "status 1,2: cannot write the kernel's profile: "));
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_closed(fixture);
}

static void test_template_without_a_kernel(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *states = NULL;

	make_template(fixture, -1);
	fixture->kernel.mock.registers[0][WV_REG_EFER] = 0;
	knock(fixture, WV_DOOR_WAIT, USER, 4096);
	states = take_states(fixture);
	assert_true(g_str_has_prefix(states, "status 1,4: no kernel found"));
	assert_int_equal(fixture->kernel.mock.machine.traps.count, 0);
	assert_closed(fixture);
}

/* The job ---------------------------------------------------------------------------------------*/

static uint8_t job[20000];

static void fill_job(void)
{
	for (size_t i = 0; i < sizeof(job); i++)
		job[i] = (uint8_t)(i * 7 + i / 251);
}

/** Asks for the next bytes as the launcher does, and checks that nothing else was written. */
static struct reply ask(struct fixture *fixture, uint64_t address, size_t size, uint8_t *data)
{
	static uint8_t before[4 * MOCK_PAGE], after[sizeof(before)];
	struct reply reply = { WV_DOOR_NOTHING, 0 };

	write_user(fixture, address, &reply, HEAD);
	read_user(fixture, USER, before, sizeof(before));
	knock(fixture, WV_DOOR_WAIT, address, size);
	reply = read_reply(fixture, address);
	assert_true(reply.size <= size - HEAD);
	read_user(fixture, address + HEAD, data, reply.size);
	/* all else is as it was */
	read_user(fixture, USER, after, sizeof(after));
	memcpy(after + (address - USER), before + (address - USER), HEAD + reply.size);
	assert_memory_equal(before, after, sizeof(before));
	return reply;
}

/** Takes all that is left of a job. Returns how often it asked. */
static unsigned take_job(struct fixture *fixture, uint64_t address, size_t room, size_t from,
			 size_t size)
{
	static uint8_t got[sizeof(job)];
	unsigned asked = 0;

	for (size_t at = from; at < size; asked++) {
		struct reply reply = ask(fixture, address, room, got + at);

		assert_true(reply.size > 0);
		assert_int_equal(reply.size, MIN(size - at, room - HEAD));
		at += reply.size;
		assert_int_equal(reply.state, at == size ? WV_DOOR_LAST : WV_DOOR_MORE);
	}
	assert_memory_equal(got + from, job + from, size - from);
	return asked;
}

static void test_jobs_and_buffers(void **state)
{
	static const size_t sizes[] = { 1, 4079, 4080, 4081, 8192, sizeof(job) };
	static const size_t rooms[] = { HEAD + 64, 4096, 4112, 8191, 2 * 4096 + HEAD };
	/* in one page, across two, with its head across two, at the last byte */
	static const uint64_t offsets[] = { 0, 1, 4096 - 8, 4096 - HEAD, 4095 };
	struct fixture *fixture = *state;

	fill_job();
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		for (size_t j = 0; j < G_N_ELEMENTS(rooms); j++) {
			unsigned asked;

			make_clone(fixture, job, sizes[i]);
			asked = take_job(fixture, USER + offsets[(i + j) % 5], rooms[j], 0,
					 sizes[i]);
			assert_int_equal(asked,
					 (sizes[i] + rooms[j] - HEAD - 1) / (rooms[j] - HEAD));
			told(fixture, RESUMED);
		}
	}
}

static void test_a_byte_at_a_time(void **state)
{
	struct fixture *fixture = *state;

	fill_job();
	make_clone(fixture, job, 100);
	assert_int_equal(take_job(fixture, USER + 4090, HEAD + 1, 0, 100), 100);
	told(fixture, RESUMED);
}

static void test_after_the_last_byte(void **state)
{
	struct fixture *fixture = *state;
	uint8_t data[4096];

	fill_job();
	make_clone(fixture, job, 10);
	take_job(fixture, USER, 4096, 0, 10);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(ask(fixture, USER, 4096, data).state, WV_DOOR_NOTHING);
	told(fixture, RESUMED);
}

/** Nothing can be given there: and nothing is lost. Where there is no room for a head, bytes that
 *  were put behind it do no harm. */
static void assert_nothing_given(struct fixture *fixture, uint64_t address, uint64_t size)
{
	static uint8_t before[4 * MOCK_PAGE], after[sizeof(before)];

	read_user(fixture, USER, before, sizeof(before));
	knock(fixture, WV_DOOR_WAIT, address, size);
	read_user(fixture, USER, after, sizeof(after));
	if (address - (USER - HEAD) >= HEAD)
		assert_memory_equal(before, after, sizeof(before));
	take_job(fixture, USER, 4096, 0, 1000);
}

static void test_buffers_that_are_too_small(void **state)
{
	static const uint64_t sizes[] = { 0, 1, HEAD - 1, HEAD };
	struct fixture *fixture = *state;

	fill_job();
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		make_clone(fixture, job, 1000);
		assert_nothing_given(fixture, USER, sizes[i]);
	}
}

static void test_buffers_that_are_not_there(void **state)
{
	static const uint64_t addresses[] = {
		0,
		0x1000,
		USER_END,
		USER_END - 8,	 /* there is no room for the head */
		USER_END - HEAD, /* nor for a byte behind it */
		USER - MOCK_PAGE,
		USER - HEAD,		  /* only the head is not there */
		USER - 8,		  /* only half of it */
		UINT64_C(0x7fffffffffff), /* the end of the lower half */
		UINT64_C(0x800000000000), /* no address at all */
		UINT64_C(0xffff000000000000),
		UINT64_MAX - 4095,
		UINT64_MAX - HEAD,
		UINT64_MAX - HEAD + 1, /* its data are at 0 */
		UINT64_MAX,
	};
	struct fixture *fixture = *state;

	fill_job();
	for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
		make_clone(fixture, job, 1000);
		assert_nothing_given(fixture, addresses[i], 4096);
		make_clone(fixture, job, 1000);
		assert_nothing_given(fixture, addresses[i], UINT64_MAX);
	}
}

static void test_buffer_around_the_end_of_all_addresses(void **state)
{
	struct fixture *fixture = *state;
	uint8_t *page;

	/* a page at 0, where the data of a head at the very end would be */
	fill_job();
	make_clone(fixture, job, 1000);
	*page_entry(fixture, 0) = mock_page(&fixture->kernel.mock) | MOCK_TABLE;
	page = mock_at(&fixture->kernel.mock, *page_entry(fixture, 0) & WV_PAGING_ADDRESS);
	assert_nothing_given(fixture, UINT64_MAX - HEAD + 1, 4096);
	assert_non_null(page);
}

static void test_huge_buffer(void **state)
{
	struct fixture *fixture = *state;
	const size_t there = 4 * MOCK_PAGE - HEAD;
	struct reply reply;
	uint8_t data[4 * MOCK_PAGE];

	/* as much as there is room for in memory, and the rest the next time */
	fill_job();
	make_clone(fixture, job, sizeof(job));
	reply = ask(fixture, USER, SIZE_MAX, data);
	assert_int_equal(reply.state, WV_DOOR_MORE);
	assert_int_equal(reply.size, there);
	assert_memory_equal(data, job, there);
	take_job(fixture, USER, 4096, there, sizeof(job));
}

static void test_page_that_is_not_there(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	uint8_t data[4096];
	uint64_t entry;

	/* the page after the first is swapped out, and comes back later */
	fill_job();
	make_clone(fixture, job, sizeof(job));
	entry = *page_entry(fixture, USER + MOCK_PAGE);
	*page_entry(fixture, USER + MOCK_PAGE) = entry & ~MOCK_PRESENT;
	knock(fixture, WV_DOOR_WAIT, USER + 100, 8192);
	reply = read_reply(fixture, USER + 100);
	assert_int_equal(reply.state, WV_DOOR_MORE);
	assert_int_equal(reply.size, 4096 - 100 - HEAD);
	read_user(fixture, USER + 100 + HEAD, data, reply.size);
	assert_memory_equal(data, job, reply.size);
	*page_entry(fixture, USER + MOCK_PAGE) = entry;
	take_job(fixture, USER + 100, 8192, reply.size, sizeof(job));
}

static void test_page_that_is_not_writable(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;

	/* one of zeros that everybody shares, say */
	fill_job();
	make_clone(fixture, job, 1000);
	*page_entry(fixture, USER + MOCK_PAGE) &= ~MOCK_WRITABLE;
	assert_nothing_given(fixture, USER + MOCK_PAGE, 4096);

	make_clone(fixture, job, 8000);
	*page_entry(fixture, USER + MOCK_PAGE) &= ~MOCK_WRITABLE;
	knock(fixture, WV_DOOR_WAIT, USER, 8192);
	reply = read_reply(fixture, USER);
	assert_int_equal(reply.state, WV_DOOR_MORE);
	assert_int_equal(reply.size, 4096 - HEAD);
	read_user(fixture, USER + MOCK_PAGE, &reply, HEAD); /* it is as it was */
	assert_int_equal(reply.state, UINT64_C(0x0101010101010101) * FILLING);
}

/** The guest ran again once, however often it had to ask for the first bytes. */
static void test_resumed_is_told_once(void **state)
{
	struct fixture *fixture = *state;

	fill_job();
	make_clone(fixture, job, 100);
	knock(fixture, WV_DOOR_WAIT, USER_END, 4096);
	told(fixture, RESUMED);
	knock(fixture, WV_DOOR_WAIT, USER_END, 4096);
	knock(fixture, WV_DOOR_WAIT, USER, 0);
	take_job(fixture, USER, 4096, 0, 100);
	told(fixture, "");
}

static void test_ram_that_is_not_mapped(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;

	fill_job();
	boot(fixture, (struct tiny_options){ .n_vcpus = 1, .unmapped = true });
	open_door(fixture, job, 1000, -1, NULL);
	knock(fixture, WV_DOOR_WAIT, USER, 4096);
	assert_true(fixture->kernel.mock.maps > 0); /* it was tried at least */
	reply = read_reply(fixture, USER);
	assert_int_equal(reply.state, UINT64_C(0x0101010101010101) * FILLING);
	/* once it is, all comes */
	fixture->kernel.mock.machine.ram[0] =
		(struct wv_ram){ 0, fixture->kernel.mock.ram_size, fixture->kernel.mock.ram };
	fixture->kernel.mock.machine.n_ram = 1;
	take_job(fixture, USER, 4096, 0, 1000);
}

static void test_job_with_page_table_isolation(void **state)
{
	struct fixture *fixture = *state;
	struct reply reply;
	uint8_t data[1000];

	/* user mode's own table is the one that counts */
	fill_job();
	boot(fixture, (struct tiny_options){ .n_vcpus = 1, .pti = true });
	open_door(fixture, job, 1000, -1, NULL);
	reply = ask(fixture, USER, 4096, data);
	assert_int_equal(reply.state, WV_DOOR_LAST);
	assert_memory_equal(data, job, 1000);
	knock(fixture, WV_DOOR_START, 12, 0);
	told(fixture, RESUMED "status 7,12: \n" ARMED);
}

/* Starting --------------------------------------------------------------------------------------*/

static void start(struct fixture *fixture)
{
	make_clone(fixture, "job", 3);
	knock(fixture, WV_DOOR_START, 12, 0);
	told(fixture, "status 7,12: \n" ARMED);
}

static void test_start(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t arguments[6] = { 0xa };
	struct wv_machine *machine = &fixture->kernel.mock.machine;

	start(fixture);
	assert_true(machine->traps.count > 0);
	assert_int_equal(machine->watch, WV_WATCH_NOTHING);
	assert_true(fixture->kernel.mock.traps_changed > 0);
	/* until the sample is executed it may still fail to be */
	assert_int_equal(machine->watch_place, WV_DOOR_ADDRESS);
	tiny_call(&fixture->kernel, 0, "inner", 0, arguments);
	observer_told(&fixture->observer, "inner 12/12 of 0 uid 1000 \"init\" #3: First=0xa\n");
}

static void test_what_comes_too_late(void **state)
{
	static const uint64_t requests[] = { 0, WV_DOOR_WAIT, WV_DOOR_START, 4, UINT64_MAX };
	struct fixture *fixture = *state;
	unsigned traps;

	start(fixture);
	traps = fixture->kernel.mock.machine.traps.count;
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++)
		knock(fixture, requests[i], USER, 4096);
	told(fixture, "");
	assert_int_equal(fixture->kernel.mock.machine.traps.count, traps);
	assert_int_equal(read_reply(fixture, USER).state, UINT64_C(0x0101010101010101) * FILLING);
	/* it is still the first one's process that counts */
	call(fixture, fixture->launcher, "begin_new_exec");
	told(fixture, RUNNING);
}

static void test_requests_that_there_are_none(void **state)
{
	static const uint64_t requests[] = { 0, 4, 5, 1000, UINT64_C(1) << 32 | 1, UINT64_MAX };
	struct fixture *fixture = *state;

	fill_job();
	make_clone(fixture, job, 1000);
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++)
		knock(fixture, requests[i], USER, 4096);
	told(fixture, "");
	take_job(fixture, USER, 4096, 0, 1000);
}

static void test_registers_that_can_not_be_read(void **state)
{
	struct fixture *fixture = *state;

	make_clone(fixture, "job", 3);
	fixture->kernel.mock.unreadable = 1u << WV_REG_RDI;
	knock(fixture, WV_DOOR_WAIT, USER, 4096);
	knock(fixture, WV_DOOR_START, 12, 0);
	told(fixture, "");
	fixture->kernel.mock.unreadable = 1u << WV_REG_CR3;
	knock(fixture, WV_DOOR_WAIT, USER, 4096);
	told(fixture, RESUMED);
}

static void test_start_without_a_kernel(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *states = NULL;

	make_clone(fixture, "job", 3);
	fixture->kernel.mock.registers[0][WV_REG_CR0] = 0;
	knock(fixture, WV_DOOR_START, 12, 0);
	states = take_states(fixture);
	assert_true(g_str_has_prefix(states, "status 7,12: \nstatus 1,4: no kernel found"));
	knock(fixture, WV_DOOR_START, 12, 0); /* there is no second try */
	told(fixture, "");
}

/* Failing ---------------------------------------------------------------------------------------*/

static void test_failed(void **state)
{
	static const char text[] = "exec format error\n";
	struct fixture *fixture = *state;

	/* before it was about to start: no such user, say */
	make_clone(fixture, "job", 3);
	write_user(fixture, USER + 4090, text, sizeof(text));
	knock(fixture, WV_DOOR_FAILED, USER + 4090, 4);
	told(fixture, "status 8,0: exec\n");
	assert_closed(fixture);

	/* or after that */
	start(fixture);
	write_user(fixture, USER, text, sizeof(text));
	knock(fixture, WV_DOOR_FAILED, USER, strlen(text) - 1);
	told(fixture, "status 8,0: exec format error\n");
	assert_closed(fixture);
	/* the process that ends then is no sample's */
	call(fixture, fixture->launcher, "begin_new_exec");
	call(fixture, fixture->launcher, "acct_process");
	told(fixture, "");
}

static void assert_failed(struct fixture *fixture, uint64_t address, uint64_t size,
			  const char *expected)
{
	g_autofree char *states = NULL;

	start(fixture);
	write_user(fixture, USER, "good\0bad", 9);
	knock(fixture, WV_DOOR_FAILED, address, size);
	states = take_states(fixture);
	if (strcmp(states, expected) != 0)
		fail_msg("%lx, %lu: %s", address, size, states);
	assert_closed(fixture);
}

static void test_texts_of_all_kinds(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *longest = g_strnfill(WV_DOOR_TEXT_MAX, (char)FILLING);
	g_autofree char *cut = g_strdup_printf("status 8,0: %s\n", longest);

	assert_failed(fixture, USER, 0, "status 8,0: \n");
	assert_failed(fixture, USER, 4, "status 8,0: good\n");
	assert_failed(fixture, USER, 8, "status 8,0: good\n"); /* up to its end */
	assert_failed(fixture, 0, 0, "status 8,0: \n");
	assert_failed(fixture, 0, 100, "status 8,0: \n");
	assert_failed(fixture, USER_END, 100, "status 8,0: \n");
	assert_failed(fixture, UINT64_MAX, UINT64_MAX, "status 8,0: \n");
	assert_failed(fixture, UINT64_C(0x800000000000), 100, "status 8,0: \n");
	/* too long: what there is room for */
	assert_failed(fixture, USER + 100, WV_DOOR_TEXT_MAX, cut);
	assert_failed(fixture, USER + 100, WV_DOOR_TEXT_MAX + 1, cut);
	assert_failed(fixture, USER + 100, UINT64_MAX, cut);
}

/** A text whose second page is not there: what is told is its beginning, or nothing. */
static void test_text_that_breaks_off(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *states = NULL;

	start(fixture);
	write_user(fixture, USER_END - 4, "word", 4);
	knock(fixture, WV_DOOR_FAILED, USER_END - 4, 100);
	states = take_states(fixture);
	if (strcmp(states, "status 8,0: word\n") != 0 && strcmp(states, "status 8,0: \n") != 0)
		fail_msg("%s", states);
}

static void test_failing_template(void **state)
{
	struct fixture *fixture = *state;

	make_template(fixture, -1);
	write_user(fixture, USER, "no modules", 10);
	knock(fixture, WV_DOOR_FAILED, USER, 10);
	told(fixture, "status 8,0: no modules\n");
	assert_closed(fixture);
}

/* The sample runs -------------------------------------------------------------------------------*/

static void test_executed(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	call(fixture, fixture->other, "begin_new_exec"); /* somebody else's */
	told(fixture, "");
	assert_int_equal(fixture->kernel.mock.machine.watch_place, WV_DOOR_ADDRESS);
	tiny_run(&fixture->kernel, 0, fixture->launcher);
	call(fixture, fixture->launcher, "begin_new_exec");
	told(fixture, RUNNING);
	assert_closed(fixture);
	call(fixture, fixture->launcher, "begin_new_exec"); /* it becomes yet another */
	told(fixture, "");
}

static void test_executed_in_an_older_kernel(void **state)
{
	static const char *const without[] = { "begin_new_exec", NULL };
	struct fixture *fixture = *state;

	boot(fixture, (struct tiny_options){ .n_vcpus = 1, .without_symbols = without });
	open_door(fixture, "job", 3, -1, NULL);
	knock(fixture, WV_DOOR_START, 12, 0);
	told(fixture, "status 7,12: \n" ARMED);
	call(fixture, fixture->other, "do_execveat_common");
	told(fixture, "");
	call(fixture, fixture->launcher, "do_execveat_common");
	told(fixture, RUNNING);
}

/** A monitor without a launcher in its guest does not look at who executes what, or ends. */
static void test_no_hooks_without_a_launcher(void **state)
{
	struct fixture *fixture = *state;

	boot(fixture, (struct tiny_options){ .n_vcpus = 1 });
	observer_start(&fixture->observer, &fixture->kernel, NULL);
	observer_discover(&fixture->observer, 0);
	told(fixture, ARMED);
	assert_false(call(fixture, fixture->launcher, "acct_process"));
	assert_false(call(fixture, fixture->launcher, "disassociate_ctty"));
}

/**
 * Nobody waits at a door: a program that a hostile guest has at the address 0, which is also what
 * says that no place is watched, is not listened to.
 */
static void test_no_door(void **state)
{
	static const uint64_t requests[] = { WV_DOOR_FAILED, WV_DOOR_START, WV_DOOR_WAIT };
	struct fixture *fixture = *state;
	unsigned traps;

	boot(fixture, (struct tiny_options){ .n_vcpus = 1 });
	observer_start(&fixture->observer, &fixture->kernel, NULL);
	observer_discover(&fixture->observer, 0);
	told(fixture, ARMED);
	traps = fixture->kernel.mock.machine.traps.count;
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		knock(fixture, requests[i], USER, 4096);
		told(fixture, "");
		assert_int_equal(fixture->kernel.mock.machine.traps.count, traps);
	}
}

/* The sample ends -------------------------------------------------------------------------------*/

/** What the guest says of the thread that ends. */
static struct {
	bool ends;
	uint32_t status;
	uint64_t thread; /* that was asked about last */
	unsigned asked;
} ending;

static bool exit_status(struct wv_guest *guest, const struct wv_space *space, uint64_t thread,
			uint32_t *status)
{
	(void)guest;
	(void)space;
	ending.thread = thread;
	ending.asked++;
	*status = ending.status;
	return ending.ends;
}

/** The sample was started; @executed: and is running. */
static void start_sample(struct fixture *fixture, bool executed)
{
	struct wv_guest *guest;

	start(fixture);
	guest = fixture->observer.monitor->guest;
	fixture->ops = *guest->ops;
	fixture->ops.exit_status = exit_status;
	guest->ops = &fixture->ops;
	memset(&ending, 0, sizeof(ending));
	if (!executed)
		return;
	call(fixture, fixture->launcher, "begin_new_exec");
	told(fixture, RUNNING);
}

static void test_exited(void **state)
{
	struct fixture *fixture = *state;

	start_sample(fixture, true);
	ending.status = 0x300;
	/* it lets its terminal go, and does not end */
	call(fixture, fixture->launcher, "acct_process");
	told(fixture, "");
	assert_int_equal(ending.thread, fixture->launcher->address);
	/* another process ends: not even asked about */
	ending.ends = true;
	ending.asked = 0;
	call(fixture, fixture->other, "acct_process");
	told(fixture, "");
	assert_int_equal(ending.asked, 0);
	/* and it does */
	call(fixture, fixture->launcher, "acct_process");
	told(fixture, "status 10,768: \n");
	assert_int_equal(ending.thread, fixture->launcher->address);
	/* once; a process that gets the same number later is not the sample */
	call(fixture, fixture->launcher, "acct_process");
	call(fixture, fixture->launcher, "begin_new_exec");
	told(fixture, "");
	assert_closed(fixture);
}

static void test_statuses(void **state)
{
	static const uint32_t statuses[] = { 0, 0x100, 0xff00, 9, 11 | 0x80, UINT32_MAX };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++) {
		g_autofree char *expected = g_strdup_printf("status 10,%u: \n", statuses[i]);

		start_sample(fixture, true);
		ending.ends = true;
		ending.status = statuses[i];
		call(fixture, fixture->launcher, "acct_process");
		told(fixture, expected);
	}
}

static void test_last_thread_is_another_one(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_task *thread;

	start_sample(fixture, true);
	thread = tiny_task(&fixture->kernel, 14, 12, "/tmp/sample", NULL);
	tiny_put(&fixture->kernel, thread->address, "task_struct.tgid", 12);
	ending.ends = true;
	call(fixture, thread, "acct_process");
	told(fixture, "status 10,0: \n");
	assert_int_equal(ending.thread, thread->address);
}

/** A child of the sample's, before it is anything else, has a number of its own. */
static void test_child_of_the_sample(void **state)
{
	struct fixture *fixture = *state;
	struct tiny_task *child;

	start_sample(fixture, true);
	child = tiny_task(&fixture->kernel, 15, 12, "/tmp/sample", NULL);
	ending.ends = true;
	call(fixture, child, "acct_process");
	told(fixture, "");
}

static void test_killed_before_it_was_executed(void **state)
{
	struct fixture *fixture = *state;

	start_sample(fixture, false);
	ending.ends = true;
	ending.status = 9;
	call(fixture, fixture->launcher, "acct_process");
	told(fixture, "status 10,9: \n");
	call(fixture, fixture->launcher, "begin_new_exec");
	told(fixture, "");
}

static void test_exited_without_accounting(void **state)
{
	static const char *const without[] = { "acct_process", NULL };
	struct fixture *fixture = *state;

	boot(fixture, (struct tiny_options){ .n_vcpus = 1, .without_symbols = without });
	open_door(fixture, "job", 3, -1, NULL);
	knock(fixture, WV_DOOR_START, 12, 0);
	assert_true(call(fixture, fixture->launcher, "disassociate_ctty"));
}

/** A caller that can not be read is not taken for the sample. */
static void test_caller_that_is_not_known(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t nowhere = 0xffff800000000000;

	start_sample(fixture, true);
	ending.ends = true;
	tiny_run(&fixture->kernel, 0, fixture->launcher);
	memcpy(tiny_at(&fixture->kernel, fixture->kernel.current[0]), &nowhere, sizeof(nowhere));
	tiny_call(&fixture->kernel, 0, "acct_process", 0, NULL);
	told(fixture, "");
}

/* The machine starts again ----------------------------------------------------------------------*/

static void reset(struct fixture *fixture)
{
	struct wv_machine *machine = &fixture->kernel.mock.machine;

	machine->events->reset(machine->owner, 0);
}

static void test_reset_while_it_waits(void **state)
{
	struct fixture *fixture = *state;

	/* as at its very start */
	fill_job();
	make_clone(fixture, job, 1000);
	reset(fixture);
	told(fixture, "");
	take_job(fixture, USER, 4096, 0, 1000);
	knock(fixture, WV_DOOR_START, 12, 0);
	told(fixture, RESUMED "status 7,12: \n" ARMED);

	make_template(fixture, -1);
	reset(fixture);
	told(fixture, "");
	knock(fixture, WV_DOOR_WAIT, USER, 4096);
	told(fixture, READY);
	reset(fixture);
	told(fixture, "");
	assert_closed(fixture);
}

/** Nothing is watched any more, and nobody waited for. */
static void assert_quiet_after_reset(struct fixture *fixture)
{
	struct wv_machine *machine = &fixture->kernel.mock.machine;

	reset(fixture);
	told(fixture, RESET);
	assert_int_equal(machine->traps.count, 0);
	assert_int_equal(machine->watch, WV_WATCH_NOTHING);
	machine->events->watched(machine->owner, 0); /* code that was translated before */
	call(fixture, fixture->launcher, "begin_new_exec");
	call(fixture, fixture->launcher, "acct_process");
	reset(fixture);
}

static void test_reset_while_it_starts(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	assert_quiet_after_reset(fixture);
}

static void test_reset_while_it_runs(void **state)
{
	struct fixture *fixture = *state;

	start_sample(fixture, true);
	assert_quiet_after_reset(fixture);
}

static void test_reset_after_its_end(void **state)
{
	struct fixture *fixture = *state;

	start_sample(fixture, true);
	ending.ends = true;
	call(fixture, fixture->launcher, "acct_process");
	told(fixture, "status 10,0: \n");
	assert_quiet_after_reset(fixture);

	start(fixture);
	knock(fixture, WV_DOOR_FAILED, USER, 0);
	told(fixture, "status 8,0: \n");
	assert_quiet_after_reset(fixture);
}

static void test_end_in_each_phase(void **state)
{
	struct fixture *fixture = *state;
	struct wv_machine *machine = &fixture->kernel.mock.machine;

	make_clone(fixture, "job", 3);
	machine->events->ended(machine->owner);
	told(fixture, "status 4,0: \n");
	start(fixture);
	machine->events->ended(machine->owner);
	told(fixture, "status 4,0: \n");
	start_sample(fixture, true);
	machine->events->ended(machine->owner);
	told(fixture, "status 4,0: \n");
	make_template(fixture, -1);
	knock(fixture, WV_DOOR_WAIT, USER, 4096);
	machine->events->ended(machine->owner);
	told(fixture, READY "status 4,0: \n");
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_ready),
		WITH(test_ready_with_page_table_isolation),
		WITH(test_profile),
		WITH(test_profile_is_enough),
		WITH(test_profile_of_another_kernel),
		WITH(test_profile_that_can_not_be_written),
		WITH(test_template_without_a_kernel),
		WITH(test_jobs_and_buffers),
		WITH(test_a_byte_at_a_time),
		WITH(test_after_the_last_byte),
		WITH(test_buffers_that_are_too_small),
		WITH(test_buffers_that_are_not_there),
		WITH(test_buffer_around_the_end_of_all_addresses),
		WITH(test_huge_buffer),
		WITH(test_page_that_is_not_there),
		WITH(test_page_that_is_not_writable),
		WITH(test_resumed_is_told_once),
		WITH(test_ram_that_is_not_mapped),
		WITH(test_job_with_page_table_isolation),
		WITH(test_start),
		WITH(test_what_comes_too_late),
		WITH(test_requests_that_there_are_none),
		WITH(test_registers_that_can_not_be_read),
		WITH(test_start_without_a_kernel),
		WITH(test_failed),
		WITH(test_texts_of_all_kinds),
		WITH(test_text_that_breaks_off),
		WITH(test_failing_template),
		WITH(test_executed),
		WITH(test_executed_in_an_older_kernel),
		WITH(test_no_hooks_without_a_launcher),
		WITH(test_no_door),
		WITH(test_exited),
		WITH(test_statuses),
		WITH(test_last_thread_is_another_one),
		WITH(test_child_of_the_sample),
		WITH(test_killed_before_it_was_executed),
		WITH(test_exited_without_accounting),
		WITH(test_caller_that_is_not_known),
		WITH(test_reset_while_it_waits),
		WITH(test_reset_while_it_starts),
		WITH(test_reset_while_it_runs),
		WITH(test_reset_after_its_end),
		WITH(test_end_in_each_phase),
	};

	return cmocka_run_group_tests_name("door", tests, NULL, NULL);
}

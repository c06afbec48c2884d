/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a Linux process ends, read from its last thread while that is on its way out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "guest/linux/internal.h"
#include "mock_machine.h"

#define RAM_SIZE (1u << 20)

/** Where the objects are: a page each, in an address space that has no others. */
#define TASK   UINT64_C(0xffff888000001000)
#define LEADER UINT64_C(0xffff888000002000)
#define SIGNAL UINT64_C(0xffff888000003000)
#define PAGES  3u

/** Bits of task_struct.flags and signal_struct.flags (include/linux/sched.h, sched/signal.h). */
#define PF_EXITING	    0x4u
#define PF_FORKNOEXEC	    0x40u
#define SIGNAL_STOP_STOPPED 0x1u
#define SIGNAL_GROUP_EXIT   0x4u

/** Where the members are. */
static const struct {
	enum linux_want want;
	uint64_t offset;
} members[] = {
	{ TASK_FLAGS, 0x2c },	{ TASK_EXIT_CODE, 0x4dc }, { TASK_GROUP_LEADER, 0x500 },
	{ TASK_SIGNAL, 0x7f8 }, { SIGNAL_FLAGS, 0x64 },	   { SIGNAL_GROUP_EXIT_CODE, 0x58 },
};

struct fixture {
	struct mock_machine mock;
	struct wv_linux kernel;
	struct wv_space space;
};

static uint64_t offset_of(enum linux_want want)
{
	for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
		if (members[i].want == want)
			return members[i].offset;
	fail();
	return 0;
}

static void put(struct fixture *fixture, uint64_t object, enum linux_want want, uint64_t value,
		size_t size)
{
	uint64_t physical, contiguous;

	assert_true(wv_space_translate(&fixture->space, object + offset_of(want), &physical,
				       &contiguous));
	memcpy(mock_at(&fixture->mock, physical), &value, size);
}

/** A process of two threads; the one that runs is not its leader. Nothing ends yet. */
static int setup(void **state)
{
	static struct fixture fixture;
	struct mock_machine *mock = &fixture.mock;

	memset(&fixture, 0, sizeof(fixture));
	mock_init(mock, 1, RAM_SIZE, true);
	fixture.space = (struct wv_space){
		.machine = &mock->machine,
		.paging = { WV_PAGING_4_LEVEL, mock->registers[0][WV_REG_CR3] },
		.current = true,
	};
	for (uint64_t i = 0; i < PAGES; i++)
		mock_map(mock, &fixture.space.paging, TASK + i * MOCK_PAGE, mock_page(mock),
			 MOCK_PAGE);
	fixture.kernel.guest.machine = &mock->machine;
	for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
		fixture.kernel.places[members[i].want].found = true;
		fixture.kernel.places[members[i].want].value = members[i].offset;
	}
	put(&fixture, TASK, TASK_SIGNAL, SIGNAL, 8);
	put(&fixture, TASK, TASK_GROUP_LEADER, LEADER, 8);
	put(&fixture, LEADER, TASK_SIGNAL, SIGNAL, 8);
	put(&fixture, LEADER, TASK_GROUP_LEADER, LEADER, 8);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	mock_deinit(&fixture->mock);
	return 0;
}

static bool ask(struct fixture *fixture, uint64_t task, uint32_t *status)
{
	*status = 0xdeadbeef;
	return wv_linux_exit_status(&fixture->kernel.guest, &fixture->space, task, status);
}

static void assert_status(struct fixture *fixture, uint64_t task, uint32_t expected)
{
	uint32_t status;

	assert_true(ask(fixture, task, &status));
	assert_int_equal(status, expected);
}

static void assert_none(struct fixture *fixture, uint64_t task)
{
	uint32_t status;

	assert_false(ask(fixture, task, &status));
}

static void test_not_exiting(void **state)
{
	struct fixture *fixture = *state;

	/* a thread that lives on: whatever its process is told to do */
	put(fixture, TASK, TASK_FLAGS, 0, 4);
	assert_none(fixture, TASK);
	put(fixture, TASK, TASK_FLAGS, ~PF_EXITING, 4);
	put(fixture, SIGNAL, SIGNAL_FLAGS, SIGNAL_GROUP_EXIT, 4);
	assert_none(fixture, TASK);
	/* that its leader has ended says nothing */
	put(fixture, LEADER, TASK_FLAGS, PF_EXITING, 4);
	assert_none(fixture, TASK);
}

static void test_group_exit(void **state)
{
	static const uint32_t codes[] = { 0, 0x700, 0xff00, 9, 0x8b, UINT32_MAX };
	struct fixture *fixture = *state;

	/* exit_group(2), or a signal that ends all: not what its threads said */
	put(fixture, TASK, TASK_FLAGS, PF_EXITING | PF_FORKNOEXEC, 4);
	put(fixture, TASK, TASK_EXIT_CODE, 0x100, 4);
	put(fixture, LEADER, TASK_EXIT_CODE, 0x200, 4);
	put(fixture, SIGNAL, SIGNAL_FLAGS, SIGNAL_GROUP_EXIT | SIGNAL_STOP_STOPPED, 4);
	for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
		put(fixture, SIGNAL, SIGNAL_GROUP_EXIT_CODE, codes[i], 4);
		assert_status(fixture, TASK, codes[i]);
	}
}

static void test_each_thread_by_itself(void **state)
{
	struct fixture *fixture = *state;

	/* each thread called exit(2): the leader's code counts, even if it ended long ago */
	put(fixture, TASK, TASK_FLAGS, PF_EXITING, 4);
	put(fixture, TASK, TASK_EXIT_CODE, 0x100, 4);
	put(fixture, LEADER, TASK_EXIT_CODE, 0x200, 4);
	put(fixture, SIGNAL, SIGNAL_FLAGS, SIGNAL_STOP_STOPPED, 4);
	put(fixture, SIGNAL, SIGNAL_GROUP_EXIT_CODE, 0x300, 4);
	assert_status(fixture, TASK, 0x200);
	/* the leader is the last one */
	put(fixture, LEADER, TASK_FLAGS, PF_EXITING, 4);
	assert_status(fixture, LEADER, 0x200);
}

static void test_members_that_the_kernel_lacks(void **state)
{
	struct fixture *fixture = *state;
	struct wv_place *places = fixture->kernel.places;

	put(fixture, TASK, TASK_FLAGS, PF_EXITING, 4);
	put(fixture, LEADER, TASK_EXIT_CODE, 0x200, 4);
	put(fixture, SIGNAL, SIGNAL_FLAGS, SIGNAL_GROUP_EXIT, 4);
	put(fixture, SIGNAL, SIGNAL_GROUP_EXIT_CODE, 0x300, 4);
	assert_status(fixture, TASK, 0x300);
	/* then nobody knows whether all of it ends: the leader's code is the best guess */
	places[SIGNAL_FLAGS].found = false;
	assert_status(fixture, TASK, 0x200);
	places[SIGNAL_FLAGS].found = true;
	places[TASK_SIGNAL].found = false;
	assert_status(fixture, TASK, 0x200);
	places[TASK_GROUP_LEADER].found = false;
	assert_none(fixture, TASK);
	places[TASK_GROUP_LEADER].found = true;
	places[TASK_EXIT_CODE].found = false;
	assert_none(fixture, TASK);
	places[TASK_SIGNAL].found = true;
	places[SIGNAL_GROUP_EXIT_CODE].found = false;
	assert_none(fixture, TASK);
	places[SIGNAL_GROUP_EXIT_CODE].found = true;
	assert_status(fixture, TASK, 0x300);
	places[TASK_FLAGS].found = false;
	assert_none(fixture, TASK);
}

static void test_objects_that_are_not_there(void **state)
{
	static const uint64_t nowhere[] = { 0,
					    0x1000,
					    UINT64_C(0xffff888000000000),
					    UINT64_C(0x800000000000),
					    UINT64_MAX - 0x4d8,
					    UINT64_MAX };
	struct fixture *fixture = *state;

	put(fixture, TASK, TASK_FLAGS, PF_EXITING, 4);
	put(fixture, LEADER, TASK_EXIT_CODE, 0x200, 4);
	put(fixture, SIGNAL, SIGNAL_FLAGS, SIGNAL_GROUP_EXIT, 4);
	put(fixture, SIGNAL, SIGNAL_GROUP_EXIT_CODE, 0x300, 4);
	for (size_t i = 0; i < G_N_ELEMENTS(nowhere); i++) {
		assert_none(fixture, nowhere[i]);
		put(fixture, TASK, TASK_SIGNAL, nowhere[i], 8);
		put(fixture, TASK, TASK_GROUP_LEADER, LEADER, 8);
		assert_status(fixture, TASK, 0x200);
		put(fixture, TASK, TASK_GROUP_LEADER, nowhere[i], 8);
		assert_none(fixture, TASK);
		/* of no account while the whole group ends */
		put(fixture, TASK, TASK_SIGNAL, SIGNAL, 8);
		assert_status(fixture, TASK, 0x300);
	}
}

/** Its memory goes away between one read and the next. */
static void test_each_read_can_fail(void **state)
{
	struct fixture *fixture = *state;
	struct mock_machine *mock = &fixture->mock;
	const struct wv_machine_ops *ops;
	struct mock_machine unmapped;
	struct wv_machine_ops no_tables;

	/* the same memory, behind the machine's slots */
	mock_init(&unmapped, 1, MOCK_PAGE, false);
	ops = unmapped.machine.ops;
	mock_deinit(&unmapped);
	no_tables = *ops;
	no_tables.read_physical = NULL;
	put(fixture, TASK, TASK_FLAGS, PF_EXITING, 4);
	put(fixture, LEADER, TASK_EXIT_CODE, 0x200, 4);
	put(fixture, SIGNAL, SIGNAL_FLAGS, SIGNAL_GROUP_EXIT, 4);
	put(fixture, SIGNAL, SIGNAL_GROUP_EXIT_CODE, 0x300, 4);
	mock->machine.ops = &no_tables;
	mock->machine.n_ram = 0;

	mock->fail_read = 1; /* the task's flags */
	assert_none(fixture, TASK);
	mock->fail_read = 2; /* where its signals are: the leader's code then */
	assert_status(fixture, TASK, 0x200);
	mock->fail_read = 3;
	assert_status(fixture, TASK, 0x200);
	mock->fail_read = 4; /* the code itself: none is better than a wrong one */
	assert_none(fixture, TASK);
	mock->fail_read = 5;
	assert_status(fixture, TASK, 0x300);
	assert_int_equal(mock->fail_read, 1); /* four reads, and no more */
	mock->fail_read = 0;
}

#define WITH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_not_exiting),
		WITH(test_group_exit),
		WITH(test_each_thread_by_itself),
		WITH(test_members_that_the_kernel_lacks),
		WITH(test_objects_that_are_not_there),
		WITH(test_each_read_can_fail),
	};

	return cmocka_run_group_tests_name("exit_status", tests, NULL, NULL);
}

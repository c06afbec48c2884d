/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Windows' current thread and process, the list of processes, names, sessions, WoW64. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "windows_found.h"

/* Who runs --------------------------------------------------------------------------------------*/

static void test_current(void **state)
{
	struct found *found = *state;
	struct wv_identity identity;

	found_enter(found, &identity);
	assert_int_equal(identity.thread, found->process->thread);
	assert_int_equal(identity.pid, 12);
	assert_int_equal(identity.ppid, 4);
	assert_int_equal(identity.tid, 13);
	assert_int_equal(identity.user_id, 1);
	assert_name(&identity, "explorer.exe");
	assert_false(identity.name_truncated);
	assert_int_equal(found->space.paging.root, found->process->paging.root);
	assert_true(found->space.paging.transition);
}

/** Each vCPU has a control region of its own. */
static void test_vcpus(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	struct nt_process *other = nt_process(guest, 20, 12, "\\a\\b.exe");
	struct wv_space space;

	nt_run(guest, 2, other);
	assert_int_equal(nt_enter(guest, found->windows, 0, &space), found->process->thread);
	assert_int_equal(nt_enter(guest, found->windows, 1, &space), guest->processes[0].thread);
	assert_int_equal(nt_enter(guest, found->windows, 2, &space), other->thread);
	assert_int_equal(space.vcpu, 2);
	assert_int_equal(space.paging.root, other->paging.root);
	nt_run(guest, 2, found->process);
	assert_int_equal(nt_enter(guest, found->windows, 2, &space), found->process->thread);
}

/** In user mode, and before the kernel's first SWAPGS, the base in use is the program's. */
static void test_user_mode(void **state)
{
	struct found *found = *state;
	struct wv_space space;

	nt_run(&found->guest, 1, found->process);
	nt_user_mode(&found->guest, 1);
	/* with 32 bits the region is not to be seen then, unless it was before */
	assert_int_equal(nt_enter(&found->guest, found->windows, 1, &space),
			 found->guest.is_64 ? found->process->thread : 0);
	nt_run(&found->guest, 1, found->process);
	assert_int_equal(nt_enter(&found->guest, found->windows, 1, &space),
			 found->process->thread);
	nt_user_mode(&found->guest, 1);
	assert_int_equal(nt_enter(&found->guest, found->windows, 1, &space),
			 found->process->thread);
}

/** A program may make its TEB look like the kernel's control region. */
static void test_false_kpcr(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t teb = found->process->peb + MOCK_PAGE;
	const uint64_t words[2] = { teb, teb };
	struct wv_space space;

	nt_map_user(guest, found->process, teb, MOCK_PAGE);
	nt_write_user(guest, found->process, teb + (guest->is_64 ? 0x18 : 0x1c), words,
		      guest->is_64 ? 8 : 4);
	nt_run(guest, 1, found->process);
	nt_user_mode(guest, 1);
	assert_int_equal(nt_enter(guest, found->windows, 1, &space),
			 guest->is_64 ? found->process->thread : 0);
}

/** A thread that is attached acts in the other process, with its own TID. */
static void test_attached(void **state)
{
	struct found *found = *state;
	struct nt_process *other = nt_process(&found->guest, 20, 16, "\\a\\lsass.exe");
	struct wv_identity identity;

	nt_put_session(&found->guest, other, 0);
	nt_attach(&found->guest, found->process, other);
	found_enter(found, &identity);
	assert_int_equal(identity.thread, found->process->thread);
	assert_int_equal(identity.pid, 20);
	assert_int_equal(identity.ppid, 16);
	assert_int_equal(identity.tid, 13);
	assert_int_equal(identity.user_id, 0);
	assert_name(&identity, "lsass.exe");
	assert_int_equal(found->space.paging.root, other->paging.root);
	assert_int_equal(
		wv_windows_thread_process(found->windows, &found->space, found->process->thread),
		other->address);
	nt_attach(&found->guest, found->process, found->process);
	found_enter(found, &identity);
	assert_int_equal(identity.pid, 12);
}

static void test_no_thread(void **state)
{
	struct found *found = *state;
	const uint64_t threads[] = { 0, 8, found->process->peb, UINT64_MAX - 7,
				     found->guest.pool - 8 };
	struct wv_identity identity;

	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
		assert_false(found->windows->ops->identify(found->windows, &found->space,
							   threads[i], &identity));
		assert_int_equal(
			wv_windows_thread_process(found->windows, &found->space, threads[i]), 0);
	}
	nt_put(&found->guest, found->process->thread, "_KTHREAD.ApcState.Process", 0);
	assert_false(found->windows->ops->identify(found->windows, &found->space,
						   found->process->thread, &identity));
}

/* The list --------------------------------------------------------------------------------------*/

struct listed {
	GString *text;
	unsigned left; /* the walk is ended when so many were told; 0: never */
};

static bool note_process(void *owner, const struct wv_identity *process, uint64_t cr3)
{
	struct listed *listed = owner;

	assert_int_equal(process->tid, 0);
	assert_true(cr3 != 0);
	g_string_append_printf(listed->text, "%u<%u %" G_GINT64_FORMAT " %.*s\n", process->pid,
			       process->ppid, process->user_id, process->name_size, process->name);
	return !listed->left || --listed->left;
}

/** The list is told like this. Returns whether it came back to its head. */
static bool assert_list(struct found *found, unsigned most, const char *expected, unsigned count)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct listed listed = { text, most };
	bool whole;

	assert_int_equal(found->windows->ops->processes(found->windows, &found->space, note_process,
							&listed, &whole),
			 count);
	assert_string_equal(text->str, expected);
	return whole;
}

#define THREE "4<0 -1 System\n12<4 1 explorer.exe\n20<12 1 b.exe\n"

static uint64_t links_of(struct found *found, const struct nt_process *process)
{
	return process->address + nt_offset(&found->guest, "_EPROCESS.ActiveProcessLinks");
}

static void test_list(void **state)
{
	struct found *found = *state;
	struct nt_process *last = nt_process(&found->guest, 20, 12, "\\a\\b.exe");

	assert_true(assert_list(found, 0, THREE, 3));
	assert_list(found, 2, "4<0 -1 System\n12<4 1 explorer.exe\n", 2);
	/* whatever the vCPU runs */
	nt_run(&found->guest, 0, last);
	nt_enter(&found->guest, found->windows, 0, &found->space);
	assert_list(found, 0, THREE, 3);
}

/** Each process is told once, however its list goes on. */
static void test_damaged_list(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	struct nt_process *last = nt_process(guest, 20, 12, "\\a\\b.exe");
	uint64_t empty = nt_pages(guest, 1), head = nt_symbol(guest, "PsActiveProcessHead");
	uint64_t forged = found->process->peb + 4 * MOCK_PAGE;
	const struct {
		uint64_t next;
		const char *told;
		unsigned count;
	} ends[] = {
		{ links_of(found, last), THREE, 3 }, /* to itself */
		{ links_of(found, found->process), THREE, 3 },
		{ links_of(found, &guest->processes[0]), THREE, 3 },
		{ 0, THREE, 3 },
		{ forged, THREE, 3 },		     /* what a program has made */
		{ empty + MOCK_PAGE + 8, THREE, 3 }, /* not there */
		{ UINT64_MAX, THREE, 3 },
	};

	nt_map_user(guest, found->process, forged - 2 * MOCK_PAGE, 4 * MOCK_PAGE);
	nt_write_user(guest, found->process, forged, &head, guest->is_64 ? 8 : 4);
	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
		nt_write_pointer(guest, links_of(found, last), ends[i].next);
		assert_false(assert_list(found, 0, ends[i].told, ends[i].count));
	}
	/* the head itself */
	nt_write_pointer(guest, nt_symbol(guest, "PsActiveProcessHead"), 0);
	assert_false(assert_list(found, 0, "", 0));
}

/** Processes that are all alike and never end: the walk does. */
static void test_endless_list(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t links = nt_offset(guest, "_EPROCESS.ActiveProcessLinks");
	uint64_t start = nt_pages(guest, 300), size = 300 * MOCK_PAGE;

	/* each place in the pages is followed by the next one */
	for (uint64_t at = 0; at < size; at += 8)
		nt_write_pointer(guest, start + at, start + (at + 8) % size);
	nt_write_pointer(guest, nt_symbol(guest, "PsActiveProcessHead"), start + links);

	g_autoptr(GString) text = g_string_new(NULL);
	struct listed listed = { text, 0 };
	bool whole;

	assert_int_equal(found->windows->ops->processes(found->windows, &found->space, note_process,
							&listed, &whole),
			 1u << 16);
	assert_false(whole);
}

/* Names -----------------------------------------------------------------------------------------*/

static uint64_t audit_name(struct found *found)
{
	return nt_get(&found->guest, found->process->address,
		      "_EPROCESS.SeAuditProcessCreationInfo.ImageFileName") +
	       nt_offset(&found->guest, "_OBJECT_NAME_INFORMATION.Name");
}

static void test_names(void **state)
{
	struct found *found = *state;
	static const struct {
		const char *path, *name, *full;
	} names[] = {
		{ "a.exe", "a.exe", "a.exe" },
		{ "\\Device\\x\\\xd0\x9f\xd1\x80\xd0\xb8.exe", "\xd0\x9f\xd1\x80\xd0\xb8.exe",
		  "\\Device\\x\\\xd0\x9f\xd1\x80\xd0\xb8.exe" },
		/* nothing behind the last separator, or nothing at all: there is the short name */
		{ "\\Device\\", "explorer.exe", "\\Device\\" },
		{ "", "explorer.exe", "explorer.exe" },
	};
	struct wv_identity identity;

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		nt_put_string(&found->guest, audit_name(found), names[i].path);
		found->windows->full_paths = false;
		found_enter(found, &identity);
		assert_name(&identity, names[i].name);
		found->windows->full_paths = true;
		found_enter(found, &identity);
		assert_name(&identity, names[i].full);
		assert_false(identity.name_truncated);
	}
}

static void test_short_names(void **state)
{
	struct found *found = *state;
	struct wv_identity identity;

	nt_put(&found->guest, found->process->address,
	       "_EPROCESS.SeAuditProcessCreationInfo.ImageFileName", 0);
	found_enter(found, &identity);
	assert_name(&identity, "explorer.exe");
	nt_put_short_name(&found->guest, found->process, "fifteen_letters_and_more");
	nt_write(&found->guest,
		 found->process->address + nt_offset(&found->guest, "_EPROCESS.ImageFileName") + 15,
		 "X", 1);
	found_enter(found, &identity);
	assert_name(&identity, "fifteen_letters");
	nt_put_short_name(&found->guest, found->process, "");
	found_enter(found, &identity);
	assert_name(&identity, "");
}

/** A name that can not be read, or not to its end: the short name is there. */
static void test_damaged_names(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t page = nt_pages(guest, 1), name = audit_name(found);
	uint64_t whole = nt_get(guest, name, "_UNICODE_STRING.Buffer");
	struct wv_identity identity;

	memset(nt_at(guest, page), 'A', MOCK_PAGE);
	nt_put(guest, name, "_UNICODE_STRING.Length", 0xffff);
	nt_put(guest, name, "_UNICODE_STRING.Buffer", page + MOCK_PAGE - 32);
	found_enter(found, &identity);
	assert_name(&identity, "explorer.exe");
	assert_false(identity.name_truncated);
	/* of a path what there is */
	found->windows->full_paths = true;
	found_enter(found, &identity);
	assert_int_equal(identity.name_size, 16 * 3); /* U+4141 each */
	assert_true(identity.name_truncated);
	/* longer than the room */
	nt_put(guest, name, "_UNICODE_STRING.Buffer", page);
	found_enter(found, &identity);
	assert_int_equal(identity.name_size, WV_NAME_MAX / 3 * 3);
	assert_true(identity.name_truncated);
	nt_put(guest, name, "_UNICODE_STRING.Buffer", 0x41414141);
	found_enter(found, &identity);
	assert_name(&identity, "explorer.exe");
	assert_false(identity.name_truncated);

	nt_put(guest, name, "_UNICODE_STRING.Length", 2 * strlen(FOUND_PATH));
	nt_put(guest, name, "_UNICODE_STRING.Buffer", whole);
	found_enter(found, &identity);
	assert_name(&identity, FOUND_PATH);
	/* the information itself lies where memory ends */
	nt_put(guest, found->process->address, "_EPROCESS.SeAuditProcessCreationInfo.ImageFileName",
	       page + MOCK_PAGE - 2);
	found_enter(found, &identity);
	assert_name(&identity, "explorer.exe");
}

/* Sessions --------------------------------------------------------------------------------------*/

static void assert_session(struct found *found, int64_t session, bool incomplete)
{
	struct wv_identity identity;

	found_enter(found, &identity);
	assert_int_equal(identity.user_id, session);
	assert_int_equal(identity.incomplete, incomplete);
}

static void test_sessions(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t process = found->process->address, page = nt_pages(guest, 1);

	nt_put_session(guest, found->process, 7);
	assert_session(found, 7, false);
	/* the kernel's structure is nowhere: the PEB has it as well */
	nt_put(guest, process, "_EPROCESS.Session", page + MOCK_PAGE);
	assert_session(found, 7, false);
	nt_put(guest, process, "_EPROCESS.Session", 0);
	assert_session(found, 7, false);
	/* also in another process's address space, and from a page in transition */
	nt_run(guest, 0, &guest->processes[0]);
	nt_put(guest, found->process->thread, "_KTHREAD.ApcState.Process", process);
	nt_make_transition(guest, &found->process->paging, found->process->peb);
	nt_run(guest, 0, found->process);
	guest->mock.registers[0][WV_REG_CR3] = guest->processes[0].paging.root;
	assert_session(found, 7, false);
	nt_page_out(guest, &found->process->paging, found->process->peb);
	assert_session(found, -1, true);
	nt_put(guest, process, "_EPROCESS.Peb", 0);
	assert_session(found, -1, false); /* it has none */
}

/** A process is read anew when processes have come or gone, and else only if a part was missing. */
static void test_known_processes(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	uint64_t process = found->process->address;

	found->windows->knows_changes = true;
	assert_session(found, 1, false);
	nt_put_session(guest, found->process, 7);
	assert_session(found, 1, false);
	found->windows->changes++;
	assert_session(found, 7, false);

	uint64_t session = nt_get(guest, process, "_EPROCESS.Session");

	nt_put(guest, process, "_EPROCESS.Session", 0);
	nt_page_out(guest, &found->process->paging, found->process->peb);
	found->windows->changes++;
	assert_session(found, -1, true);
	nt_put(guest, process, "_EPROCESS.Session", session);
	assert_session(found, 7, false);
}

/* Address spaces and WoW64 ----------------------------------------------------------------------*/

static void test_process_space(void **state)
{
	struct found *found = *state;
	struct nt_guest *guest = &found->guest;
	struct nt_process *other = nt_process(guest, 20, 12, "\\a\\b.exe");
	struct wv_space own;
	uint32_t word = 0xcafe0123, read = 0;

	nt_write_user(guest, other, other->peb, &word, sizeof(word));
	assert_true(wv_windows_process_space(found->windows, &found->space, other->address, &own));
	assert_false(own.current);
	assert_int_equal(own.paging.mode, found->space.paging.mode);
	assert_true(own.paging.transition);
	assert_true(wv_space_read_u32(&own, other->peb, &read));
	assert_int_equal(read, word);
	assert_true(wv_windows_process_space(found->windows, &found->space, found->process->address,
					     &own));
	assert_true(own.current);
	assert_true(wv_space_read_u32(&own, other->peb, &read));
	assert_int_not_equal(read, word);

	nt_put(guest, other->address, "_KPROCESS.DirectoryTableBase", 0);
	assert_false(wv_windows_process_space(found->windows, &found->space, other->address, &own));
	assert_false(wv_windows_process_space(found->windows, &found->space, 0, &own));
	assert_false(wv_windows_process_space(found->windows, &found->space, 0x1000, &own));
}

/** The member's name was written in two ways; on 32 bits there is none. */
static void test_is_32(void **state)
{
	struct found *found = *state;
	bool is_64 = found->guest.is_64;
	uint64_t process = found->process->address;

	assert_int_equal(wv_windows_is_64(found->windows), is_64);
	assert_int_equal(wv_windows_process_is_32(found->windows, &found->space, process), !is_64);
	if (is_64)
		nt_make_wow64(&found->guest, found->process);
	assert_true(wv_windows_process_is_32(found->windows, &found->space, process));
	assert_int_equal(wv_windows_process_is_32(found->windows, &found->space,
						  found->guest.processes[0].address),
			 !is_64);
	assert_int_equal(wv_windows_process_is_32(found->windows, &found->space, 0x1000), !is_64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_current),	   ON_EACH_BUILD(test_vcpus),
		ON_EACH_BUILD(test_user_mode),	   ON_EACH_BUILD(test_false_kpcr),
		ON_EACH_BUILD(test_attached),	   ON_EACH_BUILD(test_no_thread),
		ON_EACH_BUILD(test_list),	   ON_EACH_BUILD(test_damaged_list),
		ON_EACH_BUILD(test_endless_list),  ON_EACH_BUILD(test_names),
		ON_EACH_BUILD(test_short_names),   ON_EACH_BUILD(test_damaged_names),
		ON_EACH_BUILD(test_sessions),	   ON_EACH_BUILD(test_known_processes),
		ON_EACH_BUILD(test_process_space), ON_EACH_BUILD(test_is_32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on Windows: which arguments a return tells, of each kind that one can be of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "services_fixture.h"

#define STATUS_PENDING 0x103
#define ARGUMENTS_MAX  13u

/** From here on the process has no pages, but those that come. */
#define NOWHERE UINT64_C(0x10000000)

/** A service with an argument of some kind; the others are 0, but for one that says how long. */
static const struct kind {
	const char *service;
	unsigned n_arguments, index;
	const char *name;
	const char *direction; /* "in", "out" or "inout" */
	int length;	       /* which argument is it, from this one on; 0: none */
	uint64_t value;	       /* of the length */
	const char *zeroes;    /* what the argument's text is where memory has nothing but zeroes */
} kinds[] = {
	/* a number, a structure */
	{ "NtDelayExecution", 2, 1, "DelayInterval", "in", 0, 0, "0s" },
	{ "NtOpenProcess", 4, 3, "ClientId", "in", 0, 0, "{UniqueProcess=0, UniqueThread=0}" },
	{ "NtAdjustPrivilegesToken", 6, 5, "ReturnLength", "out", 0, 0, "0" },
	{ "NtOpenFile", 6, 3, "IoStatusBlock", "out", 0, 0,
	  "{Status=STATUS_SUCCESS, Information=FILE_SUPERSEDED}" },
	{ "NtAllocateVirtualMemory", 6, 1, "BaseAddress", "inout", 0, 0, "0x0" },
	{ "NtAllocateVirtualMemory", 6, 3, "RegionSize", "inout", 0, 0, "0" },
	/* as many elements as they say, or as another argument says */
	{ "NtAdjustPrivilegesToken", 6, 2, "NewState", "in", 0, 0, "[]" },
	{ "NtAdjustPrivilegesToken", 6, 4, "PreviousState", "out", 0, 0, "[]" },
	{ "NtPrivilegeCheck", 3, 1, "RequiredPrivileges", "inout", 0, 0,
	  "{Control=0x0, Privilege=[]}" },
	{ "NtAccessCheck", 8, 4, "PrivilegeSet", "out", 0, 0, "{Control=0x0, Privilege=[]}" },
	{ "NtAccessCheckByType", 11, 1, "PrincipalSelfSid", "in", 0, 0, "S-0-0" },
	{ "NtWaitForMultipleObjects", 5, 1, "Handles", "in", -1, 2, "[NULL, NULL]" },
	{ "NtAddAtom", 3, 0, "AtomName", "in", 1, 4, "" },
	{ "NtQuerySystemEnvironmentValue", 4, 1, "VariableValue", "out", 1, 4, "" },
	{ "NtCreateUserProcess", 11, 10, "AttributeList", "in", 0, 0, "%s" },
	/* the user's data */
	{ "NtWriteFile", 9, 5, "Buffer", "in", 1, 1, "\\\"\\\\x00\\\"" },
	{ "NtEnumerateKey", 6, 3, "KeyInformation", "out", 1, 1, "\\\"\\\\x00\\\"" },
	{ "NtPlugPlayControl", 3, 1, "PnPControlData", "inout", 1, 1, "\\\"\\\\x00\\\"" },
	{ "NtTraceEvent", 4, 3, "Fields", "in", -1, 1, "\\\"\\\\x00\\\"" },
	{ "NtQueryIoRingCapabilities", 2, 1, "IoRingCapabilities", "out", -1, 1,
	  "\\\"\\\\x00\\\"" },
	/* what leads further */
	{ "NtOpenKey", 3, 0, "KeyHandle", "out", 0, 0, "NULL" },
	{ "NtOpenKey", 3, 2, "ObjectAttributes", "in", 0, 0, "" },
	{ "NtLoadDriver", 1, 0, "DriverServiceName", "in", 0, 0, "" },
	{ "NtQuerySymbolicLinkObject", 3, 1, "LinkTarget", "out", 0, 0, "" },
	{ "NtCreateToken", 13, 6, "User", "in", 0, 0, "%s" },
	{ "NtCreateUserProcess", 11, 8, "ProcessParameters", "in", 0, 0, "{}" },
};

/* Their services, with a number for each kind
 * ----------------------------------------------------*/

static void on_both(void (*body)(struct services_fixture *fixture))
{
	struct service_row rows[G_N_ELEMENTS(kinds)];
	unsigned n_rows = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (n_rows == 0 || strcmp(rows[n_rows - 1].name, kinds[i].service) != 0)
			rows[n_rows++] = (struct service_row){ .name = kinds[i].service,
							       .words = kinds[i].n_arguments };
	for (unsigned i = 0; i < 2; i++) {
		struct services_fixture fixture;

		services_make(&fixture, &(struct services_options){ .layout = services_widths[i],
								    .rows = rows,
								    .n_rows = n_rows });
		g_free(services_watch(&fixture, "buffer_preview=16\n"));
		body(&fixture);
		services_stop(&fixture);
	}
}

static void call(struct services_fixture *fixture, const struct kind *kind, uint64_t pointer)
{
	uint64_t arguments[ARGUMENTS_MAX] = { 0 };

	arguments[kind->index] = pointer;
	if (kind->length)
		arguments[(int)kind->index + kind->length] = kind->value;
	services_call(fixture, kind->service, arguments, kind->n_arguments);
}

/** The one row since the last time has this argument, or if there is no text has it not. */
static void told(struct services_fixture *fixture, const struct kind *kind, const char *text)
{
	g_autofree char *row = observer_take(&fixture->observer);
	g_autofree char *name = g_strdup_printf(" %s=\"", kind->name);
	g_autofree char *whole = g_strconcat(name, text, "\"", NULL);
	const char *found = strstr(row, text ? whole : name);

	if (text ? !found || !strchr(" \n", found[strlen(whole)]) : found != NULL)
		fail_msg("%s: not %s%s in: %s", kind->service, kind->name, text ? whole : "", row);
}

/* What they tell --------------------------------------------------------------------------------*/

static const struct {
	uint64_t status;
	bool filled_in;
} results[] = {
	{ 0, true },
	{ 0x80000005, true },
	{ STATUS_PENDING, false },
	{ STATUS_ACCESS_DENIED, false },
};

/** Each kind with each result; a page of its own for each, which is not there at the entry. */
static void each(struct services_fixture *fixture, bool comes)
{
	uint64_t page = NOWHERE;

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		const struct kind *kind = &kinds[i];
		bool in = g_str_has_prefix(kind->direction, "in");
		bool out = g_str_has_suffix(kind->direction, "out");

		for (size_t j = 0; j < G_N_ELEMENTS(results); j++, page += MOCK_PAGE) {
			g_autofree char *pointer = g_strdup_printf("0x%x", (unsigned)page);
			bool expected = in || (out && results[j].filled_in);
			const char *zeroes = strcmp(kind->zeroes, "%s") ? kind->zeroes : pointer;

			call(fixture, kind, page);
			told(fixture, kind, pointer);
			if (comes)
				nt_map_user(&fixture->guest, fixture->process, page, MOCK_PAGE);
			services_return(fixture, results[j].status);
			told(fixture, kind, !expected ? NULL : comes ? zeroes : pointer);
		}
	}
}

/** What was not in memory is repeated, and what the call fills in is told where it is. */
static void never_there(struct services_fixture *fixture)
{
	each(fixture, false);
}

static void test_never_there(void **state)
{
	(void)state;
	on_both(never_there);
}

static void there_by_then(struct services_fixture *fixture)
{
	each(fixture, true);
}

static void test_there_by_then(void **state)
{
	(void)state;
	on_both(there_by_then);
}

/** What was there at the entry is told by the return only if the call may have changed it. */
static void there_before(struct services_fixture *fixture)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		const struct kind *kind = &kinds[i];
		bool in = g_str_has_prefix(kind->direction, "in");
		bool out = g_str_has_suffix(kind->direction, "out");
		const char *zeroes = strcmp(kind->zeroes, "%s") ? kind->zeroes : "0x30000";

		for (size_t j = 0; j < G_N_ELEMENTS(results); j++) {
			call(fixture, kind, USER);
			told(fixture, kind, in ? zeroes : "0x30000");
			services_return(fixture, results[j].status);
			told(fixture, kind, out && results[j].filled_in ? zeroes : NULL);
		}
	}
}

static void test_there_before(void **state)
{
	(void)state;
	on_both(there_before);
}

/** Without a preview of buffers nothing of them is read: there is nothing to repeat. */
static void without_preview(struct services_fixture *fixture)
{
	CALL(fixture, "NtWriteFile", 4, 0, 0, 0, 0, USER_END, 8, 0, 0);
	g_free(observer_take(&fixture->observer));
	services_return(fixture, 0);
	services_told_results(fixture, "\n");
}

static void test_without_preview(void **state)
{
	(void)state;
	services_on_both(without_preview);
}

/* IO_STATUS_BLOCK -------------------------------------------------------------------------------*/

#define BLOCK  USER
#define BUFFER (USER + 0x100)

/** NtReadFile returns: what was in the block by then, and what is told of it. */
static void told_read(struct services_fixture *fixture, uint64_t status, uint64_t information,
		      uint64_t result, const char *text)
{
	CALL(fixture, "NtReadFile", 4, 0, 0, 0, BLOCK, BUFFER, 8, 0, 0);
	g_free(observer_take(&fixture->observer));
	services_write_word(fixture, BLOCK, status);
	services_write_word(fixture, BLOCK + services_word(fixture), information);
	services_return(fixture, result);
	services_told_results(fixture, "%s\n", text);
}

#define READ(status, bytes)                                                                        \
	"IoStatusBlock=\"{Status=" status ", Information=6}\" Buffer=\"\\\"" bytes "\\\"\""
#define OLD "IoStatusBlock=\"0x30000\" Buffer=\"0x30100\""

static void start(struct services_fixture *fixture, bool is_wow64)
{
	services_start(fixture, NT_WINDOWS_10, "buffer_preview=16\n");
	nt_write_user(&fixture->guest, fixture->process, BUFFER, "abcdefgh", 8);
	if (is_wow64)
		nt_make_wow64(&fixture->guest, fixture->process);
}

/**
 * Of a program of WoW64 the kernel may have filled in the block of 32 bits, and not this one: then
 * Status has no more than a pointer to that.
 */
static void test_blocks_of_wow64(void **state)
{
	struct services_fixture fixture;

	(void)state;
	start(&fixture, true);
	told_read(&fixture, 0x30ff8, 6, 0, OLD);
	told_read(&fixture, 0, 6, 0, READ("STATUS_SUCCESS", "abcdef"));
	/* above 32 bits there may be the rest of the pointer */
	told_read(&fixture, RUBBISH, 6, 0, READ("STATUS_SUCCESS", "abcdef"));
	told_read(&fixture, 0x80000005, 6, 0x80000005, READ("STATUS_BUFFER_OVERFLOW", "abcdef"));
	told_read(&fixture, 0, 6, 0x80000005, OLD);
	/* the kernel's own calls are not WoW64's */
	services_put_mode(&fixture, 0);
	told_read(&fixture, 0x30ff8, 6, 0, READ("0x30ff8", "abcdef"));
	services_stop(&fixture);
}

/** Of any other the block is what it is. */
static void test_other_blocks(void **state)
{
	struct services_fixture fixture;

	(void)state;
	start(&fixture, false);
	told_read(&fixture, 0x30ff8, 6, 0, READ("0x30ff8", "abcdef"));
	services_stop(&fixture);
}

/** It is not there, or none was given. */
static void test_no_blocks_of_wow64(void **state)
{
	struct services_fixture fixture;

	(void)state;
	start(&fixture, true);
	for (unsigned i = 0; i < 2; i++) {
		CALL(&fixture, "NtReadFile", 4, 0, 0, 0, i ? USER_END : 0, BUFFER, 8, 0, 0);
		g_free(observer_take(&fixture.observer));
		services_return(&fixture, 0);
		services_told_results(&fixture, "%sBuffer=\"0x30100\"\n",
				      i ? "IoStatusBlock=\"0x33000\" " : "");
	}
	services_stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_never_there),	   cmocka_unit_test(test_there_by_then),
		cmocka_unit_test(test_there_before),	   cmocka_unit_test(test_without_preview),
		cmocka_unit_test(test_blocks_of_wow64),	   cmocka_unit_test(test_other_blocks),
		cmocka_unit_test(test_no_blocks_of_wow64),
	};

	return cmocka_run_group_tests_name("services_returns", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscalls on Windows: what else arguments lead to: SIDs, buffers, what a process is started with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "services_fixture.h"

static void write_bytes(struct services_fixture *fixture, uint64_t address, const void *bytes,
			size_t size)
{
	nt_write_user(&fixture->guest, fixture->process, address, bytes, size);
}

/** The one row since the last time has this argument. */
static void told_argument(struct services_fixture *fixture, const char *name, const char *text)
{
	g_autofree char *told = observer_take(&fixture->observer);
	g_autofree char *argument = g_strdup_printf(" %s=\"%s\"", name, text);
	const char *found = strstr(told, argument);

	if (!found || !strchr(" \n", found[strlen(argument)]))
		fail_msg("no%s in: %s", argument, told);
}

/* TOKEN_USER: a pointer to a SID ----------------------------------------------------------------*/

#define TOKEN_USER USER
#define SID	   (USER + 0x100)

static void told_sid(struct services_fixture *fixture, uint64_t user, const char *text)
{
	CALL(fixture, "NtCreateToken", 0, 0, 0, 1, 0, 0, user, 0, 0, 0, 0, 0, 0);
	told_argument(fixture, "User", text);
	nt_return(&fixture->guest, 0, STATUS_ACCESS_DENIED);
	g_free(observer_take(&fixture->observer));
}

static void sids(struct services_fixture *fixture)
{
	static const uint8_t system[] = { 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0 };
	static const uint8_t most[8] = { 1, 255, 0, 0, 0, 0, 0, 5 };

	write_bytes(fixture, SID, system, sizeof(system));
	services_write_word(fixture, TOKEN_USER, SID);
	told_sid(fixture, TOKEN_USER, "S-1-5-18");
	told_sid(fixture, USER_END, "0x33000");
	services_write_word(fixture, TOKEN_USER, 0);
	nt_map_user(&fixture->guest, fixture->process, 0, MOCK_PAGE);
	told_sid(fixture, TOKEN_USER, "0x30000");
	services_write_word(fixture, TOKEN_USER, USER_END);
	told_sid(fixture, TOKEN_USER, "0x30000");
	/* it says that it is longer than any: no more is read than the longest has */
	write_bytes(fixture, SID, most, sizeof(most));
	services_write_word(fixture, TOKEN_USER, SID);
	told_sid(fixture, TOKEN_USER, "0x30000");
	/* its end is not there */
	write_bytes(fixture, USER_END - 8, system, 8);
	services_write_word(fixture, TOKEN_USER, USER_END - 8);
	told_sid(fixture, TOKEN_USER, "0x30000");
}

static void test_sids(void **state)
{
	(void)state;
	services_on_both(sids);
}

/** The SID was paged out, or the pointer to it: the return has it. */
static void late_sid(struct services_fixture *fixture)
{
	static const uint8_t system[] = { 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0 };

	services_write_word(fixture, TOKEN_USER, USER_END);
	for (unsigned i = 0; i < 2; i++) {
		CALL(fixture, "NtCreateToken", 0, 0, 0, 1, 0, 0,
		     i ? USER_END + MOCK_PAGE : TOKEN_USER, 0, 0, 0, 0, 0, 0);
		g_free(observer_take(&fixture->observer));
		nt_map_user(&fixture->guest, fixture->process, USER_END + i * MOCK_PAGE, MOCK_PAGE);
		write_bytes(fixture, USER_END, system, sizeof(system));
		if (i)
			services_write_word(fixture, USER_END + MOCK_PAGE, USER_END);
		services_return(fixture, STATUS_ACCESS_DENIED);
		services_told_results(fixture, "User=\"S-1-5-18\"\n");
	}
}

static void test_late_sid(void **state)
{
	(void)state;
	services_on_both(late_sid);
}

/* TOKEN_PRIVILEGES: as many as they say ---------------------------------------------------------*/

/** A list of so many privileges, which all are the same; @cut: there are more. */
static char *privileges_text(unsigned count, bool cut)
{
	GString *text = g_string_new("[");

	for (unsigned i = 0; i < count; i++)
		g_string_append_printf(text, "%sSE_DEBUG_PRIVILEGE=SE_PRIVILEGE_ENABLED",
				       i ? ", " : "");
	g_string_append(text, cut ? ", ...]" : "]");
	return g_string_free(text, FALSE);
}

/** There are no more than so many privileges: of longer lists the rest is left out, and marked. */
#define PRIVILEGES_MAX 38u

static void privileges(struct services_fixture *fixture)
{
	static const uint32_t counts[] = { 0,	 1,	     PRIVILEGES_MAX, PRIVILEGES_MAX + 1,
					   1000, 0x80000000, UINT32_MAX };
	static const uint32_t debug[] = { 20, 0, 2 };

	for (unsigned i = 0; i < 200; i++)
		write_bytes(fixture, USER + 4 + i * sizeof(debug), debug, sizeof(debug));
	for (unsigned i = 0; i < G_N_ELEMENTS(counts); i++) {
		bool cut = counts[i] > PRIVILEGES_MAX;
		g_autofree char *text = privileges_text(MIN(counts[i], PRIVILEGES_MAX), cut);

		write_bytes(fixture, USER, &counts[i], 4);
		CALL(fixture, "NtAdjustPrivilegesToken", 4, 0, USER, 0, USER, 0);
		told_argument(fixture, "NewState", text);
		services_return(fixture, 0);
		told_argument(fixture, "PreviousState", text);
	}
}

/** They say so of memory that was not there at the entry. */
static void late_privileges(struct services_fixture *fixture)
{
	static const uint32_t many = 0x80000000, debug[] = { 20, 0, 2 };
	g_autofree char *text = privileges_text(PRIVILEGES_MAX, true);

	CALL(fixture, "NtAdjustPrivilegesToken", 4, 0, USER_END, 0, 0, 0);
	told_argument(fixture, "NewState", "0x33000");
	nt_map_user(&fixture->guest, fixture->process, USER_END, MOCK_PAGE);
	write_bytes(fixture, USER_END, &many, sizeof(many));
	for (unsigned i = 0; i < PRIVILEGES_MAX; i++)
		write_bytes(fixture, USER_END + 4 + i * sizeof(debug), debug, sizeof(debug));
	services_return(fixture, STATUS_ACCESS_DENIED);
	told_argument(fixture, "NewState", text);
}

static void test_late_privileges(void **state)
{
	(void)state;
	services_on_both(late_privileges);
}

static void test_privileges(void **state)
{
	(void)state;
	services_on_both(privileges);
}

/* PS_ATTRIBUTE_LIST: as long as it says
 * ----------------------------------------------------------*/

static void attribute_lists(struct services_fixture *fixture)
{
	g_autoptr(GString) text = g_string_new("[");
	unsigned word = services_word(fixture), most = (1032 - word) / (4 * word);

	for (unsigned i = 0; i < most; i++)
		g_string_append_printf(text, "%sPsAttributeParentProcess={Size=0, Value=NULL}",
				       i ? ", " : "");
	for (unsigned cut = 0; cut < 2; cut++) {
		services_write_word(fixture, USER, cut ? 0x80000000 : 1032);
		CALL(fixture, "NtCreateUserProcess", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, USER);
		g_string_append(text, cut ? ", ...]" : "]");
		told_argument(fixture, "AttributeList", text->str);
		g_string_truncate(text, text->len - 1);
		services_return(fixture, 0);
		g_free(observer_take(&fixture->observer));
	}
}

static void test_attribute_lists(void **state)
{
	(void)state;
	services_on_both(attribute_lists);
}

/* RTL_USER_PROCESS_PARAMETERS -------------------------------------------------------------------*/

#define PARAMETERS USER
#define TEXTS	   (USER + 0x1000)

static const struct {
	const char *member, *text;
} texts[] = {
	{ "ImagePathName", "\\??\\C:\\a b.exe" },
	{ "CommandLine", "\"C:\\a b.exe\" /x" },
	{ "DllPath", "" },
	{ "CurrentDirectory.DosPath", "C:\\" },
};

#define ALL_TEXTS                                                                                  \
	"{ImagePathName=\\\"\\\\??\\\\C:\\\\a b.exe\\\", "                                         \
	"CommandLine=\\\"\\\"\\\"C:\\\\a b.exe\\\"\\\" /x\\\", "                                   \
	"CurrentDirectory=\\\"C:\\\\\\\"}"

static uint64_t text_at(struct services_fixture *fixture, const char *member)
{
	g_autofree char *name = g_strconcat("_RTL_USER_PROCESS_PARAMETERS.", member, NULL);

	return PARAMETERS + nt_offset(&fixture->guest, name);
}

/** @distance: of pointers from where they lead to. */
static void write_parameters(struct services_fixture *fixture, uint32_t flags, uint64_t distance)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t buffer = nt_offset(guest, "_UNICODE_STRING.Buffer");

	write_bytes(fixture, PARAMETERS + nt_offset(guest, "_RTL_USER_PROCESS_PARAMETERS.Flags"),
		    &flags, sizeof(flags));
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
		uint64_t string = text_at(fixture, texts[i].member), text = TEXTS + i * 0x100;

		services_write_string(fixture, string, text, texts[i].text);
		services_write_word(fixture, string + buffer, text - distance);
	}
}

static void told_parameters(struct services_fixture *fixture, const char *text)
{
	CALL(fixture, "NtCreateUserProcess", 0, 0, 0, 0, 0, 0, 0, 0, PARAMETERS, 0, 0);
	told_argument(fixture, "ProcessParameters", text);
	nt_return(&fixture->guest, 0, STATUS_ACCESS_DENIED);
	g_free(observer_take(&fixture->observer));
}

static void parameters(struct services_fixture *fixture)
{
	write_parameters(fixture, 1, 0);
	told_parameters(fixture, ALL_TEXTS);
	/* not normalized: pointers are distances from the structure */
	write_parameters(fixture, 0x4000, PARAMETERS);
	told_parameters(fixture, ALL_TEXTS);
}

static void test_parameters(void **state)
{
	(void)state;
	services_on_each(parameters);
}

/** A text that is not there is left out; if no text is there the pointer is told. */
static void unreadable_parameters(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;

	write_parameters(fixture, 1, 0);
	services_write_word(fixture,
			    text_at(fixture, "ImagePathName") +
				    nt_offset(guest, "_UNICODE_STRING.Buffer"),
			    USER_END);
	told_parameters(fixture, "{CommandLine=\\\"\\\"\\\"C:\\\\a b.exe\\\"\\\" /x\\\", "
				 "CurrentDirectory=\\\"C:\\\\\\\"}");
	nt_page_out(guest, &fixture->process->paging, PARAMETERS);
	told_parameters(fixture, "0x30000");
}

/** Texts of the kernel's are none that a program can give, whatever it says. */
static void kernel_texts(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t place =
		text_at(fixture, "ImagePathName") + nt_offset(guest, "_UNICODE_STRING.Buffer");
	uint64_t secret = nt_get(guest, nt_string(guest, "secret"), "_UNICODE_STRING.Buffer");
	static const char without[] = "{CommandLine=\\\"\\\"\\\"C:\\\\a b.exe\\\"\\\" /x\\\", "
				      "CurrentDirectory=\\\"C:\\\\\\\"}";

	write_parameters(fixture, 1, 0);
	services_write_word(fixture, place, secret);
	told_parameters(fixture, without);
	/* not normalized: it takes the distance to get there */
	write_parameters(fixture, 0, PARAMETERS);
	services_write_word(fixture, place, secret - PARAMETERS);
	told_parameters(fixture, without);
	/* of an empty one nobody looks at the text */
	write_parameters(fixture, 1, 0);
	services_write_word(
		fixture, text_at(fixture, "DllPath") + nt_offset(guest, "_UNICODE_STRING.Buffer"),
		secret);
	CALL(fixture, "NtCreateUserProcess", 0, 0, 0, 0, 0, 0, 0, 0, PARAMETERS, 0, 0);
	told_argument(fixture, "ProcessParameters", ALL_TEXTS);
	services_return(fixture, STATUS_ACCESS_DENIED);
	services_told_results(fixture, "\n");
}

static void test_kernel_texts(void **state)
{
	(void)state;
	services_on_both(kernel_texts);
}

static void test_unreadable_parameters(void **state)
{
	(void)state;
	services_on_both(unreadable_parameters);
}

/** All texts say that they are as long as can be, and lead to themselves. */
static void endless_parameters(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	static const uint16_t length = 0xffff;
	g_autofree char *told = NULL;

	write_parameters(fixture, 1, 0);
	nt_map_user(guest, fixture->process, USER_END, 0x20000);
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
		uint64_t string = text_at(fixture, texts[i].member);

		write_bytes(fixture, string, &length, sizeof(length));
		services_write_word(fixture, string + nt_offset(guest, "_UNICODE_STRING.Buffer"),
				    PARAMETERS);
	}
	CALL(fixture, "NtCreateUserProcess", 0, 0, 0, 0, 0, 0, 0, 0, PARAMETERS, 0, 0);
	told = observer_take(&fixture->observer);
	assert_non_null(strstr(told, "ImagePathName="));
	assert_non_null(strstr(told, "CommandLine="));
	assert_non_null(strstr(told, "DllPath="));
	assert_non_null(strstr(told, "CurrentDirectory="));
	assert_non_null(strstr(told, ", ...}\" CreateInfo="));
	services_return(fixture, 0);
}

static void test_endless_parameters(void **state)
{
	(void)state;
	services_on_both(endless_parameters);
}

/** A command line of a few thousand characters is told whole. */
static void long_command_line(struct services_fixture *fixture)
{
	g_autofree char *line = g_strnfill(8191, 'c'), *text = NULL;

	nt_map_user(&fixture->guest, fixture->process, USER_END, 0x8000);
	write_parameters(fixture, 1, 0);
	services_write_string(fixture, text_at(fixture, "CommandLine"), USER_END, line);
	text = g_strdup_printf("{ImagePathName=\\\"\\\\??\\\\C:\\\\a b.exe\\\", "
			       "CommandLine=\\\"%s\\\", CurrentDirectory=\\\"C:\\\\\\\"}",
			       line);
	told_parameters(fixture, text);
}

static void test_long_command_line(void **state)
{
	(void)state;
	services_on_both(long_command_line);
}

/** They were paged out: the return has them. */
static void late_parameters(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;

	nt_page_out(guest, &fixture->process->paging, PARAMETERS);
	CALL(fixture, "NtCreateUserProcess", 0, 0, 0, 0, 0, 0, 0, 0, PARAMETERS, 0, 0);
	told_argument(fixture, "ProcessParameters", "0x30000");
	nt_map_user(guest, fixture->process, PARAMETERS, MOCK_PAGE);
	write_parameters(fixture, 1, 0);
	services_return(fixture, STATUS_ACCESS_DENIED);
	services_told_results(fixture, "ProcessParameters=\"" ALL_TEXTS "\"\n");
}

/** Of one text the end was paged out, or all of it: they are told again. */
static void late_text(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t line = text_at(fixture, "CommandLine");
	static const char *const told[2] = {
		"{ImagePathName=\\\"\\\\??\\\\C:\\\\a b.exe\\\", CommandLine=\\\"en\\\", "
		"CurrentDirectory=\\\"C:\\\\\\\", ...}",
		"{ImagePathName=\\\"\\\\??\\\\C:\\\\a b.exe\\\", "
		"CurrentDirectory=\\\"C:\\\\\\\"}",
	};
	static const char whole[] =
		"{ImagePathName=\\\"\\\\??\\\\C:\\\\a b.exe\\\", CommandLine=\\\"%send\\\", "
		"CurrentDirectory=\\\"C:\\\\\\\"}";

	write_parameters(fixture, 1, 0);
	for (unsigned i = 0; i < 2; i++) {
		uint64_t page = USER_END + i * MOCK_PAGE;
		g_autofree char *text = g_strdup_printf(whole, i ? "" : "en");

		if (i == 0)
			services_write_string(fixture, line, page - 4, "en");
		write_bytes(fixture, line, (const uint16_t[]){ i ? 6 : 10 }, 2);
		services_write_word(fixture, line + services_word(fixture), i ? page : page - 4);
		CALL(fixture, "NtCreateUserProcess", 0, 0, 0, 0, 0, 0, 0, 0, PARAMETERS, 0, 0);
		told_argument(fixture, "ProcessParameters", told[i]);
		nt_map_user(guest, fixture->process, page, MOCK_PAGE);
		write_bytes(fixture, page, "e\0n\0d", 6);
		services_return(fixture, STATUS_ACCESS_DENIED);
		told_argument(fixture, "ProcessParameters", text);
	}
}

static void test_late_text(void **state)
{
	(void)state;
	services_on_both(late_text);
}

static void test_late_parameters(void **state)
{
	(void)state;
	services_on_both(late_parameters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sids),
		cmocka_unit_test(test_late_sid),
		cmocka_unit_test(test_privileges),
		cmocka_unit_test(test_late_privileges),
		cmocka_unit_test(test_attribute_lists),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_unreadable_parameters),
		cmocka_unit_test(test_kernel_texts),
		cmocka_unit_test(test_endless_parameters),
		cmocka_unit_test(test_long_command_line),
		cmocka_unit_test(test_late_parameters),
		cmocka_unit_test(test_late_text),
	};

	return cmocka_run_group_tests_name("services_structs", tests, NULL, NULL);
}

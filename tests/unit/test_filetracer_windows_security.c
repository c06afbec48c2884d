/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Windows: security descriptors, identifiers, lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "filetracer_windows_fixture.h"

/** Where the descriptor is, and what it leads to. */
#define DESCRIPTOR BUFFER
#define OWNER	   (BUFFER + 0x100)
#define GROUP	   (BUFFER + 0x200)
#define SACL	   (BUFFER + 0x300)
#define DACL	   (BUFFER + 0x800)

enum { SE_DACL_PRESENT = 4, SE_SACL_PRESENT = 0x10, SE_SELF_RELATIVE = 0x8000 };

/** Bytes of identifiers: revision, count, authority, parts. */
#define PART(n)	    (n) & 0xff, (n) >> 8 & 0xff, (n) >> 16 & 0xff, (n) >> 24 & 0xff
#define EVERYONE    1, 1, 0, 0, 0, 0, 0, 1, PART(0)
#define SYSTEM	    1, 1, 0, 0, 0, 0, 0, 5, PART(18)
#define USERS	    1, 2, 0, 0, 0, 0, 0, 5, PART(32), PART(545)
#define SOMEBODY    1, 5, 0, 0, 0, 0, 0, 5, PART(21), PART(4000000000), PART(2), PART(1), PART(1001)
#define SOMEBODY_IS "S-1-5-21-4000000000-2-1-1001"

static const uint8_t everyone[] = { EVERYONE }, system_sid[] = { SYSTEM },
		     somebody[] = { SOMEBODY };

/** Writes a descriptor with distances from it, or pointers; 0: it does not have that. */
static void write_descriptor(struct windows_calls *fixture, uint16_t control,
			     const uint64_t parts[4])
{
	const uint8_t head[] = { 1, 0, (uint8_t)control, (uint8_t)(control >> 8) };

	write_bytes(fixture, DESCRIPTOR, head, sizeof(head));
	for (unsigned i = 0; i < 4; i++) {
		if (control & SE_SELF_RELATIVE)
			write_u32(fixture, DESCRIPTOR + 4 + 4 * i,
				  parts[i] ? (uint32_t)(parts[i] - DESCRIPTOR) : 0);
		else
			write_word(fixture, DESCRIPTOR + (1 + i) * word(fixture), parts[i]);
	}
}

/** Writes a list's head, and entries behind it. */
static void write_list(struct windows_calls *fixture, uint64_t list, uint16_t size, uint16_t count,
		       const void *entries, size_t entries_size)
{
	const uint16_t head[] = { 2, size, count, 0 };

	write_bytes(fixture, list, head, sizeof(head));
	write_bytes(fixture, list + sizeof(head), entries, entries_size);
}

static void enter(struct windows_calls *fixture, uint64_t descriptor)
{
	const uint64_t arguments[] = { PLACE, 3, ATTRIBUTES };

	write_attributes(fixture, 0, "x", 0, descriptor);
	call(fixture, "NtOpenDirectoryObject", arguments, 3);
	told_nothing(fixture);
}

static void leave(struct windows_calls *fixture, const char *security)
{
	assert_true(nt_return(&fixture->guest, 0, 0));
	told(fixture, "NtOpenDirectoryObject",
	     "FileName=\"x\" ObjectAttributes=\"\" SecurityDescriptor=%s Status=0x0", security);
}

static void tells(struct windows_calls *fixture, const char *security)
{
	enter(fixture, DESCRIPTOR);
	leave(fixture, security);
}

/** The descriptor has that owner alone. */
static void tells_owner(struct windows_calls *fixture, const void *sid, size_t size,
			const char *security)
{
	const uint64_t parts[4] = { OWNER };

	write_bytes(fixture, OWNER, sid, size);
	write_descriptor(fixture, 0, parts);
	tells(fixture, security);
}

/** The descriptor has that list alone. */
static void tells_list(struct windows_calls *fixture, const char *security)
{
	const uint64_t parts[4] = { 0, 0, 0, DACL };

	write_descriptor(fixture, SE_DACL_PRESENT, parts);
	tells(fixture, security);
}

#define WITH_DACL(text) "Control:\"SE_DACL_PRESENT\";Dacl:\"" text "\""
#define MORE		";...:\"...\""

/* Descriptors -----------------------------------------------------------------------------------*/

static void test_both_forms(void **state)
{
	static const uint8_t labels[] = {
		17, 0, 20, 0, PART(1), 1, 1, 0, 0, 0, 0, 0, 16, PART(4096)
	};
	static const uint8_t entries[] = {
		0, 3,	 20, 0, PART(0x10000000), SYSTEM,   /* allowed, inherited by both */
		1, 0x10, 36, 0, PART(2),	  SOMEBODY, /* denied, inherited */
	};
	const uint64_t parts[4] = { OWNER, GROUP, SACL, DACL };
	struct windows_calls *fixture = *state;

	write_bytes(fixture, OWNER, somebody, sizeof(somebody));
	write_bytes(fixture, GROUP, system_sid, sizeof(system_sid));
	write_list(fixture, SACL, 28, 1, labels, sizeof(labels));
	write_list(fixture, DACL, 64, 2, entries, sizeof(entries));
#define PARTS_OF                                                                                    \
	"Owner:\"" SOMEBODY_IS "\";Group:\"SYSTEM\";"                                               \
	"Sacl:\"(SYSTEM_MANDATORY_LABEL_ACE_TYPE, 0, 0x1, Low Mandatory Level)\";"                  \
	"Dacl:\"(ACCESS_ALLOWED_ACE_TYPE, OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE, "             \
	"GENERIC_ALL, SYSTEM)(ACCESS_DENIED_ACE_TYPE, INHERITED_ACE, FILE_WRITE_DATA, " SOMEBODY_IS \
	")\""
	write_descriptor(fixture, SE_DACL_PRESENT | SE_SACL_PRESENT, parts);
	tells(fixture, "Control:\"SE_DACL_PRESENT | SE_SACL_PRESENT\";" PARTS_OF);
	write_descriptor(fixture, SE_DACL_PRESENT | SE_SACL_PRESENT | SE_SELF_RELATIVE, parts);
	tells(fixture,
	      "Control:\"SE_DACL_PRESENT | SE_SACL_PRESENT | SE_SELF_RELATIVE\";" PARTS_OF);
	/* lists that are not meant */
	write_descriptor(fixture, 0x1000, parts);
	tells(fixture, "Control:\"SE_DACL_PROTECTED\";Owner:\"" SOMEBODY_IS "\";Group:\"SYSTEM\"");
}

static void test_with_a_new_file(void **state)
{
	const uint64_t parts[4] = { OWNER };
	const uint64_t arguments[11] = { PLACE, 0, ATTRIBUTES, BLOCK, 0, 0, 0, 2, 0 };
	struct windows_calls *fixture = *state;

	write_bytes(fixture, OWNER, everyone, sizeof(everyone));
	write_descriptor(fixture, 0, parts);
	write_attributes(fixture, 0, "x", 0, DESCRIPTOR);
	call(fixture, "NtCreateFile", arguments, 11);
	assert_true(nt_return(&fixture->guest, 0, STATUS_ACCESS_DENIED));
	told(fixture, "NtCreateFile",
	     "FileName=\"x\" FileHandle=null ObjectAttributes=\"\" "
	     "SecurityDescriptor=Control:\"0\";Owner:\"Everyone\" DesiredAccess=\"\" "
	     "FileAttributes=\"\" ShareAccess=\"\" CreateDisposition=\"FILE_CREATE\" "
	     "CreateOptions=\"\" Status=0xc0000022");
}

/** It is what it was when the call began; or what there is later of what was not there then. */
static void test_when_it_is_read(void **state)
{
	const uint64_t parts[4] = { OWNER };
	struct windows_calls *fixture = *state;

	write_bytes(fixture, OWNER, everyone, sizeof(everyone));
	write_descriptor(fixture, 0, parts);
	enter(fixture, DESCRIPTOR);
	write_bytes(fixture, OWNER, system_sid, sizeof(system_sid));
	leave(fixture, "Control:\"0\";Owner:\"Everyone\"");

	write_word(fixture, DESCRIPTOR + word(fixture), USER_END - MOCK_PAGE);
	nt_page_out(&fixture->guest, &fixture->process->paging, USER_END - MOCK_PAGE);
	enter(fixture, DESCRIPTOR);
	nt_map_user(&fixture->guest, fixture->process, USER_END - MOCK_PAGE, MOCK_PAGE);
	write_bytes(fixture, USER_END - MOCK_PAGE, system_sid, sizeof(system_sid));
	leave(fixture, "Control:\"0\";Owner:\"SYSTEM\"");
}

static void test_unreadable(void **state)
{
	struct windows_calls *fixture = *state;
	uint64_t parts[4] = { OWNER, USER_END, 0, DACL };

	enter(fixture, USER_END);
	leave(fixture, "null");
	enter(fixture, USER_END - 3); /* the first bytes alone are there */
	leave(fixture, "null");
	write_bytes(fixture, OWNER, everyone, sizeof(everyone));
	write_list(fixture, DACL, 8, 0, NULL, 0);
	write_descriptor(fixture, SE_DACL_PRESENT, parts);
	tells(fixture, "Control:\"SE_DACL_PRESENT\";Owner:\"Everyone\";Dacl:\"()\"" MORE);
	parts[3] = USER_END - 4;
	write_descriptor(fixture, SE_DACL_PRESENT, parts);
	tells(fixture, "Control:\"SE_DACL_PRESENT\";Owner:\"Everyone\"" MORE);
}

/** The kernel does not follow a program's pointers there. */
static void test_in_the_kernels_half(void **state)
{
	struct windows_calls *fixture = *state;
	uint64_t secret = nt_object(&fixture->guest, 64);
	const uint64_t parts[4] = { secret };

	nt_write(&fixture->guest, secret, system_sid, sizeof(system_sid));
	write_descriptor(fixture, 0, parts);
	tells(fixture, "Control:\"0\"" MORE);
	enter(fixture, secret);
	leave(fixture, "null");
	put_mode(fixture, KERNEL_MODE);
	tells(fixture, "Control:\"0\";Owner:\"SYSTEM\"");
}

/* Identifiers -----------------------------------------------------------------------------------*/

static void test_identifiers(void **state)
{
	static const struct {
		uint8_t bytes[8 + 15 * 4];
		const char *name;
	} rows[] = {
		{ { EVERYONE }, "Everyone" },
		{ { SYSTEM }, "SYSTEM" },
		{ { USERS }, "Users" },
		{ { 1, 2, 0, 0, 0, 0, 0, 5, PART(32), PART(544) }, "Administrators" },
		{ { 1, 1, 0, 0, 0, 0, 0, 5, PART(11) }, "Authenticated Users" },
		{ { 1, 2, 0, 0, 0, 0, 0, 15, PART(2), PART(1) }, "ALL APPLICATION PACKAGES" },
		/* of another authority, with a part more, of another revision */
		{ { 1, 1, 0, 0, 0, 0, 0, 6, PART(18) }, "S-1-6-18" },
		{ { 1, 2, 0, 0, 0, 0, 0, 5, PART(18), PART(0) }, "S-1-5-18-0" },
		{ { 2, 1, 0, 0, 0, 0, 0, 5, PART(18) }, "S-2-5-18" },
		{ { 1, 0, 0, 0, 0, 0, 0, 5 }, "S-1-5" },
		/* all bytes of an authority count */
		{ { 1, 1, 0, 0, 0x12, 0x34, 0x56, 0x78, PART(1) }, "S-1-305419896-1" },
		{ { 1, 1, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, PART(1) }, "S-1-0x010203040506-1" },
	};
	struct windows_calls *fixture = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *security =
			g_strdup_printf("Control:\"0\";Owner:\"%s\"", rows[i].name);

		tells_owner(fixture, rows[i].bytes, sizeof(rows[i].bytes), security);
	}
}

static void test_longest_identifiers(void **state)
{
	uint8_t bytes[8 + 16 * 4];
	g_autoptr(GString) security = g_string_new("Control:\"0\";Owner:\"S-255-0xffffffffffff");
	struct windows_calls *fixture = *state;

	memset(bytes, 0xff, sizeof(bytes));
	bytes[1] = 15;
	for (unsigned i = 0; i < 15; i++)
		g_string_append(security, "-4294967295");
	g_string_append_c(security, '"');
	tells_owner(fixture, bytes, sizeof(bytes), security->str);
	bytes[1] = 16; /* no identifier has so many parts */
	tells_owner(fixture, bytes, sizeof(bytes), "Control:\"0\"" MORE);
}

/* Lists -----------------------------------------------------------------------------------------*/

/** None on purpose; none in it; entries of other types, whose identifiers are elsewhere in them. */
static void test_lists(void **state)
{
	static const uint8_t object[] = { 5, 0, 40, 0, PART(1), PART(1), 0, 0, 0, 0, 0,	      0,
					  0, 0, 0,  0, 0,	0,	 0, 0, 0, 0, EVERYONE };
	static const uint8_t objects[] = { 12, 0, 24, 0, PART(1), PART(0), EVERYONE };
	static const uint8_t compound[] = { 4, 0, 24, 0, PART(1), PART(1), EVERYONE };
	static const uint8_t unknown[] = { 0x99, 0x20, 20, 0, PART(1), EVERYONE };
	static const struct {
		const uint8_t *entry;
		uint16_t size;
		const char *security;
	} rows[] = {
		{ object, 40 + 8,
		  WITH_DACL("(ACCESS_ALLOWED_OBJECT_ACE_TYPE, 0, FILE_READ_DATA, Everyone)") },
		{ objects, 24 + 8,
		  WITH_DACL(
			  "(ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE, 0, FILE_READ_DATA, Everyone)") },
		{ compound, 24 + 8,
		  WITH_DACL("(ACCESS_ALLOWED_COMPOUND_ACE_TYPE, 0, FILE_READ_DATA, Everyone)") },
		{ unknown, 20 + 8, WITH_DACL("(0x99, 0x20, 0x1, Everyone)") },
	};
	struct windows_calls *fixture = *state;
	const uint64_t none[4] = { 0 };

	write_descriptor(fixture, SE_DACL_PRESENT, none);
	tells(fixture, WITH_DACL("NO_ACCESS_CONTROL"));
	write_list(fixture, DACL, 8, 0, NULL, 0);
	tells_list(fixture, WITH_DACL("()"));
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		write_list(fixture, DACL, rows[i].size, 1, rows[i].entry, rows[i].size - 8);
		tells_list(fixture, rows[i].security);
	}
}

#define ALLOWED "(ACCESS_ALLOWED_ACE_TYPE, 0, FILE_READ_DATA, Everyone)"

/** Lists that are longer, or shorter, than they say. */
static void test_hostile_lists(void **state)
{
	static const uint8_t entries[] = {
		0, 0, 20, 0, PART(1), EVERYONE, 0, 0, 20, 0, PART(1), EVERYONE,
	};
	struct windows_calls *fixture = *state;
	uint8_t bad[sizeof(entries)];

	/* more entries than there is room for; half of one; no room even for the list's head */
	write_list(fixture, DACL, 48, 0xffff, entries, sizeof(entries));
	tells_list(fixture, WITH_DACL(ALLOWED ALLOWED) MORE);
	write_list(fixture, DACL, 47, 2, entries, sizeof(entries));
	tells_list(fixture, WITH_DACL(ALLOWED) MORE);
	write_list(fixture, DACL, 0, 2, entries, sizeof(entries));
	tells_list(fixture, "Control:\"SE_DACL_PRESENT\"" MORE);
	/* entries that do not lead on, or beyond the end */
	memcpy(bad, entries, sizeof(bad));
	bad[2] = 0;
	write_list(fixture, DACL, 48, 2, bad, sizeof(bad));
	tells_list(fixture, "Control:\"SE_DACL_PRESENT\"" MORE);
	bad[2] = 41;
	write_list(fixture, DACL, 48, 2, bad, sizeof(bad));
	tells_list(fixture, "Control:\"SE_DACL_PRESENT\"" MORE);
	/* an identifier that is longer than its entry */
	bad[2] = 20;
	bad[9] = 2;
	write_list(fixture, DACL, 28, 1, bad, sizeof(bad));
	tells_list(fixture, WITH_DACL("(ACCESS_ALLOWED_ACE_TYPE, 0, FILE_READ_DATA, )") MORE);
}

/** As many entries as a list can have: it is cut, and the other one still has its room. */
static void test_endless_lists(void **state)
{
	static const uint8_t entry[] = { 0, 0x1f, 20, 0, PART(0x1f01ff), EVERYONE };
	struct windows_calls *fixture = *state;
	const uint64_t end = UINT64_C(0x100000), parts[4] = { 0, 0, end, end };
	g_autofree char *line = NULL;
	const char *dacl;

	nt_map_user(&fixture->guest, fixture->process, end, 0x10000);
	write_list(fixture, end, 0xffff, 0xffff, NULL, 0);
	for (unsigned i = 0; i < 3276; i++)
		write_bytes(fixture, end + 8 + i * sizeof(entry), entry, sizeof(entry));
	write_descriptor(fixture, SE_DACL_PRESENT | SE_SACL_PRESENT, parts);
	enter(fixture, DESCRIPTOR);
	assert_true(nt_return(&fixture->guest, 0, 0));
	line = observer_take(&fixture->observer);
	dacl = strstr(line, ";Dacl:\"(ACCESS_ALLOWED_ACE_TYPE, ");
	assert_non_null(dacl);
	assert_non_null(strstr(line, MORE " Status=0x0"));
	assert_in_range(dacl - strstr(line, ";Sacl:"), 3500, 4200);
	assert_in_range(strlen(dacl), 3500, 4200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_EACH_BUILD(test_both_forms),		 ON_EACH_BUILD(test_with_a_new_file),
		ON_EACH_BUILD(test_when_it_is_read),	 ON_EACH_BUILD(test_unreadable),
		ON_EACH_BUILD(test_in_the_kernels_half), ON_EACH_BUILD(test_identifiers),
		ON_EACH_BUILD(test_longest_identifiers), ON_EACH_BUILD(test_lists),
		ON_EACH_BUILD(test_hostile_lists),	 ON_EACH_BUILD(test_endless_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

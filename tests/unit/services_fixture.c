/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin syscalls watching a tiny Windows kernel with a table of services. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "services_loader.h"

#include <glib/gstdio.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

/** In the image, behind all symbols that a build has: the table, what belongs to it, functions. */
#define TABLE_RVA     0x1700000u
#define ARGUMENTS_RVA (TABLE_RVA + 0x1800)
#define STUBS_RVA     (TABLE_RVA - 0x40000)
#define STUB_SIZE     32u

/** Where a 32-bit kernel has what it shares with programs: ntddk.h, KI_USER_SHARED_DATA. */
#define SHARED_DATA_32 UINT64_C(0xffdf0000)

const struct service_row usual_services[USUAL_SERVICES] = {
	[CLOSE] = { .name = "NtClose", .words = 1 },
	[OPEN_FILE] = { .name = "NtOpenFile", .words = 6 },
	[CREATE_FILE] = { .name = "NtCreateFile", .words = 11 },
	[OPEN_KEY] = { .name = "NtOpenKey", .words = 3 },
	[READ_FILE] = { .name = "NtReadFile", .words = 9 },
	[WRITE_FILE] = { .name = "NtWriteFile", .words = 9 },
	[LOAD_DRIVER] = { .name = "NtLoadDriver", .words = 1 },
	[ADJUST_PRIVILEGES] = { .name = "NtAdjustPrivilegesToken", .words = 6 },
	[CREATE_USER_PROCESS] = { .name = "NtCreateUserProcess", .words = 11 },
	[GET_PROCESSOR_NUMBER] = { .name = "NtGetCurrentProcessorNumber", .words = 0 },
	[DELAY_EXECUTION] = { .name = "NtDelayExecution", .words = 2 },
	[ACCESS_CHECK] = { .name = "NtAccessCheckByTypeResultListAndAuditAlarmByHandle",
			   .words = 17 },
	[NAMELESS] = { .name = "KiNameless", .words = 5 },
	[SET_LOW_EVENT_PAIR] = { .name = "NtSetLowEventPair", .words = 1 },
	[SET_HIGH_EVENT_PAIR] = { .name = "NtSetHighEventPair",
				  .words = 1,
				  .code = "NtSetLowEventPair" },
	[CREATE_TOKEN] = { .name = "NtCreateToken", .words = 13 },
	[CHANGE_PROCESS_STATE] = { .name = "NtChangeProcessState", .words = 6, .words_32 = 7 },
	[INITIALIZE_REGISTRY] = { .name = "NtInitializeRegistry", .words = 1 },
	[ALLOCATE_MEMORY] = { .name = "NtAllocateVirtualMemory", .words = 6 },
};

const char *const services_widths[2] = { NT_WINDOWS_10, NT_WINDOWS_7_X86 };

/* The profile -----------------------------------------------------------------------------------*/

/** Where a row's function is: odd numbers before the table, even ones behind it. */
static uint32_t function_rva(const struct services_options *options, unsigned number)
{
	const char *code = options->rows[number].code;
	uint32_t distance = 0x2000 + number * 0x40;

	for (unsigned i = 0; code && i < options->n_rows; i++)
		if (strcmp(options->rows[i].name, code) == 0)
			return function_rva(options, i);
	return number & 1 ? TABLE_RVA - distance : TABLE_RVA + distance;
}

/** Takes the layout's own services out. */
static void remove_services(struct json_object *symbols)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	json_object_object_foreach(symbols, name, value)
	{
		(void)value;
		if (g_str_has_prefix(name, "Nt") || g_str_has_prefix(name, "Zw"))
			g_ptr_array_add(names, g_strdup(name));
	}
	for (unsigned i = 0; i < names->len; i++)
		json_object_object_del(symbols, g_ptr_array_index(names, i));
}

static void add_symbol(struct json_object *symbols, const char *name, uint32_t rva)
{
	struct json_object *symbol = json_object_new_object();

	json_object_object_add(symbol, "address", json_object_new_int64(rva));
	json_object_object_add(symbols, name, symbol);
}

static void add_services(struct json_object *symbols, const struct services_options *options)
{
	for (unsigned i = 0; i < options->n_rows; i++) {
		const char *name = options->rows[i].name;
		unsigned place = options->stubs_fall ? options->n_rows - 1 - i : i;

		add_symbol(symbols, name, function_rva(options, i));
		if (g_str_has_prefix(name, "Nt") && !options->without_stubs &&
		    g_strcmp0(name, options->no_service) != 0) {
			g_autofree char *stub = g_strconcat("Zw", name + strlen("Nt"), NULL);

			add_symbol(symbols, stub, STUBS_RVA + place * STUB_SIZE);
		}
	}
}

/** The layout with the test's services: a file of its own. */
static char *make_profile(const struct services_options *options)
{
	g_autofree char *layout =
		g_strdup_printf(WV_SOURCE_ROOT "/tests/guests/nt/layouts/%s.json", options->layout);
	char *path = g_build_filename(g_get_tmp_dir(), "wyvern-test-XXXXXX", NULL);
	struct json_object *json = json_object_from_file(layout), *symbols;
	int fd = g_mkstemp(path);

	assert_true(fd >= 0);
	assert_true(json_object_object_get_ex(json, "symbols", &symbols));
	remove_services(symbols);
	add_services(symbols, options);
	assert_int_equal(json_object_to_fd(fd, json, JSON_C_TO_STRING_PLAIN), 0);
	json_object_put(json);
	close(fd);
	return path;
}

/* The kernel ------------------------------------------------------------------------------------*/

unsigned services_word(const struct services_fixture *fixture)
{
	return fixture->guest.is_64 ? 8 : 4;
}

void services_put_word(struct services_fixture *fixture, enum services_word word, uint64_t value)
{
	nt_write_pointer(&fixture->guest,
			 nt_symbol(&fixture->guest, "KeServiceDescriptorTable") +
				 word * services_word(fixture),
			 value);
}

void services_put_entry(struct services_fixture *fixture, unsigned number, uint64_t address,
			unsigned words)
{
	struct nt_guest *guest = &fixture->guest;
	unsigned on_stack = words > 4 ? words - 4 : 0;
	uint32_t entry = guest->is_64 ? (uint32_t)(address - fixture->table) << 4 | on_stack
				      : (uint32_t)address;
	uint8_t bytes = (uint8_t)(words * 4);

	nt_write(guest, fixture->table + number * sizeof(entry), &entry, sizeof(entry));
	nt_write(guest, fixture->n_arguments + number, &bytes, sizeof(bytes));
}

static void make_table(struct services_fixture *fixture, const struct services_options *options)
{
	struct nt_guest *guest = &fixture->guest;

	fixture->table = guest->image + TABLE_RVA;
	fixture->n_arguments = guest->image + ARGUMENTS_RVA;
	services_put_word(fixture, SERVICES_BASE, fixture->table);
	/* the limit has 32 bits: what is above it is anything */
	services_put_word(fixture, SERVICES_LIMIT, RUBBISH | options->n_rows);
	services_put_word(fixture, SERVICES_ARGUMENTS, fixture->n_arguments);
	for (unsigned i = 0; i < options->n_rows; i++) {
		const struct service_row *row = &options->rows[i];
		bool wide = guest->is_64 || !row->words_32;

		if (g_strcmp0(row->name, options->no_service) != 0)
			services_put_entry(fixture, i, guest->image + function_rva(options, i),
					   wide ? row->words : row->words_32);
	}
}

/** The process's thread has called from user mode; from where is not noted yet. */
static void enter_kernel(struct services_fixture *fixture)
{
	fixture->frame = nt_object(&fixture->guest, 0x200);
	services_put_mode(fixture, 1);
}

void services_put_stub(struct services_fixture *fixture, uint32_t address)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t page = *nt_entry(guest, &guest->paging, SHARED_DATA_32) & WV_PAGING_ADDRESS;
	uint64_t offset = nt_offset(guest, "_KUSER_SHARED_DATA.SystemCallReturn");

	memcpy(mock_at(&guest->mock, page + offset), &address, sizeof(address));
}

static void make_shared_data(struct services_fixture *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t page = mock_page(&guest->mock);

	*nt_entry(guest, &guest->paging, SHARED_DATA_32) = page | MOCK_TABLE;
	services_put_stub(fixture, SERVICES_STUB);
}

void services_make(struct services_fixture *fixture, const struct services_options *options)
{
	struct services_options all = *options;

	memset(fixture, 0, sizeof(*fixture));
	if (!all.rows) {
		all.rows = usual_services;
		all.n_rows = USUAL_SERVICES;
	}
	fixture->profile = make_profile(&all);
	nt_init(&fixture->guest,
		&(struct nt_options){ .profile = fixture->profile, .unmapped = all.unmapped });
	make_table(fixture, &all);
	if (!fixture->guest.is_64)
		make_shared_data(fixture);
	fixture->process =
		nt_process(&fixture->guest, 12, 4, "\\Device\\HarddiskVolume2\\Windows\\a.exe");
	nt_map_user(&fixture->guest, fixture->process, USER, USER_SIZE);
	services_make_loader(fixture);
	enter_kernel(fixture);
	nt_run(&fixture->guest, 0, fixture->process);
}

char *services_watch(struct services_fixture *fixture, const char *settings)
{
	g_autofree char *all = g_strconcat("plugin=syscalls;\n", settings, NULL);

	nt_watch(&fixture->guest, &fixture->observer, all);
	return observer_take(&fixture->observer);
}

void services_start(struct services_fixture *fixture, const char *layout, const char *settings)
{
	g_autofree char *told = NULL;

	services_make(fixture, &(struct services_options){ .layout = layout });
	told = services_watch(fixture, settings);
	if (strstr(told, "message") || !strstr(told, "status 0,2: "))
		fail_msg("%s", told);
}

void services_stop(struct services_fixture *fixture)
{
	observer_stop(&fixture->observer);
	nt_deinit(&fixture->guest);
	g_unlink(fixture->profile);
	g_free(fixture->profile);
}

static void on_builds(const char *const *builds, size_t count,
		      void (*body)(struct services_fixture *fixture))
{
	for (size_t i = 0; i < count; i++) {
		struct services_fixture fixture;

		services_start(&fixture, builds[i], NULL);
		body(&fixture);
		services_stop(&fixture);
	}
}

void services_on_both(void (*body)(struct services_fixture *fixture))
{
	on_builds(services_widths, G_N_ELEMENTS(services_widths), body);
}

void services_on_each(void (*body)(struct services_fixture *fixture))
{
	static const char *const builds[] = { NT_WINDOWS_7, NT_WINDOWS_7_X86, NT_SERVER_2019,
					      NT_WINDOWS_10, NT_WINDOWS_11 };

	on_builds(builds, G_N_ELEMENTS(builds), body);
}

/* Calls -----------------------------------------------------------------------------------------*/

void services_note(struct services_fixture *fixture, uint64_t number)
{
	nt_put(&fixture->guest, fixture->process->thread, "_KTHREAD.SystemCallNumber", number);
}

void services_put_mode(struct services_fixture *fixture, uint64_t mode)
{
	nt_put(&fixture->guest, fixture->process->thread, "_KTHREAD.PreviousMode", mode);
}

void services_call(struct services_fixture *fixture, const char *name, const uint64_t *arguments,
		   unsigned n_arguments)
{
	assert_true(nt_call(&fixture->guest, 0, name, arguments, n_arguments));
}

void services_return(struct services_fixture *fixture, uint64_t result)
{
	assert_true(nt_return(&fixture->guest, 0, result));
}

void services_write_word(struct services_fixture *fixture, uint64_t address, uint64_t value)
{
	nt_write_user(&fixture->guest, fixture->process, address, &value, services_word(fixture));
}

void services_write_string(struct services_fixture *fixture, uint64_t address, uint64_t text,
			   const char *utf8)
{
	struct nt_guest *guest = &fixture->guest;
	glong n_units;
	g_autofree gunichar2 *units = g_utf8_to_utf16(utf8, -1, NULL, &n_units, NULL);
	uint16_t size = (uint16_t)(n_units * 2);

	nt_write_user(guest, fixture->process, address, &size, sizeof(size));
	services_write_word(fixture, address + nt_offset(guest, "_UNICODE_STRING.Buffer"), text);
	nt_write_user(guest, fixture->process, text, units, size);
}

/* What is told ----------------------------------------------------------------------------------*/

static char *replace(const char *text, const char *pattern, const char *with)
{
	g_autoptr(GRegex) regex =
		g_regex_new(pattern, G_REGEX_MULTILINE, (GRegexMatchFlags)0, NULL);

	return g_regex_replace(regex, text, -1, 0, with, (GRegexMatchFlags)0, NULL);
}

/** Takes what was told, without what all rows have, and compares what else matches with it. */
static void compare_told(struct services_fixture *fixture, const char *pattern, const char *format,
			 va_list values)
{
	g_autofree char *told = observer_take(&fixture->observer);
	g_autofree char *expected = g_strdup_vprintf(format, values);
	g_autofree char *less = replace(told,
					" 12/13 of 4 uid 1 \"a.exe\" (#[0-9]+:)"
					" Module=\"nt\" vCPU=0 CR3=0x[0-9a-f]+",
					" \\1");
	g_autofree char *rest = pattern ? replace(less, pattern, "") : g_strdup(less);

	assert_string_equal(rest, expected);
}

void services_told(struct services_fixture *fixture, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	compare_told(fixture, NULL, format, values);
	va_end(values);
}

void services_told_arguments(struct services_fixture *fixture, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	compare_told(fixture, "^\\w+ #[0-9]+: Syscall=[0-9]+ NArgs=[0-9]+ PreviousMode=\"User\" ?",
		     format, values);
	va_end(values);
}

void services_told_results(struct services_fixture *fixture, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	compare_told(fixture, "^\\w+ #[0-9]+: Syscall=[0-9]+ Ret=0x[0-9a-f]+ Info=\"\\w+\" ?",
		     format, values);
	va_end(values);
}

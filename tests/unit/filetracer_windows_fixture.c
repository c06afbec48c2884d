/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A monitor with the plugin filetracer on a tiny Windows kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "filetracer_windows_fixture.h"

unsigned word(const struct windows_calls *fixture)
{
	return fixture->guest.is_64 ? 8 : 4;
}

uint64_t kernel_handle(const struct windows_calls *fixture, uint64_t handle)
{
	return handle | (fixture->guest.is_64 ? UINT64_C(0xffffffff80000000) : 0x80000000);
}

static void open_files(struct windows_calls *fixture)
{
	struct nt_guest *guest = &fixture->guest;
	uint64_t device = nt_make_named_object(guest, nt_type(guest, "Device", "Devi"), 64,
					       "\\Device\\HarddiskVolume2", false);

	nt_put_handle(guest, fixture->process, FILE_HANDLE,
		      nt_make_file(guest, device, "\\Users\\u\\a.txt"));
	nt_put_handle(guest, fixture->process, FOLDER_HANDLE,
		      nt_make_file(guest, device, "\\Users\\u"));
	nt_put_handle(guest, &guest->processes[0], KERNEL_FILE,
		      nt_make_file(guest, device, "\\pagefile.sys"));
}

void filetracer_windows_make(struct windows_calls *fixture, const char *layout)
{
	windows_calls_make(fixture, &(struct nt_options){ .layout = layout });
	open_files(fixture);
	put_mode(fixture, USER_MODE);
}

int filetracer_windows_setup(void **state)
{
	static struct windows_calls fixture;

	filetracer_windows_make(&fixture, *state);
	nt_watch_plugin(&fixture.guest, &fixture.observer, "filetracer", NULL);
	*state = &fixture;
	return 0;
}

void put_mode(struct windows_calls *fixture, enum windows_mode mode)
{
	nt_put(&fixture->guest, fixture->process->thread, "_KTHREAD.PreviousMode", mode);
}

void write_bytes(struct windows_calls *fixture, uint64_t address, const void *bytes, size_t size)
{
	nt_write_user(&fixture->guest, fixture->process, address, bytes, size);
}

void write_string(struct windows_calls *fixture, uint64_t address, uint16_t length, uint64_t buffer)
{
	const uint16_t lengths[2] = { length, length };

	write_bytes(fixture, address, lengths, sizeof(lengths));
	write_word(fixture, address + word(fixture), buffer);
}

void write_attributes(struct windows_calls *fixture, uint64_t root, const char *name,
		      uint32_t flags, uint64_t security)
{
	const uint64_t words[] = { 6 * word(fixture), root, name ? NAME : 0, flags, security, 0 };

	for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
		write_word(fixture, ATTRIBUTES + i * word(fixture), words[i]);
	if (name)
		write_string(fixture, NAME, write_utf16(fixture, NAME_TEXT, name), NAME_TEXT);
}

void write_block(struct windows_calls *fixture, uint32_t status, uint64_t information)
{
	/* above a status of 32 bits the kernel leaves what there was */
	write_word(fixture, BLOCK, RUBBISH | status);
	write_word(fixture, BLOCK + word(fixture), information);
}

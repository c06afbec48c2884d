/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A monitor with the plugin filetracer on a tiny Windows kernel: what its tests begin with. */
#ifndef WV_TESTS_FILETRACER_WINDOWS_FIXTURE_H
#define WV_TESTS_FILETRACER_WINDOWS_FIXTURE_H

#include "windows_calls.h"

/** What the process has open: a file, its folder, and in the kernel's table another file. */
#define FILE_HANDLE   UINT64_C(0x20)
#define FOLDER_HANDLE UINT64_C(0x24)
#define KERNEL_FILE   UINT64_C(0x28) /* without the bits of such handles */

/** What is told of them. */
#define VOLUME	    "\\\\Device\\\\HarddiskVolume2"
#define FOLDER	    VOLUME "\\\\Users\\\\u"
#define FILE_NAME   FOLDER "\\\\a.txt"
#define KERNELS	    VOLUME "\\\\pagefile.sys"
#define OF_FILE	    "FileName=\"" FILE_NAME "\" "
#define WITH_HANDLE "FileHandle=0x20 "

/** In the process's memory: what calls fill in, and what they are given, each in a page. */
#define PLACE	   USER
#define BLOCK	   (USER + 0x40)
#define ATTRIBUTES (USER + MOCK_PAGE)
#define NAME	   (ATTRIBUTES + 0x80)
#define NAME_TEXT  (ATTRIBUTES + 0x100)
#define BUFFER	   (USER + 2 * MOCK_PAGE)

#define STATUS_PENDING	       UINT64_C(0x103)
#define STATUS_BUFFER_OVERFLOW UINT64_C(0x80000005)
#define STATUS_NOT_FOUND       UINT64_C(0xc0000034) /* STATUS_OBJECT_NAME_NOT_FOUND */

/** FILE_INFORMATION_CLASS. */
enum {
	BASIC_INFORMATION = 4,
	STANDARD_INFORMATION = 5,
	RENAME_INFORMATION = 10,
	DISPOSITION_INFORMATION = 13,
	ALL_INFORMATION = 18,
	END_OF_FILE_INFORMATION = 20,
	NETWORK_OPEN_INFORMATION = 34,
	DISPOSITION_INFORMATION_EX = 64,
	RENAME_INFORMATION_EX = 65,
};

/** Makes the guest, with these files. */
void filetracer_windows_make(struct windows_calls *fixture, const char *layout);

/** Of cmocka: *state is a build's name, and then a struct windows_calls. */
int filetracer_windows_setup(void **state);

#define ON_BUILD(test, build) NT_TEST(test, filetracer_windows_setup, windows_calls_teardown, build)
#define ON_EACH_BUILD(test)   NT_TESTS(test, filetracer_windows_setup, windows_calls_teardown)

/** A word has so many bytes. */
unsigned word(const struct windows_calls *fixture);

/** A handle of the kernel's table. */
uint64_t kernel_handle(const struct windows_calls *fixture, uint64_t handle);

/** The process's calls come from user mode, as they do from the start, or from the kernel. */
enum windows_mode { KERNEL_MODE, USER_MODE };
void put_mode(struct windows_calls *fixture, enum windows_mode mode);

void write_bytes(struct windows_calls *fixture, uint64_t address, const void *bytes, size_t size);

/** Writes OBJECT_ATTRIBUTES, of a name at NAME; NULL: they have none. */
void write_attributes(struct windows_calls *fixture, uint64_t root, const char *name,
		      uint32_t flags, uint64_t security);

/** Writes a UNICODE_STRING with a length, in bytes, and a Buffer of the test's own. */
void write_string(struct windows_calls *fixture, uint64_t address, uint16_t length,
		  uint64_t buffer);

/** Writes IO_STATUS_BLOCK as the kernel does. */
void write_block(struct windows_calls *fixture, uint32_t status, uint64_t information);

/** A number of 100 ns since 1601. */
#define FILETIME(seconds) (((seconds) + UINT64_C(11644473600)) * 10000000)

#endif

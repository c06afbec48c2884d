/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tiny Windows kernel that has been found, in which a process runs: what tests begin with. */
#ifndef WV_TESTS_WINDOWS_FOUND_H
#define WV_TESTS_WINDOWS_FOUND_H

#include "windows_fixture.h"

/** Where setup leaves the process's image. */
#define FOUND_PATH "\\Device\\HarddiskVolume2\\Windows\\explorer.exe"

struct found {
	struct nt_guest guest;
	struct wv_guest *windows;
	struct nt_process *process; /* PID 12 of 4, FOUND_PATH; vCPU 0 runs it */
	struct wv_space space;	    /* the one that vCPU 0 is in */
};

/** A text that was read. */
struct text {
	char bytes[4096];
	size_t size;
	bool read, truncated;
};

/** Of cmocka: *state is a build's name, and then a struct found. */
int found_setup(void **state);
int found_teardown(void **state);

/** Rows of a table of tests. */
#define ON_BUILD(test, build) NT_TEST(test, found_setup, found_teardown, build)
#define ON_EACH_BUILD(test)   NT_TESTS(test, found_setup, found_teardown)

/** Starts anew, with a profile file in the build's place. */
void found_use_profile(struct found *found, const char *path);

/** Looks for the kernel again, as it is now. */
void found_again(struct found *found);

/** Looks where vCPU 0 is, and who runs there. */
void found_enter(struct found *found, struct wv_identity *identity);

/** That identity's name is this. */
void assert_name(const struct wv_identity *identity, const char *name);

/** The text that was read. @truncated: and whether there is said to be more. */
void assert_text(const struct text *text, const char *expected, bool truncated);

#endif

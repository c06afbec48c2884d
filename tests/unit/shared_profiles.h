/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the complete profiles of real Windows kernels are, which are no part of the project. */
#ifndef WV_TESTS_SHARED_PROFILES_H
#define WV_TESTS_SHARED_PROFILES_H

#include <glib.h>

/**
 * The folder: windows/isf in $WYVERN_SHARED, else in ../shared beside the project's root. To be
 * freed with g_free(). NULL, after saying so, where there is none: the test is to be skipped.
 */
static inline char *shared_profiles(void)
{
	const char *shared = g_getenv("WYVERN_SHARED");
	char *folder = g_build_filename(shared ? shared : WV_SOURCE_ROOT "/../shared", "windows",
					"isf", NULL);

	if (g_file_test(folder, G_FILE_TEST_IS_DIR))
		return folder;
	print_message("skipped: no profiles of Windows kernels in %s (WYVERN_SHARED/windows/isf)\n",
		      folder);
	g_free(folder);
	return NULL;
}

#endif

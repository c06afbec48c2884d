/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A monitor with the plugin procmon on a tiny Windows kernel: what its tests begin with. */
#ifndef WV_TESTS_PROCMON_WINDOWS_FIXTURE_H
#define WV_TESTS_PROCMON_WINDOWS_FIXTURE_H

#include "windows_calls.h"

/** Of cmocka: *state is a build's name, and then a struct windows_calls. */
int procmon_windows_setup(void **state);

#define ON_BUILD(test, build) NT_TEST(test, procmon_windows_setup, windows_calls_teardown, build)
#define ON_EACH_BUILD(test)   NT_TESTS(test, procmon_windows_setup, windows_calls_teardown)

#endif

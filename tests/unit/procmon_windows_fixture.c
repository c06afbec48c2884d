/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A monitor with the plugin procmon on a tiny Windows kernel. */
#include "procmon_windows_fixture.h"

int procmon_windows_setup(void **state)
{
	static struct windows_calls fixture;

	windows_calls_make(&fixture, &(struct nt_options){ .layout = *state });
	nt_watch_plugin(&fixture.guest, &fixture.observer, "procmon", NULL);
	*state = &fixture;
	return 0;
}

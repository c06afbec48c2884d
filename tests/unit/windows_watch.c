/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A monitor on a tiny Windows kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "observer.h"
#include "windows_fixture.h"

void nt_watch(struct nt_guest *guest, struct observer *observer, const char *settings)
{
	struct wv_machine *machine = &guest->mock.machine;
	g_autofree char *all = g_strdup_printf("profile=%s\n%s", guest->profile_path, settings);

	observer_watch(observer, machine, all);
	/* in kernel mode: from user mode a kernel of 32 bits is not to be seen */
	machine->events->watched(machine->owner, 0);
}

void nt_watch_plugin(struct nt_guest *guest, struct observer *observer, const char *plugin,
		     const char *settings)
{
	g_autofree char *all = g_strdup_printf("plugin=%s;\n%s", plugin, settings ? settings : "");
	g_autofree char *told = NULL;

	nt_watch(guest, observer, all);
	told = observer_take(observer);
	if (strstr(told, "message"))
		fail_msg("%s", told);
}

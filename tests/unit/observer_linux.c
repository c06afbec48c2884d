/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A monitor on a tiny Linux kernel. */
#include "observer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

void observer_start(struct observer *observer, struct tiny_linux *kernel, const char *settings)
{
	observer_watch(observer, &kernel->mock.machine, settings);
	observer->kernel = kernel;
}

void observer_discover(struct observer *observer, unsigned vcpu)
{
	struct wv_machine *machine = &observer->kernel->mock.machine;

	assert_int_equal(machine->watch, WV_WATCH_USER);
	tiny_user_mode(observer->kernel, vcpu);
	machine->events->watched(machine->owner, vcpu);
	tiny_run(observer->kernel, vcpu, observer->kernel->running[vcpu]);
}

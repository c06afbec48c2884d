/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ending QEMU with the command that started it. */
#include "qemu-plugin/lifeline.h"

#include <errno.h>
#include <glib.h>
#include <unistd.h>

static gpointer wait_for_end(gpointer data)
{
	int fd = GPOINTER_TO_INT(data);
	char byte;

	while (read(fd, &byte, 1) < 0 && errno == EINTR)
		;
	_exit(1); /* nobody is there to read what QEMU could still say */
}

void lifeline_watch(int fd)
{
	g_thread_unref(g_thread_new("lifeline", wait_for_end, GINT_TO_POINTER(fd)));
}

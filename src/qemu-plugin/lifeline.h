/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lifeline: a pipe whose other end the command holds. When that is closed, because the command
 * has ended in whatever way, QEMU ends at once. The kernel's own means (PR_SET_PDEATHSIG) do the
 * same in most cases, but not when a jail in between dies before it has set itself up.
 */
#ifndef WV_QEMU_PLUGIN_LIFELINE_H
#define WV_QEMU_PLUGIN_LIFELINE_H

/** Watches the reading end of the pipe in a thread of its own, for as long as QEMU runs. */
void lifeline_watch(int fd);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the Linux files of this plugin share: the wants, by their index in linux.c's table. */
#ifndef WV_PLUGINS_PROCMON_LINUX_H
#define WV_PLUGINS_PROCMON_LINUX_H

#include "guest/linux/linux.h"
#include "plugins/procmon/procmon.h"

enum procmon_linux_want {
	BPRM_P,
	BPRM_MM,
	BPRM_FILE,
	BPRM_ARGC,
	BPRM_ENVC,
	BPRM_FILENAME,
	BPRM_INTERP,
	BPRM_FDPATH,
	BPRM_HAVE_EXECFD,
	BPRM_EXECFD,
	BPRM_SECUREEXEC,
	MM_ARG_START,
	MM_ARG_END,
	MM_ENV_START,
	MM_ENV_END,
	CLONE_FLAGS,
	CLONE_EXIT_SIGNAL,
	CHILD_PID,
	PROCMON_LINUX_WANT_COUNT
};

/** Indices in the table of traps. */
enum procmon_linux_trap {
	TRAP_EXEC,
	TRAP_EXIT,
	TRAP_SIGNAL,
	TRAP_CLONE,
	TRAP_CHILD,
	PROCMON_LINUX_TRAP_COUNT
};

/* linux_exec.c */
enum wv_verdict procmon_exec_entry(struct wv_call *call);
void procmon_exec_return(struct wv_call *call);

#endif

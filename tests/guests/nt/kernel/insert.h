/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a new process gets known. */
#ifndef WV_NT_INSERT_H
#define WV_NT_INSERT_H

#include "nt.h"

NTAPI ntstatus PspInsertProcess(struct _EPROCESS *process, struct _EPROCESS *parent, u32 access,
				u32 flags);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services as the kernel calls them: by their stubs, by their functions; and what it hands them. */
#ifndef WV_NT_STUBS_H
#define WV_NT_STUBS_H

#include "nt.h"

#define OBJ_KERNEL_HANDLE 0x240u /* with OBJ_CASE_INSENSITIVE */

NTAPI word ZwAdjustPrivilegesToken(word token, word all, word state, word size, word before,
				   word length),
	ZwClose(word handle),
	ZwCreateEvent(word handle, word access, word attributes, word type, word state),
	ZwCreateFile(word handle, word access, word attributes, word status, word size, word kind,
		     word share, word disposition, word options, word extended, word length),
	ZwCreateProcessEx(word handle, word access, word attributes, word parent, word flags,
			  word section, word debug_port, word exception_port, word job_level),
	ZwLoadDriver(word name), ZwOpenDirectoryObject(word handle, word access, word attributes),
	ZwOpenFile(word handle, word access, word attributes, word status, word share,
		   word options),
	ZwOpenProcess(word handle, word access, word attributes, word id),
	ZwOpenProcessToken(word process, word access, word handle),
	ZwOpenThread(word handle, word access, word attributes, word id),
	ZwProtectVirtualMemory(word process, word base, word size, word protection, word before),
	ZwQueryAttributesFile(word attributes, word buffer),
	ZwQueryFullAttributesFile(word attributes, word buffer),
	ZwQueryInformationFile(word file, word status, word buffer, word size, word kind),
	ZwQuerySystemInformation(word kind, word buffer, word size, word length),
	ZwReadFile(word file, word event, word routine, word context, word status, word buffer,
		   word size, word offset, word key),
	ZwSetInformationFile(word file, word status, word buffer, word size, word kind),
	ZwTerminateProcess(word process, word status),
	ZwWaitForSingleObject(word handle, word alertable, word timeout),
	ZwWriteFile(word file, word event, word routine, word context, word status, word buffer,
		    word size, word offset, word key),
	ZwYieldExecution(void);
NTAPI word NtClose(word handle), NtOpenProcess(word handle, word access, word attributes, word id),
	NtQueryInformationProcess(word process, word kind, word buffer, word size, word length),
	NtWaitForSingleObject(word handle, word alertable, word timeout);

/* In the kernel's own memory. */
struct wv_kernel_arguments {
	word handle, status[2];
	struct _UNICODE_STRING name;
	struct _OBJECT_ATTRIBUTES attributes;
	struct _CLIENT_ID id;
	u8 buffer[64];
	u32 length;
};

static inline word attributes_of(struct wv_kernel_arguments *arguments, const u16 *name, u32 flags)
{
	unsigned length = 0;

	while (name[length])
		length++;
	arguments->name.Length = arguments->name.MaximumLength = (u16)(length * 2);
	arguments->name.Buffer = (void *)name;
	memset(&arguments->attributes, 0, sizeof(arguments->attributes));
	arguments->attributes.Length = sizeof(arguments->attributes);
	arguments->attributes.ObjectName = (void *)&arguments->name;
	arguments->attributes.Attributes = flags;
	return (word)&arguments->attributes;
}

#endif

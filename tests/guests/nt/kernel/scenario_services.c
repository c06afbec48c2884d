// SPDX-License-Identifier: GPL-2.0-or-later
/* System services as the kernel calls them: by their stubs, and their functions. */
#include "handle.h"
#include "scenario.h"
#include "service.h"

#define OBJ_KERNEL_HANDLE 0x240u

NTAPI word ZwClose(word handle),
	ZwCreateEvent(word handle, word access, word attributes, word type, word state),
	ZwOpenFile(word handle, word access, word attributes, word status, word share,
		   word options),
	ZwReadFile(word file, word event, word routine, word context, word status, word buffer,
		   word size, word offset, word key),
	ZwOpenProcess(word handle, word access, word attributes, word id),
	ZwQuerySystemInformation(word kind, word buffer, word size, word length),
	ZwYieldExecution(void), ZwLoadDriver(word name);
NTAPI word NtClose(word handle), NtOpenProcess(word handle, word access, word attributes, word id),
	NtQueryInformationProcess(word process, word kind, word buffer, word size, word length),
	NtWaitForSingleObject(word handle, word alertable, word timeout);

/* In the kernel's own memory. */
struct arguments {
	word handle, status[2];
	struct _UNICODE_STRING name;
	struct _OBJECT_ATTRIBUTES attributes;
	struct _CLIENT_ID id;
	u8 buffer[64];
	u32 length;
};

static word attributes_of(struct arguments *arguments, const u16 *name, u32 flags)
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

static void by_stubs(struct arguments *arguments)
{
	word at = (word)&arguments->handle;

	if (!ZwCreateEvent(at, 2, attributes_of(arguments, u"\\KernelObjects\\Wyvern", 0x2c0), 1,
			   0))
		ZwClose(arguments->handle);
	if (!ZwOpenFile(at, 0x80000000,
			attributes_of(arguments, u"\\??\\C:\\pagefile.sys", OBJ_KERNEL_HANDLE),
			(word)arguments->status, 7, 0x20)) {
		ZwReadFile(arguments->handle, 0, 0, 0, (word)arguments->status,
			   (word)arguments->buffer, 16, 0, 0);
		ZwClose(arguments->handle);
	}
	ZwQuerySystemInformation(0, (word)arguments->buffer, WV_POINTER == 8 ? 64 : 44,
				 (word)&arguments->length);
	arguments->id.UniqueProcess = (void *)872;
	if (!ZwOpenProcess(at, 0x1fffff, attributes_of(arguments, u"", OBJ_KERNEL_HANDLE),
			   (word)&arguments->id))
		ZwClose(arguments->handle);
	ZwClose(0x7ffc);
	ZwLoadDriver((word)&arguments->name);
	ZwYieldExecution();
}

/* What the thread's last mode is, that these take for the caller's. */
static void by_functions(struct arguments *arguments)
{
	long long now = 0;

	arguments->id.UniqueProcess = (void *)4;
	if (!NtOpenProcess((word)&arguments->handle, 1,
			   attributes_of(arguments, u"", OBJ_KERNEL_HANDLE), (word)&arguments->id))
		NtClose(arguments->handle);
	NtQueryInformationProcess(CURRENT_PROCESS, 0, (word)arguments->buffer, WV_POINTER * 6,
				  (word)&arguments->length);
	NtWaitForSingleObject(CURRENT_PROCESS, 0, (word)&now);
}

bool wv_service_step(word step)
{
	struct arguments arguments = { .length = 0 };

	if (step >= 4)
		return false;
	if (step % 2)
		by_functions(&arguments);
	else
		by_stubs(&arguments);
	return true;
}

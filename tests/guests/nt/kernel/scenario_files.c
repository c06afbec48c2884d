// SPDX-License-Identifier: GPL-2.0-or-later
/* Files as the kernel itself opens, changes and deletes them. */
#include "scenario.h"
#include "stubs.h"

#define ALL_RIGHTS	0x1f01ffu
#define OPEN_ALWAYS	3u
#define SYNCHRONOUS	0x20u
#define DELETE_ON_CLOSE 0x1000u

static const u16 *const names[] = { u"\\??\\C:\\files\\kernel-0.log",
				    u"\\??\\C:\\files\\kernel-1.log" };

static word create(struct wv_kernel_arguments *arguments, const u16 *name, u32 flags, u32 options)
{
	return ZwCreateFile((word)&arguments->handle, ALL_RIGHTS,
			    attributes_of(arguments, name, flags), (word)arguments->status, 0, 0x80,
			    0, OPEN_ALWAYS, options, 0, 0);
}

static void write(struct wv_kernel_arguments *arguments, long long offset)
{
	memset(arguments->buffer, (int)offset, sizeof(arguments->buffer));
	ZwWriteFile(arguments->handle, 0, 0, 0, (word)arguments->status, (word)arguments->buffer,
		    sizeof(arguments->buffer), (word)&offset, 0);
}

static void dispose(struct wv_kernel_arguments *arguments)
{
	u8 goes = 1;

	ZwSetInformationFile(arguments->handle, (word)arguments->status, (word)&goes, sizeof(goes),
			     13);
}

static void use(struct wv_kernel_arguments *arguments, const u16 *name)
{
	u8 answer[56];

	if (create(arguments, name, OBJ_KERNEL_HANDLE, SYNCHRONOUS))
		return;
	write(arguments, 0);
	write(arguments, 5000);
	ZwReadFile(arguments->handle, 0, 0, 0, (word)arguments->status, (word)arguments->buffer,
		   sizeof(arguments->buffer), 0, 0);
	ZwQueryInformationFile(arguments->handle, (word)arguments->status, (word)answer,
			       sizeof(answer), 34);
	ZwQueryInformationFile(arguments->handle, (word)arguments->status, (word)answer, 40, 4);
	ZwSetInformationFile(arguments->handle, (word)arguments->status, (word)answer, 40, 4);
	ZwQueryAttributesFile((word)&arguments->attributes, (word)answer);
	ZwQueryFullAttributesFile((word)&arguments->attributes, (word)answer);
	dispose(arguments);
	ZwClose(arguments->handle);
}

/* Handles of the process that the thread is in, with the kernel's rights; and names of programs. */
static void use_otherwise(struct wv_kernel_arguments *arguments, const u16 *name)
{
	if (!create(arguments, name, 0, DELETE_ON_CLOSE)) {
		write(arguments, 100);
		ZwClose(arguments->handle);
	}
	if (!ZwOpenDirectoryObject((word)&arguments->handle, 1,
				   attributes_of(arguments, u"\\KernelObjects", OBJ_KERNEL_HANDLE)))
		ZwClose(arguments->handle);
	create(arguments, u"\\??\\C:\\nowhere\\x", OBJ_KERNEL_HANDLE, 0);
	dispose(arguments);
}

bool wv_file_step(word step)
{
	struct wv_kernel_arguments arguments = { .length = 0 };

	if (step >= 2 * COUNT_OF(names))
		return false;
	if (step < COUNT_OF(names))
		use(&arguments, names[step % COUNT_OF(names)]);
	else
		use_otherwise(&arguments, names[step % COUNT_OF(names)]);
	return true;
}

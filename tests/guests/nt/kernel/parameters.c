// SPDX-License-Identifier: GPL-2.0-or-later
/* A new process's parameters, in its own memory: copied from the caller's, or made of its plan. */
#include "memory.h"
#include "user.h"

#define DATA (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_NX)

/* A place that is filled in from the front: the kernel's view of it, and the user's address. */
struct area {
	u8 *at;
	word va;
};

static void put_wide(struct area *area, struct _UNICODE_STRING *string, const u16 *text)
{
	u16 length = 0;

	for (; text[length]; length++)
		((u16 *)area->at)[length] = text[length];
	string->Length = length * 2;
	string->MaximumLength = length * 2 + 2;
	string->Buffer = (void *)area->va;
	area->at += string->MaximumLength;
	area->va += string->MaximumLength;
}

static void put_string(struct area *area, struct _UNICODE_STRING *string,
		       const struct _UNICODE_STRING *from)
{
	memcpy(area->at, (const void *)from->Buffer, from->Length);
	string->Length = from->Length;
	string->MaximumLength = from->MaximumLength;
	string->Buffer = (void *)area->va;
	area->at += (from->Length + 3u) & ~1u;
	area->va += (from->Length + 3u) & ~1u;
}

static void put_text(struct area *area, struct _UNICODE_STRING *string, const char *text)
{
	u16 wide[160];
	unsigned i;

	for (i = 0; text[i] && i + 1 < COUNT_OF(wide); i++)
		wide[i] = (u8)text[i];
	wide[i] = 0;
	put_wide(area, string, wide);
}

/* \Device\HarddiskVolume2\X as C:\X */
static void put_path(struct area *area, struct _UNICODE_STRING *string, const u16 *path)
{
	static const char device[] = "\\Device\\HarddiskVolume2";
	u16 wide[160] = { 'C', ':' };
	unsigned i;

	for (i = 0; path[i + sizeof(device) - 1] && i + 3 < COUNT_OF(wide); i++)
		wide[i + 2] = path[i + sizeof(device) - 1];
	wide[i + 2] = 0;
	put_wide(area, string, wide);
}

struct string_32 {
	u16 length, maximum;
	u32 buffer;
};

static struct string_32 narrow(const struct _UNICODE_STRING *string)
{
	return (struct string_32){ string->Length, string->MaximumLength,
				   (u32)(word)string->Buffer };
}

#define PARAMETERS_TEXTS (2 * PAGE) /* behind the parameters of 64 and of 32 bits */

static unsigned size_of_texts(const struct wv_parameters *given)
{
	return given->directory.Length + given->image_path.Length + given->command_line.Length +
	       given->dll_path.Length + 8u;
}

void wv_user_parameters(struct _EPROCESS *process, const struct wv_process_plan *plan)
{
	const struct wv_parameters *given = plan->parameters;
	unsigned size = PARAMETERS_TEXTS + PAGE + (given ? size_of_texts(given) : 0);
	u8 *page = wv_user_pages(process, USER_PARAMETERS, (size + PAGE - 1) / PAGE, DATA);
	struct _RTL_USER_PROCESS_PARAMETERS *parameters = (void *)page;
	struct area area = { page + PARAMETERS_TEXTS, USER_PARAMETERS + PARAMETERS_TEXTS };
	u8 *parameters_32 = page + PAGE;

	parameters->MaximumLength = parameters->Length = size;
	parameters->Flags = 1; /* pointers are pointers, not offsets */
	if (given) {
		put_string(&area, &parameters->CurrentDirectory.DosPath, &given->directory);
		put_string(&area, &parameters->ImagePathName, &given->image_path);
		put_string(&area, &parameters->CommandLine, &given->command_line);
		put_string(&area, &parameters->DllPath, &given->dll_path);
	} else {
		put_text(&area, &parameters->CurrentDirectory.DosPath, "C:\\Users\\w\\");
		put_path(&area, &parameters->ImagePathName, plan->path);
		put_text(&area, &parameters->CommandLine, plan->command_line);
		put_text(&area, &parameters->DllPath, "C:\\Windows\\system32");
	}
	put_text(&area, &parameters->WindowTitle, plan->name);
	parameters->Environment = (void *)area.va;
	if (!plan->is_32bit)
		return;
	/* The same for a 32-bit program on 64 bits; the offsets are those of 32-bit Windows. */
	*(struct string_32 *)(parameters_32 + 0x24) = narrow(&parameters->CurrentDirectory.DosPath);
	*(struct string_32 *)(parameters_32 + 0x30) = narrow(&parameters->DllPath);
	*(struct string_32 *)(parameters_32 + 0x38) = narrow(&parameters->ImagePathName);
	*(struct string_32 *)(parameters_32 + 0x40) = narrow(&parameters->CommandLine);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Fills in the user half of a new process: program, PEB and parameters, and pages that are away. */
#include "user.h"
#include "boot_info.h"
#include "memory.h"
#include "object.h"
#include "truth.h"

#define DATA	    (PTE_PRESENT | PTE_WRITE | PTE_USER)
#define CODE	    (PTE_PRESENT | PTE_USER)
#define STACK_PAGES 4
#define STACK_HEAD  0x100 /* above a 32-bit program's first return address */

#if WV_POINTER == 4
/* Where SYSENTER's way back goes: all programs have it at the same place. */
word wv_system_call_return = USER_FAST_CALL_RETURN;
#endif

/* Before a program's first instruction: where it has its other entries, relative to the first. */
struct program {
	int dispatcher;	 /* of exceptions */
	int system_call; /* a WoW64 program's way to system calls */
};

/* New pages of the process at an address; where the kernel can fill them in. */
void *wv_user_pages(struct _EPROCESS *process, word va, unsigned count, u64 flags)
{
	u64 pa = wv_physical_pages(count);

	for (unsigned i = 0; i < count; i++)
		wv_map(wv_process_info(process)->root, va + i * PAGE, pa + i * PAGE, flags);
	return wv_physical(pa);
}

/* All processes share a program's pages. */
static void map_program(struct _EPROCESS *process, unsigned which, word va)
{
	for (u64 at = 0; at < wv_boot.user_size[which]; at += PAGE)
		wv_map(wv_process_info(process)->root, va + (word)at, wv_boot.user_pa[which] + at,
		       CODE);
}

static const struct program *program_of(unsigned which)
{
	u8 *entry = wv_physical(wv_boot.user_pa[which] + wv_boot.user_entry[which]);

	return (const struct program *)entry - 1;
}

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

static void make_parameters(struct _EPROCESS *process, const struct wv_process_plan *plan)
{
	const struct wv_parameters *given = plan->parameters;
	unsigned size = PARAMETERS_TEXTS + PAGE + (given ? size_of_texts(given) : 0);
	u8 *page = wv_user_pages(process, USER_PARAMETERS, (size + PAGE - 1) / PAGE, DATA | PTE_NX);
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

static void make_peb(struct _EPROCESS *process, const struct wv_process_plan *plan, word image)
{
	struct _PEB *peb = wv_user_pages(process, USER_PEB, 1, DATA | PTE_NX);

	peb->ImageBaseAddress = (void *)image;
	peb->Ldr = (void *)(word)USER_LDR;
	peb->ProcessParameters = (void *)(word)USER_PARAMETERS;
	peb->SessionId = (u32)plan->session;
	peb->NumberOfProcessors = wv_boot.cpus;
	peb->OSMajorVersion = WV_OS_MAJOR;
	peb->OSMinorVersion = WV_OS_MINOR;
	peb->OSBuildNumber = WV_OS_BUILD;
	peb->OSPlatformId = 2;
	process->Peb = (void *)(word)USER_PEB;
	process->SectionBaseAddress = (void *)image;
	if (plan->unreadable_peb)
		*wv_pte(wv_process_info(process)->root, USER_PEB) = 0;
}

#if WV_POINTER == 8
static void make_wow64(struct _EPROCESS *process, const struct wv_process_plan *plan)
{
	u8 *peb = wv_user_pages(process, USER_PEB_32, 1, DATA | PTE_NX);

	*(u32 *)(peb + 0x8) = USER_IMAGE_32;
	*(u32 *)(peb + 0x10) = USER_PARAMETERS + 0x1000;
	*(u32 *)(peb + 0x1d4) = (u32)plan->session;
#ifdef OFF__EPROCESS_WoW64Process
	{
		struct _EWOW64PROCESS *wow64 = wv_kernel_pages(1);

		wow64->Peb = (void *)(word)USER_PEB_32;
		process->WoW64Process = wow64;
	}
#else
	process->Wow64Process = (void *)(word)USER_PEB_32;
#endif
}
#endif

/* Something that looks like an object's type, with a key of its own. */
static void fill_with_type(void *page, const char *key)
{
	struct _OBJECT_TYPE *type = page;

	*type = *wv_types[WV_EVENT];
	memcpy(&type->Key, key, 4);
}

/* Pages that the processor does not find, in the ways that Windows has. */
static void move_to_transition(u64 *pte)
{
	*pte = (*pte & 0x000ffffffffff000) | PTE_TRANSITION | PTE_PROTECTION;
}

/* The place in the "page file" is the frame's number: only the kernel knows that. */
static void move_to_page_file(u64 *pte)
{
	*pte = (*pte & 0x000ffffffffff000) >> 12 << 32 | PTE_PROTECTION | 2;
}

static void make_missing(struct _EPROCESS *process)
{
	static const struct {
		word va;
		const char *key;
		void (*move)(u64 *pte);
	} pages[] = {
		{ USER_TRANSITION, "Tran", move_to_transition },
		{ USER_PAGED_OUT, "Page", move_to_page_file },
		{ USER_TYPE_OUT, "Type", move_to_page_file },
	};

	wv_user_pages(process, USER_SCRATCH, 1, DATA | PTE_NX);
	for (unsigned i = 0; i < COUNT_OF(pages); i++) {
		fill_with_type(wv_user_pages(process, pages[i].va, 1, DATA | PTE_NX), pages[i].key);
		pages[i].move(wv_pte(wv_process_info(process)->root, pages[i].va));
	}
}

bool wv_page_out(struct _EPROCESS *process, word va)
{
	u64 *pte = wv_pte(wv_process_info(process)->root, va);

	if (va >> (WV_POINTER * 8 - 1) || !pte || !(*pte & PTE_PRESENT))
		return false;
	move_to_page_file(pte);
	wv_flush(va);
	return true;
}

bool wv_page_in(struct _EPROCESS *process, word va)
{
	u64 *pte = wv_pte(wv_process_info(process)->root, va);

	if (va >> (WV_POINTER * 8 - 1) || !pte)
		return false;
	/* Another thread may have been faster. */
	if (*pte & PTE_PRESENT)
		return true;
	if (!(*pte & PTE_PROTECTION))
		return false;
	if (*pte & PTE_TRANSITION)
		*pte = (*pte & 0x000ffffffffff000) | DATA | PTE_NX;
	else
		*pte = *pte >> 32 << 12 | DATA | PTE_NX;
	return true;
}

void wv_user_memory(struct _EPROCESS *process, const struct wv_process_plan *plan)
{
	struct wv_process_info *info = wv_process_info(process);
	word image = USER_IMAGE;

	map_program(process, WV_PROGRAM, USER_IMAGE);
	map_program(process, WV_NTDLL, USER_NTDLL);
	info->image_entry = USER_IMAGE + (word)wv_boot.user_entry[0];
	info->user_dispatcher = info->image_entry + (word)program_of(0)->dispatcher;
#if WV_POINTER == 8
	if (plan->is_32bit) {
		image = USER_IMAGE_32;
		map_program(process, 1, USER_IMAGE_32);
		info->image_entry = USER_IMAGE_32 + (word)wv_boot.user_entry[1];
		make_wow64(process, plan);
	}
#endif
	make_parameters(process, plan);
	make_peb(process, plan, image);
	wv_user_modules(process);
	make_missing(process);
}

/* As if a 32-bit program's entry had been called: its arguments behind a return address. */
static void put_arguments(u8 *top, word first, word second)
{
	u32 *stack = (u32 *)(top - STACK_HEAD);

	stack[1] = (u32)first;
	stack[2] = (u32)second;
}

word wv_user_thread_memory(struct _EPROCESS *process, struct _ETHREAD *thread, word first,
			   word second, struct _KTRAP_FRAME *frame)
{
	unsigned number = wv_process_info(process)->threads;
	word va = USER_TEBS + number * 0x10000;
	word stack = USER_STACKS + number * 0x10000 + STACK_PAGES * PAGE;
	u8 *memory = wv_user_pages(process, va, 4, DATA | PTE_NX);
	struct _TEB *teb = (void *)memory;
	u8 *top = (u8 *)wv_user_pages(process, stack - STACK_PAGES * PAGE, STACK_PAGES,
				      DATA | PTE_NX) +
		  STACK_PAGES * PAGE;

	teb->NtTib.Self = (void *)va;
	teb->NtTib.StackBase = (void *)stack;
	teb->NtTib.StackLimit = (void *)(stack - STACK_PAGES * PAGE);
	teb->ClientId = thread->Cid;
	teb->ProcessEnvironmentBlock = process->Peb;
#if WV_POINTER == 8
	frame->Rsp = stack - 40; /* as if called: the return address and the home space */
	if (wv_process_info(process)->is_32bit) {
		u8 *teb_32 = memory + 2 * PAGE;

		*(u32 *)(teb_32 + 0x18) = (u32)va + 2 * PAGE;
		*(u32 *)(teb_32 + 0x20) = (u32)(word)thread->Cid.UniqueProcess;
		*(u32 *)(teb_32 + 0x24) = (u32)(word)thread->Cid.UniqueThread;
		*(u32 *)(teb_32 + 0x30) = USER_PEB_32;
		*(u32 *)(teb_32 + 0xc0) =
			(u32)(USER_IMAGE + wv_boot.user_entry[0]) + (u32)program_of(0)->system_call;
		frame->Rsp = stack - STACK_HEAD;
		put_arguments(top, first, second);
	}
#else
	frame->HardwareEsp = stack - STACK_HEAD;
	put_arguments(top, first, second);
#endif
	return va;
}

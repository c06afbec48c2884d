// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory of processes: asked for, and its protection changed. */
#include "memory.h"
#include "process.h"
#include "reach.h"
#include "service.h"
#include "user.h"

#define PAGE_READONLY	       0x02u
#define PAGE_READWRITE	       0x04u
#define PAGE_EXECUTE	       0x10u
#define PAGE_EXECUTE_READ      0x20u
#define PAGE_EXECUTE_READWRITE 0x40u
#define WRITABLE	       0xccu /* with copies on write */
#define EXECUTABLE	       0xf0u
#define MOST		       (1u << 20) /* bytes at once */

static bool is_protection(u32 protection)
{
	u32 kind = protection & 0xff;

	return kind && !(kind & (kind - 1));
}

static u64 bits_of(u32 protection)
{
	return (protection & WRITABLE ? PTE_WRITE : 0) | (protection & EXECUTABLE ? 0 : PTE_NX);
}

static u32 protection_of(u64 pte)
{
	if (pte & PTE_NX)
		return pte & PTE_WRITE ? PAGE_READWRITE : PAGE_READONLY;
	return pte & PTE_WRITE ? PAGE_EXECUTE_READWRITE : PAGE_EXECUTE_READ;
}

/* Reads base and size, and makes whole pages of them. */
static ntstatus fetch_range(struct wv_request *request, unsigned at_size, word *base, word *size)
{
	u32 mode = request->call.mode;

	if (!wv_fetch(mode, base, request->arguments[1], sizeof(*base)) ||
	    !wv_fetch(mode, size, request->arguments[at_size], sizeof(*size)))
		return STATUS_ACCESS_VIOLATION;
	if (!*size || *size > MOST)
		return STATUS_INVALID_PARAMETER;
	*size = (*size + (*base & (PAGE - 1)) + PAGE - 1) & ~(word)(PAGE - 1);
	*base &= ~(word)(PAGE - 1);
	return STATUS_SUCCESS;
}

static ntstatus store_range(struct wv_request *request, unsigned at_size, word base, word size)
{
	u32 mode = request->call.mode;

	return wv_store(mode, request->arguments[1], &base, sizeof(base)) &&
			       wv_store(mode, request->arguments[at_size], &size, sizeof(size))
		       ? STATUS_SUCCESS
		       : STATUS_ACCESS_VIOLATION;
}

static ntstatus allocate(struct wv_request *request)
{
	word base, size;
	void *process;
	ntstatus status = fetch_range(request, 3, &base, &size);

	if (status)
		return status;
	if (!is_protection((u32)request->arguments[5]))
		return STATUS_INVALID_PAGE_PROTECTION;
	status = wv_reach(request->arguments[0], WV_PROCESS, request->call.mode, &process);
	if (status)
		return status;
	base = __atomic_fetch_add(&wv_process_info(process)->heap, size + PAGE, __ATOMIC_SEQ_CST);
	wv_user_pages(process, base, (unsigned)(size / PAGE),
		      PTE_PRESENT | PTE_USER | bits_of((u32)request->arguments[5]));
	return store_range(request, 3, base, size);
}

static ntstatus protect(struct wv_request *request)
{
	u32 protection = (u32)request->arguments[3], before;
	word base, size;
	void *process;
	ntstatus status = fetch_range(request, 2, &base, &size);
	u64 root, *pte;

	if (status)
		return status;
	if (!is_protection(protection))
		return STATUS_INVALID_PAGE_PROTECTION;
	status = wv_reach(request->arguments[0], WV_PROCESS, request->call.mode, &process);
	if (status)
		return status;
	root = wv_process_info(process)->root;
	for (word at = base; at < base + size; at += PAGE) {
		pte = wv_pte(root, at);
		if (!pte || !(*pte & PTE_PRESENT) || !(*pte & PTE_USER))
			return STATUS_CONFLICTING_ADDRESSES;
	}
	before = protection_of(*wv_pte(root, base));
	if (!wv_store(request->call.mode, request->arguments[4], &before, sizeof(before)))
		return STATUS_ACCESS_VIOLATION;
	for (word at = base; at < base + size; at += PAGE) {
		pte = wv_pte(root, at);
		*pte = (*pte & ~(PTE_WRITE | PTE_NX)) | bits_of(protection);
		wv_flush(at);
	}
	return store_range(request, 2, base, size);
}

const struct wv_handler wv_memory_handlers[] = {
	{ "NtAllocateVirtualMemory", allocate, "Hw.w.." },
	{ "NtProtectVirtualMemory", protect, "Hww.d" },
	{ .name = NULL },
};

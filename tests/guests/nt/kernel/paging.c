// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages that are away: in transition, and in a page file that only this file knows. */
#include "memory.h"
#include "object.h"
#include "user.h"

#define DATA (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_NX)

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
	*pte = (*pte & PTE_FRAME) | PTE_TRANSITION | PTE_PROTECTION | wv_hidden_bits;
}

/* The place in the "page file" is the frame's number: only the kernel knows that. */
static void move_to_page_file(u64 *pte)
{
	*pte = (*pte & PTE_FRAME) >> 12 << 32 | PTE_PROTECTION | 2;
}

void wv_user_missing_pages(struct _EPROCESS *process)
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

	wv_user_pages(process, USER_SCRATCH, 1, DATA);
	for (unsigned i = 0; i < COUNT_OF(pages); i++) {
		fill_with_type(wv_user_pages(process, pages[i].va, 1, DATA), pages[i].key);
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
		*pte = (*pte & PTE_FRAME & ~wv_hidden_bits) | DATA;
	else
		*pte = *pte >> 32 << 12 | DATA;
	return true;
}

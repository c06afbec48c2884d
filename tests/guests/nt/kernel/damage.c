// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Damages what is looked at from outside: lists, names, tables, the image's header. The guest
 * itself does not use these again; with damaged handle tables it may only run the scenario pool.
 */
#include "damage.h"
#include "boot_info.h"
#include "memory.h"
#include "process.h"
#include "truth.h"

/* The list of processes never comes back to its head. */
static void list_loop(struct _EPROCESS *one, struct _EPROCESS *other)
{
	one->ActiveProcessLinks.Flink = &other->ActiveProcessLinks;
}

static void list_cut(struct _EPROCESS *one, struct _EPROCESS *other)
{
	one->ActiveProcessLinks.Flink = NULL;
	other->ThreadListHead.Flink = (void *)(word)0x1234;
}

/* Names that are too long, that end where memory ends, and one without an end. */
static void names(struct _EPROCESS *one, struct _EPROCESS *other)
{
	u8 *page = wv_kernel_pages_fenced(1);
	struct _OBJECT_NAME_INFORMATION *name;

	memset(page, 'A', PAGE);
	name = one->SeAuditProcessCreationInfo.ImageFileName;
	name->Name.Length = name->Name.MaximumLength = 0xffff;
	name->Name.Buffer = (void *)(page + PAGE - 33);
	other->SeAuditProcessCreationInfo.ImageFileName = (void *)(page + PAGE - 2);
	memset((void *)other->ImageFileName, 'Z', 15);
}

static void handles(struct _EPROCESS *one, struct _EPROCESS *other)
{
	one->ObjectTable->TableCode |= 3;
	other->ObjectTable = (void *)(word)((word)other->ObjectTable ^ 0x00ff00ff);
}

static void pointers(struct _EPROCESS *one, struct _EPROCESS *other)
{
	one->Peb = (void *)(word)(WV_POINTER == 8 ? 0x1234567890abcdef : 0xfffff000);
	one->Session = (void *)one;
	other->Peb = (void *)other;
	other->SeAuditProcessCreationInfo.ImageFileName = (void *)(word)0x41414141;
}

/* The PE header as seen in memory: where the file header is, or how much there is of it. */
static void header(struct _EPROCESS *one, struct _EPROCESS *other)
{
	u8 *image = (u8 *)(word)wv_boot.image_base;

	(void)one;
	(void)other;
	*(u32 *)(image + 60) = 0xfffffff0;
}

static void debug_directory(struct _EPROCESS *one, struct _EPROCESS *other)
{
	u8 *image = (u8 *)(word)wv_boot.image_base;
	u8 *optional = image + *(u32 *)(image + 60) + 24;
	u32 *directory = (u32 *)(optional + (WV_POINTER == 8 ? 112 : 96) + 6 * 8);

	(void)one;
	(void)other;
	directory[0] = (u32)wv_boot.image_size - 8;
	directory[1] = 0xffffffff;
}

static const struct {
	const char *name;
	void (*damage)(struct _EPROCESS *one, struct _EPROCESS *other);
} kinds[] = {
	{ "list-loop", list_loop },   { "list-cut", list_cut }, { "names", names },
	{ "handles", handles },	      { "pointers", pointers }, { "header", header },
	{ "debug", debug_directory },
};

bool wv_is_damaged(void)
{
	char name[24];

	return wv_argument("damage", name, sizeof(name));
}

bool wv_damage(struct _EPROCESS *one, struct _EPROCESS *other)
{
	char name[24];

	if (!wv_argument("damage", name, sizeof(name)))
		return false;
	for (unsigned i = 0; i < COUNT_OF(kinds); i++) {
		if (!wv_same(kinds[i].name, name))
			continue;
		kinds[i].damage(one, other);
		return true;
	}
	wv_broken("no such damage");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inodes: what they say of themselves, and how files and directory entries lead to them. */
#include "guest/linux/internal.h"

/** Numbers of an inode: where it has them, and where they go. */
static const struct {
	enum linux_want want;
	uint16_t offset, size;
} numbers[] = {
#define NUMBER(want_, member_)                                                                     \
	{                                                                                          \
		want_, offsetof(struct wv_linux_inode, member_),                                   \
			sizeof(((struct wv_linux_inode *)0)->member_)                              \
	}
	NUMBER(INODE_NUMBER, number), NUMBER(INODE_SIZE, size),	  NUMBER(INODE_MAPPING, mapping),
	NUMBER(INODE_MODE, mode),     NUMBER(INODE_UID, uid),	  NUMBER(INODE_GID, gid),
	NUMBER(INODE_LINKS, links),   NUMBER(INODE_COUNT, count),
#undef NUMBER
};

bool wv_linux_inode(struct wv_guest *guest, const struct wv_space *space, uint64_t address,
		    struct wv_linux_inode *inode)
{
	const struct wv_linux *kernel = to_linux(guest);
	uint64_t sb, mode;

	*inode = (struct wv_linux_inode){ .address = address };
	if (!address || !wv_guest_read_bits(space, &kernel->places[INODE_MODE], address, &mode))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		uint64_t value;

		wv_guest_read_bits(space, &kernel->places[numbers[i].want], address, &value);
		memcpy((uint8_t *)inode + numbers[i].offset, &value, numbers[i].size);
	}
	inode->mode &= UINT16_MAX; /* umode_t, of whatever size the profile has it */
	if (linux_read_u64(kernel, space, address, INODE_SB, &sb))
		linux_read_u64(kernel, space, sb, SB_MAGIC, &inode->magic);
	return true;
}

uint64_t wv_linux_file_inode(struct wv_guest *guest, const struct wv_space *space, uint64_t file)
{
	uint64_t inode;

	return linux_read_u64(to_linux(guest), space, file, FILE_INODE, &inode) ? inode : 0;
}

uint64_t wv_linux_dentry_inode(struct wv_guest *guest, const struct wv_space *space,
			       uint64_t dentry)
{
	uint64_t inode;

	return linux_read_u64(to_linux(guest), space, dentry, DENTRY_INODE, &inode) ? inode : 0;
}

uint32_t wv_linux_dentry_count(struct wv_guest *guest, const struct wv_space *space,
			       uint64_t dentry)
{
	uint32_t count;

	return linux_read_u32(to_linux(guest), space, dentry, DENTRY_COUNT, &count) ? count : 0;
}

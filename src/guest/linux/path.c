/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths of files: directory entries up to the root, across mounts (fs/d_path.c in the kernel). */
#include "guest/linux/internal.h"

/** Parts of a path at the most: PATH_MAX holds no more. */
#define PARTS_MAX (WV_LINUX_PATH_MAX / 2)

/** NAME_MAX (include/uapi/linux/limits.h) */
#define NAME_SIZE_MAX 255

static bool read_entry_name(const struct wv_linux *kernel, const struct wv_space *space,
			    uint64_t dentry, char *name, size_t *size)
{
	uint64_t address;
	uint32_t length;

	if (!linux_read_u64(kernel, space, dentry, DENTRY_NAME, &address) ||
	    !linux_read_u32(kernel, space, dentry, DENTRY_NAME_LEN, &length))
		return false;
	if (length > NAME_SIZE_MAX)
		length = NAME_SIZE_MAX;
	if (length > *size)
		length = (uint32_t)*size;
	*size = length;
	return wv_space_read(space, address, name, length);
}

bool wv_linux_file_entry(const struct wv_linux *kernel, const struct wv_space *space, uint64_t file,
			 uint64_t *dentry)
{
	return kernel->places[FILE_PATH].found &&
	       linux_read_u64(kernel, space, file + kernel->places[FILE_PATH].value, PATH_DENTRY,
			      dentry);
}

bool wv_linux_file_name(struct wv_guest *guest, const struct wv_space *space, uint64_t file,
			char *name, size_t *size)
{
	const struct wv_linux *kernel = to_linux(guest);
	uint64_t dentry;

	return wv_linux_file_entry(kernel, space, file, &dentry) &&
	       read_entry_name(kernel, space, dentry, name, size);
}

/** A place in the tree of mounts and directories. */
struct place {
	uint64_t dentry;
	uint64_t mount; /* struct mount; 0 when mounts can not be followed */
	uint64_t root;	/* the mount's root entry */
};

static void enter_mount(const struct wv_linux *kernel, const struct wv_space *space,
			struct place *place, uint64_t mount)
{
	place->mount = 0;
	place->root = 0;
	if (kernel->places[MOUNT_MNT].found && mount &&
	    linux_read_u64(kernel, space, mount + kernel->places[MOUNT_MNT].value, VFSMOUNT_ROOT,
			   &place->root))
		place->mount = mount;
}

/** From a mount's root to where it is mounted; false at the top of everything. */
static bool leave_mount(const struct wv_linux *kernel, const struct wv_space *space,
			struct place *place)
{
	uint64_t parent;

	if (!place->mount || !linux_read_u64(kernel, space, place->mount, MOUNT_PARENT, &parent) ||
	    parent == place->mount ||
	    !linux_read_u64(kernel, space, place->mount, MOUNT_MOUNTPOINT, &place->dentry))
		return false;
	enter_mount(kernel, space, place, parent);
	return true;
}

bool wv_linux_path(struct wv_guest *guest, const struct wv_space *space, uint64_t address,
		   char *path, size_t *size, bool *truncated)
{
	const struct wv_linux *kernel = to_linux(guest);
	char parts[WV_LINUX_PATH_MAX]; /* filled from its end */
	size_t start = sizeof(parts);
	struct place at = { 0 };
	uint64_t vfsmount;

	*truncated = false;
	if (!linux_read_u64(kernel, space, address, PATH_DENTRY, &at.dentry))
		return false;
	if (kernel->places[MOUNT_MNT].found &&
	    linux_read_u64(kernel, space, address, PATH_MNT, &vfsmount))
		enter_mount(kernel, space, &at, vfsmount - kernel->places[MOUNT_MNT].value);

	for (unsigned i = 0; i < PARTS_MAX; i++) {
		char name[NAME_SIZE_MAX];
		size_t length = sizeof(name);
		uint64_t parent;

		if (at.dentry == at.root) {
			if (!leave_mount(kernel, space, &at))
				break;
			continue;
		}
		if (!linux_read_u64(kernel, space, at.dentry, DENTRY_PARENT, &parent))
			break;
		if (!read_entry_name(kernel, space, at.dentry, name, &length)) {
			if (start == sizeof(parts))
				return false;
			*truncated = true;
			break;
		}
		if (parent == at.dentry) {
			/* a root that no mount leads to: a memfd, a pipe, a detached tree */
			if (start < sizeof(parts) || (length == 1 && name[0] == '/'))
				break;
			start -= length;
			memcpy(parts + start, name, length);
			parts[--start] = '/';
			break;
		}
		if (length + 1 > start) {
			*truncated = true;
			break;
		}
		start -= length;
		memcpy(parts + start, name, length);
		parts[--start] = '/';
		at.dentry = parent;
	}
	if (start == sizeof(parts))
		parts[--start] = '/';

	size_t length = sizeof(parts) - start;

	if (length > *size) {
		*truncated = true;
		start += length - *size;
		length = *size;
	}
	memcpy(path, parts + start, length);
	*size = length;
	return true;
}

bool wv_linux_file_path(struct wv_guest *guest, const struct wv_space *space, uint64_t file,
			char *path, size_t *size, bool *truncated)
{
	const struct wv_place *place = &to_linux(guest)->places[FILE_PATH];

	return place->found &&
	       wv_linux_path(guest, space, file + place->value, path, size, truncated);
}

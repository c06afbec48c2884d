/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths of files: directory entries up to the root, across mounts (fs/d_path.c in the kernel). */
#include "guest/linux/internal.h"

/** Mounts on the way up that are left, in addition to LINUX_PARTS_MAX parts. */
#define MOUNTS_MAX 64

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

	if (!linux_read_u64(kernel, space, place->mount, MOUNT_PARENT, &parent) ||
	    parent == place->mount ||
	    !linux_read_u64(kernel, space, place->mount, MOUNT_MOUNTPOINT, &place->dentry))
		return false;
	enter_mount(kernel, space, place, parent);
	return true;
}

/** A path that is put together from its end. */
struct parts {
	size_t start; /* of what is used of the text */
	bool truncated;
	char text[WV_LINUX_PATH_MAX];
};

static bool add_part(struct parts *parts, const char *name, size_t length)
{
	if (length + 1 > parts->start) {
		parts->truncated = true;
		return false;
	}
	parts->start -= length;
	memcpy(parts->text + parts->start, name, length);
	parts->text[--parts->start] = '/';
	return true;
}

static bool is_empty(const struct parts *parts)
{
	return parts->start == sizeof(parts->text);
}

/** One step up. False at the top, or where no more can be read or kept. */
static bool step_up(const struct wv_linux *kernel, const struct wv_space *space, struct place *at,
		    struct parts *parts)
{
	char name[NAME_SIZE_MAX];
	size_t length = sizeof(name);
	uint64_t parent;

	if (at->mount && at->dentry == at->root)
		return leave_mount(kernel, space, at);
	if (!read_entry_name(kernel, space, at->dentry, name, &length)) {
		parts->truncated = true;
		return false;
	}
	if (!linux_read_u64(kernel, space, at->dentry, DENTRY_PARENT, &parent)) {
		add_part(parts, name, length);
		parts->truncated = true;
		return false;
	}
	if (parent == at->dentry) {
		/* a root that no mount leads to: a memfd, a pipe, a detached tree */
		if (is_empty(parts) && !(length == 1 && name[0] == '/'))
			add_part(parts, name, length);
		return false;
	}
	at->dentry = parent;
	return add_part(parts, name, length);
}

/** Gives away as much of the end as there is room for. "/" is the path that has no parts. */
static void give_path(struct parts *parts, char *path, size_t *size, bool *truncated)
{
	size_t length;

	if (is_empty(parts))
		parts->text[--parts->start] = '/';
	length = sizeof(parts->text) - parts->start;
	*truncated = parts->truncated || length > *size;
	*size = MIN(*size, length);
	memcpy(path, parts->text + sizeof(parts->text) - *size, *size);
}

static bool write_path(const struct wv_linux *kernel, const struct wv_space *space,
		       struct place *at, char *path, size_t *size, bool *truncated)
{
	struct parts parts;
	unsigned steps = LINUX_PARTS_MAX + MOUNTS_MAX;

	parts.start = sizeof(parts.text);
	parts.truncated = false;
	while (steps && step_up(kernel, space, at, &parts))
		steps--;
	if (!steps)
		parts.truncated = true; /* a loop: it would never come to the top */
	*truncated = parts.truncated;
	if (is_empty(&parts) && parts.truncated)
		return false;
	give_path(&parts, path, size, truncated);
	return true;
}

bool wv_linux_path(struct wv_guest *guest, const struct wv_space *space, uint64_t address,
		   char *path, size_t *size, bool *truncated)
{
	const struct wv_linux *kernel = to_linux(guest);
	struct place at = { 0 };
	uint64_t vfsmount;

	*truncated = false;
	if (!linux_read_u64(kernel, space, address, PATH_DENTRY, &at.dentry))
		return false;
	if (kernel->places[MOUNT_MNT].found &&
	    linux_read_u64(kernel, space, address, PATH_MNT, &vfsmount))
		enter_mount(kernel, space, &at, vfsmount - kernel->places[MOUNT_MNT].value);
	return write_path(kernel, space, &at, path, size, truncated);
}

bool wv_linux_entry_path(struct wv_guest *guest, const struct wv_space *space, uint64_t dentry,
			 uint64_t mount, uint64_t task, char *path, size_t *size, bool *truncated)
{
	const struct wv_linux *kernel = to_linux(guest);
	struct place at = { .dentry = dentry };

	enter_mount(kernel, space, &at, wv_linux_entry_mount(kernel, space, dentry, mount, task));
	return write_path(kernel, space, &at, path, size, truncated);
}

bool wv_linux_file_path(struct wv_guest *guest, const struct wv_space *space, uint64_t file,
			char *path, size_t *size, bool *truncated)
{
	const struct wv_place *place = &to_linux(guest)->places[FILE_PATH];

	return place->found &&
	       wv_linux_path(guest, space, file + place->value, path, size, truncated);
}

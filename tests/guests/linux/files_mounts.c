// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The group "mounts" of the scenario "files": trees of mounts, and paths across them: file systems
 * within file systems, the same folder in two places, and what a container sees.
 */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "truth.h"

/* linux/mount.h, which can not be had together with sys/mount.h everywhere. */
#define FSCONFIG_CMD_CREATE 6
#define OPEN_TREE_CLONE	    1

/* Something of everything at a path. */
static void use(const char *name)
{
	char *file = strdup(wv_here(name)), *other;
	int fd = wv_file_open(AT_FDCWD, file, O_CREAT | O_RDWR, 0640);

	if (!WV_EXPECT(fd >= 0) || !WV_EXPECT(asprintf(&other, "%s.new", file) > 0))
		return;
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, "in a mount", 10, 0) == 10);
	WV_EXPECT(wv_file_chmod(file, 0600) == 0);
	WV_EXPECT(wv_file_truncate(file, 3) == 0);
	WV_EXPECT(wv_file_rename(AT_FDCWD, file, AT_FDCWD, other, 0) == 0);
	WV_EXPECT(wv_file_link(other, file) == 0);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, other) == 0);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, file) == 0);
	WV_EXPECT(wv_file_mkdir(AT_FDCWD, file, 0700) == 0);
	WV_EXPECT(wv_file_rmdir(AT_FDCWD, file) == 0);
	wv_file_close(fd);
	free(file);
	free(other);
}

static const char *made(const char *name)
{
	char *path = strdup(wv_here(name));

	WV_EXPECT(wv_file_mkdir(AT_FDCWD, path, 0755) == 0);
	return path;
}

static void nest(void)
{
	const char *outer = made("outer"), *middle, *inner;

	WV_EXPECT(wv_file_mount("any device", outer, "tmpfs", MS_NOSUID | MS_NODEV, "") == 0);
	middle = made("outer/middle");
	WV_EXPECT(wv_file_mount("none", middle, "tmpfs", 0, "size=1m") == 0);
	made("outer/middle/deep");
	inner = made("outer/middle/deep/inner");
	WV_EXPECT(wv_file_mount("none", inner, "tmpfs", MS_NOATIME, "") == 0);
	use("outer/middle/deep/inner/file");
	use("outer/file");
	WV_EXPECT(wv_file_umount(outer, 0) == -EBUSY);
	WV_EXPECT(wv_file_umount(inner, 0) == 0);
	WV_EXPECT(wv_file_mount("none", middle, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
	WV_EXPECT(wv_file_open(AT_FDCWD, "outer/middle/x", O_CREAT | O_RDWR, 0600) == -EROFS);
	WV_EXPECT(wv_file_umount(outer, MNT_DETACH) == 0);
	WV_EXPECT(wv_file_mount("none", outer, "no such type", 0, NULL) == -ENODEV);
}

/* The same folder in two places: each path is the one by which it was gone to. */
static void bind(void)
{
	const char *folder = made("bound"), *elsewhere = WV_FILES_AUX "/bind";

	made("bound/below");
	WV_EXPECT(wv_file_mkdir(AT_FDCWD, elsewhere, 0755) == 0);
	WV_EXPECT(wv_file_mount(folder, elsewhere, NULL, MS_BIND, NULL) == 0);
	use(WV_FILES_AUX "/bind/below/file");
	use("bound/below/file");
	WV_EXPECT(wv_file_mkdir(AT_FDCWD, WV_FILES_AUX "/moved", 0755) == 0);
	WV_EXPECT(wv_file_mount(elsewhere, WV_FILES_AUX "/moved", NULL, MS_MOVE, NULL) == 0);
	use(WV_FILES_AUX "/moved/below/file");
	WV_EXPECT(wv_file_umount(WV_FILES_AUX "/moved", 0) == 0);
	WV_EXPECT(wv_file_rmdir(AT_FDCWD, WV_FILES_AUX "/moved") == 0);
	WV_EXPECT(wv_file_rmdir(AT_FDCWD, elsewhere) == 0);
}

/* A file system that is mounted by descriptors. */
static void mount_by_descriptors(void)
{
	const char *path = made("new-way");
	int context = syscall(SYS_fsopen, "tmpfs", 0), tree;

	if (!WV_EXPECT(context >= 0))
		return;
	WV_EXPECT(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0);
	tree = syscall(SYS_fsmount, context, 0, 0);
	WV_EXPECT(tree >= 0);
	WV_EXPECT(wv_file_move_mount(tree, "", "/", path) == 0);
	close(context);
	/* A descriptor of the tree is open like a folder. */
	wv_opened(tree, path);
	use("new-way/file");
	wv_file_close(tree);
	tree = syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE);
	WV_EXPECT(tree >= 0);
	WV_EXPECT(wv_file_umount(path, 0) == 0);
	WV_EXPECT(wv_file_move_mount(tree, "", "/", path) == 0);
	wv_opened(tree, path);
	wv_file_close(tree);
	WV_EXPECT(wv_file_umount(path, 0) == 0);
}

static void own_mounts(void)
{
	WV_EXPECT(unshare(CLONE_NEWNS) == 0);
	WV_EXPECT(wv_file_mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
}

/* As containers are made: a root of its own, and the old one gone. */
static void contain(void)
{
	/* The first root can not be changed for another, so there is one over it. */
	static const char root[] = WV_FILES_AUX "/root";
	struct stat file;

	own_mounts();
	WV_EXPECT(wv_file_mkdir(AT_FDCWD, root, 0755) == 0);
	WV_EXPECT(wv_file_mount("none", root, "tmpfs", 0, "") == 0);
	WV_EXPECT(wv_file_mkdir(AT_FDCWD, WV_FILES_AUX "/root/new", 0755) == 0);
	WV_EXPECT(wv_file_mount(wv_here(""), WV_FILES_AUX "/root/new", NULL, MS_BIND, NULL) == 0);
	WV_EXPECT(wv_file_mkdir(AT_FDCWD, WV_FILES_AUX "/root/new/old", 0755) == 0);
	WV_EXPECT(wv_file_chroot(root) == 0);
	WV_EXPECT(syscall(SYS_pivot_root, "/new", "/new/old") == 0);
	/* The new root is where the one before it was. */
	WV_EXPECT(chdir("/") == 0);
	wv_set_here(root);
	file = wv_look_at(AT_FDCWD, "/");
	wv_file_done("chdir", root, &file, 0);
	file = wv_look_at(AT_FDCWD, "/old");
	WV_EXPECT(umount2("/old", MNT_DETACH) == 0);
	wv_file_fact("umount", WV_FILES_AUX "/root/old", &file, 0);
	wv_fact_int("flags", MNT_DETACH);
	wv_fact_end();
}

static int be_in_container(void *data)
{
	int fd;

	(void)data;
	contain();
	fd = wv_file_open(AT_FDCWD, "contained", O_CREAT | O_RDWR, 0600);
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, "contained", 9, 0) == 9);
	WV_EXPECT(wv_file_open(AT_FDCWD, "not there", O_RDONLY, 0) == -ENOENT);
	WV_EXPECT(wv_file_rename(AT_FDCWD, "contained", AT_FDCWD, "renamed", 0) == 0);
	WV_EXPECT(wv_file_chmod("renamed", 0644) == 0);
	WV_EXPECT(wv_file_unlink(AT_FDCWD, "renamed") == 0);
	return 24;
}

static void use_memory(void)
{
	int fd = wv_file_memfd("a name", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	WV_EXPECT(wv_file_ftruncate(fd, 10000) == 0);
	WV_EXPECT(wv_file_write(fd, WV_PLAIN, "memory", 6, 0) == 6);
	WV_EXPECT(wv_file_map(fd, 4096, PROT_READ, MAP_SHARED, 0));
	wv_file_close(fd);
}

void wv_files_mounts(void)
{
	nest();
	bind();
	mount_by_descriptors();
	wv_file_task(be_in_container, NULL, 24);
	WV_EXPECT(wv_file_rmdir(AT_FDCWD, WV_FILES_AUX "/root") == 0);
	use_memory();
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The group "exec" of the scenario "truth": by path, link, script and descriptor; with ids that
 * change; with long and hostile arguments; and all the ways to fail.
 */
#define _GNU_SOURCE
#include "scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <elf.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "truth.h"
#include "truth_exec.h"

#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })

static bool enter_bin(void)
{
	return chdir("/bin") == 0;
}

static bool own_group(void)
{
	return setpgid(0, 0) == 0;
}

static bool mixed_ids(void)
{
	return setresuid(1000, 1001, 1002) == 0;
}

/* Without this right in the bounding set, a file that must have it can not be executed. */
static bool drop_net_raw(void)
{
	return prctl(PR_CAPBSET_DROP, CAP_NET_RAW) == 0 && wv_become_user();
}

static const char name_of_hostile[] = "a\"b\\c\n\t\x01\xff,;='";

static bool hostile_name(void)
{
	return prctl(PR_SET_NAME, name_of_hostile) == 0;
}

static void run_plain(void)
{
	static const char *const argv[] = { "helper", "exit:42", "two words", NULL };

	wv_run_exec(&(struct wv_exec){ .file = WV_HELPER, .argv = argv, .status = 42 << 8 });
	wv_run_exec(&(struct wv_exec){
		.file = WV_HELPER, .argv = argv, .vfork = true, .status = 42 << 8 });
	wv_run_exec(&(struct wv_exec){ .file = "./helper",
				       .argv = argv,
				       .prepare = enter_bin,
				       .image = WV_HELPER,
				       .status = 42 << 8 });
	wv_run_exec(&(struct wv_exec){
		.file = WV_HELPER, .argv = argv, .prepare = own_group, .status = 42 << 8 });
	if (WV_EXPECT(symlink(WV_HELPER, "/tmp/link") == 0))
		wv_run_exec(&(struct wv_exec){
			.file = "/tmp/link", .argv = argv, .image = WV_HELPER, .status = 42 << 8 });
	unlink("/tmp/link");
}

static void run_environments(void)
{
	wv_run_exec(&(struct wv_exec){
		.file = WV_HELPER,
		.argv = ARGV("helper", "exit:1"),
		.envp = ARGV("HOME=/root", "LD_PRELOAD=/lib/no such,\"lib\".so", "PATH=/bin",
			     "PWD=/", "OLDPWD=/tmp"),
		.status = 1 << 8,
	});
	wv_run_exec(&(struct wv_exec){
		.file = WV_HELPER,
		.argv = ARGV("helper", "exit:1"),
		.envp = ARGV("XLD_PRELOAD=no", "LD_PRELOADX=no", "PWD=", "=empty", "none"),
		.status = 1 << 8,
	});
}

static void run_scripts(void)
{
	static const char script[] = "#!/bin/helper exit:43\n";
	static const char nested[] = "#! /tmp/script\t with blanks \n";
	static const char lost[] = "#!/bin/absent\n";

	if (!wv_make_file("/tmp/script", script, sizeof(script) - 1, 0755) ||
	    !wv_make_file("/tmp/nested", nested, sizeof(nested) - 1, 0755) ||
	    !wv_make_file("/tmp/lost", lost, sizeof(lost) - 1, 0755))
		return;
	wv_run_exec(&(struct wv_exec){
		.file = "/tmp/script",
		.argv = ARGV("not shown", "one", "two"),
		.interp = WV_HELPER,
		.shown = ARGV(WV_HELPER, "exit:43", "/tmp/script", "one", "two"),
		.status = 43 << 8,
	});
	wv_run_exec(&(struct wv_exec){
		.file = "/tmp/nested",
		.argv = ARGV("nested"),
		.interp = WV_HELPER,
		.shown = ARGV(WV_HELPER, "exit:43", "/tmp/script", "with blanks", "/tmp/nested"),
		.status = 43 << 8,
	});
	wv_run_exec(
		&(struct wv_exec){ .file = "/tmp/lost", .argv = ARGV("lost"), .error = ENOENT });
}

/* By descriptor: the kernel names the file after the descriptor. */
static void run_descriptors(void)
{
	int file = open(WV_HELPER, O_PATH | O_CLOEXEC);
	int bin = open("/bin", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int tmp = open("/tmp", O_PATH | O_DIRECTORY);
	char by_file[32], in_bin[32], in_tmp[32];

	snprintf(by_file, sizeof(by_file), "/dev/fd/%d", file);
	snprintf(in_bin, sizeof(in_bin), "/dev/fd/%d/helper", bin);
	snprintf(in_tmp, sizeof(in_tmp), "/dev/fd/%d/script", tmp);
	if (!WV_EXPECT(file >= 0 && bin >= 0 && tmp >= 0))
		return;
	wv_run_exec(&(struct wv_exec){
		.by_fd = true,
		.dirfd = file,
		.file = "",
		.flags = AT_EMPTY_PATH,
		.argv = ARGV("by descriptor", "exit:44"),
		.filename = by_file,
		.image = WV_HELPER,
		.status = 44 << 8,
	});
	wv_run_exec(&(struct wv_exec){
		.by_fd = true,
		.dirfd = bin,
		.file = "helper",
		.argv = ARGV("by folder", "exit:45"),
		.filename = in_bin,
		.image = WV_HELPER,
		.status = 45 << 8,
	});
	wv_run_exec(&(struct wv_exec){
		.by_fd = true,
		.dirfd = tmp,
		.file = "script",
		.argv = ARGV("script"),
		.filename = in_tmp,
		.interp = WV_HELPER,
		.shown = ARGV(WV_HELPER, "exit:43", in_tmp),
		.status = 43 << 8,
	});
	/* An absolute path takes no notice of the descriptor. */
	wv_run_exec(&(struct wv_exec){
		.by_fd = true,
		.dirfd = tmp,
		.file = WV_HELPER,
		.argv = ARGV("absolute", "exit:46"),
		.status = 46 << 8,
	});
	/* The interpreter could not open a script whose descriptor closes on exec. */
	wv_run_exec(&(struct wv_exec){
		.by_fd = true,
		.dirfd = bin,
		.file = "../tmp/script",
		.argv = ARGV("script"),
		.error = ENOENT,
	});
	close(file);
	close(bin);
	close(tmp);
}

/* A file capability, version 2: effective, and CAP_NET_RAW permitted. */
static bool make_capable(const char *path)
{
	struct vfs_cap_data data = {
		.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
		.data[0].permitted = 1u << CAP_NET_RAW,
	};

	return WV_EXPECT(setxattr(path, "security.capability", &data, sizeof(data), 0) == 0);
}

static bool copy_helper(const char *path, mode_t mode)
{
	static char image[4 << 20];
	int fd = open(WV_HELPER, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, image, sizeof(image));

	close(fd);
	return WV_EXPECT(size > 0) && wv_make_file(path, image, size, mode);
}

static void run_ids(void)
{
	static const char *const argv[] = { "helper", "secure", NULL };

	wv_run_exec(&(struct wv_exec){
		.file = WV_HELPER,
		.argv = argv,
		.prepare = wv_become_user,
		.ouid = 1000,
		.osuid = 1000,
		.oeuid = 1000,
		.suid = 1000,
		.euid = 1000,
		.status = 40 << 8,
	});
	wv_run_exec(&(struct wv_exec){
		.file = WV_HELPER_SETUID,
		.argv = argv,
		.prepare = wv_become_user,
		.ouid = 1000,
		.osuid = 1000,
		.oeuid = 1000,
		.secure = true,
		.status = 41 << 8,
	});
	wv_run_exec(&(struct wv_exec){
		.file = WV_HELPER_SETGID,
		.argv = argv,
		.prepare = wv_become_user,
		.ouid = 1000,
		.osuid = 1000,
		.oeuid = 1000,
		.suid = 1000,
		.euid = 1000,
		.secure = true,
		.status = 41 << 8,
	});
	/* Root is root already. */
	wv_run_exec(&(struct wv_exec){ .file = WV_HELPER_SETUID, .argv = argv, .status = 40 << 8 });
	/* The saved id becomes the effective one. */
	wv_run_exec(&(struct wv_exec){
		.file = WV_HELPER,
		.argv = argv,
		.prepare = mixed_ids,
		.ouid = 1000,
		.osuid = 1002,
		.oeuid = 1001,
		.suid = 1001,
		.euid = 1001,
		.secure = true,
		.status = 41 << 8,
	});
	if (!copy_helper("/tmp/capable", 0755) || !make_capable("/tmp/capable"))
		return;
	wv_run_exec(&(struct wv_exec){
		.file = "/tmp/capable",
		.argv = argv,
		.prepare = wv_become_user,
		.ouid = 1000,
		.osuid = 1000,
		.oeuid = 1000,
		.suid = 1000,
		.euid = 1000,
		.secure = true,
		.status = 41 << 8,
	});
	wv_run_exec(&(struct wv_exec){
		.file = "/tmp/capable",
		.argv = argv,
		.prepare = drop_net_raw,
		.ouid = 1000,
		.osuid = 1000,
		.oeuid = 1000,
		.suid = 1000,
		.euid = 1000,
		.error = EPERM,
		.inside = true,
	});
	unlink("/tmp/capable");
}

#define LONG_ARG  (100 << 10)
#define MANY_ARGS 2000

static void run_long(void)
{
	static char text[LONG_ARG + 1];
	static char numbers[MANY_ARGS][8];
	static const char *many[MANY_ARGS + 1];

	memset(text, 'x', LONG_ARG);
	wv_run_exec(&(struct wv_exec){
		.file = WV_HELPER,
		.argv = ARGV("helper", "args:4", text, "last"),
		.envp = ARGV("PWD=/after/the/long/one"),
		.status = 44 << 8,
	});
	for (int i = 2; i < MANY_ARGS; i++) {
		snprintf(numbers[i], sizeof(numbers[i]), "%d", i);
		many[i] = numbers[i];
	}
	many[0] = "helper";
	many[1] = "args:2000";
	wv_run_exec(&(struct wv_exec){ .file = WV_HELPER, .argv = many, .status = 44 << 8 });
}

static void run_hostile(void)
{
	static const char weird[] = "/tmp/we\"ird\n\\\xc3(\xff, name";
	static char control[256];
	static const char *const argv[] = {
		"helper",
		"args:12",
		"line\nfeed\r",
		"\"quoted\" 'too'",
		"back\\slash \\n \\u0041",
		"\xff\xfe\x80 \xc3\x28 \xed\xa0\x80 \xf8",
		"",
		"",
		"gr\xc3\xbc\xc3\x9f \xf0\x9f\x90\x89",
		"a,b;c=d\te",
		control,
		"{\"json\":[null]}",
		NULL,
	};

	for (int i = 1; i < 256; i++)
		control[i - 1] = i;
	wv_run_exec(&(struct wv_exec){ .file = WV_HELPER,
				       .argv = argv,
				       .prepare = hostile_name,
				       .thread = name_of_hostile,
				       .status = 44 << 8 });
	if (copy_helper(weird, 0755))
		wv_run_exec(&(struct wv_exec){
			.file = weird,
			.argv = ARGV("", "exit:9", ""),
			.envp = ARGV("PWD=\xff\n\"", "OLDPWD=a,PWD=b"),
			.status = 9 << 8,
		});
	unlink(weird);
	/* No arguments at all: since Linux 5.18, and in stable ones before, one empty one is made.
	 */
	wv_run_exec(&(struct wv_exec){ .file = WV_HELPER,
				       .argv = (const char *const[]){ NULL },
				       .shown = ARGV(""),
				       .status = 50 << 8 });
}

/* An ELF file that nobody can load: found out after the point of no return, it kills the caller. */
static void run_unloadable(void)
{
	struct {
		Elf64_Ehdr elf;
		Elf64_Phdr segment;
	} file = {
		.elf = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				     EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_entry = 0x400000,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1,
		},
		.segment = {
			.p_type = PT_LOAD,
			.p_flags = PF_R | PF_X,
			.p_vaddr = 0x7ffffffff000,
			.p_filesz = sizeof(file),
			.p_memsz = sizeof(file),
			.p_align = 0x1000,
		},
	};

	if (wv_make_file("/tmp/unloadable", &file, sizeof(file), 0755))
		wv_run_exec(&(struct wv_exec){
			.file = "/tmp/unloadable", .argv = ARGV("unloadable"), .status = 11 });
	unlink("/tmp/unloadable");
}

static void run_refused(void)
{
	static char too_long[130 << 10];

	memset(too_long, 'x', sizeof(too_long) - 1);
	wv_run_exec(&(struct wv_exec){
		.file = "/bin/absent", .argv = ARGV("absent"), .error = ENOENT });
	wv_run_exec(&(struct wv_exec){ .file = "/bin", .argv = ARGV("bin"), .error = EACCES });
	wv_run_exec(
		&(struct wv_exec){ .file = "/bin/helper/x", .argv = ARGV("x"), .error = ENOTDIR });
	wv_run_exec(&(struct wv_exec){
		.file = WV_HELPER, .argv = ARGV("helper", too_long), .error = E2BIG });
	if (wv_make_file("/tmp/plain", "text\n", 5, 0755))
		wv_run_exec(&(struct wv_exec){
			.file = "/tmp/plain", .argv = ARGV("plain"), .error = ENOEXEC });
	if (WV_EXPECT(chmod("/tmp/plain", 0644) == 0))
		wv_run_exec(&(struct wv_exec){
			.file = "/tmp/plain", .argv = ARGV("plain"), .error = EACCES });
	unlink("/tmp/plain");
}

void wv_truth_exec(void)
{
	run_plain();
	run_environments();
	run_scripts();
	run_descriptors();
	run_ids();
	run_long();
	run_hostile();
	run_unloadable();
	run_refused();
}

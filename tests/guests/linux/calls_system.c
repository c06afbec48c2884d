// SPDX-License-Identifier: GPL-2.0-or-later
/* The area "system" of the scenario "calls": identity, limits, scheduling, the machine, keys. */
#define _GNU_SOURCE
#include "calls.h"

#include <asm/prctl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/klog.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

static void ask_who(void)
{
	unsigned ids[3];
	gid_t groups[4];

	WV_EXPECT(syscall(SYS_getpid) == getpid() && syscall(SYS_gettid) == getpid());
	WV_EXPECT(syscall(SYS_getppid) > 0 && syscall(SYS_getuid) == 0);
	WV_EXPECT(syscall(SYS_geteuid) == 0 && syscall(SYS_getgid) == 0);
	WV_EXPECT(syscall(SYS_getegid) == 0 && syscall(SYS_getpgrp) > 0);
	WV_EXPECT(syscall(SYS_getpgid, 0) > 0 && syscall(SYS_getsid, 0) > 0);
	WV_EXPECT(syscall(SYS_getresuid, ids, ids + 1, ids + 2) == 0);
	WV_EXPECT(syscall(SYS_getresgid, ids, ids + 1, ids + 2) == 0);
	WV_EXPECT(syscall(SYS_getgroups, 4, groups) >= 0);
}

static int become_another(void *data)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct rights[2];

	(void)data;
	WV_EXPECT(syscall(SYS_setsid) > 0 && syscall(SYS_setpgid, 0, 0) == -1);
	WV_EXPECT(syscall(SYS_capget, &header, rights) == 0);
	WV_EXPECT(syscall(SYS_capset, &header, rights) == 0);
	WV_EXPECT(syscall(SYS_setgroups, 2, (gid_t[]){ 1000, 4711 }) == 0);
	WV_EXPECT(syscall(SYS_setregid, -1, 1000) == 0 && syscall(SYS_setgid, 1000) == 0);
	WV_EXPECT(syscall(SYS_setfsuid, 1000) == 0 && syscall(SYS_setfsgid, 1000) == 1000);
	WV_EXPECT(syscall(SYS_setresgid, 1000, 1000, 1000) == 0);
	WV_EXPECT(syscall(SYS_setreuid, 1000, 1000) == 0 && syscall(SYS_setuid, 1000) == 0);
	WV_FAILS(syscall(SYS_setresuid, 5, 5, 5), EPERM);
	WV_FAILS(syscall(SYS_kill, 1, 9), EPERM);
	WV_FAILS(syscall(SYS_sethostname, "x", 1L), EPERM);
	WV_FAILS(syscall(SYS_chroot, "/"), EPERM);
	WV_FAILS(syscall(SYS_reboot, 1, 2, 3, 4L), EPERM);
	WV_FAILS(syscall(SYS_init_module, NULL, 0L, ""), EPERM);
	return 0;
}

static void schedule(void)
{
	struct {
		unsigned size, policy;
		unsigned long flags;
		unsigned nice, priority;
		long more[5];
	} attributes = { .size = 48 };
	struct sched_param param;
	struct timespec time;
	unsigned cpu, node;
	cpu_set_t cpus;

	WV_EXPECT(syscall(SYS_sched_yield) == 0);
	WV_EXPECT(syscall(SYS_sched_getscheduler, 0) == 0);
	WV_EXPECT(syscall(SYS_sched_getparam, 0, &param) == 0);
	WV_EXPECT(syscall(SYS_sched_setparam, 0, &param) == 0);
	WV_EXPECT(syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &param) == 0);
	WV_EXPECT(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &param) == 0);
	WV_EXPECT(syscall(SYS_sched_get_priority_max, SCHED_FIFO) == 99);
	WV_EXPECT(syscall(SYS_sched_get_priority_min, SCHED_FIFO) == 1);
	WV_EXPECT(syscall(SYS_sched_rr_get_interval, 0, &time) == 0);
	WV_EXPECT(syscall(SYS_sched_getattr, 0, &attributes, 48, 0) == 0);
	WV_EXPECT(syscall(SYS_sched_setattr, 0, &attributes, 0) == 0);
	WV_EXPECT(syscall(SYS_sched_getaffinity, 0, sizeof(cpus), &cpus) > 0);
	WV_EXPECT(syscall(SYS_sched_setaffinity, 0, sizeof(cpus), &cpus) == 0);
	WV_EXPECT(syscall(SYS_getcpu, &cpu, &node, NULL) == 0);
	WV_EXPECT(syscall(SYS_getpriority, PRIO_PROCESS, 0) == 20);
	WV_EXPECT(syscall(SYS_setpriority, PRIO_PROCESS, 0, 0) == 0);
	WV_EXPECT(syscall(SYS_ioprio_get, 1, 0) >= 0);
	WV_FAILS(syscall(SYS_ioprio_set, 1, 0, -1), EINVAL);
}

static void ask_machine(void)
{
	struct rlimit limit;
	struct rusage usage;
	struct sysinfo info;
	struct utsname name;
	char bytes[300];

	WV_EXPECT(syscall(SYS_uname, &name) == 0 && syscall(SYS_sysinfo, &info) == 0);
	WV_EXPECT(syscall(SYS_getrlimit, RLIMIT_NOFILE, &limit) == 0);
	WV_EXPECT(syscall(SYS_setrlimit, RLIMIT_NOFILE, &limit) == 0);
	WV_EXPECT(syscall(SYS_prlimit64, 0, RLIMIT_STACK, NULL, &limit) == 0);
	WV_EXPECT(syscall(SYS_getrusage, RUSAGE_CHILDREN, &usage) == 0);
	WV_EXPECT(syscall(SYS_getrandom, bytes, 16L, GRND_INSECURE) == 16);
	WV_EXPECT(syscall(SYS_sethostname, "a-name", 6L) == 0);
	WV_EXPECT(syscall(SYS_setdomainname, "a.domain", 8L) == 0);
	WV_EXPECT(syscall(SYS_syslog, 10, NULL, 0) > 0);
	WV_EXPECT(syscall(SYS_sync) == 0 && syscall(SYS_syncfs, 0) <= 0);
}

static void control(void)
{
	union bpf_attr map = { .map_type = BPF_MAP_TYPE_ARRAY };
	struct perf_event_attr event = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(event) };
	unsigned long base;
	char name[16];

	WV_EXPECT(syscall(SYS_prctl, PR_SET_NAME, "a new \"name\"", 0L, 0L, 0L) == 0);
	WV_EXPECT(syscall(SYS_prctl, PR_GET_NAME, name, 0L, 0L, 0L) == 0);
	WV_EXPECT(syscall(SYS_prctl, PR_SET_PDEATHSIG, 0L, 0L, 0L, 0L) == 0);
	WV_FAILS(syscall(SYS_prctl, 0x7fffffffL, 1L, 2L, 3L, 4L), EINVAL);
	WV_EXPECT(syscall(SYS_arch_prctl, ARCH_GET_FS, &base) == 0);
	WV_FAILS(syscall(SYS_arch_prctl, 0x9999, &base), EINVAL);
	WV_EXPECT(syscall(SYS_personality, 0xffffffffL) == 0);
	WV_FAILS(syscall(SYS_ptrace, PTRACE_PEEKUSER, 1L << 22, 0L, 0L), ESRCH);
	WV_EXPECT(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -1L, 1L, 0L, 0L) != 0);
	WV_EXPECT(syscall(SYS_add_key, "user", "a key", "secret", 6L, -2L) > 0);
	WV_FAILS(syscall(SYS_request_key, "user", "no such key", NULL, 0L), ENOKEY);
	map.key_size = map.value_size = 4;
	map.max_entries = 1;
	WV_EXPECT(syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof(map)) >= 0);
	WV_EXPECT(syscall(SYS_perf_event_open, &event, 0, -1, -1, 0L) >= 0);
	WV_EXPECT(syscall(SYS_iopl, 0) == 0 && syscall(SYS_ioperm, 0x80L, 1L, 0) == 0);
	WV_EXPECT(syscall(SYS_modify_ldt, 0, name, 16L) == 0);
}

void wv_calls_system(void)
{
	ask_who();
	wv_calls_reap(wv_calls_child(become_another, NULL), 0);
	schedule();
	ask_machine();
	control();
}

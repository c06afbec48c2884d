// SPDX-License-Identifier: GPL-2.0-or-later
/* The area "signals" of the scenario "calls": sending, blocking, handling, returning. */
#define _GNU_SOURCE
#include "calls.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>

#define MASK_SIZE 8L

static volatile int handled;

static void count(int sig)
{
	(void)sig;
	handled++;
}

static void send_in_every_way(void)
{
	siginfo_t info = { .si_code = SI_QUEUE };
	pid_t own = getpid();
	int fd;

	info.si_signo = SIGUSR1;
	info.si_value.sival_int = 4711;
	signal(SIGUSR1, count);
	handled = 0;
	WV_EXPECT(syscall(SYS_kill, own, SIGUSR1) == 0);
	WV_EXPECT(syscall(SYS_tkill, own, SIGUSR1) == 0);
	WV_EXPECT(syscall(SYS_tgkill, own, own, SIGUSR1) == 0);
	WV_EXPECT(syscall(SYS_rt_sigqueueinfo, own, SIGUSR1, &info) == 0);
	WV_EXPECT(syscall(SYS_rt_tgsigqueueinfo, own, own, SIGUSR1, &info) == 0);
	fd = syscall(SYS_pidfd_open, own, 0);
	WV_EXPECT(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0) == 0);
	close(fd);
	WV_EXPECT(handled == 6);
	signal(SIGUSR1, SIG_IGN);
	WV_EXPECT(syscall(SYS_kill, own, SIGUSR1) == 0);
	signal(SIGUSR1, SIG_DFL);
	WV_FAILS(syscall(SYS_kill, own, 65), EINVAL);
	WV_FAILS(syscall(SYS_kill, 1 << 22, 0), ESRCH);
}

static void wait_for_blocked(void)
{
	uint64_t mask = 1UL << (SIGUSR2 - 1), before, pending;
	struct timespec none = { 0, 0 };
	siginfo_t info;

	signal(SIGUSR2, count);
	WV_EXPECT(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &mask, &before, MASK_SIZE) == 0);
	WV_EXPECT(kill(getpid(), SIGUSR2) == 0);
	WV_EXPECT(syscall(SYS_rt_sigpending, &pending, MASK_SIZE) == 0 && pending == mask);
	WV_EXPECT(syscall(SYS_rt_sigtimedwait, &mask, &info, &none, MASK_SIZE) == SIGUSR2);
	WV_FAILS(syscall(SYS_rt_sigtimedwait, &mask, &info, &none, MASK_SIZE), EAGAIN);
	WV_EXPECT(kill(getpid(), SIGUSR2) == 0);
	WV_FAILS(syscall(SYS_rt_sigsuspend, &before, MASK_SIZE), EINTR);
	WV_EXPECT(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, MASK_SIZE) == 0);
	WV_FAILS(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &mask, NULL, 4L), EINVAL);
	signal(SIGUSR2, SIG_DFL);
}

/* Repairs what the fault was about: the faulting instruction is executed again. */
static void repair(int sig, siginfo_t *info, void *context)
{
	(void)sig, (void)context;
	mprotect((void *)((uintptr_t)info->si_addr & ~4095UL), 4096, PROT_READ | PROT_WRITE);
}

/* Skips the instruction ud2. */
static void skip(int sig, siginfo_t *info, void *context)
{
	(void)sig, (void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

static void fault(void)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK };
	volatile char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static char room[65536];
	stack_t stack = { .ss_sp = room, .ss_size = sizeof(room) }, before;

	WV_EXPECT(sigaltstack(&stack, &before) == 0);
	action.sa_sigaction = repair;
	WV_EXPECT(sigaction(SIGSEGV, &action, NULL) == 0);
	page[0] = 1;
	action.sa_sigaction = skip;
	WV_EXPECT(sigaction(SIGILL, &action, NULL) == 0);
	__asm__ volatile("ud2");
	signal(SIGSEGV, SIG_DFL);
	signal(SIGILL, SIG_DFL);
	WV_EXPECT(sigaltstack(&before, NULL) == 0);
	WV_FAILS(sigaltstack(&(stack_t){ .ss_flags = 0x1234 }, NULL), EINVAL);
	munmap((void *)page, 4096);
}

static sigjmp_buf after;

static void jump(int sig)
{
	siglongjmp(after, sig);
}

/* A handler that never returns: no sigreturn for this one. */
static void leave_handler(void)
{
	signal(SIGUSR1, jump);
	if (sigsetjmp(after, 1) == 0) {
		kill(getpid(), SIGUSR1);
		wv_broken("the handler has returned");
	}
	signal(SIGUSR1, SIG_DFL);
}

void wv_calls_signals(void)
{
	send_in_every_way();
	wait_for_blocked();
	fault();
	leave_handler();
	WV_FAILS(syscall(SYS_rt_sigaction, SIGKILL, NULL, NULL, 99L), EINVAL);
}

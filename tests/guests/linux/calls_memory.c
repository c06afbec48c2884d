// SPDX-License-Identifier: GPL-2.0-or-later
/* The area "memory" of the scenario "calls". */
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/uio.h>

#define PAGE 4096

static void map(void)
{
	int fd = memfd_create("a memory file", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	unsigned char resident[4];
	char *page, *moved;

	WV_EXPECT(fd >= 0 && ftruncate(fd, 4 * PAGE) == 0);
	page = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!WV_EXPECT(page != MAP_FAILED))
		return;
	WV_EXPECT(mprotect(page, PAGE, PROT_READ | PROT_EXEC) == 0);
	WV_EXPECT(mprotect(page, 4 * PAGE, PROT_NONE) == 0);
	WV_EXPECT(mprotect(page, 4 * PAGE, PROT_READ | PROT_WRITE) == 0);
	WV_FAILS(mprotect(page + 1, PAGE, PROT_READ), EINVAL);
	page[0] = 1;
	WV_EXPECT(madvise(page, PAGE, MADV_WILLNEED) == 0);
	WV_EXPECT(madvise(page, 4 * PAGE, MADV_DONTFORK) == 0);
	WV_FAILS(madvise(page, PAGE, 12345), EINVAL);
	WV_EXPECT(mincore(page, 4 * PAGE, resident) == 0);
	WV_EXPECT(msync(page, 4 * PAGE, MS_SYNC) == 0);
	WV_EXPECT(mlock(page, PAGE) == 0 && munlock(page, PAGE) == 0);
	WV_EXPECT(mlock2(page, PAGE, MLOCK_ONFAULT) == 0 && munlock(page, PAGE) == 0);
	WV_EXPECT(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) == 0);
	WV_FAILS(ftruncate(fd, 8 * PAGE), EPERM);
	moved = mremap(page, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
	if (WV_EXPECT(moved != MAP_FAILED))
		WV_EXPECT(munmap(moved, 8 * PAGE) == 0);
	close(fd);

	page = mmap((void *)0x123450000, PAGE, PROT_READ,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_POPULATE, -1, 0);
	WV_EXPECT(page == (void *)0x123450000);
	WV_EXPECT(munmap(page, PAGE) == 0);
	WV_EXPECT(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
	WV_EXPECT(mmap(NULL, 1L << 60, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		  MAP_FAILED);
}

static void share(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600);
	struct shmid_ds status;
	char *at = shmat(id, NULL, SHM_RDONLY);

	WV_EXPECT(id >= 0 && at != (void *)-1);
	WV_EXPECT(shmctl(id, IPC_STAT, &status) == 0 && shmdt(at) == 0);
	WV_EXPECT(shmctl(id, IPC_RMID, NULL) == 0);
}

static void read_own(void)
{
	char from[] = "a text", to[sizeof(from)];
	struct iovec local = { to, sizeof(to) }, remote = { from, sizeof(from) };

	WV_EXPECT(process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == sizeof(from));
	WV_EXPECT(process_vm_writev(getpid(), &local, 1, &remote, 1, 0) == sizeof(from));
	WV_FAILS(process_vm_readv(1 << 22, &local, 1, &remote, 1, 0), ESRCH);
}

void wv_calls_memory(void)
{
	unsigned long nodes;
	void *end = (void *)syscall(SYS_brk, 0L);
	int policy, key;

	map();
	share();
	read_own();
	WV_EXPECT(syscall(SYS_brk, (char *)end + PAGE) == (long)end + PAGE);
	WV_EXPECT(syscall(SYS_brk, end) == (long)end);
	WV_MAYBE(syscall(SYS_get_mempolicy, &policy, &nodes, 64L, NULL, 0L));
	WV_EXPECT(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0) >= 0);
	/* Not every processor has protection keys. */
	key = pkey_alloc(0, 0);
	WV_EXPECT(key >= 0 || errno == ENOSPC || errno == EINVAL || errno == ENOSYS);
	if (key >= 0)
		WV_EXPECT(pkey_free(key) == 0);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* The area "ipc" of the scenario "calls": message queues and semaphores. */
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

static void use_posix_queue(void)
{
	struct mq_attr kind = { .mq_maxmsg = 4, .mq_msgsize = 64 };
	struct timespec past = { 1, 0 };
	char text[64];
	int fd = syscall(SYS_mq_open, "wyvern", O_CREAT | O_RDWR | O_EXCL, 0600, &kind);

	WV_EXPECT(fd >= 0);
	WV_EXPECT(syscall(SYS_mq_timedsend, fd, "message", 7L, 3, NULL) == 0);
	WV_EXPECT(syscall(SYS_mq_timedreceive, fd, text, sizeof(text), NULL, NULL) == 7);
	WV_FAILS(syscall(SYS_mq_timedreceive, fd, text, sizeof(text), NULL, &past), ETIMEDOUT);
	WV_EXPECT(syscall(SYS_mq_getsetattr, fd, NULL, &kind) == 0);
	WV_EXPECT(syscall(SYS_mq_unlink, "wyvern") == 0);
	close(fd);
}

static void use_old_queue(void)
{
	struct {
		long type;
		char text[16];
	} message = { 5, "message" };
	struct msqid_ds status;
	int id = msgget(0x12345678, IPC_CREAT | IPC_EXCL | 0600);

	WV_EXPECT(id >= 0 && msgsnd(id, &message, 8, IPC_NOWAIT) == 0);
	WV_EXPECT(msgctl(id, IPC_STAT, &status) == 0);
	WV_EXPECT(msgrcv(id, &message, sizeof(message.text), 0, MSG_NOERROR) == 8);
	WV_FAILS(msgrcv(id, &message, sizeof(message.text), 0, IPC_NOWAIT), ENOMSG);
	WV_EXPECT(msgctl(id, IPC_RMID, NULL) == 0);
}

static void use_semaphores(void)
{
	struct sembuf up = { 0, 2, 0 }, down = { 0, -1, SEM_UNDO }, zero = { 0, 0, 0 };
	int id = semget(IPC_PRIVATE, 2, 0600);

	WV_EXPECT(id >= 0 && semctl(id, 1, SETVAL, 7) == 0 && semctl(id, 1, GETVAL) == 7);
	WV_EXPECT(semop(id, (struct sembuf[]){ up, down }, 2) == 0);
	WV_FAILS(semtimedop(id, &zero, 1, &(struct timespec){ 0, 1000000 }), EAGAIN);
	WV_EXPECT(semctl(id, 0, IPC_RMID) == 0);
	WV_FAILS(semop(id, &up, 1), EINVAL);
}

void wv_calls_ipc(void)
{
	use_posix_queue();
	use_old_queue();
	use_semaphores();
}

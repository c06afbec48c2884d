/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fixed sequence of some 250 system calls, in several processes, that depends on nothing: not on
 * time, not on chance, not on which process runs first. Each process says close(-7) before its
 * calls and close(-8) after them, and writes down what is between: at the end all of it is printed,
 * one line a call,
 *     call PID NAME RESULT
 * with "?" as the result of a call that does not return, and then a line "calls COUNT".
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_FD	  9
#define ENTRIES	  512
#define NO_RETURN (-100000L)
#define TIMES	  100
#define FILES	  10
#define FOLDER	  "/tmp/deterministic-folder"
#define BEGIN	  (-7)
#define END	  (-8)

struct log {
	unsigned count;
	struct {
		char name[20];
		long result;
		pid_t pid;
	} entries[ENTRIES];
};

static struct log *call_log;
static pid_t pid;

static long record(const char *name, long result)
{
	unsigned i = __atomic_fetch_add(&call_log->count, 1, __ATOMIC_SEQ_CST);

	if (i >= ENTRIES)
		abort();
	strncpy(call_log->entries[i].name, name, sizeof(call_log->entries[i].name) - 1);
	call_log->entries[i].result = result;
	call_log->entries[i].pid = pid;
	return result;
}

static long result_of(long returned)
{
	return returned == -1 ? -errno : returned;
}

/** One call, written down. */
#define CALL(name, ...) record(#name, result_of(syscall(SYS_##name, ##__VA_ARGS__)))

static void begin(void)
{
	pid = (pid_t)syscall(SYS_getpid);
	syscall(SYS_close, BEGIN);
}

static void end(void)
{
	syscall(SYS_close, END);
}

/** A child: the fork is the caller's call, begin() the child's own. */
static long fork_child(void)
{
	long child = result_of(syscall(SYS_fork));

	if (child == 0)
		begin();
	else
		record("fork", child);
	return child;
}

static void leave(int status)
{
	end();
	syscall(SYS_exit_group, status);
	__builtin_unreachable();
}

static void one_file(void)
{
	char data[64];
	struct stat stat;
	long fd = CALL(open, "a", O_RDWR | O_CREAT | O_EXCL, 0640);

	CALL(write, fd, "some data\n", 10);
	CALL(pwrite64, fd, "DATA", 4, 5);
	CALL(lseek, fd, 0, SEEK_SET);
	CALL(read, fd, data, sizeof(data));
	CALL(read, fd, data, sizeof(data));
	CALL(pread64, fd, data, 4, 2);
	CALL(fstat, fd, &stat);
	CALL(dup, fd);
	CALL(dup2, fd, 20);
	CALL(fcntl, 20, F_GETFD);
	CALL(fcntl, 20, F_SETFD, FD_CLOEXEC);
	CALL(close, 20);
	CALL(close, 20);
	CALL(ftruncate, fd, 5);
	CALL(fsync, fd);
	CALL(fchmod, fd, 0600);
	CALL(flock, fd, 2 /* LOCK_EX */);
	CALL(close, fd);
	CALL(open, "a", O_RDWR | O_CREAT | O_EXCL, 0640);
	CALL(open, "absent", O_RDONLY, 0);
	CALL(link, "a", "b");
	CALL(symlink, "a", "c");
	CALL(readlink, "c", data, sizeof(data));
	CALL(rename, "b", "d");
	CALL(stat, "d", &stat);
	CALL(lstat, "c", &stat);
	CALL(access, "c", R_OK);
	CALL(chmod, "a", 0400);
	CALL(truncate, "d", 100);
	CALL(unlink, "absent");
	CALL(unlink, "a");
	CALL(unlink, "c");
	CALL(unlink, "d");
}

static void many_files(void)
{
	for (unsigned i = 0; i < FILES; i++) {
		char name[] = { 'f', (char)('0' + i), '\0' };
		long fd = CALL(openat, AT_FDCWD, name, O_WRONLY | O_CREAT, 0600);

		CALL(write, fd, name, i);
		CALL(close, fd);
		CALL(unlinkat, AT_FDCWD, name, 0);
	}
}

static void files(void)
{
	CALL(mkdir, FOLDER, 0700);
	CALL(mkdir, FOLDER, 0700);
	CALL(chdir, FOLDER);
	CALL(umask, 022);
	one_file();
	many_files();
	CALL(chdir, "/");
	CALL(rmdir, FOLDER);
	CALL(rmdir, FOLDER);
}

static void who(void)
{
	long user = CALL(getuid);

	CALL(getpid);
	CALL(gettid);
	CALL(geteuid);
	CALL(getgid);
	CALL(getegid);
	CALL(setpgid, 0, 0);
	CALL(setuid, user);
	CALL(sched_yield);
}

static void many(void)
{
	for (unsigned i = 0; i < TIMES; i++)
		CALL(getppid);
}

/** A child that says something, and ends. */
static void talker(void)
{
	int ends[2], status;
	char data[16];
	long child;

	CALL(pipe, ends);
	child = fork_child();
	if (child == 0) {
		CALL(close, ends[0]);
		CALL(write, ends[1], "hello", 5);
		CALL(write, ends[0], "x", 1);
		leave(3);
	}
	CALL(close, ends[1]);
	CALL(wait4, child, &status, 0, NULL);
	CALL(read, ends[0], data, sizeof(data));
	CALL(read, ends[0], data, sizeof(data));
	CALL(close, ends[0]);
}

/** A child that executes this program again. */
static void executor(const char *path)
{
	int status;
	long child = fork_child();

	if (child == 0) {
		char *argv[] = { (char *)path, "again", NULL }, *envp[] = { NULL };

		CALL(execve, "/no/such/program", argv, envp);
		end(); /* what the exec does before its main() is no call of ours */
		syscall(SYS_execve, path, argv, envp);
		_exit(1);
	}
	CALL(wait4, child, &status, 0, NULL);
}

/** A child that stops, and is killed. */
static void victim(void)
{
	int status;
	long child = fork_child();

	if (child == 0) {
		CALL(getppid);
		end();
		syscall(SYS_kill, pid, SIGSTOP);
		_exit(1);
	}
	CALL(wait4, child, &status, WUNTRACED, NULL);
	CALL(kill, child, SIGKILL);
	CALL(wait4, child, &status, 0, NULL);
	CALL(wait4, child, &status, 0, NULL);
}

static void handler(int number)
{
	(void)number;
	CALL(getpid);
	record("rt_sigreturn", NO_RETURN);
}

static void signals(void)
{
	/* the C library's own call: it brings its own way back from the handler */
	record("rt_sigaction", signal(SIGUSR1, handler) == SIG_ERR ? -errno : 0);
	for (unsigned i = 0; i < 3; i++) {
		/* the handler runs before kill returns to the program, and after the kernel is done
		 */
		record("kill", 0);
		syscall(SYS_kill, pid, SIGUSR1);
	}
	CALL(kill, pid, 0);
	CALL(kill, pid, 1000);
}

/** What the executed program does. */
static int again(void)
{
	begin();
	CALL(getpid);
	CALL(getppid);
	CALL(chdir, "/tmp");
	CALL(mkdir, "again", 0700);
	CALL(rmdir, "again");
	leave(5);
	return 0;
}

static void print_log(void)
{
	static char out[ENTRIES * 64];
	size_t used = 0;

	for (unsigned i = 0; i < call_log->count; i++) {
		char result[24] = "?";

		if (call_log->entries[i].result != NO_RETURN)
			snprintf(result, sizeof(result), "%ld", call_log->entries[i].result);
		used += (size_t)snprintf(out + used, sizeof(out) - used, "call %d %s %s\n",
					 call_log->entries[i].pid, call_log->entries[i].name,
					 result);
	}
	used += (size_t)snprintf(out + used, sizeof(out) - used, "calls %u\n", call_log->count);
	for (size_t at = 0; at < used;) {
		ssize_t size = write(STDOUT_FILENO, out + at, used - at);

		if (size <= 0)
			_exit(2);
		at += (size_t)size;
	}
}

/** The log is a file without a name, which an executed program still has. */
static void open_log(int is_first)
{
	if (is_first) {
		int fd = (int)syscall(SYS_memfd_create, "log", 0);

		if (fd < 0 || ftruncate(fd, sizeof(*call_log)) != 0 || dup2(fd, LOG_FD) != LOG_FD)
			_exit(2);
		close(fd);
	}
	call_log = mmap(NULL, sizeof(*call_log), PROT_READ | PROT_WRITE, MAP_SHARED, LOG_FD, 0);
	if (call_log == MAP_FAILED)
		_exit(2);
	/* all of it is there from now on: no call depends on which page was touched when */
	if (is_first)
		memset(call_log, 0, sizeof(*call_log));
}

int main(int argc, char **argv)
{
	open_log(argc == 1);
	if (argc > 1)
		return again();
	begin();
	who();
	files();
	many();
	talker();
	executor(argv[0]);
	victim();
	signals();
	end();
	print_log();
	return 0;
}

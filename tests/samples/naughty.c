/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The demo's sample: a harmless program that behaves like a bad one. It
 *   - calls itself like a kernel thread,
 *   - drops a program, executes it, and deletes it,
 *   - kills another process,
 *   - tries to gain rights, and to look at secrets and at another process's memory,
 *   - makes memory that can be both written and executed,
 *   - tries to reach an address,
 *   - leaves a daemon behind, which does the rest of the cleaning up.
 * It takes about a second.
 *
 * It does no harm where somebody starts it outside a guest: the files that it changes and the
 * processes that it kills are its own, what it opens is closed unread, and the address is one that
 * is only for documentation (192.0.2.1, RFC 5737).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MILLISECONDS 1000

static char folder[] = "/tmp/.naughty-XXXXXX";
static char dropped[sizeof(folder) + 16], renamed[sizeof(folder) + 16];

static void say(const char *what, long result)
{
	if (result < 0)
		printf("naughty: %s: %s\n", what, strerror(errno));
	else
		printf("naughty: %s: done\n", what);
	fflush(stdout);
}

/** A copy of the program itself, which behaves better when it is called "dropped". */
static int drop(void)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = open(dropped, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	char block[65536];
	ssize_t size = -1;

	while (from >= 0 && to >= 0 && (size = read(from, block, sizeof(block))) > 0)
		if (write(to, block, (size_t)size) != size)
			size = -1;
	close(from);
	close(to);
	return size == 0 ? 0 : -1;
}

/** Executes the dropped program; returns its exit status, or -1. */
static int execute(char *const *arguments)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		execv(arguments[0], arguments);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static void drop_and_execute(void)
{
	char *arguments[] = { renamed, "dropped", NULL };

	say("drop a program", drop());
	say("rename it", rename(dropped, renamed));
	say("execute it", execute(arguments) == 3 ? 0 : -1);
	say("delete it", unlink(renamed));
	arguments[0] = "/usr/sbin/no-such-tool";
	execute(arguments);
}

static void kill_another(void)
{
	pid_t victim = fork();

	if (victim == 0) {
		pause();
		_exit(0);
	}
	usleep(100 * MILLISECONDS);
	say("kill another process", victim > 0 ? kill(victim, SIGKILL) : -1);
	waitpid(victim, NULL, 0);
}

static int look(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd;
}

/** Asks for all capabilities that there are. */
static long take_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) != 0)
		return -1;
	for (unsigned i = 0; i < 2; i++)
		data[i].effective = data[i].permitted = ~0u;
	return syscall(SYS_capset, &header, data);
}

static void gain_rights(void)
{
	say("become root", setuid(0));
	say("take all capabilities", take_capabilities());
	say("open /etc/shadow", look("/etc/shadow"));
	say("open the memory of process 1", look("/proc/1/mem"));
	/* without having attached to it: it is not even stopped */
	errno = 0;
	ptrace(PTRACE_PEEKDATA, 1, NULL, NULL);
	say("read the memory of process 1", errno ? -1 : 0);
}

static void make_code(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	say("make memory for code", memory == MAP_FAILED ? -1 : 0);
}

static void call_home(void)
{
	struct sockaddr_in home = { .sin_family = AF_INET, .sin_port = htons(443) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, "192.0.2.1", &home.sin_addr);
	say("call home", fd < 0 ? -1 : connect(fd, (struct sockaddr *)&home, sizeof(home)));
	close(fd);
}

/** A process that nobody waits for: it stays a little longer than the sample, and cleans up. */
static void leave_daemon(void)
{
	pid_t child = fork();

	if (child != 0) {
		waitpid(child, NULL, 0);
		return;
	}
	setsid();
	if (fork() != 0)
		_exit(0);
	close(open(dropped, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	usleep(300 * MILLISECONDS);
	unlink(dropped);
	rmdir(folder);
	_exit(0);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "dropped") == 0) {
		say("what was dropped runs", 0);
		return 3;
	}
	(void)argv;
	say("take the name of a kernel thread", prctl(PR_SET_NAME, "kworker/0:3"));
	if (!mkdtemp(folder)) {
		say("make a folder", -1);
		return 1;
	}
	snprintf(dropped, sizeof(dropped), "%s/dropped", folder);
	snprintf(renamed, sizeof(renamed), "%s/.systemd", folder);
	drop_and_execute();
	usleep(300 * MILLISECONDS);
	kill_another();
	gain_rights();
	make_code();
	call_home();
	usleep(300 * MILLISECONDS);
	leave_daemon();
	say("leave a daemon behind", 0);
	return 42;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A 32-bit program that makes system calls in both ways that such a program has: by int 0x80, and
 * through the kernel's own __kernel_vsyscall, which takes sysenter or syscall where the processor
 * has it. It needs no C library, nor the compiler's 32-bit one, and so no more than a compiler that
 * knows -m32. Ends with the code 33; if something is not as it should be it says so on the truth
 * channel, with the line's number, and ends with 1.
 */
typedef unsigned int u32;
typedef unsigned long long u64;

/* arch/x86/entry/syscalls/syscall_32.tbl in Linux */
enum {
	NR_EXIT = 1,
	NR_FORK = 2,
	NR_READ = 3,
	NR_WRITE = 4,
	NR_OPEN = 5,
	NR_CLOSE = 6,
	NR_WAITPID = 7,
	NR_CREAT = 8,
	NR_UNLINK = 10,
	NR_TIME = 13,
	NR_GETPID = 20,
	NR_ALARM = 27,
	NR_ACCESS = 33,
	NR_KILL = 37,
	NR_PIPE = 42,
	NR_BRK = 45,
	NR_SIGNAL = 48,
	NR_IOCTL = 54,
	NR_GETPPID = 64,
	NR_SIGACTION = 67,
	NR_GETTIMEOFDAY = 78,
	NR_OLD_SELECT = 82,
	NR_READLINK = 85,
	NR_OLD_MMAP = 90,
	NR_MUNMAP = 91,
	NR_SOCKETCALL = 102,
	NR_SETITIMER = 104,
	NR_STAT = 106,
	NR_IPC = 117,
	NR_CLONE = 120,
	NR_UNAME = 122,
	NR_MPROTECT = 125,
	NR_SIGPROCMASK = 126,
	NR_LLSEEK = 140,
	NR_WRITEV = 146,
	NR_NANOSLEEP = 162,
	NR_RT_SIGACTION = 174,
	NR_PREAD64 = 180,
	NR_GETCWD = 183,
	NR_UGETRLIMIT = 191,
	NR_MMAP2 = 192,
	NR_FTRUNCATE64 = 194,
	NR_STAT64 = 195,
	NR_GETUID32 = 199,
	NR_FCNTL64 = 221,
	NR_GETTID = 224,
	NR_FUTEX = 240,
	NR_SET_THREAD_AREA = 243,
	NR_EXIT_GROUP = 252,
	NR_CLOCK_GETTIME = 265,
	NR_STATFS64 = 268,
	NR_OPENAT = 295,
	NR_SOCKET = 359,
	NR_CLOCK_GETTIME64 = 403,
	NR_NONE = 1000,
};

#define O_RDWR	    2
#define O_CREAT	    0100
#define O_LARGEFILE 0100000
#define ENOENT	    2
#define EINTR	    4
#define EBADF	    9
#define EAGAIN	    11
#define EFAULT	    14
#define ENOSYS	    38
#define SIGUSR1	    10
#define SIGALRM	    14
#define SIGCHLD	    17
#define SA_RESTART  0x10000000
#define SA_SIGINFO  4
#define AT_SYSINFO  32
#define AT_NULL	    0

/* By which way; set before each round. */
static int (*way)(int number, ...);
/* __kernel_vsyscall's address */
u32 wv_vsyscall;

int wv_call_int80(int number, ...);
int wv_call_vsyscall(int number, ...);
void start(const u32 *stack);

/* The number and six arguments go from the stack into the registers. */
__asm__(".macro load\n"
	"	push %ebx\n	push %esi\n	push %edi\n	push %ebp\n"
	"	mov 20(%esp), %eax\n"
	"	mov 24(%esp), %ebx\n"
	"	mov 28(%esp), %ecx\n"
	"	mov 32(%esp), %edx\n"
	"	mov 36(%esp), %esi\n"
	"	mov 40(%esp), %edi\n"
	"	mov 44(%esp), %ebp\n"
	".endm\n"
	".macro leave_call\n"
	"	pop %ebp\n	pop %edi\n	pop %esi\n	pop %ebx\n	ret\n"
	".endm\n"
	".globl _start, wv_call_int80, wv_call_vsyscall\n"
	"wv_call_int80:\n	load\n	int $0x80\n	leave_call\n"
	"wv_call_vsyscall:\n	load\n	call *wv_vsyscall\n	leave_call\n"
	"_start:\n	mov %esp, %eax\n	and $-16, %esp\n	sub $12, %esp\n"
	"	push %eax\n	call start\n");

/* All six are given, so that nobody's garbage is. */
#define CALL(...)			CALL7(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define CALL7(n, a, b, c, d, e, f, ...) way(NR_##n, a, b, c, d, e, f)
#define EXPECT(condition)		expect(condition, __LINE__)

static void expect(int holds, int line)
{
	char text[] = "{\"kind\":\"broken\",\"what\":\"calls32.c:0000\"}\n";
	int fd, at = sizeof("{\"kind\":\"broken\",\"what\":\"calls32.c:0000") - 2;

	if (holds)
		return;
	for (; line; line /= 10)
		text[at--] = '0' + line % 10;
	fd = CALL(OPEN, "/dev/truth", O_RDWR);
	CALL(WRITE, fd, text, sizeof(text) - 1);
	CALL(EXIT_GROUP, 1);
}

static int ends[2];

static void do_nothing(int sig)
{
	(void)sig;
}

static void feed(int sig)
{
	(void)sig;
	EXPECT(CALL(WRITE, ends[1], "x", 1) == 1);
}

static void use_files(void)
{
	struct {
		const char *base;
		u32 length;
	} parts[] = { { "two", 3 }, { "parts", 5 } };
	char text[256];
	u32 words[64];
	u64 at;
	int fd;

	fd = CALL(OPENAT, -100, "/tmp/calls/by32", O_CREAT | O_RDWR | O_LARGEFILE, 0640);
	EXPECT(fd >= 0);
	EXPECT(CALL(WRITE, fd, "hello", 5) == 5 && CALL(WRITEV, fd, parts, 2) == 8);
	EXPECT(CALL(LLSEEK, fd, 1, 0x10, &at, 0) == 0 && at == 0x100000010ULL);
	EXPECT(CALL(FTRUNCATE64, fd, 0x20, 1) == 0);
	EXPECT(CALL(PREAD64, fd, text, 13, 0, 0) == 13);
	EXPECT(CALL(PREAD64, fd, text, 13, 0x10, 1) == 13);
	EXPECT(CALL(READ, -1, text, 1) == -EBADF && CALL(READ, fd, 8, 1) <= 0);
	EXPECT(CALL(FCNTL64, fd, 3, 0) > 0 && CALL(IOCTL, fd, 0x541b, text) == 0);
	EXPECT(CALL(STAT64, "/tmp/calls/by32", words) == 0);
	EXPECT(CALL(STAT, "/tmp", words) == 0 && CALL(STAT, "/not/there", words) == -ENOENT);
	EXPECT(CALL(STATFS64, "/", 84, words) == 0);
	EXPECT(CALL(ACCESS, "/tmp", 4) == 0 && CALL(OPEN, 8, 0) == -EFAULT);
	EXPECT(CALL(CLOSE, fd) == 0 && CALL(CREAT, "/tmp/calls/by32", 0600) == fd);
	EXPECT(CALL(CLOSE, fd) == 0 && CALL(UNLINK, "/tmp/calls/by32") == 0);
	EXPECT(CALL(GETCWD, text, sizeof(text)) > 0);
	EXPECT(CALL(READLINK, "/proc/self/exe", text, sizeof(text)) == 12);
}

static void use_memory(void)
{
	u32 old[6] = { 0, 4096, 3, 0x22, -1, 0 };
	u32 end = CALL(BRK, 0);
	u32 page;

	EXPECT(CALL(BRK, end + 4096) == (int)(end + 4096));
	page = CALL(OLD_MMAP, old);
	EXPECT(page < -4095U && CALL(MPROTECT, page, 4096, 1) == 0);
	EXPECT(CALL(MUNMAP, page, 4096) == 0);
	/* The sixth argument, in ebp. */
	page = CALL(MMAP2, 0, 8192, 3, 0x22, -1, 0);
	EXPECT(page < -4095U && CALL(MUNMAP, page, 8192) == 0);
}

/* Calls within a call: their numbers and arguments are in memory. */
static void use_multiplexers(void)
{
	u32 pair[] = { 1, 1, 0, (u32)ends };
	u32 send[] = { 0, (u32) "sent", 4, 0x4000 };
	char text[8];

	EXPECT(CALL(SOCKETCALL, 8, pair) == 0);
	send[0] = ends[0];
	EXPECT(CALL(SOCKETCALL, 9, send) == 4);
	EXPECT(CALL(READ, ends[1], text, sizeof(text)) == 4);
	EXPECT(CALL(CLOSE, ends[0]) == 0 && CALL(CLOSE, ends[1]) == 0);
	EXPECT(CALL(IPC, 23, 0, 4096, 0600) >= 0);
	EXPECT(CALL(SOCKET, 777, 1, 0) < 0);
}

static void use_time(void)
{
	u32 words[8], shortly[] = { 0, 1000000 };
	u32 select[] = { 0, 0, 0, 0, (u32)words };

	EXPECT(CALL(TIME, 0) > 0 && CALL(GETTIMEOFDAY, words, 0) == 0);
	EXPECT(CALL(CLOCK_GETTIME, 1, words) == 0 && CALL(CLOCK_GETTIME64, 1, words) == 0);
	EXPECT(CALL(NANOSLEEP, shortly, 0) == 0);
	words[0] = 0;
	words[1] = 1000;
	EXPECT(CALL(OLD_SELECT, select) == 0 && CALL(ALARM, 0) == 0);
}

/* Each handler returns by sigreturn, the second by rt_sigreturn. */
static void use_signals(void)
{
	u32 old[] = { (u32)do_nothing, 0, 0, 0 },
	    rt[] = { (u32)feed, SA_SIGINFO | SA_RESTART, 0, 0, 0 };
	u32 timer[] = { 0, 20000, 0, 20000 }, none[] = { 0, 0, 0, 0 }, long_time[] = { 1000, 0 };
	u32 mask = 0;
	char byte;

	EXPECT(CALL(SIGACTION, SIGUSR1, old, 0) == 0);
	EXPECT(CALL(KILL, CALL(GETPID), SIGUSR1) == 0);
	EXPECT(CALL(SIGPROCMASK, 0, &mask, &mask) == 0);
	EXPECT(CALL(SIGNAL, SIGUSR1, 1) == (int)do_nothing);
	EXPECT(CALL(PIPE, ends) == 0);
	EXPECT(CALL(SIGACTION, SIGALRM, old, 0) == 0 && CALL(SETITIMER, 0, timer, 0) == 0);
	EXPECT(CALL(NANOSLEEP, long_time, 0) == -EINTR);
	EXPECT(CALL(RT_SIGACTION, SIGALRM, rt, 0, 8) == 0);
	EXPECT(CALL(READ, ends[0], &byte, 1) == 1);
	EXPECT(CALL(SETITIMER, 0, none, 0) == 0);
	EXPECT(CALL(CLOSE, ends[0]) == 0 && CALL(CLOSE, ends[1]) == 0);
}

static void use_tasks(void)
{
	int word = 1, status, child = CALL(FORK);

	if (child == 0)
		CALL(EXIT, 3);
	EXPECT(child > 0 && CALL(WAITPID, child, &status, 0) == child && status == 3 << 8);
	child = CALL(CLONE, SIGCHLD);
	if (child == 0)
		CALL(EXIT_GROUP, 4);
	EXPECT(child > 0 && CALL(WAITPID, -1, &status, 0) == child && status == 4 << 8);
	EXPECT(CALL(FUTEX, &word, 0, 2, 0) == -EAGAIN);
	EXPECT(CALL(SET_THREAD_AREA, 8) == -EFAULT);
}

static void ask(void)
{
	u32 words[128];

	EXPECT(CALL(GETPID) == CALL(GETTID) && CALL(GETPPID) > 0 && CALL(GETUID32) == 0);
	EXPECT(CALL(UNAME, words) == 0 && CALL(UGETRLIMIT, 7, words) == 0);
	EXPECT(CALL(NONE, 1, 2, 3, 4, 5, 6) == -ENOSYS);
}

static void make_calls(void)
{
	use_files();
	use_memory();
	use_multiplexers();
	use_time();
	use_signals();
	use_tasks();
	ask();
}

/* The stack as the kernel sets it up: the arguments' number, they, the environment, the auxv. */
void start(const u32 *stack)
{
	const u32 *auxv = stack + 1 + stack[0] + 1;

	while (*auxv++)
		;
	while (auxv[0] != AT_SYSINFO && auxv[0] != AT_NULL)
		auxv += 2;
	way = wv_call_int80;
	make_calls();
	EXPECT(auxv[0] == AT_SYSINFO);
	wv_vsyscall = auxv[1];
	way = wv_call_vsyscall;
	make_calls();
	CALL(EXIT, 33);
}

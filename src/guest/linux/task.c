/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tasks: the current one, who it is, and the list of processes. */
#include "guest/linux/internal.h"

/** No walk of the process list goes further: PID_MAX_LIMIT (include/linux/threads.h). */
#define PROCESSES_MAX (4u << 20)

/**
 * The page table of a process as CR3 has it. Without PCIDs that is the place of mm_struct.pgd, and
 * no register has to be read; the kernel's own threads run on anyone's table.
 */
static uint64_t page_table(struct wv_linux *kernel, struct wv_cpu *cpu,
			   const struct wv_space *space, uint64_t task)
{
	const struct wv_linear *direct = &kernel->guest.linear[LINEAR_DIRECT];
	uint64_t mm, pgd;

	if (!kernel->has_pcid && task && linux_read_u64(kernel, space, task, TASK_MM, &mm) && mm &&
	    linux_read_u64(kernel, space, mm, MM_PGD, &pgd) && pgd - direct->start < direct->size)
		return pgd - direct->start + direct->physical;
	return wv_cpu_register(cpu, WV_REG_CR3);
}

uint64_t wv_linux_enter(struct wv_guest *guest, struct wv_cpu *cpu, struct wv_space *space)
{
	struct wv_linux *kernel = to_linux(guest);
	uint64_t *base = &kernel->percpu_base[cpu->vcpu];
	uint64_t task;

	*space = (struct wv_space){ .machine = guest->machine,
				    .vcpu = cpu->vcpu,
				    .paging = { .mode = guest->paging },
				    .current = true,
				    .linear = guest->linear };
	/* in kernel mode GS is the per-CPU base; our traps are all behind the SWAPGS of the entry
	 */
	if (!*base || guest->machine->shares_thread)
		*base = wv_cpu_register(cpu, WV_REG_GS_BASE);
	if (!wv_space_read_u64(space, *base + kernel->current_offset, &task)) {
		/* per-CPU memory outside of the direct map: the page table tells */
		space->paging.root = wv_cpu_register(cpu, WV_REG_CR3);
		if (!wv_space_read_u64(space, *base + kernel->current_offset, &task))
			return 0;
		return task;
	}
	space->paging.root = page_table(kernel, cpu, space, task);
	return task;
}

size_t wv_linux_comm(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
		     char comm[WV_LINUX_COMM_SIZE])
{
	const struct wv_place *place = &to_linux(guest)->places[TASK_COMM];

	if (!place->found || !wv_space_read(space, task + place->value, comm, WV_LINUX_COMM_SIZE))
		return 0;
	return strnlen(comm, WV_LINUX_COMM_SIZE);
}

uint64_t wv_linux_task_mm(struct wv_guest *guest, const struct wv_space *space, uint64_t task)
{
	uint64_t mm;

	return linux_read_u64(to_linux(guest), space, task, TASK_MM, &mm) ? mm : 0;
}

uint64_t wv_linux_mm_exe_file(struct wv_guest *guest, const struct wv_space *space, uint64_t mm)
{
	uint64_t file;

	return linux_read_u64(to_linux(guest), space, mm, MM_EXE_FILE, &file) ? file : 0;
}

bool wv_linux_mm_space(struct wv_guest *guest, const struct wv_space *space, uint64_t mm,
		       struct wv_space *user)
{
	uint64_t pgd, physical, contiguous;

	if (!linux_read_u64(to_linux(guest), space, mm, MM_PGD, &pgd) ||
	    !wv_space_translate(space, pgd, &physical, &contiguous))
		return false;
	*user = *space;
	user->paging.root = physical;
	user->current = (space->paging.root & WV_PAGING_ADDRESS) == physical;
	return true;
}

bool wv_linux_task_cred(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
			struct wv_linux_cred *cred)
{
	const struct wv_linux *kernel = to_linux(guest);
	uint64_t address;

	return linux_read_u64(kernel, space, task, TASK_CRED, &address) &&
	       linux_read_u32(kernel, space, address, CRED_UID, &cred->uid) &&
	       linux_read_u32(kernel, space, address, CRED_SUID, &cred->suid) &&
	       linux_read_u32(kernel, space, address, CRED_EUID, &cred->euid);
}

bool wv_linux_task_pgid(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
			uint32_t *pgid)
{
	const struct wv_linux *kernel = to_linux(guest);
	const struct wv_place *pids = &kernel->places[SIGNAL_PIDS];
	const struct wv_place *numbers = &kernel->places[PID_NUMBERS];
	uint64_t signal, pid;

	/* numbers[0] is the number in the initial namespace */
	return pids->found && numbers->found && kernel->places[ENUM_PGID].found &&
	       linux_read_u64(kernel, space, task, TASK_SIGNAL, &signal) &&
	       wv_space_read_u64(space,
				 signal + pids->value +
					 kernel->places[ENUM_PGID].value * sizeof(uint64_t),
				 &pid) &&
	       linux_read_u32(kernel, space, pid + numbers->value, UPID_NR, pgid);
}

/** Where a task's name is kept. Task objects are large: the low bits of their addresses are alike.
 */
static struct known_name *known_name(struct wv_linux *kernel, const struct wv_space *space,
				     uint64_t task)
{
	return &kernel->names[space->vcpu][(task >> 12) % KNOWN_NAMES];
}

static void keep_name(struct known_name *known, uint64_t task, uint64_t mm, uint64_t file,
		      uint64_t changes, const struct wv_identity *identity)
{
	if (identity->name_size > sizeof(known->name))
		return;
	known->task = task;
	known->mm = mm;
	known->file = file;
	known->changes = changes;
	known->size = identity->name_size;
	memcpy(known->name, identity->name, identity->name_size);
}

/** The name or path of the program's file. */
static bool read_file_name(struct wv_linux *kernel, const struct wv_space *space, uint64_t task,
			   uint64_t mm, uint64_t file, struct wv_identity *identity)
{
	struct wv_guest *guest = &kernel->guest;
	struct known_name *known = known_name(kernel, space, task);
	uint64_t changes = __atomic_load_n(&guest->changes, __ATOMIC_ACQUIRE);
	bool keep = guest->knows_changes && !guest->full_paths;
	size_t size = sizeof(identity->name);

	if (keep && known->task == task && known->mm == mm && known->file == file &&
	    known->changes == changes) {
		identity->name_size = known->size;
		memcpy(identity->name, known->name, known->size);
		return true;
	}
	if (!(guest->full_paths && wv_linux_file_path(guest, space, file, identity->name, &size,
						      &identity->name_truncated))) {
		identity->name_truncated = false;
		size = sizeof(identity->name);
		if (!wv_linux_file_name(guest, space, file, identity->name, &size))
			return false;
	}
	identity->name_size = (uint16_t)size;
	if (keep)
		keep_name(known, task, mm, file, changes, identity);
	return true;
}

/** The program's name or path; a kernel thread and a task without a program have only their own. */
static void read_name(struct wv_linux *kernel, const struct wv_space *space, uint64_t task,
		      struct wv_identity *identity)
{
	struct wv_guest *guest = &kernel->guest;
	uint64_t mm = wv_linux_task_mm(guest, space, task);
	uint64_t file = mm ? wv_linux_mm_exe_file(guest, space, mm) : 0;
	char comm[WV_LINUX_COMM_SIZE];

	identity->name_truncated = false;
	if (file && read_file_name(kernel, space, task, mm, file, identity))
		return;
	identity->name_size = (uint16_t)wv_linux_comm(guest, space, task, comm);
	memcpy(identity->name, comm, identity->name_size);
}

bool wv_linux_identify(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
		       struct wv_identity *identity)
{
	struct wv_linux *kernel = to_linux(guest);
	uint64_t parent, cred;
	uint32_t uid;

	identity->thread = task;
	if (!linux_read_u32(kernel, space, task, TASK_PID, &identity->tid) ||
	    !linux_read_u32(kernel, space, task, TASK_TGID, &identity->pid))
		return false;

	identity->ppid = 0;
	if (linux_read_u64(kernel, space, task, TASK_REAL_PARENT, &parent))
		linux_read_u32(kernel, space, parent, TASK_TGID, &identity->ppid);

	identity->incomplete = false;
	identity->user_id = -1;
	if (linux_read_u64(kernel, space, task, TASK_CRED, &cred) &&
	    linux_read_u32(kernel, space, cred, CRED_UID, &uid))
		identity->user_id = uid;

	read_name(kernel, space, task, identity);
	return true;
}

/* include/linux/sched.h and sched/signal.h */
#define PF_EXITING	  0x4u
#define SIGNAL_GROUP_EXIT 0x4u

bool wv_linux_exit_status(struct wv_guest *guest, const struct wv_space *space, uint64_t task,
			  uint32_t *status)
{
	const struct wv_linux *kernel = to_linux(guest);
	uint64_t signal, leader;
	uint32_t flags;

	if (!linux_read_u32(kernel, space, task, TASK_FLAGS, &flags) || !(flags & PF_EXITING))
		return false;
	/* as wait_task_zombie() of kernel/exit.c has it */
	if (linux_read_u64(kernel, space, task, TASK_SIGNAL, &signal) &&
	    linux_read_u32(kernel, space, signal, SIGNAL_FLAGS, &flags) &&
	    (flags & SIGNAL_GROUP_EXIT))
		return linux_read_u32(kernel, space, signal, SIGNAL_GROUP_EXIT_CODE, status);
	return linux_read_u64(kernel, space, task, TASK_GROUP_LEADER, &leader) &&
	       linux_read_u32(kernel, space, leader, TASK_EXIT_CODE, status);
}

void wv_linux_crash_text(struct wv_guest *guest, const struct wv_space *space,
			 const uint64_t *arguments, char *text, size_t size)
{
	size_t length;

	(void)guest;
	/* panic(fmt, ...): only the format is known, and it is enough to name the reason */
	wv_space_read_string(space, arguments[0], text, size - 1, &length);
	while (length && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
}

unsigned wv_linux_processes(struct wv_guest *guest, const struct wv_space *space,
			    wv_process_fn each, void *owner, bool *whole)
{
	struct wv_linux *kernel = to_linux(guest);
	const struct wv_place *tasks = &kernel->places[TASK_TASKS];
	uint64_t head, next;
	unsigned count = 0;

	*whole = true;
	if (!tasks->found || !kernel->places[SYM_INIT_TASK].found)
		return 0; /* which was reported */
	head = kernel->places[SYM_INIT_TASK].value + tasks->value;

	/* The list changes while it is walked, and a hostile one may never come back to its head.
	 * Brent's method: a mark that moves at powers of two meets any loop. */
	uint64_t mark = 0;

	for (next = head; count < PROCESSES_MAX; count++) {
		struct wv_identity identity;
		struct wv_space user;
		uint64_t cr3 = 0, mm;

		*whole = wv_space_read_u64(space, next, &next) && next == head;
		if (*whole || next == mark)
			break;
		if ((count & (count - 1)) == 0)
			mark = next;
		if (!wv_linux_identify(guest, space, next - tasks->value, &identity))
			break;
		mm = wv_linux_task_mm(guest, space, next - tasks->value);
		if (mm && wv_linux_mm_space(guest, space, mm, &user))
			cr3 = user.paging.root;
		if (!each(owner, &identity, cr3))
			break;
	}
	return count;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tiny Windows kernel's objects, handles, processes and calls. */
#include <glib.h>
#include <string.h>

#include "windows_fixture.h"

#define STACK_SIZE (2 * MOCK_PAGE)

/** Bytes that a caller has on its stack besides what it passes. */
#define FRAME 0x30u

/** Bits of _OBJECT_HEADER.InfoMask: what lies before the header, the first next to it. */
#define INFO_CREATOR 1u
#define INFO_NAME    2u
#define INFO_HANDLE  4u

/** An entry's low bits up to Windows 7: not locked. */
#define ENTRY_UNLOCKED 1u

/* Objects ---------------------------------------------------------------------------------------*/

static size_t pointer_size(const struct nt_guest *guest)
{
	return guest->is_64 ? 8 : 4;
}

/** What is before the header: the sum of what the mask has. */
static size_t info_size(const struct nt_guest *guest, unsigned mask)
{
	static const char *const infos[] = { "_OBJECT_HEADER_CREATOR_INFO",
					     "_OBJECT_HEADER_NAME_INFO",
					     "_OBJECT_HEADER_HANDLE_INFO" };
	size_t size = 0;

	for (unsigned i = 0; i < G_N_ELEMENTS(infos); i++)
		if (mask & (1u << i))
			size += nt_size(guest, infos[i]);
	return size;
}

/** Since Windows 10 a cookie hides the index, and the second byte of the header's address does. */
static uint64_t hidden_index(struct nt_guest *guest, uint64_t header, unsigned index)
{
	uint64_t cookie;

	if (!wv_profile_symbol(guest->profile, "ObHeaderCookie", &cookie))
		return index;
	return index ^ *(uint8_t *)nt_at(guest, guest->image + cookie) ^ (header >> 8 & 0xff);
}

static uint64_t make_object(struct nt_guest *guest, unsigned type_index, size_t body_size,
			    unsigned mask)
{
	size_t before = (info_size(guest, mask) + 15) & ~(size_t)15;
	size_t body = nt_offset(guest, "_OBJECT_HEADER.Body");
	uint64_t header = nt_object(guest, before + body + body_size) + before;

	nt_put(guest, header, "_OBJECT_HEADER.PointerCount", 1);
	nt_put(guest, header, "_OBJECT_HEADER.InfoMask", mask);
	nt_put(guest, header, "_OBJECT_HEADER.TypeIndex", hidden_index(guest, header, type_index));
	return header + body;
}

unsigned nt_type_index(struct nt_guest *guest, uint64_t type)
{
	return (unsigned)nt_get(guest, type, "_OBJECT_TYPE.Index");
}

uint64_t nt_make_object(struct nt_guest *guest, uint64_t type, size_t body_size)
{
	return make_object(guest, nt_type_index(guest, type), body_size, 0);
}

uint64_t nt_make_named_object(struct nt_guest *guest, uint64_t type, size_t body_size,
			      const char *name, bool others)
{
	unsigned mask = INFO_NAME | (others ? INFO_CREATOR | INFO_HANDLE : 0);
	uint64_t object = make_object(guest, nt_type_index(guest, type), body_size, mask);
	uint64_t header = object - nt_offset(guest, "_OBJECT_HEADER.Body");
	uint64_t info = header - info_size(guest, mask & (INFO_NAME | INFO_CREATOR));

	nt_put_string(guest, info + nt_offset(guest, "_OBJECT_HEADER_NAME_INFO.Name"), name);
	return object;
}

uint64_t nt_type(struct nt_guest *guest, const char *name, const char key[4])
{
	unsigned index = NT_FIRST_TYPE + guest->n_types++;
	/* a type is itself an object of the first type, "Type" */
	uint64_t type = make_object(guest, NT_FIRST_TYPE, nt_size(guest, "_OBJECT_TYPE"), 0);
	uint32_t tag;

	memcpy(&tag, key, sizeof(tag));
	nt_put(guest, type, "_OBJECT_TYPE.Index", index);
	nt_put(guest, type, "_OBJECT_TYPE.Key", tag);
	nt_put_string(guest, type + nt_offset(guest, "_OBJECT_TYPE.Name"), name);
	nt_write_pointer(guest, nt_symbol(guest, "ObTypeIndexTable") + index * pointer_size(guest),
			 type);
	return type;
}

/* Handles ---------------------------------------------------------------------------------------*/

void nt_make_handles(struct nt_guest *guest, const struct nt_process *process, unsigned levels)
{
	uint64_t table = nt_object(guest, nt_size(guest, "_HANDLE_TABLE"));

	nt_put(guest, table, "_HANDLE_TABLE.TableCode", nt_pages(guest, 1) | (levels - 1));
	nt_put(guest, process->address, "_EPROCESS.ObjectTable", table);
}

/** The table that a pointer leads to, made where it lacks. */
static uint64_t next_table(struct nt_guest *guest, uint64_t pointer)
{
	uint64_t table = 0;

	memcpy(&table, nt_at(guest, pointer), pointer_size(guest));
	if (!table) {
		table = nt_pages(guest, 1);
		nt_write_pointer(guest, pointer, table);
	}
	return table;
}

uint64_t nt_handle_entry(struct nt_guest *guest, const struct nt_process *process, uint64_t handle)
{
	uint64_t entry_size = nt_size(guest, "_HANDLE_TABLE_ENTRY");
	uint64_t entries = MOCK_PAGE / entry_size, pointers = MOCK_PAGE / pointer_size(guest);
	uint64_t index = handle / 4,
		 table = nt_get(guest, process->address, "_EPROCESS.ObjectTable");
	uint64_t code = nt_get(guest, table, "_HANDLE_TABLE.TableCode"), at = code & ~UINT64_C(3);

	if ((code & 3) == 2)
		at = next_table(guest, at + index / (entries * pointers) * pointer_size(guest));
	if ((code & 3) >= 1)
		at = next_table(guest, at + index / entries % pointers * pointer_size(guest));
	return at + index % entries * entry_size;
}

void nt_put_handle(struct nt_guest *guest, const struct nt_process *process, uint64_t handle,
		   uint64_t object)
{
	uint64_t entry = nt_handle_entry(guest, process, handle);
	uint64_t header = object ? object - nt_offset(guest, "_OBJECT_HEADER.Body") : 0;

	if (!nt_has(guest, "_HANDLE_TABLE_ENTRY.ObjectPointerBits")) {
		nt_write_pointer(guest, entry, header ? header | ENTRY_UNLOCKED : 0);
		return;
	}
	/* headers are at multiples of 16, or of 8 where pointers have 32 bits: that is left out */
	nt_put(guest, entry, "_HANDLE_TABLE_ENTRY.Unlocked", object != 0);
	nt_put(guest, entry, "_HANDLE_TABLE_ENTRY.Attributes", object ? 3 : 0);
	nt_put(guest, entry, "_HANDLE_TABLE_ENTRY.ObjectPointerBits",
	       header >> (guest->is_64 ? 4 : 3));
}

/* Processes -------------------------------------------------------------------------------------*/

/** Tables of its own, with the kernel's half of the address space. */
static struct wv_paging new_tables(struct nt_guest *guest)
{
	struct wv_paging paging = { .mode = guest->paging.mode, .root = mock_page(&guest->mock) };
	uint64_t *table = mock_at(&guest->mock, paging.root);
	const uint64_t *kernels = mock_at(&guest->mock, guest->paging.root);
	unsigned half = guest->is_64 ? 256 : 2;

	memcpy(table + half, kernels + half, half * sizeof(*table));
	return paging;
}

static void make_thread(struct nt_guest *guest, struct nt_process *process, uint32_t tid)
{
	process->thread = make_object(guest, NT_FIRST_TYPE + 2, nt_size(guest, "_ETHREAD"), 0);
	nt_put(guest, process->thread, "_ETHREAD.Cid.UniqueProcess", tid - 1);
	nt_put(guest, process->thread, "_ETHREAD.Cid.UniqueThread", tid);
	nt_put(guest, process->thread, "_KTHREAD.Process", process->address);
	nt_put(guest, process->thread, "_KTHREAD.ApcState.Process", process->address);
	process->stack = nt_pages(guest, STACK_SIZE / MOCK_PAGE) + STACK_SIZE - 0x100;
}

/** Puts the process at the end of the list, which is a ring through its head. */
static void link_process(struct nt_guest *guest, uint64_t process)
{
	uint64_t head = nt_symbol(guest, "PsActiveProcessHead"), last = head;
	uint64_t links = nt_offset(guest, "_EPROCESS.ActiveProcessLinks");

	if (guest->n_processes)
		last = guest->processes[guest->n_processes - 1].address + links;
	nt_put(guest, last, "_LIST_ENTRY.Flink", process + links);
	nt_put(guest, process + links, "_LIST_ENTRY.Blink", last);
	nt_put(guest, process + links, "_LIST_ENTRY.Flink", head);
	nt_put(guest, head, "_LIST_ENTRY.Blink", process + links);
}

void nt_put_short_name(struct nt_guest *guest, const struct nt_process *process, const char *name)
{
	char bytes[15] = "";

	memcpy(bytes, name, MIN(strlen(name), sizeof(bytes)));
	nt_write(guest, process->address + nt_offset(guest, "_EPROCESS.ImageFileName"), bytes,
		 sizeof(bytes));
}

void nt_put_session(struct nt_guest *guest, const struct nt_process *process, uint32_t session)
{
	uint64_t space = nt_object(guest, 64);

	nt_put(guest, space, "_MM_SESSION_SPACE.SessionId", session);
	nt_put(guest, process->address, "_EPROCESS.Session", space);
	if (process->peb)
		nt_write_user(guest, process, process->peb + nt_offset(guest, "_PEB.SessionId"),
			      &session, sizeof(session));
}

static struct nt_process *new_process(struct nt_guest *guest, uint32_t pid, uint32_t parent_pid)
{
	struct nt_process *process = &guest->processes[guest->n_processes];

	g_assert(guest->n_processes < NT_PROCESSES_MAX);
	*process = (struct nt_process){ .paging = new_tables(guest) };
	process->address = make_object(guest, NT_FIRST_TYPE + 1, nt_size(guest, "_EPROCESS"), 0);
	nt_put(guest, process->address, "_KPROCESS.DirectoryTableBase", process->paging.root);
	nt_put(guest, process->address, "_EPROCESS.UniqueProcessId", pid);
	nt_put(guest, process->address, "_EPROCESS.InheritedFromUniqueProcessId", parent_pid);
	link_process(guest, process->address);
	guest->n_processes++;
	make_thread(guest, process, pid + 1);
	nt_make_handles(guest, process, 1);
	return process;
}

static void put_audit_name(struct nt_guest *guest, const struct nt_process *process,
			   const char *path)
{
	uint64_t information = nt_object(guest, nt_size(guest, "_OBJECT_NAME_INFORMATION"));

	nt_put_string(guest, information + nt_offset(guest, "_OBJECT_NAME_INFORMATION.Name"), path);
	nt_put(guest, process->address, "_EPROCESS.SeAuditProcessCreationInfo.ImageFileName",
	       information);
}

struct nt_process *nt_process(struct nt_guest *guest, uint32_t pid, uint32_t parent_pid,
			      const char *path)
{
	struct nt_process *process = new_process(guest, pid, parent_pid);
	g_autofree char *short_name = g_strndup(strrchr(path, '\\') + 1, 14);

	put_audit_name(guest, process, path);
	nt_put_short_name(guest, process, short_name);
	process->peb = guest->is_64 ? UINT64_C(0xd4a1b2c000) : 0x7ffd8000;
	nt_map_user(guest, process, process->peb, MOCK_PAGE);
	nt_put(guest, process->address, "_EPROCESS.Peb", process->peb);
	nt_put_session(guest, process, 1);
	return process;
}

void nt_make_wow64(struct nt_guest *guest, const struct nt_process *process)
{
	const char *member = nt_has(guest, "_EPROCESS.WoW64Process") ? "_EPROCESS.WoW64Process"
								     : "_EPROCESS.Wow64Process";

	nt_put(guest, process->address, member, nt_object(guest, 64));
}

static void use_tables(struct nt_guest *guest, unsigned vcpu, const struct nt_process *process)
{
	mock_use(&guest->mock, vcpu, &process->paging);
}

void nt_attach(struct nt_guest *guest, const struct nt_process *process,
	       const struct nt_process *to)
{
	nt_put(guest, process->thread, "_KTHREAD.ApcState.Process", to->address);
	nt_put(guest, process->thread, "_KTHREAD.ApcStateIndex", to != process);
	for (unsigned i = 0; i < guest->mock.machine.n_vcpus; i++)
		if (guest->running[i] == process)
			use_tables(guest, i, to);
}

/** The process that a thread is attached to, or its own. */
static const struct nt_process *attached(struct nt_guest *guest, const struct nt_process *process)
{
	uint64_t address = nt_get(guest, process->thread, "_KTHREAD.ApcState.Process");

	for (unsigned i = 0; i < guest->n_processes; i++)
		if (guest->processes[i].address == address)
			return &guest->processes[i];
	return process;
}

static void set_segment_bases(struct nt_guest *guest, unsigned vcpu, bool user_mode)
{
	uint64_t *registers = guest->mock.registers[vcpu];
	uint64_t kpcr = guest->kpcr[vcpu];
	uint64_t teb = guest->running[vcpu]->peb + MOCK_PAGE;

	if (guest->is_64) {
		registers[WV_REG_GS_BASE] = user_mode ? teb : kpcr;
		registers[WV_REG_KERNEL_GS_BASE] = user_mode ? kpcr : teb;
		registers[WV_REG_CS] = user_mode ? 0x33 : 0x10;
	} else {
		registers[WV_REG_FS_BASE] = user_mode ? teb : kpcr;
		registers[WV_REG_CS] = user_mode ? 0x1b : 0x08;
	}
}

void nt_run(struct nt_guest *guest, unsigned vcpu, struct nt_process *process)
{
	uint64_t *registers = guest->mock.registers[vcpu];
	uint64_t prcb = guest->kpcr[vcpu] +
			nt_offset(guest, guest->is_64 ? "_KPCR.Prcb" : "_KPCR.PrcbData");

	if (guest->running[vcpu])
		guest->running[vcpu]->stack = registers[WV_REG_RSP];
	guest->running[vcpu] = process;
	use_tables(guest, vcpu, attached(guest, process));
	set_segment_bases(guest, vcpu, false);
	registers[WV_REG_RSP] = process->stack;
	nt_put(guest, prcb, "_KPRCB.CurrentThread", process->thread);
}

void nt_user_mode(struct nt_guest *guest, unsigned vcpu)
{
	set_segment_bases(guest, vcpu, true);
}

void nt_start_system(struct nt_guest *guest)
{
	struct nt_process *system;
	uint64_t cookie;

	if (wv_profile_symbol(guest->profile, "ObHeaderCookie", &cookie))
		*(uint8_t *)nt_at(guest, guest->image + cookie) = 0xa7;
	nt_type(guest, "Type", "ObjT");
	nt_write_pointer(guest, nt_symbol(guest, "PsProcessType"),
			 nt_type(guest, "Process", "Proc"));
	nt_write_pointer(guest, nt_symbol(guest, "PsThreadType"), nt_type(guest, "Thread", "Thre"));
	system = new_process(guest, 4, 0);
	put_audit_name(guest, system, "");
	nt_put_short_name(guest, system, "System");
	nt_write_pointer(guest, nt_symbol(guest, "PsInitialSystemProcess"), system->address);
	for (unsigned i = 0; i < guest->mock.machine.n_vcpus; i++)
		nt_run(guest, i, system);
}

/* Calls -----------------------------------------------------------------------------------------*/

/** What the driver does when the instruction at this address is about to execute. */
static bool execute(struct nt_guest *guest, unsigned vcpu, uint64_t address)
{
	struct wv_machine *machine = &guest->mock.machine;
	struct wv_trap *trap = wv_traps_find(&machine->traps, address);

	if (trap)
		machine->events->trap(machine->owner, vcpu, trap);
	return trap != NULL;
}

/** Where calls of a function return to: some place in the image's code; the same one for services.
 */
static uint64_t return_site(const struct nt_guest *guest, const char *function)
{
	if (g_str_has_prefix(function, "Nt"))
		function = "KiSystemServiceCopyEnd";
	return guest->image + 0x1800 + g_str_hash(function) % 128 * 8;
}

/** Microsoft's x64 convention: four in registers, room for them and the others on the stack. */
static uint64_t pass_64(struct nt_guest *guest, uint64_t *registers, const uint64_t *arguments,
			unsigned n_arguments)
{
	static const enum wv_reg order[] = { WV_REG_RCX, WV_REG_RDX, WV_REG_R8, WV_REG_R9 };
	unsigned words = MAX(n_arguments, 4u);
	uint64_t home = registers[WV_REG_RSP] - FRAME - words * 8;

	for (unsigned i = 0; i < n_arguments; i++) {
		if (i < 4)
			registers[order[i]] = arguments[i];
		else
			nt_write_pointer(guest, home + i * 8, arguments[i]);
	}
	return home;
}

/** stdcall: all on the stack, the first at the lowest address. */
static uint64_t pass_32(struct nt_guest *guest, uint64_t *registers, const uint64_t *arguments,
			unsigned n_arguments)
{
	uint64_t first = registers[WV_REG_RSP] - FRAME - n_arguments * 4;

	for (unsigned i = 0; i < n_arguments; i++)
		nt_write_pointer(guest, first + i * 4, arguments[i]);
	return first;
}

bool nt_call(struct nt_guest *guest, unsigned vcpu, const char *function, const uint64_t *arguments,
	     unsigned n_arguments)
{
	uint64_t *registers = guest->mock.registers[vcpu];
	struct nt_process *process = guest->running[vcpu];
	struct nt_frame *frame = &process->frames[process->depth++];
	uint64_t above =
		(guest->is_64 ? pass_64 : pass_32)(guest, registers, arguments, n_arguments);

	g_assert(process->depth < NT_DEPTH_MAX);
	*frame = (struct nt_frame){
		.entry = above - pointer_size(guest),
		.before = registers[WV_REG_RSP],
		.popped = guest->is_64 ? 0 : n_arguments * 4,
	};
	nt_write_pointer(guest, frame->entry, return_site(guest, function));
	registers[WV_REG_RSP] = frame->entry;
	return execute(guest, vcpu, nt_symbol(guest, function));
}

void nt_leave(struct nt_guest *guest, unsigned vcpu)
{
	struct nt_process *process = guest->running[vcpu];

	g_assert(process->depth > 0);
	guest->mock.registers[vcpu][WV_REG_RSP] = process->frames[--process->depth].before;
}

bool nt_return(struct nt_guest *guest, unsigned vcpu, uint64_t result)
{
	uint64_t *registers = guest->mock.registers[vcpu];
	struct nt_process *process = guest->running[vcpu];
	const struct nt_frame *frame;
	uint64_t site = 0;
	bool trapped;

	g_assert(process->depth > 0);
	frame = &process->frames[--process->depth];
	memcpy(&site, nt_at(guest, frame->entry), pointer_size(guest));
	registers[WV_REG_RAX] = result;
	registers[WV_REG_RSP] = frame->entry + pointer_size(guest) + frame->popped;
	trapped = execute(guest, vcpu, site);
	registers[WV_REG_RSP] = frame->before;
	return trapped;
}

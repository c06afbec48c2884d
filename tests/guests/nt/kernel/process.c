// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes: EPROCESS with its lists, tables and names. */
#include "process.h"
#include "boot_info.h"
#include "handle.h"
#include "insert.h"
#include "memory.h"
#include "object.h"
#include "pool.h"
#include "truth.h"
#include "user.h"

#define PRIVILEGES     0x0000000602b80000ull /* of an ordinary program: by their numbers' bits */
#define OBJECT_PROCESS 3		     /* the kernel's own types of dispatcher objects */

struct _EPROCESS *wv_idle_process;
static struct wv_lock lists;
#ifdef HAS_PsIdleProcess
extern struct _EPROCESS *PsIdleProcess;
#endif
#ifdef HAS_ObpKernelHandleTable
extern struct _HANDLE_TABLE *ObpKernelHandleTable;
#endif

struct wv_process_info *wv_process_info(struct _EPROCESS *process)
{
	return (void *)((u8 *)process + ((SIZE__EPROCESS + 15) & ~15));
}

static void set_names(struct _EPROCESS *process, const struct wv_process_plan *plan)
{
	struct _OBJECT_NAME_INFORMATION *name =
		wv_pool_take(POOL_PAGED, sizeof(*name), TAG('S', 'e', 'P', 'a'));
	struct wv_process_info *info = wv_process_info(process);

	for (unsigned i = 0; plan->name[i] && i < 14; i++)
		((char *)process->ImageFileName)[i] = info->image[i] = plan->name[i];
	if (plan->path) {
		wv_string_wide(&name->Name, plan->path);
		info->path = name->Name;
	} else {
		wv_string(&info->path, plan->name);
	}
	process->SeAuditProcessCreationInfo.ImageFileName = name;
}

static void set_token(struct _EPROCESS *process, int session)
{
	struct _TOKEN *token = wv_object_create(WV_TOKEN, SIZE__TOKEN, NULL);

	token->SessionId = (u32)session;
	token->Privileges.Present = PRIVILEGES;
	token->Privileges.EnabledByDefault = token->Privileges.Enabled = 1u << 23;
	/* A fast reference: the low bits count. */
	process->Token.Object = (void *)((word)token | (WV_POINTER == 8 ? 11 : 5));
}

static void set_session(struct _EPROCESS *process, int session)
{
	static struct _MM_SESSION_SPACE *spaces[8];

	if (session < 0)
		return;
	if (!spaces[session]) {
		spaces[session] = wv_kernel_pages((SIZE__MM_SESSION_SPACE + PAGE - 1) / PAGE);
		spaces[session]->SessionId = (u32)session;
		spaces[session]->ReferenceCount = 1;
		wv_list_init(&spaces[session]->ProcessList);
	}
	process->Session = (void *)spaces[session];
	wv_take(&lists);
	wv_list_add(&spaces[session]->ProcessList, &process->SessionProcessLinks);
	wv_release(&lists);
}

static struct wv_spares spares;

void wv_process_recycle(struct _EPROCESS *process)
{
	wv_spare_put(&spares, process);
}

/* One that was deleted keeps its page tables, too. */
static struct _EPROCESS *new_object(void)
{
	size_t size = SIZE__EPROCESS + 16 + sizeof(struct wv_process_info);
	struct _EPROCESS *process = wv_spare_take(&spares);
	u64 root;

	if (process) {
		root = wv_process_info(process)->root;
		memset(process, 0, size);
		wv_clear_space(root);
	} else {
		process = wv_object_create(WV_PROCESS, size, NULL);
		root = wv_new_space();
	}
	wv_process_info(process)->root = root;
	return process;
}

static void fill(struct _EPROCESS *process, const struct wv_process_plan *plan)
{
	struct wv_process_info *info = wv_process_info(process);

	info->session = plan->session;
	info->is_32bit = plan->is_32bit || WV_POINTER == 4;
	info->heap = USER_HEAP;
	process->Pcb.Header.Type = OBJECT_PROCESS;
	process->Pcb.DirectoryTableBase = (word)info->root;
	wv_list_init(&process->Pcb.Header.WaitListHead);
	wv_list_init(&process->Pcb.ThreadListHead);
	wv_list_init(&process->ThreadListHead);
	process->UniqueProcessId = (void *)plan->id;
	process->InheritedFromUniqueProcessId = (void *)plan->parent;
	process->ExitStatus = 0x103;
	process->CreateTime.QuadPart = 0x1d0000000000000 + (long long)plan->id * 10000000;
	set_names(process, plan);
}

struct _EPROCESS *wv_process_create(const struct wv_process_plan *plan)
{
	struct _EPROCESS *process = new_object();
	struct wv_process_info *info;

	fill(process, plan);
	info = wv_process_info(process);
	if (!plan->id) {
		wv_idle_process = process;
#ifdef HAS_PsIdleProcess
		PsIdleProcess = process;
#endif
		return process;
	}
	set_token(process, plan->session);
	set_session(process, plan->session);
	process->ObjectTable = wv_handle_table(process);
	/* A pointer in one build, a number in another. */
	*(u32 *)&process->ObjectTable->UniqueProcessId = (u32)plan->id;
	wv_id_put(plan->id, process);
	if (!PsActiveProcessHead.Flink)
		wv_list_init(&PsActiveProcessHead);
	wv_take(&lists);
	wv_list_add(&PsActiveProcessHead, &process->ActiveProcessLinks);
	wv_release(&lists);
	info->listed = true;
	if (!PsInitialSystemProcess) {
		PsInitialSystemProcess = process;
#ifdef HAS_ObpKernelHandleTable
		ObpKernelHandleTable = process->ObjectTable;
#endif
	}
	if (plan->session >= 0)
		wv_user_memory(process, plan);
	return process;
}

void wv_process_forget(struct _EPROCESS *process)
{
	wv_take(&lists);
	wv_list_remove(&process->ActiveProcessLinks);
	wv_list_remove(&process->SessionProcessLinks);
	wv_list_init(&process->SessionProcessLinks);
	wv_process_info(process)->listed = false;
	wv_release(&lists);
}

NTAPI ntstatus wv_PspInsertProcess(struct _EPROCESS *process, struct _EPROCESS *parent, u32 access,
				   u32 flags)
{
	struct wv_call call = wv_enter("PspInsertProcess");

	(void)parent;
	(void)access;
	(void)flags;
	if (wv_fact_call(&call)) {
		wv_fact_hex("process", (word)process);
		wv_fact_int("process_pid", (long long)(word)process->UniqueProcessId);
		wv_fact_end();
	}
	return STATUS_SUCCESS;
}

void wv_tell_new_process(struct _EPROCESS *process, u64 born)
{
	if (!wv_is_told())
		return;
	wv_tell_process(process, born);
	wv_tell_modules(process);
}

void wv_tell_process(struct _EPROCESS *process, u64 born)
{
	struct wv_process_info *info = wv_process_info(process);

	wv_fact("process");
	wv_fact_int("born", (long long)born);
	wv_fact_int("pid", (long long)(word)process->UniqueProcessId);
	wv_fact_int("ppid", (long long)(word)process->InheritedFromUniqueProcessId);
	wv_fact_int("session", info->session);
	wv_fact_wide("path", &info->path);
	wv_fact_text("image", info->image);
	wv_fact_hex("cr3", info->root);
	wv_fact_hex("address", (word)process);
	wv_fact_int("bitness", info->is_32bit ? 32 : 64);
	wv_fact_bool("listed", info->listed);
	wv_fact_end();
}

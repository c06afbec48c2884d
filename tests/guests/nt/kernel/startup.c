// SPDX-License-Identifier: GPL-2.0-or-later
/* The order in which the kernel comes up, from the loader's jump to the first thread. */
#include "boot_info.h"
#include "channel.h"
#include "cpu.h"
#include "directory.h"
#include "memory.h"
#include "object.h"
#include "process.h"
#include "scenario.h"
#include "schedule.h"
#include "service.h"
#include "truth.h"
#include "user.h"

struct wv_boot wv_boot;
static struct _ETHREAD *idle_threads[MAX_CPUS];

extern struct _KPRCB *KiProcessorBlock[];
extern u8 KeNumberProcessors;
extern u32 NtBuildNumber;
#ifdef HAS_PsNtosImageBase
extern word PsNtosImageBase;
#endif
#ifdef HAS_NtBuildLab
extern char NtBuildLab[];
#endif

/* An idle thread is no object of its own in any table, and has the id 0. */
static struct _ETHREAD *new_idle_thread(void)
{
	struct _ETHREAD *thread = wv_object_create(
		WV_THREAD, SIZE__ETHREAD + 16 + sizeof(struct wv_thread_info), NULL);

	wv_thread_init(thread, wv_idle_process, 0);
	return thread;
}

static void describe_image(void)
{
	u8 *header = (u8 *)(word)wv_boot.image_base;
	u8 *optional = header + *(u32 *)(header + 60) + 24;

	/* As Windows' loader does: the header says where the image is. */
	*(word *)(optional + (WV_POINTER == 8 ? 24 : 28)) = (word)wv_boot.image_base;
	NtBuildNumber = 0xf0000000 | WV_OS_BUILD;
#ifdef HAS_PsNtosImageBase
	PsNtosImageBase = (word)wv_boot.image_base;
#endif
#ifdef HAS_NtBuildLab
	memcpy(NtBuildLab, "wyvern.test.guest", sizeof("wyvern.test.guest"));
#endif
}

void wv_cpu_started(unsigned number)
{
	wv_cpu_init(number, idle_threads[number]);
	wv_set_cr3(wv_process_info(wv_idle_process)->root);
	__atomic_add_fetch(&wv_cpu_count, 1, __ATOMIC_SEQ_CST);
	wv_idle();
}

word wv_idle_stack(unsigned number)
{
	return wv_thread_info(idle_threads[number])->stack_top;
}

/* Called by assembly on a stack in the image. */
void wv_startup(struct wv_boot *boot)
{
	static const struct wv_process_plan idle = { .name = "Idle", .session = -1 };

	/* No device may interrupt: both interrupt controllers are masked. */
	wv_outb(0x21, 0xff);
	wv_outb(0xa1, 0xff);
	wv_boot = *boot;
	if (wv_boot.cpus > MAX_CPUS)
		wv_boot.cpus = MAX_CPUS;
	wv_draw_seed(wv_boot.seed);
	wv_memory_init();
	wv_channel_init();
	for (unsigned i = 0; i < wv_boot.cpus; i++)
		wv_cpu_prepare(i);
	describe_image();
	wv_objects_init();
	wv_directories_init();
#if WV_POINTER == 4
	wv_share_data();
#endif
	wv_process_create(&idle);
	for (unsigned i = 0; i < wv_boot.cpus; i++) {
		idle_threads[i] = new_idle_thread();
		KiProcessorBlock[i] = &wv_pcrs[i]->PCR_PRCB;
	}
	KeNumberProcessors = (u8)wv_boot.cpus;
	wv_cpu_init(0, idle_threads[0]);
	wv_cpu_count = 1;
	wv_services_init();
	wv_scenario_start();
	wv_start_cpus();
	wv_set_cr3(wv_process_info(wv_idle_process)->root);
	wv_run_on(wv_idle_stack(0), wv_idle);
}

/* What stands behind the build's functions that the guest does not have. */
void wv_unimplemented(void)
{
	wv_broken("a function that the guest does not have was called");
}

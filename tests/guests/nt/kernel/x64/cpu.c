// SPDX-License-Identifier: GPL-2.0-or-later
/* A 64-bit CPU: KPCR by GS, descriptor tables in the order of Windows, the system-call registers.
 */
#include "cpu.h"
#include "boot_info.h"
#include "memory.h"
#include "process.h"
#include "truth.h"

#define MSR_STAR	   0xc0000081u
#define MSR_LSTAR	   0xc0000082u
#define MSR_CSTAR	   0xc0000083u
#define MSR_SFMASK	   0xc0000084u
#define MSR_FS_BASE	   0xc0000100u
#define MSR_GS_BASE	   0xc0000101u
#define MSR_KERNEL_GS_BASE 0xc0000102u

/* IF, TF, DF, NT, AC and the like: cleared on a system call, as Windows has it. */
#define SYSCALL_FLAGS_CLEARED 0x4700u

struct _KPCR *wv_pcrs[MAX_CPUS];
unsigned wv_cpu_count;

extern void KiDivideErrorFault(void), KiDebugTrapOrFault(void), KiBreakpointTrap(void),
	KiOverflowTrap(void), KiBoundFault(void), KiInvalidOpcodeFault(void),
	KiNpxNotAvailableFault(void), KiDoubleFaultAbort(void), KiInvalidTssFault(void),
	KiSegmentNotPresentFault(void), KiStackFault(void), KiGeneralProtectionFault(void),
	KiPageFault(void), KiFloatingErrorFault(void), KiAlignmentFault(void), KiSystemCall64(void),
	KiSystemCall32(void), KiXmmException(void);

static const struct wv_vector vectors[] = {
	{ 0, 0, KiDivideErrorFault },	  { 1, 0, KiDebugTrapOrFault },
	{ 3, 3, KiBreakpointTrap },	  { 4, 3, KiOverflowTrap },
	{ 5, 0, KiBoundFault },		  { 6, 0, KiInvalidOpcodeFault },
	{ 7, 0, KiNpxNotAvailableFault }, { 8, 0, KiDoubleFaultAbort },
	{ 10, 0, KiInvalidTssFault },	  { 11, 0, KiSegmentNotPresentFault },
	{ 12, 0, KiStackFault },	  { 13, 0, KiGeneralProtectionFault },
	{ 14, 0, KiPageFault },		  { 16, 0, KiFloatingErrorFault },
	{ 17, 0, KiAlignmentFault },	  { 19, 0, KiXmmException },
};

struct tables {
	u64 gdt[16];
	u64 idt[2 * 256];
	u32 tss[26];
	u16 padding;
} __attribute__((aligned(16)));

static void write_msr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)));
}

static void set_gate(u64 *idt, unsigned number, void *entry, unsigned dpl, unsigned stack)
{
	u64 address = (u64)entry;

	idt[2 * number] = (address & 0xffff) | (u64)SELECTOR_KERNEL_CODE << 16 | (u64)stack << 32 |
			  (u64)(0x8e | dpl << 5) << 40 | (address >> 16 & 0xffff) << 48;
	idt[2 * number + 1] = address >> 32;
}

static void fill_tables(struct tables *tables)
{
	u64 tss = (u64)tables->tss;
	u64 stack = (u64)wv_kernel_pages_fenced(2) + 2 * PAGE;

	tables->gdt[2] = 0x00209b0000000000;
	tables->gdt[3] = 0x00cf93000000ffff;
	tables->gdt[4] = 0x00cffb000000ffff;
	tables->gdt[5] = 0x00cff3000000ffff;
	tables->gdt[6] = 0x0020fb0000000000;
	tables->gdt[8] = 0x67 | (tss & 0xffffff) << 16 | 0x89ull << 40 | (tss >> 24 & 0xff) << 56;
	tables->gdt[9] = tss >> 32;
	tables->gdt[10] = 0x0040f30000003c00;
	for (unsigned i = 0; i < COUNT_OF(vectors); i++)
		set_gate(tables->idt, vectors[i].number, vectors[i].entry, vectors[i].dpl,
			 vectors[i].number == 8);
	/* IST 1: the double fault's own stack. */
	tables->tss[9] = (u32)stack;
	tables->tss[10] = (u32)(stack >> 32);
	tables->tss[25] = 0x68 << 16;
}

static void load_tables(const struct tables *tables)
{
	struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) gdtr = { sizeof(tables->gdt) - 1, (u64)tables->gdt },
				  idtr = { sizeof(tables->idt) - 1, (u64)tables->idt };

	__asm__ volatile("lgdt %0\n\t"
			 "lidt %1\n\t"
			 "pushq %2\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n"
			 "1:\tmovw %w3, %%ds\n\t"
			 "movw %w3, %%es\n\t"
			 "movw %w4, %%fs\n\t"
			 "movw %w3, %%gs\n\t"
			 "movw $0x18, %%ax\n\t"
			 "movw %%ax, %%ss\n\t"
			 "ltr %w5"
			 :
			 : "m"(gdtr), "m"(idtr), "i"(SELECTOR_KERNEL_CODE), "r"(SELECTOR_USER_DATA),
			   "r"(SELECTOR_TEB), "r"(SELECTOR_TSS)
			 : "rax", "memory");
}

void wv_cpu_prepare(unsigned number)
{
	struct _KPCR *pcr;

#ifdef HAS_KiInitialPCR
	extern struct _KPCR KiInitialPCR;

	pcr = number ? wv_kernel_pages((SIZE__KPCR + PAGE - 1) / PAGE) : &KiInitialPCR;
#else
	pcr = wv_kernel_pages((SIZE__KPCR + PAGE - 1) / PAGE);
#endif
	wv_pcrs[number] = pcr;
	pcr->Self = pcr;
	pcr->CurrentPrcb = &pcr->Prcb;
	pcr->MajorVersion = 1;
	pcr->MinorVersion = 1;
	pcr->Prcb.MajorVersion = 1;
	pcr->Prcb.MinorVersion = 1;
	pcr->Prcb.Number = number;
	pcr->Prcb.MxCsr = 0x1f80;
}

void wv_cpu_init(unsigned number, struct _ETHREAD *idle)
{
	struct _KPCR *pcr = wv_pcrs[number];
	struct tables *tables = wv_kernel_pages((sizeof(*tables) + PAGE - 1) / PAGE);
	struct _KSPECIAL_REGISTERS *registers = &pcr->Prcb.ProcessorState.SpecialRegisters;

	fill_tables(tables);
	pcr->GdtBase = (void *)tables->gdt;
	pcr->IdtBase = (void *)tables->idt;
	pcr->TssBase = (void *)tables->tss;
	load_tables(tables);
	write_msr(MSR_GS_BASE, (u64)pcr);
	write_msr(MSR_STAR, (u64)(SELECTOR_USER_32) << 48 | (u64)SELECTOR_KERNEL_CODE << 32);
	write_msr(MSR_LSTAR, (u64)KiSystemCall64);
	write_msr(MSR_CSTAR, (u64)KiSystemCall32);
	write_msr(MSR_SFMASK, SYSCALL_FLAGS_CLEARED);
	registers->Cr3 = wv_cr3();
	registers->MsrLStar = (u64)KiSystemCall64;
	registers->MsrCStar = (u64)KiSystemCall32;
	registers->MsrGsBase = (u64)pcr;
	registers->Idtr.Base = (void *)tables->idt;
	registers->Idtr.Limit = sizeof(tables->idt) - 1;
	registers->Gdtr.Base = (void *)tables->gdt;
	registers->Gdtr.Limit = sizeof(tables->gdt) - 1;
	registers->Tr = SELECTOR_TSS;
	pcr->Prcb.CurrentThread = &idle->Tcb;
	pcr->Prcb.IdleThread = &idle->Tcb;
}

void wv_cpu_enter_thread(struct _ETHREAD *thread, word kernel_stack, word teb, bool is_32bit)
{
	struct _KPCR *pcr = wv_pcr();
	u32 *tss = (u32 *)pcr->TssBase;

	pcr->Prcb.CurrentThread = &thread->Tcb;
	pcr->Prcb.RspBase = kernel_stack;
	tss[1] = (u32)kernel_stack;
	tss[2] = (u32)(kernel_stack >> 32);
	write_msr(MSR_KERNEL_GS_BASE, teb);
	pcr->NtTib.Self = (void *)teb;
	/* A WoW64 process has its 32-bit TEB two pages behind the 64-bit one. */
	write_msr(MSR_FS_BASE, is_32bit ? teb + 2 * PAGE : 0);
}

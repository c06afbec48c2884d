// SPDX-License-Identifier: GPL-2.0-or-later
/* A 32-bit CPU: KPCR by FS, descriptor tables in the order of Windows, the SYSENTER registers. */
#include "cpu.h"
#include "boot_info.h"
#include "memory.h"
#include "process.h"
#include "truth.h"

#define MSR_SYSENTER_CS	 0x174u
#define MSR_SYSENTER_ESP 0x175u
#define MSR_SYSENTER_EIP 0x176u
#define V86_SEGMENTS	 16 /* what a trap frame has above the stack's first word */

struct _KPCR *wv_pcrs[MAX_CPUS];
unsigned wv_cpu_count;

extern void KiTrap00(void), KiTrap01(void), KiTrap03(void), KiTrap04(void), KiTrap05(void),
	KiTrap06(void), KiTrap07(void), KiTrap08(void), KiTrap0A(void), KiTrap0B(void),
	KiTrap0C(void), KiTrap0D(void), KiTrap0E(void), KiTrap10(void), KiTrap11(void),
	KiTrap13(void), KiFastCallEntry(void);

static const struct wv_vector vectors[] = {
	{ 0, 0, KiTrap00 },  { 1, 0, KiTrap01 },  { 3, 3, KiTrap03 },  { 4, 3, KiTrap04 },
	{ 5, 0, KiTrap05 },  { 6, 0, KiTrap06 },  { 7, 0, KiTrap07 },  { 8, 0, KiTrap08 },
	{ 10, 0, KiTrap0A }, { 11, 0, KiTrap0B }, { 12, 0, KiTrap0C }, { 13, 0, KiTrap0D },
	{ 14, 0, KiTrap0E }, { 16, 0, KiTrap10 }, { 17, 0, KiTrap11 }, { 19, 0, KiTrap13 },
};

struct tables {
	u64 gdt[16];
	u64 idt[256];
	u32 tss[26];
} __attribute__((aligned(16)));

static void write_msr(u32 msr, u32 value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"(value), "d"(0));
}

/* A descriptor for a page-granular or byte-granular segment, at a base. */
static u64 descriptor(u64 type, u32 base)
{
	return type | (u64)(base & 0xffffff) << 16 | (u64)(base >> 24) << 56;
}

static void fill_tables(struct tables *tables, struct _KPCR *pcr)
{
	tables->gdt[1] = 0x00cf9b000000ffff;
	tables->gdt[2] = 0x00cf93000000ffff;
	tables->gdt[3] = 0x00cffb000000ffff;
	tables->gdt[4] = 0x00cff3000000ffff;
	tables->gdt[5] = descriptor(0x0000890000000067, (u32)tables->tss);
	tables->gdt[6] = descriptor(0x00c0930000000003, (u32)pcr);
	tables->gdt[7] = descriptor(0x0040f30000000fff, 0);
	for (unsigned i = 0; i < COUNT_OF(vectors); i++) {
		u32 entry = (u32)vectors[i].entry;

		tables->idt[vectors[i].number] =
			(entry & 0xffff) | (u32)SELECTOR_KERNEL_CODE << 16 |
			(u64)(0x8e | vectors[i].dpl << 5) << 40 | (u64)(entry >> 16) << 48;
	}
	tables->tss[2] = SELECTOR_KERNEL_DATA;
	tables->tss[25] = 0x68 << 16;
}

static void load_tables(const struct tables *tables)
{
	struct {
		u16 limit;
		u32 base;
	} __attribute__((packed)) gdtr = { sizeof(tables->gdt) - 1, (u32)tables->gdt },
				  idtr = { sizeof(tables->idt) - 1, (u32)tables->idt };

	__asm__ volatile("lgdt %0\n\t"
			 "lidt %1\n\t"
			 "ljmp %2, $1f\n"
			 "1:\tmovw %w3, %%ds\n\t"
			 "movw %w3, %%es\n\t"
			 "movw %w4, %%fs\n\t"
			 "movw %w5, %%ss\n\t"
			 "ltr %w6"
			 :
			 : "m"(gdtr), "m"(idtr), "i"(SELECTOR_KERNEL_CODE), "r"(SELECTOR_USER_DATA),
			   "r"(SELECTOR_PCR), "r"(SELECTOR_KERNEL_DATA), "r"(SELECTOR_TSS)
			 : "memory");
}

void wv_cpu_prepare(unsigned number)
{
	extern struct _KPCR KiInitialPCR;
	struct _KPCR *pcr =
		number ? wv_kernel_pages((SIZE__KPCR + PAGE - 1) / PAGE) : &KiInitialPCR;

	wv_pcrs[number] = pcr;
	pcr->SelfPcr = pcr;
	pcr->Prcb = &pcr->PrcbData;
	pcr->MajorVersion = 1;
	pcr->MinorVersion = 1;
	pcr->Number = (u8)number;
	pcr->PrcbData.MajorVersion = 1;
	pcr->PrcbData.MinorVersion = 1;
	pcr->PrcbData.Number = number;
}

void wv_cpu_init(unsigned number, struct _ETHREAD *idle)
{
	struct _KPCR *pcr = wv_pcrs[number];
	struct tables *tables = wv_kernel_pages((sizeof(*tables) + PAGE - 1) / PAGE);
	struct _KSPECIAL_REGISTERS *registers = &pcr->PrcbData.ProcessorState.SpecialRegisters;

	fill_tables(tables, pcr);
	pcr->GDT = tables->gdt;
	pcr->IDT = tables->idt;
	pcr->TSS = tables->tss;
	load_tables(tables);
	write_msr(MSR_SYSENTER_CS, SELECTOR_KERNEL_CODE);
	/* Left at once for the thread's own stack. */
	write_msr(MSR_SYSENTER_ESP, (u32)wv_kernel_pages_fenced(1) + PAGE);
	write_msr(MSR_SYSENTER_EIP, (u32)KiFastCallEntry);
	registers->Cr3 = (u32)wv_cr3();
	registers->Idtr.Base = (u32)tables->idt;
	registers->Idtr.Limit = sizeof(tables->idt) - 1;
	registers->Gdtr.Base = (u32)tables->gdt;
	registers->Gdtr.Limit = sizeof(tables->gdt) - 1;
	registers->Tr = SELECTOR_TSS;
	pcr->PrcbData.CurrentThread = &idle->Tcb;
	pcr->PrcbData.IdleThread = &idle->Tcb;
}

void wv_cpu_enter_thread(struct _ETHREAD *thread, word kernel_stack, word teb, bool is_32bit)
{
	struct _KPCR *pcr = wv_pcr();

	(void)is_32bit;
	pcr->PrcbData.CurrentThread = &thread->Tcb;
	((u32 *)pcr->TSS)[1] = kernel_stack - V86_SEGMENTS;
	((u64 *)pcr->GDT)[7] = descriptor(0x0040f30000000fff, teb);
	pcr->NtTib.Self = (void *)teb;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every file of the NT guest's kernel uses: numbers, Windows' constants, small functions.
 * Structures are those of the build's layout (types.h, generated); a member or symbol that not
 * every build has is guarded by OFF_<type>_<member> or HAS_<symbol> (offsets.h, generated).
 */
#ifndef WV_NT_H
#define WV_NT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offsets.h"
#include "types.h"

struct _KEXCEPTION_FRAME; /* no build for 32 bits has one */

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef uintptr_t word;
typedef uint32_t ntstatus;

#if WV_POINTER == 8
#define NTAPI
#else
#define NTAPI __attribute__((stdcall))
#endif

#define PAGE 4096u

#define STATUS_SUCCESS		       0x00000000u
#define STATUS_TIMEOUT		       0x00000102u
#define STATUS_NOT_ALL_ASSIGNED	       0x00000106u
#define STATUS_OBJECT_NAME_EXISTS      0x40000000u
#define STATUS_BUFFER_OVERFLOW	       0x80000005u
#define STATUS_BREAKPOINT	       0x80000003u
#define STATUS_SINGLE_STEP	       0x80000004u
#define STATUS_UNSUCCESSFUL	       0xc0000001u
#define STATUS_NOT_IMPLEMENTED	       0xc0000002u
#define STATUS_CONFLICTING_ADDRESSES   0xc0000018u
#define STATUS_ACCESS_VIOLATION	       0xc0000005u
#define STATUS_INFO_LENGTH_MISMATCH    0xc0000004u
#define STATUS_INVALID_INFO_CLASS      0xc0000003u
#define STATUS_INVALID_HANDLE	       0xc0000008u
#define STATUS_INVALID_CID	       0xc000000bu
#define STATUS_INVALID_PARAMETER       0xc000000du
#define STATUS_INVALID_DEVICE_REQUEST  0xc0000010u
#define STATUS_END_OF_FILE	       0xc0000011u
#define STATUS_INVALID_SYSTEM_SERVICE  0xc000001cu
#define STATUS_ILLEGAL_INSTRUCTION     0xc000001du
#define STATUS_ACCESS_DENIED	       0xc0000022u
#define STATUS_BUFFER_TOO_SMALL	       0xc0000023u
#define STATUS_OBJECT_TYPE_MISMATCH    0xc0000024u
#define STATUS_OBJECT_NAME_INVALID     0xc0000033u
#define STATUS_OBJECT_NAME_NOT_FOUND   0xc0000034u
#define STATUS_OBJECT_NAME_COLLISION   0xc0000035u
#define STATUS_OBJECT_PATH_NOT_FOUND   0xc000003au
#define STATUS_INVALID_PAGE_PROTECTION 0xc0000045u
#define STATUS_THREAD_IS_TERMINATING   0xc000004bu
#define STATUS_DELETE_PENDING	       0xc0000056u
#define STATUS_INTEGER_DIVIDE_BY_ZERO  0xc0000094u
#define STATUS_INTEGER_OVERFLOW	       0xc0000095u
#define STATUS_PRIVILEGED_INSTRUCTION  0xc0000096u
#define STATUS_INSUFFICIENT_RESOURCES  0xc000009au
#define STATUS_FILE_IS_A_DIRECTORY     0xc00000bau
#define STATUS_CANT_TERMINATE_SELF     0xc00000dbu
#define STATUS_DIRECTORY_NOT_EMPTY     0xc0000101u
#define STATUS_NOT_A_DIRECTORY	       0xc0000103u
#define STATUS_PROCESS_IS_TERMINATING  0xc000010au
#define STATUS_CANNOT_DELETE	       0xc0000121u

#define KERNEL_MODE 0
#define USER_MODE   1

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

void *memset(void *to, int value, size_t size);
void *memcpy(void *to, const void *from, size_t size);

size_t wv_length(const char *text);
bool wv_same(const char *a, const char *b);

/* A number that looks random, below limit; each call draws another. */
u32 wv_draw(u32 limit);
void wv_draw_seed(u64 seed);

/* The scenario's name and numbers on the command line: NAME=VALUE. */
bool wv_argument(const char *name, char *value, size_t room);
u64 wv_argument_number(const char *name, u64 otherwise);

static inline void wv_outb(u16 port, u8 value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8 wv_inb(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void wv_pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

struct wv_lock {
	volatile u32 held;
};

static inline void wv_take(struct wv_lock *lock)
{
	while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE))
		wv_pause();
}

static inline void wv_release(struct wv_lock *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}

static inline void wv_list_init(struct _LIST_ENTRY *head)
{
	head->Flink = head->Blink = head;
}

static inline void wv_list_add(struct _LIST_ENTRY *head, struct _LIST_ENTRY *entry)
{
	entry->Flink = head;
	entry->Blink = head->Blink;
	head->Blink->Flink = entry;
	head->Blink = entry;
}

static inline void wv_list_remove(struct _LIST_ENTRY *entry)
{
	entry->Blink->Flink = entry->Flink;
	entry->Flink->Blink = entry->Blink;
}

#endif

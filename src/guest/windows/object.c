/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handles, objects and their types. */
#include "guest/windows/internal.h"

/** The low bits of TableCode: how many levels of tables are above the one with the entries. */
#define LEVEL_MASK 3u

#define PAGE 4096u

/** Handles count in fours; their low bits are the program's own. */
#define HANDLE_SHIFT 2

/** Handles of the kernel's own table, in any process: ObpKernelHandleTable. */
#define KERNEL_HANDLE_64 UINT64_C(0xffffffff80000000)
#define KERNEL_HANDLE_32 UINT64_C(0x80000000)

/** From here on up to -1 handles stand for the current process, thread, session and for tokens. */
#define PSEUDO_HANDLES (-6)

/** Up to Windows 7: bits of an entry's pointer that are flags (locked, inherit, audit). */
#define ENTRY_FLAGS UINT64_C(7)

/** Since Windows 8: low bits of an object's address that are always 0 and are not stored. */
#define ALIGNMENT_BITS_64 4u
#define ALIGNMENT_BITS_32 3u

/**
 * Since Windows 8 an entry has the address in a bit field, which is wide enough for the kernel's
 * half as it is then: 41 bits in 8, 44 since 8.1, 53 where page tables have 5 levels, 29 on 32
 * bits.
 */
static bool read_packed(const struct wv_windows *kernel, const struct wv_space *space,
			uint64_t entry, uint64_t *pointer)
{
	bool is_long = wv_paging_is_long(kernel->guest.paging);
	unsigned aligned = is_long ? ALIGNMENT_BITS_64 : ALIGNMENT_BITS_32;
	unsigned above = 64u - kernel->places[HANDLE_ENTRY_BITS].bit_count;
	uint64_t value;

	if (above < aligned ||
	    !wv_guest_read_bits(space, &kernel->places[HANDLE_ENTRY_BITS], entry, &value))
		return false;
	/* on 64 bits the field's highest bit is repeated above it */
	if (is_long)
		value = (uint64_t)((int64_t)(value << above) >> above);
	*pointer = value << aligned;
	return true;
}

/** What an entry of a handle table points to. False: the entry is free. */
static bool read_entry(const struct wv_windows *kernel, const struct wv_space *space,
		       uint64_t entry, uint64_t *pointer)
{
	if (kernel->places[HANDLE_ENTRY_BITS].bit_count) {
		if (!read_packed(kernel, space, entry, pointer))
			return false;
	} else if (!windows_read_pointer(kernel, space, entry, HANDLE_ENTRY_OBJECT, pointer)) {
		return false;
	}
	*pointer &= ~ENTRY_FLAGS;
	return wv_paging_is_upper_half(kernel->guest.paging, *pointer);
}

/** The address of a handle's entry, through the tables. */
static bool find_entry(const struct wv_windows *kernel, const struct wv_space *space, uint64_t code,
		       uint64_t index, uint64_t *entry)
{
	uint64_t entry_size = kernel->places[SIZE_HANDLE_ENTRY].value;
	uint64_t pointer = wv_paging_is_long(kernel->guest.paging) ? 8 : 4;
	unsigned levels = (unsigned)(code & LEVEL_MASK);
	uint64_t table = code & ~(uint64_t)LEVEL_MASK;

	if (!entry_size || entry_size > PAGE || levels > 2)
		return false;

	uint64_t per_page = PAGE / entry_size, pointers = PAGE / pointer;
	uint64_t covered = per_page; /* handles that one table of this level covers */

	for (unsigned level = 1; level < levels; level++)
		covered *= pointers;
	for (unsigned level = levels; level > 0; level--) {
		uint64_t at = index / covered;

		if (at >= pointers || !wv_paging_is_upper_half(kernel->guest.paging, table) ||
		    !windows_read_word(space, table + at * pointer, &table))
			return false;
		index %= covered;
		covered /= pointers;
	}
	if (index >= per_page || !wv_paging_is_upper_half(kernel->guest.paging, table))
		return false;
	*entry = table + index * entry_size;
	return true;
}

bool wv_windows_table_entry(const struct wv_windows *kernel, const struct wv_space *space,
			    uint64_t table, uint64_t handle, uint64_t *pointer)
{
	uint64_t code, entry;

	return handle >> HANDLE_SHIFT &&
	       windows_read_pointer(kernel, space, table, HANDLE_TABLE_CODE, &code) &&
	       find_entry(kernel, space, code, handle >> HANDLE_SHIFT, &entry) &&
	       read_entry(kernel, space, entry, pointer);
}

/** The bits that all handles of the kernel's own table have. */
static uint64_t kernel_handle_bits(const struct wv_guest *guest)
{
	return wv_windows_is_64(guest) ? KERNEL_HANDLE_64 : KERNEL_HANDLE_32;
}

bool wv_windows_is_kernel_handle(const struct wv_guest *guest, uint64_t handle)
{
	uint64_t bits = kernel_handle_bits(guest);
	int64_t number = wv_windows_is_64(guest) ? (int64_t)handle : (int32_t)handle;

	return (handle & bits) == bits && number < PSEUDO_HANDLES;
}

/** NtCurrentProcess(): -1, which is in no table. */
static bool is_current_process(const struct wv_guest *guest, uint64_t handle)
{
	return handle == (wv_windows_is_64(guest) ? UINT64_MAX : UINT32_MAX);
}

/** The process in whose table a handle is looked up; its bits that say so are taken off. */
static bool find_owner(const struct wv_guest *guest, const struct wv_space *space,
		       uint64_t *process, uint64_t *handle)
{
	const struct wv_windows *kernel = (const struct wv_windows *)guest;
	const struct wv_place *system = &kernel->places[SYM_SYSTEM_PROCESS];
	uint64_t bits = kernel_handle_bits(guest);

	if ((*handle & bits) != bits)
		return true;
	*handle &= ~bits;
	return system->found && windows_read_word(space, system->value, process);
}

bool wv_windows_handle(struct wv_guest *guest, const struct wv_space *space, uint64_t process,
		       uint64_t handle, uint64_t *object)
{
	const struct wv_windows *kernel = to_windows(guest);
	const struct wv_place *body = &kernel->places[HEADER_BODY];
	uint64_t table, header;

	if (is_current_process(guest, handle)) {
		*object = process;
		return process != 0;
	}
	if (!body->found || !find_owner(guest, space, &process, &handle) ||
	    !windows_read_pointer(kernel, space, process, EPROCESS_HANDLES, &table) ||
	    !wv_windows_table_entry(kernel, space, table, handle, &header))
		return false;
	*object = header + body->value;
	return true;
}

bool wv_windows_object_type(struct wv_guest *guest, const struct wv_space *space, uint64_t object,
			    uint64_t *type)
{
	const struct wv_windows *kernel = to_windows(guest);
	uint64_t header = object - kernel->places[HEADER_BODY].value;
	uint64_t pointer = wv_windows_is_64(guest) ? 8 : 4;
	uint8_t index, cookie;

	if (!object || !windows_has(kernel, HEADER_BODY) || !windows_has(kernel, SYM_TYPE_TABLE) ||
	    !windows_has(kernel, HEADER_TYPE_INDEX) ||
	    !wv_space_read_u8(space, header + kernel->places[HEADER_TYPE_INDEX].value, &index))
		return false;
	/* since Windows 10 the index is hidden by a cookie and a byte of the header's address */
	if (windows_has(kernel, SYM_HEADER_COOKIE)) {
		if (!wv_space_read_u8(space, kernel->places[SYM_HEADER_COOKIE].value, &cookie))
			return false;
		index ^= cookie ^ (uint8_t)(header >> 8);
	}
	return windows_read_word(space, kernel->places[SYM_TYPE_TABLE].value + index * pointer,
				 type) &&
	       *type;
}

bool wv_windows_type_key(struct wv_guest *guest, const struct wv_space *space, uint64_t type,
			 uint32_t *key)
{
	return windows_read_u32(to_windows(guest), space, type, TYPE_KEY, key);
}

bool wv_windows_type_name(struct wv_guest *guest, const struct wv_space *space, uint64_t type,
			  char *text, size_t *size, bool *truncated)
{
	const struct wv_place *name = &to_windows(guest)->places[TYPE_NAME];

	return name->found && type &&
	       wv_windows_string(guest, space, type + name->value, text, size, truncated);
}

bool wv_windows_handle_count(struct wv_guest *guest, const struct wv_space *space, uint64_t object,
			     uint64_t *count)
{
	const struct wv_windows *kernel = to_windows(guest);

	return object && windows_has(kernel, HEADER_BODY) &&
	       windows_read_pointer(kernel, space, object - kernel->places[HEADER_BODY].value,
				    HEADER_HANDLES, count);
}

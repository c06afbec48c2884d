/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Services of the Windows kernel: their prototypes, and what the event path captures of their
 * arguments.
 *
 * For each argument there is a decoder (decode.h): what to capture, how much, and the function that
 * makes text of it in the reader's process. WV_CAPTURE_BYTES and WV_CAPTURE_BUFFER are the bytes at
 * the pointer, as many as wv_capture_size() says. The other captures take more than one read of the
 * guest; what they put into the record is told here. All texts are UTF-8 as wv_windows_string()
 * makes it, without a NUL at the end; they may have NULs inside, as names of Windows may. Numbers
 * are in host byte order and have the same width for all kernels. `decoder->limit` is the most that
 * is put into the record; what was cut is marked as truncated. An argument whose capture fails
 * altogether is written without bytes.
 *
 * - WV_CAPTURE_HANDLE: the name of the object's type, a NUL, the object's name; both may be empty.
 *   Without bytes when the handle leads nowhere.
 * - WV_CAPTURE_HANDLE_AT: the handle found at the pointer, as a u64; then the same as above, or
 *   nothing where it leads nowhere.
 * - WV_CAPTURE_FOREIGN_HANDLE, WV_CAPTURE_FOREIGN_HANDLE_AT: the same as these two; they lead
 *   nowhere as well where the argument before is no handle of a process.
 * - WV_CAPTURE_UNICODE_STRING: the text; nothing for one that is empty.
 * - WV_CAPTURE_OBJECT_ATTRIBUTES: a struct wv_nt_object_attributes; as many bytes of the name of
 *   RootDirectory's object as it says; then the text of ObjectName, if it has one.
 * - WV_CAPTURE_SID_AT: the SID as it is in memory, wv_capture_size() bytes of an argument whose
 *   number is the pointer that was found at the pointer.
 * - WV_CAPTURE_PROCESS_PARAMETERS: for each of enum wv_nt_parameter a u16, the size of the text,
 *   and the text; WV_NT_NO_TEXT and no text where it can not be read.
 */
#ifndef WV_PLUGINS_SYSCALLS_NT_H
#define WV_PLUGINS_SYSCALLS_NT_H

#include "plugins/nt_status.h"
#include "plugins/syscalls/decode.h"

/** No service has more arguments. */
#define WV_NT_ARGS 17

struct wv_nt_argument {
	const char *name;
	const char *type;
	const struct wv_decoder *decoder;
	uint8_t bits, bits_compat; /**< width on a 64-bit and on a 32-bit kernel; 64 bits of a
					32-bit kernel are two words of the stack */
	/** Bits of enum wv_capture_time: for Windows this counts, not decoder->when. */
	uint8_t when;
};

struct wv_nt_prototype {
	const char *name; /**< "NtCreateFile" */
	const struct wv_nt_argument *arguments;
	uint8_t n_arguments;
	uint8_t status_block; /**< which argument is the IO_STATUS_BLOCK; WV_NT_ARGS: none */
	bool returns_status;  /**< the result is an NTSTATUS */
	bool leaves;	      /**< it does not return but when it fails */
};

/** The prototype of a service by its name, which starts with Nt; NULL: not known. */
const struct wv_nt_prototype *wv_nt_prototype_find(const char *name);

/** All prototypes, rising by name. */
const struct wv_nt_prototype *wv_nt_prototypes(size_t *count);

/** Stands for a service without a prototype: WV_NT_ARGS arguments, Arg0 and so on, all in hex. */
extern const struct wv_nt_prototype wv_nt_unknown;

/**
 * An argument of a service. Never NULL: what @prototype (which may be NULL) does not have is one of
 * wv_nt_unknown.
 *
 * @index: below WV_NT_ARGS.
 */
const struct wv_nt_argument *wv_nt_argument_at(const struct wv_nt_prototype *prototype,
					       unsigned index);

/** A number cut to its type's width: the upper part of a register is anything. */
static inline uint64_t wv_nt_cut(const struct wv_nt_argument *argument, bool compat,
				 uint64_t number)
{
	unsigned bits = compat ? argument->bits_compat : argument->bits;

	return bits < 64 ? number & ((UINT64_C(1) << bits) - 1) : number;
}

/**
 * An argument of a call, for wv_capture_length_at() and wv_capture_size(), and for wv_decode() with
 * what was captured.
 *
 * @call: the numbers of all arguments, each cut to its width; @n_call of them.
 * @compat: a 32-bit kernel. WoW64 has converted a 32-bit program's arguments before a 64-bit one
 * sees them.
 */
struct wv_arg wv_nt_arg(const struct wv_nt_prototype *prototype, unsigned index,
			const uint64_t *call, unsigned n_call, bool compat);

/** Handles from -1 to -6 stand for the current process, thread and session, and for tokens. */
static inline bool wv_nt_is_pseudo_handle(int64_t handle)
{
	return handle < 0 && handle >= -6;
}

/* What is captured ------------------------------------------------------------------------------*/

/** In front of WV_CAPTURE_OBJECT_ATTRIBUTES' names. */
struct wv_nt_object_attributes {
	uint64_t root;	     /**< RootDirectory, a handle; 0: none */
	uint32_t attributes; /**< Attributes */
	uint16_t root_size;  /**< of the name of the root's object, in bytes */
	uint16_t zero;
};

/** The texts of WV_CAPTURE_PROCESS_PARAMETERS, in their order. */
enum wv_nt_parameter {
	WV_NT_IMAGE_PATH_NAME,
	WV_NT_COMMAND_LINE,
	WV_NT_DLL_PATH,
	WV_NT_CURRENT_DIRECTORY, /**< CurrentDirectory.DosPath */
	WV_NT_PARAMETER_COUNT
};

/** A size of no text: it could not be read. */
#define WV_NT_NO_TEXT 0xffff

#endif

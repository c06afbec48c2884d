/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments of system calls made readable: of Linux and, with nt.h, of Windows.
 *
 * A decoder has two halves. The first is data: which bytes of the guest to capture for an argument,
 * and when; the plugin does that on the vCPU's thread. The second is a pure function that makes
 * text of the number and of those bytes, later, in the reader's process. No function here reads the
 * guest, and none trusts what was captured.
 *
 * To add a decoder: a set of names is one file in data/syscalls/flags or data/syscalls/values, and
 * has a decoder of its own name. A structure is a row of data/syscalls/decoders.tsv and a function
 * wv_decode_FORMAT() in a decode_*.c, declared in format.h. Then a row says where it belongs: of
 * data/syscalls/types.tsv for a C type, of data/syscalls/arguments.tsv for an argument's name.
 * For Windows it is the same in data/nt, decode_nt_*.c and nt_format.h.
 */
#ifndef WV_PLUGINS_SYSCALLS_DECODE_H
#define WV_PLUGINS_SYSCALLS_DECODE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Linux passes no more (Documentation/process/adding-syscalls.rst). */
#define WV_SYSCALL_ARGS 6

/** What of the guest is captured for an argument. From WV_CAPTURE_HANDLE on: of Windows, see nt.h.
 */
enum wv_capture {
	WV_CAPTURE_NONE,    /**< nothing: the number says it all */
	WV_CAPTURE_STRING,  /**< the string at the pointer, without its NUL */
	WV_CAPTURE_BYTES,   /**< as many bytes at the pointer as wv_capture_size() says */
	WV_CAPTURE_BUFFER,  /**< likewise, but data of the user's, for a preview only */
	WV_CAPTURE_STRINGS, /**< an array of pointers to strings, up to a NULL; each with its NUL */
	WV_CAPTURE_FD,	    /**< the path behind the descriptor that the number is */
	WV_CAPTURE_HANDLE,  /**< the object behind the handle that the number is */
	WV_CAPTURE_HANDLE_AT,	       /**< a handle at the pointer, and the object behind it */
	WV_CAPTURE_FOREIGN_HANDLE,     /**< the same two of another process: the one that the */
	WV_CAPTURE_FOREIGN_HANDLE_AT,  /**< argument before is a handle of */
	WV_CAPTURE_UNICODE_STRING,     /**< the text of the UNICODE_STRING at the pointer */
	WV_CAPTURE_OBJECT_ATTRIBUTES,  /**< the OBJECT_ATTRIBUTES at the pointer */
	WV_CAPTURE_SID_AT,	       /**< the SID that the pointer at the pointer leads to */
	WV_CAPTURE_PROCESS_PARAMETERS, /**< the RTL_USER_PROCESS_PARAMETERS at the pointer */
};

/** Where the number of bytes to capture comes from. */
enum wv_capture_length {
	WV_LENGTH_FIXED,      /**< always one element */
	WV_LENGTH_NEXT,	      /**< elements: the next argument */
	WV_LENGTH_PREVIOUS,   /**< elements: the argument before */
	WV_LENGTH_AT_NEXT,    /**< elements: 32 bits of the guest, where the next argument points */
	WV_LENGTH_RESULT,     /**< elements: what the call returned */
	WV_LENGTH_SETS,	      /**< bits: the call's first argument, in whole words (select(2)) */
	WV_LENGTH_COUNTED,    /**< elements: 32 bits at the pointer; the elements follow them */
	WV_LENGTH_PRIVILEGES, /**< likewise, but after 32 bits more (PRIVILEGE_SET) */
	WV_LENGTH_SID,	      /**< elements: the second byte at the pointer; they follow 8 bytes */
	WV_LENGTH_TOTAL,      /**< bytes: the word at the pointer, which is the first of them */
	WV_LENGTH_INFORMATION, /**< elements: the Information of the call's IO_STATUS_BLOCK, and no
				    more than the next argument */
};

/** When to capture. Bits: some arguments are read and written. */
enum wv_capture_time {
	WV_ON_ENTRY = 1,
	WV_ON_RETURN = 2, /**< what the kernel fills in; of no meaning when the call failed */
};

struct wv_arg;

/** Appends the text of an argument; bytes are there unless @arg says that they are not. */
typedef void (*wv_format_arg_fn)(const struct wv_arg *arg, GString *out);

/** A constant of the kernel's. For values of a set the mask is all ones. */
struct wv_constant {
	uint64_t value;
	uint64_t mask; /**< the bits that the constant speaks of; a field's values share a mask */
	const char *name;
};

/** A set of constants. */
struct wv_constants {
	const char *name;
	const struct wv_constant
		*rows; /**< values: rising; flags: in the order of their printing */
	uint16_t count;
	bool flags; /**< may be or-ed together */
};

struct wv_decoder {
	const char *name;
	wv_format_arg_fn format;
	const struct wv_constants *names; /**< what @format prints by name, or NULL */
	uint16_t size;			  /**< of one element, in bytes, for a 64-bit caller */
	uint16_t size_compat;		  /**< the same for a 32-bit caller */
	uint16_t limit;	 /**< no more than this many bytes are of use; 0: only the plugin's limit */
	uint8_t capture; /**< enum wv_capture */
	uint8_t length;	 /**< enum wv_capture_length */
	uint8_t when;	 /**< bits of enum wv_capture_time; 0 where nothing is captured */
	uint16_t index;	 /**< this decoder's place in the table, see wv_decoder_at() */
};

/** Whether its arguments are pointers, and what they lead to is captured. */
static inline bool wv_decoder_follows(const struct wv_decoder *decoder)
{
	return decoder->capture != WV_CAPTURE_NONE && decoder->capture != WV_CAPTURE_FD &&
	       decoder->capture != WV_CAPTURE_HANDLE &&
	       decoder->capture != WV_CAPTURE_FOREIGN_HANDLE;
}

/** One argument of one call, as captured. */
struct wv_arg {
	const struct wv_decoder *decoder;
	uint64_t number;      /**< as the register had it; only the low @bits count */
	const uint8_t *bytes; /**< NULL: nothing was captured */
	size_t size;
	const uint64_t *call; /**< all of the call's arguments, or NULL: some explain each other */
	int64_t result;	      /**< what the call returned, if @returned */
	uint8_t n_call;	      /**< how many there are at @call */
	uint8_t index;	      /**< which argument it is, from 0 */
	uint8_t status_block; /**< which one is the IO_STATUS_BLOCK (WV_LENGTH_INFORMATION) */
	uint8_t bits;	      /**< 8 to 64: the width of the C type, see wv_type_bits() */
	bool returned;	      /**< captured at the call's return */
	bool compat;	      /**< a 32-bit caller: pointers and longs have 4 bytes */
	bool truncated;	      /**< the guest had more than was captured */
	bool unreadable;      /**< the pointer led nowhere; what came before that is in @bytes */
};

/** Another argument of the same call, or @otherwise where the call is not known. */
static inline uint64_t wv_sibling(const struct wv_arg *arg, unsigned index, uint64_t otherwise)
{
	return arg->call && index < arg->n_call ? arg->call[index] : otherwise;
}

/** The decoder of an argument of that name and C type, as the kernel's `syscall_metadata` has them.
 *
 * Never NULL: what no table knows is a number, or an address. Not for a hot path.
 *
 * @syscall: the call's name, of the users' (`fstat`) or of the kernel's function (`newfstat`).
 */
const struct wv_decoder *wv_decoder_for(const char *syscall, const char *type, const char *name);

/** The decoder with that place in the table, for a reader that was sent it; NULL beyond the end. */
const struct wv_decoder *wv_decoder_at(unsigned index);

/** The width in bits of a C type as the kernel writes it; a caller's width for types not known. */
unsigned wv_type_bits(const char *type, bool compat);

/**
 * Where in the guest's memory it is told how much to capture: @size bytes, 8 at the most, at
 * @address, a number for wv_capture_size(). False where the length is not told in memory.
 *
 * @arg: decoder, number, call, index, compat and status_block are filled in.
 */
bool wv_capture_length_at(const struct wv_arg *arg, uint64_t *address, size_t *size);

/**
 * How many bytes to capture at the pointer, where the decoder has a length. 0: none.
 *
 * @arg: the same, and for a return result.
 * @told: the number that wv_capture_length_at() speaks of, otherwise not looked at.
 * @cut: there should be more: what is captured is truncated.
 */
size_t wv_capture_size(const struct wv_arg *arg, uint64_t told, bool *cut);

/** Appends the argument's text: UTF-8 is not promised, and nothing is escaped for an output. */
void wv_decode(const struct wv_arg *arg, GString *out);

/** True for -1 to -4095; wv_errno_name() has the names. */
static inline bool wv_result_is_error(int64_t result)
{
	return result < 0 && result >= -4095;
}

/* Prototypes for kernels that do not carry their own
 * ---------------------------------------------*/

struct wv_prototype_arg {
	const char *type;
	const char *name;
};

struct wv_prototype {
	uint32_t number;
	uint8_t n_args;
	bool shared;	      /**< i386: the arguments are those of the x86-64 call of that name */
	const char *name;     /**< the users': `fstat` */
	const char *function; /**< the kernel's, without `sys_` and such before it: `newfstat` */
	const struct wv_prototype_arg *args;
};

/** Which table a call's number belongs to. */
enum wv_syscall_abi {
	WV_SYSCALL_X86_64, /**< x32 too: without its bit 30, and 512 to 547 are its own */
	WV_SYSCALL_I386,
};

/** The prototype of a number, or NULL. */
const struct wv_prototype *wv_prototype_find(enum wv_syscall_abi abi, uint32_t number);

/** All prototypes of a table, in the order of their numbers. */
const struct wv_prototype *wv_prototypes(enum wv_syscall_abi abi, size_t *count);

/**
 * The name that users know a call by, for a function of the kernel's (`newfstat` gives `fstat`,
 * `read` gives `read`); a name that no table has is returned as it is.
 */
const char *wv_syscall_public_name(const char *function);

#endif

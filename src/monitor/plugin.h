/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin's face: what a plugin declares and what it may call. docs/plugins.md has a complete
 * small example.
 *
 * A plugin is one constant struct wv_plugin and a few small functions. It names the functions of
 * the guest's kernel that it traps, the symbols and members that it reads, and its event types;
 * the monitor does the rest. Entry and return functions run on vCPU threads, several at once:
 * they keep nothing but what the call itself carries, and never allocate or block.
 */
#ifndef WV_MONITOR_PLUGIN_H
#define WV_MONITOR_PLUGIN_H

#include "guest/guest.h"
#include "monitor/settings.h"
#include "output/record.h"
#include "profile/want.h"

/** Bytes that a plugin can keep from a call's entry to its return. */
#define WV_CALL_SAVED_MAX     256
#define WV_TRAP_FUNCTIONS_MAX 4
/** Guest systems: enum wv_os. */
#define WV_SYSTEMS 2
/** The longest instruction that x86 has is 15 bytes (Intel SDM volume 2, section 2.3.11). */
#define WV_CODE_MAX 15

struct wv_call;
struct wv_event;
struct wv_content;

/** What an entry function wants next. */
enum wv_verdict {
	WV_DONE,	 /**< nothing more of this call */
	WV_AWAIT_RETURN, /**< call on_return when it returns */
};

/** An instruction, by its bytes. */
struct wv_code {
	uint8_t size; /**< at most WV_CODE_MAX */
	uint8_t bytes[WV_CODE_MAX];
	uint8_t mask[WV_CODE_MAX]; /**< the bits of each byte that count; the others are 0 above */
};

/** One trapped function. */
struct wv_trap_def {
	/** The function, alternatives in order of preference, ended by NULL; the first that the
	 *  guest's kernel has is trapped. Same order as in the event type's methods, if any. */
	const char *functions[WV_TRAP_FUNCTIONS_MAX + 1];
	/**
	 * Instead of functions: what prepare() finds in the guest and traps with wv_call_trap(), in
	 * words.
	 */
	const char *found;
	/** What is lost when no function is there, for the report; NULL: the plugin is useless. */
	const char *cost;
	/** Counted by --traps-ttl. */
	bool ttl;
	enum wv_verdict (*on_entry)(struct wv_call *call);
	void (*on_return)(struct wv_call *call); /**< NULL: never awaited */
	/**
	 * A thread is inside at most one call of all functions so marked at a time, and they are
	 * called directly: their returns are told apart by the thread alone, which costs no
	 * register and no look at the stack.
	 */
	bool once_per_thread;
	/**
	 * Not the function, but these instructions in it; and in all of the functions, not only in
	 * the first that is there. Its on_entry is called before such an instruction is executed,
	 * perhaps also in a neighbouring function: it must know what it looks at. That there is
	 * none is not reported.
	 */
	const struct wv_code *code;
	/** How many bytes of wv_call_saved() are used; 0: all. */
	uint16_t saved_size;
	/**
	 * With once_per_thread: instructions that store the result, ended by one of size 0. Where
	 * one follows a call the return is trapped behind it, wv_call_result_is_stored() tells so,
	 * and the result can be read from memory, which costs less than a register.
	 */
	const struct wv_code *stores;
	/** Only in kernels that have this symbol, or that do not have it; NULL: in all. */
	const char *with;
	const char *without;
	/**
	 * Whether the settings ask for it, by what configure() made: else it is not set at all.
	 * NULL: always.
	 */
	bool (*wanted)(const void *state);
};

/** What a plugin does on one guest system. */
struct wv_plugin_guest {
	enum wv_os os;
	const struct wv_trap_def *traps;
	unsigned n_traps;
	const struct wv_want *wants;
	unsigned n_wants;
	/** Called once for each process that runs when monitoring starts. NULL: not interested. */
	void (*on_process)(struct wv_call *call);
	/**
	 * Called once a guest is found and the wants are resolved, before any trap: reads from the
	 * guest what the plugin needs to know of it, into what wv_call_guest_data() gives later.
	 * May allocate. An error costs the plugin. NULL: not needed.
	 */
	bool (*prepare)(struct wv_call *call, void **data, GError **error);
	void (*unprepare)(void *data);
};

struct wv_plugin {
	const char *name;
	const char *summary; /**< one line for `wyvern plugins` */
	const struct wv_option *options;
	unsigned n_options;
	const struct wv_event_type *const *events; /**< of all guest systems */
	unsigned n_events;
	const struct wv_plugin_guest *guests[WV_SYSTEMS + 1]; /**< ended by NULL, one per system */
	/**
	 * Reads the settings into what wv_call_state() gives later. Also called by the command to
	 * check what the user wrote: it must not depend on a guest. NULL: no options.
	 */
	bool (*configure)(const struct wv_settings *settings, void **state, GError **error);
	void (*deconfigure)(void *state);
};

/** What the plugin does on that system, or NULL. */
static inline const struct wv_plugin_guest *wv_plugin_on(const struct wv_plugin *plugin,
							 enum wv_os os)
{
	for (unsigned i = 0; plugin->guests[i]; i++)
		if (plugin->guests[i]->os == os)
			return plugin->guests[i];
	return NULL;
}

/* The call --------------------------------------------------------------------------------------
 */

/**
 * Who calls. Of a returning call: who it was when it was entered. Names may be empty.
 * Read when first asked for: a call that a plugin turns away before costs none of it.
 */
const struct wv_identity *wv_call_caller(struct wv_call *call);

/** Which of the plugin's traps it came from: its index in the table. */
unsigned wv_call_index(const struct wv_call *call);

/** Which of the trap's functions was found in the guest's kernel: an index. */
unsigned wv_call_method(const struct wv_call *call);

/** The kernel's own object of the thread: cheaper than wv_call_caller(). */
uint64_t wv_call_thread(const struct wv_call *call);

/** An argument of the function, from 0. At entry only; 0 where it can not be read. */
uint64_t wv_call_argument(struct wv_call *call, unsigned index);

/** The stack pointer: at entry, where the return address is. */
uint64_t wv_call_stack_pointer(struct wv_call *call);

/** What the function returned. At return only. */
uint64_t wv_call_result(struct wv_call *call);

/** Whether the caller has stored the result already: see wv_trap_def.stores. At return only. */
bool wv_call_result_is_stored(const struct wv_call *call);

/** WV_CALL_SAVED_MAX bytes, zeroed at entry, that are there again at the return. */
void *wv_call_saved(struct wv_call *call);

/**
 * The saved bytes of the innermost call of this thread that awaits its return from another trap
 * of the same plugin, or NULL.
 *
 * @trap: index in the plugin's table of traps.
 */
void *wv_call_outer(struct wv_call *call, unsigned trap);

/** Whether this thread has a call that awaits its return, of whatever plugin: to be asked first by
 *  who asks for many. */
bool wv_call_has_outer(const struct wv_call *call);

/**
 * From now on this call has the EventUID, the caller and the saved bytes of that outer one, which
 * goes on. At entry only, once.
 *
 * @trap: as above. False, and nothing changed, when this thread is not inside of it.
 */
bool wv_call_act_for(struct wv_call *call, unsigned trap);

/** Likewise, but the outer call ends here, before its return: its on_return is not called. */
bool wv_call_resume(struct wv_call *call, unsigned trap);

/**
 * The calling thread's kernel stack, within a page: where the host has it, or copied to @buffer;
 * NULL where it can not be read. Cheaper than any other look at memory that is not mapped linearly:
 * a kernel leaves a stack where it is until its thread ends. What is there may change at any time.
 *
 * @buffer: @size bytes.
 */
const void *wv_call_stack(struct wv_call *call, uint64_t address, size_t size, void *buffer);

/** The address space that the vCPU is in. */
const struct wv_space *wv_call_space(struct wv_call *call);
struct wv_guest *wv_call_guest(struct wv_call *call);

/** Fills in who another thread is, by its kernel object. False when that can not be read. */
bool wv_call_identify(struct wv_call *call, uint64_t thread, struct wv_identity *identity);

/** What prepare() made. Vcpus share it: what changes in it changes atomically. */
void *wv_call_guest_data(const struct wv_call *call);

/** What configure() made. */
const void *wv_call_state(const struct wv_call *call);

/**
 * Traps a function that only the guest could name, such as an entry of a table. To be called by
 * prepare(); an address can be trapped more than once.
 *
 * @def: what to do there: one that has `found`.
 * @name: for messages; lives as long as what prepare() makes.
 * @method: what wv_call_method() gives in its calls.
 *
 * False: there is no room for more traps.
 */
bool wv_call_trap(struct wv_call *call, const struct wv_trap_def *def, uint64_t address,
		  const char *name, unsigned method);

/** How many addresses there is room to trap besides those that are trapped. In prepare(). */
unsigned wv_call_trap_room(const struct wv_call *call);

/** Where one of the plugin's wants was found; check `found` where it is not essential. */
const struct wv_place *wv_call_place(const struct wv_call *call, unsigned want);

/** Reads of an object's member by want: false when the want is missing or memory not there. */
bool wv_call_read_u32(struct wv_call *call, uint64_t object, unsigned want, uint32_t *value);
bool wv_call_read_u64(struct wv_call *call, uint64_t object, unsigned want, uint64_t *value);
/** Likewise of a bit field, or of an integer of up to 8 bytes. */
bool wv_call_read_bits(struct wv_call *call, uint64_t object, unsigned want, uint64_t *value);

/* The event -------------------------------------------------------------------------------------
 */

/**
 * Opens an event of one of the plugin's types; at most one is open at a time. Fields are written
 * in their declared order, by index; those that do not apply are left out. Closing commits it.
 */
struct wv_event *wv_event_open(struct wv_call *call, unsigned type);

/** Opens an event of a `defined` type, whose method is a definition that was sent before. */
struct wv_event *wv_event_open_defined(struct wv_call *call, unsigned type, unsigned definition);

/**
 * Sends a definition for a `defined` type: see output/definition.h. Not while an event is open.
 *
 * @arguments, @types: @n_arguments of each, at most WV_DEFINITION_ARGS.
 * @flags: for the type's own use.
 */
void wv_event_define(struct wv_call *call, unsigned type, unsigned definition, const char *name,
		     unsigned flags, char *const *arguments, char *const *types,
		     unsigned n_arguments);

void wv_event_close(struct wv_event *event);
/** Forgets an event that was opened. */
void wv_event_drop(struct wv_event *event);

void wv_event_number(struct wv_event *event, unsigned field, int64_t value);
void wv_event_unsigned(struct wv_event *event, unsigned field, uint64_t value);
/** It applies, but could not be read: null in json. */
void wv_event_unreadable(struct wv_event *event, unsigned field);
void wv_event_text(struct wv_event *event, unsigned field, const char *text, size_t size,
		   bool truncated);
/** A NUL-terminated string in guest memory. Unreadable from its first byte on: null. */
void wv_event_string(struct wv_event *event, unsigned field, const struct wv_space *space,
		     uint64_t address);
/** A list of texts, or of pairs of a name and a text: begin, items, end; see
 *  wv_writer_list_begin(). @truncated: there were more. */
void wv_event_list_begin(struct wv_event *event, unsigned field);
void wv_event_list_item(struct wv_event *event, const char *name, const char *text, size_t size);
void wv_event_list_end(struct wv_event *event, bool truncated);
/** Arguments of a definition, raw; see wv_writer_raw(). */
void wv_event_raw(struct wv_event *event, unsigned argument, uint64_t number);
char *wv_event_raw_begin(struct wv_event *event, unsigned argument, uint64_t number, size_t *size);
void wv_event_raw_end(struct wv_event *event, size_t size, bool truncated);

/** Room for a text that the plugin puts together itself; see wv_writer_text_begin(). */
char *wv_event_text_begin(struct wv_event *event, unsigned field, size_t *size);
void wv_event_text_end(struct wv_event *event, size_t size, bool truncated);

/* The content of a file -------------------------------------------------------------------------
 *
 * Follows the event that tells of the file, if the user wants contents (--dump): a plugin takes a
 * number for the event's field SeqNum, opens the content instead of closing the event, tells what
 * there is of it, and closes it. What is never told counts as missing.
 */

/**
 * The number of the next content, from 1; each is given once. 0: contents are not wanted. An event
 * that has a number is to be followed by wv_content_open().
 */
uint32_t wv_content_number(struct wv_call *call);

/** No more of a file is taken, in bytes. */
uint64_t wv_content_limit(const struct wv_call *call);

/**
 * Closes the event, and begins the content of the file that it is of.
 *
 * @number: from wv_content_number().
 * @size: the file's length in bytes, which may be beyond the limit.
 */
struct wv_content *wv_content_open(struct wv_event *event, uint32_t number, uint64_t size);

/**
 * A piece of it in guest-physical memory: a wv_page_fn whose owner is the content. What is beyond
 * the file's length or the limit is left out. False: there is no more to take.
 */
bool wv_content_page(void *content, uint64_t offset, uint64_t physical, size_t size);

void wv_content_close(struct wv_content *content);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What events look like: the declaration of every event type, its methods and its fields.
 *
 * A plugin declares its event types as constant tables. Both sides of the event path link the
 * same tables: the monitor writes values by field index, the reader knows names, kinds and texts
 * from here. `wyvern plugins`, docs/output.md and the csv columns come from the same tables.
 */
#ifndef WV_OUTPUT_SCHEMA_H
#define WV_OUTPUT_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a field's value means, and so how it is printed. */
enum wv_kind {
	WV_KIND_NUMBER, /**< a decimal number, signed or unsigned as it was written */
	WV_KIND_HEX,	/**< "0x1a4": lower case; a string in json */
	WV_KIND_STRING, /**< text from the guest, bytes of any value */
	WV_KIND_NAME,	/**< a number printed as the name that wv_field.format gives it */
	WV_KIND_FLAGS,	/**< a bit set printed as names that wv_field.format joins */
	WV_KIND_RESULT, /**< a number; a negative errno is printed as its name, as text */
	WV_KIND_LIST,	/**< texts, or pairs of a name and a text */
	WV_KIND_COUNT
};

/** Enough for the text of any number that a wv_format_fn renders; flags end with "..." if not. */
#define WV_FORMAT_MAX 1024

/** Writes the text of a value, NUL-terminated, at most @size bytes. */
typedef void (*wv_format_fn)(uint64_t value, char *text, size_t size);

/** One field of an event type. */
struct wv_field {
	const char *name;
	enum wv_kind kind;
	wv_format_fn format; /**< NAME and FLAGS only */
	bool optional;	     /**< absent where it does not apply */
	const char *meaning; /**< one sentence for the documentation */
};

/** Guest systems, as a bit set. */
enum wv_os {
	WV_OS_LINUX = 1 << 0,
	WV_OS_WINDOWS = 1 << 1,
};

#define WV_METHODS_MAX 4

/** One type of event: what a trapped function tells. */
struct wv_event_type {
	/** The plugin column: usually the plugin's own name; `syscall` and `sysret` differ. */
	const char *plugin;
	/** The functions whose call makes it, in order of preference, ended by NULL. */
	const char *methods[WV_METHODS_MAX + 1];
	unsigned os; /**< enum wv_os */
	const struct wv_field *fields;
	unsigned n_fields;
	/** Further fields with names of their own may follow (arguments of system calls). */
	bool open_ended;
	const char *meaning;
};

/** All event types of this build, in a fixed order; the index is the type's number in records. */
struct wv_schema {
	const struct wv_event_type *const *types;
	unsigned n_types;
};

#endif

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

#include <glib.h>
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

/** Fields that every record has anyway: they are not written, the reader fills them in. */
enum wv_given {
	WV_GIVEN_NOT,  /**< it is written */
	WV_GIVEN_TEXT, /**< wv_field.text, always */
	WV_GIVEN_VCPU, /**< the number of the virtual CPU */
	WV_GIVEN_CR3,  /**< its CR3 register */
};

/** One field of an event type; those that are given come first. */
struct wv_field {
	const char *name;
	enum wv_kind kind;
	wv_format_fn format; /**< NAME and FLAGS only */
	bool optional;	     /**< absent where it does not apply */
	const char *meaning; /**< one sentence for the documentation */
	enum wv_given given;
	const char *text; /**< WV_GIVEN_TEXT only */
	bool escaped;	  /**< STRING only: json has it with wv_escape_c() in its text */
};

/** Guest systems, as a bit set. */
enum wv_os {
	WV_OS_LINUX = 1 << 0,
	WV_OS_WINDOWS = 1 << 1,
};

#define WV_METHODS_MAX 4

struct wv_raw;
struct wv_definition;

/**
 * Makes the text of a raw value, in the reader's process, and appends it to @text.
 *
 * @definition: the one that the row's record names; @index: which of its arguments.
 */
typedef void (*wv_raw_text_fn)(const struct wv_definition *definition, unsigned index,
			       const struct wv_raw *raw, GString *text);

/** One type of event: what a trapped function tells. */
struct wv_event_type {
	/** The plugin column: usually the plugin's own name; `syscall` and `sysret` differ. */
	const char *plugin;
	/** The functions whose call makes it, in order of preference, ended by NULL. */
	const char *methods[WV_METHODS_MAX + 1];
	unsigned os; /**< enum wv_os */
	const struct wv_field *fields;
	unsigned n_fields;
	/** In json UserId is there a second time, as SessionID: consumers of that plugin read it.
	 *  The other formats have it once. */
	bool json_session;
	/** Further fields with names of their own may follow (arguments of system calls). */
	bool open_ended;
	/** Methods are not the table above but definitions that the monitor sends; see record.h. */
	bool defined;
	/** With `defined`: called when a definition arrives, to fill in its decoders. */
	void (*resolve)(struct wv_definition *definition);
	/** With `defined`: the text of an argument. */
	wv_raw_text_fn raw_text;
	const char *meaning;
};

/** All event types of this build, in a fixed order; the index is the type's number in records. */
struct wv_schema {
	const struct wv_event_type *const *types;
	unsigned n_types;
};

#endif

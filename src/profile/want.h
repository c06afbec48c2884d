/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wants: what a piece of code needs from a profile, declared once as a table and resolved in one
 * pass, so that everything that is missing is reported together and by name.
 *
 * Code refers to a want by its index in the table; the resolved place has the same index.
 */
#ifndef WV_PROFILE_WANT_H
#define WV_PROFILE_WANT_H

#include "profile/profile.h"

enum wv_want_kind {
	WV_WANT_SYMBOL,
	WV_WANT_MEMBER,
	WV_WANT_SIZE,
	WV_WANT_ENUMERATOR,
};

struct wv_want {
	enum wv_want_kind kind;
	/** The symbol (alternatives as below), structure or enumerator. */
	const char *name;
	/** The member's path; alternatives, newest first, are separated by '|'. */
	const char *member;
	/** What is lost without it, for the report; NULL: nothing works without it. */
	const char *cost;
	/** Not every kernel has it, and nothing is lost where it is not there. */
	bool quiet;
};

#define WV_SYMBOL(name_, cost_)                                                                    \
	{                                                                                          \
		WV_WANT_SYMBOL, name_, NULL, cost_, false                                          \
	}
#define WV_SYMBOL_IF_ANY(name_)                                                                    \
	{                                                                                          \
		WV_WANT_SYMBOL, name_, NULL, "", true                                              \
	}
#define WV_MEMBER(name_, member_, cost_)                                                           \
	{                                                                                          \
		WV_WANT_MEMBER, name_, member_, cost_, false                                       \
	}
#define WV_MEMBER_IF_ANY(name_, member_)                                                           \
	{                                                                                          \
		WV_WANT_MEMBER, name_, member_, "", true                                           \
	}
#define WV_SIZE(name_, cost_)                                                                      \
	{                                                                                          \
		WV_WANT_SIZE, name_, NULL, cost_, false                                            \
	}
#define WV_ENUMERATOR(name_, cost_)                                                                \
	{                                                                                          \
		WV_WANT_ENUMERATOR, name_, NULL, cost_, false                                      \
	}

/** Where a want was found. */
struct wv_place {
	bool found;
	uint8_t bit_shift; /**< of a bit field */
	uint8_t bit_count; /**< 0: not a bit field */
	uint32_t size;	   /**< of a member, bytes; 0 when not known */
	uint64_t value;	   /**< address, offset, size, or the enumerator's value */
};

/** Called for each want that is missing and not quiet. */
typedef void (*wv_missing_fn)(void *owner, const struct wv_want *want);

/**
 * Resolves a table of wants into places of the same indices.
 *
 * Returns true when everything without which nothing works was found.
 */
bool wv_wants_resolve(const struct wv_profile *profile, const struct wv_want *wants,
		      unsigned n_wants, struct wv_place *places, wv_missing_fn missing,
		      void *owner);

/** The want's name as users know it, such as "task_struct.comm". Free with g_free(). */
char *wv_want_describe(const struct wv_want *want);

#endif

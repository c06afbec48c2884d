/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words that documentation is made of. */
#include "output/describe.h"

#include <glib.h>

const struct wv_common_field wv_common_fields[] = {
	{ "Plugin", WV_KIND_STRING, "The plugin that tells the event." },
	{ "TimeStamp", WV_KIND_STRING,
	  "The host's clock when the event was committed: seconds since 1970, six decimals. "
	  "It never falls from one event to the next." },
	{ "VCPU", WV_KIND_NUMBER,
	  "The virtual processor that made the call, or to which it returned, from 0." },
	{ "CR3", WV_KIND_HEX, "The address space of the call: the register CR3." },
	{ "PID", WV_KIND_NUMBER,
	  "The calling process, as the guest's outermost PID namespace numbers it." },
	{ "PPID", WV_KIND_NUMBER, "Its parent process." },
	{ "TID", WV_KIND_NUMBER, "The calling thread." },
	{ "UserName", WV_KIND_STRING,
	  "What UserId is: \"UID\" on Linux, \"SessionID\" on Windows." },
	{ "UserId", WV_KIND_NUMBER, "The user: on Linux the real user id; -1 if there is none." },
	{ "ProcessName", WV_KIND_STRING,
	  "The process's image name (\"bash\"), or its whole path with --process-path; of a "
	  "kernel thread its own name." },
	{ "Method", WV_KIND_STRING, "The guest's function that was really trapped." },
	{ "EventUID", WV_KIND_HEX,
	  "The number of the guest's call: they rise as calls are entered, and all events of one "
	  "call share its number." },
	{ NULL, WV_KIND_COUNT, NULL },
};

static const struct {
	const char *name, *meaning;
} kinds[WV_KIND_COUNT] = {
	[WV_KIND_NUMBER] = { "number", "A decimal number, negative ones with a minus sign." },
	[WV_KIND_HEX] = { "hex", "A number in hex, lower case: `0x1a4`. A string in json." },
	[WV_KIND_STRING] = { "string",
			     "Text from the guest, in quotes, escaped as the format wants it." },
	[WV_KIND_NAME] = { "name", "The name of a number, as text; an unknown one as the number." },
	[WV_KIND_FLAGS] = { "flags", "The names of the bits that are set, joined with `|`, as "
				     "text; unknown bits in hex at the end; no bits: `0`." },
	[WV_KIND_RESULT] = { "result", "What a function returned: a number, or the name of the "
				       "error (`EAGAIN`) as text." },
	[WV_KIND_LIST] = { "list",
			   "Several texts, or pairs of a name and a text. An array in json, "
			   "of strings or of objects with one key; joined with `;` "
			   "elsewhere, pairs as name:text." },
};

const char *wv_kind_name(enum wv_kind kind)
{
	return kinds[kind].name;
}

const char *wv_kind_meaning(enum wv_kind kind)
{
	return kinds[kind].meaning;
}

const char *wv_os_name(enum wv_os os)
{
	return os == WV_OS_WINDOWS ? "Windows" : "Linux";
}

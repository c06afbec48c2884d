/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program's loader has noted of its modules, in the memory of a services_fixture's process.
 * There are two, in a ring through the list's head: a.exe and ntdll.dll.
 */
#ifndef WV_TESTS_SERVICES_LOADER_H
#define WV_TESTS_SERVICES_LOADER_H

#include "services_fixture.h"

/** The loader's page: its data, what it has noted of each module, and the texts of their names. */
#define LOADER	 UINT64_C(0x50000)
#define MODULE_1 (LOADER + 0x200)
#define MODULE_2 (LOADER + 0x400)
#define TEXT_1	 (LOADER + 0x800)
#define TEXT_2	 (LOADER + 0xc00)

/** Where the modules are, and how large. */
#define A_START	  UINT64_C(0x400000)
#define A_SIZE	  0x5000u
#define DLL_START UINT64_C(0x77010000)
#define DLL_SIZE  0x180000u

/** Gives the process such a loader; services_make() does that. */
void services_make_loader(struct services_fixture *fixture);

/** Writes a member that is a pointer: "_PEB.Ldr". */
void services_put_pointer(struct services_fixture *fixture, uint64_t object, const char *member,
			  uint64_t value);

/** Where the list's head is, and the links of an entry. */
uint64_t services_head(struct services_fixture *fixture);
uint64_t services_links(struct services_fixture *fixture, uint64_t module);

/** Lets an entry be the list's next one behind another, or behind the head. */
void services_put_link(struct services_fixture *fixture, uint64_t from, uint64_t to);

void services_put_module(struct services_fixture *fixture, uint64_t module, uint64_t start,
			 uint32_t size);
void services_put_name(struct services_fixture *fixture, uint64_t module, const char *name,
		       uint64_t text);

/** The program goes on there after a call. */
void services_call_from(struct services_fixture *fixture, uint64_t address);

/** A call from that address is told with what is between mode and arguments. */
void services_told_from(struct services_fixture *fixture, uint64_t address, const char *expected);

#define FROM(name) " FromModule=\"" name "\""
#define NONE	   FROM("(none)")
#define NOTHING	   ""

#endif

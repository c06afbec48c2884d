/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The door: how the launcher inside a guest of `wyvern analyze` and the monitor outside meet.
 *
 * The launcher is our own program. It calls a function that lies at an address that nothing else
 * uses; the monitor traps that instruction and finds in the registers what is asked for. No device,
 * port or file of the guest takes part, so a sample finds nothing to talk to, and once the sample
 * runs the monitor no longer listens.
 *
 * The launcher includes this file: nothing but numbers may be in it.
 */
#ifndef WV_MONITOR_DOOR_H
#define WV_MONITOR_DOOR_H

#include <stdint.h>

/**
 * Where the function `wyvern_door` is, in the launcher's address space. Below everything that the
 * kernel maps for a program by itself (Documentation/arch/x86/x86_64/mm.rst; ELF_ET_DYN_BASE).
 */
#define WV_DOOR_ADDRESS UINT64_C(0xd00d000000)

/** What the launcher asks for, in RDI; RSI is an address and RDX a size in bytes. */
enum wv_door_request {
	/**
	 * Give me the next bytes of the job. RSI: a struct wv_door_reply that is in memory and may
	 * be written, RDX: its size with the data. The launcher sets `state` to WV_DOOR_NOTHING
	 * first; while a template is made nothing answers, and the first such request says that
	 * the guest is ready.
	 */
	WV_DOOR_WAIT = 1,
	/** The sample is about to be executed: RSI is the number of the process that will do it. */
	WV_DOOR_START = 2,
	/** It was not: RSI, RDX: a text that says why, at most WV_DOOR_TEXT_MAX bytes. */
	WV_DOOR_FAILED = 3,
};

#define WV_DOOR_TEXT_MAX 512

enum wv_door_state {
	WV_DOOR_NOTHING = 0, /* nobody answered */
	WV_DOOR_MORE = 1,    /* data, and there is more to come */
	WV_DOOR_LAST = 2,    /* data, the last of it */
};

struct wv_door_reply {
	uint64_t state; /* enum wv_door_state */
	uint64_t size;	/* bytes of data */
	uint8_t data[];
};

#endif

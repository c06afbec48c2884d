/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A job: what the launcher in the guest is told to do, and the sample itself. The launcher includes
 * this file: it needs no library.
 *
 * A job is a struct wv_job_head, then `strings_size` bytes of texts, each ended by a zero byte,
 * then `file_size` bytes of the sample. The texts: the path in the guest, the user (a name, or a
 * number), the working directory (empty: the user's home), then n_arguments arguments (argv[0]
 * is not among them: it is the path) and n_environment assignments.
 */
#ifndef WV_SANDBOX_JOB_H
#define WV_SANDBOX_JOB_H

#include <stdint.h>

#define WV_JOB_MAGIC   UINT64_C(0x31424f4a56575957)
#define WV_JOB_ENTROPY 64

/** A job's size at the most: QEMU's process has it in memory. */
#define WV_JOB_MAX	   (UINT64_C(512) << 20)
#define WV_JOB_STRINGS_MAX (UINT64_C(1) << 20)

enum wv_job_flag {
	WV_JOB_NETWORK = 1, /* configure the network interface, for QEMU's user network */
};

struct wv_job_head {
	uint64_t magic;
	uint32_t flags; /* enum wv_job_flag */
	uint32_t n_arguments;
	uint32_t n_environment;
	uint32_t reserved; /* 0 */
	uint64_t strings_size;
	uint64_t file_size;
	uint64_t time_ns;		 /* the guest's clock is set to it: since 1970, UTC */
	uint8_t entropy[WV_JOB_ENTROPY]; /* for the guest's random numbers: clones must differ */
};

#endif

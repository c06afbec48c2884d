/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting processes: the block of parameters that one gets, and what becomes of the process. */
#ifndef WV_NT_START_H
#define WV_NT_START_H

#include "structures.h"

#define TEXTS	   (2 * PAGE_SIZE) /* of a block of parameters: where its texts begin */
#define BLOCK_SIZE (TEXTS + 0x22000)

#define COMMAND_LINE OFF__RTL_USER_PROCESS_PARAMETERS_CommandLine
#define IMAGE_PATH   OFF__RTL_USER_PROCESS_PARAMETERS_ImagePathName
#define DLL_PATH     OFF__RTL_USER_PROCESS_PARAMETERS_DllPath
#define DIRECTORY    (OFF__RTL_USER_PROCESS_PARAMETERS_CurrentDirectory + OFF__CURDIR_DosPath)

/* RTL_USER_PROCESS_PARAMETERS, with room for texts behind them. */
struct block {
	u8 *at;
	u32 used; /* of the texts */
};

/* A program that ends at once. */
#define CHILD u"\\??\\C:\\Windows\\System32\\child0.exe"

struct unicode_string *wv_block_string(const struct block *block, u32 offset);
/* A block is used over and over: what one process was started with is not the next one's. */
void wv_block_begin(struct block *block, const u16 *image, const u16 *command_line);

struct made {
	u32 status;
	kernel_word process, thread;
};

/* attributes: PS_ATTRIBUTE_LIST, or NULL. */
struct made wv_start_with(const struct block *block, const void *attributes);
struct made wv_start(const struct block *block);
/* Lets it end by itself: handles are closed before, or when it is no more. */
void wv_let_end(const struct made *made, bool wait);
/* Ends a process that waits for ever, and tries it again. */
void wv_kill(const struct made *made, u32 status);

/* Processes made, as programs do it, and as hostile ones do; processes and threads ended. */
void wv_create_all(struct block *block);
void wv_create_hostile(struct block *block);
void wv_end_all(struct block *block);

#endif

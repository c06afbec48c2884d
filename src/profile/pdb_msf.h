/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSF 7.00, the container that a PDB is: numbered streams, each kept in blocks that may lie
 * anywhere in the file, and a directory of them. Internal to the profile folder.
 *
 * The format: LLVM's docs/PDB/MsfFile, and PDB/msf/msf.cpp of github.com/microsoft/microsoft-pdb.
 */
#ifndef WV_PROFILE_PDB_MSF_H
#define WV_PROFILE_PDB_MSF_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The number of a stream that there is not, where PDBs refer to one by 16 bits. */
#define WV_MSF_NO_STREAM 0xffffu

struct wv_msf {
	const char *name; /**< what error messages call the file */
	const uint8_t *data;
	uint32_t block_size;
	uint32_t blocks; /**< how many lie in the file as a whole */
	uint32_t streams;
	GByteArray *directory;
	uint32_t *lists; /**< owned: where in the directory each stream's list of blocks starts */
};

/** Reads the directory. The data must outlive it. Errors: WV_ERROR_FORMAT; `msf` holds nothing. */
bool wv_msf_init(struct wv_msf *msf, const void *data, size_t size, const char *name,
		 GError **error);
void wv_msf_deinit(struct wv_msf *msf);

/** Whether there is such a stream, with at least one byte. */
bool wv_msf_has(const struct wv_msf *msf, uint32_t stream);

/**
 * A stream's bytes, put together; the caller releases them. `what` is what error messages call the
 * stream. Errors: WV_ERROR_FORMAT when it is absent, or a block is not in the file.
 */
GByteArray *wv_msf_read(const struct wv_msf *msf, uint32_t stream, const char *what,
			GError **error);

/** Sets an error about the file: "NAME: not a usable PDB: ..." Returns false. */
bool wv_msf_fail(const struct wv_msf *msf, GError **error, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

#endif

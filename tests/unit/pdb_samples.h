/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Windows programs and their PDBs, made with clang and lld-link where a test runs. */
#ifndef WV_TESTS_PDB_SAMPLES_H
#define WV_TESTS_PDB_SAMPLES_H

#include "profile/pe.h"

#include <glib.h>

#define PDB_SAMPLES 4u

/** Their names: C for amd64, C for 32-bit x86, C for amd64 with large blocks, C++ for amd64. */
extern const char *const pdb_samples[PDB_SAMPLES];

/**
 * For a group of tests: runs tests/tools/make-pdb.sh, which says so where the tools are not
 * installed: then there are no samples. When it fails for any other reason, so do the tests.
 */
int pdb_samples_make(void **state);
int pdb_samples_remove(void **state);
bool pdb_samples_there(void);

/** A sample's file: suffix "exe" or "pdb". Free with g_free(). */
char *pdb_sample_path(const char *name, const char *suffix);

/** These fail the test when they can not. */
GByteArray *pdb_read_or_fail(const char *path);
struct wv_profile *pdb_load_or_fail(const char *path);

/** A sample's image, with its bytes. It must not move while it is open. */
struct pdb_image {
	GByteArray *data;
	struct wv_pe_bytes bytes;
	struct wv_pe pe;
};

void pdb_image_load(struct pdb_image *image, const char *sample);
/** The same image as the loader would have it in memory. */
void pdb_image_map(struct pdb_image *mapped, const struct pdb_image *image);
void pdb_image_unload(struct pdb_image *image);

#endif

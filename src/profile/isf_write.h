/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the profile of a Windows kernel as a Volatility 3 ISF, of format 6.2.0, so that what was
 * read of a PDB or of Rekall serves Volatility as well.
 *
 * The types are as complete as the profile is. What no PDB says is not in it: types of symbols.
 * What Rekall's profiles do not say is not in what is made of them: which structures are unions,
 * and of enumerations what they are based on (they are written as long).
 */
#ifndef WV_PROFILE_ISF_WRITE_H
#define WV_PROFILE_ISF_WRITE_H

#include "profile/profile.h"

/**
 * Writes a file, compressed with xz when its name ends with ".xz". It gets there whole or not at
 * all; a file that is there is replaced.
 *
 * @profile: as wv_profile_load() gives it, with a key.
 *
 * Errors: WV_ERROR_USAGE: it is not of a Windows kernel, or does not say of which one.
 * WV_ERROR_OUTPUT: the file can not be written.
 */
bool wv_isf_write(const struct wv_profile *profile, const char *path, GError **error);

#endif

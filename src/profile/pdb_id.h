/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What identifies a PDB: a linker writes the same GUID and age into the image (its RSDS record)
 * and into the PDB that it makes with it.
 */
#ifndef WV_PROFILE_PDB_ID_H
#define WV_PROFILE_PDB_ID_H

#include <stdbool.h>
#include <stdint.h>

/** Bytes that a key takes: 32 digits of the GUID, up to 8 of the age, and the NUL. */
#define WV_PDB_KEY_SIZE 41u

/** Digits of a key that are the GUID's; the others are the age's. */
#define WV_PDB_GUID_DIGITS 32u

/** IMAGE_FILE_MACHINE_ of the PE format. */
enum wv_pe_machine {
	WV_PE_UNKNOWN = 0,
	WV_PE_I386 = 0x014c,
	WV_PE_ARM = 0x01c4,
	WV_PE_AMD64 = 0x8664,
	WV_PE_ARM64 = 0xaa64,
};

struct wv_pdb_id {
	uint8_t guid[16]; /**< as it is stored: three little-endian numbers, then eight bytes */
	uint32_t age;
	uint16_t machine; /**< enum wv_pe_machine, or another of that numbering */
};

/**
 * The name of the folder that symbol stores and servers keep a PDB in: the GUID as 32 upper-case
 * digits without punctuation, then the age in hexadecimal without leading zeros
 * (NAME.pdb/KEY/NAME.pdb).
 */
void wv_pdb_id_key(const struct wv_pdb_id *id, char key[WV_PDB_KEY_SIZE]);

/**
 * Brings a key, as files and users write it, into the form of wv_pdb_id_key(): 32 hexadecimal
 * digits of the GUID (with or without its dashes and braces), 1 to 8 of the age. False when it is
 * not one; then `key` means nothing.
 */
bool wv_pdb_key_parse(const char *text, char key[WV_PDB_KEY_SIZE]);

#endif

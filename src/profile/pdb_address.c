/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translates a PDB's addresses to those of the image. */
#include "profile/pdb_address.h"

#include "profile/pdb_cursor.h"

#include <string.h>

/** IMAGE_SECTION_HEADER of the PE format. */
#define HEADER_SIZE 40u
#define HEADER_RVA  12u
/** {from, to} */
#define PAIR_SIZE 8u

static uint32_t word_at(const uint8_t *data)
{
	uint32_t value;

	memcpy(&value, data, sizeof(value));
	return GUINT32_FROM_LE(value);
}

static uint32_t pair_from(const struct wv_pdb_addresses *self, uint32_t i)
{
	return word_at(self->omap->data + (size_t)i * PAIR_SIZE);
}

static bool read_sections(struct wv_pdb_addresses *self, const struct wv_msf *msf, uint32_t stream,
			  GError **error)
{
	g_autoptr(GByteArray) headers = wv_msf_read(msf, stream, "the section headers", error);

	if (!headers)
		return false;
	self->sections = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	for (size_t at = 0; headers->len - at >= HEADER_SIZE; at += HEADER_SIZE) {
		uint32_t rva = word_at(headers->data + at + HEADER_RVA);

		g_array_append_val(self->sections, rva);
	}
	return true;
}

static bool read_omap(struct wv_pdb_addresses *self, const struct wv_msf *msf, uint32_t stream,
		      GError **error)
{
	self->omap = wv_msf_read(msf, stream, "the OMAP table", error);
	if (!self->omap)
		return false;
	self->omap_length = self->omap->len / PAIR_SIZE;
	for (uint32_t i = 1; i < self->omap_length; i++) {
		if (pair_from(self, i) < pair_from(self, i - 1))
			return wv_msf_fail(msf, error, "the OMAP table is not sorted at entry %u",
					   i);
	}
	return true;
}

bool wv_pdb_addresses_init(struct wv_pdb_addresses *self, const struct wv_msf *msf,
			   const struct wv_pdb_dbi *dbi, GError **error)
{
	bool moved = dbi->omap_from != WV_MSF_NO_STREAM && wv_msf_has(msf, dbi->omap_from);
	bool original =
		moved && dbi->original != WV_MSF_NO_STREAM && wv_msf_has(msf, dbi->original);

	*self = (struct wv_pdb_addresses){ 0 };
	if (read_sections(self, msf, original ? dbi->original : dbi->sections, error) &&
	    (!moved || read_omap(self, msf, dbi->omap_from, error)))
		return true;
	wv_pdb_addresses_deinit(self);
	return false;
}

void wv_pdb_addresses_deinit(struct wv_pdb_addresses *self)
{
	g_clear_pointer(&self->sections, g_array_unref);
	g_clear_pointer(&self->omap, g_byte_array_unref);
	self->omap_length = 0;
}

/* By the last pair that starts at or below the address. */
static bool follow_omap(const struct wv_pdb_addresses *self, uint32_t *rva)
{
	uint32_t low = 0, high = self->omap_length, to;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (pair_from(self, middle) <= *rva)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return false;
	to = word_at(self->omap->data + (size_t)(low - 1) * PAIR_SIZE + 4);
	if (to == 0)
		return false;
	*rva = to + (*rva - pair_from(self, low - 1));
	return true;
}

bool wv_pdb_address(const struct wv_pdb_addresses *self, uint16_t section, uint32_t offset,
		    uint32_t *rva)
{
	if (section == 0 || section > self->sections->len)
		return false;
	if (__builtin_add_overflow(g_array_index(self->sections, uint32_t, section - 1), offset,
				   rva))
		return false;
	return !self->omap || follow_omap(self, rva);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of encoders. */
#include <string.h>

#include "output/encode.h"
#include "output/encoders.h"

const struct wv_encoder *const wv_encoders[] = {
	&wv_encoder_default, &wv_encoder_csv, &wv_encoder_kv, &wv_encoder_json, NULL,
};

const struct wv_encoder *wv_encoder_find(const char *name)
{
	for (size_t i = 0; wv_encoders[i]; i++) {
		if (strcmp(wv_encoders[i]->name, name) == 0)
			return wv_encoders[i];
	}
	return NULL;
}

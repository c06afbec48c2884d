/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The encoders by name: for the table in encode.c, and no one else. */
#ifndef WV_OUTPUT_ENCODERS_H
#define WV_OUTPUT_ENCODERS_H

#include "output/encode.h"

extern const struct wv_encoder wv_encoder_default;
extern const struct wv_encoder wv_encoder_csv;
extern const struct wv_encoder wv_encoder_kv;
extern const struct wv_encoder wv_encoder_json;

#endif

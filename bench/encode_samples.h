/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Typical events, as the records that a vCPU commits for them. */
#ifndef WV_BENCH_ENCODE_SAMPLES_H
#define WV_BENCH_ENCODE_SAMPLES_H

#include "output/record.h"

/** A value of a declared field, or an argument of a definition. */
struct sample_value {
	const char *name;
	const char *type; /**< of an argument: as in the guest's source */
	uint64_t number;
	const char *text; /**< a field's; the bytes that an argument points to; or NULL */
};

#define SAMPLE_VALUES_MAX 16

struct sample {
	const char *what;
	const char *plugin; /**< the event type's plugin column */
	const char *method; /**< one of its methods, or what a definition is made of */
	struct sample_value fields[SAMPLE_VALUES_MAX];
	struct sample_value arguments[WV_DEFINITION_ARGS + 1];
};

/** Ended by one without a name. */
extern const struct sample samples[];

/**
 * Writes the event's record, and takes in the definition that it needs, if any.
 *
 * Returns false when this build has no such event type. The record stays valid until the next call.
 */
bool sample_record(const struct sample *sample, struct wv_writer *writer,
		   struct wv_definitions *definitions);

#endif

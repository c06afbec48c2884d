/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making a template with what the user named, showing how far it is. */
#ifndef WV_CLI_MAKE_TEMPLATE_H
#define WV_CLI_MAKE_TEMPLATE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** NULL and 0: what is usual. */
struct cli_template_options {
	const char *name, *kernel, *rootfs, *modules, *profile, *program, *append;
	uint64_t memory; /**< bytes */
	unsigned vcpus;
	bool replace;
};

bool cli_make_template(const struct cli_template_options *options, GError **error);

#endif

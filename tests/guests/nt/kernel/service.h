/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System services: the table that system calls go through, and those that the guest has. */
#ifndef WV_NT_SERVICE_H
#define WV_NT_SERVICE_H

struct wv_service {
	void *function; /* at the build's address */
	unsigned arguments;
	const char *name;
};

/* Generated: the build's services that the layout knows, and wv_perform. */
extern const struct wv_service wv_services[];
extern const unsigned wv_service_count;

void wv_services_init(void);

#endif

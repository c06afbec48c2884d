/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this plugin share. */
#ifndef WV_PLUGINS_SYSCALLS_SYSCALLS_H
#define WV_PLUGINS_SYSCALLS_SYSCALLS_H

#include "monitor/plugin.h"
#include "output/definition.h"
#include "plugins/syscalls/decode.h"

/** The event types, by their index in the plugin's table. */
enum syscalls_event {
	SYSCALLS_CALL,
	SYSCALLS_RETURN,
	SYSCALLS_SERVICE, /* of Windows */
	SYSCALLS_SERVICE_RETURN,
	SYSCALLS_EVENT_COUNT
};

/** The declared fields of Linux's types; arguments follow them. */
enum syscalls_field {
	FIELD_MODULE,
	FIELD_VCPU,
	FIELD_CR3,
	FIELD_SYSCALL,
	FIELD_TYPE,
	FIELD_N_ARGS,		  /* of SYSCALLS_CALL */
	FIELD_RET = FIELD_N_ARGS, /* of SYSCALLS_RETURN */
	FIELD_INFO,
};

/** Those of Windows' types. */
enum service_field {
	SERVICE_MODULE,
	SERVICE_VCPU,
	SERVICE_CR3,
	SERVICE_SYSCALL,
	SERVICE_N_ARGS, /* of SYSCALLS_SERVICE */
	SERVICE_PREVIOUS_MODE,
	SERVICE_FROM_MODULE,
	SERVICE_CALLER,
	SERVICE_RET = SERVICE_N_ARGS, /* of SYSCALLS_SERVICE_RETURN */
	SERVICE_INFO,
};

/** The plugin's configuration. */
struct syscalls_state {
	GHashTable *only; /**< owned: names of calls; NULL: all */
	bool no_sysret;
	uint32_t preview; /**< bytes of read and write buffers that are shown */
};

extern const struct wv_event_type syscalls_call;
extern const struct wv_event_type syscalls_return;
extern const struct wv_event_type syscalls_service;
extern const struct wv_event_type syscalls_service_return;
extern const struct wv_plugin_guest syscalls_on_linux;
extern const struct wv_plugin_guest syscalls_on_windows;

/** definition->flags */
#define SYSCALLS_COMPAT 1u /**< a 32-bit caller: other layouts, 32-bit arguments */

/* text.c: definitions and raw arguments on the reader's side */
void syscalls_resolve(struct wv_definition *definition);
void syscalls_resolve_nt(struct wv_definition *definition);
void syscalls_raw_text(const struct wv_definition *definition, unsigned index,
		       const struct wv_raw *raw, GString *text);
void syscalls_raw_text_of_return(const struct wv_definition *definition, unsigned index,
				 const struct wv_raw *raw, GString *text);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A template: a guest that was booted, made ready and saved, to be cloned for each sample. It is a
 * folder (see store.h for its files); template.ini says what they are.
 */
#ifndef WV_SANDBOX_TEMPLATE_H
#define WV_SANDBOX_TEMPLATE_H

#include "sandbox/qemu.h"
#include "sandbox/vm.h"

/** What is cloned when the user names none. */
#define WV_TEMPLATE_DEFAULT "default"

struct wv_template {
	char *name;
	char *folder; /**< absolute */
	struct wv_vm vm;
	char **machine;	    /**< QEMU's arguments that a clone must have as well */
	char *qemu_version; /**< of the QEMU that made it */
	char *wyvern_version;
	char *kernel;	    /**< its release, such as "6.1.0-50-cloud-amd64" */
	char *kernel_file;  /**< what it was made of: as the user named it, for people */
	char *root;	    /**< likewise */
	char *append;	    /**< the kernel's command line */
	char *created;	    /**< when: ISO 8601, UTC */
	bool needs_profile; /**< the kernel does not describe itself */
	bool has_profile;   /**< WV_STORE_PROFILE is of use: the monitor that made it runs now */
};

/** Loads a template by its name. WV_ERROR_USAGE when there is none or it is not usable. */
struct wv_template *wv_template_load(const char *name, GError **error);
void wv_template_free(struct wv_template *template);

/** Frees what is in one that was not loaded but filled in. */
void wv_template_clear(struct wv_template *template);

typedef struct wv_template wv_template;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(wv_template, wv_template_free)

/** Writes WV_STORE_INI into a folder that is to become the template's. */
bool wv_template_save(const struct wv_template *template, const char *folder, GError **error);

/** Whether a clone can run in this QEMU: devices' states are only of use to the version that saved
 *  them. */
bool wv_template_fits(const struct wv_template *template, const struct wv_qemu *qemu,
		      GError **error);

#endif

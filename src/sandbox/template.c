/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A template's description, written and read. */
#include "sandbox/template.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "config.h"
#include "machine/cpu.h"
#include "sandbox/store.h"

#define GROUP "template"

/** Rises when clones of older templates can not be run any more: the launcher's way of asking. */
#define FORM 1

/** Texts of a template by their keys. */
static const struct {
	const char *key;
	size_t offset;
} texts[] = {
	{ "qemu", offsetof(struct wv_template, qemu_version) },
	{ "wyvern", offsetof(struct wv_template, wyvern_version) },
	{ "kernel", offsetof(struct wv_template, kernel) },
	{ "kernel_file", offsetof(struct wv_template, kernel_file) },
	{ "root", offsetof(struct wv_template, root) },
	{ "append", offsetof(struct wv_template, append) },
	{ "created", offsetof(struct wv_template, created) },
};

static char **text_of(const struct wv_template *template, size_t index)
{
	return (char **)(gpointer)((char *)template + texts[index].offset);
}

/**
 * Tells one build of the monitor from another: what an older one did not look up in the kernel is
 * not in the profile either. Free with g_free().
 */
static char *monitor_mark(void)
{
	g_autofree char *path = wv_qemu_plugin_path(NULL);
	struct stat info;

	if (!path || stat(path, &info) < 0)
		return NULL;
	return g_strdup_printf("%s %" PRId64 " %" PRId64 ".%09ld", WV_VERSION,
			       (int64_t)info.st_size, (int64_t)info.st_mtim.tv_sec,
			       info.st_mtim.tv_nsec);
}

bool wv_template_save(const struct wv_template *template, const char *folder, GError **error)
{
	g_autoptr(GKeyFile) keys = g_key_file_new();
	g_autofree char *path = g_build_filename(folder, WV_STORE_INI, NULL);
	g_autofree char *mark = monitor_mark();

	g_key_file_set_integer(keys, GROUP, "form", FORM);
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		/* names of files may be any bytes, and are kept for people */
		g_autofree char *valid = g_utf8_make_valid(*text_of(template, i), -1);

		g_key_file_set_string(keys, GROUP, texts[i].key, valid);
	}
	g_key_file_set_uint64(keys, GROUP, "memory", template->vm.memory);
	g_key_file_set_integer(keys, GROUP, "vcpus", (gint) template->vm.vcpus);
	g_key_file_set_boolean(keys, GROUP, "disk", template->vm.has_disk);
	g_key_file_set_boolean(keys, GROUP, "disk_is_qcow2", template->vm.disk_is_qcow2);
	g_key_file_set_boolean(keys, GROUP, "needs_profile", template->needs_profile);
	g_key_file_set_string(keys, GROUP, "monitor", mark ? mark : "");
	g_key_file_set_string_list(keys, GROUP, "machine", (const gchar *const *)template->machine,
				   g_strv_length(template->machine));
	if (g_key_file_save_to_file(keys, path, error))
		return true;
	g_prefix_error(error, "cannot write the template: ");
	return false;
}

/** The file's size is what it must be, @size; 0: anything but empty. */
static bool check_file(const char *folder, const char *name, uint64_t size, GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	struct stat info;

	if (stat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0 &&
	    (!size || (uint64_t)info.st_size == size))
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
		    "%s is missing or damaged: make the template again", path);
	return false;
}

/** A flag that must be there. */
static bool read_flag(GKeyFile *keys, const char *key, bool *whole)
{
	g_autoptr(GError) reason = NULL;
	bool flag = g_key_file_get_boolean(keys, GROUP, key, &reason);

	*whole &= !reason;
	return flag;
}

static bool fail_damaged(const char *name, GError **error)
{
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
		    "template %s: its " WV_STORE_INI " is damaged: make it again with wyvern "
		    "template create %s --force",
		    name, name);
	return false;
}

static bool read_about(struct wv_template *template, GKeyFile *keys, GError **error)
{
	g_autofree char *mark = monitor_mark();
	g_autofree char *made_by = g_key_file_get_string(keys, GROUP, "monitor", NULL);
	bool whole = true;

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		*text_of(template, i) = g_key_file_get_string(keys, GROUP, texts[i].key, NULL);
		whole &= *text_of(template, i) != NULL;
	}
	template->vm.memory = g_key_file_get_uint64(keys, GROUP, "memory", NULL);
	template->vm.vcpus = (unsigned)g_key_file_get_integer(keys, GROUP, "vcpus", NULL);
	template->vm.has_disk = read_flag(keys, "disk", &whole);
	template->vm.disk_is_qcow2 = read_flag(keys, "disk_is_qcow2", &whole);
	template->machine = g_key_file_get_string_list(keys, GROUP, "machine", NULL, NULL);
	template->needs_profile = read_flag(keys, "needs_profile", &whole);
	template->has_profile = template->needs_profile || (mark && g_strcmp0(mark, made_by) == 0);
	if (g_key_file_get_integer(keys, GROUP, "form", NULL) != FORM) {
		g_set_error(
			error, WV_ERROR, WV_ERROR_USAGE,
			"template %s was made by Wyvern %s, in another form: make it again with "
			"wyvern template create %s --force",
			template->name, template->wyvern_version ? template->wyvern_version : "?",
			template->name);
		return false;
	}
	if (whole && template->machine && template->vm.memory && template->vm.vcpus &&
	    template->vm.vcpus <= WV_VCPUS_MAX)
		return true;
	return fail_damaged(template->name, error);
}

struct wv_template *wv_template_load(const char *name, GError **error)
{
	g_autoptr(GKeyFile) keys = g_key_file_new();
	g_autoptr(wv_template) template = g_new0(struct wv_template, 1);
	g_autofree char *path = NULL;

	if (!wv_store_check_name(name, error))
		return NULL;
	template->name = g_strdup(name);
	template->folder = wv_store_path(name);
	path = g_build_filename(template->folder, WV_STORE_INI, NULL);
	if (!g_key_file_load_from_file(keys, path, G_KEY_FILE_NONE, NULL)) {
		if (wv_store_has(name)) {
			fail_damaged(name, error);
			return NULL;
		}
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "there is no template %s: make one with wyvern template create %s",
			    name, name);
		return NULL;
	}
	if (!read_about(template, keys, error) ||
	    !check_file(template->folder, WV_STORE_RAM, template->vm.memory, error) ||
	    !check_file(template->folder, WV_STORE_STATE, 0, error) ||
	    (template->vm.has_disk && !check_file(template->folder, WV_STORE_DISK, 0, error)) ||
	    (template->has_profile && !check_file(template->folder, WV_STORE_PROFILE, 0, error)))
		return NULL;
	return g_steal_pointer(&template);
}

void wv_template_clear(struct wv_template *template)
{
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(*text_of(template, i));
	g_strfreev(template->machine);
	g_free(template->folder);
	g_free(template->name);
	*template = (struct wv_template){ 0 };
}

void wv_template_free(struct wv_template *template)
{
	if (!template)
		return;
	wv_template_clear(template);
	g_free(template);
}

bool wv_template_fits(const struct wv_template *template, const struct wv_qemu *qemu,
		      GError **error)
{
	if (strcmp(template->qemu_version, qemu->version) == 0)
		return true;
	g_set_error(
		error, WV_ERROR, WV_ERROR_USAGE,
		"template %s was made by QEMU %s and can not run in %s, which is %s: make it again "
		"with wyvern template create %s --force, or name its QEMU with --qemu",
		template->name, template->qemu_version, qemu->path, qemu->version, template->name);
	return false;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernel modules for the launcher: which a guest needs, and in which order. */
#include <archive.h>
#include <elf.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "sandbox/root_archive.h"
#include "sandbox/root_parts.h"

#define DEPTH_MAX   16
#define MODULE_MAX  (64 << 20)
#define MODULE_LIST WV_ROOT_MODULES "/load"

/*
 * Each comes after those that it needs. What a kernel has built in is not in its folder, and is
 * passed over. `with`: only if that one is there, too. scripts/lib/fetch-kernel.sh keeps the same.
 */
static const struct {
	const char *name;
	const char *with;
} wanted[] = {
	{ "virtio", NULL },
	{ "virtio_ring", NULL },
	{ "virtio_pci_legacy_dev", NULL },
	{ "virtio_pci_modern_dev", NULL },
	{ "virtio_pci", NULL },
	{ "virtio_blk", NULL },
	{ "failover", NULL },
	{ "net_failover", NULL },
	{ "virtio_net", NULL },
	{ "crc16", "ext4" },
	{ "crc32c_generic", "ext4" },
	{ "libcrc32c", "ext4" },
	{ "mbcache", "ext4" },
	{ "jbd2", "ext4" },
	{ "ext4", "ext4" },
};

static bool is_wanted(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
		if (strcmp(wanted[i].name, name) == 0)
			return true;
	}
	return false;
}

/* The module's name in the kernel, of virtio-pci.ko.xz: virtio_pci. NULL: no module. */
static char *module_name(const char *file)
{
	static const char *const ends[] = { ".ko", ".ko.xz", ".ko.gz", ".ko.zst" };

	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
		if (g_str_has_suffix(file, ends[i])) {
			char *name = g_strndup(file, strlen(file) - strlen(ends[i]));

			return g_strdelimit(name, "-", '_');
		}
	}
	return NULL;
}

static bool find(GHashTable *found, const char *folder, int depth, GError **error);

static bool consider(GHashTable *found, const char *path, const char *file, int depth,
		     GError **error)
{
	g_autofree char *name = NULL;
	GStatBuf info;

	/* A tree of modules has links to the kernel's sources. */
	if (g_lstat(path, &info) != 0)
		return true;
	if (S_ISDIR(info.st_mode))
		return depth >= DEPTH_MAX || find(found, path, depth + 1, error);
	name = S_ISREG(info.st_mode) ? module_name(file) : NULL;
	if (!name || !is_wanted(name))
		return true;
	if (g_hash_table_contains(found, name)) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "the modules of more than one kernel: %s and %s",
			    (const char *)g_hash_table_lookup(found, name), path);
		return false;
	}
	g_hash_table_insert(found, g_steal_pointer(&name), g_strdup(path));
	return true;
}

static bool find(GHashTable *found, const char *folder, int depth, GError **error)
{
	g_autoptr(GError) failed = NULL;
	g_autoptr(GDir) dir = g_dir_open(folder, 0, &failed);
	const char *file;

	if (!dir) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s", failed->message);
		return false;
	}
	while ((file = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, file, NULL);

		if (!consider(found, path, file, depth, error))
			return false;
	}
	return true;
}

/* The file's bytes, uncompressed. */
static GByteArray *read_module(const char *path, GError **error)
{
	struct archive *archive = wv_archive_open(path, WV_ARCHIVE_RAW, error);
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autofree uint8_t *block = g_malloc(65536);
	struct archive_entry *entry;
	la_ssize_t length = 0;
	bool ok = true;

	if (!archive)
		return NULL;
	if (archive_read_next_header(archive, &entry) < ARCHIVE_WARN)
		ok = wv_archive_fail(archive, path, error);
	while (ok && (length = archive_read_data(archive, block, 65536)) > 0 &&
	       bytes->len <= MODULE_MAX)
		g_byte_array_append(bytes, block, (guint)length);
	if (ok && length < 0)
		ok = wv_archive_fail(archive, path, error);
	archive_read_free(archive);
	if (!ok)
		return NULL;
	if (bytes->len > MODULE_MAX || bytes->len < EI_NIDENT ||
	    memcmp(bytes->data, ELFMAG, SELFMAG) != 0) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s is no kernel module", path);
		return NULL;
	}
	return g_steal_pointer(&bytes);
}

static bool add_module(struct wv_cpio *cpio, const char *name, const char *path, GString *list,
		       GError **error)
{
	g_autoptr(GByteArray) bytes = read_module(path, error);
	g_autofree char *place = g_strdup_printf(WV_ROOT_MODULES "/%s.ko", name);

	if (!bytes)
		return false;
	g_string_append_printf(list, "%s.ko\n", name);
	return wv_cpio_add_data(cpio, place, 0644, bytes->data, bytes->len, error);
}

bool wv_root_add_modules(struct wv_cpio *cpio, const char *path, GError **error)
{
	g_autoptr(GHashTable) found =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autoptr(GString) list = g_string_new(NULL);

	if (!find(found, path, 0, error))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
		const char *file = g_hash_table_lookup(found, wanted[i].name);

		if (!file || (wanted[i].with && !g_hash_table_contains(found, wanted[i].with)))
			continue;
		if (!add_module(cpio, wanted[i].name, file, list, error))
			return false;
	}
	return wv_cpio_add_data(cpio, MODULE_LIST, 0644, list->str, list->len, error);
}

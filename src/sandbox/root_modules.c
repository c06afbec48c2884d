/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel modules for the launcher: which a guest needs, and in which order. */
#include <archive.h>
#include <elf.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "sandbox/root_archive.h"
#include "sandbox/root_parts.h"

#define DEPTH_MAX  16
#define MODULE_MAX (64 << 20)

/*
 * What is asked for by name; what these need in turn they say themselves. What a kernel has built
 * in is not in its folder, and is passed over. scripts/lib/fetch-kernel.sh keeps the same.
 */
static const char *const for_all[] = { "virtio_pci", "virtio_net", NULL };
static const char *const for_disks[] = { "virtio_blk", NULL };

/* A file system's checksums are looked up by name when it is mounted: nothing says it needs them.
 */
static const struct {
	const char *name;
	const char *checksums[4];
} file_systems[] = {
	{ "ext4", { "crc32c_generic" } },
	{ "xfs", { "crc32c_generic" } },
	{ "btrfs", { "crc32c_generic", "xxhash_generic", "blake2b_generic" } },
};

struct packing {
	struct wv_cpio *cpio;
	const char *folder;
	GHashTable *found;  /* char * -> char *: a module's name and its file */
	GHashTable *doubly; /* the same, of a second file with the name */
	GHashTable *needs;  /* char * -> char **: what the modules in the archive need */
};

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

static bool find(struct packing *packing, const char *folder, int depth, GError **error);

static bool consider(struct packing *packing, const char *path, const char *file, int depth,
		     GError **error)
{
	char *name;
	GStatBuf info;

	/* A tree of modules has links to the kernel's sources. */
	if (g_lstat(path, &info) != 0)
		return true;
	if (S_ISDIR(info.st_mode))
		return depth >= DEPTH_MAX || find(packing, path, depth + 1, error);
	name = S_ISREG(info.st_mode) ? module_name(file) : NULL;
	if (!name)
		return true;
	g_hash_table_insert(g_hash_table_contains(packing->found, name) ? packing->doubly
									: packing->found,
			    name, g_strdup(path));
	return true;
}

static bool find(struct packing *packing, const char *folder, int depth, GError **error)
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

		if (!consider(packing, path, file, depth, error))
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

/* A section of the module, by its number. False: it is not inside of the file. */
static bool section(const GByteArray *module, const Elf64_Ehdr *head, unsigned int number,
		    Elf64_Shdr *out)
{
	uint64_t at;

	if (head->e_shoff > module->len || number >= head->e_shnum)
		return false;
	at = head->e_shoff + (uint64_t)number * sizeof(*out);
	if (at + sizeof(*out) > module->len)
		return false;
	memcpy(out, module->data + at, sizeof(*out));
	return out->sh_type != SHT_NOBITS && out->sh_offset <= module->len &&
	       out->sh_size <= module->len - out->sh_offset;
}

static bool is_called(const GByteArray *module, const Elf64_Shdr *names, const Elf64_Shdr *part,
		      const char *name)
{
	size_t size = strlen(name) + 1;

	return part->sh_name <= names->sh_size && size <= names->sh_size - part->sh_name &&
	       memcmp(module->data + names->sh_offset + part->sh_name, name, size) == 0;
}

/* What the module says of itself: texts, each ended by a zero byte. NULL: nothing. */
static const char *module_texts(const GByteArray *module, size_t *size)
{
	Elf64_Shdr names, part;
	Elf64_Ehdr head;

	if (module->len < sizeof(head))
		return NULL;
	memcpy(&head, module->data, sizeof(head));
	if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_shentsize != sizeof(part) ||
	    !section(module, &head, head.e_shstrndx, &names))
		return NULL;
	for (unsigned int i = 0; i < head.e_shnum; i++) {
		if (!section(module, &head, i, &part) ||
		    !is_called(module, &names, &part, ".modinfo"))
			continue;
		*size = part.sh_size;
		return (const char *)module->data + part.sh_offset;
	}
	return NULL;
}

/* The names of the modules that it can not do without; NULL: it is no module. */
static char **needs_of(const GByteArray *module)
{
	static const char key[] = "depends=";
	size_t size = 0, length;
	const char *text = module_texts(module, &size);

	for (; text && size; text += length, size -= length) {
		length = strnlen(text, size - 1) + 1;
		if (length > sizeof(key) - 1 && memcmp(text, key, sizeof(key) - 1) == 0) {
			g_autofree char *list =
				g_strndup(text + sizeof(key) - 1, length - (sizeof(key) - 1));

			return g_strsplit(g_strdelimit(list, "-", '_'), ",", 0);
		}
	}
	return NULL;
}

/* Puts a module into the archive, once. NULL: it can not be; else what it needs. */
static char **put(struct packing *packing, const char *name, GError **error)
{
	const char *path = g_hash_table_lookup(packing->found, name);
	const char *second = g_hash_table_lookup(packing->doubly, name);
	g_autofree char *place = g_strdup_printf(WV_ROOT_MODULES "/%s.ko", name);
	g_autoptr(GByteArray) module = NULL;
	char **needs;

	if (second) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "the modules of more than one kernel: %s and %s", path, second);
		return NULL;
	}
	module = read_module(path, error);
	if (!module)
		return NULL;
	needs = needs_of(module);
	if (!needs) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s is no kernel module", path);
		return NULL;
	}
	if (!wv_cpio_add_data(packing->cpio, place, 0644, module->data, module->len, error)) {
		g_strfreev(needs);
		return NULL;
	}
	g_hash_table_insert(packing->needs, g_strdup(name), needs);
	return needs;
}

/* Adds a module to a list, behind all that it needs. `depth`: modules may need one another. */
static bool list_module(struct packing *packing, GPtrArray *list, const char *name, int depth,
			GError **error)
{
	char **needs = g_hash_table_lookup(packing->needs, name);

	if (g_ptr_array_find_with_equal_func(list, name, g_str_equal, NULL))
		return true;
	if (!needs)
		needs = put(packing, name, error);
	if (!needs)
		return false;
	for (; *needs; needs++) {
		if (!**needs)
			continue;
		if (!g_hash_table_contains(packing->found, *needs) || depth >= DEPTH_MAX) {
			g_autofree char *printable = wv_cpio_printable(*needs);

			g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
				    "the kernel module %s needs %s, which is not below %s", name,
				    printable, packing->folder);
			return false;
		}
		if (!list_module(packing, list, *needs, depth + 1, error))
			return false;
	}
	g_ptr_array_add(list, g_strdup(name));
	return true;
}

/* Those of the modules that are there, and what they need. */
static bool list_modules(struct packing *packing, GPtrArray *list, const char *const *names,
			 GError **error)
{
	for (; *names; names++) {
		if (g_hash_table_contains(packing->found, *names) &&
		    !list_module(packing, list, *names, 0, error))
			return false;
	}
	return true;
}

static bool write_list(struct packing *packing, const char *name, const GPtrArray *list,
		       GError **error)
{
	g_autofree char *path = g_strconcat(WV_ROOT_MODULES "/", name, NULL);
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < list->len; i++)
		g_string_append_printf(text, "%s.ko\n", (const char *)list->pdata[i]);
	return wv_cpio_add_data(packing->cpio, path, 0644, text->str, text->len, error);
}

static bool add_all(struct packing *packing, bool disk, GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);

	if (!list_modules(packing, list, for_all, error) ||
	    (disk && !list_modules(packing, list, for_disks, error)) ||
	    !write_list(packing, "load", list, error))
		return false;
	for (size_t i = 0; disk && i < G_N_ELEMENTS(file_systems); i++) {
		const char *const itself[] = { file_systems[i].name, NULL };

		g_ptr_array_set_size(list, 0);
		if (!g_hash_table_contains(packing->found, itself[0]))
			continue;
		if (!list_modules(packing, list, file_systems[i].checksums, error) ||
		    !list_modules(packing, list, itself, error) ||
		    !write_list(packing, itself[0], list, error))
			return false;
	}
	return true;
}

bool wv_root_add_modules(struct wv_cpio *cpio, const char *path, bool disk, GError **error)
{
	struct packing packing = {
		.cpio = cpio,
		.folder = path,
		.found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
		.doubly = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
		.needs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					       (GDestroyNotify)g_strfreev),
	};
	bool ok = find(&packing, path, 0, error) && add_all(&packing, disk, error);

	g_hash_table_unref(packing.found);
	g_hash_table_unref(packing.doubly);
	g_hash_table_unref(packing.needs);
	return ok;
}

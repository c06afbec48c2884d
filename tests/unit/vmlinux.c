/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads a decompressed vmlinux (ELF) as an image of the kernel's mapping. */
#include "vmlinux.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define IMAGE_MAX (256u << 20)

static const Elf64_Ehdr *elf_header(const struct vmlinux *kernel)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)kernel->file;

	if (kernel->file_size < sizeof(*header) || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
	    header->e_ident[EI_CLASS] != ELFCLASS64)
		return NULL;
	if (header->e_phoff > kernel->file_size ||
	    header->e_phnum * sizeof(Elf64_Phdr) > kernel->file_size - header->e_phoff)
		return NULL;
	if (header->e_shoff > kernel->file_size ||
	    header->e_shnum * sizeof(Elf64_Shdr) > kernel->file_size - header->e_shoff)
		return NULL;
	return header;
}

/* Calls for the file's loadable segments; `size` is what the image needs so far. */
static bool map_segments(struct vmlinux *kernel, const Elf64_Ehdr *header)
{
	const Elf64_Phdr *segments = (const Elf64_Phdr *)(kernel->file + header->e_phoff);
	uint64_t first = UINT64_MAX, end = 0;
	uint8_t *data;

	for (int i = 0; i < header->e_phnum; i++) {
		if (segments[i].p_type != PT_LOAD)
			continue;
		if (segments[i].p_paddr < first) {
			first = segments[i].p_paddr;
			kernel->image.address = segments[i].p_vaddr;
		}
		end = MAX(end, segments[i].p_paddr + segments[i].p_memsz);
	}
	if (end <= first || end - first > IMAGE_MAX)
		return false;
	data = mmap(NULL, end - first, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (data == MAP_FAILED)
		return false;
	kernel->image.data = data;
	kernel->image.size = end - first;
	for (int i = 0; i < header->e_phnum; i++) {
		const Elf64_Phdr *segment = &segments[i];

		if (segment->p_type != PT_LOAD)
			continue;
		if (segment->p_offset > kernel->file_size ||
		    segment->p_filesz > kernel->file_size - segment->p_offset ||
		    segment->p_filesz > segment->p_memsz)
			return false;
		memcpy(data + (segment->p_paddr - first), kernel->file + segment->p_offset,
		       segment->p_filesz);
	}
	return true;
}

struct vmlinux *vmlinux_load(const char *path, GError **error)
{
	struct vmlinux *kernel = g_new0(struct vmlinux, 1);
	g_autofree char *folder = g_path_get_dirname(path);
	const Elf64_Ehdr *header;

	kernel->path = g_strdup(path);
	kernel->name = g_path_get_basename(folder);
	if (!g_file_get_contents(path, &kernel->file, &kernel->file_size, error))
		goto fail;
	header = elf_header(kernel);
	if (!header || !map_segments(kernel, header)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: not a kernel in ELF",
			    path);
		goto fail;
	}
	return kernel;
fail:
	vmlinux_free(kernel);
	return NULL;
}

void vmlinux_free(struct vmlinux *kernel)
{
	if (kernel->image.data)
		munmap((void *)kernel->image.data, kernel->image.size);
	g_free(kernel->name);
	g_free(kernel->path);
	g_free(kernel->file);
	g_free(kernel);
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp((*(struct vmlinux *const *)a)->name, (*(struct vmlinux *const *)b)->name);
}

GPtrArray *vmlinux_load_all(void)
{
	const char *folder = g_getenv("WYVERN_KERNELS"), *entry;
	g_autoptr(GError) error = NULL;
	g_autoptr(GDir) dir = NULL;
	GPtrArray *kernels;

	if (!folder || !*folder) {
		fprintf(stderr, "skipped: WYVERN_KERNELS is not set to a folder with "
				"NAME/vmlinux files (decompressed kernels)\n");
		return NULL;
	}
	dir = g_dir_open(folder, 0, &error);
	if (!dir)
		g_error("%s", error->message);
	kernels = g_ptr_array_new_with_free_func((GDestroyNotify)vmlinux_free);
	while ((entry = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, entry, "vmlinux", NULL);
		struct vmlinux *kernel;

		if (!g_file_test(path, G_FILE_TEST_EXISTS))
			continue;
		kernel = vmlinux_load(path, &error);
		if (!kernel)
			g_error("%s", error->message);
		g_ptr_array_add(kernels, kernel);
	}
	if (kernels->len == 0)
		g_error("no */vmlinux in %s", folder);
	g_ptr_array_sort(kernels, by_name);
	return kernels;
}

bool vmlinux_section(const struct vmlinux *kernel, const char *name, uint64_t *address,
		     uint64_t *size)
{
	const Elf64_Ehdr *header = elf_header(kernel);
	const Elf64_Shdr *sections = (const Elf64_Shdr *)(kernel->file + header->e_shoff);
	const Elf64_Shdr *names;

	if (header->e_shstrndx >= header->e_shnum)
		return false;
	names = &sections[header->e_shstrndx];
	for (int i = 0; i < header->e_shnum; i++) {
		if (sections[i].sh_name >= names->sh_size ||
		    names->sh_offset + names->sh_size > kernel->file_size ||
		    strcmp(kernel->file + names->sh_offset + sections[i].sh_name, name) != 0)
			continue;
		*address = sections[i].sh_addr;
		*size = sections[i].sh_size;
		return true;
	}
	return false;
}

const uint8_t *vmlinux_at(const struct vmlinux *kernel, uint64_t address, size_t size)
{
	uint64_t at = address - kernel->image.address;

	if (at > kernel->image.size || size > kernel->image.size - at)
		return NULL;
	return kernel->image.data + at;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qcow2 images: making an empty one, and looking at the header of a given one. */
#define _GNU_SOURCE
#include "sandbox/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define MAGIC	     0x514649fb /* "QFI", 0xfb */
#define CLUSTER_BITS 16
#define CLUSTER	     (UINT64_C(1) << CLUSTER_BITS)
#define ENTRY	     8 /* bytes of an entry of the tables */
#define SECTOR	     512

/** What an entry of the first table maps: a cluster full of entries, each mapping a cluster. */
#define MAPPED_BY_L1_ENTRY (CLUSTER / ENTRY * CLUSTER)

/** Where the parts of a new image are, in clusters. The first table has the rest. */
enum part { HEADER, REFCOUNT_TABLE, REFCOUNT_BLOCK, L1_TABLE };

/** The header of a version 3 image; all its numbers are big-endian. Version 2 has its first 72. */
struct header {
	uint32_t magic;
	uint32_t version;
	uint64_t backing_file_offset;
	uint32_t backing_file_size;
	uint32_t cluster_bits;
	uint64_t size;
	uint32_t crypt_method;
	uint32_t l1_size;
	uint64_t l1_table_offset;
	uint64_t refcount_table_offset;
	uint32_t refcount_table_clusters;
	uint32_t nb_snapshots;
	uint64_t snapshots_offset;
	uint64_t incompatible_features;
	uint64_t compatible_features;
	uint64_t autoclear_features;
	uint32_t refcount_order;
	uint32_t header_length;
} __attribute__((packed));

#define VERSION_2_SIZE offsetof(struct header, incompatible_features)

G_STATIC_ASSERT(sizeof(struct header) == 104 && VERSION_2_SIZE == 72);

enum incompatible {
	INCOMPATIBLE_CORRUPT = 1 << 1,
	INCOMPATIBLE_DATA_FILE = 1 << 2,
};

/** How the files of other formats begin: with one of them as a raw disk no guest would boot. */
static const struct format {
	const char *name;
	size_t offset;
	const char *magic;
} other_formats[] = {
	{ "vmdk", 0, "KDMV" },
	{ "vmdk", 0, "COWD" },
	{ "vmdk", 0, "# Disk DescriptorFile" },
	{ "vhdx", 0, "vhdxfile" },
	{ "vpc", 0, "conectix" },
	{ "vdi", 64, "\x7f\x10\xda\xbe" },
	{ "parallels", 0, "WithoutFreeSpace" },
	{ "parallels", 0, "WithouFreSpacExt" },
	{ "luks", 0, "LUKS\xba\xbe" },
};

static void set_error(GError **error, const char *what, const char *where)
{
	g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT, "cannot %s in %s: %s", what, where,
		    g_strerror(errno));
}

/** A file without a name. */
static int open_unnamed(const char *folder, GError **error)
{
	int fd = open(folder, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	g_autofree char *path = NULL;

	if (fd >= 0)
		return fd;
	path = g_build_filename(folder, ".wyvern-disk-XXXXXX", NULL);
	fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		set_error(error, "make a file for what is written to the disk", folder);
	else
		unlink(path);
	return fd;
}

static bool put(int fd, const void *data, size_t size, uint64_t offset)
{
	ssize_t written;

	do
		written = pwrite(fd, data, size, (off_t)offset);
	while (written < 0 && errno == EINTR);
	if (written >= 0 && (size_t)written < size)
		errno = ENOSPC;
	return written == (ssize_t)size;
}

static bool write_image(int fd, uint64_t disk_size)
{
	uint64_t l1_entries = (disk_size + MAPPED_BY_L1_ENTRY - 1) / MAPPED_BY_L1_ENTRY;
	uint64_t clusters = L1_TABLE + (l1_entries * ENTRY + CLUSTER - 1) / CLUSTER;
	uint64_t refcount_block = GUINT64_TO_BE(REFCOUNT_BLOCK * CLUSTER);
	struct header header = {
		.magic = GUINT32_TO_BE(MAGIC),
		.version = GUINT32_TO_BE(3),
		.cluster_bits = GUINT32_TO_BE(CLUSTER_BITS),
		.size = GUINT64_TO_BE(disk_size),
		.l1_size = GUINT32_TO_BE((uint32_t)l1_entries),
		.l1_table_offset = GUINT64_TO_BE(L1_TABLE * CLUSTER),
		.refcount_table_offset = GUINT64_TO_BE(REFCOUNT_TABLE * CLUSTER),
		.refcount_table_clusters = GUINT32_TO_BE(1),
		.refcount_order = GUINT32_TO_BE(4), /* 16 bits */
		.header_length = GUINT32_TO_BE(sizeof(struct header)),
	};

	/* what is not written is zeros: the end of the header's extensions, the first table */
	if (ftruncate(fd, (off_t)(clusters * CLUSTER)) < 0 ||
	    !put(fd, &header, sizeof(header), 0) ||
	    !put(fd, &refcount_block, ENTRY, REFCOUNT_TABLE * CLUSTER))
		return false;
	for (uint64_t i = 0; i < clusters; i++) {
		uint16_t one = GUINT16_TO_BE(1);

		if (!put(fd, &one, sizeof(one), REFCOUNT_BLOCK * CLUSTER + i * sizeof(one)))
			return false;
	}
	return true;
}

int wv_overlay_open(const char *folder, uint64_t disk_size, GError **error)
{
	int fd;

	if (disk_size == 0 || disk_size > WV_OVERLAY_DISK_MAX) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "a disk of %" G_GUINT64_FORMAT " bytes: it is empty, or larger than "
			    "%" G_GUINT64_FORMAT,
			    disk_size, WV_OVERLAY_DISK_MAX);
		return -1;
	}
	fd = open_unnamed(folder, error);
	if (fd >= 0 && !write_image(fd, (disk_size + SECTOR - 1) / SECTOR * SECTOR)) {
		set_error(error, "write what is written to the disk", folder);
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool refuse(GError **error, const char *path, const char *why)
{
	g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "%s: %s", path, why);
	return false;
}

/** Whether nothing but the image is needed to read it. */
static bool check_qcow2(const struct header *header, size_t size, const char *path, GError **error)
{
	uint32_t version = GUINT32_FROM_BE(header->version);
	uint64_t incompatible = 0;

	if (size < VERSION_2_SIZE || (version >= 3 && size < sizeof(*header)))
		return refuse(error, path, "a qcow2 image that is cut off");
	if (version != 2 && version != 3)
		return refuse(error, path, "an image of a version of qcow2 that is not known");
	if (version == 3)
		incompatible = GUINT64_FROM_BE(header->incompatible_features);
	if (header->backing_file_offset)
		return refuse(error, path,
			      "a qcow2 image over another one; `qemu-img convert -O qcow2` makes a "
			      "whole one of both");
	if (header->crypt_method)
		return refuse(error, path, "an encrypted qcow2 image");
	if (incompatible & INCOMPATIBLE_DATA_FILE)
		return refuse(error, path,
			      "a qcow2 image with its data in another file; `qemu-img convert -O "
			      "qcow2` makes a whole one of both");
	if (incompatible & INCOMPATIBLE_CORRUPT)
		return refuse(error, path, "a qcow2 image that is marked as damaged");
	return true;
}

static bool check_raw(const uint8_t *start, size_t size, const char *path, GError **error)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(other_formats); i++) {
		const struct format *format = &other_formats[i];
		size_t length = strlen(format->magic);

		if (size >= format->offset + length &&
		    memcmp(start + format->offset, format->magic, length) == 0) {
			g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
				    "%s: an image of format %s; `qemu-img convert -O qcow2` makes "
				    "a qcow2 image of it",
				    path, format->name);
			return false;
		}
	}
	return true;
}

/** Reads the start of a file or of a block device, and finds the end. */
static bool look_at(const char *path, void *start, size_t room, size_t *size, uint64_t *file_size,
		    GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat info;
	ssize_t got = -1;
	off_t end = -1;

	if (fd >= 0 && fstat(fd, &info) == 0) {
		if (!S_ISREG(info.st_mode) && !S_ISBLK(info.st_mode)) {
			close(fd);
			return refuse(error, path, "neither a file nor a block device");
		}
		got = pread(fd, start, room, 0);
		end = lseek(fd, 0, SEEK_END);
	}
	if (got < 0 || end < 0)
		refuse(error, path, g_strerror(errno));
	if (fd >= 0)
		close(fd);
	*size = (size_t)MAX(got, 0);
	*file_size = (uint64_t)MAX(end, 0);
	return got >= 0 && end >= 0;
}

bool wv_overlay_disk_size(const char *path, uint64_t *size, bool *is_qcow2, GError **error)
{
	union {
		struct header header;
		uint8_t bytes[SECTOR];
	} start = { 0 };
	size_t got;
	uint64_t end;

	if (!look_at(path, &start, sizeof(start), &got, &end, error))
		return false;
	*is_qcow2 = got >= sizeof(start.header.magic) && start.header.magic == GUINT32_TO_BE(MAGIC);
	if (*is_qcow2 ? !check_qcow2(&start.header, got, path, error)
		      : !check_raw(start.bytes, got, path, error))
		return false;
	*size = *is_qcow2 ? GUINT64_FROM_BE(start.header.size) : end;
	if (*size == 0 || *size > WV_OVERLAY_DISK_MAX)
		return refuse(error, path, *size ? "a disk that is too large" : "an empty disk");
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filetracer on Linux: opening and closing files, and their content. */
#include "plugins/filetracer/linux.h"

/* Open ------------------------------------------------------------------------------------------*/

enum { OPEN_RESULT = FIELD_OWN };

static const struct wv_field open_fields[] = {
	LINUX_COMMON_WITH("The file's path; where it could not be opened, the one asked for.",
			  wv_format_open_flags, "How it is opened (O_RDWR | O_CREAT)."),
	[OPEN_RESULT] = LINUX_SUCCESS,
};

/** struct file *do_filp_open(int dfd, struct filename *, const struct open_flags *) */
static bool find_open(struct wv_call *call, struct linux_saved *saved)
{
	saved->folder = (int32_t)wv_call_argument(call, 0);
	saved->subject = wv_call_argument(call, 1);
	saved->has_flags =
		wv_call_read_u32(call, wv_call_argument(call, 2), OPEN_FLAG, &saved->flags);
	/* newer kernels come this far without a name */
	return !linux_is_error(saved->subject);
}

static void opened(struct wv_call *call, struct linux_saved *saved)
{
	uint64_t file = wv_call_result(call);

	if (linux_is_error(file))
		return;
	saved->kind = &linux_file;
	saved->subject = file;
}

const struct linux_operation filetracer_linux_open = {
	.type = LINUX_TYPE(open_fields, "A file is opened, or created and opened.", "do_filp_open",
			   "do_file_open"),
	.kind = &linux_filename,
	.find = find_open,
	.returned = opened,
	.result = RESULT_POINTER,
	.not_inside = LINUX_ANY,
};

/**
 * struct file *do_file_open_root(const struct path *root, const char *name, const struct open_flags
 * *); before 5.13 (struct dentry *, struct vfsmount *, const char *name, const struct open_flags *)
 */
static bool find_open_root(struct wv_call *call, struct linux_saved *saved)
{
	bool is_entry = wv_call_place(call, OPEN_ROOT_ENTRY)->found ||
			!wv_rename_has_maps(call, RENAME_FIRST);

	saved->subject = wv_call_argument(call, 0);
	saved->has_flags = wv_call_read_u32(call, wv_call_argument(call, is_entry ? 3 : 2),
					    OPEN_FLAG, &saved->flags);
	if (is_entry) {
		saved->kind = &linux_entry;
		saved->mount = wv_call_argument(call, 1);
	}
	return true;
}

const struct linux_operation filetracer_linux_open_root = {
	.type = LINUX_TYPE(open_fields,
			   "A file is opened from a given folder, or from itself: by "
			   "open_by_handle_at(2).",
			   "do_file_open_root"),
	.kind = &linux_path,
	.find = find_open_root,
	.returned = opened,
	.result = RESULT_POINTER,
	.not_inside = LINUX_ANY,
};

/* Close -----------------------------------------------------------------------------------------*/

enum { CLOSE_RESULT = FIELD_OWN };

static const struct wv_field close_fields[] = {
	LINUX_COMMON(LINUX_PATH),
	[CLOSE_RESULT] = LINUX_SUCCESS,
};

const struct linux_operation filetracer_linux_close = {
	.type = LINUX_TYPE(close_fields, "A descriptor of a file is closed.", "filp_close"),
	.kind = &linux_file,
	.not_inside = LINUX_BIT(CLOSE),
};

/* Since 6.6 close(2) does without filp_close() */
const struct linux_operation filetracer_linux_flush = {
	.type = LINUX_TYPE(close_fields,
			   "A descriptor of a file is closed by close(2) of newer kernels.",
			   "filp_flush"),
	.kind = &linux_file,
	.not_inside = LINUX_BIT(CLOSE) | LINUX_BIT(FLUSH),
};

/* Read and write --------------------------------------------------------------------------------*/

enum { IO_COUNT = FIELD_OWN, IO_POS, IO_RESULT };

#define POS_MEANING "Where in the file it begins, in bytes; not of what has no positions."

static const struct wv_field io_fields[] = {
	LINUX_COMMON(LINUX_PATH),
	[IO_COUNT] = { "count", WV_KIND_NUMBER, .meaning = "Bytes that are asked for." },
	[IO_POS] = { "pos", WV_KIND_NUMBER, .optional = true, .meaning = POS_MEANING },
	[IO_RESULT] = LINUX_RESULT("Bytes read or written, or the name of the error."),
};

/* ssize_t vfs_read(struct file *, char *buf, size_t count, loff_t *pos) */
#define IO_VALUES                                                                                  \
	{                                                                                          \
		{ IO_COUNT, 2, .put = linux_put_u64 },                                             \
			{ IO_POS, 3, .pointer = true, .put = linux_put_i64 },                      \
	}

const struct linux_operation filetracer_linux_read = {
	.type = LINUX_TYPE(io_fields, "A file is read.", "vfs_read"),
	.kind = &linux_file,
	.result = RESULT_LONG,
	.not_inside = LINUX_BIT(READ),
	.values = IO_VALUES,
};

const struct linux_operation filetracer_linux_write = {
	.type = LINUX_TYPE(io_fields, "A file is written.", "vfs_write"),
	.kind = &linux_file,
	.result = RESULT_LONG,
	.not_inside = LINUX_BIT(WRITE),
	.values = IO_VALUES,
};

static const struct wv_field vector_fields[] = {
	LINUX_COMMON(LINUX_PATH),
	[IO_COUNT] = { "count", WV_KIND_NUMBER, .optional = true,
		       .meaning = "Bytes that are asked for, of all buffers together; not where "
				  "the call fails before they are counted." },
	[IO_POS] = { "pos", WV_KIND_NUMBER, .optional = true, .meaning = POS_MEANING },
	[IO_RESULT] = LINUX_RESULT("Bytes read or written, or the name of the error."),
};

/** The index in vector_values of what linux_enter_area() finds. */
#define VECTOR_COUNT 0

/* ssize_t vfs_readv(struct file *, const struct iovec *, unsigned long vlen, loff_t *pos, flags) */
#define VECTOR_VALUES                                                                              \
	{                                                                                          \
		[VECTOR_COUNT] = { IO_COUNT, ARGUMENT_FOUND, .put = linux_put_u64 },               \
		{ IO_POS, 3, .pointer = true, .put = linux_put_i64 },                              \
	}

static bool find_vector(struct wv_call *call, struct linux_saved *saved)
{
	saved->subject = wv_call_argument(call, 0);
	saved->absent = 1u << VECTOR_COUNT;
	return true;
}

const struct linux_operation filetracer_linux_readv = {
	.type = LINUX_TYPE(vector_fields, "A file is read into several buffers.", "vfs_readv"),
	.kind = &linux_file,
	.find = find_vector,
	.result = RESULT_LONG,
	.not_inside = LINUX_BIT(READV),
	.values = VECTOR_VALUES,
};

const struct linux_operation filetracer_linux_writev = {
	.type = LINUX_TYPE(vector_fields, "A file is written from several buffers.", "vfs_writev"),
	.kind = &linux_file,
	.find = find_vector,
	.result = RESULT_LONG,
	.not_inside = LINUX_BIT(WRITEV),
	.values = VECTOR_VALUES,
};

/* All that reads or writes asks whether it may; io_uring, aio and splice have no function of their
 * own that knows the file as well. */

enum { AREA_ACCESS = FIELD_OWN, AREA_COUNT, AREA_POS };

static const struct wv_field area_fields[] = {
	LINUX_COMMON(LINUX_PATH),
	[AREA_ACCESS] = { "access", WV_KIND_NAME, linux_format_direction,
			  .meaning = "What is done: read or write." },
	[AREA_COUNT] = { "count", WV_KIND_NUMBER, .meaning = "Bytes that are asked for." },
	[AREA_POS] = { "pos", WV_KIND_NUMBER, .optional = true, .meaning = POS_MEANING },
};

/* int rw_verify_area(int read_write, struct file *, const loff_t *ppos, size_t count) */
#define AREA_FILE     1
#define AREA_COUNT_AT 3

const struct linux_operation filetracer_linux_area = {
	.type = LINUX_TYPE(area_fields,
			   "A file is read or written in another way: by io_uring, aio, "
			   "sendfile, splice, copy_file_range; told when that begins.",
			   "rw_verify_area"),
	.kind = &linux_file,
	.subject = AREA_FILE,
	.result = RESULT_NONE,
	.not_inside = LINUX_ANY,
	.values = { { AREA_ACCESS, 0, .put = linux_put_i32 },
		    { AREA_COUNT, AREA_COUNT_AT, .put = linux_put_u64 },
		    { AREA_POS, 2, .pointer = true, .put = linux_put_i64 } },
};

/** FMODE_NOACCOUNT (include/linux/fs.h): a file that the kernel has opened for itself. */
#define MODE_KERNELS_OWN 0x20000000u

/** Overlayfs reads and writes the files of its layers: the call is told already. */
static bool is_kernels_own(struct wv_call *call, uint64_t file)
{
	uint32_t mode;

	return wv_call_read_u32(call, file, FILE_MODE, &mode) && mode & MODE_KERNELS_OWN;
}

/** The count of a call that reads or writes several buffers. */
static bool count_vector(struct wv_call *call, unsigned trap)
{
	struct linux_saved *saved = wv_call_outer(call, trap);

	if (!saved)
		return false;
	if (saved->absent & 1u << VECTOR_COUNT) { /* not of a layer's file inside of it */
		saved->values[VECTOR_COUNT] = wv_call_argument(call, AREA_COUNT_AT);
		saved->absent &= ~(1u << VECTOR_COUNT);
	}
	return true;
}

enum wv_verdict linux_enter_area(struct wv_call *call)
{
	if (wv_call_outer(call, FILETRACER_LINUX_READ) ||
	    wv_call_outer(call, FILETRACER_LINUX_WRITE) ||
	    count_vector(call, FILETRACER_LINUX_READV) ||
	    count_vector(call, FILETRACER_LINUX_WRITEV) ||
	    is_kernels_own(call, wv_call_argument(call, AREA_FILE)))
		return WV_DONE;
	return linux_enter_only(call);
}

/* Seek ------------------------------------------------------------------------------------------*/

enum { SEEK_OFFSET = FIELD_OWN, SEEK_WHENCE, SEEK_RESULT };

static const struct wv_field seek_fields[] = {
	LINUX_COMMON(LINUX_PATH),
	[SEEK_OFFSET] = { "offset", WV_KIND_NUMBER, .meaning = "Bytes." },
	[SEEK_WHENCE] = { "whence", WV_KIND_NAME, linux_format_whence,
			  .meaning = "From where they count (SEEK_SET)." },
	[SEEK_RESULT] = LINUX_RESULT("The new position, or the name of the error."),
};

#define SEEK_VALUES                                                                                \
	{                                                                                          \
		{ SEEK_OFFSET, 1, .put = linux_put_i64 },                                          \
			{ SEEK_WHENCE, 2, .put = linux_put_u32 },                                  \
	}

const struct linux_operation filetracer_linux_seek = {
	.type = LINUX_TYPE(seek_fields, "The position in a file is set.", "vfs_llseek"),
	.kind = &linux_file,
	.result = RESULT_LONG,
	.not_inside = LINUX_ANY,
	.values = SEEK_VALUES,
};

/** off_t ksys_lseek(unsigned int fd, off_t offset, unsigned int whence) */
static bool find_seek_call(struct wv_call *call, struct linux_saved *saved)
{
	saved->subject =
		wv_linux_fd_file(wv_call_guest(call), wv_call_space(call), wv_call_thread(call),
				 (uint32_t)wv_call_argument(call, 0));
	return saved->subject != 0;
}

const struct linux_operation filetracer_linux_seek_call = {
	.type = LINUX_TYPE(seek_fields,
			   "The position in a file is set by lseek(2): most kernels do "
			   "without vfs_llseek there.",
			   "ksys_lseek"),
	.kind = &linux_file,
	.find = find_seek_call,
	.result = RESULT_LONG,
	.values = SEEK_VALUES,
};

/* Map -------------------------------------------------------------------------------------------*/

enum { MMAP_ADDR = FIELD_OWN, MMAP_FLAGS, MMAP_LENGTH, MMAP_OFFSET, MMAP_PROT, MMAP_RESULT };

static const struct wv_field mmap_fields[] = {
	LINUX_COMMON(LINUX_PATH),
	[MMAP_ADDR] = { "addr", WV_KIND_HEX, .optional = true,
			.meaning = "Where it is in the process's memory, if it is." },
	[MMAP_FLAGS] = { "flags", WV_KIND_FLAGS, linux_format_mmap_flags,
			 .meaning = "How it is mapped (MAP_PRIVATE | MAP_FIXED)." },
	[MMAP_LENGTH] = { "length", WV_KIND_NUMBER, .meaning = "Bytes." },
	[MMAP_OFFSET] = { "offset", WV_KIND_NUMBER,
			  .meaning = "Where in the file the mapping begins, in bytes." },
	[MMAP_PROT] = { "prot", WV_KIND_FLAGS, linux_format_protection,
			.meaning = "What may be done with the memory (PROT_READ | PROT_EXEC)." },
	[MMAP_RESULT] = LINUX_SUCCESS,
};

/* unsigned long vm_mmap_pgoff(struct file *, addr, len, prot, flag, pgoff); no file: memory */
const struct linux_operation filetracer_linux_mmap = {
	.type = LINUX_TYPE(mmap_fields, "A file is mapped into memory, a program's own among them.",
			   "vm_mmap_pgoff"),
	.kind = &linux_file,
	.result = RESULT_POINTER,
	.not_inside = LINUX_BIT(MMAP),
	.values = { { MMAP_ADDR, ARGUMENT_RESULT, .put = linux_put_u64 },
		    { MMAP_FLAGS, 4, .put = linux_put_u64 },
		    { MMAP_LENGTH, 2, .put = linux_put_u64 },
		    { MMAP_OFFSET, 5, .put = linux_put_pages },
		    { MMAP_PROT, 3, .put = linux_put_u64 } },
};

/* Length ----------------------------------------------------------------------------------------*/

enum { TRUNCATE_LENGTH_FIELD = FIELD_OWN, TRUNCATE_RESULT };

static const struct wv_field truncate_fields[] = {
	LINUX_COMMON(LINUX_PATH),
	[TRUNCATE_LENGTH_FIELD] = { "length", WV_KIND_NUMBER,
				    .meaning = "The file's new length, bytes." },
	[TRUNCATE_RESULT] = LINUX_SUCCESS,
};

/** By a descriptor or O_TRUNC the open file is known. */
static bool find_truncate(struct wv_call *call, struct linux_saved *saved)
{
	uint64_t file = linux_argument(call, TRUNCATE_FILE);

	saved->kind = file ? &linux_file : &linux_entry;
	saved->subject = file ? file : linux_argument(call, TRUNCATE_ENTRY);
	return true;
}

const struct linux_operation filetracer_linux_truncate = {
	.type = LINUX_TYPE(truncate_fields, "A file's length is set; to 0 by an open with O_TRUNC.",
			   "do_truncate"),
	.find = find_truncate,
	.not_inside = LINUX_ANY & ~(LINUX_BIT(OPEN) | LINUX_BIT(OPEN_ROOT)),
	.values = { { TRUNCATE_LENGTH_FIELD, TRUNCATE_LENGTH, .put = linux_put_i64 } },
};

enum { FALLOCATE_LENGTH = FIELD_OWN, FALLOCATE_MODE, FALLOCATE_OFFSET, FALLOCATE_RESULT };

static const struct wv_field fallocate_fields[] = {
	LINUX_COMMON(LINUX_PATH),
	[FALLOCATE_LENGTH] = { "length", WV_KIND_NUMBER, .meaning = "Bytes." },
	[FALLOCATE_MODE] = { "mode", WV_KIND_FLAGS, linux_format_fallocate_mode,
			     .meaning = "What is done with them (FALLOC_FL_PUNCH_HOLE); 0: they "
					"get room." },
	[FALLOCATE_OFFSET] = { "offset", WV_KIND_NUMBER,
			       .meaning = "Where in the file they begin, in bytes." },
	[FALLOCATE_RESULT] = LINUX_SUCCESS,
};

/* int vfs_fallocate(struct file *, int mode, loff_t offset, loff_t len) */
const struct linux_operation filetracer_linux_fallocate = {
	.type = LINUX_TYPE(fallocate_fields, "A part of a file gets room, or loses it.",
			   "vfs_fallocate"),
	.kind = &linux_file,
	.not_inside = LINUX_ANY,
	.values = { { FALLOCATE_LENGTH, 3, .put = linux_put_i64 },
		    { FALLOCATE_MODE, 1, .put = linux_put_u32 },
		    { FALLOCATE_OFFSET, 2, .put = linux_put_i64 } },
};

/* Files in memory -------------------------------------------------------------------------------*/

enum { MEMFD_HANDLE = FIELD_OWN, MEMFD_RESULT };

static const struct wv_field memfd_fields[] = {
	LINUX_COMMON_WITH("Its path, as other events have it: /memfd: and the name.",
			  linux_format_memfd_flags,
			  "How it is made (MFD_CLOEXEC | MFD_ALLOW_SEALING)."),
	[MEMFD_HANDLE] = { "FileHandle", WV_KIND_NUMBER, .optional = true,
			   .meaning = "Its descriptor." },
	[MEMFD_RESULT] = LINUX_RESULT("The descriptor, or the name of the error."),
};

static bool path_of_memfd(struct wv_call *call, const struct linux_saved *saved,
			  struct wv_text *text)
{
	static const char prefix[] = "/memfd:";
	size_t length;

	wv_text_append(text, prefix, strlen(prefix));

	size_t room = text->room - text->used;
	enum wv_string_end end = wv_space_read_string(wv_call_space(call), saved->subject,
						      text->bytes + text->used, room, &length);

	text->used += length;
	text->truncated |= end == WV_STRING_TRUNCATED;
	return end != WV_STRING_UNREADABLE;
}

static const struct linux_subject memfd = { NULL, path_of_memfd, false };

/** long __do_sys_memfd_create(const char *uname, unsigned int flags) */
static bool find_memfd(struct wv_call *call, struct linux_saved *saved)
{
	saved->subject = wv_call_argument(call, 0);
	saved->flags = (uint32_t)wv_call_argument(call, 1);
	saved->has_flags = true;
	return true;
}

const struct linux_operation filetracer_linux_memfd = {
	.type = LINUX_TYPE(memfd_fields, "A file is made that is in memory only.",
			   "__do_sys_memfd_create"),
	.kind = &memfd,
	.find = find_memfd,
	.result = RESULT_LONG,
	.values = { { MEMFD_HANDLE, ARGUMENT_RESULT, .put = linux_put_i32 } },
};

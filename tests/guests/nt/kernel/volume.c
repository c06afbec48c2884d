// SPDX-License-Identifier: GPL-2.0-or-later
/* The volume: which files there are, by their paths. */
#include "file.h"
#include "pool.h"

#define NODE_FILE   0x705 /* what NTFS calls its control blocks */
#define NODE_FOLDER 0x704

struct wv_lock wv_files_lock;
static struct wv_file *files;

static u16 upper(u16 character)
{
	return character >= 'a' && character <= 'z' ? character - 32 : character;
}

static bool is_path(const struct wv_file *file, struct wv_path_text path)
{
	const u16 *own = (const u16 *)file->path.Buffer;

	if (file->path.Length != path.length * 2)
		return false;
	for (unsigned i = 0; i < path.length; i++)
		if (upper(own[i]) != upper(path.text[i]))
			return false;
	return true;
}

struct wv_file *wv_file_find(struct wv_path_text path)
{
	struct wv_file *file = files;

	while (file && !is_path(file, path))
		file = file->next;
	return file;
}

/* Up to the last part's separator, which belongs to a path only where it is the root's. */
static struct wv_path_text folder_of(struct wv_path_text path)
{
	while (path.length && path.text[path.length - 1] != '\\')
		path.length--;
	if (path.length > 1)
		path.length--;
	return path;
}

struct wv_file *wv_file_parent(struct wv_path_text path)
{
	struct wv_file *folder = wv_file_find(folder_of(path));

	return folder && wv_is_folder(folder) ? folder : NULL;
}

static void set_path(struct wv_file *file, struct wv_path_text path)
{
	u16 *text = wv_pool_take(POOL_PAGED, path.length * 2 + 2, TAG('N', 't', 'f', 'N'));

	memcpy(text, path.text, path.length * 2);
	text[path.length] = 0;
	if (file->path.Buffer)
		wv_pool_give((void *)file->path.Buffer);
	file->path.Buffer = (void *)text;
	file->path.Length = (u16)(path.length * 2);
	file->path.MaximumLength = file->path.Length + 2;
}

static u32 number_of(struct wv_path_text path)
{
	u32 number = 0;

	for (unsigned i = 0; i < path.length; i++)
		number = number * 31 + upper(path.text[i]);
	return number;
}

struct wv_file *wv_file_make(struct wv_path_text path, u32 attributes)
{
	struct wv_file *file = wv_pool_take(POOL_PAGED, sizeof(*file), TAG('N', 't', 'f', 'f'));

	file->header.NodeTypeCode = attributes & ATTRIBUTE_DIRECTORY ? NODE_FOLDER : NODE_FILE;
	file->header.NodeByteSize = sizeof(*file);
	file->number = number_of(path);
	file->attributes = attributes;
	for (unsigned i = 0; i < COUNT_OF(file->times); i++)
		/* seconds since 1601, and some of their parts */
		file->times[i] = 13000000000ll * 10000000 + file->number % 1000003 * 7ll + i;
	set_path(file, path);
	file->next = files;
	files = file;
	return file;
}

void wv_file_rename(struct wv_file *file, struct wv_path_text path)
{
	set_path(file, path);
}

bool wv_folder_is_empty(const struct wv_file *folder)
{
	for (const struct wv_file *file = files; file; file = file->next) {
		struct wv_path_text path = { (const u16 *)file->path.Buffer,
					     file->path.Length / 2u };

		if (file != folder && is_path(folder, folder_of(path)))
			return false;
	}
	return true;
}

void wv_file_take_out(struct wv_file *file)
{
	struct wv_file **link = &files;

	while (*link != file)
		link = &(*link)->next;
	*link = file->next;
}

static void make_all(const u16 *const *names, unsigned count, u32 attributes, u64 size)
{
	for (unsigned i = 0; i < count; i++) {
		struct wv_path_text path = { names[i], 0 };
		struct wv_file *file;

		while (names[i][path.length])
			path.length++;
		file = wv_file_make(path, attributes);
		file->on_disk = size;
		wv_file_resize(file, size);
		file->header.ValidDataLength.QuadPart = (long long)size;
	}
}

void wv_volume_init(void)
{
	static const u16 *const folders[] = { u"",
					      u"\\",
					      u"\\Windows",
					      u"\\Windows\\System32",
					      u"\\Windows\\System32\\drivers",
					      u"\\Windows\\System32\\drivers\\etc",
					      u"\\Users",
					      u"\\Users\\w",
					      u"\\Users\\w\\below",
					      u"\\files",
					      u"\\\u041f\u0430\u043f\u043a\u0430" };
	static const u16 *const plain[] = { u"\\Windows\\System32\\drivers\\etc\\hosts",
					    u"\\pagefile.sys", u"\\stream.txt" };

	make_all(folders, COUNT_OF(folders), ATTRIBUTE_DIRECTORY, 0);
	make_all(plain, COUNT_OF(plain), ATTRIBUTE_NORMAL, 824);
}

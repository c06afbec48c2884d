/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Templates as folders: named, listed, made and removed. */
#define _GNU_SOURCE
#include "sandbox/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define VARIABLE "WYVERN_TEMPLATES"

/** Hidden folders: what is being made, and what is being removed. */
#define NEW_PREFIX ".new-"
#define OLD_PREFIX ".old-"

/** In a hidden folder: the process that makes the template holds a lock on it. */
#define LIVE_FILE "lock"

/** In the folder of all: held for a moment by whoever changes what is in it. */
#define STORE_FILE ".lock"

static const char *const template_files[] = {
	WV_STORE_RAM, WV_STORE_STATE,	  WV_STORE_DISK, WV_STORE_PROFILE,
	WV_STORE_INI, WV_STORE_INITRAMFS, LIVE_FILE,
};

struct wv_store_new {
	char *name;
	char *path;   /* of the hidden folder */
	char *hidden; /* its name */
	int live_fd;  /* closing it ends the lock */
};

char *wv_store_folder(void)
{
	const char *given = g_getenv(VARIABLE);

	if (given && *given)
		return g_canonicalize_filename(given, NULL);
	return g_build_filename(g_get_user_data_dir(), "wyvern", "templates", NULL);
}

bool wv_store_check_name(const char *name, GError **error)
{
	size_t length = strlen(name);
	bool good = length > 0 && length <= WV_STORE_NAME_MAX && *name != '.' && *name != '-';

	for (size_t i = 0; good && i < length; i++)
		good = g_ascii_isalnum(name[i]) || strchr("._-", name[i]);
	if (!good) {
		g_autofree char *shown = g_utf8_make_valid(name, -1);

		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "\"%.80s\" can not be a template's name: it has 1 to %d letters, "
			    "digits, and . _ - (neither . nor - at first)",
			    shown, WV_STORE_NAME_MAX);
	}
	return good;
}

char *wv_store_path(const char *name)
{
	g_autofree char *folder = wv_store_folder();

	return g_build_filename(folder, name, NULL);
}

static bool is_template(int store, const char *name)
{
	g_autofree char *ini = g_build_filename(name, WV_STORE_INI, NULL);
	struct stat info;

	return wv_store_check_name(name, NULL) && fstatat(store, ini, &info, 0) == 0 &&
	       S_ISREG(info.st_mode);
}

/** The folder of all; -1 if there is none. */
static int open_store(void)
{
	g_autofree char *folder = wv_store_folder();

	return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool wv_store_has(const char *name)
{
	int store = open_store();
	bool has = store >= 0 && is_template(store, name);

	if (store >= 0)
		close(store);
	return has;
}

/** Waits until nobody else changes what is in the store. -1 when nobody may. */
static int lock_store(int store)
{
	int fd = openat(store, STORE_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);

	while (fd >= 0 && flock(fd, LOCK_EX) < 0) {
		if (errno == EINTR)
			continue;
		close(fd);
		return -1;
	}
	return fd;
}

/* Removing --------------------------------------------------------------------------------------*/

static bool is_template_file(const char *name)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(template_files); i++) {
		if (strcmp(name, template_files[i]) == 0)
			return true;
	}
	return false;
}

/** Removes a template's files and its folder, or the link to it. False: errno tells why. */
static bool remove_folder(int store, const char *name)
{
	int fd = openat(store, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return unlinkat(store, name, 0) == 0;
	if (fd < 0)
		return false;
	for (unsigned i = 0; i < G_N_ELEMENTS(template_files); i++)
		unlinkat(fd, template_files[i], 0);
	close(fd);
	return unlinkat(store, name, AT_REMOVEDIR) == 0;
}

/** Whether the process that makes what is in the hidden folder has ended. */
static bool is_abandoned(int store, const char *hidden)
{
	g_autofree char *live = g_build_filename(hidden, LIVE_FILE, NULL);
	int fd = openat(store, live, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool abandoned;

	if (fd < 0)
		return errno == ENOENT;
	abandoned = flock(fd, LOCK_EX | LOCK_NB) == 0;
	close(fd);
	return abandoned;
}

/** The names of what is in a folder, ended by NULL; none if it can not be read. */
static char **names_in(int folder)
{
	GPtrArray *names = g_ptr_array_new();
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			g_ptr_array_add(names, g_strdup(entry->d_name));
	}
	if (directory)
		closedir(directory);
	else if (fd >= 0)
		close(fd);
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

/** Removes what killed processes left. With the store locked. */
static void remove_abandoned(int store)
{
	g_auto(GStrv) names = names_in(store);

	for (char **name = names; *name; name++) {
		if ((g_str_has_prefix(*name, NEW_PREFIX) || g_str_has_prefix(*name, OLD_PREFIX)) &&
		    is_abandoned(store, *name))
			remove_folder(store, *name);
	}
}

/** A file in a template's folder that is not of a template; NULL: there is none. */
static char *find_other_file(int store, const char *name)
{
	int folder = openat(store, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	g_auto(GStrv) names = folder >= 0 ? names_in(folder) : NULL;
	char *other = NULL;

	for (char **file = names; file && *file && !other; file++) {
		if (!is_template_file(*file))
			other = g_strdup(*file);
	}
	if (folder >= 0)
		close(folder);
	return other;
}

/** Whether what has that name may be removed. */
static bool check_removable(int store, const char *name, GError **error)
{
	g_autofree char *other = find_other_file(store, name);

	if (!is_template(store, name)) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "what is named \"%s\" among the templates is none", name);
		return false;
	}
	if (other) {
		g_autofree char *shown = g_utf8_make_valid(other, -1);

		g_set_error(error, WV_ERROR, WV_ERROR_USAGE,
			    "the folder of the template \"%s\" has a file that is not of a "
			    "template: %s",
			    name, shown);
		return false;
	}
	return true;
}

/* Listing ---------------------------------------------------------------------------------------*/

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **wv_store_list(void)
{
	GPtrArray *found = g_ptr_array_new();
	g_auto(GStrv) names = NULL;
	int store = open_store();
	int lock = store >= 0 ? lock_store(store) : -1;

	/* a store that can not be written is only listed */
	if (lock >= 0) {
		remove_abandoned(store);
		close(lock);
	}
	if (store >= 0)
		names = names_in(store);
	for (char **name = names; name && *name; name++) {
		if (is_template(store, *name))
			g_ptr_array_add(found, g_strdup(*name));
	}
	if (store >= 0)
		close(store);
	g_ptr_array_sort(found, by_name);
	g_ptr_array_add(found, NULL);
	return (char **)g_ptr_array_free(found, FALSE);
}

/* Making ----------------------------------------------------------------------------------------*/

/** A hidden name that is not used. */
static char *hidden_name(const char *prefix, const char *name)
{
	return g_strdup_printf("%s%s-%06x", prefix, name, g_random_int() & 0xffffff);
}

/** Makes the hidden folder, and the file in it that says that this process lives. */
static bool make_hidden(int store, struct wv_store_new *making)
{
	g_autofree char *live = NULL;

	do {
		g_free(making->hidden);
		making->hidden = hidden_name(NEW_PREFIX, making->name);
	} while (mkdirat(store, making->hidden, 0777) < 0 && errno == EEXIST);

	live = g_build_filename(making->hidden, LIVE_FILE, NULL);
	making->live_fd = openat(store, live, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	return making->live_fd >= 0 && flock(making->live_fd, LOCK_EX | LOCK_NB) == 0;
}

static void free_new(struct wv_store_new *making)
{
	if (making->live_fd >= 0)
		close(making->live_fd);
	g_free(making->name);
	g_free(making->path);
	g_free(making->hidden);
	g_free(making);
}

/** Opens the store to change it. False, with an error: it can not be. */
static bool open_to_change(const char *folder, int *store, int *lock, GError **error)
{
	*store = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*lock = *store >= 0 ? lock_store(*store) : -1;
	if (*lock >= 0)
		return true;
	g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT, "cannot change the templates in %s: %s",
		    folder, g_strerror(errno));
	if (*store >= 0)
		close(*store);
	return false;
}

struct wv_store_new *wv_store_begin(const char *name, GError **error)
{
	g_autofree char *folder = wv_store_folder();
	struct wv_store_new *making;
	int store, lock;

	if (!wv_store_check_name(name, error))
		return NULL;
	if (g_mkdir_with_parents(folder, 0777) < 0) {
		g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT, "cannot make the folder %s: %s",
			    folder, g_strerror(errno));
		return NULL;
	}
	if (!open_to_change(folder, &store, &lock, error))
		return NULL;
	remove_abandoned(store);

	making = g_new0(struct wv_store_new, 1);
	making->name = g_strdup(name);
	making->live_fd = -1;
	if (make_hidden(store, making)) {
		making->path = g_build_filename(folder, making->hidden, NULL);
	} else {
		g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT, "cannot make a folder in %s: %s",
			    folder, g_strerror(errno));
		remove_folder(store, making->hidden);
		free_new(making);
		making = NULL;
	}
	close(lock);
	close(store);
	return making;
}

const char *wv_store_new_folder(const struct wv_store_new *making)
{
	return making->path;
}

/** Waits until its files are on the disk: a name must not outlive what it names. */
static bool write_out(const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool good = folder >= 0;

	for (unsigned i = 0; good && i < G_N_ELEMENTS(template_files); i++) {
		int fd = openat(folder, template_files[i], O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

		if (fd < 0 && errno == ENOENT && strcmp(template_files[i], WV_STORE_INI) != 0)
			continue;
		good = fd >= 0 && fsync(fd) == 0;
		if (fd >= 0)
			close(fd);
	}
	good = good && fsync(folder) == 0;
	if (folder >= 0)
		close(folder);
	return good;
}

static void set_not_kept(const struct wv_store_new *making, GError **error)
{
	g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT, "cannot keep the template \"%s\": %s",
		    making->name, g_strerror(errno));
}

/** Exchanges two names, or in two steps where the file system can not. */
static bool exchange(int store, const char *hidden, const char *name)
{
	g_autofree char *old = NULL;

	if (renameat2(store, hidden, store, name, RENAME_EXCHANGE) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return false;
	old = hidden_name(OLD_PREFIX, name);
	if (renameat(store, name, store, old) < 0)
		return false;
	if (renameat(store, hidden, store, name) == 0)
		return renameat(store, old, store, hidden) == 0;
	renameat(store, old, store, name);
	return false;
}

/** Gives it its name, and what had that name before the hidden one. With the store locked. */
static bool commit(struct wv_store_new *making, int store, bool replace, GError **error)
{
	g_autofree char *live = g_build_filename(making->hidden, LIVE_FILE, NULL);
	struct stat info;
	bool exists = fstatat(store, making->name, &info, AT_SYMLINK_NOFOLLOW) == 0;

	if (exists && !replace) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "there is a template \"%s\" already",
			    making->name);
		return false;
	}
	if (exists && !check_removable(store, making->name, error))
		return false;
	if (unlinkat(store, live, 0) < 0 ||
	    (exists ? !exchange(store, making->hidden, making->name)
		    : renameat(store, making->hidden, store, making->name) < 0)) {
		set_not_kept(making, error);
		return false;
	}
	fsync(store);
	return true;
}

bool wv_store_commit(struct wv_store_new *making, bool replace, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(making->path);
	bool good = false;
	int store, lock;

	if (!write_out(making->path)) {
		set_not_kept(making, error);
		wv_store_abort(making);
		return false;
	}
	if (open_to_change(folder, &store, &lock, error)) {
		good = commit(making, store, replace, error);
		/* what was replaced, or what could not be kept */
		remove_folder(store, making->hidden);
		close(lock);
		close(store);
	}
	free_new(making);
	return good;
}

void wv_store_abort(struct wv_store_new *making)
{
	g_autofree char *folder = making ? g_path_get_dirname(making->path) : NULL;
	int store = making ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (store >= 0) {
		remove_folder(store, making->hidden);
		close(store);
	}
	if (making)
		free_new(making);
}

/* Deleting --------------------------------------------------------------------------------------*/

static bool delete_template(int store, const char *name, GError **error)
{
	g_autofree char *hidden = hidden_name(OLD_PREFIX, name);

	if (!check_removable(store, name, error))
		return false;
	if (renameat(store, name, store, hidden) < 0 || !remove_folder(store, hidden)) {
		g_set_error(error, WV_ERROR, WV_ERROR_OUTPUT,
			    "cannot remove the template \"%s\": %s", name, g_strerror(errno));
		return false;
	}
	return true;
}

bool wv_store_delete(const char *name, GError **error)
{
	g_autofree char *folder = wv_store_folder();
	bool good = false;
	int store, lock;

	if (!wv_store_check_name(name, error))
		return false;
	if (!wv_store_has(name)) {
		g_set_error(error, WV_ERROR, WV_ERROR_USAGE, "there is no template \"%s\" in %s",
			    name, folder);
		return false;
	}
	if (open_to_change(folder, &store, &lock, error)) {
		good = delete_template(store, name, error);
		close(lock);
		close(store);
	}
	return good;
}

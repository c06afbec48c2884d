/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes and removes folders. */
#include "temp_folder.h"

#include <glib.h>
#include <glib/gstdio.h>

char *temp_folder;

char *temp_folder_make(void)
{
	return g_dir_make_tmp("wyvern-test-XXXXXX", NULL);
}

static void remove_tree(const char *path)
{
	GDir *dir = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *child = g_build_filename(path, name, NULL);

		remove_tree(child);
	}
	if (dir)
		g_dir_close(dir);
	g_remove(path);
}

void temp_folder_remove(char *path)
{
	remove_tree(path);
	g_free(path);
}

int temp_folder_set_up(void **state)
{
	(void)state;
	temp_folder = temp_folder_make();
	return temp_folder ? 0 : -1;
}

int temp_folder_tear_down(void **state)
{
	(void)state;
	temp_folder_remove(g_steal_pointer(&temp_folder));
	return 0;
}

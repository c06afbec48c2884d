/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folder of a dump that hostile records went to. */
#include "dumped.h"

#include <glib/gstdio.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/** What a file system takes of a disk for a file is a multiple of this. */
#define BLOCK 4096u

static void die(const char *name, const char *why)
{
	fprintf(stderr, "%s: %s\n", name, why);
	abort();
}

void dumped_open(struct dumped *dumped, uint64_t max_size, uint64_t max_total)
{
	const char *memory = g_file_test("/dev/shm", G_FILE_TEST_IS_DIR) ? "/dev/shm" : "/tmp";
	g_autoptr(GError) error = NULL;

	dumped->max_total = max_total;
	dumped->folder = g_build_filename(memory, "wyvern-fuzz-XXXXXX", NULL);
	if (!g_mkdtemp(dumped->folder))
		die(dumped->folder, "can not be made");
	dumped->dump = wv_dump_open(dumped->folder, max_size, max_total, &error);
	if (!dumped->dump)
		die(dumped->folder, error->message);
}

static void check_metadata(const char *name, const char *text, size_t size)
{
	struct json_tokener *parser = json_tokener_new();
	struct json_object *object;

	json_tokener_set_flags(parser, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = size ? json_tokener_parse_ex(parser, text, (int)size - 1) : NULL;
	if (!json_object_is_type(object, json_type_object) || text[size - 1] != '\n' ||
	    json_tokener_get_parse_end(parser) != size - 1)
		die(name, "is not one line of JSON");
	json_object_put(object);
	json_tokener_free(parser);
}

static void check_content(const char *name, const char *text, size_t size)
{
	g_autofree char *hash =
		g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, (gssize)size);

	if (strcmp(hash, name) != 0)
		die(name, "is not its hash");
}

/** Checks one file and removes it. How much of a disk it took. */
static uint64_t check_file(const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *text = NULL;
	struct stat info;
	gsize size;

	if (g_lstat(path, &info) < 0 || !S_ISREG(info.st_mode) ||
	    !g_file_get_contents(path, &text, &size, NULL))
		die(path, "is no file");
	if (g_str_has_prefix(name, "file.") && g_str_has_suffix(name, ".json"))
		check_metadata(name, text, size);
	else
		check_content(name, text, size);
	g_unlink(path);
	return (uint64_t)info.st_blocks * 512;
}

void dumped_close(struct dumped *dumped)
{
	uint64_t sum = 0, files = 0;
	const char *name;
	GDir *dir;

	wv_dump_finish(dumped->dump);
	dir = g_dir_open(dumped->folder, 0, NULL);
	while ((name = g_dir_read_name(dir))) {
		sum += check_file(dumped->folder, name);
		files++;
	}
	g_dir_close(dir);
	if (sum > dumped->max_total + files * BLOCK)
		die(dumped->folder, "has too much in it");
	wv_dump_free(dumped->dump);
	if (g_rmdir(dumped->folder) < 0)
		die(dumped->folder, "is not empty");
	g_free(dumped->folder);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder for the files of one test. */
#ifndef WV_TESTS_TEMP_FOLDER_H
#define WV_TESTS_TEMP_FOLDER_H

/** Its path, to be given back to temp_folder_remove(); NULL when it can not be made. */
char *temp_folder_make(void);

/** Removes it and all that is in it, and frees the path. */
void temp_folder_remove(char *path);

/** The folder of the test that runs, of those that these are set-up and tear-down of. */
extern char *temp_folder;
int temp_folder_set_up(void **state);
int temp_folder_tear_down(void **state);

#endif

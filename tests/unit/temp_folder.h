/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder for the files of one test. */
#ifndef WV_TESTS_TEMP_FOLDER_H
#define WV_TESTS_TEMP_FOLDER_H

/** Its path; NULL when it can not be made. */
char *temp_folder_make(void);

/** Removes it and all that is in it, and frees the path. */
void temp_folder_remove(char *path);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row in every format, parsed back and compared. */
#ifndef WV_TESTS_CHECK_ROW_H
#define WV_TESTS_CHECK_ROW_H

#include "output/row.h"

/**
 * Fails the test unless each format prints the row as one line of which a strict parser gets the
 * values that are in the row. No declared field may be in the row twice.
 */
void check_row(const struct wv_row *row);

#endif

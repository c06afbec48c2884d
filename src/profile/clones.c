/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks for a compiler's clones of a function where the function itself has no symbol. */
#include "profile/clones.h"

#include <stdio.h>

/** GCC counts the clones of each function from 0. */
#define CLONES_MAX 256u
/** The kernel's longest symbol name, KSYM_NAME_LEN. */
#define NAME_SIZE 512u

bool wv_find_with_clones(wv_find_exact find, const struct wv_symbols *self, const char *name,
			 uint64_t *address)
{
	static const char *const suffixes[] = { "isra", "constprop" };
	char clone[NAME_SIZE];

	if (find(self, name, address))
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		for (unsigned int number = 0; number < CLONES_MAX; number++) {
			int length = snprintf(clone, sizeof(clone), "%s.%s.%u", name, suffixes[i],
					      number);

			if (length < 0 || (size_t)length >= sizeof(clone))
				return false;
			if (find(self, clone, address))
				return true;
		}
	}
	return false;
}

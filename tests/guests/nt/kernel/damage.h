/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest that is not what it should be, as far as its own kernel can live with it. */
#ifndef WV_NT_DAMAGE_H
#define WV_NT_DAMAGE_H

#include "nt.h"

/* Does what damage=NAME on the command line asks for to two processes. False: nothing is asked. */
bool wv_damage(struct _EPROCESS *one, struct _EPROCESS *other);
/* Whether it has: handle tables may lead to anywhere then. */
bool wv_is_damaged(void);

#endif

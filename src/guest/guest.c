/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The systems that can be found in a guest. */
#include "guest/guest.h"

#include "guest/linux/linux.h"

struct wv_guest *wv_guest_find(struct wv_guest_search *search, GError **error)
{
	return wv_linux_find(search, error);
}

void wv_guest_destroy(struct wv_guest *guest)
{
	if (!guest)
		return;
	if (guest->profile)
		wv_profile_free(guest->profile);
	g_free(guest->summary);
	guest->ops->destroy(guest);
}

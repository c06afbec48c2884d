/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The systems that can be found in a guest. */
#include "guest/guest.h"

#include "base/error.h"
#include "guest/linux/linux.h"
#include "guest/windows/windows.h"

struct wv_guest *wv_guest_find(struct wv_guest_search *search, GError **error)
{
	g_autoptr(GError) reason = NULL;
	struct wv_guest *guest = wv_windows_find(search, &reason);

	if (guest)
		return guest;
	/* a Windows kernel that is there and can not be used is what the user wants to know of */
	if (search->is_windows) {
		g_propagate_error(error, g_steal_pointer(&reason));
		return NULL;
	}
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

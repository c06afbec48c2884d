# SPDX-License-Identifier: GPL-2.0-or-later
# Fetches Debian's static busybox, the guests' shell. Needs common.sh and apt.sh.

wv_fetch_busybox()
{
	local dest=$wv_cache/busybox work

	[ ! -x "$dest/bin/busybox" ] || return 0
	wv_lock fetch-busybox
	[ ! -x "$dest/bin/busybox" ] || return 0

	wv_apt_suite bookworm || return 1
	wv_note "fetching busybox-static (bookworm)"
	work=$(mktemp -d "$wv_cache/.busybox.XXXXXX") || return 1
	chmod 755 "$work"
	wv_apt_download "$work" busybox-static &&
		dpkg-deb -x "$work"/*.deb "$work" && rm "$work"/*.deb &&
		{ [ -x "$work/bin/busybox" ] || {
			mkdir -p "$work/bin" && mv "$work/usr/bin/busybox" "$work/bin/"
		}; } || { rm -rf "$work"; return 1; }
	rm -rf "$work/usr" "$dest"
	mv "$work" "$dest"
}

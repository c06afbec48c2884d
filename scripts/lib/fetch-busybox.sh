# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
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
	if ! unpack_busybox "$work"; then
		rm -rf "$work"
		return 1
	fi
	chmod 755 "$work"
	rm -rf "$dest"
	mv "$work" "$dest"
}

unpack_busybox()
{
	local dir=$1

	mkdir "$dir/root" "$dir/bin" &&
		wv_apt_download "$dir" busybox-static &&
		dpkg-deb -x "$dir"/*.deb "$dir/root" || return 1
	# bin/ in bookworm, usr/bin/ later.
	find "$dir/root" -type f -name busybox -exec mv {} "$dir/bin/" \;
	rm -r "$dir/root" "$dir"/*.deb
	[ -x "$dir/bin/busybox" ]
}

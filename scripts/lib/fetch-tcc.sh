# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Fetches Debian's tcc, a small C compiler, with its library and the headers of libc and Linux, for
# the guests. Needs common.sh and apt.sh.

wv_fetch_tcc()
{
	local dest=$wv_cache/tcc work

	[ ! -x "$dest/usr/bin/tcc" ] || return 0
	wv_lock fetch-tcc
	[ ! -x "$dest/usr/bin/tcc" ] || return 0

	wv_apt_suite bookworm || return 1
	wv_note "fetching tcc $(wv_apt_version tcc) and the headers of libc (bookworm)"
	work=$(mktemp -d "$wv_cache/.tcc.XXXXXX") || return 1
	chmod 755 "$work"
	if ! wv_apt_closure "$work" tcc libc6-dev || ! pick_tcc "$work"; then
		rm -rf "$work"
		return 1
	fi
	rm -rf "$dest"
	mv "$work" "$dest"
}

# pick_tcc DIR: lays out in DIR, as in the guest, what compiling to an object file needs of DIR/root.
pick_tcc()
{
	local dir=$1 lib=lib/x86_64-linux-gnu

	mkdir -p "$dir/usr/bin" "$dir/usr/lib/x86_64-linux-gnu" "$dir/$lib" || return 1
	mv "$dir/root/usr/bin/tcc" "$dir/usr/bin/" || return 1
	mv "$dir/root/usr/$lib/tcc" "$dir/usr/$lib/" || return 1
	mv "$dir/root/usr/include" "$dir/usr/" || return 1
	cp -L "$dir/root/$lib"/lib{c.so.6,dl.so.2,m.so.6,pthread.so.0} \
		"$dir/root/$lib/ld-linux-x86-64.so.2" "$dir/$lib/" || return 1
	rm -rf "$dir/root"
	"$dir/$lib/ld-linux-x86-64.so.2" --library-path "$dir/$lib" "$dir/usr/bin/tcc" -v >/dev/null
}

# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Fetches Debian's strace with the libraries that it is linked with, for the guests. Needs common.sh
# and apt.sh.

wv_fetch_strace()
{
	local dest=$wv_cache/strace work

	[ ! -x "$dest/bin/strace" ] || return 0
	wv_lock fetch-strace
	[ ! -x "$dest/bin/strace" ] || return 0

	wv_apt_suite bookworm || return 1
	wv_note "fetching strace $(wv_apt_version strace) with its libraries (bookworm)"
	work=$(mktemp -d "$wv_cache/.strace.XXXXXX") || return 1
	chmod 755 "$work"
	if ! wv_apt_closure "$work" strace || ! pick_strace "$work"; then
		rm -rf "$work"
		return 1
	fi
	rm -rf "$dest"
	mv "$work" "$dest"
}

# pick_strace DIR: keeps of DIR/root what strace itself needs, as the dynamic linker finds it.
pick_strace()
{
	local dir=$1 lib linker

	mkdir "$dir/bin" "$dir/lib" || return 1
	mv "$dir/root/usr/bin/strace" "$dir/bin/" || return 1
	lib=$dir/root/usr/lib/x86_64-linux-gnu:$dir/root/lib/x86_64-linux-gnu
	linker=$dir/root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
	"$linker" --library-path "$lib" --list "$dir/bin/strace" >"$dir/list" || return 1
	# "NAME => FILE (ADDRESS)"; not every linker lists itself.
	{ echo "$linker"; awk -v root="$dir/root/" 'index($3, root) == 1 { print $3 }' "$dir/list"; } |
		sort -u | xargs -d '\n' cp -L -t "$dir/lib/" || return 1
	rm -rf "$dir/root" "$dir/list"
}

# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Fetches a QEMU that is newer than the machine's, with every library it needs down to the dynamic
# linker, so that it runs on any release without being installed. Needs common.sh and apt.sh.

# Beside QEMU's own, the libraries that a plugin of ours is linked with.
wv_qemu_packages="qemu-system-x86 seabios libc6 libglib2.0-0t64 libjson-c5 liblzma5"

wv_fetch_qemu()
{
	local suite=$1 dest=$wv_cache/qemu-new work

	[ ! -x "$dest/qemu-system-x86_64" ] || return 0
	wv_lock fetch-qemu
	[ ! -x "$dest/qemu-system-x86_64" ] || return 0

	wv_apt_suite "$suite" || return 1
	wv_note "fetching qemu-system-x86 $(wv_apt_version qemu-system-x86) with its libraries ($suite)"
	work=$(mktemp -d "$wv_cache/.qemu.XXXXXX") || return 1
	chmod 755 "$work"
	# shellcheck disable=SC2086
	if ! wv_apt_closure "$work" $wv_qemu_packages || ! write_starter "$work" ||
	   ! try_qemu "$work"; then
		rm -rf "$work"
		return 1
	fi
	rm -rf "$dest"
	mv "$work" "$dest"
}

write_starter()
{
	local dir=$1

	# QEMU finds its data and modules by its own path, which is the dynamic linker's here: so
	# both are named.
	cat >"$dir/qemu-system-x86_64" <<'END'
#!/bin/sh
# Starts this folder's QEMU with this folder's libraries.
here=$(dirname "$(readlink -f "$0")")
lib=$here/root/usr/lib/x86_64-linux-gnu
export QEMU_MODULE_DIR="$lib/qemu"
exec "$lib/ld-linux-x86-64.so.2" --library-path "$lib" --argv0 "$0" \
	"$here/root/usr/bin/qemu-system-x86_64" \
	-L "$here/root/usr/share/qemu" -L "$here/root/usr/share/seabios" "$@"
END
	chmod 755 "$dir/qemu-system-x86_64"
}

# A QEMU that does not start is as good as none.
try_qemu()
{
	local dir=$1

	echo quit | timeout 30 "$dir/qemu-system-x86_64" -S -accel tcg -machine q35 \
		-display none -nodefaults -monitor stdio >"$dir/log" 2>&1 || {
		wv_note "the fetched QEMU does not start:"
		tail -n 5 "$dir/log" >&2
		return 1
	}
	rm -f "$dir/log"
}

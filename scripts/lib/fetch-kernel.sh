# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Fetches Debian's kernels for clouds (small, all that a virtual machine needs is built in but the
# drivers of virtio), and for machines of all kinds, which have features that those lack
# (linux-6.1-full). Needs common.sh and apt.sh.

# What src/sandbox/root_modules.c looks for: drivers of virtio, and file systems of disks with the
# checksums that these look up by name; and what the tests mount. What they need in turn comes along.
wv_kernel_modules="virtio_pci virtio_blk virtio_net ext4 xfs btrfs
	crc32c_generic xxhash_generic blake2b_generic overlay"

# wv_fetch_kernel NAME SUITE...: takes the kernel whose version NAME (linux-6.1) says from the
# first suite that has it. `set -e` does not reach into a function that is tested, so each step
# here says itself what its failure means.
wv_fetch_kernel()
{
	local name=$1 want=${1#linux-} dest=$wv_cache/kernels/$1 suite package
	local newest=linux-image-cloud-amd64
	shift

	[ "$want" = "${want%-full}" ] || newest=linux-image-amd64 want=${want%-full}
	! have_kernel "$dest" || return 0
	wv_lock "fetch-$name"
	! have_kernel "$dest" || return 0

	for suite; do
		wv_apt_suite "$suite" || continue
		package=$(wv_apt_depends "$newest" "^linux-image-${want}[.]") || {
			wv_note "$suite has no kernel $want in $newest"
			continue
		}
		wv_note "fetching $package ($suite)"
		! unpack_kernel "$package" "$dest" || return 0
	done
	return 1
}

# A cache that was filled before these modules were kept lacks some.
have_kernel()
{
	[ -s "$1/version" ] && [ "$(cat "$1/modules/kept" 2>/dev/null)" = "$wv_kernel_modules" ]
}

# unpack_kernel PACKAGE DEST: DEST appears whole or not at all.
unpack_kernel()
{
	local package=$1 dest=$2 work

	mkdir -p "$wv_cache/kernels" || return 1
	work=$(mktemp -d "$wv_cache/kernels/.new.XXXXXX") || return 1
	if ! fill_kernel "$package" "$work"; then
		rm -rf "$work"
		return 1
	fi
	chmod 755 "$work"
	# A guest may be about to boot from the one that is there.
	[ ! -e "$dest" ] || mv "$dest" "$work.old"
	mv "$work" "$dest"
	rm -rf "$work.old"
}

fill_kernel()
{
	local package=$1 work=$2 release=${1#linux-image-} part deb
	local -a parts=("$package")

	# Since 7.x the image, its configuration and its modules are packages of their own.
	for part in "linux-binary-$release" "linux-base-$release" "linux-modules-$release"; do
		[ -z "$(wv_apt_version "$part")" ] || parts+=("$part")
	done
	mkdir "$work/deb" "$work/root" || return 1
	wv_apt_download "$work/deb" "${parts[@]}" || return 1
	for deb in "$work"/deb/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/root" || return 1
	done
	# boot/vmlinuz-RELEASE before 7.x, usr/lib/modules/RELEASE/vmlinuz since.
	find "$work/root" -type f \( -name vmlinuz -o -name 'vmlinuz-*' \) \
		-exec mv {} "$work/vmlinuz" \;
	find "$work/root" -type f \( -name config -o -name "config-$release" \) \
		-exec mv {} "$work/config" \;
	keep_modules "$work" || return 1
	rm -rf "$work/root" "$work/deb"
	if [ ! -s "$work/vmlinuz" ]; then
		wv_note "no kernel image in ${parts[*]}"
		return 1
	fi
	wv_apt_version "$package" >"$work/package"
	printf '%s\n' "$release" >"$work/version"
}

# keep_modules DIR: moves the modules that guests need from DIR/root to DIR/modules, uncompressed.
# What a kernel has built in is simply not there.
keep_modules()
{
	local work=$1 name

	mkdir "$work/modules" || return 1
	for name in $wv_kernel_modules; do
		keep_module "$work" "$name" || return 1
	done
	[ -s "$work/modules/virtio_blk.ko" ] || grep -q '^CONFIG_VIRTIO_BLK=y' "$work/config" || {
		wv_note "no drivers of virtio among the modules of this kernel"
		return 1
	}
	printf '%s\n' "$wv_kernel_modules" >"$work/modules/kept"
}

# keep_module DIR NAME: with all that the module says it needs. A file's name may have "-" where
# the module's has "_".
keep_module()
{
	local work=$1 name=$2 file kept=$1/modules/$2.ko need

	[ ! -e "$kept" ] || return 0
	file=$(find "$work/root" -type f \( -name "${name//_/[-_]}.ko" \
		-o -name "${name//_/[-_]}.ko.xz" \) -print -quit)
	case $file in
	'') return 0 ;;
	*.xz) xz -dc "$file" >"$kept" || return 1 ;;
	*) mv "$file" "$kept" || return 1 ;;
	esac
	for need in $(LC_ALL=C readelf -W -p .modinfo "$kept" |
		sed -n 's/^ *\[ *[0-9a-f]*\]  *depends=//p' | tr ',-' ' _'); do
		keep_module "$work" "$need" || return 1
	done
}

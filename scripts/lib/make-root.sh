# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The steps of making a Debian root: in a folder of their own, and only what has to be done as root
# is. Needs common.sh and apt.sh.

# as_root COMMAND...
as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# as_root_apart COMMAND...: what it mounts is gone when it ends, however it ends.
as_root_apart()
{
	as_root unshare --mount --pid --fork --kill-child --mount-proc \
		env LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"
}

# Prints the URI that wv_apt_suite settled for. apt's lists of mirrors are files (apt-transport-mirror).
wv_root_mirror()
{
	local uri

	uri=$(sed -n 's/^deb \[[^]]*\] \([^ ]*\) .*/\1/p' "$wv_apt_dir/sources.list")
	case $uri in
	mirror+file:*)
		uri=$(awk '!/^[ \t]*(#|$)/ { print $1; exit }' "${uri#mirror+file:}")
		;;
	esac
	printf '%s\n' "$uri"
}

# wv_root_bootstrap WORK SUITE: the least Debian, in WORK/root.
wv_root_bootstrap()
{
	local work=$1 suite=$2 scripts=/usr/share/debootstrap/scripts keyring mirror script

	keyring=$(wv_apt_keyring)
	mirror=$(wv_root_mirror)
	script=$scripts/$suite
	# A suite that is younger than debootstrap.
	[ -e "$script" ] || script=$scripts/sid
	as_root_apart PATH="$PATH:/usr/sbin:/sbin" debootstrap --variant=minbase --arch=amd64 \
		--keyring="$keyring" "$suite" "$work/root" "$mirror" "$script" \
		>"$work/log" 2>&1 && return 0
	tail -n 5 "$work/log" >&2
	wv_die "debootstrap failed"
}

# wv_root_install WORK PACKAGE...: downloaded by this machine's apt, which knows how to reach the
# mirror, and installed by the root's own.
wv_root_install()
{
	local work=$1
	shift

	mkdir -p "$work/debs/partial"
	apt-get "${wv_apt[@]}" -o "Dir::State::status=$work/root/var/lib/dpkg/status" \
		-o "Dir::Cache::archives=$work/debs" -o Debug::NoLocking=true -y \
		--no-install-recommends --download-only install "$@" >"$work/log" 2>&1 || {
		grep -E '^(E|W):' "$work/log" >&2 || tail -n 5 "$work/log" >&2
		wv_die "these packages can not be had"
	}
	rm -rf "$work/debs/partial" "$work/debs/lock"
	compgen -G "$work/debs/*.deb" >/dev/null || return 0
	as_root cp -r "$work/debs" "$work/root/var/cache/debs"
	# shellcheck disable=SC2016
	as_root_apart chroot "$work/root" /bin/sh -c '
		mount -t proc proc /proc &&
		rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/* &&
		printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d &&
		chmod 755 /usr/sbin/policy-rc.d &&
		apt-get -q -y --no-install-recommends install /var/cache/debs/*.deb &&
		rm -rf /var/cache/debs /usr/sbin/policy-rc.d' >"$work/log" 2>&1 </dev/null && return 0
	tail -n 10 "$work/log" >&2
	wv_die "installing failed"
}

# wv_root_clean ROOT: what is of this machine, of the mirror and of the making goes.
wv_root_clean()
{
	as_root env root="$1" bash -euo pipefail -c '
		cd "$root"
		rm -rf etc/apt/sources.list.d/* etc/resolv.conf var/cache/debs debootstrap
		: >etc/apt/sources.list
		echo debian >etc/hostname
		printf "127.0.0.1\tlocalhost debian\n::1\tlocalhost ip6-localhost\n" >etc/hosts
		[ ! -e etc/machine-id ] || : >etc/machine-id
		find var/lib/apt/lists var/cache/apt var/cache/debconf -type f -delete
		find var/log run tmp var/tmp -mindepth 1 ! -type d -delete
		rm -f var/lib/dpkg/*-old var/lib/apt/extended_states var/cache/ldconfig/aux-cache
		rm -f var/lib/dbus/machine-id root/.bash_history etc/.pwd.lock
		find usr/share/doc usr/share/man usr/share/info usr/share/locale -mindepth 1 \
			! -type d ! -name copyright ! -name locale.alias -delete
		find usr/share/doc usr/share/man usr/share/info usr/share/locale -mindepth 1 \
			-type d -empty -delete'
}

# wv_root_pack ROOT OUT FILE: writes FILE, packed as the name OUT says; it is the caller's.
wv_root_pack()
{
	local root=$1 pack=cat
	[ "${2%.xz}" = "$2" ] || pack='xz -T0'

	# Below these a guest mounts something; as files they would want root to unpack.
	# shellcheck disable=SC2086
	as_root tar -C "$root" -c --numeric-owner --sort=name --exclude='./dev/*' \
		--exclude='./proc/*' --exclude='./sys/*' . | $pack >"$3"
}

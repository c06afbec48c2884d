# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What has to be on the machine, checked by what is needed and not by a package's name, which
# differs between releases. Each function prints the packages that are missing, one per line.
# Needs common.sh.

# The oldest QEMU whose plugins can read registers and memory.
wv_qemu_wanted=9.2

# need_command COMMAND PACKAGE
need_command()
{
	wv_have "$1" || echo "$2"
}

# need_admin_command COMMAND PACKAGE: of those that a user's PATH may lack.
need_admin_command()
{
	PATH=$PATH:/usr/sbin:/sbin need_command "$@"
}

need_file()
{
	[ -e "$1" ] || echo "$2"
}

# need_module MODULE PACKAGE: a library's headers, as pkg-config knows it.
need_module()
{
	pkg-config --exists "$1" 2>/dev/null || echo "$2"
}

wv_needs_build()
{
	need_command gcc gcc
	need_command meson meson
	need_command ninja ninja-build
	need_command pkg-config pkg-config
	need_command python3 python3
	need_command git git
	need_command readelf binutils
	need_file /usr/include/stdio.h libc6-dev
	need_module glib-2.0 libglib2.0-dev
	need_module json-c libjson-c-dev
	need_module liblzma liblzma-dev
	need_module libarchive libarchive-dev
	need_module libcurl libcurl4-gnutls-dev
	need_module cmocka libcmocka-dev
}

# What the scripts and the guests need, and what QEMU is locked into.
wv_needs_run()
{
	need_command bwrap bubblewrap
	need_command cpio cpio
	need_command lz4 lz4
	need_command xz xz-utils
	need_command zstd zstd
}

# What scripts/make-debian-root needs.
wv_needs_debian_root()
{
	need_file /usr/sbin/debootstrap debootstrap
}

wv_needs_test()
{
	need_command clang clang
	need_command clang-format clang-format
	need_command lld-link lld
	need_command llvm-pdbutil llvm
	need_command valgrind valgrind
	need_file /usr/lib/debug/.build-id libc6-dbg
	need_admin_command mkfs.ext4 e2fsprogs
	need_admin_command mkfs.xfs xfsprogs
	need_admin_command mkfs.btrfs btrfs-progs
	# The sanitizers' and libFuzzer's libraries belong to one version of clang.
	if wv_have clang; then
		[ -e "$(clang -print-file-name=libclang_rt.fuzzer-x86_64.a)" ] ||
		[ -e "$(clang -print-runtime-dir)/libclang_rt.fuzzer-x86_64.a" ] ||
		[ -e "$(clang -print-runtime-dir)/libclang_rt.fuzzer.a" ] ||
			echo "libclang-rt-$(clang -dumpversion | sed 's/\..*//')-dev"
	fi
}

# Prints the version of the QEMU in PATH, or nothing.
wv_qemu_version()
{
	qemu-system-x86_64 --version 2>/dev/null |
		sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p'
}

# wv_at_least WANTED VERSION
wv_at_least()
{
	[ -n "$2" ] && printf '%s\n%s\n' "$1" "$2" | sort -C -V
}

wv_qemu_is_good()
{
	wv_at_least $wv_qemu_wanted "$(wv_qemu_version)"
}

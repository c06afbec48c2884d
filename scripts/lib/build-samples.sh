#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Compiles the samples of tests/samples: statically, but for those that are about libraries. What
# is newer than its sources stays as it is.
# usage: build-samples.sh FOLDER [SAMPLE...]    default: all samples
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/common.sh"

[ $# -gt 0 ] || { sed -n '3,5s/^# \{0,1\}//p' "$0"; exit 2; }
samples=$wv_root/tests/samples
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

compile()
{
	local to=$1
	shift
	${CC:-gcc} -std=gnu11 -O1 -g0 -Wall -Wextra -Werror -o "$to" "$@"
}

make()
{
	case $1 in
	dynamic) compile "$2" "$samples/dynamic.c" ;;
	lacking)
		compile "$work/libwyvern-absent.so" -shared -fPIC "$samples/absent.c"
		compile "$2" "$samples/lacking.c" -L"$work" -lwyvern-absent
		;;
	tiny) compile "$2" -nostdlib -static "$samples/tiny.S" ;;
	# as it is written, or there would be no crash
	segfault) compile "$2" -static -fno-delete-null-pointer-checks "$samples/segfault.c" ;;
	*.sh | missing-interpreter) install -m 755 "$samples/$1" "$2" ;;
	*) compile "$2" -static -s "$samples/$1.c" ;;
	esac
}

# is_new SAMPLE: newer than all that it can be made of
is_new()
{
	local source

	for source in "$samples/$1" "$samples/$1".[cS] "$samples/sample.h" "$samples/absent.c" "$0"; do
		[ ! "$source" -nt "$out/$1" ] || return 1
	done
	[ -e "$out/$1" ]
}

if [ $# = 0 ]; then
	for source in "$samples"/*; do
		case ${source##*/} in
		*.md | *.h | absent.c) ;;
		*.c | *.S) name=${source##*/}; set -- "$@" "${name%.*}" ;;
		*) set -- "$@" "${source##*/}" ;;
		esac
	done
fi
for name; do
	is_new "$name" && continue
	make "$name" "$work/$name"
	# at once, for those who build at the same time
	mv "$work/$name" "$out/.$name.$$"
	mv "$out/.$name.$$" "$out/$name"
done

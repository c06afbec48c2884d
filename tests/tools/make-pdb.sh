#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes Windows programs with PDBs for tests, of tests/unit/test_pdb_sample.c:
#
#   make-pdb.sh FOLDER
#
# Exits with 77, after a message, where clang or lld-link are not installed (Debian: clang lld).
set -eu

[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
out=$1
source=$(dirname "$0")/../unit/test_pdb_sample.c

# The tool by its plain name, or by that of the newest version: "clang", "clang-19" ...
tool() {
	for suffix in "" -22 -21 -20 -19 -18 -17 -16 -15 -14; do
		if command -v "$1$suffix" >/dev/null; then
			echo "$1$suffix"
			return
		fi
	done
	echo "skipped: $1 is not installed" >&2
	exit 77
}

clang=$(tool clang)
link=$(tool lld-link)

# make NAME TARGET LANGUAGE LINKER-OPTION...
make() {
	name=$1 target=$2 language=$3
	shift 3
	case $language in
	c++) flags='-DSAMPLE_CXX -std=c++17 -fno-exceptions -fno-rtti -fstandalone-debug' ;;
	*) flags=-std=gnu11 ;;
	esac
	# shellcheck disable=SC2086 # flags are words
	"$clang" --target="$target" -x "$language" $flags -O1 -g -gcodeview -ffreestanding \
		-Wno-everything -c "$source" -o "$out/$name.obj"
	"$link" /nologo /nodefaultlib /subsystem:native /entry:start /debug /safeseh:no \
		/pdbaltpath:%_PDB% "$@" "/out:$out/$name.exe" "/pdb:$out/$name.pdb" "$out/$name.obj"
	rm "$out/$name.obj"
}

make x64 x86_64-pc-windows-msvc c
make x86 i686-pc-windows-msvc c
make cxx x86_64-pc-windows-msvc c++
# Larger blocks, where the linker knows the option (LLVM 14).
make pages x86_64-pc-windows-msvc c /pdbpagesize:16384

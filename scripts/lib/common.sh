# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Shared by all scripts: where things are, how to speak, how to lock.

wv_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
wv_cache=${WYVERN_CACHE:-$wv_root/.cache}

# "It cannot be had here": the exit code by which tests know to skip.
wv_skip=77

wv_note()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

wv_die()
{
	wv_note "$@"
	exit 1
}

wv_have()
{
	command -v "$1" >/dev/null 2>&1
}

# wv_lock NAME: one process at a time from here on, until the shell ends.
wv_lock()
{
	mkdir -p "$wv_cache/lock"
	exec 9>"$wv_cache/lock/$1"
	flock 9
}

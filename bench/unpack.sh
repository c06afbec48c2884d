#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A scenario that unpacks a source tree and deletes it again, N times: unpack N
# The file system is in memory, so what is measured is not a disk.
now()
{
	read -r seconds _ </proc/uptime
	echo "${seconds%.*}${seconds#*.}0000000"
}

mkdir -p /tree
mount -t tmpfs none /tree
cd /tree || exit 1
start=$(now)
turn=0
while [ "$turn" -lt "$1" ]; do
	tar -xf /tree.tar && rm -rf /tree/* || exit 1
	turn=$((turn + 1))
done
printf '{"kind":"timing","what":"unpack","count":%d,"elapsed_ns":%d}\n' \
	"$1" $(($(now) - start)) >/dev/truth

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A scenario that tells where the guest's kernel has the functions that are named.
for name; do
	while read -r address type symbol; do
		case $type in
		t | T)
			printf '{"kind":"symbol","name":"%s","address":"0x%s"}\n' \
				"$symbol" "$address" >/dev/truth
			;;
		esac
	done <<-END
		$(grep " $name\$" /proc/kallsyms)
	END
done

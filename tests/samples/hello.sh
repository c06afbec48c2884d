#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Says hello, and ends with the status 5.
echo "hello from $0: $*"
exit 5

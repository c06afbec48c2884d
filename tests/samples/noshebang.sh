# SPDX-License-Identifier: GPL-2.0-or-later
# A script that does not say what it is for: the kernel can not execute it.
echo "no interpreter"
exit 6

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Renames the sections of COFF objects, in place, so that the linker does not put them first.

    rename_sections.py OBJECT...
"""
import struct
import sys

NAMES = {b".text": b"WYTEXT", b".rdata": b"WYRDATA", b".data": b"WYDATA", b".bss": b"WYBSS"}


def main():
    for path in sys.argv[1:]:
        with open(path, "r+b") as file:
            data = bytearray(file.read())
            count, optional = struct.unpack_from("<2xH12xH", data)
            for at in range(20 + optional, 20 + optional + 40 * count, 40):
                name = bytes(data[at:at + 8]).rstrip(b"\0")
                if name in NAMES:
                    data[at:at + 8] = NAMES[name].ljust(8, b"\0")
            file.seek(0)
            file.write(data)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Overwrites one section of a 64-bit ELF file with zeros; everything else stays where it is.

usage: zero-section.py FILE SECTION
"""

import struct
import sys


def find_section(data, wanted):
    """Returns the offset and size of a section's bytes in the file."""
    if data[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a little-endian 64-bit ELF file")
    (headers,) = struct.unpack_from("<Q", data, 0x28)
    size, count, names_index = struct.unpack_from("<HHH", data, 0x3A)
    table = [
        struct.unpack_from("<IIQQQQ", data, headers + size * index) for index in range(count)
    ]
    names = table[names_index][4]
    for name, _, _, _, offset, length in table:
        start = names + name
        if data[start : data.index(b"\0", start)] == wanted.encode():
            return offset, length
    raise ValueError(f"no section {wanted}")


def main():
    if len(sys.argv) != 3:
        print(__doc__.split("\n\n")[1], file=sys.stderr)
        return 2
    path, section = sys.argv[1:]
    try:
        with open(path, "r+b") as file:
            offset, length = find_section(file.read(), section)
            file.seek(offset)
            file.write(bytes(length))
    except (OSError, ValueError, struct.error) as error:
        print(f"zero-section: {path}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

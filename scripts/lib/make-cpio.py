#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes an initramfs (cpio "newc", gzip) without being root. Everything in it belongs to root.

usage: make-cpio.py OUT <LIST

The list has one entry per line, fields separated by blanks:
  dir PATH MODE
  file PATH MODE SOURCE [LINK...]      a file of the host, and its further names
  symlink PATH TARGET
  node PATH MODE c|b MAJOR MINOR
"""

import gzip
import os
import stat
import sys


class Archive:
    """The format: Documentation/driver-api/early-userspace/buffer-format.rst in Linux."""

    def __init__(self, out):
        self.out = out
        self.inode = 0

    def entry(self, path, mode, data=b"", links=1, device=(0, 0), new_inode=True):
        self.inode += new_inode
        name = path.lstrip("/").encode() + b"\0"
        fields = (
            self.inode, mode, 0, 0, links, 0, len(data), 0, 0, device[0], device[1], len(name), 0
        )  # fmt: skip
        header = b"070701" + b"".join(b"%08x" % field for field in fields)
        self.out.write(self.padded(header + name) + self.padded(data))

    @staticmethod
    def padded(data):
        return data + b"\0" * (-len(data) % 4)

    def line(self, kind, path, *rest):
        if kind == "dir":
            self.entry(path, stat.S_IFDIR | int(rest[0], 8), links=2)
        elif kind == "file":
            mode, source, *names = rest
            with open(source, "rb") as file:
                data = file.read()
            mode = stat.S_IFREG | int(mode, 8)
            self.entry(path, mode, data, links=1 + len(names))
            for name in names:
                self.entry(name, mode, links=1 + len(names), new_inode=False)
        elif kind == "symlink":
            self.entry(path, stat.S_IFLNK | 0o777, rest[0].encode())
        elif kind == "node":
            mode, letter, major, minor = rest
            form = stat.S_IFCHR if letter == "c" else stat.S_IFBLK
            self.entry(path, form | int(mode, 8), device=(int(major), int(minor)))
        else:
            raise ValueError(f"unknown kind of entry: {kind}")

    def end(self):
        self.inode = -1
        self.entry("TRAILER!!!", 0)


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    part = f"{sys.argv[1]}.{os.getpid()}.part"
    with gzip.GzipFile(part, "wb", 6, mtime=0) as out:
        archive = Archive(out)
        for line in sys.stdin:
            if line.strip():
                archive.line(*line.split())
        archive.end()
    os.replace(part, sys.argv[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())

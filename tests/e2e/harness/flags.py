# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbers of flags by their names, from Python's library and Linux's headers; not Wyvern's tables.
"""

import mmap
import os

from .declare import Failed

# include/uapi/asm-generic/fcntl.h; the C library has 0 for O_LARGEFILE
O_LARGEFILE = 0o100000
O_TMPFILE = os.O_TMPFILE
OPEN = {name: getattr(os, name) for name in (
    "O_RDONLY", "O_WRONLY", "O_RDWR", "O_CREAT", "O_EXCL", "O_NOCTTY", "O_TRUNC", "O_APPEND",
    "O_NONBLOCK", "O_DSYNC", "O_ASYNC", "O_DIRECT", "O_DIRECTORY", "O_NOFOLLOW", "O_NOATIME",
    "O_CLOEXEC", "O_SYNC", "O_PATH", "O_TMPFILE")} | {
        "O_LARGEFILE": O_LARGEFILE, "__O_SYNC": 0o4000000, "__O_TMPFILE": 0o20000000,
        "O_EMPTYPATH": 1 << 26, "FASYNC": os.O_ASYNC, "__FMODE_EXEC": 0x20}

# include/uapi/linux/memfd.h
MEMFD = {"MFD_CLOEXEC": 1, "MFD_ALLOW_SEALING": 2, "MFD_HUGETLB": 4, "MFD_NOEXEC_SEAL": 8,
         "MFD_EXEC": 16}

PROTECTION = {"PROT_NONE": 0, "PROT_READ": mmap.PROT_READ, "PROT_WRITE": mmap.PROT_WRITE,
              "PROT_EXEC": mmap.PROT_EXEC}
MAP = {"MAP_SHARED": mmap.MAP_SHARED, "MAP_PRIVATE": mmap.MAP_PRIVATE, "MAP_FIXED": 0x10,
       "MAP_POPULATE": 0x8000, "MAP_ANONYMOUS": 0x20, "MAP_DENYWRITE": 0x800}

# include/uapi/linux/falloc.h, fs.h, xattr.h, mount.h
FALLOCATE = {"FALLOC_FL_KEEP_SIZE": 1, "FALLOC_FL_PUNCH_HOLE": 2}
RENAME = {"RENAME_NOREPLACE": 1, "RENAME_EXCHANGE": 2, "RENAME_WHITEOUT": 4}
XATTR = {"XATTR_CREATE": os.XATTR_CREATE, "XATTR_REPLACE": os.XATTR_REPLACE}
MOUNT = {"MS_RDONLY": 1, "MS_NOSUID": 2, "MS_NODEV": 4, "MS_NOEXEC": 8, "MS_REMOUNT": 32,
         "MS_NOATIME": 1024, "MS_BIND": 4096, "MS_MOVE": 8192, "MS_REC": 16384,
         "MS_SILENT": 32768, "MS_PRIVATE": 1 << 18}
UMOUNT = {"MNT_FORCE": 1, "MNT_DETACH": 2, "MNT_EXPIRE": 4, "UMOUNT_NOFOLLOW": 8}

ACCESS = {name: getattr(os, name) for name in ("F_OK", "R_OK", "W_OK", "X_OK")}
WHENCE = {f"SEEK_{name}": getattr(os, f"SEEK_{name}")
          for name in ("SET", "CUR", "END", "DATA", "HOLE")}


def number(text, names):
    """Of a text such as "O_RDWR | O_CREAT"."""
    value = 0
    for name in text.split(" | "):
        if name in names:
            value |= names[name]
        else:
            try:
                value |= int(name, 0)
            except ValueError:
                raise Failed(f"nobody knows {name!r}, of {text!r}") from None
    return value

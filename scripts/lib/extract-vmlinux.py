#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Decompresses the kernel image (an ELF file) that an x86 bzImage carries.

usage: extract-vmlinux.py VMLINUZ OUT

The place of the compressed payload is in the setup header: setup_sects, payload_offset and
payload_length (Documentation/arch/x86/boot.rst, boot protocol 2.08 and later).
"""

import lzma
import os
import struct
import subprocess
import sys
import zlib


def payload(image):
    if len(image) < 0x250 or image[0x202:0x206] != b"HdrS":
        raise ValueError("not a bzImage: no setup header")
    (protocol,) = struct.unpack_from("<H", image, 0x206)
    if protocol < 0x208:
        raise ValueError(f"boot protocol {protocol >> 8}.{protocol & 255} names no payload")
    setup_sects = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sects + 1) * 512 + offset
    if length < 8 or start + length > len(image):
        raise ValueError("the payload lies outside the file")
    return image[start : start + length]


def pipe(command, data):
    try:
        done = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True)
    except FileNotFoundError:
        raise ValueError(f"the program {command[0]} is needed and is not installed") from None
    except subprocess.CalledProcessError as error:
        raise ValueError(f"{command[0]} failed with code {error.returncode}") from None
    return done.stdout


def decompress(data):
    # All but gzip are followed by the size of the result, 4 bytes, added by the kernel's build.
    if data.startswith(b"\x1f\x8b"):
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data)
    if data.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(data)
    if data.startswith(b"\x5d\0\0"):
        return lzma.LZMADecompressor(lzma.FORMAT_ALONE).decompress(data)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        return pipe(["zstd", "-q", "-d", "-c"], data[:-4])
    if data.startswith(b"\x02\x21\x4c\x18"):
        return pipe(["lz4", "-q", "-d", "-c"], data[:-4])
    raise ValueError(f"unknown compression, first bytes {data[:6].hex()}")


def extract(path):
    """Returns the ELF file inside the bzImage, or the file itself if it is one."""
    with open(path, "rb") as file:
        image = file.read()
    if image.startswith(b"\x7fELF"):
        return image
    vmlinux = decompress(payload(image))
    if not vmlinux.startswith(b"\x7fELF"):
        raise ValueError("the payload is not an ELF file")
    return vmlinux


def write(path, data):
    """Writes the file so that it is there whole or not at all."""
    part = f"{path}.{os.getpid()}.part"
    with open(part, "wb") as file:
        file.write(data)
    os.replace(part, path)


def main():
    if len(sys.argv) != 3:
        print(__doc__.split("\n\n")[1], file=sys.stderr)
        return 2
    try:
        write(sys.argv[2], extract(sys.argv[1]))
    except (OSError, ValueError) as error:
        print(f"extract-vmlinux: {sys.argv[1]}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Gives the linked kernel the identity of its layout, and packs it for the loader.

    pack.py LAYOUT.json KERNEL.exe KERNEL.pdb OUT.bin NTDLL.dll USER.exe [USER32.exe]

KERNEL.exe and KERNEL.pdb are changed in place: they get the GUID and the age of the layout's PDB.
OUT.bin holds the image's pages that are not all zeros, its relocations, and the user programs; its
head is struct wv_packed of loader/boot.h.
"""
import json
import struct
import sys

from layout import is_variable

PAGE = 4096
MAGIC = 0x544e5957


class Image:
    """A PE file."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = bytearray(file.read())
        data = self.data
        self.pe = struct.unpack_from("<I", data, 60)[0]
        sections, size = struct.unpack_from("<6xH12xH", data, self.pe)
        self.optional = self.pe + 24
        self.wide = struct.unpack_from("<H", data, self.optional)[0] == 0x20b
        self.entry = struct.unpack_from("<I", data, self.optional + 16)[0]
        self.base = struct.unpack_from("<Q" if self.wide else "<I", data,
                                       self.optional + (24 if self.wide else 28))[0]
        self.size, self.header_size = struct.unpack_from("<II", data, self.optional + 56)
        self.directories = self.optional + (112 if self.wide else 96)
        # (name, virtual size, rva, size in the file, offset in the file)
        self.sections = [struct.unpack_from("<8sIIII", data, self.optional + size + 40 * i)
                         for i in range(sections)]

    def directory(self, number):
        return struct.unpack_from("<II", self.data, self.directories + 8 * number)

    def offset(self, rva):
        for _, _, start, size, offset in self.sections:
            if start <= rva < start + size:
                return rva - start + offset
        raise SystemExit(f"nothing in the file is at {rva:#x}")

    def memory(self):
        """The image as it is mapped."""
        result = bytearray((self.size + PAGE - 1) // PAGE * PAGE)
        result[:self.header_size] = self.data[:self.header_size]
        for _, virtual, start, size, offset in self.sections:
            size = min(size, virtual) if virtual else size
            result[start:start + size] = self.data[offset:offset + size]
        return result

    def debug_record(self):
        """Where in the file the RSDS record is."""
        rva, size = self.directory(6)
        for at in range(self.offset(rva), self.offset(rva) + size, 28):
            kind, _, record = struct.unpack_from("<12xIII", self.data, at)
            record = self.offset(record)
            if kind == 2 and self.data[record:record + 4] == b"RSDS":
                return record
        raise SystemExit("the linker wrote no RSDS record")

    def relocations(self):
        """RVAs of the words that depend on where the image is."""
        rva, size = self.directory(5)
        if not size:
            return []
        at, result = self.offset(rva), []
        end = at + size
        while at < end:
            page, length = struct.unpack_from("<II", self.data, at)
            for (entry,) in struct.iter_unpack("<H", self.data[at + 8:at + length]):
                if entry >> 12 in (3, 10):
                    result.append(page + (entry & 0xfff))
                elif entry >> 12:
                    raise SystemExit(f"relocation of type {entry >> 12}")
            at += length
        return result


def guid_bytes(text):
    raw = bytes.fromhex(text)
    return raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]


class Pdb:
    """An MSF file, for changing bytes within its streams."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = bytearray(file.read())
        self.block, _, _, directory_size, _, block_map = struct.unpack_from("<6I", self.data, 32)
        blocks = (directory_size + self.block - 1) // self.block
        words = b""
        for (number,) in struct.iter_unpack("<I", self.data[block_map * self.block:][:4 * blocks]):
            words += self.data[number * self.block:(number + 1) * self.block]
        words = struct.unpack_from(f"<{directory_size // 4}I", words)
        sizes, at = words[1:1 + words[0]], 1 + words[0]
        self.streams = []
        for size in sizes:
            count = 0 if size == 0xffffffff else (size + self.block - 1) // self.block
            self.streams.append(words[at:at + count])
            at += count

    def put(self, stream, offset, value):
        at = self.streams[stream][0] * self.block + offset
        self.data[at:at + len(value)] = value


def give_identity(image, pdb, identity):
    """The GUID and the age of the layout's PDB in the image and in the PDB."""
    guid, age = guid_bytes(identity["GUID"]), struct.pack("<I", identity["age"])
    record = image.debug_record()
    image.data[record + 4:record + 24] = guid + age
    pdb.put(1, 8, age + guid)
    pdb.put(3, 8, age)


def pack(image, pointer, users, lowest, shift, count):
    memory = image.memory()
    runs, at = [], 0
    while at < len(memory):
        if not any(memory[at:at + PAGE]):
            at += PAGE
            continue
        end = at
        while end < len(memory) and any(memory[end:end + PAGE]):
            end += PAGE
        runs.append((at, end - at))
        at = end
    relocations = image.relocations()
    head = 48 + 48
    offset = head + 12 * len(runs) + 4 * len(relocations)
    body, table = b"", b""
    for rva, size in runs:
        table += struct.pack("<III", rva, size, offset + len(body))
        body += memory[rva:rva + size]
    body += bytes(-(offset + len(body)) % PAGE)
    programs = b""
    for user in users:
        if user is None:
            programs += bytes(16)
            continue
        programs += struct.pack("<IIII", offset + len(body), len(user.memory()), user.entry, 0)
        body += user.memory()
    return (struct.pack("<4I2Q4I", MAGIC, pointer, len(memory), image.entry, image.base, lowest,
                        shift, count, len(runs), len(relocations)) + programs + table +
            struct.pack(f"<{len(relocations)}I", *relocations) + body)


def check(memory, symbols):
    """Every function of the layout must be at its address: a jump, a call, or a service's stub."""
    for name, symbol in symbols.items():
        first = memory[symbol["address"]]
        if not is_variable(name) and first not in ((0x48, 0xb8) if name[:2] == "Zw" else
                                                   (0xff,) if name == "KiSystemServiceCopyEnd" else
                                                   (0xe9,)):
            raise SystemExit(f"{name} is not at {symbol['address']:#x} of the image")


def bases(pointer, build):
    """Where the build puts its kernel: (lowest base, log2 of the step, how many)."""
    if pointer == 4:
        return 0x82600000, 12, 0x200
    if build < 9200:
        return 0xfffff80002800000, 12, 0x8000
    return 0xfffff80000000000, 21, 0x3fc0


def main():
    if len(sys.argv) not in (7, 8):
        raise SystemExit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        layout = json.load(file)
    pointer = layout["base_types"]["pointer"]["size"]
    build = int(sys.argv[1].rsplit("/", 1)[-1].split(".")[2])
    image, pdb = Image(sys.argv[2]), Pdb(sys.argv[3])
    first = image.sections[1][2] if image.sections[0][0].startswith(b".rdata") else 0
    if first != 2 * PAGE:
        raise SystemExit(f"the layout's first section is at {first:#x}, not at {2 * PAGE:#x}")
    check(image.memory(), layout["symbols"])
    give_identity(image, pdb, layout["metadata"]["windows"]["pdb"])
    with open(sys.argv[2], "wb") as file:
        file.write(image.data)
    with open(sys.argv[3], "wb") as file:
        file.write(pdb.data)
    ntdll, *users = [Image(path) for path in sys.argv[5:]]
    if ntdll.entry != PAGE:
        raise SystemExit("ntdll does not begin where programs expect it")
    users = [users[0], users[1] if len(users) > 1 else None, ntdll]
    with open(sys.argv[4], "wb") as file:
        file.write(pack(image, pointer, users, *bases(pointer, build)))


if __name__ == "__main__":
    sys.exit(main())

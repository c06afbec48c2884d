#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a Volatility 3 ISF profile from a decompressed vmlinux, out of its kallsyms and BTF.

    make-isf.py VMLINUX OUT.json[.xz]

For tests: a profile as users bring one, made without debug packages. It reads kallsyms and BTF
with code of its own, so that comparing the profile with what Wyvern reads from the same kernel
checks both readers. Needs only Python's standard library.
"""
import argparse
import base64
import json
import lzma
import struct
import sys

INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, PROTO, VAR, \
    DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64 = range(1, 20)


class Vmlinux:
    """An ELF file: sections by name, and bytes by virtual address."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        if self.data[:5] != b"\x7fELF\x02":
            raise SystemExit(f"{path}: not a 64-bit ELF file")
        self.segments = []
        phoff, shoff = struct.unpack_from("<QQ", self.data, 32)
        phentsize, phnum, shentsize, shnum, shstrndx = struct.unpack_from("<5H", self.data, 54)
        for i in range(phnum):
            kind, _, offset, vaddr, _, filesz = struct.unpack_from("<IIQQQQ", self.data,
                                                                   phoff + i * phentsize)
            if kind == 1:
                self.segments.append((vaddr, offset, filesz))
        headers = [struct.unpack_from("<IIQQQQ", self.data, shoff + i * shentsize)
                   for i in range(shnum)]
        strings = headers[shstrndx][4]
        self.sections = {}
        for name, _, _, addr, offset, size in headers:
            end = self.data.index(b"\0", strings + name)
            self.sections[self.data[strings + name:end].decode()] = (addr, offset, size)

    def section(self, name):
        """The address and the bytes of a section."""
        addr, offset, size = self.sections[name]
        return addr, self.data[offset:offset + size]

    def string(self, address):
        """The bytes at an address up to the first NUL, that included."""
        for vaddr, offset, size in self.segments:
            if vaddr <= address < vaddr + size:
                start = offset + address - vaddr
                return self.data[start:self.data.index(b"\0", start) + 1]
        raise SystemExit(f"nothing is loaded at {address:#x}")


def token_tables(data):
    """Yields (start of token_table, start of token_index, the tokens)."""
    digits = b"\0" + b"".join(b"%d\0" % i for i in range(10))
    hit = data.find(digits)
    while hit >= 0:
        low = hit + 1
        for _ in range(48):
            low = data.rindex(b"\0", 0, low - 1) + 1 if low > 1 else 0
        # Token 0 starts here, or further on when what lies before the table ends without a NUL.
        for first in range(low, low + 64):
            tokens = data[first:first + 65536].split(b"\0", 256)[:256]
            starts, at = [], 0
            for token in tokens:
                starts.append(at)
                at += len(token) + 1
            if at > 65535:
                continue
            index = data.find(struct.pack("<256H", *starts), first + at, first + at + 512 + 64)
            if index >= 0:
                yield first, index, tokens
                break
        hit = data.find(digits, hit + 1)


def find_names(data, token_table):
    """(position of num_syms, num_syms, position of names)."""
    for markers in range(token_table - 32 & ~3, max(token_table - (4 << 20), 0), -4):
        values = struct.unpack_from("<8I", data, markers)
        if values[0] or any(not 512 <= b - a <= 65536 for a, b in zip(values, values[1:])):
            continue
        # The number of names is not known yet: try every plausible one.
        for names in range(markers - values[7] & ~3, 0, -4):
            for gap in (4, 8):
                count = struct.unpack_from("<I", data, names - gap)[0]
                blocks = (count + 255) // 256
                if not 8 <= blocks <= (token_table - markers) // 4:
                    continue
                last = struct.unpack_from("<I", data, markers + 4 * (blocks - 1))[0]
                if not names + last < markers <= names + last + 65536:
                    continue
                at = names
                for _ in range(256):
                    length = data[at]
                    at += 1
                    if length & 0x80:
                        length = length & 0x7f | data[at] << 7
                        at += 1
                    at += length
                if at - names == values[1]:
                    return names - gap, count, names
    raise SystemExit("kallsyms: no names")


def decode_names(data, at, count, tokens):
    """A list of (type, name)."""
    result = []
    for _ in range(count):
        length = data[at]
        at += 1
        if length & 0x80:
            length = length & 0x7f | data[at] << 7
            at += 1
        text = b"".join([tokens[b] for b in data[at:at + length]]).decode("latin-1")
        result.append((text[0], text[1:]))
        at += length
    return result


def decode_addresses(data, base_address, num_syms, count, after):
    """The symbols' addresses, from whichever table and encoding gives ascending ones."""
    mask = (1 << 64) - 1
    size = 4 * count
    before = num_syms - 8 - (size + 7 & ~7)
    for start, base_at in ((after, after + size + 7 & ~7), (before, num_syms - 8)):
        offsets = struct.unpack_from(f"<{count}i", data, start)
        base = struct.unpack_from("<Q", data, base_at)[0]
        place = base_address + start
        for addresses in ([place + 4 * i + off & mask for i, off in enumerate(offsets)],
                          [off if off >= 0 else base - 1 - off & mask for off in offsets],
                          [base + (off & 0xffffffff) & mask for off in offsets]):
            if all(a <= b for a, b in zip(addresses, addresses[1:])):
                return addresses
    raise SystemExit("kallsyms: no addresses")


def read_symbols(kernel):
    """All symbols as a list of (type, name, address)."""
    address, data = kernel.section(".rodata")
    for token_table, index, tokens in token_tables(data):
        num_syms, count, names = find_names(data, token_table)
        addresses = decode_addresses(data, address, num_syms, count, index + 512)
        return [(kind, name, addr) for (kind, name), addr
                in zip(decode_names(data, names, count, tokens), addresses)]
    raise SystemExit("kallsyms: no token table")


class Btf:
    """The kernel's types, converted to ISF."""

    def __init__(self, data):
        magic, _, _, header, type_off, type_len, str_off, str_len = struct.unpack_from(
            "<HBBIIIII", data)
        if magic != 0xeb9f:
            raise SystemExit("no BTF")
        self.strings = data[header + str_off:header + str_off + str_len]
        self.types = [(None, "", False, 0, [])]
        sizes = {INT: (4, 0), ARRAY: (12, 0), STRUCT: (0, 12), UNION: (0, 12), ENUM: (0, 8),
                 PROTO: (0, 8), VAR: (4, 0), DATASEC: (0, 12), DECL_TAG: (4, 0), ENUM64: (0, 12)}
        at = header + type_off
        while at < header + type_off + type_len:
            name, info, size = struct.unpack_from("<III", data, at)
            kind, vlen, at = info >> 24 & 0x7f, info & 0xffffff, at + 12
            fixed, entry = sizes.get(kind, (0, 0))
            words = struct.unpack_from(f"<{(fixed + entry * vlen) // 4}I", data, at)
            at += fixed + entry * vlen
            self.types.append((kind, self.string(name), bool(info >> 31), size, words))
        self.new_enums = any(kind == ENUM and flag for kind, _, flag, _, _ in self.types)

    def string(self, offset):
        return self.strings[offset:self.strings.index(b"\0", offset)].decode("latin-1")

    def strip(self, number):
        while self.types[number][0] in (TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG):
            number = self.types[number][3]
        return number

    def reference(self, number):
        """The ISF description of a type where it is used."""
        number = self.strip(number)
        kind, name, _, size, words = self.types[number]
        if kind in (STRUCT, UNION):
            return {"kind": "struct" if kind == STRUCT else "union",
                    "name": name or f"unnamed_{number:x}"}
        if kind == FWD:
            return {"kind": "struct", "name": name}
        if kind in (ENUM, ENUM64):
            return {"kind": "enum", "name": name or f"unnamed_{number:x}"}
        if kind == PTR:
            return {"kind": "pointer", "subtype": self.reference(size)}
        if kind == ARRAY:
            return {"kind": "array", "count": words[2], "subtype": self.reference(words[0])}
        if kind in (FUNC, PROTO):
            return {"kind": "function"}
        return {"kind": "base", "name": name or "void"}

    def field(self, member_type, offset, flag):
        """One member of a structure."""
        bits = offset >> 24 if flag else 0
        offset = offset & 0xffffff if flag else offset
        kind, _, _, size, words = self.types[self.strip(member_type)]
        if not flag and kind == INT and (words[0] & 0xff != size * 8 or offset % 8):
            bits = words[0] & 0xff
            offset += words[0] >> 16 & 0xff
        result = {"type": self.reference(member_type), "offset": offset // 8}
        if bits:
            unit = size * 8
            result["offset"] = offset // unit * size
            result["type"] = {"kind": "bitfield", "bit_position": offset % unit,
                              "bit_length": bits, "type": result["type"]}
        return result

    def structure(self, number):
        kind, _, flag, size, words = self.types[number]
        fields = {}
        for i in range(0, len(words), 3):
            name = self.string(words[i])
            field = self.field(words[i + 1], words[i + 2], flag)
            if not name:
                field["anonymous"] = True
                name = f"unnamed_field_{field['offset']:x}_{i // 3}"
            fields[name] = field
        return {"kind": "struct" if kind == STRUCT else "union", "size": size, "fields": fields}

    def enumeration(self, number):
        kind, _, flag, size, words = self.types[number]
        constants = {}
        if kind == ENUM:
            for name, value in zip(words[::2], words[1::2]):
                if (flag or not self.new_enums) and value >> 31:
                    value -= 1 << 32
                constants[self.string(name)] = value
        else:
            for name, low, high in zip(words[::3], words[1::3], words[2::3]):
                value = high << 32 | low
                constants[self.string(name)] = value - (1 << 64) if value >> 63 else value
        return {"size": size, "base": "int", "constants": constants}

    def tables(self):
        """The three tables of an ISF."""
        base = {"void": {"kind": "void", "size": 0, "signed": False, "endian": "little"},
                "pointer": {"kind": "int", "size": 8, "signed": False, "endian": "little"}}
        user, enums = {}, {}
        for wanted in (STRUCT, UNION):
            for number, (kind, name, *_) in enumerate(self.types):
                if kind == wanted:
                    user.setdefault(name or f"unnamed_{number:x}", self.structure(number))
        for number, (kind, name, _, size, words) in enumerate(self.types):
            key = name or f"unnamed_{number:x}"
            if kind in (ENUM, ENUM64):
                enums.setdefault(key, self.enumeration(number))
            elif kind in (INT, FLOAT):
                signed = kind == FLOAT or bool(words[0] >> 24 & 1)
                base.setdefault(name, {"kind": "float" if kind == FLOAT else "int", "size": size,
                                       "signed": signed, "endian": "little"})
        return base, user, enums


def make_isf(path):
    kernel = Vmlinux(path)
    symbols = {}
    for kind, name, address in read_symbols(kernel):
        # Of several symbols of a name: a global one, else a function, else the first.
        rank = 2 if kind.isupper() else int(kind in "tw")
        if name not in symbols or rank > symbols[name][0]:
            symbols[name] = (rank, address)
    symbols = {name: {"address": address} for name, (_, address) in symbols.items()}
    banner = kernel.string(symbols["linux_banner"]["address"])
    symbols["linux_banner"]["constant_data"] = base64.b64encode(banner).decode()
    base, user, enums = Btf(kernel.section(".BTF")[1]).tables()
    return {"metadata": {"format": "6.2.0", "linux": {},
                         "producer": {"name": "make-isf.py", "version": "1"}},
            "base_types": base, "user_types": user, "enums": enums, "symbols": symbols}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vmlinux", help="the decompressed kernel (ELF)")
    parser.add_argument("out", help="the profile to write; compressed when it ends in .xz")
    args = parser.parse_args()
    text = json.dumps(make_isf(args.vmlinux)).encode()
    if args.out.endswith(".xz"):
        text = lzma.compress(text, preset=0)
    with open(args.out, "wb") as file:
        file.write(text)


if __name__ == "__main__":
    sys.exit(main())

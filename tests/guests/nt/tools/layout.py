#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the NT guest's sources that depend on the Windows build, out of the build's layout.

    layout.py LAYOUT.json ARGUMENTS OUT-FOLDER

Writes into OUT-FOLDER:
    offsets.h   numbers for C and assembly: OFF_<type>_<member>, SIZE_<type>, HAS_<symbol or member>
    types.h     the build's structures as C types, every member at the build's offset
    types.c     makes the compiler describe all these types in the PDB
    image.S     the kernel image from its second page on: a jump at the address of each of the
                build's functions, room at the address of each of its variables
    services.c  the system services by number, for the table that system calls go through; a
                function for each, which gathers its arguments
    services.h  their numbers, for C, and services.inc, for assembly
    names       for the shell: the pointer's size, the PDB's name, the address to link at
"""
import json
import os
import re
import sys

PAGE = 4096
# The first page of the image is its header; the second has what the linker adds.
FIRST_RVA = 2 * PAGE
# Room behind the last variable's address: none of those that are filled in is larger.
LAST_ROOM = 16 * PAGE

# Symbols that are variables; all others are functions.
VARIABLES = re.compile(
    r"^(KiInitial(PCR|Process|Thread)|KiProcessorBlock|KeNumberProcessors|NtBuild(Number|Lab)"
    r"|PsNtosImageBase|K[di](Debugger|Version)\w*|KiBootProcessorIdleThread"
    r"|Mm(Highest|Pte|Pfn|System|User)\w+"
    r"|Mm(Non)?PagedPoolStart|Mi(Visible)?State|Ps(InitialSystem|Idle)Process|PsActiveProcessHead"
    r"|PspCidTable|PsLoadedModuleList|KeUserExceptionDispatcher|Ob(TypeIndexTable|HeaderCookie)"
    r"|Obp(ObjectTypes|InfoMaskToOffset|RootDirectoryObject|KernelHandleTable|TypeDirectoryObject)"
    r"|\w+ObjectType|Ps(Process|Thread|Job)Type|PoolTrackTable|KeServiceDescriptorTable\w*"
    r"|Ki(ServiceTable|ServiceLimit|ArgumentTable))$")

# Functions that are entered by the processor, not called: no calling convention in their name.
ENTRIES = re.compile(r"^Ki(Trap|System(Call|Service)|FastCall|\w+(Fault|Trap|Abort|Interrupt)|"
                     r"RaiseAssertion|XmmException)")


class Layout:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        self.symbols = {name: s["address"] for name, s in data["symbols"].items()}
        self.types, self.enums = data["user_types"], data["enums"]
        self.bases = data["base_types"]
        self.pointer = self.bases["pointer"]["size"]
        self.pdb = data["metadata"]["windows"]["pdb"]["database"]
        name = re.match(r"nt-(\d+)\.(\d+)\.(\d+)", os.path.basename(path))
        if not name:
            raise SystemExit(f"{path}: not nt-MAJOR.MINOR.BUILD...")
        self.version = [int(part) for part in name.groups()]


def identifier(name):
    return re.sub(r"\W", "_", name)


class Types:
    """The build's types in C."""

    def __init__(self, layout):
        self.layout = layout
        self.done, self.text, self.named = set(), [], set()

    def base(self, name):
        base = self.layout.bases[name]
        if base["size"] == 0:
            return "void"
        if base["kind"] == "float":
            # No floating point in the kernel: bytes of the same size.
            return {4: "unsigned int", 8: "unsigned long long"}[base["size"]]
        if name == "char":
            return "char"
        kind = {1: "char", 2: "short", 4: "int", 8: "long long"}[base["size"]]
        return ("signed " if base["signed"] else "unsigned ") + kind

    def keyword(self, name, kind):
        if name in self.layout.types:
            kind = self.layout.types[name]["kind"]
        self.named.add((kind if kind == "union" else "struct", name))
        return ("union " if kind == "union" else "struct ") + identifier(name)

    def declare(self, described, name):
        """A declaration of a member."""
        kind = described["kind"]
        if kind == "base":
            return f"{self.base(described['name'])} {name}"
        if kind == "enum":
            enum = self.layout.enums.get(described["name"])
            return f"{self.base(enum['base']) if enum else 'signed int'} {name}"
        if kind in ("struct", "union", "class"):
            self.define(described["name"])
            if described["name"] not in self.done:
                raise SystemExit(f"{described['name']} is embedded, but not described")
            return f"{self.keyword(described['name'], kind)} {name}"
        if kind == "array":
            return self.declare(described["subtype"], f"{name}[{described['count']}]")
        if kind == "pointer":
            target = described["subtype"]
            if target["kind"] in ("struct", "union", "class"):
                return f"{self.keyword(target['name'], target['kind'])} *{name}"
            if target["kind"] == "pointer":
                return self.declare(target, "*" + name)
            if target["kind"] == "base":
                return f"{self.base(target['name'])} *{name}"
            return f"void *{name}"
        raise SystemExit(f"member {name}: no C for {kind}")

    def size(self, described):
        kind = described["kind"]
        if kind == "base":
            return self.layout.bases[described["name"]]["size"]
        if kind == "enum":
            enum = self.layout.enums.get(described["name"])
            return enum["size"] if enum else 4
        if kind in ("pointer", "function"):
            return self.layout.pointer
        if kind == "array":
            return described["count"] * self.size(described["subtype"])
        if kind == "bitfield":
            return self.size(described["type"])
        return self.layout.types[described["name"]]["size"]

    def define(self, name):
        if name in self.done or name not in self.layout.types:
            return
        self.done.add(name)
        described = self.layout.types[name]
        # Members that overlap are in different arms of a union.
        arms = []
        def order(item):
            kind = item[1]["type"]
            return (item[1]["offset"], kind["kind"] == "bitfield", kind.get("bit_position", 0),
                    item[0])
        for member, field in sorted(described["fields"].items(), key=order):
            kind, at = field["type"], field["offset"]
            size, bits = self.size(kind), None
            if size == 0 or at + size > described["size"]:
                continue
            if kind["kind"] == "bitfield":
                bits = (kind["bit_position"], kind["bit_length"])
            for arm in arms:
                if self.fits(arm, at, size, bits):
                    break
            else:
                arm = {"number": len(arms), "end": 0, "unit": None, "text": []}
                arms.append(arm)
            self.add(arm, member, kind, at, size, bits)
        keyword = "union" if described["kind"] == "union" else "struct"
        lines = [f"{keyword} {identifier(name)} {{"]
        if keyword == "struct":
            lines.append("union {")
        for arm in arms:
            lines += ["struct {", *arm["text"], "};"]
        lines.append(f"unsigned char wv_size[{described['size']}];")
        if keyword == "struct":
            lines.append("};")
        lines.append("};")
        self.text += lines
        self.text.append(f"_Static_assert(sizeof({keyword} {identifier(name)}) == "
                         f"{described['size']}, \"{name}\");")

    @staticmethod
    def fits(arm, at, size, bits):
        if bits and arm["unit"] and arm["unit"][:2] == (at, size):
            return bits[0] >= arm["unit"][2]
        return arm["end"] <= at

    def add(self, arm, member, kind, at, size, bits):
        if not (bits and arm["unit"] and arm["unit"][:2] == (at, size)):
            if at > arm["end"]:
                arm["text"].append(f"unsigned char wv_pad{arm['number']}_{arm['end']:x}"
                                   f"[{at - arm['end']}];")
            # Bits of the next unit would go on in the last one where they fit.
            fence, arm["unit"] = bool(arm["unit"]), (at, size, 0) if bits else None
            arm["end"] = at + size
        else:
            fence = False
        if not bits:
            arm["text"].append(self.declare(kind, identifier(member)) + ";")
            return
        holder = self.declare(kind["type"], "").strip()
        holder = re.sub(r"^signed", "unsigned", holder)
        if holder == "char":
            holder = "unsigned char"
        if fence:
            arm["text"].append(f"{holder} : 0;")
        if bits[0] > arm["unit"][2]:
            arm["text"].append(f"{holder} : {bits[0] - arm['unit'][2]};")
        arm["text"].append(f"{holder} {identifier(member)} : {bits[1]};")
        arm["unit"] = (at, size, bits[0] + bits[1])

    def all(self):
        for name in sorted(self.layout.types):
            self.define(name)
        forward = [f"{kind} {identifier(name)};" for kind, name in sorted(self.named)]
        # For types that are a struct in one build and a union in another.
        forward += [f"typedef {kind} {identifier(name)} {identifier(name)[1:]};"
                    for kind, name in sorted(self.named | {
                        (d["kind"] if d["kind"] == "union" else "struct", n)
                        for n, d in self.layout.types.items()}) if re.match("_[A-Z]", name)]
        return forward + ["#pragma pack(push, 1)", *self.text, "#pragma pack(pop)"]


def is_variable(name):
    return bool(VARIABLES.match(name))


def offsets(layout):
    lines = [f"#define WV_POINTER {layout.pointer}"]
    for key, value in zip(("MAJOR", "MINOR", "BUILD"), layout.version):
        lines.append(f"#define WV_OS_{key} {value}")
    lines += [f"#define HAS_{name} 1" for name in sorted(layout.symbols)]
    for name, described in sorted(layout.types.items()):
        lines.append(f"#define SIZE_{identifier(name)} {described['size']:#x}")
        for member, field in sorted(described["fields"].items()):
            lines.append(f"#define OFF_{identifier(name)}_{identifier(member)} "
                         f"{field['offset']:#x}")
    return lines


def label(layout, name, arguments):
    """The symbol as the compiler would name it."""
    if layout.pointer == 8:
        return name
    if is_variable(name) or ENTRIES.match(name):
        return "_" + name
    return f"_{name}@{4 * arguments.get(name, 0)}"


def image(layout, arguments):
    """The assembly file: a section for each run of functions or of variables."""
    # Of several names of one function the longest is the guest's.
    ordered = sorted(((rva, name) for name, rva in layout.symbols.items()),
                     key=lambda item: (item[0], -len(item[1]), item[1]))
    if ordered[0][0] < FIRST_RVA:
        raise SystemExit(f"{ordered[0][1]} is in the image's first pages")
    sections = []
    for rva, name in ordered:
        code = not is_variable(name)
        start = rva // PAGE * PAGE
        if not sections:
            start = FIRST_RVA
        elif sections[-1]["code"] == code or sections[-1]["last"] >= start:
            sections[-1]["code"] = sections[-1]["code"] or code
            sections[-1]["last"] = rva
            sections[-1]["symbols"].append((rva, name))
            continue
        sections.append({"code": code, "start": start, "last": rva, "symbols": [(rva, name)]})
    # The linker puts sections into the order of their names.
    lines, prefix = [], "NT"
    numbers = {f"Zw{name[2:]}": number for number, name in enumerate(service_names(layout))}
    for i, section in enumerate(sections):
        end = sections[i + 1]["start"] if i + 1 < len(sections) else (
            section["last"] // PAGE * PAGE + LAST_ROOM)
        names = [name for _, name in section["symbols"]]
        title = f"{prefix}{i:02}" + ("CODE" if section["code"] else "DATA")
        if "ExAllocatePoolWithTag" in names:
            title, prefix = "POOLCODE", "QT"
        mixed = section["code"] and any(map(is_variable, names))
        flags = "xw" if mixed else "xr" if section["code"] else "dw"
        lines.append(f'.section {title},"{flags}"')
        if i == 0:
            lines += [".globl wv_first_page", "wv_first_page:"]
        placed = {}
        for rva, name in section["symbols"]:
            placed.setdefault(rva, []).append(name)
        free = 0
        for rva, names in placed.items():
            if rva < free:
                raise SystemExit(f"{names[0]} is too near to the function before it")
            lines.append(f".org {rva - section['start']:#x}")
            for name in names:
                symbol = label(layout, name, arguments)
                lines += [f".globl {symbol}", f"{symbol}:"]
            if names[0] in numbers:
                lines += stub(layout, names[0], numbers[names[0]], arguments)
                free = rva + STUB_SIZE[layout.pointer]
            elif names[0] == "KiSystemServiceCopyEnd":
                lines += dispatch(layout)
                free = rva + 4
            elif not is_variable(names[0]):
                lines.append(f"jmp {own(layout, names[0], arguments)}")
                free = rva + 5
                if names[0] == "KiFastCallEntry":
                    lines += dispatch(layout)
                    free += 4
        lines.append(f".org {end - section['start']:#x}")
    lines.append('.section .drectve,"yn"')
    default = own(layout, "unimplemented", {})
    for name in layout.symbols:
        if not is_variable(name) and name not in numbers:
            lines.append(f'.ascii " /alternatename:{own(layout, name, arguments)}={default}"')
    return lines


def own(layout, name, arguments):
    """The name of our function for one of the build's."""
    prefix = "wv_" + name
    if layout.pointer == 8:
        return prefix
    if name == "unimplemented" or ENTRIES.match(name):
        return "_" + prefix
    return f"_{prefix}@{4 * arguments.get(name, 0)}"


def dispatch(layout):
    """Where services are called, which is within that function: goes on where ESI points to."""
    if layout.pointer == 8:
        return [".globl wv_dispatch", "wv_dispatch:", "callq *%rax", "jmpq *%rsi"]
    return [".globl _wv_dispatch", "_wv_dispatch:", "calll *%eax", "jmpl *%esi"]


def service_names(layout):
    """All system services in the order of their numbers: that of their stubs' addresses."""
    stubs = sorted((rva, name) for name, rva in layout.symbols.items()
                   if re.match("Zw[A-Z]", name))
    return [f"Nt{name[2:]}" for _, name in stubs]


# How many bytes a stub has at most.
STUB_SIZE = {8: 32, 4: 20}


def stub(layout, name, number, arguments):
    """What the kernel calls for a system service: as if by a system call, but from kernel mode."""
    if layout.pointer == 8:
        return ["movq %rsp, %rax", "cli", "subq $16, %rsp", "pushq %rax", "pushfq", "pushq $0x10",
                "leaq KiServiceLinkage(%rip), %rax", "pushq %rax", f"movl ${number}, %eax",
                "jmp KiServiceInternal"]
    return [f"movl ${number}, %eax", "leal 4(%esp), %edx", "pushfl", "pushl $8",
            "call _KiSystemService", f"ret ${4 * arguments[name]}"]


PERFORM = 0x1fff  # the number of the service that no Windows has, and no table


def services(layout, arguments):
    """services.c, and pairs of a number and a name"""
    names = service_names(layout)
    counts = [arguments[name] for name in names]
    # Several services may be one function: it gathers as many arguments as any of them has.
    gathered = {}
    for name, count in zip(names, counts):
        at = layout.symbols[name]
        gathered[at] = max(count, gathered.get(at, 1))
    table, functions = [], []
    for number, (name, count) in enumerate(zip(names, counts)):
        most = gathered[layout.symbols[name]] if layout.pointer == 8 else count
        parameters = ", ".join(f"word a{i}" for i in range(most)) or "void"
        values = ", ".join(f"a{i}" for i in range(most)) or "0"
        functions += [f"extern NTAPI word {name}({parameters}), wv_{name}({parameters});",
                      f"NTAPI word wv_{name}({parameters})",
                      f"{{ word a[] = {{ {values} }}; return wv_serve({number}, a); }}"]
        table.append(f'\t{{ (void *){name}, {count}, "{name}" }},')
    source = ['#include "service.h"', *functions, "const struct wv_service wv_services[] = {",
              *table, "};", f"const unsigned wv_service_count = {len(names)};"]
    return source, [*enumerate(names), (PERFORM, "wv_perform")]


def read_arguments(path, build):
    """{function: how many}: a row with a build holds from that one on."""
    with open(path, encoding="utf-8") as file:
        rows = [line.split() for line in file if line.strip() and not line.startswith("#")]
    counts = {name: int(count) for name, count, *since in rows
              if not since or build >= int(since[0])}
    stubs = {f"Zw{name[2:]}": count for name, count in counts.items() if name.startswith("Nt")}
    return counts | stubs


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    layout, folder = Layout(sys.argv[1]), sys.argv[3]
    arguments = read_arguments(sys.argv[2], layout.version[2])
    types = Types(layout)
    text = types.all()
    members = [f"\t{keyword} *m{i};" for i, keyword in enumerate(
        ("union " if described["kind"] == "union" else "struct ") + identifier(name)
        for name, described in sorted(layout.types.items()))]
    source, numbers = services(layout, arguments)
    for name, lines in (
            ("offsets.h", offsets(layout)),
            ("types.h", ["#pragma once", *text]),
            ("types.c", ['#include "types.h"', "struct wv_all_types {", *members,
                         "} wv_all_types;"]),
            ("image.S", image(layout, arguments)),
            ("services.c", source),
            ("services.h", [f"#define SYS_{name} {number}" for number, name in numbers]),
            ("services.inc", [f".set SYS_{name}, {number}" for number, name in numbers]),
            ("names", [f"WV_POINTER={layout.pointer}", f"WV_PDB={layout.pdb}",
                       "WV_LINK_BASE=" + ("0x140000000" if layout.pointer == 8 else "0x400000")])):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a small ISF profile of a Windows kernel out of a full one.

    extract-isf.py FULL.json[.xz] WANTED > extract.json

WANTED has lines "symbol NAME...", "type NAME MEMBER..." (* is every member), "enum NAME..."; a line
"services" takes every system service: NtX where there is a ZwX, and that. What the full profile
lacks is left out and counted on stderr. Types that a member embeds come along:
whole when they have no name of their own, else with the members that WANTED lists, and always with
their size. Types that are only pointed to stay a name. The output is sorted, a line for each
symbol and member, so that versions of it can be compared.
"""
import argparse
import json
import lzma
import re
import sys

UNNAMED = ("__unnamed_", "__anonymous_", "unnamed_", "<unnamed")


def load(path):
    opened = lzma.open(path) if path.endswith(".xz") else open(path, "rb")
    with opened as file:
        return json.load(file)


def read_wanted(path):
    """(names of symbols, {type: set of members}, names of enums, whether all services are)"""
    symbols, types, enums, services = set(), {}, set(), False
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            kind, *words = line.split("#")[0].split() or [None]
            if kind == "symbol":
                symbols.update(words)
            elif kind == "type":
                types.setdefault(words[0], set()).update(words[1:])
            elif kind == "enum":
                enums.update(words)
            elif kind == "services":
                services = True
            elif kind:
                raise SystemExit(f"{path}:{number}: not symbol, type, enum or services: {kind}")
    return symbols, types, enums, services


def service_symbols(full):
    """Both names of each system service; other names that begin alike are none."""
    stubs = [name for name in full["symbols"] if re.match("Zw[A-Z]", name)]
    return {*stubs, *(f"Nt{name[2:]}" for name in stubs)}


class Extract:
    """What has been taken so far; taking a type takes the types that it embeds."""

    def __init__(self, full, wanted):
        self.full = full
        self.wanted = wanted
        self.types, self.enums, self.bases = {}, {}, {"pointer", "void"}
        self.missing = []

    def reference(self, described, embedded=True):
        """Takes what a member's type refers to."""
        kind = described["kind"]
        if kind == "base":
            self.bases.add(described["name"])
        elif kind == "pointer":
            self.reference(described["subtype"], False)
        elif kind == "array":
            self.reference(described["subtype"], embedded)
        elif kind == "bitfield":
            self.reference(described["type"], embedded)
        elif kind == "enum":
            self.enum(described["name"])
        elif kind in ("struct", "union", "class") and embedded:
            self.type(described["name"])

    def enum(self, name):
        if name in self.full["enums"]:
            self.enums[name] = self.full["enums"][name]
            self.bases.add(self.enums[name]["base"])

    def type(self, name):
        if name in self.types:
            return
        full = self.full["user_types"].get(name)
        if full is None:
            self.missing.append(name)
            return
        members = self.wanted.get(name, {"*"} if name.startswith(UNNAMED) else set())
        fields = {member: field for member, field in full["fields"].items()
                  if "*" in members or member in members}
        self.types[name] = {"kind": full["kind"], "size": full["size"], "fields": fields}
        for field in fields.values():
            self.reference(field["type"])
        self.missing += [f"{name}.{member}" for member in members - set(fields) - {"*"}]


def make_extract(full, symbols, types, enums, services):
    if services:
        symbols = symbols | service_symbols(full)
    extract = Extract(full, types)
    for name in sorted(types):
        extract.type(name)
    for name in sorted(enums):
        extract.enum(name)
    found = {name: {"address": full["symbols"][name]["address"]}
             for name in symbols if name in full["symbols"]}
    metadata = {key: full["metadata"][key] for key in ("format", "windows")}
    metadata["producer"] = {"name": "extract-isf.py", "version": "1"}
    extract.missing += sorted(symbols - set(found))
    return {"metadata": metadata, "symbols": found, "user_types": extract.types,
            "enums": extract.enums,
            "base_types": {name: full["base_types"][name] for name in extract.bases
                           if name in full["base_types"]}}, extract.missing


def write(value, out, depth=0):
    """JSON with a line for each entry of the outer levels; what holds plain values only is on one."""
    if (not isinstance(value, dict) or depth == 4
            or not any(isinstance(inner, (dict, list)) for inner in value.values())):
        out.write(json.dumps(value, sort_keys=True, separators=(",", ":")))
        return
    out.write("{\n")
    for i, key in enumerate(sorted(value)):
        out.write(("" if i == 0 else ",\n") + " " * (depth + 1) + json.dumps(key) + ":")
        write(value[key], out, depth + 1)
    out.write("\n" + " " * depth + "}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("full", help="the full profile")
    parser.add_argument("wanted", help="the list of what to take")
    parser.add_argument("--missing", action="store_true", help="name what the profile lacks")
    args = parser.parse_args()
    extract, missing = make_extract(load(args.full), *read_wanted(args.wanted))
    write(extract, sys.stdout)
    sys.stdout.write("\n")
    print(f"{len(extract['symbols'])} symbols, {len(extract['user_types'])} types, "
          f"{len(missing)} missing", file=sys.stderr)
    if args.missing:
        print("\n".join(sorted(missing)), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

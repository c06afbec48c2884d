#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns tables of names into C.

Usage: generate.py [--bits] OUTPUT.c TABLE.tsv...

A table is text in UTF-8: comment lines that start with `#` and say where the facts come from, one
line that names the columns, then one row per line, columns separated by tabs. The first column is
`value`, a number (decimal, or hex with 0x), rising from row to row; the second is `name`. Further
columns are for readers and are not compiled. With --bits rows of several bits are left out, and may
be anywhere: tables of data/nt/flags have them.

Of data/NAME.tsv the output has `const struct wv_name_table wv_names_NAME`: see src/output/names.h.
"""

import re
import sys
from pathlib import Path


class TableError(Exception):
    """A table that is not as it must be; says where."""


def table_rows(text, where, header_problem, open_ended=False):
    """(place, cells) of each row, and whether a comment says where the facts come from.

    header_problem: what is wrong with the names of the columns, or None. open_ended: rows may have
    more cells than there are names.
    """
    rows = []
    header = None
    sourced = False
    for number, line in enumerate(text.splitlines(), 1):
        at = f"{where}:{number}"
        if line.startswith("#"):
            sourced = sourced or "Source:" in line
            continue
        cells = line.split("\t")
        if header is None:
            header = cells
            problem = header_problem(header)
            if problem:
                raise TableError(f"{at}: {problem}")
            continue
        if len(cells) < len(header) or (len(cells) > len(header) and not open_ended):
            raise TableError(f"{at}: {len(cells)} columns where {len(header)} belong")
        rows.append((at, cells))
    return rows, sourced


def check_sourced(sourced, where):
    if not sourced:
        raise TableError(f"{where}: no comment says the source of the facts (`Source: ...`)")


def header_problem(columns):
    if columns[:2] != ["value", "name"]:
        return "the columns do not start with value and name"
    return None


def is_bit(value):
    return value & (value - 1) == 0


def parse_table(text, where, bits=False):
    """The rows of a table as a list of (value, name); bits: of those that are single bits."""
    rows = []
    lines, sourced = table_rows(text, where, header_problem)
    for at, cells in lines:
        if not re.fullmatch(r"[0-9]+|0x[0-9a-f]+", cells[0]):
            raise TableError(f"{at}: {cells[0]!r} is not a number")
        value = int(cells[0], 0)
        if value >= 1 << 64:
            raise TableError(f"{at}: {cells[0]} has more than 64 bits")
        if bits and not is_bit(value):
            continue
        if rows and value <= rows[-1][0]:
            raise TableError(f"{at}: {cells[0]} does not rise")
        if not re.fullmatch(r"[ !#-\[\]-~]+", cells[1]):
            raise TableError(f"{at}: {cells[1]!r} is not a name")
        rows.append((value, cells[1]))
    if not rows:
        raise TableError(f"{where}: no rows")
    check_sourced(sourced, where)
    return rows


def table_in_c(stem, rows):
    """The C text of one table."""
    lines = [f"static const struct wv_name {stem}[] = {{"]
    lines += [f'\t{{ {value:#x}, "{name}" }},' for value, name in rows]
    lines += ["};", ""]
    lines += [f"const struct wv_name_table wv_names_{stem} = {{ {stem}, {len(rows)} }};", ""]
    return "\n".join(lines)


def main(arguments):
    bits = arguments[:1] == ["--bits"]
    arguments = arguments[bits:]
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    output, *inputs = map(Path, arguments)
    parts = ["/* Made by data/generate.py; do not edit. */", '#include "output/names.h"', ""]
    try:
        for path in inputs:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", path.stem):
                raise TableError(f"{path.name}: the name does not do as a C name")
            rows = parse_table(path.read_text(encoding="utf-8"), path.name, bits)
            parts.append(table_in_c(f"{path.stem}", rows))
    except TableError as error:
        print(f"generate.py: {error}", file=sys.stderr)
        return 1
    output.write_text("\n".join(parts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns the table of Windows pool tags into C.

Usage: generate_pooltags.py OUTPUT.c TABLE.tsv

The table (data/pooltags.tsv, whose head explains it) is text in ASCII: comment lines that start
with `#`, one line that names the columns tag, source and description, then one row per line,
columns separated by tabs, rising by the tag.

OUTPUT.c has what src/plugins/poolmon/tags.h declares: `poolmon_known_tags`, a row for each of the
table's, in its order. A tag is a little-endian number of 32 bits with 0 for each wildcard; its mask
has 0xff for each character that counts. A source that is not known is empty.
"""

import re
import sys
from pathlib import Path

from generate import TableError, check_sourced, table_rows

COLUMNS = ["tag", "source", "description"]
TAG_MAX = 4
SOURCED_MIN = 2201  # rows that tell a source
DESCRIPTION_MAX = 60
WORDS_MIN, WORDS_MAX = 2, 8
FILE_NAME = r"[a-z0-9_-]+\.[a-z0-9]+"


def number_of(octets):
    """Four bytes as the kernel has them in a number."""
    return int.from_bytes(bytes(octets), "little")


class Row:
    """One tag or pattern."""

    def __init__(self, cells, at):
        self.tag, self.source, self.description = cells
        self.check(at)
        if self.tag.endswith("*"):
            self.characters = self.tag[:-1].ljust(TAG_MAX, "?")
        else:
            self.characters = self.tag.ljust(TAG_MAX)
        self.value = number_of(0 if c == "?" else ord(c) for c in self.characters)
        self.mask = number_of(0 if c == "?" else 0xFF for c in self.characters)

    def check(self, at):
        """Whether the cells are as the table's head says."""
        if not re.fullmatch(r"[!-~]([ -~]*[!-~])?", self.tag):
            raise TableError(f"{at}: {self.tag!r} is not a tag: printable, no blanks at its ends")
        if len(self.tag) > TAG_MAX:
            raise TableError(f"{at}: {self.tag!r} has more than {TAG_MAX} characters")
        if "*" in self.tag[:-1]:
            raise TableError(f"{at}: {self.tag!r} has a `*` that is not its last character")
        if not self.tag.strip("?* "):
            raise TableError(f"{at}: {self.tag!r} has no character of its own")
        if self.source and not re.fullmatch(f"{FILE_NAME}(/{FILE_NAME})*", self.source):
            raise TableError(f"{at}: {self.source!r} is not the name of a file in lower case")
        text = self.description
        if not re.fullmatch(r"[A-Z0-9][A-Za-z0-9 ,.()/+'-]*[A-Za-z0-9)]", text) or "  " in text:
            raise TableError(f"{at}: {text!r} does not do as a description")
        if len(text) > DESCRIPTION_MAX:
            raise TableError(f"{at}: {text!r} has more than {DESCRIPTION_MAX} characters")
        if not WORDS_MIN <= len(text.split()) <= WORDS_MAX:
            raise TableError(f"{at}: {text!r} has not {WORDS_MIN} to {WORDS_MAX} words")

    def in_c(self):
        """The row in C."""
        texts = (f'{{ "{text}", {len(text)} }}' for text in (self.source, self.description))
        return f"\t{{ {self.value:#010x}, {self.mask:#010x}, {', '.join(texts)} }},"


def header_problem(columns):
    return None if columns == COLUMNS else f"the columns are not {', '.join(COLUMNS)}"


def parse_table(text, where):
    """The rows of the table."""
    rows = []
    places = {}
    lines, sourced = table_rows(text, where, header_problem)
    for at, cells in lines:
        row = Row(cells, at)
        number = at.rpartition(":")[2]
        same = places.setdefault((row.value, row.mask), number)
        if same != number:
            raise TableError(f"{at}: {row.tag!r} is there already, in line {same}")
        if rows and row.tag.ljust(TAG_MAX) <= rows[-1].tag.ljust(TAG_MAX):
            raise TableError(f"{at}: {row.tag!r} does not rise")
        rows.append(row)
    check_sourced(sourced, where)
    with_source = sum(1 for row in rows if row.source)
    if with_source < SOURCED_MIN:
        raise TableError(f"{where}: {with_source} rows with a source, not {SOURCED_MIN} or more")
    return rows


def table_in_c(rows):
    """The C text of the table."""
    lines = ["/* Made by data/generate_pooltags.py; do not edit. */"]
    lines += ['#include "plugins/poolmon/tags.h"', ""]
    lines += ["const struct poolmon_tag poolmon_known_tags[] = {"]
    lines += [row.in_c() for row in rows]
    lines += ["};", f"const unsigned poolmon_known_tags_count = {len(rows)};", ""]
    return "\n".join(lines)


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    output, table = map(Path, arguments)
    try:
        text = table.read_text(encoding="ascii")
        output.write_text(table_in_c(parse_table(text, table.name)), encoding="ascii")
    except UnicodeDecodeError as error:
        print(f"generate_pooltags.py: {table.name}: not ASCII: {error}", file=sys.stderr)
        return 1
    except TableError as error:
        print(f"generate_pooltags.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

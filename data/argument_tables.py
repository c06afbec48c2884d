# SPDX-License-Identifier: GPL-2.0-or-later
"""What generate_syscalls.py and generate_nt.py share: tables of what arguments of system calls mean.

All tables are text in UTF-8: comment lines that start with `#` and say where the facts come from,
one line that names the columns, then one row per line, columns separated by tabs.

  flags/NAME.tsv    value, name, and mask where a row is not single bits: a field's values share a
                    mask, and of rows that speak of the same bits the first one wins. A row of
                    several bits is for when all of them are set: it comes before those of the
                    single bits
  values/NAME.tsv   value, name: the value is one of these, whole; rising
  decoders.tsv      how an argument is captured and printed; each set of names is a decoder besides
  types.tsv         the widths of a type and its decoder
  arguments.tsv     the decoders of arguments by their names, those of one call or of any
"""

import re
import sys
from pathlib import Path

from generate import TableError, check_sourced, table_rows

DECODER_COLUMNS = ["name", "capture", "length", "size", "compat", "limit", "when", "format", "names"]
ALL_ONES = (1 << 64) - 1


class Table:
    """The rows of a file, as lists of cells, and where each is."""

    def __init__(self, path, columns, open_ended=False):
        def header_problem(header):
            if header not in columns:
                return f"the columns are not {' or '.join(map(str, columns))}"
            return None

        self.rows, sourced = table_rows(path.read_text(encoding="utf-8"), path.name,
                                        header_problem, open_ended)
        for at, cells in self.rows:
            if not all(re.fullmatch(r"[ !#-\[\]-~]+", cell) for cell in cells):
                raise TableError(f"{at}: an empty cell, or one that does not do as text of C")
        if not self.rows:
            raise TableError(f"{path.name}: no rows")
        check_sourced(sourced, path.name)


def number_of(text, at, bits=64):
    if not re.fullmatch(r"[0-9]+|0x[0-9a-f]+", text):
        raise TableError(f"{at}: {text!r} is not a number")
    value = int(text, 0)
    if value >> bits:
        raise TableError(f"{at}: {text} has more than {bits} bits")
    return value


def optional(text, at, bits):
    return 0 if text == "-" else number_of(text, at, bits)


# Constants ---------------------------------------------------------------------------------------


def read_flags(path):
    rows = []
    for at, cells in Table(path, [["value", "name"], ["value", "name", "mask"]]).rows:
        value = number_of(cells[0], at)
        mask = value if len(cells) == 2 or cells[2] == "-" else number_of(cells[2], at)
        if value & ~mask or mask == 0:
            raise TableError(f"{at}: {cells[0]} is not inside its mask")
        for other, other_mask, name in rows:
            narrower = mask & ~other_mask == 0 and mask != other_mask
            # then the other one is there whenever this one is, and hides it
            wider = other_mask & ~mask == 0
            if (narrower or wider) and value & other_mask == other:
                raise TableError(f"{at}: {cells[1]} can never be seen")
            if name == cells[1]:
                raise TableError(f"{at}: {name} is there twice")
        rows.append((value, mask, cells[1]))
    return rows


def read_values(path):
    rows = []
    for at, cells in Table(path, [["value", "name"]]).rows:
        value = number_of(cells[0], at)
        if rows and value <= rows[-1][0]:
            raise TableError(f"{at}: {cells[0]} does not rise")
        if any(name == cells[1] for _, _, name in rows):
            raise TableError(f"{at}: {cells[1]} is there twice")
        rows.append((value, ALL_ONES, cells[1]))
    return rows


def constants_in_c(prefix, name, rows, flags):
    lines = [f"static const struct wv_constant rows_{name}[] = {{"]
    lines += [f'\t{{ {value:#x}, {mask:#x}, "{text}" }},' for value, mask, text in rows]
    lines += ["};"]
    lines += [f"extern const struct wv_constants {prefix}{name};"]
    lines += [f"const struct wv_constants {prefix}{name} = {{"]
    lines += [f'\t"{name}", rows_{name}, {len(rows)}, {str(flags).lower()},', "};", ""]
    return lines


def read_constants(directory):
    """The sets by name: (rows, whether they are flags)."""
    sets = {}
    for kind, read in (("flags", read_flags), ("values", read_values)):
        for path in sorted((directory / kind).glob("*.tsv")):
            if not re.fullmatch(r"[a-z][a-z0-9_]*", path.stem) or path.stem in sets:
                raise TableError(f"{kind}/{path.name}: the name is taken, or not one of C")
            sets[path.stem] = (read(path), kind == "flags")
    return sets


# Decoders ----------------------------------------------------------------------------------------


class Decoders:
    """The decoders by name: the cells of their rows, by column, and the sets that have no row."""

    def __init__(self, path, sets, kinds):
        """kinds: the CAPTURES, those of them that have a LENGTH and sizes (SIZED), and TIMES."""
        self.rows = {}
        self.sets = sets
        self.times = kinds.TIMES
        for at, cells in Table(path, [DECODER_COLUMNS]).rows:
            row = dict(zip(DECODER_COLUMNS, cells))
            name = row["name"]
            if name in self.rows or name in sets:
                raise TableError(f"{at}: {name} is there twice")
            if row["capture"] not in kinds.CAPTURES or row["when"] not in kinds.TIMES:
                raise TableError(f"{at}: no such capture, or no such time")
            sized = row["capture"] in kinds.SIZED
            if (sized != (row["length"] in kinds.LENGTHS) or sized != (row["size"] != "-")
                    or sized != (row["compat"] != "-")):
                raise TableError(f"{at}: {' and '.join(kinds.SIZED)} have a length and sizes, "
                                 "others have none")
            if (row["capture"] == "none") != (row["when"] == "-"):
                raise TableError(f"{at}: what is captured is captured at some time")
            if row["names"] != "-" and row["names"] not in sets:
                raise TableError(f"{at}: no set {row['names']}")
            for column in ("size", "compat", "limit"):
                row[column] = optional(row[column], at, 16)
            self.rows[name] = row
        self.indices = {name: index for index, name in enumerate([*self.rows, *sets])}

    def index(self, name, at):
        if name not in self.indices:
            raise TableError(f"{at}: no decoder {name}")
        return self.indices[name]

    def in_c(self, prefix):
        """prefix: of the sets' names in C."""
        lines = ["static const struct wv_decoder decoders[] = {"]
        for name, index in self.indices.items():
            lines.append(f'\t{{ "{name}", {", ".join(map(str, self.cells(name, prefix)))}, {index} }},')
        return lines + ["};", ""]

    def cells(self, name, prefix):
        if name in self.sets:
            flags = self.sets[name][1]
            return ("wv_decode_flags" if flags else "wv_decode_value", f"&{prefix}{name}",
                    0, 0, 0, "WV_CAPTURE_NONE", "WV_LENGTH_FIXED", 0)
        row = self.rows[name]
        return (f"wv_decode_{row['format']}",
                f"&{prefix}{row['names']}" if row["names"] != "-" else "NULL",
                row["size"], row["compat"], row["limit"], f"WV_CAPTURE_{row['capture'].upper()}",
                f"WV_LENGTH_{row['length'].upper()}" if row["length"] != "-" else "WV_LENGTH_FIXED",
                self.times[row["when"]])


# Which argument has which decoder ----------------------------------------------------------------

KINDS = ("p", "n", "*")


def read_types(path, decoders):
    """(bits, bits of a 32-bit kernel or caller, decoder) by the type's name."""
    rows = {}
    for at, (name, bits, compat, decoder) in Table(path, [["type", "bits", "compat", "decoder"]]).rows:
        if name in rows:
            raise TableError(f"{at}: {name} is there twice")
        decoders.index(decoder, at)
        rows[name] = (number_of(bits, at, 8), number_of(compat, at, 8), decoder)
    return rows


def read_arguments(path, call_column, decoders):
    """The decoder by (call, argument, whether it is of a kind and not of a type, kind or type)."""
    rows = {}
    columns = [call_column, "argument", "kind", "decoder"]
    for at, (call, argument, kind, decoder) in Table(path, [columns]).rows:
        # sorted, types come before kinds: the first row that fits is taken
        key = (call, argument, kind in KINDS, kind)
        if key in rows:
            raise TableError(f"{at}: {argument} of {call} is there twice")
        if any(row[:2] == key[:2] and row[2] and key[2] for row in rows):
            raise TableError(f"{at}: {argument} of {call} has two kinds")
        decoders.index(decoder, at)
        rows[key] = decoder
    return rows


# All together ------------------------------------------------------------------------------------


def run(script, generate, usage, arguments):
    """The command of a generator: generate() makes the C text of a directory of tables."""
    if len(arguments) != 3:
        print(usage, file=sys.stderr)
        return 2
    output, depfile, directory = map(Path, arguments)
    try:
        output.write_text(generate(directory), encoding="utf-8")
    except TableError as error:
        print(f"{script}: {error}", file=sys.stderr)
        return 1
    # The folders too: a file that is new changes them.
    own = Path(__file__).parent
    inputs = [directory, directory / "flags", directory / "values", own / "generate.py",
              own / "argument_tables.py"]
    inputs += sorted(directory.rglob("*.tsv"))
    depfile.write_text(f"{output.name}: {' '.join(map(str, inputs))}\n", encoding="utf-8")
    return 0

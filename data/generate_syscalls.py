#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns the tables of data/syscalls into C.

Usage: generate_syscalls.py OUTPUT.c OUTPUT.d DIRECTORY

All tables are text in UTF-8: comment lines that start with `#` and say where the facts come from,
one line that names the columns, then one row per line, columns separated by tabs.

  flags/NAME.tsv    value, name, and mask where a row is not single bits: a field's values share a
                    mask, and of rows that speak of the same bits the first one wins
  values/NAME.tsv   value, name: the value is one of these, whole; rising
  decoders.tsv      how an argument is captured and printed
  types.tsv         the width of a C type and its decoder
  arguments.tsv     the decoders of arguments by their names, those of one call or of any
  x86_64.tsv        calls: number, name, the kernel's function, then type and name of each argument
  i386.tsv          likewise; a single `=` for the arguments: those of the x86-64 call of that name

OUTPUT.c has `wv_syscall_tables` of src/plugins/syscalls/tables.h; OUTPUT.d tells ninja what it
was made of.
"""

import re
import sys
from pathlib import Path

from generate import TableError

DECODER_COLUMNS = ["name", "capture", "length", "size", "compat", "limit", "when", "format", "names"]
CALL_COLUMNS = ["number", "name", "function"]
ARGUMENTS_MAX = 6
ALL_ONES = (1 << 64) - 1
# What an argument is if no row speaks of it, and what a call returns.
FALLBACK_POINTER, FALLBACK_NUMBER = "address", "hex"


class Table:
    """The rows of a file, as lists of cells, and where each is."""

    def __init__(self, path, columns, open_ended=False):
        self.rows = []
        header = None
        sourced = False
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            at = f"{path.name}:{number}"
            if line.startswith("#"):
                sourced = sourced or "Source:" in line
                continue
            cells = line.split("\t")
            if header is None:
                header = cells
                if header not in columns:
                    raise TableError(f"{at}: the columns are not {' or '.join(map(str, columns))}")
                continue
            if len(cells) < len(header) or (len(cells) > len(header) and not open_ended):
                raise TableError(f"{at}: {len(cells)} columns where {len(header)} belong")
            if not all(re.fullmatch(r"[ !#-\[\]-~]+", cell) for cell in cells):
                raise TableError(f"{at}: an empty cell, or one that does not do as text of C")
            self.rows.append((at, cells))
        if not self.rows:
            raise TableError(f"{path.name}: no rows")
        if not sourced:
            raise TableError(f"{path.name}: no comment says the source (`Source: ...`)")


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
        for other, other_mask, _ in rows:
            if mask != other_mask and value & other_mask == other and mask & ~other_mask == 0:
                raise TableError(f"{at}: {cells[1]} can never be seen")
        rows.append((value, mask, cells[1]))
    return rows


def read_values(path):
    rows = []
    for at, cells in Table(path, [["value", "name"]]).rows:
        value = number_of(cells[0], at)
        if rows and value <= rows[-1][0]:
            raise TableError(f"{at}: {cells[0]} does not rise")
        rows.append((value, ALL_ONES, cells[1]))
    return rows


def constants_in_c(name, rows, flags):
    lines = [f"static const struct wv_constant rows_{name}[] = {{"]
    lines += [f'\t{{ {value:#x}, {mask:#x}, "{text}" }},' for value, mask, text in rows]
    lines += ["};"]
    lines += [f"extern const struct wv_constants wv_constants_{name};"]
    lines += [f"const struct wv_constants wv_constants_{name} = {{"]
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

CAPTURES = ("none", "string", "bytes", "buffer", "strings", "fd")
LENGTHS = ("fixed", "next", "previous", "at_next", "result", "sets")
KINDS = ("p", "n", "*")
TIMES = {"-": 0, "entry": 1, "return": 2, "entry,return": 3}


def read_decoders(path, sets):
    """The decoders by name: the text of their initializers, without the index."""
    decoders = {}
    for at, cells in Table(path, [DECODER_COLUMNS]).rows:
        name, capture, length, size, compat, limit, when, function, names = cells
        if name in decoders or name in sets:
            raise TableError(f"{at}: {name} is there twice")
        if capture not in CAPTURES or when not in TIMES:
            raise TableError(f"{at}: no such capture, or no such time")
        sized = capture in ("bytes", "buffer")
        if sized != (length in LENGTHS) or sized != (size != "-") or sized != (compat != "-"):
            raise TableError(f"{at}: bytes and buffers have a length and sizes, others have none")
        if (capture == "none") != (when == "-"):
            raise TableError(f"{at}: what is captured is captured at some time")
        if names != "-" and names not in sets:
            raise TableError(f"{at}: no set {names}")
        decoders[name] = (
            f"wv_decode_{function}",
            f"&wv_constants_{names}" if names != "-" else "NULL",
            optional(size, at, 16), optional(compat, at, 16), optional(limit, at, 16),
            f"WV_CAPTURE_{capture.upper()}",
            f"WV_LENGTH_{length.upper()}" if sized else "WV_LENGTH_FIXED",
            TIMES[when])
    for name, (_, flags) in sets.items():
        decoders[name] = ("wv_decode_flags" if flags else "wv_decode_value",
                          f"&wv_constants_{name}", 0, 0, 0, "WV_CAPTURE_NONE", "WV_LENGTH_FIXED", 0)
    return decoders


def decoders_in_c(decoders):
    lines = ["static const struct wv_decoder decoders[] = {"]
    for index, (name, cells) in enumerate(decoders.items()):
        lines.append(f'\t{{ "{name}", {", ".join(map(str, cells))}, {index} }},')
    return lines + ["};", ""]


# Which argument has which decoder ----------------------------------------------------------------


def index_of(decoders, name, at):
    if name not in decoders:
        raise TableError(f"{at}: no decoder {name}")
    return list(decoders).index(name)


def types_in_c(path, decoders):
    rows = {}
    for at, (name, bits, compat, decoder) in Table(path, [["type", "bits", "compat", "decoder"]]).rows:
        if name in rows:
            raise TableError(f"{at}: {name} is there twice")
        rows[name] = (number_of(bits, at, 8), number_of(compat, at, 8),
                      index_of(decoders, decoder, at))
    lines = ["static const struct wv_type_row types[] = {"]
    for name, cells in sorted(rows.items()):
        lines.append(f'\t{{ "{name}", {", ".join(map(str, cells))} }},')
    return lines + ["};", ""]


def arguments_in_c(path, decoders):
    rows = {}
    columns = ["syscall", "argument", "kind", "decoder"]
    for at, (call, argument, kind, decoder) in Table(path, [columns]).rows:
        # types before kinds: the first row that fits is taken
        key = (call, argument, kind in KINDS, kind)
        if key in rows:
            raise TableError(f"{at}: {argument} of {call} is there twice")
        if any(row[:2] == key[:2] and row[2] and key[2] for row in rows):
            raise TableError(f"{at}: {argument} of {call} has two kinds")
        rows[key] = index_of(decoders, decoder, at)
    lines = ["static const struct wv_argument_row arguments[] = {"]
    for (call, argument, _, kind), index in sorted(rows.items()):
        lines.append(f'\t{{ "{call}", "{argument}", "{kind}", {index} }},')
    return lines + ["};", ""]


# Calls -------------------------------------------------------------------------------------------


def read_calls(path, others):
    """(number, name, function, [(type, name)], shared) of each call, rising by number."""
    calls = []
    for at, cells in Table(path, [CALL_COLUMNS], open_ended=True).rows:
        number, (name, function, *rest) = number_of(cells[0], at, 32), cells[1:]
        if calls and number <= calls[-1][0]:
            raise TableError(f"{at}: {number} does not rise")
        if rest == ["="]:
            if name not in others:
                raise TableError(f"{at}: no call {name} to take the arguments of")
            arguments = others[name]
        elif len(rest) % 2 or len(rest) > 2 * ARGUMENTS_MAX:
            raise TableError(f"{at}: the arguments are not pairs of type and name, up to six")
        else:
            arguments = list(zip(rest[::2], rest[1::2]))
        calls.append((number, name, function, arguments, rest == ["="]))
    return calls


def calls_in_c(abi, calls):
    lines = []
    for number, _, _, arguments, _ in calls:
        if arguments:
            pairs = ", ".join(f'{{ "{kind}", "{name}" }}' for kind, name in arguments)
            lines.append(f"static const struct wv_prototype_arg {abi}_{number}[] = {{ {pairs} }};")
    lines.append(f"static const struct wv_prototype {abi}_calls[] = {{")
    for number, name, function, arguments, shared in calls:
        pointer = f"{abi}_{number}" if arguments else "NULL"
        lines.append(f'\t{{ {number}, {len(arguments)}, {str(shared).lower()}, "{name}", '
                     f'"{function}", {pointer} }},')
    return lines + ["};", ""]


def aliases_in_c(calls):
    """The users' names of functions that are named differently: one each, of all tables."""
    names = {name for _, name, *_ in calls}
    aliases = {}
    for _, name, function, *_ in calls:
        if name == function:
            continue
        # `stat` of the kernel is what users call `oldstat`: such a name must not be taken for theirs
        if function not in names:
            aliases.setdefault(function, name)
    lines = ["static const struct wv_alias_row aliases[] = {"]
    lines += [f'\t{{ "{function}", "{name}" }},' for function, name in sorted(aliases.items())]
    return lines + ["};", ""]


# All together ------------------------------------------------------------------------------------


def generate(directory):
    sets = read_constants(directory)
    decoders = read_decoders(directory / "decoders.tsv", sets)
    calls = read_calls(directory / "x86_64.tsv", {})
    others = {}
    for _, name, _, arguments, _ in calls:
        others.setdefault(name, arguments)
    calls_32 = read_calls(directory / "i386.tsv", others)

    lines = ["/* Made by data/generate_syscalls.py; do not edit. */",
             '#include "plugins/syscalls/format.h"', '#include "plugins/syscalls/tables.h"', ""]
    for name, (rows, flags) in sets.items():
        lines += constants_in_c(name, rows, flags)
    lines += decoders_in_c(decoders)
    lines += types_in_c(directory / "types.tsv", decoders)
    lines += arguments_in_c(directory / "arguments.tsv", decoders)
    lines += calls_in_c("x86_64", calls) + calls_in_c("i386", calls_32)
    lines += aliases_in_c(calls + calls_32)
    fallbacks = [index_of(decoders, name, "decoders.tsv")
                 for name in (FALLBACK_POINTER, FALLBACK_NUMBER)]
    lines += ["const struct wv_syscall_tables wv_syscall_tables = {",
              "\t.decoders = decoders, .n_decoders = G_N_ELEMENTS(decoders),",
              "\t.types = types, .n_types = G_N_ELEMENTS(types),",
              "\t.arguments = arguments, .n_arguments = G_N_ELEMENTS(arguments),",
              "\t.aliases = aliases, .n_aliases = G_N_ELEMENTS(aliases),",
              "\t.prototypes = { x86_64_calls, i386_calls },",
              "\t.n_prototypes = { G_N_ELEMENTS(x86_64_calls), G_N_ELEMENTS(i386_calls) },",
              "\t.address = {}, .number = {},".format(*fallbacks), "};", ""]
    return "\n".join(lines)


def main(arguments):
    if len(arguments) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    output, depfile, directory = map(Path, arguments)
    try:
        output.write_text(generate(directory), encoding="utf-8")
    except TableError as error:
        print(f"generate_syscalls.py: {error}", file=sys.stderr)
        return 1
    # The folders too: a file that is new changes them.
    inputs = [directory, directory / "flags", directory / "values", Path(__file__).parent / "generate.py"]
    inputs += sorted(directory.rglob("*.tsv"))
    depfile.write_text(f"{output.name}: {' '.join(map(str, inputs))}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

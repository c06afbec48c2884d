#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns the tables of data/nt into C.

Usage: generate_nt.py OUTPUT.c OUTPUT.d DIRECTORY

Besides the tables that argument_tables.py speaks of:

  prototypes.tsv    services: name, type of the result, then direction:type:name of each argument

OUTPUT.c has `wv_nt_table` of src/plugins/syscalls/tables.h, where each argument has its decoder
already; OUTPUT.d tells ninja what it was made of.
"""

import re
import sys
from collections import namedtuple

from argument_tables import (Decoders, Table, constants_in_c, read_arguments, read_constants,
                             read_types, run)
from generate import TableError

PREFIX = "wv_constants_nt_"
ARGUMENTS_MAX = 17
# What all arguments of a service without a prototype are.
UNKNOWN_TYPE, UNKNOWN_DECODER = "ULONG_PTR", "hex"
NO_STATUS_BLOCK = ARGUMENTS_MAX
# The result of a service that does not return when it succeeds.
LEAVES = "NTSTATUS_IF_FAILED"
STATUSES = ("NTSTATUS", LEAVES)
# By WV_ON_ENTRY and WV_ON_RETURN.
DIRECTIONS = {"in": 1, "out": 2, "inout": 3}
# Of the arguments beside it, which one a length speaks of, and whether that is a pointer.
NEIGHBOURS = {"next": (1, False), "previous": (-1, False), "at_next": (1, True),
              "information": (1, False)}


class Kinds:
    """What decoders.tsv may say."""

    CAPTURES = ("none", "bytes", "buffer", "handle", "handle_at", "foreign_handle",
                "foreign_handle_at", "unicode_string", "object_attributes", "sid_at",
                "process_parameters")
    SIZED = ("bytes", "buffer", "sid_at")
    HANDLES = ("handle", "foreign_handle")
    # Of another process: the argument before is a handle of that.
    FOREIGN = ("foreign_handle", "foreign_handle_at")
    LENGTHS = ("fixed", "next", "previous", "at_next", "counted", "privileges", "sid", "total",
               "information")
    # `dir`: as the argument's direction says.
    TIMES = {"-": 0, "entry": 1, "return": 2, "dir": 3}


Argument = namedtuple("Argument", "direction type name plain pointer")
Argument.__doc__ = "plain: the type without `const`; pointer: it is one, and needs no `*` for that."


# Prototypes --------------------------------------------------------------------------------------


def is_pointer(plain, types):
    """Pointers are named P... or LP..., and are as wide as one; PROCESSINFOCLASS is not."""
    return plain.endswith("*") or (plain.startswith(("P", "LP")) and types[plain][0] == 64)


def read_argument(cell, types, at):
    match = re.fullmatch(r"(in|out|inout)\??:((?:const )?([A-Z][A-Z0-9_]*\**)):([A-Za-z0-9_]+)", cell)
    if not match:
        raise TableError(f"{at}: {cell!r} is no argument")
    direction, kind, plain, name = match.groups()
    if plain not in types:
        raise TableError(f"{at}: no row for the type {plain}")
    return Argument(direction, kind, name, plain, is_pointer(plain, types))


def read_prototypes(path, types):
    """(type of the result, arguments) of each service, rising by name."""
    prototypes = {}
    last = ""
    for at, (name, result, *cells) in Table(path, [["name", "return"]], open_ended=True).rows:
        if not re.fullmatch(r"Nt[A-Z][A-Za-z0-9]*", name) or name <= last:
            raise TableError(f"{at}: {name} is no service's name, or does not rise")
        last = name
        arguments = [read_argument(cell, types, at) for cell in cells]
        if len(arguments) > ARGUMENTS_MAX:
            raise TableError(f"{at}: more than {ARGUMENTS_MAX} arguments")
        if len({argument.name for argument in arguments}) != len(arguments):
            raise TableError(f"{at}: two arguments of one name")
        if result not in types:
            raise TableError(f"{at}: no row for the type {result}")
        prototypes[name] = (result, arguments)
    return prototypes


# Which argument has which decoder ----------------------------------------------------------------


def check_limits(decoders):
    """What is captured as text is as long as the guest likes."""
    for name, row in decoders.rows.items():
        if row["capture"] not in ("none", *Kinds.SIZED) and not row["limit"]:
            raise TableError(f"decoders.tsv: {name} has no limit")


def decoder_of(service, argument, types, rows):
    """The decoder's name, and the row of arguments.tsv that says so, if one does."""
    for function in (service, "*"):
        for key in ((function, argument.name, False, argument.plain),
                    (function, argument.name, True, "p" if argument.pointer else "n"),
                    (function, argument.name, True, "*")):
            if key in rows:
                return rows[key], key
    return types[argument.plain][2], None


def check_capture(service, index, arguments, row):
    """What is captured is behind a pointer, and its length is told by something that can tell it."""
    argument = arguments[index]
    where = f"{service}: {argument.name}"
    if row["capture"] not in ("none", *Kinds.HANDLES) and not argument.pointer:
        raise TableError(f"{where} is captured by {row['name']}, but is no pointer")
    if row["capture"] in Kinds.HANDLES and argument.pointer:
        raise TableError(f"{where} is a pointer, and no handle")
    if row["capture"] in Kinds.FOREIGN and (not index or arguments[index - 1].plain != "HANDLE"):
        raise TableError(f"{where} has no handle of a process before it")
    if row["length"] in NEIGHBOURS:
        step, pointer = NEIGHBOURS[row["length"]]
        if (not 0 <= index + step < len(arguments)
                or arguments[index + step].pointer != pointer):
            raise TableError(f"{where} has no neighbour that tells its length")
    if row["length"] == "information" and status_block_of(arguments) == NO_STATUS_BLOCK:
        raise TableError(f"{where}: there is no IO_STATUS_BLOCK")


def status_block_of(arguments):
    for index, argument in enumerate(arguments):
        if argument.plain == "PIO_STATUS_BLOCK":
            return index
    return NO_STATUS_BLOCK


def assign_decoders(prototypes, types, rows, decoders):
    """The decoder of each argument by (service, index); a row that nothing uses is a mistake."""
    assigned = {}
    used = set()
    for service, (result, arguments) in prototypes.items():
        used.add(result)
        for index, argument in enumerate(arguments):
            name, key = decoder_of(service, argument, types, rows)
            assigned[service, index] = name
            used |= {argument.plain, key}
            if name in decoders.rows:
                check_capture(service, index, arguments, decoders.rows[name])
            elif argument.pointer:
                raise TableError(f"{service}: {argument.name} is a pointer and has a set of names")
    for key in rows:
        if key not in used:
            raise TableError(f"arguments.tsv: {key[1]} ({key[3]}) of {key[0]} fits no argument")
    for name in types:
        if name not in used:
            raise TableError(f"types.tsv: {name} is used nowhere")
    of_use = {*assigned.values(), *(types[result][2] for result, _ in prototypes.values())}
    for name in decoders.rows:
        if name not in of_use:
            raise TableError(f"decoders.tsv: {name} is used nowhere")
    return assigned


# All together ------------------------------------------------------------------------------------


def argument_in_c(argument, decoder, types, decoders):
    times = decoders.times[decoders.rows[decoder]["when"]] if decoder in decoders.rows else 0
    if decoder in decoders.rows and decoders.rows[decoder]["when"] == "dir":
        times = DIRECTIONS[argument.direction]
    bits, compat, _ = types[argument.plain]
    return (f'\t{{ "{argument.name}", "{argument.type}", &decoders[{decoders.indices[decoder]}], '
            f"{bits}, {compat}, {times} }},")


def in_c(truth):
    return "true" if truth else "false"


def prototypes_in_c(prototypes, assigned, types, decoders):
    lines = []
    for service, (_, arguments) in prototypes.items():
        if arguments:
            lines.append(f"static const struct wv_nt_argument {service}[] = {{")
            lines += [argument_in_c(argument, assigned[service, index], types, decoders)
                      for index, argument in enumerate(arguments)]
            lines.append("};")
    lines += ["", "const struct wv_nt_prototype wv_nt_table[] = {"]
    for service, (result, arguments) in prototypes.items():
        lines.append(f'\t{{ "{service}", {service if arguments else "NULL"}, {len(arguments)}, '
                     f"{status_block_of(arguments)}, {in_c(result in STATUSES)}, "
                     f"{in_c(result == LEAVES)} }},")
    return lines + ["};", "const size_t wv_nt_table_size = G_N_ELEMENTS(wv_nt_table);", ""]


def unknown_in_c(types, decoders):
    bits, compat, _ = types[UNKNOWN_TYPE]
    index = decoders.index(UNKNOWN_DECODER, "decoders.tsv")
    lines = ["static const struct wv_nt_argument unknown[] = {"]
    for number in range(ARGUMENTS_MAX):
        lines.append(f'\t{{ "Arg{number}", "{UNKNOWN_TYPE}", &decoders[{index}], '
                     f"{bits}, {compat}, 0 }},")
    return lines + ["};", f'const struct wv_nt_prototype wv_nt_unknown = {{ "", unknown, '
                    f"{ARGUMENTS_MAX}, {NO_STATUS_BLOCK}, true, false }};", ""]


def generate(directory):
    sets = read_constants(directory)
    decoders = Decoders(directory / "decoders.tsv", sets, Kinds)
    check_limits(decoders)
    types = read_types(directory / "types.tsv", decoders)
    prototypes = read_prototypes(directory / "prototypes.tsv", types)
    rows = read_arguments(directory / "arguments.tsv", "function", decoders)
    assigned = assign_decoders(prototypes, types, rows, decoders)

    lines = ["/* Made by data/generate_nt.py; do not edit. */",
             '#include "plugins/syscalls/nt_format.h"', '#include "plugins/syscalls/tables.h"', "",
             f"G_STATIC_ASSERT(WV_NT_ARGS == {ARGUMENTS_MAX});", ""]
    for name, (constants, flags) in sets.items():
        lines += constants_in_c(PREFIX, name, constants, flags)
    lines += decoders.in_c(PREFIX)
    lines += prototypes_in_c(prototypes, assigned, types, decoders)
    lines += unknown_in_c(types, decoders)
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(run("generate_nt.py", generate, __doc__, sys.argv[1:]))

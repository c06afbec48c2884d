#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns the tables of data/syscalls into C.

Usage: generate_syscalls.py OUTPUT.c OUTPUT.d DIRECTORY

Besides the tables that argument_tables.py speaks of:

  x86_64.tsv        calls: number, name, the kernel's function, then type and name of each argument
  i386.tsv          likewise; a single `=` for the arguments: those of the x86-64 call of that name

OUTPUT.c has `wv_syscall_tables` of src/plugins/syscalls/tables.h; OUTPUT.d tells ninja what it
was made of.
"""

import sys

from argument_tables import (Decoders, Table, constants_in_c, number_of, read_arguments,
                             read_constants, read_types, run)
from generate import TableError

CALL_COLUMNS = ["number", "name", "function"]
ARGUMENTS_MAX = 6
PREFIX = "wv_constants_"
# What an argument is if no row speaks of it, and what a call returns.
FALLBACK_POINTER, FALLBACK_NUMBER = "address", "hex"


class Kinds:
    """What decoders.tsv may say."""

    CAPTURES = ("none", "string", "bytes", "buffer", "strings", "fd")
    SIZED = ("bytes", "buffer")
    LENGTHS = ("fixed", "next", "previous", "at_next", "result", "sets")
    TIMES = {"-": 0, "entry": 1, "return": 2, "entry,return": 3}


# Which argument has which decoder ----------------------------------------------------------------


def types_in_c(types, decoders):
    lines = ["static const struct wv_type_row types[] = {"]
    for name, (bits, compat, decoder) in sorted(types.items()):
        lines.append(f'\t{{ "{name}", {bits}, {compat}, {decoders.indices[decoder]} }},')
    return lines + ["};", ""]


def arguments_in_c(arguments, decoders):
    lines = ["static const struct wv_argument_row arguments[] = {"]
    for (call, argument, _, kind), decoder in sorted(arguments.items()):
        lines.append(f'\t{{ "{call}", "{argument}", "{kind}", {decoders.indices[decoder]} }},')
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
    decoders = Decoders(directory / "decoders.tsv", sets, Kinds)
    calls = read_calls(directory / "x86_64.tsv", {})
    others = {}
    for _, name, _, arguments, _ in calls:
        others.setdefault(name, arguments)
    calls_32 = read_calls(directory / "i386.tsv", others)

    lines = ["/* Made by data/generate_syscalls.py; do not edit. */",
             '#include "plugins/syscalls/format.h"', '#include "plugins/syscalls/tables.h"', ""]
    for name, (rows, flags) in sets.items():
        lines += constants_in_c(PREFIX, name, rows, flags)
    lines += decoders.in_c(PREFIX)
    lines += types_in_c(read_types(directory / "types.tsv", decoders), decoders)
    lines += arguments_in_c(
        read_arguments(directory / "arguments.tsv", "syscall", decoders), decoders)
    lines += calls_in_c("x86_64", calls) + calls_in_c("i386", calls_32)
    lines += aliases_in_c(calls + calls_32)
    fallbacks = [decoders.index(name, "decoders.tsv")
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


if __name__ == "__main__":
    sys.exit(run("generate_syscalls.py", generate, __doc__, sys.argv[1:]))

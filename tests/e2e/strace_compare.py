#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what strace saw inside the guest with what the plugin "syscalls" saw from outside.

For each thread that strace has traced, both must have the same sequence of calls, by number and
name, with the same results and the same arguments: numbers, when strace ran in raw mode, and texts
otherwise, wherever both sides have them in that form. Where they may differ, a row of KNOWN says
so, and why; every other difference is an error.

What the json rows must have, beside Plugin, PID, TID, EventUID and Method (the call's name):
  syscall   Syscall (its number, as the program gave it), NArgs, Type, and then the arguments in
            their order, as texts under their own names. A 64-bit call has no Type, or
            "x64"; the others are "ia32" and "x32".
  sysret    EventUID as on entry; Ret, errors as negative numbers; Info, an error's name; and again
            arguments that are known only now.

usage: strace_compare.py TRUTH [EVENTS]
Without events it only tells what strace saw. Exit code 1: something differs that may not.
"""

import difflib
import json
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import strace_parse
from strace_parse import NAMES, RESTART_CODES, UNKNOWN, Call, signed, split_arguments

# Keys of a syscall row, behind NArgs, that are no arguments.
NOT_ARGUMENTS = {"Type", "PreviousMode", "FromModule", "FromParentModule"}

ENOSYS, EINTR = 38, 4

NO_CALL = 0xffffffff

# Of the number of an x32 call: the row has it without the bit, and strace with it.
X32_BIT = 0x40000000

# In the flags of open: a file may be made, and so there is a mode.
O_CREAT, O_TMPFILE = 0o100, 0o20000000

# Calls that have more arguments in the kernel than strace prints.
LONGER_IN_KERNEL = {
    "preadv", "pwritev",  # the offset's upper half, in 64-bit calls always 0
    "bpf",  # since 7.x
}

NUMBER = re.compile(r"(-?(?:0x[0-9a-fA-F]+|[0-9]+))(?:[ <(].*)?", re.DOTALL)
OCTAL = re.compile(r"0[0-7]+")
STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')

# Both sides' sequences are shown this far around a difference.
SHOWN = 90


@dataclass
class Seen:
    """A call as it was seen from outside."""

    uid: int
    pid: int
    tid: int
    name: str
    number: int
    is_64: bool
    names: list  # of the arguments
    arguments: list
    late: dict = field(default_factory=dict)  # arguments that came with the return
    result: int | None = None
    info: str | None = None
    returned: bool = False


@dataclass
class Difference:
    """One thing that is not the same; either side may lack the call altogether."""

    what: str  # missing, extra, name, count, argument, result, info, thread, stray
    tid: int
    inside: Call | None = None  # of an extra one: the call before it
    outside: Seen | None = None
    text: str = ""

    def __str__(self):
        sides = []
        if self.inside:
            sides.append(f"strace: {self.inside.name}({self.inside.arguments}) = "
                         f"{self.inside.result}"[:SHOWN * 2])
        if self.outside:
            sides.append(f"outside: {self.outside.name}({', '.join(self.outside.arguments)}) = "
                         f"{self.outside.result}"[:SHOWN * 2])
        return f"thread {self.tid}, {self.what}: {self.text} {'; '.join(sides)}".replace(": ;", ";")


@dataclass
class Comparison:
    trace: strace_parse.Trace
    is_raw: bool = True  # strace has printed all arguments, as numbers
    explained: Counter = field(default_factory=Counter)  # by the rule's name
    unexplained: list = field(default_factory=list)
    calls: int = 0  # that both sides have
    numbers: int = 0  # arguments that are the same number on both sides
    texts: int = 0  # arguments that are the same text on both sides
    not_compared: int = 0  # arguments that the two sides give in different forms

    def add(self, difference):
        for rule in KNOWN:
            if rule.holds(difference):
                self.explained[rule.name] += 1
                return
        self.unexplained.append(difference)

    def report(self, limit=20):
        """Lines of text; limit: how many of the other differences are among them."""
        yield f"{self.trace.lines} lines of strace: {describe(self.trace)}"
        yield (f"{self.calls} calls on both sides; arguments: {self.numbers} the same numbers, "
               f"{self.texts} the same texts, {self.not_compared} in different forms")
        for rule in KNOWN:
            if self.explained[rule.name]:
                yield f"{self.explained[rule.name]} times {rule.name}: {rule.reason}"
        yield f"{len(self.unexplained)} other differences"
        yield from (f"  {difference}" for difference in self.unexplained[:limit])


# What may differ ---------------------------------------------------------------------------------


@dataclass
class Rule:
    name: str
    reason: str
    holds: Callable[[Difference], bool]


def died_within(call):
    return call.is_last and call.result is None


def is_mode_for_nothing(difference):
    at = len(difference.outside.arguments) - 1
    flags = argument_inside(split_arguments(difference.inside.arguments)[at - 1])
    return (difference.text == f"number {at + 1}" and difference.outside.arguments[at] == "0"
            and not flags & (O_CREAT | O_TMPFILE))


def is_multiplexed(call):
    return not call.is_64 and (call.number, call.name) in ((102, "socketcall"), (117, "ipc"))


def interrupted(result):
    return result is not None and (-result in RESTART_CODES.values() or result == -EINTR)


KNOWN = (
    Rule("before the first execve",
         "strace lets its child run as far as execve before it prints the child's calls",
         lambda d: d.what == "extra" and d.text == "before"),
    Rule("died within a call",
         "a thread that is killed while it waits leaves its call with a code that says so, on its "
         "way to its death; a tracer is not told any more",
         lambda d: d.what == "result" and died_within(d.inside)
         and interrupted(d.outside.result)),
    Rule("killed on its way out",
         "the same where the tracer is still told that the call ends, but can not ask any more "
         "how: strace has 0 for a result",
         lambda d: d.what == "result" and d.inside.is_last and d.inside.result == 0
         and d.inside.end == "killed by SIGKILL" and interrupted(d.outside.result)),
    Rule("killed on entry",
         "a thread that is killed when it stops for its tracer on the way into a call never makes "
         "it; the stop, and so the line, is missing, but the entry was seen from outside",
         lambda d: d.what == "extra" and d.inside is not None and d.inside.is_last
         and d.inside.name not in ("exit", "exit_group") and not d.outside.returned),
    Rule("killed by seccomp",
         "the filter's answer is the thread's death. The call is seen on entry, and does not "
         "return; some kernels restore the registers first, and strace takes the call's number, "
         "which is there, for a result",
         lambda d: d.what == "result" and d.inside.is_last and d.inside.end == "killed by SIGSYS"
         and d.inside.result == d.inside.number and not d.outside.returned),
    Rule("calls within a call",
         "strace names and numbers the arguments of what socketcall and ipc (32-bit) stand for",
         lambda d: d.what in ("name", "count") and is_multiplexed(d.outside)),
    Rule("no call at all",
         "the number -1 is what a tracer or a filter leaves behind that does not want the call; "
         "the kernel itself takes it for none, and it is not told from outside",
         lambda d: d.what == "missing" and plain_number(d.inside.number) == NO_CALL
         and d.inside.result == -ENOSYS),
    Rule("unknown to strace",
         "the call is newer than strace, or no call at all: strace has a number for it, and always "
         "six arguments",
         lambda d: d.what in ("name", "count") and d.inside.name.startswith(UNKNOWN)),
    Rule("not in this kernel",
         "strace knows names and arguments of calls that the kernel does not have (any more), the "
         "x32 ones among them; the kernel can not tell them",
         lambda d: d.what in ("name", "count") and d.inside.result == -ENOSYS
         and d.outside.result == -ENOSYS),
    Rule("more arguments in the kernel",
         "the kernel's prototype has arguments that strace does not print, as they say nothing or "
         "are newer",
         lambda d: d.what == "count" and d.inside.name in LONGER_IN_KERNEL
         and len(d.outside.arguments) > len(split_arguments(d.inside.arguments))),
    Rule("a mode that means nothing",
         "open without O_CREAT has no mode, and what is in its register is shown as 0",
         lambda d: d.what == "argument" and d.inside.name in ("open", "openat")
         and is_mode_for_nothing(d)),
    Rule("the upper half of a register",
         "arguments of 32 bits are in the lower half of a register; the upper half, which strace "
         "prints in raw mode, means nothing",
         lambda d: d.what == "argument" and d.text == "upper half"),
)

# Inside ------------------------------------------------------------------------------------------


def describe(trace):
    ends = Counter(thread.end.split()[0] for thread in trace.threads.values() if thread.end)
    return (f"{len(trace.calls)} calls, {len(trace.names)} different ones, "
            f"{len(trace.threads)} threads ({', '.join(f'{n} {end}' for end, n in ends.items())})")


def number_of(value):
    """A number that is written in one of the usual ways, or is a json number already."""
    if not isinstance(value, str):
        return value
    return int(value, 8 if OCTAL.fullmatch(value) else 0)


def argument_inside(text):
    """A number, the bytes of a string, or None for what is neither, or not all of it."""
    if text == "NULL":
        return 0
    if found := STRING.fullmatch(text):
        return None if found[2] else bytes.fromhex(found[1].replace("\\x", ""))
    if re.fullmatch(r"-?(0x[0-9a-f]+|[0-9]+)", text):
        return number_of(text)
    return None


# Outside -----------------------------------------------------------------------------------------


def argument_outside(text):
    """A number, or the text itself. Behind the number of a descriptor there may be its path."""
    found = NUMBER.fullmatch(text)
    return number_of(found[1]) if found else text


def seen_call(row):
    keys = list(row)
    behind = keys[keys.index("NArgs") + 1:]
    names = [key for key in behind if key not in NOT_ARGUMENTS]
    type_of_call = row.get("Type", "x64")
    number = number_of(row["Syscall"]) | (X32_BIT if type_of_call == "x32" else 0)
    return Seen(uid=int(row["EventUID"], 16), pid=row["PID"], tid=row["TID"], name=row["Method"],
                number=number, is_64=type_of_call == "x64",
                names=names, arguments=[row[name] or "" for name in names])


class Outside:
    """The rows, as sequences of calls per thread; and what does not fit into any."""

    def __init__(self, rows):
        self.threads = defaultdict(list)
        self.strays = []
        calls = {}
        for row in rows:
            if row["Plugin"] == "syscall":
                call = seen_call(row)
                calls[call.uid] = call
                self.threads[call.tid].append(call)
        for calls_of_thread in self.threads.values():
            calls_of_thread.sort(key=lambda call: call.uid)
        for row in rows:
            if row["Plugin"] == "sysret":
                self.join(calls.get(int(row["EventUID"], 16)), row)

    def join(self, call, row):
        result = number_of(row["Ret"])
        # execve in a thread returns under the id of its process's first one
        wrong_thread = call and row["TID"] not in (call.tid, call.pid)
        if call is None or call.returned or wrong_thread:
            self.strays.append(Seen(uid=int(row["EventUID"], 16), pid=row["PID"], tid=row["TID"],
                                    name=row["Method"], number=number_of(row["Syscall"]),
                                    is_64=True, names=[], arguments=[], result=result,
                                    returned=True))
            return
        call.result, call.info, call.returned = result, row.get("Info"), True
        call.late = {name: argument_outside(row[name]) for name in call.names if row.get(name)}


# Both --------------------------------------------------------------------------------------------


def plain_number(number):
    """A call's number has 32 bits; strace has none for -1."""
    return NO_CALL if number is None else number & 0xffffffff


def same_call_number(inside, outside):
    return plain_number(inside.number) == plain_number(outside.number)


def compare_numbers(comparison, inside, outside, at, one, two):
    difference = Difference("argument", inside.tid, inside, outside, f"number {at + 1}")
    if not isinstance(one, int) or not isinstance(two, int):
        comparison.not_compared += 1
    elif signed(one) == signed(two):
        comparison.numbers += 1
    elif one & 0xffffffff == two & 0xffffffff and (
            not outside.is_64 or -(1 << 31) <= two < 1 << 32):
        comparison.numbers += 1
        # a negative int is often in a register whose upper half is 0, and that is no difference
        if one >> 32 and one >> 32 != 0xffffffff:
            difference.text = "upper half"
            comparison.add(difference)
    else:
        comparison.add(difference)


def compare_texts(comparison, inside, outside, at, one, two):
    if isinstance(two, int):
        # what was not there on entry, or is the call's result, comes with its return
        two = outside.late.get(outside.names[at], two)
    is_comparable = isinstance(one, bytes) and isinstance(two, str)
    # a preview of a buffer is in quotes; several texts at once are a list outside, a buffer inside
    if not is_comparable or two.startswith('"') or b"\0" in one:
        comparison.not_compared += 1
        return
    wanted = one.decode("utf-8", "replace")
    if two == wanted or two.endswith("...") and wanted.startswith(two[:-3]):
        comparison.texts += 1
    else:
        comparison.add(Difference("argument", inside.tid, inside, outside, f"number {at + 1}"))


def compare_calls(comparison, inside, outside):
    comparison.calls += 1

    def differ(what, text=""):
        comparison.add(Difference(what, inside.tid, inside, outside, text=text))

    if inside.name != outside.name:
        differ("name")
    arguments = split_arguments(inside.arguments)
    if comparison.is_raw and len(arguments) != len(outside.arguments):
        differ("count", f"{len(arguments)} and {len(outside.arguments)} arguments")
    if not is_multiplexed(outside):
        for at, (text, other) in enumerate(zip(arguments, outside.arguments)):
            comparer = compare_numbers if comparison.is_raw else compare_texts
            comparer(comparison, inside, outside, at, argument_inside(text),
                     argument_outside(other))
    if inside.result != outside.result:
        differ("result")
    elif outside.info is not None and outside.result is not None:
        wanted = NAMES.get(-outside.result, "") if outside.result < 0 else ""
        if outside.info != wanted and (wanted or re.match(r"E[A-Z]", outside.info)):
            differ("info", outside.info)


def compare_threads(comparison, tid, inside, outside):
    matcher = difflib.SequenceMatcher(
        None, [plain_number(call.number) for call in inside],
        [plain_number(call.number) for call in outside], autojunk=False)
    for _, first, end, other_first, other_end in matcher.get_opcodes():
        ours, theirs = inside[first:end], outside[other_first:other_end]
        if len(ours) == len(theirs) and all(map(same_call_number, ours, theirs)):
            for pair in zip(ours, theirs):
                compare_calls(comparison, *pair)
            continue
        for call in ours:
            comparison.add(Difference("missing", tid, inside=call))
        for at, call in enumerate(theirs):
            before = inside[first - 1] if first and at == 0 else None
            comparison.add(Difference("extra", tid, before, call))


def compare(lines, rows):
    """lines: of strace. rows: the json rows of the plugin, those of other plugins among them."""
    trace = strace_parse.parse(lines)
    comparison = Comparison(trace, not any('"' in call.arguments for call in trace.calls))
    outside = Outside([row for row in rows if row["Plugin"] in ("syscall", "sysret")])

    mine = outside.threads[trace.root]
    before = next((at for at, call in enumerate(mine) if call.name == "execve"), 0)
    for call in mine[:before]:
        comparison.add(Difference("extra", trace.root, outside=call, text="before"))
    outside.threads[trace.root] = mine[before:]

    for tid, thread in trace.threads.items():
        compare_threads(comparison, tid, thread.calls, outside.threads[tid])
    processes = {call.pid for tid in trace.threads for call in outside.threads[tid]}
    for tid, calls in outside.threads.items():
        if tid not in trace.threads and calls[0].pid in processes:
            comparison.add(Difference("thread", tid, outside=calls[0],
                                      text=f"strace does not know it; {len(calls)} calls"))
    for stray in outside.strays:
        if stray.tid in trace.threads:
            comparison.add(Difference("stray", stray.tid, outside=stray,
                                      text="a return without a call"))
    return comparison


def read_json(path):
    return [json.loads(line) for line in Path(path).read_bytes().splitlines() if line.strip()]


def main(arguments):
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    lines = strace_parse.of_facts(read_json(arguments[0]))
    if len(arguments) == 1:
        print(f"{len(lines)} lines: {describe(strace_parse.parse(lines))}")
        return 0
    comparison = compare(lines, read_json(arguments[1]))
    print("\n".join(comparison.report(100)))
    return 1 if comparison.unexplained else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

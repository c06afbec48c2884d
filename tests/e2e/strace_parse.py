# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what `strace -f -n -o FILE` has written (strace 6.1): which calls each thread has made.

Every line must be understood; one that is not is an error. The forms of a line, behind the thread's
id and, in brackets, the call's number:

  name(arguments) = result               a whole call
  name(arguments <unfinished ...>        another thread's line comes first; then the rest of it:
  <... name resumed>arguments) = result
  name(arguments <pid changed to N ...>  execve in a thread whose process's first one has ended
  +++ superseded by execve in pid N +++  thread N is the process now, under the id of this line
  +++ exited with N +++
  +++ killed by SIGNAL [(core dumped)] +++
  --- SIGNAL {...} ---                   a signal is delivered
  --- stopped by SIGNAL ---

Arguments are in one of two modes: with `-e raw=all` all are numbers, otherwise (`-X raw -xx -v`)
strings are in quotes and structures in braces. Results are the same in both.
"""

import errno
import re
from dataclasses import dataclass, field

# include/linux/errno.h in Linux: what a tracer sees of an interrupted call, before the kernel
# decides whether it is made again.
RESTART_CODES = {"ERESTARTSYS": 512, "ERESTARTNOINTR": 513, "ERESTARTNOHAND": 514,
                 "ERESTART_RESTARTBLOCK": 516}
# Others that only the kernel has a name for.
INNER_CODES = {"ENOIOCTLCMD": 515, "EPROBE_DEFER": 517, "EOPENSTALE": 518, "ENOTSUPP": 524}

CODES = {name: code for code, name in errno.errorcode.items()} | RESTART_CODES | INNER_CODES
NAMES = errno.errorcode | {code: name for name, code in (RESTART_CODES | INNER_CODES).items()}

# So does strace name a call that it does not know,
UNKNOWN = "syscall_0x"
# and one whose number it could not read any more, as the thread was killed on its way into it.
UNREADABLE = "????"

LINE = re.compile(r"(\d+) +\[ *(\d+|\?+)\] (.*)", re.DOTALL)
START = re.compile(r"(\w+|\?{4})\((.*)", re.DOTALL)
RESUMED = re.compile(r"<\.\.\. (\w+|\?{4}) resumed>(.*)", re.DOTALL)
REST = re.compile(r"(.*)\)\s* = (.*)", re.DOTALL)
MOVED = re.compile(r"(.*) <pid changed to (\d+) \.\.\.>", re.DOTALL)
SIGNAL = re.compile(r"--- (?:(\w+) \{.*\}|stopped by (\w+)) ---")
SUPERSEDED = re.compile(r"\+\+\+ superseded by execve in pid (\d+) \+\+\+")
ENDED = re.compile(r"\+\+\+ (exited with (\d+)|killed by (\w+)( \(core dumped\))?) \+\+\+")

NO_RESULT = re.compile(r"\?( <unavailable>)?")
ERROR = re.compile(r"-1 (E\w+) \(.*\)")
RESTART = re.compile(r"\? (ERESTART\w+) \(.*\)")
NAMELESS_ERROR = re.compile(r"-1 \(errno (\d+)\)")
VALUE = re.compile(r"(-?\d+|0x[0-9a-f]+)(?: \(.*\))?")

UNFINISHED = " <unfinished ...>"


class Unknown(Exception):
    """A line, or part of one, that is in none of the known forms."""


@dataclass
class Call:
    tid: int  # of the thread that made it
    name: str
    number: int | None  # None: strace does not know it either
    arguments: str = ""  # as they are written
    result: int | None = None  # what the kernel returned, errors negative; None: it did not return
    is_last: bool = False  # of its thread
    end: str = ""  # of a last one: how the thread ended


@dataclass
class Thread:
    tid: int
    calls: list = field(default_factory=list)
    signals: list = field(default_factory=list)
    end: str = ""  # "exited", "killed by SIGNAL", "superseded", or nothing


@dataclass
class Trace:
    threads: dict = field(default_factory=dict)  # by thread id, in the order of their first lines
    lines: int = 0

    @property
    def root(self):
        return next(iter(self.threads))

    @property
    def calls(self):
        return [call for thread in self.threads.values() for call in thread.calls]

    @property
    def names(self):
        return {call.name for call in self.calls}


def signed(value):
    """A register's 64 bits as a signed number."""
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


def parse_result(text):
    """The number that the kernel returned, or None if it did not return."""
    if found := RESTART.fullmatch(text) or ERROR.fullmatch(text):
        if found[1] not in CODES:
            raise Unknown(f"an error that nobody knows: {text}")
        return -CODES[found[1]]
    if NO_RESULT.fullmatch(text):
        return None
    if found := NAMELESS_ERROR.fullmatch(text):
        return -int(found[1])
    if found := VALUE.fullmatch(text):
        return signed(int(found[1], 16 if found[1].startswith("0x") else parse_base(found[1])))
    raise Unknown(f"not a result: {text}")


def parse_base(digits):
    """umask's result is octal, as is every mode: with a 0 in front."""
    return 8 if len(digits) > 1 and digits.startswith("0") else 10


def split_arguments(text):
    """The arguments of a call, each as it is written."""
    arguments, start, depth, at = [], 0, 0, 0
    while at < len(text):
        char = text[at]
        if char == '"':
            at = end_of_string(text, at)
        elif text.startswith("/*", at):
            at = text.index("*/", at) + 1
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth == 0:
            arguments.append(text[start:at].strip())
            start = at + 1
        at += 1
    last = text[start:].strip()
    return arguments + [last] if last or arguments else []


def end_of_string(text, at):
    """The place of the quote that ends the string that begins at `at`."""
    at += 1
    while text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return at


class Parser:
    def __init__(self):
        self.trace = Trace()
        self.pending = {}  # calls that have not returned yet, by the id they will return under

    def thread(self, tid):
        return self.trace.threads.setdefault(tid, Thread(tid))

    def line(self, line):
        self.trace.lines += 1
        found = LINE.fullmatch(line)
        if not found:
            raise Unknown("no thread id and number")
        tid, rest = int(found[1]), found[3]
        number = int(found[2]) if found[2].isdigit() else None
        if rest.startswith("+++"):
            self.ended(tid, rest)
        elif rest.startswith("---"):
            self.signal(tid, rest)
        elif found := RESUMED.fullmatch(rest):
            self.resumed(tid, number, found[1], found[2])
        elif found := START.fullmatch(rest):
            self.started(tid, number, found[1], found[2])
        else:
            raise Unknown("none of the known forms")

    def started(self, tid, number, name, rest):
        if tid in self.pending:
            raise Unknown(f"a call begins within {self.pending[tid].name}")
        call = Call(tid, name, number)
        if name != UNREADABLE:
            self.thread(tid).calls.append(call)
        if rest.endswith(UNFINISHED):
            call.arguments = rest.removesuffix(UNFINISHED)
            self.pending[tid] = call
        elif found := MOVED.fullmatch(rest):
            call.arguments = found[1]
            self.pending[int(found[2])] = call
        else:
            self.returned(call, rest)

    def resumed(self, tid, number, name, rest):
        call = self.pending.pop(tid, None)
        if call is None or call.name != name or number != call.number and name != UNREADABLE:
            raise Unknown("the end of a call that has not begun")
        if rest.endswith(UNFINISHED):
            call.arguments += rest.removesuffix(UNFINISHED)
            self.pending[tid] = call
        else:
            self.returned(call, rest)

    @staticmethod
    def returned(call, rest):
        found = REST.fullmatch(rest)
        if not found:
            raise Unknown("no result")
        call.arguments += found[1]
        call.result = parse_result(found[2].strip())

    def signal(self, tid, rest):
        found = SIGNAL.fullmatch(rest)
        if not found:
            raise Unknown("not a signal")
        self.thread(tid).signals.append(found[1] or found[2])

    def ended(self, tid, rest):
        if found := SUPERSEDED.fullmatch(rest):
            self.superseded(tid, int(found[1]))
            return
        found = ENDED.fullmatch(rest)
        if not found:
            raise Unknown("not an end")
        self.pending.pop(tid, None)
        self.mark_end(tid, f"killed by {found[3]}" if found[3] else "exited")

    def mark_end(self, tid, end):
        thread = self.thread(tid)
        thread.end = end
        if thread.calls:
            thread.calls[-1].is_last = True
            thread.calls[-1].end = end

    def superseded(self, leader, other):
        """The first thread is no more, and the other one's execve returns under its id."""
        call = self.pending.pop(other, None)
        if call is None:
            call = self.pending.pop(leader, None)  # "pid changed" has moved it already
        if call is None or not call.name.startswith("execve"):
            raise Unknown("superseded by no execve")
        self.mark_end(leader, "superseded")
        self.mark_end(other, "superseded")
        call.is_last = False  # it goes on, under the other's id
        self.thread(leader).end = ""
        self.pending[leader] = call


def parse(lines):
    parser = Parser()
    for number, line in enumerate(lines, 1):
        try:
            parser.line(line)
        except Unknown as error:
            raise Unknown(f"line {number}: {error}: {line[:300]}") from None
    return parser.trace


def of_facts(facts):
    """The lines that the scenario "straced" has sent over the truth channel."""
    return [fact["line"] for fact in facts if fact["kind"] == "strace"]

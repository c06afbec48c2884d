# SPDX-License-Identifier: GPL-2.0-or-later
"""System calls: all of them, once each, also when the reader is slow; and their rows' form."""

import re
import time
from collections import Counter

from harness import check, formats, slowly
from harness.calls import OWN, arguments
from harness.compare import nothing_is_lost, returns
from harness.declare import Failed, shared, test
from harness.facts import finished
from harness.guest import Guest
from harness.place import KERNELS
from harness.watch import Watch, run

# The oldest way into a call and the newest; the others only with --full.
FEW = ("linux-5.10", "linux-7")
REST = tuple(kernel for kernel in KERNELS if kernel not in FEW)

CPUS = (1, 2)
ONLY = "-a", "syscalls"

MANY = 1000000
SOME = 100000

# A row of getppid, entry or return, all of it.
ROW = re.compile(
    rb'\{"Plugin":"(?:(syscall)|sysret)","TimeStamp":"\d+\.\d{6}","PID":(\d+),"PPID":\d+,'
    rb'"TID":\d+,"UserName":"UID","UserId":0,"ProcessName":"getppid","Method":"getppid",'
    rb'"EventUID":"0x([0-9a-f]+)","Module":"linux","vCPU":\d+,"CR3":"0x[0-9a-f]+",'
    rb'"Syscall":(\d+),(?:"Type":"ia32",)?(?:"NArgs":0|"Ret":(\d+))\}\n')


class Process:
    """What a process has done so far."""

    def __init__(self):
        self.calls = 0
        self.open = None  # the number of the call that it is in
        self.last = b"0"
        self.results = set()


class Counted:
    """Rows that come by: those of getppid must be whole, and in pairs; none is kept."""

    def __init__(self):
        self.processes = {}
        self.others = Counter()  # rows of other calls, by Plugin
        self.seconds = 0

    def lines(self, lines):
        started = time.monotonic()
        for line in lines:
            self.line(line)
        self.seconds = time.monotonic() - started
        return self

    def line(self, line):
        found = ROW.fullmatch(line)
        if not found:
            self.other(line)
            return
        entry, pid, uid, number, result = found.groups()
        process = self.processes.get(pid) or self.processes.setdefault(pid, Process())
        # there are millions: texts are only made of one that is wrong
        if number not in (b"110", b"64"):
            raise Failed(f"getppid has another number: {line}")
        if entry:
            # a longer number is a higher one
            if process.open or (len(uid), uid) <= (len(process.last), process.last):
                raise Failed(f"a call in or before {process.last}: {line}")
            process.open = process.last = uid
            process.calls += 1
        else:
            if process.open != uid:
                raise Failed(f"it is {process.open} that returns: {line}")
            process.open = None
            process.results.add(result)

    def other(self, line):
        row = formats.parse_json(line)[0]
        check.true(row["Method"] != "getppid" or row["ProcessName"] != "getppid",
                   f"a row of another form: {line}")
        self.others[row["Plugin"]] += 1

    def rows(self):
        """How many there were, by Plugin."""
        calls = sum(process.calls for process in self.processes.values())
        opened = sum(process.open is not None for process in self.processes.values())
        return Counter(syscall=calls, sysret=calls - opened) + self.others


def count(guest, rate=None):
    """Runs a guest, and reads its rows as they come; rate: not more than so many a second."""
    result, counted = slowly.run(lambda stdout: Watch(guest, "--timing", *ONLY, stdout=stdout),
                                 Counted().lines, rate)
    finished(result.facts())
    return result, counted


def is_complete(result, counted, calls, processes):
    """So many calls of each of so many processes, and as many returns."""
    # the scenario itself calls it once before its loop
    check.equal([process.calls for process in counted.processes.values()],
                [calls + 1] * processes, "entries, by process")
    for process in counted.processes.values():
        check.equal(process.open, None, "a call that does not return")
        check.equal(len(process.results), 1, "results")
    line = result.said()[-1]
    check.matches(line, r"; dropped: 0$", "the last line")
    told = {name: int(number) for name, number in re.findall(r"(\w+) (\d+)", line)}
    check.equal({name: told[name] for name in ("syscall", "sysret")}, dict(counted.rows()),
                "rows that are told of")


def loop(kernel, cpus, calls, *arguments):
    """On two vCPUs two processes at once make half of the calls each."""
    words = ("getppid", calls // cpus, *arguments)
    if cpus == 1:
        return Guest(kernel, *words[:1], words[1:])
    return Guest(kernel, "several", (cpus, *words), cpus=cpus)


@test(kernel=KERNELS, cpus=CPUS)
def complete(kernel, cpus):
    """A million calls, and a million returns."""
    is_complete(*count(loop(kernel, cpus, MANY)), MANY // cpus, cpus)


@test(kernel=FEW)
@test(full=True, kernel=REST)
def complete_by_int80(kernel):
    result, counted = count(loop(kernel, 1, SOME, "int80"))
    # the C library's own is a 64-bit call
    is_complete(result, counted, SOME, 1)


@shared
def speed(kernel, cpus):
    """Rows per second, where nothing holds them up."""
    result = run(loop(kernel, cpus, SOME), *ONLY, output="/dev/null").expect(0)
    return 2 * SOME / (max(fact["elapsed_ns"] for fact in finished(result.facts())
                           if fact["kind"] == "timing") / 1e9)


def with_slow_reader(kernel, cpus, calls):
    """Rows are taken ten times slower than they could be made; none is lost."""
    rate = speed(kernel, cpus) / slowly.SLOWER
    result, counted = count(loop(kernel, cpus, calls), 0.9 * rate)
    is_complete(result, counted, calls // cpus, cpus)
    taken = counted.rows().total() / counted.seconds
    check.true(taken <= rate, f"{taken:.0f} rows per second are taken, {rate:.0f} at the most")
    slowly.guest_waited(result)


@test(kernel=FEW, cpus=CPUS)
@test(full=True, kernel=REST, cpus=CPUS)
def reader_is_slow(kernel, cpus):
    with_slow_reader(kernel, cpus, SOME)


@test(full=True, kernel=KERNELS, cpus=CPUS)
def reader_is_slow_for_long(kernel, cpus):
    with_slow_reader(kernel, cpus, MANY)


# The form of the rows ---------------------------------------------------------------------------


@shared
def many_calls(kernel):
    """More than 300 different calls, with arguments of all kinds."""
    result = run(Guest(kernel, "calls", cpus=2), "--buffer-preview", 32).expect(0)
    finished(result.facts())
    return result


def has_form(row):
    """Keys and their order, and the kinds of their values."""
    plugin = row["Plugin"]
    own = [key for key in OWN[plugin] if key in row]
    keys = tuple(row)
    check.equal(keys[:len(formats.COMMON)], formats.COMMON, f"common keys of {row}")
    check.equal(list(keys[len(formats.COMMON):][:len(own)]), own, f"keys of {row}")
    optional = {"Type", "Info"}
    check.equal(set(OWN[plugin]) - set(own) - optional, set(), f"keys that {row} lacks")
    check.equal(row["Module"], "linux", f"Module of {row}")
    check.true(row["vCPU"] in (0, 1), f"vCPU of {row}")
    check.true(re.fullmatch(r"0x[1-9a-f][0-9a-f]*", row["CR3"]), f"CR3 of {row}")
    check.true(type(row["Syscall"]) is int and row["Syscall"] >= 0, f"Syscall of {row}")
    check.true(row.get("Type") in (None, "ia32", "x32"), f"Type of {row}")
    values = arguments(row)
    check.true(all(type(value) is str for value in values.values()), f"arguments of {row}")
    check.true(re.fullmatch(r"[a-z_][a-z0-9_]*", row["Method"]), f"name of {row}")
    if plugin == "syscall":
        check.equal(row["NArgs"], len(values), f"NArgs of {row}")
        return
    check.equal(type(row["Ret"]), int, f"Ret of {row}")
    is_error = -4095 <= row["Ret"] < 0
    check.equal("Info" in row, is_error, f"Info of {row}")
    check.true(not is_error or re.fullmatch(r"E[A-Z0-9_]+|-\d+", row["Info"]), f"Info of {row}")


@test(kernel=KERNELS)
def form(kernel):
    result = many_calls(kernel)
    rows = [row for row in result.rows if row["Plugin"] in OWN]
    for row in rows:
        has_form(row)
    returns(result.rows)
    nothing_is_lost(result)
    methods = {row["Method"] for row in rows}
    check.true(len(methods) > 300, f"{len(methods)} different calls")
    kinds = {row.get("Type") for row in rows}
    check.true({None, "ia32"} <= kinds, f"64-bit and 32-bit calls: {kinds}")


@test(kernel=KERNELS)
def ends(kernel):
    """Of the calls that do not return each is one that need not: its thread has ended in it."""
    rows = many_calls(kernel).rows
    entries = [row for row in rows if row["Plugin"] == "syscall"]
    back = {row["EventUID"] for row in rows if row["Plugin"] == "sysret"}
    last = {row["TID"]: row["EventUID"] for row in entries}
    # execve in a thread ends the first one and takes over its id
    taken = {row["PID"] for row in entries if row["Method"] == "execve"
             and row["TID"] != row["PID"] and row["EventUID"] in back}
    check.equal(len(taken), 2, "threads that have executed a program")
    for row in entries:
        if row["EventUID"] not in back and row["TID"] not in taken:
            check.equal(last[row["TID"]], row["EventUID"], f"the last call of the thread of {row}")
    check.equal([row for row in rows if row["Plugin"] == "sysret"
                 and row["Method"] in ("exit", "exit_group")], [], "returns of what can not return")


# 32-bit calls that are given six numbers: all are told the same, whichever way they take.
SIX = ("mmap2", "syscall_1000")


def sequence(rows):
    return [(row["Method"], row["Syscall"], row["Type"],
             tuple(arguments(row).items()) if row["Method"] in SIX else row["NArgs"])
            for row in rows]


# How the kernel's own entry for 32-bit programs enters it depends on the processor's maker.
MAKERS = {"syscall": "AuthenticAMD", "sysenter": "GenuineIntel"}


@test(kernel=KERNELS, instruction=tuple(MAKERS))
def ways_of_32_bits(kernel, instruction):
    """A 32-bit program makes all its calls by int 0x80, and then once more in the faster way."""
    guest = Guest(kernel, "calls", ("compat",),
                  machine=("-cpu", f"qemu64,vendor={MAKERS[instruction]}"))
    result = run(guest, *ONLY, "--process", "calls32").expect(0)
    finished(result.facts())
    entries = [row for row in result.rows if row["Plugin"] == "syscall"]
    program = entries[0]["PID"]
    own = [row for row in entries if row["PID"] == program]
    check.equal({row.get("Type") for row in own}, {"ia32"}, "types of calls")
    check.equal(own[-1]["Method"], "exit", "the last call")
    # the slow read may be interrupted otherwise, and made again
    half = len(own) // 2
    check.equal(len(own), 2 * half + 1, "calls in two equal rounds, and the last")
    check.same_order(sequence(own[half:-1]), sequence(own[:half]), "calls in the faster way")
    check.true(half > 60, f"{half} calls in each way")

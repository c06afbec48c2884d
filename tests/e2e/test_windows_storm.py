# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows: as many allocations or system calls as the guest can make, on all its CPUs.

None is lost, also when the reader is slow.
"""

import json
from collections import Counter

from harness import check, nt, slowly
from harness.declare import Failed, shared, test

BUILDS = ("19041-x64", "7601-x86")
CPUS = (1, 2)

SOME = 100000
MANY = 1000000


class Allocations:
    """poolmon's rows: of each thread all allocations, in the order in which it makes them."""

    scenario = "storm"
    arguments = ()
    plugin = "poolmon"
    ROUND = 4096  # pairs of allocation and release, after which sizes and tags begin anew

    def __init__(self):
        self.threads = Counter()

    def row(self, row):
        thread = row["TID"]
        number = self.threads[thread]
        if (row["Tag"], row["Size"]) != self.allocation(number):
            raise Failed(f"allocation {number} of the thread {thread}: {row}")
        self.threads[thread] = number + 1

    @classmethod
    def allocation(cls, number):
        """What a thread's allocation of that number is: README.md of the guest."""
        number %= cls.ROUND
        return f"Stm{chr(ord('a') + number % 26)}", 0x20 + number % 512

    def compare(self, counts, _told):
        check.equal(dict(self.threads), counts, "allocations by thread")


class Calls:
    """The rows of syscalls: each thread enters a call and returns from it, again and again."""

    scenario = "callstorm"
    plugin = "syscalls"
    PREPARED = {  # by the calls that storms can be of, the call that each thread makes before
        "NtYieldExecution": None,
        "NtWaitForSingleObject": "NtCreateEvent",
        "NtProtectVirtualMemory": "NtAllocateVirtualMemory",
    }
    LAST = "NtTerminateThread"

    def __init__(self, call="NtYieldExecution"):
        self.call = call
        self.arguments = (f"call={call}",)
        self.entries = Counter()  # by thread and call
        self.inside = {}  # by thread: the call that it is in, and its EventUID
        self.numbers = []  # EventUIDs

    def row(self, row):
        thread, call = row["TID"], (row["Method"], row["EventUID"])
        # there are millions: texts are only made of one that is wrong
        if row["Plugin"] == "sysret":
            if self.inside.pop(thread, None) != call:
                raise Failed(f"a call that the thread is not in returns: {row}")
            return
        if thread in self.inside:
            raise Failed(f"the thread is in {self.inside[thread]}: {row}")
        self.inside[thread] = call
        self.entries[thread, row["Method"]] += 1
        self.numbers.append(int(row["EventUID"], 16))

    def compare(self, counts, told):
        once = [call for call in (self.PREPARED[self.call], self.LAST) if call]
        entries = {(thread, call): 1 for thread in counts for call in once}
        entries |= {(thread, self.call): count for thread, count in counts.items()}
        check.equal(dict(self.entries), entries, "entries by thread and call")
        check.equal({thread: name for thread, (name, _) in self.inside.items()},
                    dict.fromkeys(counts, self.LAST), "calls that do not return")
        first = min(self.numbers)
        check.true(sorted(self.numbers) == list(range(first, first + len(self.numbers))),
                   "EventUIDs rise without a gap")
        # The guest numbers what it tells of, and what it would tell of if there were not so much:
        # the last is the end of the process, before which each thread ends in two functions.
        check.equal(max(call["sequence"] for call in nt.calls(told)) - 2 * len(counts),
                    sum(entries.values()) - len(counts), "calls that the guest has numbered")


def compare(storm, lines):
    """Looks at each row as it comes by. Returns how many there were of each name."""
    rows = Counter()
    for line in lines:
        row = json.loads(line)
        rows[row["Plugin"]] += 1
        storm.row(row)
    return rows


def is_complete(result, storm, rows, total):
    """The rows are those of all that the guest says it did."""
    told = nt.finished(result.facts())
    counts = {fact["tid"]: fact["count"] for fact in told if fact["kind"] == "storm"}
    check.equal(sum(counts.values()), total, "what the guest did")
    storm.compare(counts, told)
    summary = ", ".join(f"{name} {count}" for name, count in rows.items())
    check.equal(result.said()[-1], f"events: {summary}; dropped: 0", "the last line")


def guest_of(storm, total, cpus, build):
    return nt.Guest(build, storm.scenario, (f"count={total // cpus}", *storm.arguments), cpus=cpus,
                    seed=51)


def options(storm, guest):
    return *nt.profile(guest), "-a", storm.plugin, "--timing"


def complete(storm, total, cpus, build="19041-x64"):
    guest = guest_of(storm, total, cpus, build)
    result = nt.run(guest, *options(storm, guest)).expect(0)
    with open(result.folder / "events", "rb") as lines:
        rows = compare(storm, lines)
    is_complete(result, storm, rows, total)


@test(cpus=CPUS)
def allocations(cpus):
    complete(Allocations(), SOME, cpus)


@test(build=BUILDS, cpus=CPUS)
def calls(build, cpus):
    complete(Calls(), SOME // 5, cpus, build)


@test(build=BUILDS, call=tuple(Calls.PREPARED)[1:])
def calls_with_arguments(build, call):
    complete(Calls(call), SOME // 5, 2, build)


@test(full=True, build=BUILDS, cpus=CPUS)
def a_million_allocations(build, cpus):
    complete(Allocations(), MANY, cpus, build)


@test(full=True, build=BUILDS, cpus=CPUS)
def a_million_calls(build, cpus):
    complete(Calls(), MANY, cpus, build)


# A slow reader ----------------------------------------------------------------------------------


@shared
def speed(cpus):
    """Rows per second, where nothing holds them up."""
    guest = guest_of(Calls(), SOME, cpus, BUILDS[0])
    result = nt.run(guest, *options(Calls, guest), output="/dev/null").expect(0)
    return 2 * SOME / max(fact["elapsed_ticks"] / fact["ticks_per_second"]
                          for fact in nt.finished(result.facts()) if fact["kind"] == "storm")


@test(full=True, cpus=CPUS)
def reader_is_slow(cpus):
    """Rows are taken ten times slower than they could be made; the guest waits, none is lost."""
    storm, rate = Calls(), speed(cpus) / slowly.SLOWER
    guest = guest_of(storm, SOME, cpus, BUILDS[0])
    result, rows = slowly.run(
        lambda stdout: nt.Watch(guest, *options(storm, guest), stdout=stdout),
        lambda lines: compare(storm, lines), rate)
    is_complete(result, storm, rows, SOME)
    slowly.guest_waited(result)

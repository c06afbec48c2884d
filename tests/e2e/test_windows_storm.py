# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows: as many allocations as the guest can make, on all its CPUs. None is lost."""

import json
from collections import Counter

from harness import check, nt
from harness.declare import test

ROUND = 4096  # pairs, after which their sizes and tags begin anew


def allocation(number):
    """What a thread's allocation of that number is: README.md of the guest."""
    number %= ROUND
    return f"Stm{chr(ord('a') + number % 26)}", 0x20 + number % 512


def storm(cpus, total, build="19041-x64"):
    guest = nt.Guest(build, "storm", (f"count={total // cpus}",), cpus=cpus, seed=51)
    result = nt.run(guest, *nt.profile(guest), "-a", "poolmon").expect(0)
    facts = [fact for fact in nt.finished(result.facts()) if fact["kind"] == "storm"]
    check.equal(sum(fact["count"] for fact in facts), total, "the guest's allocations")
    threads = Counter()
    with open(result.folder / "events", "rb") as lines:
        for line in lines:
            row = json.loads(line)
            thread = row["TID"]
            check.equal((row["Tag"], row["Size"]), allocation(threads[thread]),
                        f"allocation {threads[thread]} of the thread {thread}")
            threads[thread] += 1
    check.equal(dict(threads), {fact["tid"]: fact["count"] for fact in facts}, "events by thread")
    check.equal(result.said()[-1], f"events: poolmon {total}; dropped: 0", "the last line")


@test(cpus=(1, 2))
def all_are_counted(cpus):
    storm(cpus, 100000)


@test(full=True, cpus=(1, 2))
def a_million(cpus):
    storm(cpus, 1000000)


@test(full=True, cpus=(1, 2))
def a_million_on_32_bits(cpus):
    storm(cpus, 1000000, "7601-x86")

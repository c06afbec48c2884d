# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows: system calls and their returns, against what the NT test guest says of them."""

import json

from harness import check, contract, nt, nt_syscalls, place
from harness.declare import test


def watched(guest, *options):
    return nt.run(guest, *nt.profile(guest), "-a", "syscalls", *options).expect(0)


@test(build=nt.BUILDS, cpus=(1, 2))
def all_calls(build, cpus):
    """From programs and the kernel, one in another, well, badly, and some that never return."""
    guest = nt.Guest(build, "syscalls", cpus=cpus, seed=70 + cpus, machine=("pc", "q35")[cpus - 1])
    result = watched(guest)
    nt_syscalls.all_rows(result)
    contract.check_rows(result.rows)


@test(build=("19041-x64", "7601-x86"))
def processes(build):
    """Calls of processes that come and go in the same memory."""
    guest = nt.Guest(build, "procmon", cpus=2, seed=73)
    nt_syscalls.all_rows(watched(guest))


@test()
def without_returns():
    guest = nt.Guest("17763-x64", "syscalls", cpus=2, seed=74)
    nt_syscalls.all_rows(watched(guest, "--no-sysret"), returns=False)


@test()
def only_some():
    names = ("NtOpenFile", "NtClose")
    path = place.folder("syscalls") / "names"
    path.write_text("".join(f"{name}\n" for name in names))
    guest = nt.Guest("22000-x64", "syscalls", seed=75)
    nt_syscalls.all_rows(watched(guest, "--syscalls-file", path), names=names)


def storm(build, cpus, total):
    guest = nt.Guest(build, "callstorm", (f"count={total // cpus}",), cpus=cpus, seed=76)
    result = watched(guest)
    facts = [fact for fact in nt.finished(result.facts()) if fact["kind"] == "storm"]
    check.equal(sum(fact["count"] for fact in facts), total, "the guest's calls")
    counts = {}
    with open(result.folder / "events", "rb") as lines:
        for line in lines:
            row = json.loads(line)
            if row["Method"] == "NtYieldExecution":
                key = row["TID"], row["Plugin"]
                counts[key] = counts.get(key, 0) + 1
    check.equal(counts, {(fact["tid"], plugin): fact["count"] for fact in facts
                         for plugin in ("syscall", "sysret")}, "rows by thread")
    check.contains(result.said()[-1], "dropped: 0", "the last line")


@test(build=("22000-x64", "7601-x86"), cpus=(1, 2))
def many_calls(build, cpus):
    storm(build, cpus, 20000)


@test(full=True, cpus=(1, 2))
def a_million_calls(cpus):
    storm("19041-x64", cpus, 1000000)

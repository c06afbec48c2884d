# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows: system calls and their returns, against what the NT test guest says of them."""

from collections import Counter

from harness import check, nt, nt_syscalls, place
from harness.declare import test


def watched(guest, *options):
    return nt.run(guest, *nt.profile(guest), "-a", "syscalls", *options).expect(0)


@test(build=nt.BUILDS, cpus=(1, 2))
def all_calls(build, cpus):
    """From programs and the kernel, one in another, well, badly, and some that never return."""
    guest = nt.Guest(build, "syscalls", cpus=cpus, seed=70 + cpus, machine=("pc", "q35")[cpus - 1])
    result = watched(guest)
    nt_syscalls.all_rows(result)


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


def kills(build, cpus, total):
    """Each thread waits at one of many depths of its stack: what is kept of one is not replaced by
    the next, but would be one more."""
    path = place.folder("syscalls") / "names"
    path.write_text("NtWaitForSingleObject\n")
    guest = nt.Guest(build, "killstorm", (f"count={total // cpus}",), cpus=cpus, seed=77)
    result = watched(guest, "--syscalls-file", path)
    facts = [fact for fact in nt.finished(result.facts()) if fact["kind"] == "storm"]
    check.equal(sum(fact["count"] for fact in facts), total, "threads that were killed")
    # with another CPU's help a thread may be ended before it waits
    waits = max(fact["waits"] for fact in facts)
    check.true(waits > total // 2, f"{waits} of {total} were ended in a call")
    back = {row["EventUID"] for row in result.rows if row["Plugin"] == "sysret"}
    calls = [row for row in result.rows if row["Plugin"] == "syscall"]
    check.equal(Counter(row["EventUID"] in back for row in calls), {False: waits, True: total},
                "the killed ones' calls, and their killers', which return")
    check.true(len({row["TID"] for row in calls}) < waits, "TIDs are used again")
    check.equal(result.said()[-1],
                f"events: syscall {total + waits}, sysret {total}; dropped: 0", "the last line")


@test(build=("19041-x64", "7601-x86"), cpus=(1, 2))
def killed_threads(build, cpus):
    """Threads that are ended in a call, over and over in the same memory: nothing of them stays."""
    kills(build, cpus, 2000)


@test(full=True, build=nt.BUILDS)
def many_killed_threads(build):
    kills(build, 2, 10000)

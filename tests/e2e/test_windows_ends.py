# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows: how a run ends when the guest's kernel gives up, and what is told of that."""

import signal

from harness import check, nt
from harness.declare import test

LINE = "the guest's kernel crashed: "


def crashes(result):
    lines = [line for line in result.said() if line.startswith(LINE)]
    for line in lines:
        check.contains(line, "0xdeaddead", "the code")
        for parameter in ("0x1", "0x2", "0x3", "0x4"):
            check.contains(line, parameter, "the parameters")
    return len(lines)


@test(build=nt.BUILDS, cpus=(1, 2))
def bug_check(build, cpus):
    """The kernel gives up and restarts, which QEMU takes for the end."""
    guest = nt.Guest(build, "crash", cpus=cpus, seed=31)
    result = nt.run(guest, *nt.profile(guest)).expect(5)
    check.equal(crashes(result), 1, f"lines about crashes:\n{result.errors}")
    facts = [fact for fact in result.facts() if fact["kind"] == "call"]
    check.equal([fact["code"] for fact in facts], ["0xdeaddead"], "the guest's own facts")


@test()
def bug_check_and_restart():
    """The kernel gives up and restarts, over and over: each life is watched."""
    guest = nt.Guest("19041-x64", "crash", seed=32, reboots=True)
    with nt.Watch(guest, *nt.profile(guest)) as watch:
        for life in (1, 2):
            watch.begin(life)
            watch.until(lambda: crashes_until_now(watch) == life, f"crash {life}")
        watch.signal(signal.SIGTERM)
        result = watch.wait(20).expect(0)
    check.contains(result.said(), "the guest restarts after its crash", "stderr")


def crashes_until_now(watch):
    return watch.errors().count(LINE)


@test()
def nothing_happens():
    """A guest that does nothing and powers off: no events, and all is well."""
    guest = nt.Guest("17763-x64", "quiet", seed=33)
    result = nt.run(guest, *nt.profile(guest)).expect(0)
    check.equal(result.rows, [], "events")
    check.equal(result.facts()[-1]["kind"], "end", "the last fact")


@test()
def time_limit():
    """A guest that is never told to begin."""
    guest = nt.Guest("7601-x64", seed=34)
    with nt.Watch(guest, *nt.profile(guest), "-t", "3") as watch:
        result = watch.wait(20).expect(3)
    check.equal(result.rows, [], "events")

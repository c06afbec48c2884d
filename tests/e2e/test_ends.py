# SPDX-License-Identifier: GPL-2.0-or-later
"""How a run can end: each way with its exit code, and with all events until then."""

import signal
import time
from collections import Counter

from harness import check, compare, place
from harness.declare import test
from harness.expect import Tree, as_json, of_row, rows_of_tree
from harness.facts import root
from harness.guest import Guest
from harness.place import KERNELS
from harness.watch import Watch, is_running, kill, run

HANG = Guest(scenario="hang", cpus=2)


def executes(rows, scenario):
    """How often a scenario's program was executed."""
    return sum(row["Method"] == "begin_new_exec" and row["FileName"] == f"/scenarios/{scenario}"
               for row in rows)


def is_complete(result, scenario):
    """The scenario's process was made and executes its program; the counts of events are right."""
    facts = result.facts()
    made = [row for row in result.rows if row.get("NewPid") == root(facts)]
    check.equal(len(made), 1, "clones that made the scenario's process")
    check.equal(executes(result.rows, scenario), 1, "execs of the scenario")
    compare.returns(result.rows)
    compare.nothing_is_lost(result)


# On purpose -------------------------------------------------------------------------------------


@test(number=(signal.SIGINT, signal.SIGTERM))
def asked_to_stop(number):
    with Watch(HANG) as watch:
        watch.until_fact("hang")
        qemu = watch.qemu()
        watch.signal(number)
        result = watch.wait(20).expect(0)
    is_complete(result, "hang")
    check.true(not is_running(qemu), "QEMU has ended")


@test()
def asked_to_stop_at_once():
    """Before a kernel is there."""
    with Watch(HANG) as watch:
        watch.qemu()
        watch.signal(signal.SIGTERM)
        result = watch.wait(20).expect(0)
    check.equal(result.rows, [], "events")


@test()
def asked_to_stop_while_busy():
    """In the middle of many events: what was captured is written, to the last one."""
    with Watch(Guest(scenario="storm", arguments=(100000, 1000, 2), cpus=2)) as watch:
        watch.until(lambda: watch.written() > 2 ** 20, "a MiB of events")
        watch.signal(signal.SIGINT)
        result = watch.wait(30).expect(0)
    compare.nothing_is_lost(result)
    compare.returns(result.rows)
    events = Counter((row["Plugin"], row["EventUID"]) for row in result.rows)
    check.equal(events.total(), len(events), "events that are there once")


@test()
def time_limit():
    result = run(HANG, "-t", "10").expect(3)
    is_complete(result, "hang")
    check.true(10 <= result.seconds < 20, f"it took {result.seconds:.1f} s")


# By the guest -----------------------------------------------------------------------------------


def crashed(result, times=1):
    lines = [line for line in result.said() if line.startswith("the guest's kernel crashed: ")]
    check.equal(len(lines), times, f"lines about crashes:\n{result.errors}")
    check.contains(lines[0], "sysrq triggered crash", "why it crashed")


@test(kernel=KERNELS)
def panic(kernel):
    """The kernel crashes and restarts, which QEMU takes for the end."""
    result = run(Guest(kernel, "panic", cpus=2)).expect(5)
    crashed(result)
    is_complete(result, "panic")


@test(kernel=("linux-5.10", "linux-7"))
def panic_and_stand_still(kernel):
    """The kernel crashes and does nothing any more."""
    result = run(Guest(kernel, "panic", append="panic=0")).expect(5)
    crashed(result)
    is_complete(result, "panic")
    check.true(result.seconds < 40, f"it took {result.seconds:.1f} s")


@test()
def panic_and_restart():
    """The kernel crashes and restarts, over and over."""
    with Watch(Guest(scenario="panic", reboots=True)) as watch:
        watch.until_fact("panic", 2)
        watch.signal(signal.SIGTERM)
        result = watch.wait(20).expect(0)
    check.contains(result.said(), "the guest restarts after its crash", "stderr")
    check.true(executes(result.rows, "panic") >= 2, "execs of both lives")


@test(kernel=KERNELS, cpus=(1, 2))
def restart(kernel, cpus):
    """The guest restarts: its kernel is looked for again, and both lives are seen."""
    result = run(Guest(kernel, "reboot", cpus=cpus, reboots=True)).expect(0)
    check.equal([fact["number"] for fact in result.facts() if "number" in fact], [1, 2], "lives")
    said = result.said()
    found = [line for line in said if line.startswith("Linux ")]
    check.equal(len(found), 2, f"kernels found: {said}")
    check.equal(said.count("the guest restarts"), 1, f"restarts: {said}")
    check.equal(executes(result.rows, "reboot"), 2, "execs of both lives")
    lists = [row for row in result.rows if row["Method"] == "RunningProcess"]
    check.equal([row["PID"] for row in lists].count(1), 2, "lists of running processes")
    starts = [fact["root"] for fact in result.facts() if fact["kind"] == "start"]
    check.equal(Counter(row["NewPid"] for row in result.rows
                        if row["Method"] == "kernel_clone" and row["PID"] == 1), Counter(starts),
                "what init made in both lives")
    # init's own children: the kernel's threads of one life may have the numbers of the other's
    ends = [row for row in result.rows if row["Method"] == "do_exit" and row["PID"] in starts and
            row["PPID"] == 1]
    check.equal([row["ExitStatus"] for row in ends], [0], "only the second life's program ends")


@test()
def restart_is_the_end():
    """With -no-reboot QEMU ends where the guest restarts."""
    result = run(Guest(scenario="reboot")).expect(0)
    is_complete(result, "reboot")


# Without a kernel -------------------------------------------------------------------------------


@test()
def nothing_to_boot():
    result = run(Guest(None), "-t", "4").expect(4)
    check.contains(result.said(), "no kernel was found within 4 s", "stderr")
    check.equal(result.rows, [], "events")


@test()
def guest_ends_early():
    """A boot sector that does nothing but power off: 0x2000 to the ACPI control port at 0x604."""
    code = bytes.fromhex("ba0406 b80020 ef f4 ebfd")
    disk = place.folder("disk") / "disk"
    disk.write_bytes(code.ljust(510, b"\0") + b"\x55\xaa")
    result = run(Guest(None, machine=("-drive", f"file={disk},format=raw"))).expect(4)
    check.contains(result.said(), "the guest ended before a kernel was found", "stderr")


# By force ---------------------------------------------------------------------------------------


@test(cpus=(1, 2))
def qemu_is_killed(cpus):
    """All events are there of which the guest has told; a few that it has not told yet."""
    with Watch(Guest(arguments=("exit",), cpus=cpus)) as watch:
        watch.until(lambda: len(watch.facts()) > 300, "300 facts")
        kill(watch.qemu())
        result = watch.wait(20).expect(5)
    check.contains(result.errors, "QEMU was killed by signal 9", "stderr")
    facts = result.facts()
    tree = Tree(facts)
    expected = Counter(as_json(event) for event in tree.events())
    # the last ones may be about processes that no fact speaks of
    actual = Counter(of_row(row) for row in rows_of_tree(result.rows, tree.root))
    check.same_rows((expected & actual).elements(), expected.elements(), "events told of")
    check.true((actual - expected).total() <= 4, f"events not told of: {actual - expected}")
    check.true(expected.total() > 290, f"{expected.total()} facts")


@test()
def wyvern_is_killed():
    """QEMU does not outlive the command, whatever happens to that."""
    with Watch(HANG) as watch:
        watch.until_fact("hang")
        qemu = watch.qemu()
        kill(watch.process.pid)
        deadline = time.monotonic() + 5
        while is_running(qemu) and time.monotonic() < deadline:
            time.sleep(0.05)
        check.true(not is_running(qemu), "QEMU has ended within 5 s")


@test()
def all_is_well():
    """The plain case, for comparison: the guest powers off."""
    result = run(Guest(arguments=("clone",))).expect(0)
    compare.all_rows(result)

# SPDX-License-Identifier: GPL-2.0-or-later
"""Events against what the guest itself says it did: none missing, none invented, none changed."""

import itertools
import re
from collections import defaultdict

from harness import check, compare, expect, formats
from harness.declare import shared, test
from harness.expect import Tree, as_json, of_row, rows_of_tree
from harness.facts import finished
from harness.guest import Guest
from harness.place import KERNELS
from harness.watch import run

CPUS = (1, 2)

# What the column Plugin has when all plugins are used.
PLUGINS = ("filedelete", "filetracer", "procmon", "syscall", "sysret")

# Plugins none of whose calls are made inside of another of them.
NOT_NESTED = ("procmon", "syscall")


@shared
def watched(kernel, cpus):
    return run(Guest(kernel, cpus=cpus)).expect(0)


@test(kernel=KERNELS, cpus=CPUS)
def clones(kernel, cpus):
    compare.method(watched(kernel, cpus), "kernel_clone")


@test(kernel=KERNELS, cpus=CPUS)
def execs(kernel, cpus):
    compare.method(watched(kernel, cpus), "begin_new_exec")


@test(kernel=KERNELS, cpus=CPUS)
def exits(kernel, cpus):
    compare.method(watched(kernel, cpus), "do_exit")


@test(kernel=KERNELS, cpus=CPUS)
def signals(kernel, cpus):
    compare.method(watched(kernel, cpus), "do_send_sig_info")


def by_thread(events, thread_of):
    threads = defaultdict(list)
    for event in events:
        threads[thread_of(event)].append(event)
    return threads


def in_known_order(rows):
    """One call can send a signal to many, in an order that nobody knows: such runs are sorted."""

    def signal(row):
        row = dict(row)
        return row["Method"], row.get("Signal")

    for (method, _), run_of_rows in itertools.groupby(rows, signal):
        yield from sorted(run_of_rows) if method == "do_send_sig_info" else run_of_rows


@test(kernel=KERNELS, cpus=CPUS)
def order(kernel, cpus):
    """What each thread did, in its order: by EventUID, which is given when a call begins."""
    result = watched(kernel, cpus)
    tree = Tree(finished(result.facts()))
    expected = by_thread(tree.events(), lambda event: (event.pid, event.tid))
    actual = by_thread(sorted(rows_of_tree(result.rows, tree.root),
                              key=lambda row: int(row["EventUID"], 16)),
                       lambda row: (row["PID"], row["TID"]))
    check.equal(set(actual), set(expected), "threads")
    for thread, events in expected.items():
        rows = actual[thread]
        # somebody else tells of exits, at any time
        for what, is_exit in (("what it does", False), ("how it ends", True)):
            check.same_order(*(list(in_known_order(side)) for side in (
                [of_row(row) for row in rows if (row["Method"] == "do_exit") == is_exit],
                [as_json(event) for event in events if (event.method == "do_exit") == is_exit])),
                f"thread {thread}, {what}")
        # a thread that ends sends signals while it does: to its children, to its namespace
        methods = "".join("." if row["Method"] == "do_exit" else
                          "s" if row["Method"] == "do_send_sig_info" else "x" for row in rows)
        check.true(re.fullmatch(r"[xs]*\.*s*", methods),
                   f"thread {thread} goes on after its exit: {methods}")


@test(kernel=KERNELS, cpus=CPUS)
def numbers_of_calls(kernel, cpus):
    """EventUID is given when a call begins: a clone's, which is told on return, is lower than all
    of its child's."""
    result = watched(kernel, cpus)
    tree = Tree(finished(result.facts()))
    rows = rows_of_tree(result.rows, tree.root)
    firsts = {}
    for row in rows:
        number = int(row["EventUID"], 16)
        # a child process, or a new thread
        for child in {row["TID"], row["PID"]}:
            firsts[child] = min(number, firsts.get(child, number))
    clones = [row for row in rows if row["Method"] == "kernel_clone" and row["NewPid"] in firsts]
    check.true(len(clones) > 300, f"{len(clones)} clones of those who did something")
    for row in clones:
        check.true(int(row["EventUID"], 16) < firsts[row["NewPid"]],
                   f"{row['NewPid']} did something ({firsts[row['NewPid']]:#x}) before {row}")


@test(kernel=KERNELS, cpus=CPUS)
def common_fields(kernel, cpus):
    """All rows, also those of kernel threads: keys, their order, times and numbers."""
    rows = watched(kernel, cpus).rows
    last_time = (0, 0)
    last_number = defaultdict(int)
    numbers = defaultdict(set)
    for row in rows:
        check.equal(tuple(row)[:len(formats.COMMON)], formats.COMMON, f"keys of {row}")
        check.true(row["Plugin"] in PLUGINS and row["UserName"] == "UID", f"constants of {row}")
        check.true(re.fullmatch(r"[1-9][0-9]*\.[0-9]{6}", row["TimeStamp"]),
                   f"TimeStamp of {row}")
        check.true(re.fullmatch(r"0x[1-9a-f][0-9a-f]*", row["EventUID"]), f"EventUID of {row}")
        for key in ("PID", "PPID", "TID", "UserId"):
            check.true(type(row[key]) is int and row[key] >= 0, f"{key} of {row}")
        time = tuple(map(int, row["TimeStamp"].split(".")))
        check.true(time >= last_time, f"time goes back at {row}")
        last_time = time
        plugin, number = row["Plugin"], int(row["EventUID"], 16)
        check.true(number not in numbers[plugin], f"EventUID is there twice: {row}")
        numbers[plugin].add(number)
        # when its call returns a thread may have been given another's id, by execve
        if plugin in NOT_NESTED:
            thread = plugin, row["PID"], row["TID"]
            check.true(number > last_number[thread], f"EventUID of {thread} goes back: {row}")
            last_number[thread] = number
    check.equal(numbers["procmon"] & numbers["syscall"], set(), "calls of two plugins")
    compare.returns(rows)


@test(kernel=KERNELS, cpus=CPUS)
def running_processes(kernel, cpus):
    """The list at the start: complete, and before everything else."""
    rows = watched(kernel, cpus).rows
    listed = [row for row in rows if row["Method"] == "RunningProcess"]
    by_pid = {row["PID"]: row for row in listed}
    check.equal(len(by_pid), len(listed), "processes that are listed once")
    for row in listed:
        check.equal(tuple(row), (*formats.COMMON, "RunningProcess"), "keys")
        check.equal(row["TID"], row["PID"], f"TID of {row}")
        check.equal(row["RunningProcess"], row["ProcessName"], f"name of {row}")
        check.true(row["PPID"] == (0 if row["PID"] in (1, 2) else 2), f"PPID of {row}")
        check.equal(row["UserId"], 0, f"UserId of {row}")
    check.equal([by_pid[pid]["ProcessName"] for pid in (1, 2)], ["init", "kthreadd"], "first two")
    check.true(len(listed) > 20, f"kernel threads are listed: {len(listed)} rows")
    # whoever does something was running at the start, or was seen to be created
    created = {row.get("NewPid") for row in rows}
    for row in rows:
        check.true(row["PID"] in by_pid or row["TID"] in created or row["PID"] in created,
                   f"nobody knows where this one comes from: {row}")


@test(kernel=KERNELS, cpus=CPUS)
def beginning(kernel, cpus):
    """The first process makes the scenario's, once; and what is said about the kernel."""
    result = watched(kernel, cpus)
    facts = finished(result.facts())
    tree = Tree(facts)
    made = [row for row in result.rows if row.get("NewPid") == tree.root]
    check.equal([of_row(row) for row in made], [as_json(expect.Event(
        "kernel_clone", 1, 0, 1, 0, b"init",
        (("Flags", b"CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID"), ("Signal", 17),
         ("SignalStr", b"SIGCHLD"), ("NewPid", tree.root))))], "init's clone")
    release = next(fact["release"] for fact in facts if fact["kind"] == "boot")
    said = result.said()
    found = check.matches(said[0], r"^Linux (\S+): (\d+) symbols \(kallsyms\), (\d+) types "
                          r"\(btf\), found in \d+ ms$", "the first line on stderr")
    check.equal(found[1], release, "the kernel's version")
    check.true(int(found[2]) > 50000 and int(found[3]) > 10000, f"symbols and types: {said[0]}")
    compare.nothing_is_lost(result)
    check.equal(len(said), 2, f"lines on stderr: {said}")

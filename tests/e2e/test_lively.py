# SPDX-License-Identifier: GPL-2.0-or-later
"""The demo's scenario: each step that it announces is to be seen in the events."""

from harness import check
from harness.declare import shared, test
from harness.expect import rows_of_tree
from harness.facts import finished, root
from harness.guest import Guest
from harness.place import KERNELS
from harness.watch import run


@shared
def rows(kernel):
    result = run(Guest(kernel, "lively", cpus=2)).expect(0)
    facts = finished(result.facts())
    check.true(sum(fact["kind"] == "step" for fact in facts) >= 9, "steps")
    return rows_of_tree(result.rows, root(facts))


def one(kernel, **fields):
    """The one event that has these values."""
    found = [row for row in rows(kernel)
             if all(row.get(key) == value for key, value in fields.items())]
    check.equal(len(found), 1, f"events with {fields}")
    return found[0]


def job_is_killed(kernel, number, name):
    sent = one(kernel, Method="do_send_sig_info", Signal=number, TargetThreadName="sleep")
    check.equal(sent["SignalStr"], name, "the signal's name")
    ended = one(kernel, Method="do_exit", PID=sent["TargetPID"])
    check.equal((ended["ExitStatus"], ended["ExitStatusStr"]), (128 + number, name), "its end")
    started = one(kernel, Method="begin_new_exec", PID=sent["TargetPID"])
    check.equal(started["CommandLine"], "sleep 60", "the job")


@test(kernel=KERNELS)
def jobs(kernel):
    job_is_killed(kernel, 15, "SIGTERM")
    job_is_killed(kernel, 42, "SIGRTMIN+8")


@test(kernel=KERNELS)
def script(kernel):
    row = one(kernel, FileName="/tmp/script")
    check.equal(row["CommandLine"], "/bin/sh /tmp/script one two words", "CommandLine")
    check.equal((row["interp"], row["ImagePathName"]), ("/bin/sh", "/bin/busybox"), "interpreter")


@test(kernel=KERNELS)
def setuid(kernel):
    row = one(kernel, FileName="/bin/helper-setuid")
    check.equal([row[name] for name in ("UserId", "ouid", "oeuid", "suid", "euid", "secureexec")],
                [1000, 1000, 1000, 0, 0, 1], "user ids")


@test(kernel=KERNELS)
def preload(kernel):
    row = one(kernel, Method="begin_new_exec", FileName="/bin/true")
    check.contains(row["Environment"].split(","), "LD_PRELOAD=/tmp/not-there.so", "Environment")


@test(kernel=KERNELS)
def crash(kernel):
    started = one(kernel, Method="begin_new_exec", CommandLine="helper crash")
    ended = one(kernel, Method="do_exit", PID=started["PID"])
    check.equal((ended["ExitStatus"], ended["ExitStatusStr"]), (139, "SIGSEGV"), "its end")


@test(kernel=KERNELS)
def pipe(kernel):
    """Three programs at once: children of the shell before any of them has ended."""
    numbers = {}
    for number, row in enumerate(rows(kernel)):
        if row["Method"] == "do_exit" and row["ThreadName"] in ("ls", "sort", "head"):
            numbers[row["ThreadName"]] = row["PID"]
    check.equal(set(numbers), {"ls", "sort", "head"}, "programs of the pipe")
    check.equal(sorted(numbers.values()), list(range(numbers["ls"], numbers["ls"] + 3)),
                "their process ids follow each other")

# SPDX-License-Identifier: GPL-2.0-or-later
"""Many processes, as fast as two vCPUs can make them: the counts are the guest's own."""

from collections import Counter

from harness import check
from harness.declare import test
from harness.expect import rows_of_tree
from harness.facts import finished
from harness.guest import Guest
from harness.place import KERNELS
from harness.watch import run

FORKS, EXECS, JOBS = 20000, 5000, 2

METHODS = {"clones": "kernel_clone", "execs": "begin_new_exec", "exits": "do_exit"}


def totals(facts):
    """The guest's own counts, by method."""
    fact = next(fact for fact in finished(facts) if fact["kind"] == "totals")
    return fact["root"], Counter({method: fact[key] for key, method in METHODS.items()})


def compare(result):
    root, expected = totals(result.facts())
    tree = rows_of_tree(result.rows, root)
    check.equal(Counter(row["Method"] for row in tree), expected, "events in the storm's tree")
    # each process once: created, and ended
    created = Counter(row["NewPid"] for row in tree if row["Method"] == "kernel_clone")
    ended = Counter(row["PID"] for row in tree if row["Method"] == "do_exit")
    check.equal(ended - Counter([root]), created, "who was created and who ended")
    check.equal(result.said()[-1], f"events: procmon {len(result.rows)}; dropped: 0",
                "the last line on stderr")


def storm(kernel, forks=FORKS, execs=EXECS):
    return Guest(kernel, "storm", (forks, execs, JOBS), cpus=2)


@test()
def of_processes():
    compare(run(storm("linux-6.1")).expect(0))


@test(kernel=[kernel for kernel in KERNELS if kernel != "linux-6.1"])
def small(kernel):
    compare(run(storm(kernel, FORKS // 10, EXECS // 10)).expect(0))


@test(full=True, kernel=KERNELS, turn=range(1, 11))
def again(kernel, turn):
    compare(run(storm(kernel)).expect(0))

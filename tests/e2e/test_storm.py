# SPDX-License-Identifier: GPL-2.0-or-later
"""Many processes, as fast as two vCPUs can make them: the counts are the guest's own."""

from collections import Counter

from harness import check
from harness.compare import nothing_is_lost, returns
from harness.declare import test
from harness.expect import rows_of_tree, tree_of_rows
from harness.facts import finished
from harness.guest import Guest
from harness.place import KERNELS
from harness.watch import run

FORKS, EXECS, JOBS = 20000, 5000, 2

METHODS = {"clones": "kernel_clone", "execs": "begin_new_exec", "exits": "do_exit"}

# The same by system calls: what each of them does.
CALLS = {"fork": "kernel_clone", "vfork": "kernel_clone", "clone": "kernel_clone",
         "execve": "begin_new_exec", "exit": "do_exit", "exit_group": "do_exit"}


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
    nothing_is_lost(result)
    if any(row["Plugin"] == "syscall" for row in result.rows):
        compare_calls(result.rows, root, expected, created)


def compare_calls(rows, root, expected, created):
    """The system calls by which the processes were made and have ended."""
    returns(rows)
    pids = tree_of_rows([row for row in rows if row["Plugin"] == "procmon"], root)
    rows = [row for row in rows if row["PID"] in pids]
    made = Counter(CALLS[row["Method"]] for row in rows
                   if row["Plugin"] == "syscall" and row["Method"] in CALLS)
    check.equal(made, expected, "system calls in the storm's tree")
    for what, methods in (("made", {"fork", "vfork", "clone"}), ("waited for", {"wait4"})):
        results = Counter(row["Ret"] for row in rows
                          if row["Plugin"] == "sysret" and row["Method"] in methods)
        check.equal(results, created, f"processes that were {what}, by what the calls returned")


def storm(kernel, forks=FORKS, execs=EXECS):
    return Guest(kernel, "storm", (forks, execs, JOBS), cpus=2)


@test(plugins=("all", "procmon"))
def of_processes(plugins):
    options = () if plugins == "all" else ("-a", plugins)
    compare(run(storm("linux-6.1"), *options).expect(0))


@test(kernel=[kernel for kernel in KERNELS if kernel != "linux-6.1"])
def small(kernel):
    compare(run(storm(kernel, FORKS // 10, EXECS // 10)).expect(0))


@test(full=True, kernel=KERNELS, turn=range(1, 11))
def again(kernel, turn):
    compare(run(storm(kernel)).expect(0))

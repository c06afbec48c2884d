# SPDX-License-Identifier: GPL-2.0-or-later
"""System calls: what strace sees inside the guest, against what is seen from outside."""

from harness import check
from harness.declare import Failed, shared, test
from harness.facts import finished
from harness.guest import Guest
from harness.place import KERNELS
from harness.watch import run

from strace_compare import compare
from strace_parse import RESTART_CODES, of_facts

CPUS = (1, 2)

# What the comparison must have seen, lest it proves nothing.
CALLS = 60
ENDS = {"exited", "superseded", "killed by SIGSYS", "killed by SIGKILL", "killed by SIGSEGV"}
NAMES = {"vfork", "clone3", "execveat", "restart_syscall", "seccomp", "rt_sigreturn", "sigreturn",
         "socketpair", "openat2", "statx", "memfd_create", "pidfd_open", "syscall_0x3e8"}
RESULTS = {-RESTART_CODES[name]
           for name in ("ERESTARTSYS", "ERESTARTNOHAND", "ERESTART_RESTARTBLOCK")}


@shared
def watched(kernel, cpus, mode):
    """A guest in which the scenario "calls" runs under strace."""
    guest = Guest(kernel, "straced", (mode, "calls"), cpus=cpus)
    result = run(guest, "-a", "syscalls").expect(0)
    return compare(of_facts(finished(result.facts())), result.rows)


def same(comparison):
    if comparison.unexplained:
        raise Failed("\n".join(comparison.report()))


@test(kernel=KERNELS, cpus=CPUS)
def numbers(kernel, cpus):
    """Every thread's sequence of calls: numbers, names, arguments, results."""
    comparison = watched(kernel, cpus, "raw")
    same(comparison)
    check.true(comparison.numbers > 2000, f"{comparison.numbers} numbers are compared")


@test(kernel=KERNELS, cpus=(1,))
def texts(kernel, cpus):
    """The same once more; paths and other strings instead of numbers."""
    comparison = watched(kernel, cpus, "decoded")
    same(comparison)
    check.true(comparison.texts > 150, f"{comparison.texts} texts are compared")


@test(kernel=KERNELS, cpus=CPUS)
def coverage(kernel, cpus):
    """The scenario has done what is hard to watch."""
    trace = watched(kernel, cpus, "raw").trace
    check.true(len(trace.names) >= CALLS, f"{len(trace.names)} different calls")
    check.equal(NAMES - trace.names, set(), "calls that were not made")
    check.equal(ENDS - {thread.end for thread in trace.threads.values()}, set(),
                "ends that no thread has had")
    check.equal(RESULTS - {call.result for call in trace.calls}, set(),
                "codes that no interrupted call has returned")
